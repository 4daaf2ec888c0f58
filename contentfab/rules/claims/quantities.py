"""Quantities: every number of a text with its unit, direction, role and what it counts.

`quantities` reads a plain text; `comparisons` later takes those that compare. Knows nothing of
products: the same reading serves copy and evidence.
"""

from __future__ import annotations

from dataclasses import replace

import regex

from contentfab.rules.claims.around import finished
from contentfab.rules.claims.fixed import fixed_forms
from contentfab.rules.claims.money import money
from contentfab.rules.claims.nouns import concept, nouns_after
from contentfab.rules.claims.numerals import Numeral, numerals
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.vocabulary import Words, unit_at

_RANGE = regex.compile(r"\s?(?:-|to|bis|a|à|até|至|到|から|에서|إلى)\s?$")
_BY = regex.compile(r"\s?[x×*]\s?$|\s(?:mal|by|por|sur)\s$")
_OF = regex.compile(r"\s(?:del?|d[oa]|menos|más|mais)\b")
_KO_WORDS = frozenset("일이삼사오육칠팔구")  # 이 is `this`, 일 is `day`: numbers only before a unit
_AFTER_HALF = regex.compile(r"半(?!价|折)")


def quantities(text: str, words: Words, *, lenient: bool = False) -> list[Quantity]:
    """Every quantity of a plain text, in order. `lenient` is for evidence: there `an hour` is an
    hour, every Chinese numeral a number, and `4 x 125 g` is also 500 g."""
    found, rest = fixed_forms(text, words, lenient)
    numbers = numerals(rest, words.language)
    for index, number in enumerate(numbers):
        if found and number.start < found[-1].end and found[-1].start < number.start:
            continue  # `ciento` of `diez por ciento`
        quantity = _quantity(rest, number, words, lenient)
        if quantity is None:
            continue
        following = numbers[index + 1] if index + 1 < len(numbers) else None
        found.append(_joined(rest, quantity, following, words))
        if lenient:
            found += _total(rest, quantity, following, words)
    found = _ranges(rest, found)
    return [finished(rest, quantity, words) for quantity in found]


def _quantity(text: str, number: Numeral, words: Words, lenient: bool = False) -> Quantity | None:
    """The quantity that starts with `number`; None where the word is no number here."""
    start, end = number.start, number.end
    if number.form == "ordinal":
        return _ordinal(text, number, words)
    base = Quantity(start, end, "count", number.values, worded=number.form != "digits")
    percent = words.percent.match(text, end)
    if percent:
        return replace(base, end=percent.end(), dimension="percent")
    price = money(text, base, words)
    if price:
        return price
    if number.form == "digits":
        suffix = regex.match(r"(?:st|nd|rd|th|er|e|ère|º|ª)(?![^\W_])", text[end:])
        if suffix and (words.language != "de" or suffix[0] == "th"):
            return replace(base, end=end + suffix.end(), dimension="ordinal")
    if words.cjk and text[start - 1 : start] == "第":
        return replace(base, start=start - 1, dimension="ordinal")
    counted = _counted(text, number, base, words)
    if counted:
        return counted
    unit = _with_unit(text, base, words)
    if unit:
        sure = lenient or number.form != "one" or _weighty(text, unit, words)
        return unit if sure else None
    return _bare(text, number, base, words, lenient)


def _ordinal(text: str, number: Numeral, words: Words) -> Quantity | None:
    """An ordinal in words counts only before `generation` and the like: `second skin` does not."""
    noun = regex.compile(rf"[\s-](?:{words.get('ordinal_nouns')})(?![^\W_])")
    hit = noun.match(text, number.end)
    if hit is None or number.values[0] < 2:
        return None
    return Quantity(number.start, hit.end(), "ordinal", number.values, worded=True)


def _counted(text: str, number: Numeral, base: Quantity, words: Words) -> Quantity | None:
    """Dozens, fractions in words (two thirds) and multipliers (3x, three times, 三倍)."""
    rest = text[number.end : number.end + 24]
    dozen = regex.match(rf"[\s-](?:{words.get('dozen')})(?![^\W_])", rest)
    if dozen:
        values = tuple(value * 12 for value in base.values)
        return replace(base, end=number.end + dozen.end(), values=values, worded=True)
    for below, pattern in (words.data.get("fractions") or {}).items():
        hit = regex.match(rf"[\s-](?:{pattern})(?![^\W_])", rest)
        room = number.form == "one" and below == 4 and words.language in ("es", "pt")
        if hit and not (room and not _OF.match(rest, hit.end())):  # `um quarto` is a room, too
            end = number.end + hit.end()
            article = r"\s(?:(?:an?|de|d'un|eine[rms]|of an?|de un)\s)?"
            gap = regex.match(article, text[end:])
            after = unit_at(text, end + gap.end()) if gap else None
            part = base.values[0] / below
            if after:
                values = (part * after[1].factor,)
                return replace(
                    base, end=after[0], dimension=after[1].dimension, values=values, worded=True
                )
            return replace(base, end=end, dimension="percent", values=(part * 100,), worded=True)
    if number.form == "fraction":
        half = unit_at(text, number.end)
        if half is None and base.values[0] < 1:
            return replace(base, dimension="percent", values=(base.values[0] * 100,), worded=True)
    if words.cjk:
        hit = regex.match(r"\s?(?:倍|배)", rest)
    else:
        hit = regex.match(rf"[\s-]?(?:{words.get('times')})(?![^\W_])(?!\s?\d)", rest)
    if hit and number.form != "one":
        return replace(base, end=number.end + hit.end(), dimension="times")
    return None


def _with_unit(text: str, base: Quantity, words: Words) -> Quantity | None:
    position = base.end
    extra = 0.0
    half = regex.match(rf"[\s-](?:{words.get('unit_half')})(?![^\W_])", text[position:])
    if half:
        extra, position = 0.5, position + half.end()
    if words.cjk:
        counter = regex.match(r"\s?(?:个|個|か|ヶ|カ)?(半)?", text[position:])
        if counter and (unit_at(text, position + counter.end())):
            extra += 0.5 if counter[1] else 0.0
            position += counter.end()
    after = unit_at(text, position)
    if after is None:
        if not half:
            return None
        values = tuple(value + extra for value in base.values)
        return replace(base, end=position, values=values)
    end, unit = after
    if text[end - 1] == "分" and words.language == "zh":
        return None  # 五分 is a mark, or a degree; minutes are 分钟
    if text[end - 1] == "月" and text[position - 1 : position] not in "个個かヶカ":
        return None  # 三月 is March
    tail = _AFTER_HALF.match(text, end) if words.cjk else None
    if tail is None and not words.cjk:
        tail = regex.compile(rf"\s(?:{words.get('unit_half')})(?![^\W_])").match(text, end)
    if tail and not extra:
        extra, end = 0.5, tail.end()
    values = tuple((value + extra) * unit.factor for value in base.values)
    return replace(
        base, end=end, dimension=unit.dimension, values=values, imperial=unit.imperial,
        unit=unit.name,
    )  # fmt: skip


def _weighty(text: str, quantity: Quantity, words: Words) -> bool:
    """Whether `ein Liter`, `un minuto` is a measure: weights and volumes are, times only behind a
    hedge (`less than a minute`)."""
    if words.language != "en" and quantity.dimension in ("volume", "mass"):
        return True
    return words.hedged(text[: quantity.start])


def _bare(
    text: str, number: Numeral, base: Quantity, words: Words, lenient: bool
) -> Quantity | None:
    """A number without unit. One is a word of every idiom; a Chinese numeral needs something that
    it counts."""
    if number.form == "one" or (number.form == "word" and number.values[0] == 1):
        return None
    if number.form == "word" and number.values[0] == 1000 and not lenient:
        # `mil gracias`: a thousand is hyperbole unless it is hedged or counts people or reviews.
        counted = {concept(word) for word in nouns_after(text, number.end, words)}
        if words.language in ("es", "fr", "pt") and not (
            counted & {"review", "customer"} or words.hedged(text[: number.start])
        ):
            return None
    if words.language == "ko" and text[number.start : number.end] in _KO_WORDS:
        return None
    if number.form == "word" and words.cjk and not lenient:
        counter = regex.match(rf"\s?(?:{words.get('classifiers')})", text[number.end :])
        hedged = any(pattern.search(text[: number.start]) for _, pattern in words.hedges)
        hedged = hedged or any(pattern.match(text, number.end) for _, pattern in words.hedges_after)
        if not counter and not (hedged and number.values[0] >= 10):
            return None
        end = number.end + (counter.end() if counter else 0)
        return replace(base, end=end)
    if (
        number.form == "digits"
        and 1700 <= number.values[0] <= 2099
        and number.end - number.start == 4
    ):
        return replace(base, unit="year")
    if words.cjk:
        counter = regex.match(rf"\s?(?:{words.get('classifiers')})", text[number.end :])
        return replace(base, end=number.end + counter.end()) if counter else base
    return base


def _joined(text: str, quantity: Quantity, following: Numeral | None, words: Words) -> Quantity:
    """`30 x 40 cm`, `8 to 12 hours`: the first number takes the unit of the second."""
    if quantity.dimension != "count" or following is None:
        return quantity
    gap = text[quantity.end : following.start]
    if not (_RANGE.fullmatch(gap) or _BY.fullmatch(gap)):
        return quantity
    second = _quantity(text, following, words)
    if second is None or second.dimension in ("times", "ordinal"):
        return quantity
    if _BY.fullmatch(gap) and second.dimension != "length":
        return quantity
    if second.dimension in ("count", "percent", "price"):
        return replace(quantity, dimension=second.dimension, currencies=second.currencies)
    factor = second.values[0] / following.values[0] if following.values[0] else 1.0
    values = tuple(value * factor for value in quantity.values)
    return replace(
        quantity, dimension=second.dimension, values=values, imperial=second.imperial,
        unit=second.unit,
    )  # fmt: skip


def _total(
    text: str, quantity: Quantity, following: Numeral | None, words: Words
) -> list[Quantity]:
    """All of `4 x 125 g` together."""
    if following is None or not _BY.fullmatch(text[quantity.end : following.start]):
        return []
    if quantity.dimension in ("volume", "mass"):  # 25克×30包
        values = (quantity.values[0] * following.values[0],)
        return [replace(quantity, values=values, end=quantity.end + 1)]
    each = _quantity(text, following, words)
    if each is None or each.dimension not in ("volume", "mass"):
        return []
    return [replace(each, values=(each.values[0] * quantity.values[0],), end=each.end + 1)]


def _ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    joined: list[Quantity] = []
    for quantity in sorted(found, key=lambda q: q.start):
        last = joined[-1] if joined else None
        gap = text[last.end : quantity.start] if last else ""
        same = last is not None and last.dimension == quantity.dimension and last.high is None
        if last and same and _RANGE.fullmatch(gap) and last.values[0] < quantity.values[0]:
            joined[-1] = replace(last, end=quantity.end, high=quantity.values[0])
        else:
            joined.append(quantity)
    return joined
