"""`--offline` opens no socket, in the command and in its workers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab

SMALL = {"channels": ["wechat.moments"], "placements": {"wechat.moments": ["1x1"]}}

# Python imports `sitecustomize` in every process, so workers are watched as well. Local pairs,
# with which processes and event loops wake themselves, are no network.
WATCH = """
import os, socket, sys
def watch(event, args):
    local = socket.AF_UNIX
    if event in ("socket.getaddrinfo", "socket.gethostbyname") or (
        event == "socket.__new__" and args[1] not in (local, -1)
        or event == "socket.connect" and args[0].family != local
    ):
        with open(os.environ["SOCKET_LOG"], "a") as log:
            log.write(f"{event} {args!r}\\n")
sys.addaudithook(watch)
"""


def test_no_socket_is_opened(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "sockets.log"
    environ = {"PYTHONPATH": str(watch), "SOCKET_LOG": str(log)}
    contentfab("run", "campaign.yaml", "--offline", cwd=tmp_path, **environ)
    assert not log.exists(), log.read_text()
    # The watch itself must be able to see one.
    check = "import socket; socket.socket(socket.AF_INET).close()"
    subprocess.run(["python3", "-c", check], env={**os.environ, **environ}, check=True)
    assert log.exists()


def test_offline_refuses_a_hosted_model(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    arguments = ("--offline", "--set", "copy.backend=openai", "--set", "copy.model=gpt-x")
    done = contentfab("run", "campaign.yaml", *arguments, cwd=tmp_path, code=2)
    assert "--offline" in done.stderr


def test_without_any_network_interface(tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"]).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    make_campaign(tmp_path, **SMALL)
    command = ["unshare", "-rn", "python3", "-m", "contentfab", "run", "campaign.yaml", "--offline"]
    import sys

    command[2] = sys.executable
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "evening-care" / "manifest.json").is_file()
