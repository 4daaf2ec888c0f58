"""Comparisons: `50 % faster than`, `half the sugar`, `besser als`, `比…更`, `twice as long`.

Takes from a text what compares, with what it compares and how much. Whether the product says so
is for `support` to tell. A comparison that names neither a measure nor a yardstick ("better
mornings") claims nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from contentfab.rules.claims.nouns import content
from contentfab.rules.claims.plain import GONE
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.vocabulary import Words

_END = regex.compile(r"[,.;:!?()，。！？；：、…]|\n")
_REACH = 48


@dataclass(frozen=True, slots=True)
class Comparison:
    """`magnitudes` are the ratios that the number may mean (0.5 for half, 50 % less), empty
    without one; `attributes` say in what, `yardstick` against what."""

    start: int
    end: int
    magnitudes: frozenset[float] = frozenset()
    attributes: tuple[str, ...] = ()
    yardstick: tuple[str, ...] = ()
    universal: tuple[str, ...] = ()


def comparisons(
    text: str, found: list[Quantity], words: Words
) -> tuple[list[Comparison], list[Quantity]]:
    """The comparisons of a plain text, and the quantities that are none of theirs."""
    compared: list[Comparison] = []
    rest: list[Quantity] = []
    for quantity in found:
        comparison = _measured(text, quantity, words)
        if comparison is None:
            rest.append(quantity)
        else:
            compared.append(comparison)
    numbers = [(q.start, q.end) for q in found]
    for other in (*_multiplied(text, words), *_unmeasured(text, numbers, words)):
        if all(other.end <= c.start or other.start >= c.end for c in compared):
            compared.append(other)
    rest = [q for q in rest if all(q.end <= c.start or q.start >= c.end for c in compared)]
    return compared, rest


def _measured(text: str, quantity: Quantity, words: Words) -> Comparison | None:
    if quantity.dimension not in ("percent", "times") or quantity.role == "off":
        return None
    if words.cjk:
        return _measured_cjk(text, quantity, words)
    after = _rest(text, quantity.end)
    value = quantity.values[0]
    if quantity.role == "half":
        hit = regex.match(
            r"\s(?:of )?(?:the|as|an|der|des|so|del?(?: la)?|da|do|du|de l')\s?(\w+)(?: as)?", after
        )
        if hit is None or regex.match(r"\s\w+\s(?:is|ist|es|est|é)\b", after):
            return None
        return _made(text, quantity.start, quantity.end + hit.end(), {0.5}, str(hit[1]), words)
    more, less, adj = words.get("more"), words.get("less"), words.get("adj")
    hit = regex.match(
        rf"\s(?:as |so |de )?(?:(?P<more>{more})|(?P<less>{less})|(?P<adj>{adj}))(?![^\W_])"
        r"(?:[\s-](?:de |of |an )?(?P<what>\w+))?",
        after,
    )
    if hit is None and quantity.dimension == "times":
        hit = regex.match(rf"\s(?:{words.get('as')}|the|der|la)\s(?P<what>\w+)", after)
        if hit is None and not regex.match(r"\sas\b", after):
            return None
    if hit is None:
        return None
    groups = hit.groupdict()
    if quantity.dimension == "times":
        ratios = {value, value + 1} if groups.get("more") or groups.get("adj") else {value}
    else:
        part = value / 100
        ratios = {1 + part} if groups.get("more") else {1 - part}
        ratios |= {1 + part} if groups.get("adj") else set()
    what = groups.get("what") or ""
    attribute = f"{groups.get('adj') or ''} {'' if groups.get('adj') else what}"
    end = hit.end() if not groups.get("adj") else hit.end("adj")
    return _made(text, quantity.start, quantity.end + end, ratios, attribute, words)


def _multiplied(text: str, words: Words) -> list[Comparison]:
    """Multipliers in one word: `twice as long`, `doppelt so schnell`, `el doble de`."""
    found = []
    for factor, pattern in (words.data.get("multipliers") or {}).items():
        link = rf"(?:{words.get('as')}|the|your|de|des|der|du|da|do|la|wie|mehr)"
        for hit in regex.finditer(rf"(?<![^\W_])(?:{pattern})\s{link}\s(?:de |la )?(\w+)", text):
            found.append(_made(text, hit.start(), hit.end(), {float(factor)}, hit[1], words))
    return found


def _unmeasured(text: str, numbers: list[tuple[int, int]], words: Words) -> list[Comparison]:
    """Comparisons without a number, but with a yardstick."""
    found = []
    for hit in words.one("versus").finditer(text):
        found.append(_made(text, hit.start(), hit.end(), set(), "", words, yard_at=hit.end()))
    if words.cjk:
        return found + _unmeasured_cjk(text, words)
    if words.language == "ar":
        for hit in regex.finditer(rf"(?<!\w)({words.get('adj')})\s(?:\w+\s)?من\s(?!\d)", text):
            found.append(_made(text, hit.start(), hit.end(), set(), hit[1], words))
        return found
    comparative = f"{words.get('adj')}|{words.get('more')}|{words.get('less')}"
    than = r"than|als|que|qu'|do que"
    pattern = (
        rf"(?<![^\W_])(?P<adj>{comparative})(?![^\W_])(?P<what>(?:[\s-][^\W\d_]+){{0,3}}?)"
        rf"\s(?:{than})(?:\s|(?<='))(?=\w)"
    )
    for hit in regex.finditer(pattern, text):
        if any(
            0 <= start - hit.end() <= 4 or start <= hit.end() - 1 < end for start, end in numbers
        ):
            continue  # `more than 24 hours` is a hedge
        attribute = hit["what"] if hit["what"].strip() else hit["adj"]
        found.append(_made(text, hit.start(), hit.end(), set(), attribute, words, hit.end()))
    return found


def _made(
    text: str,
    start: int,
    end: int,
    ratios: set[float],
    attribute: str,
    words: Words,
    yard_at: int | None = None,
) -> Comparison:
    rest = _rest(text, end if yard_at is None else yard_at)
    yard, universal = "", rest
    if yard_at is None:
        hit = regex.search(
            r"(?<![^\W_])(?:than|as|of|als|wie|que|qu'|do que|da|von|gegenüber|من)"
            r"(?:\s|(?<='))(.*)",
            rest,
        )
        yard = hit[1] if hit else ""
        universal = yard
    else:
        yard = rest
    return Comparison(
        start,
        end,
        frozenset(round(ratio, 4) for ratio in ratios),
        content(attribute, words),
        content(yard, words)[:4],
        tuple(hit[0] for hit in words.universal.finditer(universal)),
    )


def _rest(text: str, position: int) -> str:
    return _END.split(text[position : position + _REACH])[0].replace(GONE, " ")


def _measured_cjk(text: str, quantity: Quantity, words: Words) -> Comparison | None:
    head = _END.split(text[max(0, quantity.start - 24) : quantity.start])[-1]
    tail = _rest(text, quantity.end)[:6]
    marks = f"(?:{words.get('more')}|{words.get('less')})"
    less = regex.search(rf"(?:{words.get('less')})", head[-4:] + tail[:4])
    before = regex.search(rf"{marks}(?:了|约|达|至|可达|近|出|上)?\s?$", head)
    behind = regex.match(rf"\s?(?:以上)?(?:的)?{marks}", tail)
    against = regex.search(r"比|より|보다|대비|是", head)
    if quantity.dimension == "percent" and not (before or behind or (against and "比" in head)):
        return None
    value = quantity.values[0]
    if quantity.dimension == "times":
        ratios = {value}
    else:
        ratios = {1 - value / 100} if less else {1 - value / 100, 1 + value / 100}
    subject, _, yard = head.partition(against[0]) if against else (head, "", "")
    start = quantity.start - (len(yard) + 1 if against and against[0] == "比" else 0)
    mark = (before[0] if before else behind[0] if behind else "").strip()
    return Comparison(
        start,
        quantity.end + (behind.end() if behind else 0),
        frozenset(round(ratio, 4) for ratio in ratios),
        content(subject, words) or content(mark, words),
        content(yard, words)[:4],
        tuple(hit[0] for hit in words.universal.finditer(yard or head)),
    )


def _unmeasured_cjk(text: str, words: Words) -> list[Comparison]:
    found = []
    adj = words.get("adj")
    pattern = {
        "zh": rf"(?P<sub>[\p{{Han}}]{{0,6}})比(?P<yard>[^，。！？；,.!?\s]{{1,12}}?)(?P<adj>{adj})",
        "ja": r"(?P<sub>)(?P<yard>[^、。！？\s]{1,12})より(?:も)?"
        rf"(?P<adj>[^、。！？]{{0,6}}(?:{adj}))",
        "ko": rf"(?P<sub>)(?P<yard>\S{{1,12}})보다 (?P<adj>[^,.!?]{{0,8}}(?:{adj}))",
    }[words.language]
    for hit in regex.finditer(pattern, text):
        start = hit.start("yard") - (1 if words.language == "zh" else 0)
        found.append(
            Comparison(
                start,
                hit.end("adj"),
                frozenset(),
                content(hit["sub"], words) or content(hit["adj"], words),
                content(hit["yard"], words)[:6],
                tuple(m[0] for m in words.universal.finditer(hit["yard"])),
            )
        )
    return found
