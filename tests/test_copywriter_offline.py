"""The offline copywriter: valid, varied, reproducible copy in ten languages, or a clear refusal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest
import yaml
from copy_cases import ALL_ANGLES, PRODUCTS, TONES, make_draft, make_request

from contentfab import registry
from contentfab.backends._offline_book import FRAMES, book_of, languages
from contentfab.backends.copywriter_offline import OfflineCopywriter
from contentfab.protocols import Copywriter
from contentfab.records.copy import CopyReply, CopyRequest
from contentfab.rules.channels import load_channels
from contentfab.rules.wording.contract import check, check_variants, poster_texts, rules_for
from contentfab.rules.wording.diversity import OTHER_CELL, distances

CHANNELS = sorted(load_channels())
LOCALES = sorted(PRODUCTS)


def write(request: CopyRequest) -> CopyReply:
    (reply,) = OfflineCopywriter().write([request])
    assert reply.key == request.key
    return reply


def texts(reply: CopyReply) -> list[str]:
    assert not reply.error
    return [
        text
        for draft in reply.drafts
        for value in draft.fields.values()
        for text in ([value] if isinstance(value, str) else value)
    ]


def test_it_is_the_registered_copywriter() -> None:
    writer = registry.build("copy", {"backend": "offline"})
    assert isinstance(writer, Copywriter)
    assert re.fullmatch(r"offline/[0-9a-f]{12}", writer.id)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_copy_keeps_the_contract(channel: str, locale: str) -> None:
    seed = CHANNELS.index(channel) + LOCALES.index(locale)
    tone = TONES[seed % len(TONES)]
    request = make_request(locale, channel, tone=tone, angles=ALL_ANGLES, seed=seed)
    reply = write(request)
    assert [draft.angle for draft in reply.drafts] == list(ALL_ANGLES), reply.error
    assert check_variants(reply.drafts, request) == []
    for draft in reply.drafts:
        assert check(draft, request) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_tone_keeps_the_contract(locale: str) -> None:
    for seed, tone in enumerate(TONES):
        request = make_request(locale, "linkedin.single", tone=tone, angles=ALL_ANGLES, seed=seed)
        assert all(check(draft, request) == [] for draft in write(request).drafts)


@pytest.mark.parametrize("locale", LOCALES)
def test_limits_by_an_independent_count(locale: str) -> None:
    def width(text: str) -> int:
        return sum(1 + (unicodedata.east_asian_width(c) in ("W", "F")) for c in text)

    for seed in range(2):
        request = make_request(locale, "google.rsa", angles=ALL_ANGLES, seed=seed)
        for draft in write(request).drafts:
            heads, tails = draft.fields["headline"], draft.fields["description"]
            assert 5 <= len(heads) <= 8
            assert 2 <= len(tails) <= 4
            assert max(map(width, heads)) <= 30
            assert max(map(width, tails)) <= 90
            assert len({head.casefold() for head in heads}) == len(heads)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("channel", ["meta.feed", "google.pmax", "email", "sms", "wechat.moments"])
def test_no_two_variants_of_a_cell_are_alike(channel: str, locale: str) -> None:
    angles = ("benefit", "benefit", "story", "story", "benefit", "curiosity", "benefit", "story")
    request = make_request(locale, channel, angles=angles, seed=3)
    reply = write(request)
    assert not reply.error
    assert check_variants(reply.drafts, request) == []
    for name in ("headline", "subline", "primary_text", "body", "text", "title", "subject"):
        values = [str(draft.fields[name]) for draft in reply.drafts if name in draft.fields]
        assert len(set(values)) == len(values), name


@pytest.mark.parametrize("locale", LOCALES)
def test_posters_lead_with_few_words_and_say_something_of_the_product(locale: str) -> None:
    for seed in range(4):
        request = make_request(locale, "email", angles=ALL_ANGLES[:4], seed=seed)
        for draft in write(request).drafts:
            poster = poster_texts(draft.fields, request.channel)
            assert poster["headline"] != request.product.name
            said = " ".join(poster.values()).casefold()
            own = (*request.product.selling_points, *request.product.claims)
            assert any(point.casefold() in said for point in own)


def test_same_request_same_copy_whatever_stands_beside_it() -> None:
    first, other = make_request(seed=3), replace(make_request("de-DE", seed=4), key="other")
    writer = OfflineCopywriter()
    alone = list(writer.write([first]))
    together = list(writer.write([other, first]))
    assert alone[0] == together[1]
    assert write(make_request(seed=5)) != alone[0]


def test_hundreds_of_distinct_drafts_for_one_product() -> None:
    seen = set()
    for seed in range(60):
        for tone in TONES:
            reply = write(make_request("zh-CN", tone=tone, angles=("benefit",), seed=seed))
            seen.add(tuple(sorted(reply.drafts[0].fields.items())))
    assert len(seen) > 300


def test_tone_changes_the_words() -> None:
    pages = {tone: tuple(texts(write(make_request(tone=tone)))) for tone in TONES}
    assert len(set(pages.values())) == len(TONES)


def test_banned_and_required_words_are_kept() -> None:
    guide = {"banned": ("good", "day", "slow"), "required": ("Brewed with patience",)}
    for channel in CHANNELS:
        request = make_request(
            channel=channel, angles=ALL_ANGLES, brand=guide, product={"name": "Tide"}
        )
        reply = write(request)
        for draft in reply.drafts:
            assert not [v for v in check(draft, request) if v.level == "error"]
        joined = "\n".join(texts(reply))
        assert not re.search(r"\b(good|day|slow)\b", joined, re.IGNORECASE)
        assert joined.count("Brewed with patience") >= len(reply.drafts)


def test_the_brands_own_calls_to_action_come_first() -> None:
    reply = write(make_request(brand={"cta": ("Take a sip",)}))
    assert {draft.fields["cta"] for draft in reply.drafts} == {"Take a sip"}


def test_an_sms_ends_with_the_opt_out_line_apart_from_the_address() -> None:
    for locale in LOCALES:
        for text in texts(write(make_request(locale, "sms", angles=("benefit", "offer")))):
            assert re.search(r"(https://shop\.example/tide |[.。!?？؟] ?)\S[^.]*$", text), text
            assert not re.search(r"shop\.example/tide\S", text)
    assert texts(write(make_request("ko-KR", "sms")))[0].startswith("(광고) Northlight:")


def test_the_campaigns_own_disclosure_stands_in_the_post() -> None:
    request = make_request("de-DE", "x.post")
    marked = request.channel.model_copy(update={"disclosure": {"de": "#Anzeige"}})
    for draft in write(replace(request, channel=marked)).drafts:
        assert str(draft.fields["text"]).endswith(" #Anzeige")
    word = request.channel.model_copy(update={"disclosure": {"de": "Anzeige"}})
    for draft in write(replace(request, channel=word)).drafts:
        assert str(draft.fields["text"]).startswith("Anzeige\n")


def test_a_range_of_products_does_not_read_alike() -> None:
    """Twenty coffees that share their selling points: no copy of one is that of another."""
    points = (
        "Whole beans", "Roasted this week", "Grown in shade", "Picked by hand", "Notes of cocoa",
        "Washed in spring water", "From one farm", "For filter and press", "Ground on request",
    )  # fmt: skip
    entries = []
    for n in range(20):
        product = {
            "id": f"p{n}", "name": f"Lot {chr(65 + n)}", "facts": {}, "claims": (),
            "selling_points": tuple(points[(n * 4 + k * (1 + n % 2)) % 9] for k in range(3)),
        }  # fmt: skip
        request = make_request(angles=("benefit", "story"), seed=n, product=product)
        cell = replace(request.cell, id=f"p{n}", product=f"p{n}")
        for draft in write(replace(request, cell=cell)).drafts:
            entries.append(
                (replace(request, cell=cell), replace(draft, variant=f"p{n}{draft.variant}"))
            )
    nearest = sorted(near.similarity for near in distances(entries).values())
    assert nearest[-1] < OTHER_CELL
    assert nearest[len(nearest) // 2] < 0.6


def test_disclaimers_go_where_there_is_room() -> None:
    product = {"disclaimers": ("Contains caffeine.",)}
    for channel in ("email", "sms", "xiaohongshu.note"):
        reply = write(make_request(channel=channel, product=product))
        field = "text" if channel == "sms" else "body"
        assert all("Contains caffeine." in draft.fields[field] for draft in reply.drafts)


def test_nothing_is_cut() -> None:
    for locale in LOCALES:
        for channel in ("google.rda", "email"):
            joined = "\n".join(texts(write(make_request(locale, channel, angles=ALL_ANGLES))))
            assert "…" not in joined
            assert "..." not in joined
            assert "{" not in joined


def test_sms_stays_in_the_cheap_alphabet_where_the_language_allows() -> None:
    for locale in ("en-US", "de-DE"):
        for text in texts(write(make_request(locale, "sms", angles=ALL_ANGLES))):
            assert not re.search("[’“”–\u00a0]", text)


@pytest.mark.parametrize(
    ("locale", "change", "angles", "words"),
    [
        ("de-DE", {"selling_points": (), "description": ""}, ("benefit",),
         ("cold-brew", "selling_points", "de-DE")),
        ("en-US", {"name": ""}, ("benefit",), ("cold-brew", "name", "en-US")),
        ("pt-PT", {}, ("benefit",), ("pt-PT", "pt-BR", "--set copy.backend=openai")),
        ("it-IT", {}, ("benefit",), ("it-IT", "zh-Hant")),
        ("en-US", {}, ("shouting",), ("shouting", "benefit, problem-solution")),
        ("en-US", {"price": ""}, ("offer",), ("offer", "a price")),
        ("en-US", {"claims": (), "facts": {"vegan": "True"}}, ("proof",), ("proof", "claim")),
        ("zh-CN", {"selling_points": ("顶级咖啡",)}, ("benefit",), ("顶级", "selling_points")),
    ],
)  # fmt: skip
def test_what_cannot_be_written_says_why(locale, change, angles, words) -> None:
    reply = write(make_request(locale, angles=angles, product=change))
    assert reply.drafts == ()
    for word in words:
        assert word in reply.error


def test_a_text_too_long_for_its_field_is_named() -> None:
    reply = write(
        make_request(channel="google.rda", brand={"name": "The Northern Lights Coffee Co"})
    )
    assert "business_name" in reply.error
    assert "The Northern Lights Coffee Co" in reply.error


def test_long_selling_points_are_left_out_not_cut() -> None:
    long = (
        "Grown, picked, washed, dried and roasted by the same two families since they met in Huila"
    )
    reply = write(make_request(channel="google.rsa", product={"selling_points": (long,)}))
    assert not reply.error
    assert not any(text.startswith("Grown") for text in texts(reply))


def test_a_description_serves_when_there_are_no_selling_points() -> None:
    product = {"selling_points": (), "description": "Brewed in small batches. Bottled by hand."}
    assert "Bottled by hand" in "\n".join(
        texts(write(make_request(channel="email", product=product)))
    )


def test_a_repair_does_not_repeat_its_neighbours() -> None:
    whole = make_request(angles=("benefit", "benefit"), seed=8)
    first, second = write(whole).drafts
    again = replace(whole, variants=whole.variants[1:], previous=(first, second))
    (redone,) = write(again).drafts
    assert redone.fields["headline"] != first.fields["headline"]
    assert redone.fields["subline"] != first.fields["subline"]


@pytest.mark.parametrize("name", languages())
def test_frames_obey_the_law_and_their_own_language(name: str) -> None:
    """Every line of every book passes the lexicon alone, and names only slots that exist."""
    locale = next(locale for locale in LOCALES if book_of(locale) == name)
    request = make_request(locale)
    data = yaml.safe_load((FRAMES / f"{name}.yaml").read_text("utf-8"))
    slots = {
        "name", "brand", "price", "url", "cta", "claim", "fact", "bullets", "tags", "point",
        "point2", "point3", "lead", "lead2", "close", "headline",
    }  # fmt: skip
    rules = rules_for(request.channel)
    for kind, groups in data.items():
        for group in groups if isinstance(groups, list) else []:
            assert set(group.get("angle", [])) <= set(ALL_ANGLES)
            assert set(group.get("tone", [])) <= set(TONES)
            for line in group["lines"].strip().splitlines():
                assert set(re.findall(r"\{(\w+)\}", line)) <= slots, line
                bare = re.sub(r"\{\w+\}", "Tide", line)
                draft = make_draft({rule.name: bare for rule in rules})
                assert not [
                    v
                    for v in check(draft, request)
                    if "copy." not in v.rule and "poster." not in v.rule
                ], line
                if kind == "headlines":
                    assert len(bare) <= 42


@pytest.mark.parametrize("name", languages())
def test_every_tone_angle_and_domain_is_the_same_in_every_book(name: str) -> None:
    data = yaml.safe_load((FRAMES / f"{name}.yaml").read_text("utf-8"))
    english = yaml.safe_load((FRAMES / "en.yaml").read_text("utf-8"))
    assert set(data) == set(english)
    for table in ("domains", "moments", "fact_labels"):
        assert set(data[table]) == set(english[table])


def test_french_sets_its_spaces() -> None:
    for seed in range(4):
        for text in texts(write(make_request("fr-FR", angles=ALL_ANGLES, seed=seed))):
            assert not re.search(r"(?<!\u00a0)[?!;»]", text)
