"""Pictures and logos that a poster cannot be built from, or not well."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from campaigns import make_campaign
from PIL import Image
from refusals import (
    BRAND_FILE,
    KNOWN,
    PRODUCTS_FILE,
    line_of,
    only_problem,
)

from contentfab.stages.brief import check_brief, load_brief


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds hardly a byte: a decompression bomb before it is lit."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(b"\0" * 4096)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:600])


def _animate(path: Path) -> None:
    frames = [Image.new("RGBA", (300, 300), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def _gif(path: Path) -> None:
    Image.new("P", (300, 300)).save(path, format="GIF")


def _see_through(path: Path) -> None:
    Image.new("RGBA", (300, 500), (9, 9, 9, 0)).save(path)


PICTURES: list[tuple[str, Callable[[Path], object], str]] = [
    ("picture.no-picture", lambda p: p.write_text("hello"), "not a picture"),
    ("picture.empty", lambda p: p.write_bytes(b""), "0 bytes"),
    ("picture.broken", _cut, "broken or cut off"),
    ("picture.too-large", lambda p: p.write_bytes(_png_header(30_000, 30_000)), "900,000,000"),
    ("picture.too-large", lambda p: p.write_bytes(_png_header(8_000, 7_000)), "8,000 × 7,000"),
    ("picture.animated", _animate, "animated"),
    ("picture.format", _gif, "a GIF cannot be used"),
    ("picture.invisible", _see_through, "transparent"),
    ("file.missing", lambda p: p.unlink(), "does not exist"),
    ("file.folder", lambda p: (p.unlink(), p.mkdir()), "folder"),
    ("file.special", lambda p: (p.unlink(), os.mkfifo(p)), "pipe"),
    ("file.too-big", lambda p: os.truncate(p, 51 * 1024 * 1024), "limit is 52,428,800"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "spoil", "message"), PICTURES, ids=[p[0] for p in PICTURES])
def test_a_product_picture_that_cannot_be_used(
    tmp_path: Path, rule: str, spoil: Callable[[Path], object], message: str
) -> None:
    campaign = make_campaign(tmp_path)
    spoil(tmp_path / "pictures/amber-serum.png")
    problem = only_problem(campaign)
    assert (problem.file, problem.field) == (PRODUCTS_FILE, "products[0].image")
    assert problem.line == line_of(tmp_path / PRODUCTS_FILE, "pictures/amber-serum.png")
    assert problem.rule == rule
    assert message in problem.message


def _rotated() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


WARNINGS: list[tuple[str, str, tuple[int, int], dict[str, Any]]] = [
    ("picture.no-alpha", "RGB", (500, 700), {}),
    ("picture.cmyk", "CMYK", (500, 700), {}),
    ("picture.small", "RGB", (60, 90), {}),
    ("picture.rotated", "RGB", (700, 500), {"exif": _rotated()}),
]


@pytest.mark.parametrize(
    ("rule", "mode", "size", "options"), WARNINGS, ids=[w[0] for w in WARNINGS]
)
def test_a_picture_that_only_deserves_a_warning(
    tmp_path: Path, rule: str, mode: str, size: tuple[int, int], options: dict[str, Any]
) -> None:
    campaign = make_campaign(tmp_path, product={"image": "pictures/flat.jpg"})
    Image.new(mode, size).save(tmp_path / "pictures/flat.jpg", **options)
    brief, problems = check_brief(campaign, known=KNOWN)
    assert brief is not None
    assert rule in {p.rule for p in problems}
    assert all(p.level == "warn" and p.line for p in problems)


def test_a_product_without_picture_warns_only_where_pictures_are_made(tmp_path: Path) -> None:
    changes = {"product": {"image": ...}}
    brief, problems = check_brief(make_campaign(tmp_path, **changes), known=KNOWN)
    assert brief is not None
    assert [(p.rule, p.level) for p in problems] == [("brief.no-image", "warn")]
    _, problems = check_brief(make_campaign(tmp_path, channels=["sms"], **changes), known=KNOWN)
    assert problems == ()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="3"><path d="M0 0h9v3z"/></svg>'
LOGOS = [
    ("logo.svg", SVG, ""),
    ("logo.svg", SVG[:40], "picture.broken"),
    ("logo.svg", b'<!DOCTYPE s [<!ENTITY a "b">]>' + SVG, "picture.broken"),
    ("logo.svg", b"<html/>", "picture.broken"),
    ("logo.svg", SVG.replace(b"<path", b'<image href="/etc/passwd"/><path'), "picture.broken"),
    ("logo.png", SVG, "picture.format"),
    ("logo.png", b"", "picture.empty"),
]


@pytest.mark.parametrize(("name", "data", "rule"), LOGOS)
def test_logos_may_be_svg_but_not_any_svg(
    tmp_path: Path, name: str, data: bytes, rule: str
) -> None:
    campaign = make_campaign(tmp_path, guide={"logo": {"file": name}})
    (tmp_path / "brand_guides/hearth" / name).write_bytes(data)
    if not rule:
        assert load_brief(campaign, known=KNOWN)
        return
    problem = only_problem(campaign)
    assert (problem.file, problem.field, problem.rule) == (BRAND_FILE, "logo.file", rule)
    assert problem.line == line_of(tmp_path / BRAND_FILE, name)
