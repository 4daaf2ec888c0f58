"""An independent reading of the copy contract, to hold emitted copy against.

Written from the platforms' published limits, not from `contentfab/rules`, and sharing no code with
it: what passes the contract must pass here. Knows only what blocks; warnings are not its business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """A field: how it is counted, the most it may be, and how many of it there must be."""

    count: str
    most: int
    least: int = 1
    fewest: int = 1
    highest: int = 1
    emoji: bool = True
    lines: bool = False


def _google(most: int, fewest: int = 1, highest: int = 1) -> Rule:
    return Rule("width", most, 1, fewest, highest, emoji=False)


ANY = 10**6  # fields whose published limit is where text is cut off, not what is refused
PATHS = {"path1": _google(15, 0), "path2": _google(15, 0)}
LOOSE_PATHS = {name: Rule("width", ANY, 1, 0, 1, emoji=False) for name in PATHS}
CHANNELS: dict[str, dict[str, Rule]] = {
    "meta.feed": {"primary_text": Rule("width", ANY, lines=True), "headline": Rule("width", ANY),
                  "description": Rule("width", ANY, 1, 0)},
    "meta.story": {"primary_text": Rule("width", ANY), "headline": Rule("width", ANY)},
    "display.banner": {"headline": Rule("width", ANY), "subline": Rule("width", ANY),
                       "cta": Rule("width", ANY)},
    "google.rda": {"headline": _google(30, 1, 5), "long_headline": _google(90),
                   "description": _google(90, 1, 5), "business_name": _google(25),
                   "cta": _google(30)},
    "google.rsa": {"headline": _google(30, 3, 15), "description": _google(90, 2, 4), **LOOSE_PATHS},
    "google.pmax": {"headline": _google(30, 3, 15), "long_headline": _google(90, 1, 5),
                    "description": _google(90, 2, 5), "business_name": _google(25), **PATHS},
    "google.demandgen": {"headline": _google(30, 1, 5), "description": _google(90, 1, 5),
                         "business_name": _google(25)},
    "microsoft.rsa": {"headline": _google(30, 3, 15), "description": _google(90, 2, 4),
                      **LOOSE_PATHS},
    "linkedin.single": {"primary_text": Rule("width", ANY, lines=True),
                        "headline": Rule("width", ANY), "description": Rule("width", ANY, 1, 0)},
    "tiktok.feed": {"text": Rule("width", 100), "brand_name": Rule("width", 20, 2, emoji=False)},
    "x.post": {"text": Rule("x", 280, lines=True), "headline": Rule("width", ANY)},
    "openai.ads": {"title": Rule("width", ANY, emoji=False),
                   "text": Rule("width", ANY, emoji=False)},
    "email": {"subject": Rule("width", ANY), "preheader": Rule("width", ANY),
              "body": Rule("width", ANY, lines=True)},
    "sms": {"text": Rule("letters", 1600, emoji=False)},
    "xiaohongshu.note": {"title": Rule("width", ANY), "body": Rule("width", ANY, lines=True)},
    "wechat.moments": {"text": Rule("letters", 40)},
    "douyin.feed": {"title": Rule("width", ANY, 1, 1, 10, emoji=False)},
}  # fmt: skip
TEXT_ONLY = {"google.rsa", "microsoft.rsa", "sms"}
# Which field stands on the poster as its headline; what a poster's three texts may be at most.
LEADS = {"display.banner": "headline", "meta.feed": "headline", "meta.story": "headline",
         "google.rda": "headline", "google.pmax": "headline", "google.demandgen": "headline",
         "linkedin.single": "headline", "x.post": "headline", "openai.ads": "title",
         "xiaohongshu.note": "title",
         "douyin.feed": "title"}  # fmt: skip
POSTER = {"headline": 64, "subline": 120, "cta": 32}
DISCLOSED = {"xiaohongshu.note": ("body", "广告")}
OPT_OUT = {
    "en": "Reply STOP to opt out", "de": "Abmelden mit STOP", "fr": "STOP pour se désinscrire",
    "es": "Responde BAJA para no recibir más", "pt": "Responda SAIR para cancelar",
    "zh-CN": "拒收请回复R", "zh-TW": "退訂請回覆STOP", "ja": "配信停止はSTOPと返信",
    "ko": "수신거부는 STOP 답장", "ar": "للإلغاء أرسل STOP",
}  # fmt: skip
_LINK = re.compile(r"https?://\S+")
_MARKUP = re.compile(
    r"\*\*|```|^#{1,6} |\[[^\]]+\]\(|~~|\{\w*\}|<[a-z ]+>|lorem ipsum|\bTODO\b", re.M
)
_PICTURES = ((0x1F000, 0x1FAFF), (0x2600, 0x26FF), (0x2700, 0x27BF))


def faults(
    fields: Mapping[str, Any],
    channel: str,
    locale: str,
    *,
    banned: Iterable[str] = (),
    required: Iterable[str] = (),
    disclaimers: Iterable[str] = (),
) -> list[str]:
    """What a platform, the brand or the law would refuse in one variant's copy; [] when nothing."""
    rules = dict(CHANNELS[channel])
    if channel not in TEXT_ONLY:
        for name, most in POSTER.items():
            if (
                name not in rules
                and LEADS.get(channel) != name
                and not (name == "headline" and channel in LEADS)
            ):
                rules[name] = Rule("width", most, emoji=False)
    found = [fault for name, rule in rules.items() for fault in _field(name, rule, fields)]
    found += _poster(fields, channel)
    found += _said(fields, channel, locale, disclaimers)
    texts = list(_texts(fields))
    found += [f"says {word}" for word in banned for text in texts if _has(text, word)]
    whole = "\n".join(texts)
    found += [f"lacks {word}" for word in required if not _has(whole, word)]
    prose = [fields[n] for n in fields if not n.startswith("path") and not n.endswith("_name")]
    if not _in_script("\n".join(_texts(dict(enumerate(prose)))), locale):
        found.append(f"is hardly in {locale}")
    return found


def width(text: str) -> int:
    """Columns: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1 for char in text)


def x_weight(text: str) -> int:
    """Weight on X of a text without emoji: a link 23, most scripts 1, East Asian 2."""
    links = _LINK.findall(text)
    rest = unicodedata.normalize("NFC", _LINK.sub("", text))
    light = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))
    return 23 * len(links) + sum(
        1 if any(ord(char) in part for part in light) else 2 for char in rest
    )


COUNTS = {"width": width, "letters": len, "x": x_weight}


def _field(name: str, rule: Rule, fields: Mapping[str, Any]) -> list[str]:
    value = fields.get(name)
    if not value:
        return [f"{name} is missing"] if rule.fewest else []
    if isinstance(value, list) != (rule.highest > 1):
        return [f"{name} has the wrong shape"]
    texts: Sequence[str] = value if isinstance(value, list) else [value]
    found = []
    if not max(rule.fewest, 1) <= len(texts) <= rule.highest:
        found.append(f"{name} has {len(texts)} entries")
    bare = [re.sub(r"[\W_]+", "", text).lower() for text in texts]
    if len(set(bare)) < len(bare):
        found.append(f"{name} repeats itself")
    for text in texts:
        size = COUNTS[rule.count](text)
        if size > rule.most and not (rule.count == "x" and _pictures(text)):
            found.append(f"{name} is {size} of {rule.most}")
        if size < rule.least:
            found.append(f"{name} is only {size}")
        if "\n" in text and not rule.lines:
            found.append(f"{name} has several lines")
        if _pictures(text) and not rule.emoji:
            found.append(f"{name} has emoji")
        if _MARKUP.search(text):
            found.append(f"{name} has markup or a placeholder")
        if text != text.strip() or any(ord(c) < 32 and c != "\n" for c in text):
            found.append(f"{name} has blanks or control characters")
    return found


def _poster(fields: Mapping[str, Any], channel: str) -> list[str]:
    value = fields.get(LEADS.get(channel, ""))
    text = value[0] if isinstance(value, list) and value else value
    if channel in TEXT_ONLY or not isinstance(text, str):
        return []
    return ["the poster cannot hold its headline"] * (width(text) > POSTER["headline"])


def _said(
    fields: Mapping[str, Any], channel: str, locale: str, disclaimers: Iterable[str]
) -> list[str]:
    found = []
    if channel in DISCLOSED:
        name, mark = DISCLOSED[channel]
        if mark not in str(fields.get(name, "")):
            found.append(f"{name} is not marked {mark}")
    if channel == "sms":
        text = str(fields.get("text", ""))
        line = OPT_OUT.get(locale) or OPT_OUT.get(locale.split("-")[0], "")
        found += [f"text lacks “{part}”" for part in (line, *disclaimers) if part not in text]
        if locale == "ko-KR" and "(광고)" not in text:
            found.append("text is not marked (광고)")
    return found


def _texts(fields: Mapping[Any, Any]) -> Iterable[str]:
    for value in fields.values():
        yield from [value] if isinstance(value, str) else value


def _has(text: str, word: str) -> bool:
    """A word in a text, in any width and case; a whole one where words have blanks."""
    shown, wanted = (unicodedata.normalize("NFKC", part).casefold() for part in (text, word))
    if any("\u3040" <= char <= "\ud7a3" for char in wanted):
        return wanted in shown
    spaced = re.sub(r"([\u3040-\ud7a3])", r" \1 ", shown)
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", spaced) is not None


def _pictures(text: str) -> bool:
    return (
        any(low <= ord(c) <= high for c in text for low, high in _PICTURES[:1]) or "\ufe0f" in text
    )


def _in_script(text: str, locale: str) -> bool:
    """True when at least some of a text is in the script of its locale."""
    names = {"zh": ("CJK",), "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ko": ("HANGUL",),
             "ar": ("ARABIC",)}.get(locale.split("-")[0], ("LATIN",))  # fmt: skip
    kinds = [unicodedata.name(char, "").split(" ")[0] for char in text if char.isalpha()]
    return not kinds or sum(kind in names for kind in kinds) >= 0.2 * len(kinds)
