"""`contentfab calibrate --background`: a team's own pictures as the set that scores stand in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command import contentfab, run_json
from PIL import Image

from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.delivery.background import LEAST, gather, make, open_encoder
from contentfab.errors import InputError
from contentfab.records.manifest import FORMAT, Manifest
from contentfab.rules.scoring.background import Background, Encoding

COUNT = 104
SIZES = ((96, 96), (64, 114))


def picture(number: int) -> Image.Image:
    """A wall, a floor and a disc in seeded colours; square and story in turn."""
    dice = np.random.default_rng(number)
    width, height = SIZES[number % 2]
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:], pixels[2 * height // 3 :] = dice.integers(0, 256, (2, 3))
    rows, columns = np.mgrid[0:height, 0:width]
    x, y, radius = dice.uniform(0.3, 0.7, 3) * (width, height, 0.4 * width)
    pixels[(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = dice.integers(0, 256, 3)
    return Image.fromarray(pixels)


class Colours:
    """An encoder where only files and folders are tested: mean and spread of each channel."""

    encoding = Encoding("colours", "1", {}, "whole")

    def embed(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[*p.mean((0, 1)), *p.std((0, 1))] for p in pictures], np.float32)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """104 pictures in two folders, one of them twice, and two files that are none."""
    folder = tmp_path_factory.mktemp("work") / "our-posters"
    (folder / "spring").mkdir(parents=True)
    for number in range(COUNT):
        picture(number).save(folder / ("spring" if number % 3 else "") / f"{number:03}.png")
    picture(5).save(folder / "copy.png")
    (folder / "broken.png").write_bytes((folder / "000.png").read_bytes()[:60])
    (folder / "notes.jpg").write_text("no picture", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(ours: Path) -> tuple[Path, dict[str, object], str]:
    """The folder that the command wrote, what it said as JSON, and to people."""
    folder = ours.parent
    done = contentfab(
        "calibrate", "--background", ours, "--out", "calibration", "--json", cwd=folder
    )
    return folder / "calibration", json.loads(done.stdout), done.stderr


def test_every_picture_counts_once_and_what_was_left_out_is_named(
    made: tuple[Path, dict[str, object], str],
) -> None:
    folder, facts, said = made
    assert facts["pictures"] == COUNT and facts["same_pixels"] == 1
    assert [entry["path"].rpartition("/")[2] for entry in facts["unreadable"]] == [  # type: ignore[attr-defined]
        "broken.png",
        "notes.jpg",
    ]
    assert "broken.png was left out: the picture cannot be read" in said
    assert "107 of 107 pictures" in said
    assert sorted(path.name for path in folder.iterdir()) == [
        "background.npz",
        "calibration.json",
    ]
    assert facts["too_few"] == ["story", "square"]


def scores(folder: Path, *names: str, calibration: Path | None = None) -> dict[str, object]:
    """`score --json` of pictures of the set, by mini-clip."""
    known = ("--set", f"score.calibration={calibration}") if calibration else ()
    sets = ("--set", "score.backend=openclip", "--set", "score.model=mini-clip", *known)
    found: dict[str, object] = run_json("score", *names, *sets, cwd=folder)
    return found


def test_scores_then_stand_in_the_own_set(made: tuple[Path, dict[str, object], str]) -> None:
    folder, facts, _ = made
    known = Background.load(folder)
    assert known is not None and known.id == facts["id"]
    posters = folder.parent / "our-posters"
    own, other = (
        scores(posters, "000.png", calibration=set_)["images"][0]  # type: ignore[index]
        for set_ in (folder, None)
    )
    assert own["calibration_id"] != other["calibration_id"]
    assert 0 <= own["appeal"]["percentile"] <= 100
    assert any("of our-posters" in c["explanation"] for c in own["criteria"])


def test_a_kept_temperature_becomes_the_chance_that_the_team_picks_a_picture(
    made: tuple[Path, dict[str, object], str], tmp_path: Path
) -> None:
    folder = made[0]
    posters, known = folder.parent / "our-posters", Background.load(folder)
    assert known is not None
    before = scores(posters, "000.png", "003.png", calibration=folder)
    (pair,) = before["pairs"]  # type: ignore[misc]
    assert pair["probability"] is None
    one, other = before["images"]  # type: ignore[misc]
    kept = {"temperature": 0.7, "unit": "z", "calibration_id": one["calibration_id"], "pairs": 200}
    replace(known, pair_temperatures={"appeal": kept}).save(tmp_path)
    after = scores(posters, "000.png", "003.png", calibration=tmp_path)
    (pair,) = after["pairs"]  # type: ignore[misc]
    apart = one["appeal"]["z"] - other["appeal"]["z"]
    assert pair["probability"] == pytest.approx(1 / (1 + np.exp(-apart / 0.7)), abs=0.002)
    assert pair["tie"] == (pair["better"] is None)
    assert after["images"] == before["images"]


def test_a_picture_of_the_set_stands_where_it_stood(
    ours: Path, made: tuple[Path, dict[str, object], str]
) -> None:
    """Vectors come back from the files good enough for percentiles to be those of the pictures."""
    known = Background.load(made[0])
    assert known is not None
    files = [path for path in ours.glob("*.png") if path.stem.isdigit()]
    encoder = open_encoder()
    fresh = np.stack(gather([(p.name, p) for p in files], encoder).vectors)
    nearest = np.abs(fresh[:, None] - known.vectors[None]).max(axis=2)
    assert (nearest.min(axis=1) < 1e-3).all()
    assert known.encoding.same_as(encoder.encoding)


def test_the_same_again_changes_nothing_and_another_set_is_not_overwritten(
    ours: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "calibration"
    first = make(ours, Colours(), folder).background.id
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert make(ours, Colours(), folder).background.id == first
    for number in range(COUNT):
        picture(1000 + number).save(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match="holds another background set already"):
        make(tmp_path, Colours(), folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_too_few_pictures_are_refused_before_a_model_runs(tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for number in range(40):
        picture(number).save(few / f"{number}.png")
    done = contentfab("calibrate", "--background", few, cwd=tmp_path, code=2)
    assert "not enough: 40 pictures in" in done.stderr and "100 needed" in done.stderr
    assert not (tmp_path / "calibration").exists()


def test_files_that_are_no_pictures_do_not_fill_a_set(tmp_path: Path) -> None:
    for number in range(LEAST):
        (tmp_path / f"{number}.png").write_bytes(b"nothing")
    picture(1).save(tmp_path / "1.png")
    with pytest.raises(InputError) as refused:
        make(tmp_path, Colours(), tmp_path / "out")
    assert "not enough: 1 pictures" in str(refused.value)
    assert str(refused.value).count("cannot be used") == LEAST - 1


def run_of(folder: Path, posters: list[str]) -> None:
    """A manifest of a run, as short as one can be."""
    nothing = {"visible": {}, "metadata": {}, "watermark": None}
    provenance = dict.fromkeys(
        ("digital_source_type", "engine", "model", "model_revision", "prompt_sha256"), ""
    )
    assets = [
        {"id": path, "kind": "image", "path": path, "media_type": "image/png", "bytes": 1,
         "digest": {"sha256": "0" * 64}, "locale": "en", "label": nothing,
         "provenance": {**provenance, "uses_ai": False, "seed": 0}}
        for path in posters
    ]  # fmt: skip
    empty = ("products", "audiences", "key_visuals", "creatives", "experiments", "rejects")
    document = {
        "created": "", "generator": {}, "campaign": {}, "assets": assets,
        "totals": {"jobs": {}, "failed": 0, "below_gates": 0, "cost": {}},
        "manifest_version": FORMAT, **{name: [] for name in empty},
    }  # fmt: skip
    text = Manifest.model_validate(document).model_dump_json()
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def test_a_run_stands_for_the_posters_of_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    names = [f"assets/{number}.png" for number in range(COUNT)]
    for number, name in enumerate(names):
        picture(number).save(tmp_path / name)
    picture(COUNT).save(tmp_path / "stray.png")
    run_of(tmp_path, names)
    made = make(tmp_path, Colours(), tmp_path / "out", name="spring")
    assert (len(made.background.buckets), made.background.name) == (COUNT, "spring")


def test_a_set_of_other_weights_is_refused_by_the_scorer(
    made: tuple[Path, dict[str, object], str], tmp_path: Path
) -> None:
    for path in made[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    about = json.loads((tmp_path / "calibration.json").read_text(encoding="utf-8"))
    about["model_revision"] = "0123456789ab"
    (tmp_path / "calibration.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(InputError, match=r"0123456789ab.*cannot be compared"):
        OpenClipScorer(model="mini-clip", calibration=str(tmp_path))


def test_a_scorer_without_vectors_is_refused(tmp_path: Path) -> None:
    done = contentfab(
        "calibrate", "--background", tmp_path, "--set", "score.backend=nosuch", cwd=tmp_path, code=2
    )
    assert "unknown backend 'nosuch'" in done.stderr
