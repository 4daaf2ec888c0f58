"""What is asked of a language model, first and again, over the real protocol."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import servers
from campaigns import PRODUCTS, make_campaign
from command import contentfab
from scripted import LINES, cell, fields
from servers import Call, ChatServer

from contentfab.backends._openai_prompts import Messages
from contentfab.backends.copywriter_openai import OpenAICopywriter
from contentfab.records.brand import Imagery
from contentfab.records.copy import CopyReply, CopyRequest
from contentfab.rules.art_choices import art_choices
from contentfab.rules.channels import load_channels
from contentfab.stages.copywriting import copywriting


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


def test_a_repair_does_not_wait_for_a_slow_cell() -> None:
    released = threading.Event()

    def behave(call: Call) -> None:
        if "Slow" in call.text:
            released.wait(20)

        def write(call: Call, label: str, name: str) -> str:
            if name == "headline" and not call.repairs:
                return "Ready in 37 minutes"
            return fields(int(label[1:])).get(name, "")

        servers.good(write)(call)

    cells = [
        replace(found, product=replace(found.product, name=name))
        for name in ("Slow", "Quick")
        for found in [cell(name.lower())]
    ]
    with ChatServer(default=behave) as server:
        writer = OpenAICopywriter(model="m", base_url=server.base_url)
        outcomes = copywriting(cells, writer)
        first = next(outcomes)
        released.set()
        rest = list(outcomes)
    assert (first.request.key, len(first.accepted), first.attempts) == ("quick", 2, 2)
    assert [outcome.request.key for outcome in rest] == ["slow"]


def test_requests_go_out_grouped_by_product_and_share_their_prefix() -> None:
    cells = []
    for segment in ("early", "late"):
        for locale in ("en-US", "de-DE"):
            for product in ("one", "two"):
                found = cell(product, locale=locale)
                place = replace(found.cell, segment=segment)
                view = replace(found.segment, id=segment, name=segment.title())
                key = f"{product}-{locale}-{segment}"
                cells.append(replace(found, key=key, cell=place, segment=view))
    with ChatServer() as server:
        writer = OpenAICopywriter(model="m", base_url=server.base_url, concurrency=1)
        asked = []
        real = writer.write

        def note(requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
            asked.extend(requests)
            return real(requests)

        writer.write = note  # type: ignore[method-assign]
        list(copywriting(cells, writer, repairs=0))
        prompts = ["".join(m["content"] for m in body["messages"]) for body in server.bodies]
    places = [(r.cell.product, r.cell.locale) for r in asked]
    assert places == [(p, la) for p in ("one", "two") for la in ("en-US", "de-DE") for _ in "ab"]
    by_key = {r.key: "".join(m["content"] for m in build(r)) for r in asked}
    assert sorted(prompts) == sorted(by_key.values())
    for one, two in itertools.combinations(asked, 2):
        pairs = zip(by_key[one.key], by_key[two.key], strict=False)
        shared = "".join(a for a, b in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        if one.cell.locale == two.cell.locale:
            assert "Answer with" in shared and "Product:" in shared
            assert ("Audience:" in shared) == (one.cell.product == two.cell.product)


def build(request: CopyRequest) -> list[dict[str, str]]:
    return Messages(None).build(request)[1]


def test_only_failing_entries_of_a_list_are_asked_for() -> None:
    search = replace(cell("one", variants="a"), channel=load_channels()["google.rsa"])
    headlines = ["Good morning, poured", "Ready in 37 minutes", "Open the fridge", "Slow by night"]
    texts = {"headline": headlines, "description": [LINES[0], LINES[3]]}

    def behave(call: Call) -> None:
        if call.repairs:
            assert "headline (1 new text for entry 2, the others stay)" in call.text
            assert list(call.fields) == ["headline"]
            items = [{"variant": "v1", "headline": ["A calm cup"]}]
        else:
            items = [{"variant": "v1", **texts}]
        call.send_text(json.dumps({"variants": items}))

    with ChatServer(default=behave) as server:
        writer = OpenAICopywriter(model="m", base_url=server.base_url)
        (outcome,) = copywriting([search], writer)
    assert outcome.accepted[0].fields == texts | {
        "headline": [headlines[0], "A calm cup", *headlines[2:]]
    }


def test_art_directions_are_asked_for_checked_and_mended() -> None:
    imagery = Imagery(scenes=["arch", "steps"], light="soft rain light", avoid=["fruit", "sand"])
    art = art_choices(imagery, ())
    assert not {"fruit", "sand"} & set(art.props)
    request = replace(cell("one", variants="a"), art=art)

    def behave(call: Call) -> None:
        item = {"variant": "v1", **fields(1), "art_scene": "arch", "art_mood": "calm"}
        item |= {"art_light": "neon", "art_props": ["linen cloth"]}  # type: ignore[dict-item]
        if call.repairs:
            item = {"variant": "v1", "art_light": "soft rain light"}
        call.send_text(json.dumps({"variants": [item]}))

    with ChatServer(default=behave) as server:
        writer = OpenAICopywriter(model="m", base_url=server.base_url)
        (outcome,) = copywriting([request], writer)
        first, second = server.calls
    schema = first.body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["variants"]["items"]["properties"]["art_scene"] == {
        "type": "string",
        "enum": ["arch", "steps"],
    }
    assert list(second.fields) == ["art_light"]
    assert outcome.accepted[0].art == {
        "scene": "arch",
        "light": "soft rain light",
        "mood": "calm",
        "props": ["linen cloth"],
    }
    assert outcome.accepted[0].fields == fields(1)


def test_the_art_direction_is_kept_with_the_copy(tmp_path: Path) -> None:
    make_campaign(tmp_path, locales=["en-US"], variants=1, products=[PRODUCTS[1]])

    def behave(call: Call) -> None:
        art = {"art_scene": "studio", "art_light": "soft daylight", "art_mood": "calm"}
        item = {"variant": "v1", **fields(1), **art, "art_props": ["smooth stones"]}
        call.send_text(json.dumps({"variants": [item]}))

    sets = ["copy.backend=openai", "copy.model=m", "copy.art_direction=true"]
    with ChatServer(default=behave) as server:
        options = [p for s in [*sets, f"copy.base_url={server.base_url}"] for p in ("--set", s)]
        contentfab("copy", "campaign.yaml", "--out", "run", *options, cwd=tmp_path)
    (asset,) = (tmp_path / "run" / "assets").rglob("*.json")
    kept = json.loads(asset.read_text(encoding="utf-8"))["provenance"]["art_direction"]
    assert kept == {
        "scene": "studio",
        "light": "soft daylight",
        "mood": "calm",
        "props": ["smooth stones"],
    }


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("copy.repairs=many", "copy.repairs must be a number from 0 to 10"),
        ("copy.surplus=9", "copy.surplus must be a number from 0 to 3"),
        ("copy.art_direction=3", "copy.art_direction must be true or false"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, setting: str, expected: str) -> None:
    make_campaign(tmp_path)
    said = contentfab("plan", "campaign.yaml", "--set", setting, cwd=tmp_path, code=2)
    assert expected in said.stderr
