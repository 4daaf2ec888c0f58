"""The CLIP scorer with a tiny open_clip model: random weights, real loading and mathematics."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from PIL import Image

from contentfab.backends._clip_brand import unrelated_pictures
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.errors import InputError, MissingDependency
from contentfab.flow.results import score_records
from contentfab.records.assets import Score
from contentfab.records.brand import Brand, Imagery, Palette
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.score_weights import AppealWeights, BrandFitWeights, Scores
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.scoring.background import Background, aspect_bucket
from contentfab.rules.scoring.calibration import comparable
from contentfab.stages.score import score

BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
    imagery=Imagery(scenes=["a round podium"], mood="calm", light="soft light", avoid=["neon"]),
)
AXES = ["overall", "craft", "composition", "colour"]
DIM = 16


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_open_clip(tmp_path_factory.mktemp("models") / "tiny-clip")


@pytest.fixture(scope="session")
def scorer(folder: Path) -> OpenClipScorer:
    return OpenClipScorer(model=str(folder), device="cpu")


@pytest.fixture(scope="session")
def background(scorer: OpenClipScorer) -> Background:
    pictures = [noise(1000 + n) for n in range(80)] + [noise(2000 + n, 60, 60) for n in range(80)]
    buckets = tuple(aspect_bucket(p.shape[1], p.shape[0]) for p in pictures)
    return Background("noises", scorer.embed(pictures), buckets, scorer.encoding)


@pytest.fixture(scope="session")
def calibrated(
    folder: Path, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> OpenClipScorer:
    """With a background set, anchors and a head beside a copy of the model."""
    copy = tmp_path_factory.mktemp("calibrated") / "tiny-clip"
    shutil.copytree(folder, copy)
    background.save(copy)
    with_anchors(copy)
    return OpenClipScorer(model=str(copy), device="cpu")


def with_anchors(model: Path, **changes: Any) -> None:
    rng = np.random.default_rng(3)
    arrays = {name: rng.normal(size=DIM).astype(np.float32) for name in ("good", "bad", "head")}
    np.savez(model / "appeal.npz", **(arrays | {"bias": np.float32(0.5)} | changes))
    weights = (model / "open_clip_model.safetensors").read_bytes()
    about = {"made_by": "a test", "weights_sha256": hashlib.sha256(weights).hexdigest()}
    (model / "appeal.json").write_text(json.dumps(about))


def noise(seed: int, height: int = 90, width: int = 60) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 255, (6, 4, 3), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image, np.uint8)


def like(base: np.ndarray, seed: int, strength: float = 6.0) -> np.ndarray:
    change = np.random.default_rng(seed).normal(0, strength, base.shape)
    return np.clip(base.astype(int) + change, 0, 255).astype(np.uint8)


def request(pixels: np.ndarray, key: str = "k", **changes: Any) -> ScoreRequest:
    return ScoreRequest(key, pixels, changes.pop("brand", BRAND), **changes)


def saved(folder: Path, pixels: np.ndarray, name: str) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return path


def named(card: ScoreCard, name: str) -> Criterion:
    return next(c for c in card.criteria if c.name == name)


def poster(scene: np.ndarray, **changes: Any) -> Poster:
    typed = scene.copy()
    typed[10:30] = 0
    made = Poster("k", "v", "p", "hero", typed, (), None, None, background=scene)
    return replace(made, **changes)


def test_without_a_set_a_card_says_that_it_is_uncalibrated(scorer: OpenClipScorer) -> None:
    (card,) = score([request(noise(1))], scorer)
    assert card.uses_clip and card.model.startswith("tiny-clip@")
    assert card.appeal is not None and card.brand_fit is not None
    assert [c.name for c in card.criteria] == [*AXES, "palette", "brand_words"]
    axes = [named(card, name).explanation for name in (*AXES, "brand_words")]
    assert all("uncalibrated" in text for text in axes)
    assert "Uncalibrated" in card.note and "0 of 5 exemplars" in card.note
    assert (card.appeal_percentile, card.appeal_z, card.appeal_confidence) == (None, None, None)


def test_with_a_set_every_number_has_its_place_in_it(calibrated: OpenClipScorer) -> None:
    cards = score([request(noise(n), str(n)) for n in range(30)], calibrated)
    for card in cards:
        assert [c.name for c in card.criteria][:6] == ["head", "anchors", *AXES]
        assert card.appeal == pytest.approx(card.appeal_percentile / 100)  # type: ignore[operator]
        assert card.appeal_spread > 0 and 0 <= card.appeal_confidence <= 1  # type: ignore[operator]
        assert "80 portrait pictures of noises" in named(card, "head").explanation
        assert all(c.percentile is not None for c in card.criteria if c.name != "palette")
    percentiles = [card.appeal_percentile for card in cards]
    assert 30 < np.mean(percentiles) < 70 and np.std(percentiles) > 15  # type: ignore[arg-type]


def test_scores_do_not_depend_on_the_batch(calibrated: OpenClipScorer) -> None:
    requests = [request(noise(n, 40 + 17 * n, 50), str(n)) for n in range(5)]
    together = calibrated.score(requests)
    for one, card in zip(requests, together, strict=True):
        (single,) = calibrated.score([one])
        assert single.appeal_z == pytest.approx(card.appeal_z, abs=2e-3)
        assert single.brand_fit == pytest.approx(card.brand_fit, abs=2e-3)
    assert len({card.appeal_z for card in together}) > 1


def test_the_edges_of_a_tall_picture_count(scorer: OpenClipScorer) -> None:
    """A centre crop would see neither edge of a 9:16 picture."""
    plain = noise(3, 160, 90)
    edged = plain.copy()
    edged[-16:] = 255 - edged[-16:]
    one, two = scorer.score([request(plain), request(edged)])
    assert one.appeal != two.appeal


def test_words_are_never_counted_and_what_they_would_add_is_told(
    calibrated: OpenClipScorer,
) -> None:
    scene, other = noise(5), noise(6)
    bare, no_neutral, neutral = calibrated.score(
        [
            request(scene),
            request(poster(scene).pixels, poster=poster(scene)),
            request(poster(scene).pixels, poster=poster(scene, neutral=other)),
        ]
    )
    assert no_neutral.appeal_z == pytest.approx(bare.appeal_z, abs=2e-3)
    assert neutral.appeal_z == pytest.approx(bare.appeal_z, abs=2e-3)
    assert bare.text_inflation is None and no_neutral.text_inflation not in (None, 0)
    assert neutral.text_inflation not in (None, no_neutral.text_inflation)
    assert "percentile points" in no_neutral.note


def test_exemplars_pull_brand_fit_towards_their_like(
    calibrated: OpenClipScorer, tmp_path: Path
) -> None:
    """Exemplars are one picture with small changes; a further one fits, an unrelated one not."""
    base = noise(11)
    exemplars = tuple(saved(tmp_path, like(base, n), f"e{n}") for n in range(6))
    fitting, strange = calibrated.score(
        [request(like(base, 99), exemplars=exemplars), request(noise(12), exemplars=exemplars)]
    )
    near, far = named(fitting, "brand_pictures"), named(strange, "brand_pictures")
    assert near.value > 0.7 > 0.5 > far.value  # type: ignore[operator]
    assert "6 exemplars" in near.explanation and "gap" in near.explanation
    assert fitting.brand_fit > strange.brand_fit  # type: ignore[operator]


def test_random_exemplars_are_no_signal_and_no_number(
    calibrated: OpenClipScorer, tmp_path: Path
) -> None:
    mixed = tuple(saved(tmp_path, noise(60 + n), f"m{n}") for n in range(6))
    (card,) = calibrated.score([request(noise(1), exemplars=mixed)])
    found = named(card, "brand_pictures")
    assert (found.value, found.informative) == (None, False)
    assert found.explanation.startswith("no signal")
    (without,) = calibrated.score([request(noise(1))])
    words = named(card, "brand_words")
    if words.informative:
        assert card.brand_fit == without.brand_fit
    else:
        assert words.value is None
        assert card.brand_fit == pytest.approx(named(card, "palette").value, abs=1e-4)


def test_a_model_without_a_set_compares_exemplars_with_drawn_pictures(
    scorer: OpenClipScorer, tmp_path: Path
) -> None:
    mixed = unrelated_pictures()[:6]
    files = tuple(saved(tmp_path, picture, f"u{n}") for n, picture in enumerate(mixed))
    (card,) = scorer.score([request(noise(1), exemplars=files)])
    assert named(card, "brand_pictures").value is None
    assert len({picture.tobytes() for picture in unrelated_pictures()}) == 24


def test_a_broken_exemplar_is_named(scorer: OpenClipScorer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    for name in (broken, tmp_path / "broken.png.not-there"):
        with pytest.raises(InputError, match=r"broken\.png"):
            scorer.score([request(noise(1), exemplars=(name,) * 5)])


def test_copy_is_matched_where_the_tower_knows_its_words(calibrated: OpenClipScorer) -> None:
    texts = ["a cup of coffee in the morning", "Laufschuhe für Donaukanal", "慢萃十八小时", ""]
    cards = calibrated.score([request(noise(1), str(n), text=t) for n, t in enumerate(texts)])
    read = named(cards[0], "copy_match")
    assert 0 <= read.percentile <= 100 and "cosine" in read.explanation  # type: ignore[operator]
    for card in cards[1:3]:
        assert named(card, "copy_match").value is None
        assert "not measured" in named(card, "copy_match").explanation
    assert "copy_match" not in [c.name for c in cards[3].criteria]
    (long,) = calibrated.score([request(noise(1), text="good coffee " * 60)])
    assert "reads only" in named(long, "copy_match").explanation


def test_a_brands_weights_count_and_change_the_id(calibrated: OpenClipScorer) -> None:
    heads = dict.fromkeys((*AXES, "anchors"), 0.0)
    scores = Scores(
        appeal=AppealWeights(**heads), brand_fit=BrandFitWeights(palette=1, brand_words=0)
    )
    own = BRAND.model_copy(update={"scores": scores})
    plain, weighed = calibrated.score([request(noise(2)), request(noise(2), brand=own)])
    assert weighed.appeal_percentile == named(weighed, "head").percentile
    assert weighed.brand_fit == pytest.approx(named(weighed, "palette").value, abs=1e-4)
    assert not comparable(plain.calibration_id, weighed.calibration_id)
    assert not comparable(plain.brand_calibration_id, weighed.brand_calibration_id)
    assert comparable(plain.calibration_id, calibrated.calibration_id)


def test_a_failed_gate_caps_both_scores_and_names_itself(calibrated: OpenClipScorer) -> None:
    scene = np.full((900, 720, 3), 240, np.uint8)
    pale = TextBox("headline", "Hi", Box(60, 60, 560, 120), 52, "#E6E6E6", 700)
    made = Poster("k", "v", "p", "hero", scene, (pale,), None, None, background=scene)
    (card,) = score([request(scene, poster=made)], calibrated)
    assert card.failed_gates and card.failed_gates[0].startswith("contrast: worst: headline")
    assert card.appeal <= 0.4 and card.brand_fit <= 0.4  # type: ignore[operator]


def test_the_manifest_keeps_everything(calibrated: OpenClipScorer) -> None:
    (card,) = calibrated.score([request(noise(1), text="慢萃十八小时")])
    records = {r["name"]: Score.model_validate(r) for r in score_records(card)}
    assert list(records)[:2] == ["appeal", "brand_fit"]
    assert records["appeal"].z == round(card.appeal_z, 4)  # type: ignore[arg-type]
    assert records["brand_fit"].calibration_id == card.brand_calibration_id
    assert records["head"].percentile is not None and records["head"].informative
    assert not records["copy_match"].informative and records["copy_match"].value is None


def test_the_id_changes_with_model_preprocessing_prompts_set_and_anchors(
    folder: Path, scorer: OpenClipScorer, calibrated: OpenClipScorer, tmp_path: Path
) -> None:
    copy = tmp_path / "tiny-clip"
    shutil.copytree(folder, copy)
    assert OpenClipScorer(model=f"local-dir:{copy}").calibration_id == scorer.calibration_id
    assert str(folder.parent) not in scorer.id
    config = (copy / "open_clip_config.json").read_text()
    (copy / "open_clip_config.json").write_text(config.replace("0.48", "0.5"))
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "score_appeal.j2").write_text("mine | good photo | bad photo")
    other = OpenClipScorer(model=str(folder), templates=tmp_path)
    assert other.score([request(noise(1))])[0].criteria[0].name == "mine"
    without = OpenClipScorer(model=str(calibrated._clip.folder), calibration="none")
    ids = [s.calibration_id for s in (scorer, calibrated, other, without)]
    ids.append(OpenClipScorer(model=str(copy)).calibration_id)
    assert len(set(ids)) == 5


def test_a_set_of_other_weights_is_refused_or_left_out_with_a_note(
    folder: Path, background: Background, tmp_path: Path
) -> None:
    other = tiny_models.save_open_clip(tmp_path / "other", seed=9)
    background.save(other)
    with_anchors(other)
    shutil.copy(folder / "open_clip_model.safetensors", other / "open_clip_model.safetensors")
    changed = tiny_models.save_open_clip(tmp_path / "changed", seed=10)
    background.save(changed)
    (card,) = OpenClipScorer(model=str(changed)).score([request(noise(1))])
    assert card.appeal_percentile is None and "other weights" in card.note
    background.save(tmp_path / "set")
    with pytest.raises(InputError, match="cannot be compared"):
        OpenClipScorer(model=str(changed), calibration=str(tmp_path / "set"))
    with pytest.raises(InputError, match="holds no background set"):
        OpenClipScorer(model=str(changed), calibration=str(tmp_path))
    (card,) = OpenClipScorer(model=str(other)).score([request(noise(1))])
    assert "appeal.npz" in card.note


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda f: (f / "appeal.npz").write_bytes(b"PK no zip"), "broken"),
        (lambda f: (f / "appeal.json").unlink(), "broken"),
        (lambda f: with_anchors(f, head=np.zeros(7, np.float32)), "belongs to another|vectors of"),
        (lambda f: with_anchors(f, head=np.array([{}], object)), "broken"),
    ],
)
def test_broken_anchors_are_named(folder: Path, tmp_path: Path, damage: Any, says: str) -> None:
    copy = tmp_path / "tiny-clip"
    shutil.copytree(folder, copy)
    with_anchors(copy)
    damage(copy)
    with pytest.raises(InputError, match=says):
        OpenClipScorer(model=str(copy))


def test_long_prompts_are_refused_or_cut_with_a_note(
    folder: Path, scorer: OpenClipScorer, tmp_path: Path
) -> None:
    wordy = BRAND.model_copy(update={"imagery": Imagery(mood="calm " * 90)})
    (card,) = scorer.score([request(noise(1), brand=wordy)])
    assert "reads only" in card.note
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "score_appeal.j2").write_text(f"overall | {'good ' * 90} | bad")
    with pytest.raises(InputError, match="would not read all"):
        OpenClipScorer(model=str(folder), templates=tmp_path).prepare()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("score_appeal.j2", "overall: good or bad", "no pair"),
        ("score_appeal.j2", " ", "no pair"),
        ("score_appeal.j2", "head | good | bad", "cannot be called 'head'"),
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
    """open_clip itself would go on with random ones."""
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
        OpenClipScorer(model=str(folder)).prepare()
    assert "contentfab[clip]" in caught.value.hint
