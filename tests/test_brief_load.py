"""A good campaign becomes a brief: everything it names is found, read and remembered."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from campaigns import BRAND, PRODUCTS, SEGMENTS, changed, draw_logo, make_campaign, write_yaml

from contentfab.records.inputs import Price
from contentfab.rules import brand_guides
from contentfab.stages.brief import Known, check_brief, load_brief


def test_a_good_campaign_is_loaded_whole_and_without_a_word(tmp_path: Path) -> None:
    brief, problems = check_brief(
        make_campaign(tmp_path), known=Known(["hero"], ["mini"], ["inter", "Noto Sans SC"])
    )
    assert problems == ()
    assert brief is not None
    assert [p.id for p in brief.products] == ["amber-serum", "clay-mask"]
    assert [s.id for s in brief.segments] == ["busy-parents"]
    assert [c.id for c in brief.channels] == ["meta.feed"]
    assert brief.brand.id == "hearth"
    assert brief.brand_dir == tmp_path / "brand_guides/hearth"
    assert brief.root == tmp_path
    assert brief.product_images == {
        "amber-serum": tmp_path / "pictures/amber-serum.png",
        "clay-mask": tmp_path / "pictures/clay-mask.png",
    }
    assert brief.products[0].price == {
        "en-US": Price(amount=Decimal("38.00"), currency="USD"),
        "zh-CN": Price(amount=Decimal(268), currency="CNY"),
    }


def test_digests_name_every_file_that_was_read(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    brief = load_brief(campaign)
    picture = (tmp_path / "pictures/amber-serum.png").read_bytes()
    assert set(brief.digests) == {
        "brand:brand.yaml",
        "brand:logo.png",
        "campaign.yaml",
        "image:amber-serum",
        "image:clay-mask",
        "pictures/amber-serum.png",
        "pictures/clay-mask.png",
        "products.yaml",
        "segments.yaml",
    }
    assert brief.digests["image:amber-serum"] == hashlib.sha256(picture).hexdigest()
    assert load_brief(campaign) == brief
    draw_logo(tmp_path / "brand_guides/hearth/logo.png", "#000000")
    later = load_brief(campaign)
    assert {n for n in brief.digests if later.digests[n] != brief.digests[n]} == {"brand:logo.png"}


def test_the_folder_stands_for_its_campaign_file(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    assert load_brief(tmp_path) == load_brief(campaign)


def test_a_brand_is_found_near_the_campaign_before_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "shipped"
    monkeypatch.setattr(brand_guides, "data_dir", lambda name: shipped)
    places = [
        shipped / "own",
        tmp_path / "work/brand_guides/own",
        tmp_path / "work/spring/brand_guides/own",
        tmp_path / "work/spring/own",
    ]
    campaign = make_campaign(tmp_path / "work/spring", brand="own")
    for place in places:
        place.mkdir(parents=True)
        draw_logo(place / "logo.png", "#123456")
        write_yaml(place / "brand.yaml", changed(BRAND, {"tagline": str(places.index(place))}))
        brief = load_brief(campaign)
        assert (brief.brand_dir, brief.brand.tagline) == (place, str(places.index(place)))
    by_path = make_campaign(tmp_path / "work/spring", brand="brand_guides/own")
    assert load_brief(by_path).brand_dir == places[2]


def test_problems_of_a_brand_beside_the_campaign_show_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_campaign(tmp_path / "spring", brand="own")
    (tmp_path / "brand_guides/own").mkdir(parents=True)
    write_yaml(tmp_path / "brand_guides/own/brand.yaml", {"id": "own"})
    monkeypatch.chdir(tmp_path)
    _, problems = check_brief(Path("spring/campaign.yaml"))
    assert {p.file for p in problems} == {"brand_guides/own/brand.yaml"}
    monkeypatch.chdir(tmp_path / "spring")
    _, problems = check_brief(Path("campaign.yaml"))
    assert {p.file for p in problems} == {"../brand_guides/own/brand.yaml"}


def test_overrides_replace_fields_and_merge_into_sections(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, copy={"backend": "offline", "tone": "dry"})
    brief = load_brief(
        campaign,
        {"variants": 3, "copy.backend": "openai", "experiment": {"factor": "layout"}, "seed": 9},
    )
    assert (brief.campaign.variants, brief.campaign.seed) == (3, 9)
    assert brief.campaign.copy_ == {"backend": "openai", "tone": "dry"}
    assert brief.campaign.experiment.factor == "layout"


def test_products_and_segments_may_stand_in_the_campaign_file(tmp_path: Path) -> None:
    inline = make_campaign(tmp_path / "a", products=PRODUCTS, segments=SEGMENTS)
    files = make_campaign(tmp_path / "b")
    assert load_brief(inline).products == load_brief(files).products
    assert load_brief(inline).segments == load_brief(files).segments


@pytest.mark.parametrize("shape", ["keyed", "single", "json"])
def test_product_files_of_every_shape(tmp_path: Path, shape: str) -> None:
    (tmp_path / "more").mkdir()
    name = "more/range.json" if shape == "json" else "more/range.yaml"
    campaign = make_campaign(tmp_path, products=name)
    product = changed(PRODUCTS[0], {"image": "serum.png"})
    (tmp_path / "more/serum.png").write_bytes((tmp_path / "pictures/clay-mask.png").read_bytes())
    write_yaml(tmp_path / name, {"products": [product]} if shape == "keyed" else product)
    if shape == "json":
        (tmp_path / name).write_text(json.dumps([product]))
    brief = load_brief(campaign)
    assert [p.id for p in brief.products] == ["amber-serum"]
    assert brief.product_images["amber-serum"] == tmp_path / "more/serum.png"


def test_yaml_of_version_1_2_anchors_and_gbk(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    text = (tmp_path / "products.yaml").read_text("utf-8")
    text = text.replace("vegan: true", "vegan: true\n    origin: no\n    ratio: 1:30\n    of: *vol")
    text = text.replace("volume: 30 ml", "volume: &vol 30 ml").replace("&vol 30 ml", "&vol '30 ml'")
    (tmp_path / "products.yaml").write_bytes(text.encode("gbk"))
    facts = load_brief(campaign).products[0].facts
    assert facts == {
        "volume": "30 ml",
        "vegan": True,
        "origin": "no",
        "ratio": "1:30",
        "of": "30 ml",
    }


def test_fonts_of_the_guide_are_known_and_counted(tmp_path: Path) -> None:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Hearth Sans", "styleName": "Regular"})
    builder.setupPost()
    campaign = make_campaign(tmp_path, guide={"fonts": {"heading": "Hearth Sans"}})
    (tmp_path / "brand_guides/hearth/fonts").mkdir()
    builder.save(tmp_path / "brand_guides/hearth/fonts/own.ttf")
    brief = load_brief(campaign, known=Known(fonts=["Inter"]))
    assert "brand:fonts/own.ttf" in brief.digests


def test_warnings_do_not_stop_a_brief(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, product={"disclaimers": ["Patch test first."]})
    brief, problems = check_brief(campaign)
    assert brief is not None
    assert [(p.level, p.field, p.rule) for p in problems] == [
        ("warn", "products[0].disclaimers", "brief.partly-no-text")
    ]
    assert "zh-CN" in problems[0].message


def test_segments_from_csv(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, segments="segments.csv")
    (tmp_path / "segments.csv").write_text(
        "id,name,description,description[zh-CN],needs,tone,condition:plan\n"
        "busy,Busy,Little time,没时间,quick|gentle,bold,pro\n"
    )
    (segment,) = load_brief(campaign).segments
    assert segment.description == {"en-US": "Little time", "zh-CN": "没时间"}
    assert (segment.needs, segment.tone, segment.condition) == (
        ["quick", "gentle"],
        "bold",
        {"plan": "pro"},
    )
