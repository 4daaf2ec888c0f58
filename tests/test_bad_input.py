"""Bad input: every fault is told with file, line, field and fix, in one pass; nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigns import PRODUCTS, changed, make_campaign, write_yaml
from refusals import (
    BRAND_FILE,
    CAMPAIGN,
    PRODUCTS_FILE,
    edit,
    line_of,
    only_problem,
    problems_of,
)

from contentfab.errors import InputError
from contentfab.stages.brief import load_brief

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
