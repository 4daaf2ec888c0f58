"""Channel packs are data with evidence: what blocks must be proven."""

from __future__ import annotations

import pytest

from contentfab.records.inputs import Campaign
from contentfab.rules.channels import (
    disclosure,
    for_campaign,
    load_channels,
    must_say,
    opt_out,
    read_channels,
)
from contentfab.rules.layout.type_scale import is_banner
from contentfab.rules.wording.contract import POSTER_FIELDS, rules_for
from contentfab.rules.wording.metrics import METRICS

PACK = """
verified_at: "2026-11-21"
sources: {{somewhere: https://example.com}}
forms: {{loud: [{{name: {form}, level: {form_level}, evidence: B, source: somewhere}}]}}
channels:
  - id: x.post
    name: X
    fields: [{{name: text, metric: {metric}, max: 280, level: {level}, evidence: {evidence},
              source: {source}, forbid: [loud]}}]
    placements: [{{id: 1x1, width: 800, height: 800, source: somewhere}}]
    default_placements: [{placement}]
"""
GOOD = {
    "metric": "x_weighted", "level": "error", "evidence": "A", "source": "somewhere",
    "placement": "1x1", "form": "shouting", "form_level": "warn",
}  # fmt: skip


def test_the_channels_of_this_release() -> None:
    assert list(load_channels()) == [
        "meta.feed", "meta.story", "google.rda", "display.banner", "google.rsa", "google.pmax",
        "google.demandgen",
        "microsoft.rsa", "linkedin.single", "tiktok.feed", "x.post", "openai.ads", "email", "sms",
        "xiaohongshu.note", "wechat.moments", "douyin.feed",
    ]  # fmt: skip


def test_a_pack_of_ones_own() -> None:
    pack = read_channels(PACK.format(**GOOD))["x.post"]
    assert pack.fields[0].source == "https://example.com"
    assert [form.name for form in pack.fields[0].forbid] == ["shouting"]
    assert pack.fields[0].verified_at == pack.placements[0].verified_at == "2026-11-21"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evidence": "B"}, "may only warn"),
        ({"metric": "letters"}, "metrics are codepoints"),
        ({"source": "nowhere"}, "unknown source"),
        ({"placement": "9x16"}, "no placement 9x16"),
        ({"form": "whispering"}, "forms are exclamation"),
        ({"form_level": "error"}, "may only warn"),
    ],
)
def test_a_pack_that_claims_too_much_is_refused(change: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_channels(PACK.format(**(GOOD | change)))


@pytest.mark.parametrize("channel", load_channels().values(), ids=lambda channel: channel.id)
def test_every_rule_names_metric_source_and_date(channel) -> None:
    for rule in rules_for(channel):
        assert rule.metric in METRICS
        assert rule.source
        assert rule.verified_at == "2026-11-21"
        assert 0 < rule.min <= rule.max
        assert rule.count_min <= rule.count_max


@pytest.mark.parametrize("channel", load_channels().values(), ids=lambda channel: channel.id)
def test_every_poster_has_its_three_texts_once(channel) -> None:
    roles = [rule.poster_role for rule in rules_for(channel) if rule.poster_role]
    expected = [rule.name for rule in POSTER_FIELDS] if channel.placements else []
    assert sorted(roles) == sorted(expected)


@pytest.mark.parametrize("channel", load_channels().values(), ids=lambda channel: channel.id)
def test_placements_can_carry_the_invisible_mark(channel) -> None:
    for placement in channel.placements:
        # Banners are too small for it: their posters must be signed (test_output*).
        banner = is_banner(placement.width, placement.height)
        assert min(placement.width, placement.height) >= 512 or banner
        across, down = placement.id.split("x")
        assert placement.width / placement.height == pytest.approx(
            float(across) / float(down), rel=0.02
        )
        top, right, bottom, left = placement.safe
        assert top + bottom < 1
        assert left + right < 1
    assert {p.id for p in channel.placements} >= set(channel.default_placements)


def test_story_keeps_clear_what_the_app_covers() -> None:
    assert load_channels()["meta.story"].placements[0].safe == (0.14, 0.06, 0.35, 0.06)


def test_chinese_channels_ask_for_their_disclosure_in_every_locale() -> None:
    channels = load_channels()
    for locale in ("zh-CN", "en-US"):
        assert disclosure(channels["wechat.moments"], locale) == "广告"
        assert disclosure(channels["xiaohongshu.note"], locale) == "广告"
    assert disclosure(channels["meta.feed"], "zh-CN") == ""
    assert disclosure(channels["sms"], "ko-KR") == "(광고)"
    assert disclosure(channels["sms"], "en-US") == ""


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("en-GB", "Reply STOP to opt out"), ("pt-BR", "Responda SAIR para cancelar"),
        ("zh-CN", "拒收请回复R"), ("zh-HK", "退訂請回覆STOP"), ("it-IT", ""),
    ],
)  # fmt: skip
def test_messages_say_how_to_get_no_more(locale: str, line: str) -> None:
    assert opt_out(load_channels()["sms"], locale) == line


def test_a_campaign_may_say_it_in_its_own_words() -> None:
    campaign = Campaign.model_validate(
        {
            "name": "tide",
            "brand": "northlight",
            "products": "products.yaml",
            "channels": ["x.post", "sms", "meta.feed"],
            "locales": ["en-US", "de-DE"],
            "disclosures": {"x.post": {"en": "#ad", "de": "#Anzeige"}},
            "opt_out": {"en": "Text NO to 12345", "de": "NEIN an 12345"},
        }
    )
    packs = {name: for_campaign(pack, campaign) for name, pack in load_channels().items()}
    post, sms = packs["x.post"], packs["sms"]
    assert must_say(post.fields[0], post, "de-DE") == ("#Anzeige",)
    assert must_say(sms.fields[0], sms, "en-US") == ("Text NO to 12345",)
    assert must_say(post.fields[1], post, "en-US") == ()
    assert packs["meta.feed"] == load_channels()["meta.feed"]
