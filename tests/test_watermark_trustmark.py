"""The TrustMark backend, through the real package, with weights made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import flat, gradient

from contentfab import registry
from contentfab.errors import InputError, LabelError, MissingDependency
from contentfab.rules.labels.payload import payload_for, payload_matches

trustmark: Any = pytest.importorskip("trustmark.trustmark", reason="extra `trustmark`")
import tiny_trustmark  # noqa: E402

ASSET = "ab" * 16


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tiny_trustmark.install(trustmark, tmp_path, monkeypatch)
    yield


def build(**options: Any) -> Any:
    return registry.build("watermark", {"backend": "trustmark", **options}, offline=True)


def test_a_mark_comes_back_also_from_a_turned_picture(weights: None) -> None:
    mark = build()
    marked = mark.embed(gradient(), payload_for(ASSET))
    assert marked.shape == gradient().shape and (marked != gradient()).any()
    for turns in range(4):
        reading = mark.detect(np.rot90(marked, turns))
        assert reading.state == "valid"
        assert payload_matches(bytes.fromhex(reading.id), ASSET)
    assert mark.detect(gradient()).state == "absent"


def test_seals_tell_projects_apart(weights: None) -> None:
    marked = build(key="ours").embed(flat(120), payload_for(ASSET))
    assert build(key="ours").detect(marked).state == "valid"
    assert build(key="theirs").detect(marked).state == "invalid"
    assert build().detect(marked).state == "untrusted"
    assert build(key="ours").id != build().id


def test_a_small_picture_is_refused(weights: None) -> None:
    with pytest.raises(LabelError, match="512"):
        build().embed(flat(120, 400, 400), payload_for(ASSET))


def test_missing_weights_are_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trustmark, "__file__", str(tmp_path / "trustmark.py"))
    with pytest.raises(MissingDependency, match=r"encoder_P\.ckpt") as told:
        build()
    assert "without --offline" in told.value.hint


@pytest.mark.parametrize("options", [{"model": "Z"}, {"strength": 9.0}])
def test_wrong_options_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        build(**options)
