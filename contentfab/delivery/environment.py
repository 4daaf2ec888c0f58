"""What this machine has: packages, fonts, devices, keys. Offline, no imports of heavy packages;
models are in `models.py`."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from contentfab import __version__
from contentfab.errors import ContentfabError
from contentfab.rules.labels.project_keys import find_keys

EXTRAS = {
    "diffusers": ("image models", "pip install 'contentfab[diffusers]'"),
    "open_clip": ("CLIP scores", "pip install 'contentfab[clip]'"),
    "torch": ("image models and CLIP scores", "pip install 'contentfab[diffusers,clip]'"),
}
NEEDED = ("typst", "cv2", "PIL", "numpy", "pydantic", "openai", "budoux", "fontTools", "openpyxl")


def doctor_records() -> list[dict[str, Any]]:
    """Checks by name: ok, needed, detail, and the fix."""
    records = [
        _record("contentfab", True, f"{__version__} on Python {platform.python_version()}"),
        _record("platform", True, f"{platform.system()} {platform.machine()}, {_cores()} cores"),
    ]
    for module in NEEDED:
        records.append(_package(module, True, f"pip install {module}"))
    records.append(_fonts())
    for module, (use, fix) in EXTRAS.items():
        record = _package(module, False, fix)
        record["detail"] += f" (for {use})"
        records.append(record)
    records.append(_torch_pair())
    records += [_package("c2pa", True, "pip install c2pa-python"), _keys()]
    has_key = bool(os.environ.get("OPENAI_API_KEY"))
    records.append(
        _record(
            "OPENAI_API_KEY",
            has_key,
            "set" if has_key else "not set (a hosted LLM needs it)",
            False,
            "export OPENAI_API_KEY=…",
        )
    )
    return records


def _keys() -> dict[str, Any]:
    """Whether marks are sealed and files signed, and by whose keys; never the keys."""
    try:
        keys = find_keys()
    except ContentfabError as error:
        return _record("project keys", False, str(error), False, error.hint)
    parts = [("marks are sealed", keys.seal is not None), ("files are signed", keys.can_sign)]
    told = ", ".join(what for what, there in parts if there) or "none (marks unsealed, no C2PA)"
    there = all(there for _, there in parts)
    return _record("project keys", there, told, False, "contentfab keys init")


def _fonts() -> dict[str, Any]:
    families = [
        name
        for name in ("justmytype_western_core", "justmytype_intl_cjk", "justmytype_international")
        if importlib.util.find_spec(name) or _dist(name.replace("_", "-"))
    ]
    fix = "pip install justmytype-western-core justmytype-intl-cjk justmytype-international"
    return _record("fonts", len(families) == 3, f"{len(families)} of 3 packages", True, fix)


def _torch_pair() -> dict[str, Any]:
    """torchvision built against another torch dies on import with `torchvision::nms`; open_clip
    imports it. The local part of both versions must agree (pytorch/vision issue 8985)."""
    torch, vision = _dist("torch"), _dist("torchvision")
    if not (torch and vision):
        return _record("torch and torchvision", True, "not both installed", False)
    same = torch.partition("+")[2] == vision.partition("+")[2]
    fix = "install torch and torchvision together, from the same index"
    return _record("torch and torchvision", same, f"{torch} and {vision}", False, fix)


def _package(module: str, needed: bool, fix: str) -> dict[str, Any]:
    there = importlib.util.find_spec(module) is not None
    return _record(module, there, "installed" if there else "not installed", needed, fix)


def _record(name: str, ok: bool, detail: str, needed: bool = True, fix: str = "") -> dict[str, Any]:
    return {"name": name, "ok": ok, "needed": needed, "detail": detail, "fix": fix}


def _dist(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
