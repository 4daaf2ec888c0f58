"""Runs `contentfab` as a user does: a process of its own, with its own environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

EPOCH = "1790000000"


def start(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.Popen[str]:
    """A running `contentfab`, in a process group of its own."""
    command = [sys.executable, "-m", "contentfab", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def contentfab(
    *arguments: str | Path, cwd: Path, code: int = 0, **environ: str
) -> subprocess.CompletedProcess[str]:
    """A finished `contentfab` that must have ended in `code`, without a traceback."""
    process = start(*arguments, cwd=cwd, **environ)
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, f"exit {process.returncode}, not {code}\n{out}\n{err}"
    assert "Traceback" not in out + err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_json(*arguments: str | Path, cwd: Path, code: int = 0, **environ: str) -> Any:
    """The JSON that a command prints."""
    return json.loads(contentfab(*arguments, "--json", cwd=cwd, code=code, **environ).stdout)


def files(folder: Path) -> list[str]:
    """Every file below a folder, relative, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
