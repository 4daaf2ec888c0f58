"""Products from sheets and shop feeds: what is read, and where faults are told."""

from __future__ import annotations

import codecs
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from campaigns import make_campaign
from openpyxl import Workbook

from contentfab.errors import InputError, Problem
from contentfab.records.brief import Brief
from contentfab.records.inputs import Price
from contentfab.stages.brief import check_brief, load_brief

HEADER = (
    "id,name,name[zh-CN],selling_points,selling_points[zh-CN],price,price[zh-CN],image,url,"
    "fact:volume,approved_claims"
)
ROWS = (
    "serum,Amber Serum,琥珀精华,Absorbs fast|Refillable,一分钟吸收|可循环填充,38.00 USD,268 CNY,"
    'pictures/amber-serum.png,https://shop.example/s,30 ml,"Vegan, certified"',
    'mask,"Clay ""soft"" Mask",柔润泥膜,White clay|Oat milk,白泥|燕麦奶,"1,024.50 USD",,,,,',
)
CSV = "\n".join([HEADER, *ROWS]) + "\n"

MERCHANT_TSV = "\n".join(
    "\t".join(cells)
    for cells in (
        ("id", "title", "description", "link", "image link", "price", "brand", "gtin",
         "product_highlight", "product type"),
        ("SKU_1", "Amber Serum", "Light.", "https://shop.example/1", "pictures/amber-serum.png",
         "38.00 USD", "Hearth", "4006381333931", '"Absorbs fast","Refillable"', "Care > Serums"),
        ("SKU_2", "Clay Mask", "Made of white clay. Rinses off with warm water.",
         "https://shop.example/2", "https://cdn.example/2.png", "24.50 USD", "", "", "", ""),
    )
)  # fmt: skip

MERCHANT_RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel><title>Hearth</title>
<item>
  <g:id>SKU_1</g:id>
  <title>Amber &amp; Serum</title>
  <g:description><![CDATA[<p>A light serum.</p>]]></g:description>
  <g:product_highlight>Absorbs fast</g:product_highlight>
  <g:product_highlight>Refillable</g:product_highlight>
  <g:shipping><g:price>9.00 USD</g:price></g:shipping>
  <g:price>38.00 USD</g:price>
</item>
<item><g:id>SKU_2</g:id><title>Mask</title><g:price>cheap</g:price>
  <description>Made of white clay. Rinses off with warm water.</description></item>
</channel></rss>
"""

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Tags,Variant Price,Image Src,Status
amber-serum,Amber Serum,"<p>Light &amp; quick.</p><ul><li>Absorbs fast</li>
<li>Refill <b>me</b></li></ul>
<script>x()</script>",Hearth,Serum,"care, new",38.00,https://c.example/1,active
amber-serum,,,,,,42.00,https://c.example/2,
clay-mask,Clay Mask,White clay. Rinses off easily.,Hearth,,,24.5,pictures/clay-mask.png,active
old,Old,<p>Gone.</p>,Hearth,,,1.00,,archived
"""


def load(folder: Path, name: str, data: bytes | str, **source: Any) -> Brief:
    return load_brief(campaign_with(folder, name, data, **source))


def problems(folder: Path, name: str, data: bytes | str, **source: Any) -> list[Problem]:
    _, found = check_brief(campaign_with(folder, name, data, **source))
    return [problem for problem in found if problem.rule != "brief.no-image"]


def campaign_with(folder: Path, name: str, data: bytes | str, **source: Any) -> Path:
    locales = source.pop("locales", ["en-US"])
    campaign = make_campaign(folder, products={"file": name, **source}, locales=locales)
    raw = data.encode() if isinstance(data, str) else data
    (folder / name).write_bytes(raw)
    return campaign


def check_own(brief: Brief) -> None:
    serum, mask = brief.products
    assert serum.name == {"en-US": "Amber Serum", "zh-CN": "琥珀精华"}
    assert serum.selling_points == {
        "en-US": ["Absorbs fast", "Refillable"],
        "zh-CN": ["一分钟吸收", "可循环填充"],
    }
    assert serum.price == {
        "en-US": Price(amount=Decimal("38.00"), currency="USD"),
        "zh-CN": Price(amount=Decimal(268), currency="CNY"),
    }
    assert serum.facts == {"volume": "30 ml"}
    assert serum.approved_claims == ["Vegan, certified"]
    assert brief.product_images["serum"] == brief.root / "pictures/amber-serum.png"
    assert mask.name == {"en-US": 'Clay "soft" Mask', "zh-CN": "柔润泥膜"}
    assert mask.price == Price(amount=Decimal("1024.50"), currency="USD")


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        codecs.BOM_UTF8 + CSV.encode(),
        CSV.encode("utf-16"),
        codecs.BOM_UTF16_BE + CSV.encode("utf-16-be"),
        CSV.encode("gbk"),
        CSV.encode("gb18030"),
        CSV.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16", "utf-16-be", "gbk", "gb18030", "crlf"],
)
def test_csv_in_every_usual_encoding(tmp_path: Path, data: bytes) -> None:
    check_own(load(tmp_path, "p.csv", data, locales=["en-US", "zh-CN"]))


def test_western_eight_bit_text_is_refused_not_guessed(tmp_path: Path) -> None:
    text = "id,name,selling_points\nc,Café Crème,Très légère|à boire\n"
    (problem,) = problems(tmp_path, "p.csv", text.encode("cp1252"))
    assert (problem.file, problem.line, problem.rule) == ("p.csv", 2, "file.encoding")
    assert "CSV UTF-8" in problem.hint


def test_semicolons_and_tabs_part_cells_too(tmp_path: Path) -> None:
    semicolons = 'id;name;selling_points;price\nc;Tasse;leicht|warm;"18,50 EUR"\n'
    brief = load(tmp_path, "p.csv", semicolons)
    assert brief.products[0].price == Price(amount=Decimal("18.50"), currency="EUR")
    assert load(tmp_path, "p.tsv", semicolons.replace(";", "\t").replace('"', "")).products


def workbook(path: Path, rows: list[list[Any]], sheet: str = "Range") -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Notes"
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(path)
    return path.read_bytes()


def test_xlsx_is_read_by_sheet_and_told_by_cell(tmp_path: Path) -> None:
    rows = [
        ["id", "name", "selling_points", "price", "currency", "fact:weight"],
        ["serum", "Amber Serum", "Absorbs fast|Refillable", 38, "USD", 30.5],
        [],
        ["Mask One", "Clay Mask", "White clay|Oat milk", "cheap", "USD", None],
    ]
    data = workbook(tmp_path / "p.xlsx", rows)
    told = {(p.line, p.field, p.rule) for p in problems(tmp_path, "p.xlsx", data, sheet="Range")}
    assert told == {(4, "Range!A4 (id)", "brief.no-slug"), (4, "Range!D4 (price)", "feed.no-price")}
    rows[3][0], rows[3][3] = "mask", 24.5
    brief = load(tmp_path, "p.xlsx", workbook(tmp_path / "p.xlsx", rows), sheet="Range")
    assert [p.price for p in brief.products] == [
        Price(amount=Decimal(38), currency="USD"),
        Price(amount=Decimal("24.5"), currency="USD"),
    ]
    assert brief.products[0].facts == {"weight": "30.5"}
    (problem,) = problems(tmp_path, "p.xlsx", data, sheet="Rang")
    assert "'Range'?" in problem.hint


def test_what_is_no_workbook(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "p.xlsx", b"PK\x03\x04 broken")
    assert (problem.file, problem.field, problem.rule) == (
        "campaign.yaml",
        "products.file",
        "file.syntax",
    )


def check_merchant(brief: Brief) -> None:
    serum, mask = brief.products
    assert (serum.id, mask.id) == ("sku-1", "sku-2")
    assert serum.selling_points == ["Absorbs fast", "Refillable"]
    assert serum.price == Price(amount=Decimal("38.00"), currency="USD")
    assert mask.selling_points == ["Made of white clay", "Rinses off with warm water"]


def test_a_merchant_feed_is_read_as_it_is(tmp_path: Path) -> None:
    brief, told = check_brief(campaign_with(tmp_path, "feed.txt", MERCHANT_TSV))
    assert brief is not None
    check_merchant(brief)
    serum = brief.products[0]
    assert serum.facts == {"brand": "Hearth", "gtin": "4006381333931"}
    assert serum.category == "Serums"
    assert set(brief.product_images) == {"sku-1"}
    remote = next(p for p in told if p.rule == "feed.remote-picture")
    assert (remote.file, remote.line, remote.field, remote.level) == (
        "feed.txt",
        3,
        "image link",
        "warn",
    )


def test_a_merchant_rss_feed_has_lines(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "feed.xml", MERCHANT_RSS)
    assert (problem.file, problem.line, problem.field) == ("feed.xml", 13, "price")
    brief = load(tmp_path, "feed.xml", MERCHANT_RSS.replace("cheap", "24.50 USD"))
    check_merchant(brief)
    assert brief.products[0].name == "Amber & Serum"
    assert brief.products[0].description == "A light serum."


@pytest.mark.parametrize(
    ("xml", "line"),
    [
        ("<rss><channel>\n<item><g:id>1</item>", 2),
        ('<!DOCTYPE x [<!ENTITY a "b">]>\n<rss><item><id>&a;</id></item></rss>', 1),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', 1),
    ],
)
def test_broken_and_hostile_xml(tmp_path: Path, xml: str, line: int) -> None:
    (problem,) = problems(tmp_path, "feed.xml", xml)
    assert (problem.file, problem.line, problem.rule) == ("feed.xml", line, "file.syntax")


def test_a_shopify_export_is_read_as_it_is(tmp_path: Path) -> None:
    source = {"format": "shopify", "columns": {"currency": "EUR"}}
    brief = load(tmp_path, "shop.csv", SHOPIFY, **source)
    serum, mask = brief.products
    assert serum.id == "amber-serum"
    assert serum.selling_points == ["Absorbs fast", "Refill me"]
    assert serum.description == "Light & quick.\nAbsorbs fast\nRefill me"
    assert serum.facts == {"vendor": "Hearth", "tags": "care, new"}
    assert serum.price == Price(amount=Decimal("38.00"), currency="EUR")
    assert mask.selling_points == ["White clay", "Rinses off easily"]
    assert set(brief.product_images) == {"clay-mask"}
    rules = {p.rule: p for p in problems(tmp_path, "shop.csv", SHOPIFY)}
    assert set(rules) == {"feed.remote-picture", "feed.no-currency", "feed.inactive"}
    assert "currency: USD" in rules["feed.no-currency"].hint


def test_a_column_map_reads_foreign_headers(tmp_path: Path) -> None:
    text = 'Nr,Titel,Vorteile,Preis,Lager\nS1,Serum,leicht|schnell,"1.299,00",3\n'
    columns = {
        "id": "Nr",
        "name": "Titel",
        "selling_points": "Vorteile",
        "price": "Preis",
        "currency": "EUR",
    }
    (problem,) = problems(tmp_path, "p.csv", text, columns=columns)
    assert (problem.line, problem.field, problem.hint) == (2, "Nr", "write 's1'")
    brief = load(tmp_path, "p.csv", text.replace("S1", "s1"), columns=columns)
    assert brief.products[0].price == Price(amount=Decimal("1299.00"), currency="EUR")
    wrong = problems(tmp_path, "p.csv", text, columns={"id": "Nrr", "name": "Titel"})
    assert "'Nr'?" in wrong[0].hint
    wrong = problems(tmp_path, "p.csv", text, columns={"idd": "Nr"})
    assert "'id'?" in wrong[0].hint


BAD_ROWS = [
    ("id,name,selling_points\nA b,N,x|y\n", 2, "id", "is no id"),
    ("id,name,selling_points\na,,x|y\n", 2, "name", "missing"),
    ("id,name,selling_points\na,N,x\n", 2, "selling_points", "1 selling points"),
    ("id,name,selling_points,prise\na,N,x|y,3\n", 1, "prise", "unknown column"),
    ("id,name,name[zh_cn],selling_points\na,N,x,x|y\n", 1, "name[zh_cn]", "per locale"),
    ("id,name,selling_points,price\na,N,x|y,18\n", 2, "price", "no price with a currency"),
    ('id,name,selling_points\na,"N\n1",x|y\na,N,x|y\n', 4, "id", "p.csv:2"),
    ("id,name,selling_points\na,N,x|y,z\n", 2, "", "4 cells under 3 headers"),
    ('id,name,selling_points\na,"N,x|y\n', 2, "", "no valid CSV"),
    ("id,name,selling_points\na,N,x|y\nb,\0,x|y\n", 3, "", "control character U+0000"),
    ("id,name,selling_points,image\na,N,x|y,../x.png\n", 2, "image", "leads outside"),
]


@pytest.mark.parametrize(("text", "line", "field", "message"), BAD_ROWS)
def test_faults_of_rows(tmp_path: Path, text: str, line: int, field: str, message: str) -> None:
    (problem,) = problems(tmp_path, "p.csv", text)
    assert (problem.file, problem.line, problem.field) == ("p.csv", line, field)
    assert message in problem.message
    assert problem.hint


def test_a_table_without_rows_and_a_file_of_no_known_kind(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "p.csv", "id,name,selling_points\n")
    assert (problem.field, problem.rule) == ("products", "brief.empty")
    (problem,) = problems(tmp_path, "p.docx", b"PK")
    assert (problem.field, problem.rule) == ("products.file", "feed.unknown-format")


def test_several_files_make_one_range(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, products=["products.yaml", "more.csv"])
    (tmp_path / "more.csv").write_text(CSV)
    brief = load_brief(campaign)
    assert [p.id for p in brief.products] == ["amber-serum", "clay-mask", "serum", "mask"]
    (tmp_path / "more.csv").write_text(CSV.replace("mask,", "clay-mask,", 1))
    with pytest.raises(InputError, match=r"more\.csv:3: id: .* already used at products\.yaml:\d"):
        load_brief(campaign)
