"""Every test starts from the same environment: no keys, no settings, one thread per library."""

from __future__ import annotations

import os

import pytest

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own keys and settings must not reach a test, nor a test's the network."""
    for name in list(os.environ):
        if name.startswith(("CONTENTFAB_", "OPENAI_", "HF_", "SOURCE_DATE_EPOCH")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
