"""Posters as files for printers and designers: what is in them, and that they show the poster."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import label_parts as parts
import numpy as np
import pictures
import poster_cases as cases
import pypdfium2
import pytest
from campaigns import make_campaign
from command import contentfab, files
from PIL import Image
from pypdf import PdfReader

from contentfab.backends.layout_typst import TypstLayout
from contentfab.errors import InputError
from contentfab.flow.print_files import KINDS
from contentfab.records.pictures import Poster
from contentfab.rules.labels import xmp
from contentfab.rules.labels.signed_claim import picture_claim
from contentfab.rules.labels.xmp import Claims, build

ASSET = "0123456789abcdef" * 2
PACKET = build(Claims(ASSET, "trainedAlgorithmicMedia", "2026-11-22T03:00:00Z", "contentfab"))
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
PER_INCH = 150.0
CASES = [
    ("hero", "4x5", "en-US"),
    ("split", "1x1", "de-DE"),
    ("editorial", "9x16", "zh-CN"),
    ("offer", "4x5", "en-US"),
]
SMALL = {
    "channels": ["wechat.moments"],
    "placements": {"wechat.moments": ["4x5"]},
    "locales": ["en-US"],
    "variants": 1,
    "experiment": ...,
}


def made(folder: Path, family: str, size: str, locale: str) -> tuple[Poster, dict[str, bytes]]:
    request = cases.request(folder, family=family, size=size, locale=locale)
    return cases.layout().files(request, ("print", "editable"), PACKET)


def drawn(pdf: bytes, width: int) -> tuple[Any, tuple[int, int], int]:
    """The sheet in pixels of the poster, where its trimmed corner lies, and the bleed."""
    page = pypdfium2.PdfDocument(pdf)[0]
    sheet, trim, bleed = page.get_mediabox(), page.get_trimbox(), page.get_bleedbox()
    scale = width / (trim[2] - trim[0])
    pixels = page.render(scale=scale * (1 - 1e-7)).to_numpy()[..., 2::-1]
    corner = round((trim[0] - sheet[0]) * scale), round((sheet[3] - trim[3]) * scale)
    return np.ascontiguousarray(pixels), corner, round((trim[0] - bleed[0]) * scale)


@pytest.mark.parametrize(("family", "size", "locale"), CASES)
def test_the_sheet_shows_the_poster(family: str, size: str, locale: str, tmp_path: Path) -> None:
    poster, found = made(tmp_path, family, size, locale)
    height, width = poster.pixels.shape[:2]
    sheet, (x, y), _ = drawn(found["print"], width)
    shown = sheet[y : y + height, x : x + width]
    # Edges of type lie where they lay to a fraction of a pixel; another renderer smooths them.
    soft = [cv2.GaussianBlur(pixels, (0, 0), 2.0) for pixels in (shown, poster.pixels)]
    assert cv2.PSNR(*soft) > 40
    # Flat ground and plates have the very colours.
    assert np.percentile(np.abs(shown.astype(int) - poster.pixels).max(axis=2), 75) <= 2


@pytest.mark.parametrize(("family", "size", "locale"), CASES)
def test_type_stays_type_in_its_own_fonts(
    family: str, size: str, locale: str, tmp_path: Path
) -> None:
    poster, found = made(tmp_path, family, size, locale)
    page = PdfReader(io.BytesIO(found["print"])).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert all(re.match(r"/[A-Z]{6}\+", font["/BaseFont"]) for font in fonts)  # subsets
    text = pypdfium2.PdfDocument(found["print"])[0].get_textpage().get_text_range()
    letters = "".join(c for c in text if c.isalnum())
    for box in poster.texts:
        words = box.text.upper() if box.role == "headline" and locale == "de-DE" else box.text
        for word in words.split():
            assert "".join(c for c in word if c.isalnum()) in letters, (box.role, word)


def test_the_bleed_goes_on_with_the_picture(tmp_path: Path) -> None:
    poster, found = made(tmp_path, "hero", "4x5", "en-US")
    height, width = poster.pixels.shape[:2]
    sheet, (x, y), bleed = drawn(found["print"], width)
    assert bleed == round(3 / 25.4 * PER_INCH)
    for side, beyond in (
        (poster.pixels[:, 0], sheet[y : y + height, x - bleed // 2]),
        (poster.pixels[:, -1], sheet[y : y + height, x + width + bleed // 2]),
        (poster.pixels[0], sheet[y - bleed // 2, x : x + width]),
        (poster.pixels[-1], sheet[y + height + bleed // 2, x : x + width]),
    ):
        assert np.abs(side.astype(int) - beyond).mean() < 4  # picture, not paper
    assert (sheet[: y - bleed - 6] < 230).any()  # crop marks
    assert (sheet[y - bleed - 4 : y - bleed - 1] > 250).all()  # room between bleed and marks


def test_a_rounded_corner_at_the_edge_is_not_shown_twice(tmp_path: Path) -> None:
    """The picture of the card ends in a round corner at the page's edge: beyond it lies ground."""
    request = cases.request(tmp_path, family="split", size="4x5", locale="en-US")
    poster, found = cases.layout().files(request, ("print",), PACKET)
    height, width = poster.pixels.shape[:2]
    sheet, (x, y), bleed = drawn(found["print"], width)
    edge, beyond = sheet[y : y + height, x], sheet[y : y + height, x - bleed // 2]
    off = np.abs(edge.astype(int) - beyond).max(axis=1)
    assert (off > 24).mean() < 0.02


def test_size_in_print_is_asked_for(tmp_path: Path) -> None:
    request = cases.request(tmp_path, family="hero", size="4x5", locale="en-US")

    def trim(**options: float) -> tuple[float, float, float]:
        layout = TypstLayout(**options)  # type: ignore[arg-type]
        page = pypdfium2.PdfDocument(layout.files(request, ("print",), PACKET)[1]["print"])[0]
        box, bleed = page.get_trimbox(), page.get_bleedbox()
        return tuple(  # type: ignore[return-value]
            round(v * 25.4 / 72, 1) for v in (box[2] - box[0], box[3] - box[1], box[0] - bleed[0])
        )

    assert trim(print_width_mm=210.0, bleed_mm=5.0) == (210.0, 262.5, 5.1)
    assert trim(print_dpi=300.0, bleed_mm=0.0) == (91.4, 114.3, 0.0)
    for wrong in ({"bleed_mm": -1}, {"print_dpi": 5}, {"bleed_mm": "3mm"}):
        with pytest.raises(InputError, match=r"layout\."):
            TypstLayout(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("family", "size", "locale"), CASES)
def test_the_svg_has_every_text_where_the_poster_has_it(
    family: str, size: str, locale: str, tmp_path: Path
) -> None:
    poster, found = made(tmp_path, family, size, locale)
    root = ElementTree.fromstring(found["editable"])
    texts = {element.get("id"): element for element in root.iter(f"{SVG}text")}
    for box in poster.texts:
        element = texts[box.role]
        assert element.get("fill") == box.ink
        lines = element.findall(f"{SVG}tspan")
        sizes = [float(one.get("font-size", 0)) for one in (element, *lines)]
        assert max(sizes) == pytest.approx(box.size, abs=0.01)
        # The price of an offer is set in stretches of several sizes.
        assert len(lines) == box.lines or (family, box.role) == ("offer", "price")
        for line in lines:
            assert box.box.x0 - 0.2 * box.size <= float(line.get("x", 0)) <= box.box.x1
            assert box.box.y0 < float(line.get("y", 0)) <= box.box.y1 + 1
        said = "".join(line.text or "" for line in lines)
        same = re.sub(r"[\s\u00ad-]", "", said).casefold()
        assert same == re.sub(r"[\s\u00ad-]", "", box.text).casefold(), box.role
    fonts = root.findtext(f"{SVG}desc", "")
    assert "Inter" in fonts or "Noto" in fonts


def test_the_svgs_layers_give_the_poster_without_its_type(tmp_path: Path) -> None:
    poster, found = made(tmp_path, "hero", "4x5", "en-US")
    root = ElementTree.fromstring(found["editable"])
    groups = [group.get("id") for group in root.findall(f"{SVG}g")]
    assert groups[0] == "picture"
    assert groups[-1] == "type"
    assert "product" in groups
    page = Image.new("RGBA", (1080, 1350))
    for element in root.iter():
        x, y, w, h = (round(float(element.get(n, 0))) for n in ("x", "y", "width", "height"))
        if element.tag == f"{SVG}image":
            data = base64.b64decode(element.get(f"{XLINK}href", "").partition(",")[2])
            layer = Image.open(io.BytesIO(data)).convert("RGBA").resize((w, h))
            page.alpha_composite(layer, (x, y))
        elif element.tag == f"{SVG}rect":
            alpha = round(255 * float(element.get("fill-opacity", 1)))
            page.alpha_composite(
                Image.new("RGBA", (w, h), element.get("fill", "") + f"{alpha:02x}"), (x, y)
            )
    assert poster.background is not None
    off = np.abs(np.asarray(page.convert("RGB")).astype(int) - poster.background)
    assert off.mean() < 1.5
    pill = next(r for r in root.iter(f"{SVG}rect"))
    assert float(pill.get("rx", 0)) > 0


def test_both_carry_their_provenance(tmp_path: Path) -> None:
    _, found = made(tmp_path, "hero", "4x5", "en-US")
    for kind, data in found.items():
        reading = xmp.read(data)
        assert (reading.state, reading.identifier) == ("valid", ASSET), (kind, reading.detail)
        assert reading.values["digital_source_type"].endswith("trainedAlgorithmicMedia")
    assert PdfReader(io.BytesIO(found["print"])).xmp_metadata is not None


def test_signed_files_stay_whole(tmp_path: Path) -> None:
    _, signer = parts.keyed(tmp_path / "keys")
    _, found = made(tmp_path, "hero", "4x5", "en-US")
    claim = picture_claim(pictures.request(), None)
    for kind, data in found.items():
        media_type = KINDS[kind][1]
        signed = signer.sign(data, media_type, claim)
        reading = signer.verify(signed, media_type)
        assert (reading.state, reading.id) == ("valid", ASSET)
        assert xmp.read(signed).identifier == ASSET
        spoiled = signed.replace(b"trainedAlgorithmicMedia", b"digitalCaptureByCamera.", 1)
        assert signer.verify(spoiled, media_type).state == "invalid"
        if kind == "print":
            assert PdfReader(io.BytesIO(signed)).pages[0].trimbox.width == pytest.approx(518.4)
        else:
            assert ElementTree.fromstring(signed).find(f"{SVG}g") is not None


def test_equal_requests_give_equal_files(tmp_path: Path) -> None:
    assert made(tmp_path, *CASES[1])[1] == made(tmp_path, *CASES[1])[1]


# --- in a run ----------------------------------------------------------------------------------


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was made without such files, and then asked for them."""
    folder = tmp_path_factory.mktemp("printed")
    make_campaign(folder, **SMALL)
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=folder)
    before = {a["id"]: a["digest"] for a in manifest(folder / "run")["assets"]}
    contentfab(
        "run",
        "campaign.yaml",
        "--out",
        "run",
        "--offline",
        "--print",
        "--editable",
        cwd=folder,
    )
    after = {a["id"]: a["digest"] for a in manifest(folder / "run")["assets"]}
    assert before == after  # the posters stay what they were
    return folder


def test_a_finished_run_gets_its_files(finished: Path) -> None:
    document = manifest(finished / "run")
    images = [asset for asset in document["assets"] if asset["kind"] == "image"]
    named = set()
    for asset in images:
        assert [file["kind"] for file in asset["files"]] == ["print", "editable"]
        named |= {file["path"] for file in asset["files"]}
    assert {f for f in files(finished / "run") if f.endswith((".pdf", ".svg"))} == named
    package = json.loads((finished / "run" / "datapackage.json").read_text())
    assert named <= {resource["path"] for resource in package["resources"]}
    contentfab("verify", "run", cwd=finished)


def test_nothing_is_made_twice_and_nothing_is_lost(finished: Path) -> None:
    before = {n: (finished / "run" / n).read_bytes() for n in files(finished / "run")}
    again = ("run", "campaign.yaml", "--out", "run", "--offline")
    for more in (("--print",), ()):
        contentfab(*again, *more, cwd=finished)
        after = {n: (finished / "run" / n).read_bytes() for n in files(finished / "run")}
        assert {n for n in after if after[n] != before.get(n)} <= {"run.json", "ledger.sqlite"}
    contentfab("prune", "campaign.yaml", "--out", "run", cwd=finished)
    assert set(files(finished / "run")) == set(before)


def test_a_changed_file_is_told(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished / "run", run)
    svg = next(run.rglob("*.svg"))
    svg.write_bytes(svg.read_bytes().replace(b"AI", b"KI", 1))
    told = contentfab("verify", "run", cwd=tmp_path, code=5)
    assert "editable file" in told.stdout + told.stderr
    svg.unlink()
    contentfab("verify", "run", cwd=tmp_path, code=5)
