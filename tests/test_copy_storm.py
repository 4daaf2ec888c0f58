"""A thousand cells in four languages from a server that misbehaves on purpose: what comes out obeys
the contract, by a checker of its own, and nothing is lost."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import copy_oracle
import pytest
import storm_server
from campaigns import BRAND, draw_logo, write_yaml
from command import contentfab, run_json
from storm_server import StormServer

LOCALES = ("en-US", "de-DE", "es-ES", "zh-CN")
WOODS = {
    "alder": ("Alder", "Erlen", "Aliso", "赤杨"), "birch": ("Birch", "Birken", "Abedul", "桦木"),
    "cedar": ("Cedar", "Zedern", "Cedro", "雪松"), "elm": ("Elm", "Ulmen", "Olmo", "榆木"),
    "hazel": ("Hazel", "Hasel", "Avellano", "榛木"),
}  # fmt: skip
THINGS = {
    "bowl": ("bowl", "Schale", "cuenco", "碗"), "tray": ("tray", "Tablett", "bandeja", "托盘"),
    "stool": ("stool", "Hocker", "taburete", "凳"), "box": ("box", "Kiste", "caja", "盒"),
    "lamp": ("lamp", "Lampe", "lámpara", "灯"),
}  # fmt: skip
POINTS = {
    "en-US": ["Turned from one piece", "Rubbed with plain oil"],
    "de-DE": ["Aus einem Stück gedreht", "Mit einfachem Öl eingerieben"],
    "es-ES": ["Torneado de una pieza", "Frotado con aceite sencillo"],
    "zh-CN": ["整块木头车制", "用天然油擦拭"],
}
READERS = {
    "parents": ("Young parents", "Junge Eltern", "Padres jóvenes", "年轻父母"),
    "cooks": ("Home cooks", "Hobbyköche", "Cocineros en casa", "爱做饭的人"),
    "readers": ("Readers", "Leserinnen", "Lectores", "爱读书的人"),
    "movers": ("New flat owners", "Frisch Umgezogene", "Recién mudados", "刚搬家的人"),
    "givers": ("Gift givers", "Schenkende", "Quienes regalan", "送礼的人"),
}
BANNED = {"en-US": ["miracle"], "de-DE": ["Wunder"], "es-ES": ["milagro"], "zh-CN": ["奇迹"]}
# Why a job may fail here, and the words that say so.
REASONS = {
    "refusal": "refused to write",
    "cut off": "cut off at max_tokens",
    "refused with 400": "context length exceeded",
    "over-long": "over the limit of",
    "banned": "which the brand bans",
    "number": "4711",
    "superlative": "which is a superlative",
}
CELLS = len(WOODS) * len(THINGS) * len(READERS) * 2 * len(LOCALES)


def in_locales(texts: Any) -> dict[str, Any]:
    return dict(zip(LOCALES, texts, strict=True))


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("storm")
    guide = folder / "brand_guides" / "hearth"
    guide.mkdir(parents=True)
    draw_logo(guide / "logo.png", "#B5502B")
    texts = {"name": "Hearth & Reed", "tagline": ..., "cta": {}, "words": {"banned": BANNED}}
    brand = {k: v for k, v in {**BRAND, **texts}.items() if v is not ...}
    write_yaml(guide / "brand.yaml", brand)
    products = [
        {
            "id": f"{wood}-{thing}",
            "name": in_locales(
                f"{a}{b}" if locale == "zh-CN" else f"{a} {b}"
                for locale, a, b in zip(LOCALES, WOODS[wood], THINGS[thing], strict=True)
            ),
            "selling_points": POINTS,
        }
        for wood in WOODS
        for thing in THINGS
    ]
    write_yaml(folder / "products.yaml", products)
    segments = [{"id": name, "name": in_locales(texts)} for name, texts in READERS.items()]
    write_yaml(folder / "segments.yaml", segments)
    settings = {
        "name": "storm", "brand": "hearth", "products": "products.yaml",
        "segments": "segments.yaml", "channels": ["meta.feed", "google.rsa"],
        "locales": list(LOCALES), "variants": 2, "landing_url": "https://shop.example/hearth",
    }  # fmt: skip
    return write_yaml(folder / "campaign.yaml", settings)


def options(server: StormServer) -> list[str]:
    values = {
        "backend": "openai", "model": "storm", "base_url": server.base_url, "timeout": 1.5,
        "backoff": 0.02, "concurrency": 64, "retries": 6,
    }  # fmt: skip
    return [part for k, v in values.items() for part in ("--set", f"copy.{k}={v}")]


def test_a_thousand_cells_in_a_storm(campaign: Path) -> None:
    with StormServer() as server:
        done = contentfab(
            "copy", campaign, "--format", "json", "--out", "run", *options(server),
            cwd=campaign.parent, code=7,
        )  # fmt: skip
    rows = json.loads(done.stdout)
    failed = run_json("status", "run", cwd=campaign.parent)["failed"]
    assert CELLS == 1000
    assert len(server.asked) == CELLS
    assert set(server.faults) == {*storm_server.FAULTS, *storm_server.HOPELESS}

    wrong = {row["variant"]: faults(row) for row in rows}
    assert not [(name, found) for name, found in wrong.items() if found]
    assert not alike(rows)
    assert all(job["reason"] for job in failed)
    names = sorted([*(row["variant"] for row in rows), *(job["job"] for job in failed)])
    assert names == every_variant()
    told = Counter(
        next((n for n, mark in REASONS.items() if mark in job["reason"]), job["reason"])
        for job in failed
    )
    assert set(told) >= set(REASONS)
    assert sum(n for why, n in told.items() if why not in REASONS) < len(failed) / 10
    print(
        f"{len(rows)} lines, {len(failed)} failed: {dict(told)}, {sum(server.asked.values())} calls"
    )


def every_variant() -> list[str]:
    return sorted(
        f"{wood}-{thing}--{reader}--{channel}--{locale.lower()}--{letter}"
        for wood, thing, reader, channel, locale, letter in itertools.product(
            WOODS, THINGS, READERS, ("meta-feed", "google-rsa"), LOCALES, "ab"
        )
    )


def faults(row: dict[str, Any]) -> list[str]:
    """What the independent checker finds, and what only this server can have said."""
    language = row["locale"].split("-")[0]
    found = copy_oracle.faults(
        row["fields"], row["channel"], row["locale"], banned=BANNED[row["locale"]]
    )
    text = "\n".join(texts(row))
    for tongue, words in storm_server.WORDS.items():
        for bad in ("banned", "number", "superlative", "testimonial", "foreign"):
            if words[bad] in text:
                found.append(f"says {words[bad]}")
        strange = [*words["starts"], *words["sentences"]] if tongue != language else []
        found += [f"is not in {language}: {line}" for line in strange if line in text]
    return found


def alike(rows: list[dict[str, Any]]) -> list[str]:
    """Cells whose two variants share more than half of their lines."""
    cells: dict[str, list[set[str]]] = {}
    for row in rows:
        said = {text for text in texts(row) if text not in row["fields"].get("cta", "")}
        cells.setdefault(row["variant"].rpartition("--")[0], []).append(said)
    pairs = {name: said for name, said in cells.items() if len(said) == 2}
    return [name for name, (a, b) in pairs.items() if 2 * len(a & b) > max(len(a), len(b))]


def texts(row: dict[str, Any]) -> list[str]:
    values = row["fields"].values()
    return [text for v in values for text in (v if isinstance(v, list) else [v])]
