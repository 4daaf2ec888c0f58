"""Bad input: every fault is told with file, line, field and fix, in one pass; nothing is made."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from campaigns import PRODUCTS, changed, make_campaign, write_yaml
from PIL import Image

from contentfab.errors import InputError, Problem
from contentfab.stages.brief import Known, check_brief, load_brief

KNOWN = Known(
    layouts=["hero", "split"], profiles=["mini", "studio"], fonts=["Inter", "Noto Sans SC"]
)
CAMPAIGN, PRODUCTS_FILE, BRAND_FILE = (
    "campaign.yaml",
    "products.yaml",
    "brand_guides/hearth/brand.yaml",
)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def problems_of(campaign: Path) -> tuple[Problem, ...]:
    """All problems of a campaign that must be refused; its folder must not change meanwhile."""
    before = contents(campaign.parent)
    with pytest.raises(InputError) as caught:
        load_brief(campaign, known=KNOWN)
    assert contents(campaign.parent) == before
    assert str(campaign.parent) not in str(caught.value), "no absolute path may be shown"
    return caught.value.problems


def only_problem(campaign: Path) -> Problem:
    found = [p for p in problems_of(campaign) if p.level == "error"]
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


def line_of(file: Path, needle: str) -> int:
    """The only line of `file` that holds `needle`."""
    lines = [n for n, text in enumerate(file.read_text("utf-8").split("\n"), 1) if needle in text]
    assert len(lines) == 1, (needle, lines)
    return lines[0]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


# file, text to replace, replacement, text on the reported line, field, message, hint
SHAPES = [
    (CAMPAIGN, "channels:", "chanels:", "chanels:", "chanels", "unknown key", "'channels'?"),
    (CAMPAIGN, "variants: 2", "variants: two", "two", "variants", "whole number", "digits"),
    (CAMPAIGN, "variants: 2", "variants: '2'", "'2'", "variants", "whole number", "quotes"),
    (CAMPAIGN, "variants: 2", "variants: true", "true", "variants", "found true", "number"),
    (CAMPAIGN, "variants: 2", "variants: 0", ": 0", "variants", "at least 1", "number"),
    (CAMPAIGN, "variants: 2", "variants: .inf", "inf", "variants", "finite", "number"),
    (CAMPAIGN, "seed: 7", f"seed: {'9' * 400}", "999", "seed", "400 digits", "shorten"),
    (CAMPAIGN, "name: ev", "name: Ev", "name:", "name", "is no id", "'evening-care'"),
    (CAMPAIGN, "- meta.feed", "- meta.fed", "fed", "channels[0]", "channel", "'meta.feed'?"),
    (CAMPAIGN, "- zh-CN", "- zh_cn", "zh_cn", "locales[1]", "no locale", "'zh-CN'"),
    (CAMPAIGN, "- zh-CN", "- en-US", "", "locales[1]", "stands twice", "remove"),
    (CAMPAIGN, "brand: hearth", "brand: heart", "heart", "brand", "'heart'", "'hearth'?"),
    (CAMPAIGN, "e: mini", "e: minni", "minni", "profile", "profile 'minni'", "'mini'?"),
    (CAMPAIGN, "https://shop.ex", "shop.ex", "landing", "landing_url", "no web", "https://"),
    (CAMPAIGN, "segments.yaml", "segs.yaml", "segs", "segments", "does not exist", "path"),
    (CAMPAIGN, "products.yaml", "[]", "products:", "products", "no products", "add"),
    (CAMPAIGN, "seed: 7", "seed: 7\nseed: 8", "seed: 8", "seed", "twice", "one of the two"),
    (CAMPAIGN, "seed: 7", "layouts: [heroo]", "heroo", "layouts[0]", "'heroo'", "'hero'?"),
    (CAMPAIGN, "seed: 7", "copy: {api_key: x}", "api", "copy.api_key", "secret", "environment"),
    (
        CAMPAIGN,
        "seed: 7",
        "placements: {meta.feed: [4x6]}",
        "4x6",
        'placements["meta.feed"][0]',
        "placement '4x6'",
        "'4x5'?",
    ),
    (PRODUCTS_FILE, "id: amber-serum", "id: Amber Serum", "Amber Serum", "products[0].id",
     "is no id", "'amber-serum'"),
    (PRODUCTS_FILE, "id: amber-serum", "id: amber--serum", "amber--", "products[0].id",
     "two hyphens", "'amber-serum'"),
    (PRODUCTS_FILE, "id: clay-mask", "id: amber-serum", "", "products[1].id",
     "already used at products.yaml:1", "own id"),
    (PRODUCTS_FILE, "en-US: Amber Night Serum", "en-US: 2026", "2026", "products[0].name.en-US",
     "expected text, found the number 2026", "quotes"),
    (PRODUCTS_FILE, "  image: pictures/clay", "  image: picture/clay", "picture/clay",
     "products[1].image", "'picture/clay-mask.png' does not exist", "path"),
    (PRODUCTS_FILE, "currency: CNY", "currency: yuan", "yuan", "products[0].price.zh-CN.currency",
     "currency code", "USD"),
    (PRODUCTS_FILE, "amount: '268'", "amount: 1e25", "1e25", "products[0].price.zh-CN.amount",
     "cannot be printed", "decimals"),
    (BRAND_FILE, "primary: '#B5502B'", "primary: brown", "brown", "palette.primary",
     "'brown' is no colour", "'#B5502B'"),
    (BRAND_FILE, "primary: '#B5502B'", "primary: rgb(181,80,43)", "rgb", "palette.primary",
     "is no colour", "six hex digits"),
    (BRAND_FILE, "primary: '#B5502B'", "primary: #B5502B", "primary:", "palette.primary",
     "found nothing", "comment"),
    (BRAND_FILE, "heading: Inter", "heading: Intr", "Intr", "fonts.heading", "'Intr'", "'Inter'?"),
    (BRAND_FILE, "file: logo.png", "file: logos.png", "logos", "logo.file", "does not exist",
     "path"),
    (BRAND_FILE, "tone: warm", "tone: warmm", "warmm", "voice.tone", "'warmm'", "'warm'?"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "needle", "field", "message", "hint"), SHAPES, ids=lambda v: str(v)[:24]
)
def test_a_fault_is_told_at_its_line_with_its_fix(
    tmp_path: Path, file: str, old: str, new: str, needle: str, field: str, message: str, hint: str
) -> None:
    campaign = make_campaign(tmp_path)
    edit(tmp_path / file, old, new)
    problem = only_problem(campaign)
    assert (problem.file, problem.field) == (file, field)
    if needle:
        assert problem.line == line_of(tmp_path / file, needle)
    assert message in problem.message
    assert hint in problem.hint


def test_all_faults_of_all_files_come_in_one_pass(tmp_path: Path) -> None:
    campaign = make_campaign(
        tmp_path, channels=["meta.fed"], variants=99, product={"id": "Bad Id"}, guide={"tone": "x"},
        segment={"needs": 5},
    )  # fmt: skip
    problems = problems_of(campaign)
    lines = [p.line for p in problems if p.file == CAMPAIGN]
    assert lines == sorted(lines)
    assert {(p.file, p.field) for p in problems} >= {
        (CAMPAIGN, "channels[0]"),
        (CAMPAIGN, "variants"),
        (PRODUCTS_FILE, "products[0].id"),
        (BRAND_FILE, "tone"),
        ("segments.yaml", "segments[0].needs"),
    }


@pytest.mark.parametrize(
    ("weights", "field", "message"),
    [
        ([50, 40], "experiment.weights", "sum to 90, not to 100"),
        ([50, 25, 25], "experiment.weights", "3 weights for 2 variants"),
        ([100, 0], "experiment.weights[1]", "no traffic"),
    ],
)
def test_weights_must_add_up(
    tmp_path: Path, weights: list[float], field: str, message: str
) -> None:
    problem = only_problem(make_campaign(tmp_path, experiment={"weights": weights}))
    assert (problem.file, problem.field) == (CAMPAIGN, field)
    assert message in problem.message
    assert problem.line > line_of(tmp_path / CAMPAIGN, "experiment:")


def test_missing_text_of_a_locale_is_named_field_by_field(tmp_path: Path) -> None:
    campaign = make_campaign(
        tmp_path,
        locales=["en-US", "zh-CN", "de-DE"],
        product={"name": {"en-US": "Serum"}, "selling_points": {"en-US": ["a", "b"]}},
    )
    told = [(p.field, p.message) for p in problems_of(campaign) if p.level == "error"]
    needed = "0 selling points for {}; at least 2 are needed"
    assert told == [
        ("products[0].selling_points", needed.format("zh-CN")),
        ("products[0].selling_points", needed.format("de-DE")),
        ("products[1].selling_points", needed.format("de-DE")),
    ]


def test_one_selling_point_is_too_few(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, locales=["en-US"], product={"selling_points": ["only one"]})
    problem = only_problem(campaign)
    lines = (tmp_path / PRODUCTS_FILE).read_text("utf-8").split("\n")
    assert lines[problem.line - 1] == "  selling_points:"
    assert problem.message == "1 selling points for en-US; at least 2 are needed"


def _leave_by_dots(folder: Path) -> str:
    (folder.parent / "secret.png").write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    return "../secret.png"


def _leave_by_link(folder: Path) -> str:
    outside = folder.parent / "outside.png"
    outside.write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    (folder / "pictures/link.png").symlink_to(outside)
    return "pictures/link.png"


def _absolute(folder: Path) -> str:
    return str(folder / "pictures/clay-mask.png")


@pytest.mark.parametrize("leave", [_leave_by_dots, _leave_by_link, _absolute])
@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("image", "products[0].image"),
        ("products", "products"),
        ("segments", "segments"),
        ("logo", "logo.file"),
        ("exemplars", "exemplars[0]"),
    ],
)
def test_no_path_leads_out_of_the_folder(
    tmp_path: Path, leave: Callable[[Path], str], where: str, field: str
) -> None:
    folder = tmp_path / "campaign"
    make_campaign(folder)
    base = folder / "brand_guides/hearth" if where in ("logo", "exemplars") else folder
    (base / "pictures").mkdir(exist_ok=True)
    (base / "pictures/clay-mask.png").write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    name = leave(base)
    if where in ("logo", "exemplars") and leave is _leave_by_dots:
        name = "../../../secret.png"
        (tmp_path / "secret.png").write_bytes(b"x")
    changes = {
        "image": {"product": {"image": name}},
        "products": {"products": name},
        "segments": {"segments": name},
        "logo": {"guide": {"logo": {"file": name}}},
        "exemplars": {"guide": {"exemplars": [name]}},
    }[where]
    problem = only_problem(make_campaign(folder, **changes))
    assert problem.field == field
    assert problem.rule == "file.outside"
    assert problem.line > 0


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


def test_a_device_is_refused_without_reading_it(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    (tmp_path / "products.yaml").unlink()
    (tmp_path / "products.yaml").symlink_to("/dev/zero")
    assert only_problem(campaign).rule == "file.outside"
    with pytest.raises(InputError, match="no regular file"):
        load_brief(Path("/dev/zero"))


@pytest.mark.parametrize(("mode", "rule"), [("RGB", "picture.no-alpha"), ("CMYK", "picture.cmyk")])
def test_a_picture_that_only_deserves_a_warning(tmp_path: Path, mode: str, rule: str) -> None:
    campaign = make_campaign(tmp_path, product={"image": "pictures/flat.jpg"})
    Image.new(mode, (500, 700)).save(tmp_path / "pictures/flat.jpg")
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


def _alias_bomb() -> bytes:
    """Ten lines that spell out to 9**10 texts."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join(lines).encode()


FILES = [
    (b"", "file.empty", 1),
    (b"# only a comment\n", "file.empty", 1),
    (b"name: a\n\tbrand: b\n", "file.syntax", 2),
    (b"name: a\nbrand: [b\n", "file.syntax", 3),
    (b"name: a\ntitle: 'b\n", "file.syntax", 3),
    (b"name: a\n---\nname: b\n", "file.syntax", 2),
    (b"name: !!python/object/apply:os.system [id]\n", "file.tag", 1),
    (b"name: a\nbrand: \0\n", "file.control-character", 2),
    (b"name: a\nbrand: caf\xe9 noir\n", "file.encoding", 2),
    (b"a: &a [*a]\n", "file.alias", 1),
    (b"name: a\nx: " + b"[" * 5000, "file.too-deep", 2),
    (_alias_bomb(), "file.alias", 7),
]  # fmt: skip


@pytest.mark.parametrize(("data", "rule", "line"), FILES, ids=[str(f[0])[:30] for f in FILES])
def test_a_campaign_file_that_cannot_be_read(
    tmp_path: Path, data: bytes, rule: str, line: int
) -> None:
    campaign = make_campaign(tmp_path)
    campaign.write_bytes(data)
    problem = only_problem(campaign)
    assert (problem.file, problem.line, problem.rule) == (CAMPAIGN, line, rule)
    assert problem.hint


def test_a_missing_campaign_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not exist .*contentfab init"):
        load_brief(tmp_path / "nothing.yaml")


def test_problems_show_paths_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_campaign(tmp_path / "spring", product={"id": "A b"}, guide={"palette": {}})
    monkeypatch.chdir(tmp_path)
    _, problems = check_brief(Path("spring/campaign.yaml"), known=KNOWN)
    assert {p.file for p in problems} == {"spring/products.yaml", f"spring/{BRAND_FILE}"}
    _, problems = check_brief(Path("spring"), known=KNOWN)
    assert {p.file for p in problems} == {"spring/products.yaml", f"spring/{BRAND_FILE}"}


def test_json_campaigns_have_lines_too(tmp_path: Path) -> None:
    make_campaign(tmp_path)
    campaign = tmp_path / "campaign.json"
    campaign.write_text('{\n  "name": "a",\n  "brand": "hearth",\n  "seeds": 3\n}')
    told = {(p.file, p.line, p.field) for p in problems_of(campaign)}
    assert ("campaign.json", 4, "seeds") in told
    campaign.write_text('{\n  "name": "a",\n  "brand": NaN\n}')
    assert only_problem(campaign).line == 3


def test_inline_products_are_told_at_the_campaigns_lines(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    products = [changed(PRODUCTS[0], {"name": 5}), PRODUCTS[1], "nothing.yaml", 7]
    make_campaign(tmp_path, products=products)
    told = {p.field: p for p in problems_of(campaign)}
    assert set(told) == {"products[0].name", "products[2]", "products[3]"}
    assert told["products[0].name"].line == line_of(campaign, "name: 5")
    assert told["products[2]"].line == line_of(campaign, "nothing.yaml")


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


def test_a_broken_font_file_of_the_guide(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    (tmp_path / "brand_guides/hearth/fonts").mkdir()
    (tmp_path / "brand_guides/hearth/fonts/own.ttf").write_bytes(b"no font")
    problem = only_problem(campaign)
    assert (problem.file, problem.field, problem.rule) == (BRAND_FILE, "fonts", "brief.broken-font")


def test_a_wrong_override_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_brief(make_campaign(tmp_path), {"variants": 40, "experiment.factor": "x"})
    told = {(p.file, p.line, p.field) for p in caught.value.problems}
    assert told == {("command line", 0, "variants"), ("command line", 0, "experiment.factor")}


def test_many_faults_in_one_record_stay_quick(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    write_yaml(
        tmp_path / "products.yaml", [changed(PRODUCTS[0], {"approved_claims": [1] * 20_000})]
    )
    assert 1 < len(problems_of(campaign)) < 1_000
