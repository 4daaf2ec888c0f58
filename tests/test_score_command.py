"""`contentfab score`: its JSON, table, gates and pictures, and what it does with bad files."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import command
import numpy as np
import pytest
from pictures import poster
from PIL import ExifTags, Image, ImageCms

from contentfab.backends._clip_type import without_words
from contentfab.cli.score import explain_to
from contentfab.cli.score_table import show_scores
from contentfab.delivery._score_records import Scored, telling
from contentfab.delivery._score_requests import read_picture
from contentfab.delivery.scoring import find_brand, rank, score_files
from contentfab.errors import InputError
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.scoring.summary import place_words, summarise

ROOT = Path(__file__).parent.parent
DESIGN = ("--set", "score.backend=design")
CARD = ScoreCard("a", 0.64, 0.5, (), "clip/1", "clip", True, 64.0, appeal_z=0.4, appeal_spread=0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two posters, one in a folder of its own; a broken picture; a text."""
    root = tmp_path_factory.mktemp("score")
    (root / "more").mkdir()
    (root / "broken").mkdir()
    Image.fromarray(poster(1)).save(root / "one.png")
    Image.fromarray(poster(2)).save(root / "more" / "two.jpg")
    (root / "broken" / "cut.png").write_bytes((root / "one.png").read_bytes()[:4000])
    (root / "broken" / "notes.png").write_text("no picture at all")
    return root


def test_the_json_has_the_shape_that_programs_rely_on(folder: Path) -> None:
    told = command.run_json(
        "score", "one.png", "more", "--brand", "northlight", *DESIGN, cwd=folder
    )
    assert told["ok"] is True
    assert told["failed"] == []
    assert [image["path"] for image in told["images"]] == ["one.png", "more/two.jpg"]
    for image in told["images"]:
        assert set(image["appeal"]) >= {"value", "percentile", "confidence", "z", "spread"}
        assert 0 <= image["appeal"]["value"] <= 1
        assert 0 <= image["brand_fit"]["value"] <= 1
        assert image["brand"] == "northlight"
        assert image["calibration_id"]
        assert (image["width"], image["height"]) == (800, 1000)
        for criterion in image["criteria"]:
            assert set(criterion) >= {"name", "value", "explanation"}
            assert criterion["explanation"]
        assert {"gates", "text_inflation", "note", "review", "content"} <= set(image)


def test_without_a_brand_there_is_no_brand_fit_and_the_reason_is_told(folder: Path) -> None:
    (image,) = command.run_json("score", "one.png", *DESIGN, cwd=folder)["images"]
    assert image["brand_fit"]["value"] is None
    assert "--brand" in image["brand_fit"]["reason"]
    assert image["brand"] is None
    assert image["appeal"]["value"] is not None
    assert not {"palette", "logo"} & {criterion["name"] for criterion in image["criteria"]}


def test_what_cannot_be_read_is_named_and_the_others_are_scored(folder: Path) -> None:
    told = command.run_json("score", "broken", "one.png", *DESIGN, cwd=folder, code=2)
    assert told["ok"] is False
    assert [image["path"] for image in told["images"]] == ["one.png"]
    assert [failed["path"] for failed in told["failed"]] == ["broken/cut.png", "broken/notes.png"]
    assert "cut off" in told["failed"][0]["error"]
    done = command.contentfab("score", "broken", "one.png", *DESIGN, cwd=folder, code=2)
    assert "error: broken/notes.png: " in done.stderr
    assert "one.png" in done.stdout


def test_odd_pictures_are_scored_as_seen_or_refused_with_the_reason(tmp_path: Path) -> None:
    """Once each, however often and by whatever path they are named."""
    image, other = (Image.fromarray(poster(n)).resize((200, 250)) for n in (1, 2))
    image.save(tmp_path / "海报 é.png")
    image.save(tmp_path / "moving.webp", save_all=True, append_images=[other])
    image.save(tmp_path / "moving.gif", save_all=True, append_images=[other])
    image.resize((31, 400)).save(tmp_path / "speck.png")
    image.resize((3000, 40)).save(tmp_path / "strip.png")
    (tmp_path / "empty.png").write_bytes(b"")
    told = command.run_json(
        "score", ".", "./海报 é.png", "moving.gif", *DESIGN, cwd=tmp_path, code=2
    )
    notes = {one["path"]: one["note"] for one in told["images"]}
    assert set(notes) == {"moving.webp", "海报 é.png"}
    assert "animated: this is its first frame" in notes["moving.webp"]
    assert "animated" not in notes["海报 é.png"]
    errors = {one["path"]: one["error"] for one in told["failed"]}
    assert set(errors) == {"moving.gif", "speck.png", "strip.png", "empty.png"}
    assert "31 x 400" in errors["speck.png"]
    assert "3000 x 40" in errors["strip.png"]
    assert all(one["hint"] for one in told["failed"])


@pytest.mark.parametrize(
    ("kind", "note"),
    [("grey 16 bit", ""), ("CMYK", ""), ("turned", ""), ("profile", ""), ("palette", ""),
     ("transparent", "Transparent parts were put on white.")],
)  # fmt: skip
def test_a_picture_is_judged_as_a_viewer_shows_it(tmp_path: Path, kind: str, note: str) -> None:
    seen = np.asarray(Image.fromarray(poster(1)).resize((200, 250)))
    image, file = Image.fromarray(seen), tmp_path / "a.png"
    if kind == "grey 16 bit":
        grey = np.asarray(image.convert("L"))
        Image.fromarray(grey.astype(np.uint16) * 257).save(file)
        seen = np.stack([grey] * 3, axis=2)
    elif kind == "CMYK":
        image.convert("CMYK").save(file, "JPEG", quality=97)
    elif kind == "turned":
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        image.transpose(Image.Transpose.ROTATE_90).save(file, exif=exif)
    elif kind == "profile":
        swapped = Image.fromarray(seen[..., (1, 0, 2)])
        swapped.save(file, icc_profile=_of_swapped_primaries())
    elif kind == "palette":
        image.quantize(255).save(file)
    else:
        matte = np.full((250, 200), 255, np.uint8)
        matte[:100] = 0
        image.putalpha(Image.fromarray(matte))
        image.save(file)
        seen = np.where(matte[..., None] > 0, seen, 255)
    pixels, notes = read_picture(file)
    assert pixels.shape == seen.shape
    assert np.abs(pixels.astype(int) - seen).mean() < 4
    assert notes == ((note,) if note else ())


def test_a_run_that_is_not_finished_is_not_taken_for_a_folder(folder: Path) -> None:
    """Its key visuals and rejects would pass for posters."""
    (folder / "cut-short" / "key_visuals").mkdir(parents=True)
    shutil.copy(folder / "one.png", folder / "cut-short" / "key_visuals")
    (folder / "cut-short" / "ledger.sqlite").write_bytes(b"")
    done = command.contentfab("score", "cut-short", *DESIGN, cwd=folder, code=2)
    shutil.rmtree(folder / "cut-short")
    assert "not finished" in done.stderr
    assert "contentfab run" in done.stderr


def test_a_place_that_no_explanation_can_be_written_to_is_told_before_scoring(folder: Path) -> None:
    done = command.contentfab(
        "score", "one.png", "--explain", "one.png/why", *DESIGN, cwd=folder, code=6
    )
    assert "--explain one.png/why: one.png is no folder" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.png",), "nowhere.png does not exist"),
        (("none-*.png",), "there is no picture in none-*.png"),
        (("one.png", "--brand", "norhtlight"), "did you mean 'northlight'"),
        (("one.png", "--set", "score.backend=desing"), "did you mean 'design'"),
        (("one.png", "--profile", "mni"), "unknown profile 'mni'"),
        (("one.png", "more", "--explain", "out.png"), "name a folder"),
        (("one.png", "--explain", "out.jpg"), "explanations are PNG files"),
    ],
)
def test_bad_input_ends_in_one_message_with_its_fix(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    rest = () if "--set" in arguments else DESIGN
    done = command.contentfab("score", *arguments, *rest, cwd=folder, code=2)
    assert said in done.stderr
    assert not (folder / "out.png").exists()


def test_gates_are_checked_and_named(folder: Path) -> None:
    told = command.run_json(
        "score", "one.png", "--brand", "veltra", *DESIGN,
        "--min-appeal", "0.01", "--min-brand-fit", "0.999", cwd=folder, code=1,
    )  # fmt: skip
    (image,) = told["images"]
    assert told["ok"] is False
    assert [line.split()[0] for line in image["below"]] == ["brand_fit"]
    told = command.run_json(
        "score", "one.png", *DESIGN, "--min-brand-fit", "0.1", cwd=folder, code=1
    )
    assert "no number" in told["images"][0]["below"][0]
    command.contentfab("score", "one.png", *DESIGN, "--min-appeal", "0.01", cwd=folder)


def test_no_path_of_this_machine_gets_into_the_json(folder: Path, tmp_path: Path) -> None:
    guide = tmp_path / "secret-client"
    shutil.copytree(ROOT / "brand_guides" / "northlight", guide)
    done = command.contentfab(
        "score", "one.png", "broken", "--brand", guide, *DESIGN, "--json", cwd=folder, code=2,
        OPENAI_API_KEY="sk-do-not-tell",
    )  # fmt: skip
    for text in (str(folder), str(tmp_path), "secret-client", str(ROOT), "sk-do-not-tell"):
        assert text not in done.stdout


def test_one_picture_is_explained_in_a_file_and_several_in_a_folder(folder: Path) -> None:
    command.contentfab(
        "score", "one.png", "--brand", "northlight", "--explain", "why.png", *DESIGN, cwd=folder
    )
    with Image.open(folder / "why.png") as page:
        assert page.format == "PNG"
        assert page.width == 2000
        pixels = np.asarray(page.convert("RGB")).astype(int)
    middle = pixels[216 + 56 + 333, 80 + 266]  # of the first panel: the picture itself
    assert np.abs(middle - poster(1)[500, 400]).max() < 30
    (folder / "why.png").unlink()
    done = command.contentfab(
        "score", "one.png", "more/two.jpg", "--explain", "why", *DESIGN, cwd=folder
    )
    assert sorted(path.name for path in (folder / "why").iterdir()) == ["one.png", "two.png"]
    assert "wrote why/two.png" in done.stderr
    shutil.rmtree(folder / "why")


def test_pictures_of_one_name_get_explanations_of_their_own() -> None:
    sources = [(name, Path(name)) for name in ("a/x.png", "b/x.jpg", "b/X.webp")]
    found = explain_to(Path("why"), sources)
    assert [path.name for path in found.values()] == ["x.png", "x-2.png", "X-3.png"]
    with pytest.raises(InputError):
        explain_to(Path("why.png"), sources)


def test_a_run_is_scored_with_its_layout_its_words_and_its_brand(tmp_path: Path) -> None:
    command.contentfab("init", "camp", cwd=tmp_path)
    campaign = tmp_path / "camp" / "campaign.yaml"
    text = campaign.read_text(encoding="utf-8")
    campaign.write_text(
        text.replace("brand: brand ", "brand: northlight ").replace("variants: 2", "variants: 1"),
        encoding="utf-8",
    )
    command.contentfab("run", "camp", "--out", "run", *DESIGN, cwd=tmp_path)
    ended = command.contentfab("run", "camp", "--out", "run", *DESIGN, cwd=tmp_path).stderr
    assert re.search(r"^appeal: median 0\.\d\d \(0\.\d\d to \d\.\d\d\)$", ended, re.M), ended
    assert re.search(r"^brand fit: median \d\.\d\d", ended, re.M)
    summaries = command.run_json("status", "run", cwd=tmp_path)["scores"]
    assert [one["name"] for one in summaries] == ["appeal", "brand_fit"]
    assert re.search(r"^appeal: ", command.contentfab("status", "run", cwd=tmp_path).stdout, re.M)
    told = command.run_json("score", "run", *DESIGN, cwd=tmp_path)
    assert told["images"]
    for image in told["images"]:
        assert image["path"].startswith("run/assets/")
        assert image["brand"] == "northlight"
        assert image["of_run"] is True
        assert {"logo", "hierarchy"} <= {criterion["name"] for criterion in image["criteria"]}
    (again,) = command.run_json(
        "score", told["images"][0]["path"], *DESIGN, cwd=tmp_path
    )["images"]  # fmt: skip
    assert again == told["images"][0] | {"rank": None, "tied": False} or again == told["images"][0]


def test_ranks_are_shared_by_what_cannot_be_told_apart() -> None:
    scored = [
        _scored("low", -1.0),
        _scored("high", 0.8),
        _scored("close", 0.7),
        Scored("broken", error="no"),
    ]
    rank(scored)
    assert [(one.rank, one.tied) for one in scored] == [
        (3, False),
        (1, True),
        (1, True),
        (None, False),
    ]


def test_other_calibrations_are_never_in_one_ranking(capsys: pytest.CaptureFixture[str]) -> None:
    scored = [_scored("a", 0.5), _scored("b", 2.5, calibration_id="clip/2"), _scored("c", 1.9)]
    rank(scored)
    assert [one.rank for one in scored] == [2, None, 1]
    show_scores(scored, verbose=False, colour=False)
    told = capsys.readouterr().out
    first, second = told.split("calibration clip/1")
    names = [line.split()[-1] for line in first.splitlines() if line.split()]
    assert [name for name in names if name in ("a", "b", "c")] == ["c", "a"]
    assert "calibration clip/2" in second
    assert "do not compare" in told


def test_the_table_tells_percentile_ties_gates_and_reasons(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    criteria = (
        Criterion(
            "palette", 0.41, "23 % of the scene is ΔE 31 from the nearest brand colour: teal"
        ),
        Criterion("calm", 0.97, "2% of the ground behind type is busy"),
        Criterion("sharpness", 0.55, "edges rise 0.5 of their height in one pixel"),
        Criterion("balance", 0.52, "centred"),
        Criterion("brand_pictures", 0.0, "no signal", informative=False),
    )
    one = _scored("posters/a.png", 0.4, criteria=criteria, review=("it advertises alcohol",))
    one.below = ["appeal 0.64 is below 0.9"]
    other = _scored("posters/b.png", 0.35, criteria=criteria)
    rank([one, other])
    show_scores([one, other], verbose=False, colour=False)
    told = capsys.readouterr().out
    for said in (
        "1=", "64th", "posters/a.png", "palette 0.41", "ΔE 31", "calm 0.97", "sharpness 0.55",
        "below the gate: appeal 0.64 is below 0.9", "a person must look: it advertises alcohol",
        "calibration clip/1", "cannot be told apart",
    ):  # fmt: skip
        assert said in told, said
    assert "brand_pictures" not in told
    show_scores([one, other], verbose=True, colour=False)
    assert "brand_pictures" in capsys.readouterr().out


def test_the_weakest_criterion_and_failed_gates_come_first() -> None:
    values = {"palette": 0.45, "calm": 1.0, "logo": 0.9, "sharpness": 0.99, "balance": 0.95}
    criteria = tuple(Criterion(name, value, "") for name, value in values.items())
    card = replace(CARD, criteria=criteria, failed_gates=("logo: too small",))
    assert [criterion.name for criterion in telling(card)] == ["logo", "palette", "calm"]


def test_summaries_tell_percentiles_and_never_mix_calibrations() -> None:
    def scored(value: float | None, percentile: float | None, ident: str) -> list[dict[str, Any]]:
        shared = {"name": "appeal", "calibration_id": ident, "uses_clip": True}
        return [shared | {"value": value, "percentile": percentile}]

    posters = [scored(p / 100, p, "clip/1") for p in (31.0, 64.0, 92.0)]
    posters += [scored(0.2, None, "clip/2"), scored(None, None, "clip/1")]
    one, other = summarise(posters)
    assert str(one) == ("appeal: median 64th percentile (31st to 92nd), no number for 1 poster")
    assert (other.calibration_id, other.count, str(other)) == ("clip/2", 1, "appeal: 0.20")
    assert one.as_json()["median"] == 64.0
    assert summarise([[]]) == []


def test_percentiles_in_words() -> None:
    numbers = (0, 0.4, 1, 2, 3, 4, 11, 12, 13, 21, 63.6, 92, 99, 100)
    told = "<1st <1st 1st 2nd 3rd 4th 11th 12th 13th 21st 64th 92nd 99th >99th"
    assert " ".join(map(place_words, numbers)) == told


def test_a_file_of_a_run_is_scored_without_its_words() -> None:
    """Its layout says where they stand; reading is not needed to keep them from counting."""
    pixels = np.full((600, 480, 3), (240, 236, 228), np.uint8)
    box = Box(60, 80, 300, 120)
    pixels[box.y0 : box.y1 : 2, box.x0 : box.x1] = (20, 30, 40)
    pixels[400:500, 100:200] = (180, 60, 40)
    text = TextBox("headline", "Award-winning", box, 40.0, "#141E28")
    layout = Poster("a", "", "", "", pixels, (text,), None, None)
    brand, _ = find_brand("northlight")
    seen = without_words(ScoreRequest("a", pixels, brand, poster=layout))
    assert "painted over" in seen.note
    assert np.abs(seen.pixels[box.y0 : box.y1, box.x0 : box.x1].astype(int) - 236).max() < 12
    assert np.array_equal(seen.pixels[200:], pixels[200:])


def test_programs_score_files_with_one_call(folder: Path) -> None:
    scored = score_files(
        [folder / "one.png", folder / "broken"], brand="northlight", sets=["score.backend=design"]
    )
    assert [bool(one.card) for one in scored] == [True, False, False]
    assert scored[0].card is not None
    assert scored[0].card.brand_fit is not None


def _of_swapped_primaries() -> bytes:
    """sRGB with red and green in each other's place, under another name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    named = profile.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    marks = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ", b"rTRC": b"gTRC", b"gTRC": b"rTRC"}
    return re.sub(b"[rg](XYZ|TRC)", lambda found: marks[found.group()], named)


def _scored(path: str, z: float, **changes: object) -> Scored:
    return Scored(path, replace(CARD, appeal_z=z, **changes), brand="northlight")  # type: ignore[arg-type]
