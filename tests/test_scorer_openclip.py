"""The CLIP scorer with a tiny open_clip model: random weights, real loading and mathematics."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from PIL import Image

from contentfab.backends._clip_brand import likeness, unrelated_pictures
from contentfab.backends._clip_views import views
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.errors import InputError, MissingDependency
from contentfab.records.inputs import Brand, Imagery, Palette
from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreRequest
from contentfab.stages.score import score

BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
    imagery=Imagery(scenes=["a round podium"], mood="calm", light="soft light", avoid=["neon"]),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_open_clip(tmp_path_factory.mktemp("models") / "tiny-clip")


@pytest.fixture(scope="session")
def scorer(folder: Path) -> OpenClipScorer:
    return OpenClipScorer(model=str(folder), device="cpu")


def noise(seed: int, height: int = 90, width: int = 60) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 255, (6, 4, 3), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image, np.uint8)


def request(pixels: np.ndarray, key: str = "k", **changes: Any) -> ScoreRequest:
    return ScoreRequest(key, pixels, BRAND, **changes)


def saved(folder: Path, pixels: np.ndarray, name: str) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return path


def test_a_card_explains_itself_and_names_what_it_depends_on(scorer: OpenClipScorer) -> None:
    (card,) = score([request(noise(1))], scorer)
    assert card.uses_clip and card.model.startswith("tiny-clip@")
    assert card.appeal is not None and card.brand_fit is not None
    assert [c.name for c in card.criteria] == [
        "overall", "craft", "composition", "colour", "brand_words",
    ]  # fmt: skip
    assert all("uncalibrated" in c.explanation for c in card.criteria)
    assert "uncalibrated" in card.note and "0 of 2 exemplars" in card.note
    assert card.appeal_percentile is None
    assert card.appeal_confidence is not None and 0 <= card.appeal_confidence <= 1


def test_scores_do_not_depend_on_the_batch(folder: Path) -> None:
    requests = [request(noise(n, 40 + 17 * n, 50), str(n)) for n in range(5)]
    together = OpenClipScorer(model=str(folder), device="cpu", batch_size=3).score(requests)
    alone = OpenClipScorer(model=str(folder), device="cpu", batch_size=1)
    for one, card in zip(requests, together, strict=True):
        (single,) = alone.score([one])
        assert single.appeal == pytest.approx(card.appeal, abs=2e-4)
        assert single.brand_fit == pytest.approx(card.brand_fit, abs=2e-4)
    assert len({card.appeal for card in together}) > 1


def test_the_edges_of_a_tall_picture_count(scorer: OpenClipScorer) -> None:
    """A centre crop would see neither edge of a 9:16 picture."""
    plain = noise(3, 160, 90)
    edged = plain.copy()
    edged[-16:] = 255 - edged[-16:]
    one, two = scorer.score([request(plain), request(edged)])
    assert one.appeal != two.appeal


@pytest.mark.parametrize(("shape", "count"), [((64, 64), 1), ((90, 60), 4), ((20, 160), 8)])
def test_views_cover_the_whole_picture(shape: tuple[int, int], count: int) -> None:
    found = views(noise(1, *shape), 32, "bicubic")
    assert len(found) == count
    assert sum(weight for weight, _ in found) == pytest.approx(1)
    assert all(view.shape == (32, 32, 3) for _, view in found)


def test_our_own_posters_are_scored_without_their_type(scorer: OpenClipScorer) -> None:
    scene = noise(5)
    typed = scene.copy()
    typed[10:30] = 0
    poster = Poster("k", "v", "p", "hero", typed, (), None, None, background=scene)
    (bare,) = scorer.score([request(scene)])
    (card,) = scorer.score([request(typed, poster=poster)])
    assert card.appeal == pytest.approx(bare.appeal, abs=2e-4)
    assert "without its type" in card.note


def test_exemplars_pull_brand_fit_towards_their_like(
    scorer: OpenClipScorer, tmp_path: Path
) -> None:
    """Exemplars are one picture with small changes; a further one fits, an unrelated one not."""
    base = noise(11).astype(int)

    def like(seed: int) -> np.ndarray:
        change = np.random.default_rng(seed).normal(0, 6, base.shape)
        return np.clip(base + change, 0, 255).astype(np.uint8)

    exemplars = tuple(saved(tmp_path, like(n), f"e{n}") for n in range(4))
    fitting, strange = scorer.score(
        [
            request(like(99), exemplars=exemplars),
            request(unrelated_pictures()[3], exemplars=exemplars),
        ]
    )
    values = {
        card.key + str(n): next(c for c in card.criteria if c.name == "brand_pictures")
        for n, card in enumerate((fitting, strange))
    }
    assert values["k0"].value > 0.7 > 0.5 > values["k1"].value
    assert "4 exemplars" in values["k0"].explanation
    assert fitting.brand_fit > strange.brand_fit  # type: ignore[operator]


def test_exemplars_that_are_unlike_each_other_are_not_used(
    scorer: OpenClipScorer, tmp_path: Path
) -> None:
    mixed = tuple(
        saved(tmp_path, picture, f"m{n}") for n, picture in enumerate(unrelated_pictures()[:3])
    )
    (card,) = scorer.score([request(noise(1), exemplars=mixed)])
    assert "brand_pictures" not in [c.name for c in card.criteria]
    assert "unrelated ones are as alike" in card.note


def test_a_broken_exemplar_is_named(scorer: OpenClipScorer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"broken\.png"):
        scorer.score([request(noise(1), exemplars=(broken, broken))])


def test_likeness_is_a_half_midway_and_knows_when_it_says_nothing() -> None:
    rng = np.random.default_rng(0)

    def unit(rows: np.ndarray) -> np.ndarray:
        return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)

    centre = rng.normal(size=16)
    own = unit(centre + rng.normal(0, 0.2, (5, 16)))
    other = unit(rng.normal(size=(20, 16)))
    assert likeness(own[0], own, other).value > 0.9
    assert likeness(other[0], own, other).value < 0.5
    assert likeness(own[0], own, other).informative
    assert not likeness(own[0], unit(rng.normal(size=(5, 16))), other).informative


def test_calibration_id_changes_with_model_preprocessing_and_prompts(
    folder: Path, scorer: OpenClipScorer, tmp_path: Path
) -> None:
    copy = tmp_path / "tiny-clip"
    shutil.copytree(folder, copy)
    assert OpenClipScorer(model=f"local-dir:{copy}").calibration_id == scorer.calibration_id
    assert str(folder.parent) not in scorer.id
    config = (copy / "open_clip_config.json").read_text()
    (copy / "open_clip_config.json").write_text(config.replace("0.48", "0.5"))
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "score_appeal.j2").write_text("overall | good photo | bad photo")
    other = OpenClipScorer(model=str(folder), templates=tmp_path)
    assert other.score([request(noise(1))])[0].criteria[0].name == "overall"
    ids = {scorer.calibration_id, OpenClipScorer(model=str(copy)).calibration_id}
    assert len(ids | {other.calibration_id}) == 3


def test_long_prompts_are_refused_or_cut_with_a_note(
    folder: Path, scorer: OpenClipScorer, tmp_path: Path
) -> None:
    wordy = BRAND.model_copy(update={"imagery": Imagery(mood="calm " * 90)})
    (card,) = scorer.score([ScoreRequest("k", noise(1), wordy)])
    assert "reads only" in card.note
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "score_appeal.j2").write_text(f"overall | {'good ' * 90} | bad")
    with pytest.raises(InputError, match="would not read all"):
        OpenClipScorer(model=str(folder), templates=tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("score_appeal.j2", "overall: good or bad", "no pair"),
        ("score_appeal.j2", " ", "no pair"),
        ("score_brand.j2", "a picture", "neither"),
        ("score_brand.j2", "{{ brand.__class__ }}", "Python internals"),
    ],
)
def test_a_template_at_fault_is_named(
    folder: Path, tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / name).write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        OpenClipScorer(model=str(folder), templates=tmp_path).score([request(noise(1))])
    assert name in str(caught.value)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    """open_clip itself would go on with random weights."""
    bare = tiny_models.save_open_clip(tmp_path / "bare", weights=False)
    with pytest.raises(MissingDependency) as caught:
        OpenClipScorer(model=str(bare))
    assert "open_clip_model.safetensors" in caught.value.hint


def test_a_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingDependency, match="not on this machine") as caught:
        OpenClipScorer(model="hf-hub:org/clip")
    assert "contentfab models pull org/clip" in caught.value.hint
    with pytest.raises(MissingDependency, match="not there"):
        OpenClipScorer(model=str(tmp_path / "no" / "where"))
    with pytest.raises(InputError, match=r"open_clip_config\.json"):
        OpenClipScorer(model=str(tmp_path))
    with pytest.raises(InputError, match=r"score\.model"):
        OpenClipScorer()


def test_a_model_from_the_hub_cache_is_used_offline_at_its_commit(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--org--clip"
    shutil.copytree(folder, cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert OpenClipScorer(model="hf-hub:org/clip").id.startswith(f"openclip/org/clip@{commit}/")


def test_a_missing_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(MissingDependency, match="open_clip") as caught:
        OpenClipScorer(model=str(folder))
    assert "contentfab[clip]" in caught.value.hint
