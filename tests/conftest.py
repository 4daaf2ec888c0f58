"""Every test starts from the same environment: no keys, no settings, one thread per library."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))


@pytest.fixture(scope="session")
def _no_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no-keys")


@pytest.fixture(scope="session")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from contentfab.rules.key_files import make_keys

    folder = tmp_path_factory.mktemp("keys") / "hearth"
    make_keys(folder, "Hearth & Reed")
    return folder


@pytest.fixture
def project_keys(clean_environment: None, _keys: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project's keys, which contentfab then uses."""
    monkeypatch.setenv("CONTENTFAB_KEYS", str(_keys))
    return _keys


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, _no_keys: Path) -> None:
    """A developer's own keys and settings must not reach a test, nor a test's the network."""
    for name in list(os.environ):
        if name.startswith(("CONTENTFAB_", "OPENAI_", "HF_", "SOURCE_DATE_EPOCH")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONTENTFAB_KEYS", str(_no_keys))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
