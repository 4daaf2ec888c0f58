"""`contentfab layouts`: sheets of families × sizes, for a campaign and for a brand alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import command
import numpy as np
from PIL import Image

from contentfab.cli.app import app
from contentfab.delivery.layout_pictures import PAPER, Band, contact_sheet, draw_tile
from contentfab.delivery.layout_sheets import SheetCell, placements, sample
from contentfab.records.pictures import Finding, Poster

ROOT = Path(__file__).parent.parent
ARGUMENTS = ("--sizes", "1080x1080,300x250", "--layouts", "minimal,hero", "--scale", "0.2")


def test_a_campaigns_sheet_and_its_json(tmp_path: Path) -> None:
    told = command.run_json(
        "layouts", ROOT / "examples" / "coffee", *ARGUMENTS, "--out", "sheet.png", cwd=tmp_path
    )
    assert told["brand"] == "northlight"
    assert told["locale"] == "en-US"
    assert [family["id"] for family in told["families"]] == ["minimal", "hero"]
    assert told["families"][0]["picture"] == "frame"
    cells = told["families"][0]["cells"]
    assert [cell["size"] for cell in cells] == ["1080x1080", "300x250"]
    assert told["sheets"] == ["sheet.png"]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 216 + 60
        assert sheet.getpixel((2, 2)) == tuple(bytes.fromhex(PAPER[1:]))


def test_a_brand_alone_takes_sample_texts_and_a_folder_takes_posters(tmp_path: Path) -> None:
    product = ROOT / "examples" / "running" / "products" / "stride-2.png"
    told = command.run_json(
        "layouts", "--brand", "veltra", "--product", product, "--locale", "de-DE", "--layouts",
        "card", "--sizes", "1080x1080", "--out", "sheets", "--posters", cwd=tmp_path,
    )  # fmt: skip
    assert told["ok"], told
    assert command.files(tmp_path / "sheets") == ["card-1080x1080.png", "card.jpg"]
    with Image.open(tmp_path / "sheets" / "card-1080x1080.png") as poster:
        assert poster.size == (1080, 1080)
    assert sample("de-AT")["headline"] == "Gut Ding will Weile haben"
    assert sample("xx-XX") == sample("en-GB")


def test_a_headline_that_cannot_be_set_is_a_red_cell_and_exit_code_1(tmp_path: Path) -> None:
    words = " ".join(["Unmissverständlichkeitsbeauftragter"] * 24)
    told = command.run_json(
        "layouts", ROOT / "examples" / "coffee", "--layouts", "quote", "--sizes", "300x250",
        "--headline", words, "--out", "sheet.png", cwd=tmp_path, code=1,
    )  # fmt: skip
    assert not told["ok"]
    (cell,) = told["families"][0]["cells"]
    assert cell["state"] == "error"
    assert any(finding["rule"].startswith("poster.") for finding in cell["findings"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB")).reshape(-1, 3)
    assert (pixels == (0xC2, 0x28, 0x1D)).all(axis=1).sum() > 200


def test_an_offer_without_a_price_is_passed_over(tmp_path: Path) -> None:
    campaign = _own_campaign(tmp_path)
    products = campaign / "products.yaml"
    without = re.sub(r"\n    price:(\n      .*)+", "", products.read_text(encoding="utf-8"))
    products.write_text(without, encoding="utf-8")
    told = command.run_json(
        "layouts", campaign, "--layouts", "offer", "--sizes", "300x250", cwd=tmp_path
    )
    (cell,) = told["families"][0]["cells"]
    assert cell["state"] == "skipped"
    assert "price" in cell["findings"][0]["message"]
    # Asked for by name, it is refused.
    text = (campaign / "campaign.yaml").read_text()
    (campaign / "campaign.yaml").write_text(text + "\nlayouts: [offer]\n")
    refused = command.contentfab("check", campaign, cwd=tmp_path, code=2)
    assert "offer" in refused.stderr
    assert "price" in refused.stderr


def test_the_family_of_the_guide_works_from_a_campaigns_folder(tmp_path: Path) -> None:
    campaign = _own_campaign(tmp_path)
    (campaign / "posters").mkdir()
    (campaign / "posters" / "stripe.typ").write_text(_guide_example(), encoding="utf-8")
    told = command.run_json(
        "layouts", campaign, "--layouts", "stripe", "--sizes", "1080x1350,1200x628", cwd=tmp_path
    )
    (family,) = told["families"]
    assert (family["id"], family["name"]) == ("stripe", "Stripe")
    assert [cell["state"] for cell in family["cells"]] == ["ok", "ok"], family


def test_what_cannot_be_is_told_in_one_message(tmp_path: Path) -> None:
    coffee = str(ROOT / "examples" / "coffee")
    for arguments, words in (
        ((), "shows a campaign or a brand"),
        ((coffee, "--layouts", "heros"), "unknown layout 'heros'"),
        ((coffee, "--sizes", "big"), "'big' is no size and no channel"),
        ((coffee, "--sizes", "10x10"), "out of range"),
        ((coffee, "--out", "sheet.gif"), ".gif is no form of a sheet"),
        ((coffee, "--out", "sheet.png", "--posters"), "--posters needs a folder"),
        (("--brand", "nobody"), "no brand guide 'nobody'"),
    ):
        refused = command.contentfab("layouts", *arguments, cwd=tmp_path, code=2)
        assert words in refused.stderr
        assert "fix: " in refused.stderr


def test_sizes_take_the_safe_areas_of_the_channel_that_has_them() -> None:
    story, plain = placements(["1080x1920", "1000x1000"])
    assert story.safe[2] > 0.3
    assert plain.safe == (0.0, 0.0, 0.0, 0.0)
    assert [p.id for p in placements(["meta.story"])] == ["1080x1920"]


def test_posters_stand_on_a_sheet_at_one_scale() -> None:
    tiles = []
    for width, height in ((400, 500), (800, 200)):
        (placement,) = placements([f"{width}x{height}"])
        pixels = np.full((height, width, 3), 90, np.uint8)
        poster = Poster("k", "v", placement.id, "hero", pixels, (), None, None)
        told = (Finding("poster.x", "warn", "a little long"),)
        tiles.append(draw_tile(SheetCell("hero", placement, told, poster), 0.5))
    assert [tile.size for tile in tiles] == [(200, 250), (400, 100)]
    sheet = np.asarray(contact_sheet("Brand", "about", [Band("Hero", "", tiles)]))
    assert ((sheet == 90).all(axis=2)).sum() == 200 * 250 + 400 * 100


def test_the_command_is_registered() -> None:
    assert "layouts" in {command.callback.__name__ for command in app.registered_commands}


def _own_campaign(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "coffee", folder / "campaign"))


def _guide_example() -> str:
    """The family that docs/layouts.md shows."""
    text = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
    return text.split("```typst\n", 1)[1].split("```", 1)[0]
