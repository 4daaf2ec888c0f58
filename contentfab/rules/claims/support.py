"""Whether a source supports a claim: values, directions, and what they are said of.

Each function answers for one kind of claim. A number supports what it proves: eight hours prove
"up to eight" and "over seven", not "over eight"; "up to thirty" proves nothing less hedged.
"""

from __future__ import annotations

import regex

from contentfab.rules.claims.comparisons import Comparison
from contentfab.rules.claims.dates import Date
from contentfab.rules.claims.evidence import Source
from contentfab.rules.claims.nouns import alike, concept, folded, overlap
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.terms import Mention
from contentfab.rules.claims.vocabulary import Words

_CONVERTED = 0.02  # pounds, inches and miles are rounded when they are converted
_ABOUT = 0.1
_NEARLY = 0.9  # "nearly 90" is 81 or more
_FAR = 2.0  # "over 2 hours" is not what a fact of 18 hours means


def supports_quantity(claim: Quantity, source: Source, words: Words) -> bool:
    """Whether `source` has the value of `claim`, in its direction and of the same thing."""
    return any(_proves(known, claim, source, words) for known in source.quantities) or (
        claim.unit == "year" and any(date.year == claim.values[0] for date in source.dates)
    )


def supports_comparison(claim: Comparison, source: Source) -> bool:
    """Whether `source` compares by as much, in the same respect, with the same yardstick."""
    if not _all_said(claim.universal, source):
        return False
    for known in source.comparisons:
        if claim.magnitudes and not _meet(claim.magnitudes, known.magnitudes):
            continue
        same = not claim.attributes or overlap(claim.attributes, source.words)
        against = not claim.yardstick or overlap(claim.yardstick, source.words)
        if same and against:
            return True
    return False


def supports_date(claim: Date, source: Source) -> bool:
    """Whether `source` names the same day, year or weekday."""
    if claim.year is not None and not claim.orders and not claim.word:
        numbers = {q.values[0] for q in source.quantities if q.unit == "year"}
        if claim.year in numbers:
            return True
    return any(claim.within(known) for known in source.dates)


def supports_mention(claim: Mention, source: Source) -> bool:
    """Whether `source` makes the same claim in words."""
    if claim.kind == "number":
        return claim.key in source.reading.text
    if claim.kind == "ingredient" and claim.key == "made of":
        return overlap(claim.about, source.words)
    if claim.kind == "ingredient" and _named(claim.text, source):
        return True
    for known in source.mentions:
        if known.kind != claim.kind or not _same_key(claim, known):
            continue
        if claim.key == "certified":
            return not claim.about or overlap(claim.about, source.words)
        if claim.kind != "superlative":
            return True
        if known.own and not claim.own:
            continue  # "our lightest" does not make it the lightest
        about = not claim.about or overlap(claim.about, source.words)
        if about and _all_said(claim.scope, source):
            return True
    return False


def _named(written: str, source: Source) -> bool:
    """What the product itself names is known, be it in the name of a fact (`cafeina: 180 mg`)."""
    wanted = folded(written)
    return any(folded(word) == wanted for word in source.words) and not any(
        m.kind == "absence" for m in source.mentions
    )


def _same_key(claim: Mention, known: Mention) -> bool:
    if claim.key == known.key:
        return True
    if claim.key == "certified":
        return True  # the certificate itself is a claim of its own
    return claim.kind == "absence" and claim.key == f"added {known.key}"


def _proves(known: Quantity, claim: Quantity, source: Source, words: Words) -> bool:
    if not _comparable(known, claim):
        return False
    if claim.dimension == "price" and not (known.currencies & claim.currencies):
        return False
    priced = claim.dimension in ("percent", "price")
    if priced and (claim.role == "off") != (known.role == "off"):
        return False
    if not any(_holds(k, c, known, claim) for k in known.values for c in claim.values):
        return False
    return _same_thing(claim, source, words)


def _comparable(known: Quantity, claim: Quantity) -> bool:
    if known.dimension == claim.dimension:
        return True
    if claim.dimension == "count" and claim.unit != "year":
        # A number without a unit may quote any fact, but a counted noun needs its own.
        return not claim.nouns and not claim.before
    if {known.dimension, claim.dimension} == {"time", "calendar"}:
        return False
    return {known.dimension, claim.dimension} == {"times", "count"}


def _holds(known: float, claim: float, k: Quantity, c: Quantity) -> bool:
    """Whether what is known proves what is claimed; both are in the base unit."""
    if c.dimension == "temperature":
        known, claim, slack = _celsius(known, claim, k, c)
    else:
        slack = _slack(known, k, c)
    if c.high is not None:
        return _range_holds(claim, c, k, slack)
    if k.high is not None:
        return _in_range(known, claim, k, c, slack)
    equal = abs(known - claim) <= slack
    if c.bound == "most":
        return equal and k.bound in ("", "most", "under", "about", "nearly")
    if c.bound == "under":
        if k.bound in ("most", "under"):
            return claim >= known - slack and known * _FAR >= claim
        return k.bound == "" and known < claim - slack and known * _FAR >= claim
    if k.bound in ("most", "under"):
        return False
    if c.bound == "over":
        if k.bound == "over":
            return known >= claim - slack and known <= claim * _FAR
        return claim < known - slack and known <= claim * _FAR and k.bound in ("", "least")
    if c.bound == "least":
        return claim <= known + slack and known <= claim * _FAR
    if c.bound == "nearly":
        return k.bound in ("", "nearly") and claim * _NEARLY <= known <= claim + slack
    if c.bound == "about":
        return abs(known - claim) <= max(slack, _ABOUT * claim)
    if k.bound in ("about", "nearly"):
        return False
    return equal


def _slack(known: float, k: Quantity, c: Quantity) -> float:
    if k.imperial != c.imperial:
        return _CONVERTED * abs(known)
    if k.dimension == "percent" and (k.worded or c.worded):
        return 0.7  # two thirds are 66, 66.7 or 67 %
    return 1e-6 * max(1.0, abs(known))


def _celsius(known: float, claim: float, k: Quantity, c: Quantity) -> tuple[float, float, float]:
    if "fahrenheit" not in (k.unit, c.unit) or k.unit == c.unit or "degree" in (k.unit, c.unit):
        same = k.unit == c.unit or "degree" in (k.unit, c.unit)
        return known, claim, 0.01 if same else -1.0
    to = [(v - 32) / 1.8 if q.unit == "fahrenheit" else v for v, q in ((known, k), (claim, c))]
    return to[0], to[1], 1.0


def _range_holds(claim: float, c: Quantity, k: Quantity, slack: float) -> bool:
    if k.high is None:
        return False
    return abs(k.values[0] - claim) <= slack and abs(k.high - (c.high or 0)) <= slack


def _in_range(known: float, claim: float, k: Quantity, c: Quantity, slack: float) -> bool:
    """Of 8 to 12 hours, copy may say `8`, `at least 8` and `up to 12`; of sizes, any of them."""
    high = k.high or known
    if c.bound == "most":
        return abs(high - claim) <= slack
    if c.bound in ("under", "nearly"):
        return False
    if c.bound == "over":
        return claim < known
    if c.dimension in ("count", "temperature", "length", "mass") and not c.bound:
        return known - slack <= claim <= high + slack
    return abs(known - claim) <= slack


def _same_thing(claim: Quantity, source: Source, words: Words) -> bool:
    """Whether both count the same. Units say it for most; a plain count and a percentage need a
    noun in common, unless one side names none."""
    if claim.dimension not in ("count", "percent", "ordinal", "times") or claim.role == "off":
        return True
    mine = claim.nouns
    if claim.before and (claim.nouns or claim.dimension == "count"):
        mine = (*mine, claim.before)
    if not mine or not source.words:
        return True
    if overlap(mine, source.words):
        return True
    if claim.dimension == "percent":
        return not claim.nouns
    if source.bare and words.language != "en":
        # A fact's name may be in another language than the copy.
        groups = {concept(word) for word in source.words} - {""}
        return not groups or (not {concept(word) for word in claim.nouns} - {""} and not groups)
    return False


def _all_said(said: tuple[str, ...], source: Source) -> bool:
    text = source.reading.text
    return all(
        any(alike(word, other) for other in source.words)
        or regex.search(regex.escape(word), text) is not None
        for word in said
    )


def _meet(mine: frozenset[float], theirs: frozenset[float]) -> bool:
    return any(abs(a - b) <= 0.012 * max(1.0, b) for a in mine for b in theirs)
