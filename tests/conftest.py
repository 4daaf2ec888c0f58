"""Every test starts from the same environment: no keys, no settings, one thread per library."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

OURS = ("CONTENTFAB_", "OPENAI_", "HF_", "SOURCE_DATE_EPOCH")
KEPT = "CONTENTFAB_ALL"
"""Asks for the long versions of some tests."""


def _start_clean() -> None:
    """Before any test module is imported: some make a watermark or a run at once, and a
    developer's own keys would change what it writes."""
    for name in [name for name in os.environ if name.startswith(OURS) and name != KEPT]:
        del os.environ[name]
    no_keys = tempfile.mkdtemp(prefix="contentfab-no-keys-")
    atexit.register(shutil.rmtree, no_keys, ignore_errors=True)
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    offline = dict.fromkeys(("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"), "1")
    os.environ.update(one_thread | offline | {"CONTENTFAB_KEYS": no_keys})


_start_clean()
CLEAN = dict(os.environ)
# A first call that loads tables takes longer than any other, most of all on a busy machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from contentfab.rules.labels.key_files import make_keys

    folder = tmp_path_factory.mktemp("keys") / "hearth"
    make_keys(folder, "Hearth & Reed")
    return folder


@pytest.fixture
def project_keys(clean_environment: None, _keys: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project's keys, which contentfab then uses."""
    monkeypatch.setenv("CONTENTFAB_KEYS", str(_keys))
    return _keys


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of one test reaches another."""
    for name in [name for name in os.environ if name.startswith(OURS) and name not in CLEAN]:
        monkeypatch.delenv(name)
    for name, value in CLEAN.items():
        if name.startswith(OURS):
            monkeypatch.setenv(name, value)
