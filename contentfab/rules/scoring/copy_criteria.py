"""The parts of a copy score: each a number in [0, 1] with the words that it was measured on.

Everything is a rule: lengths by the channel's own metrics, a readability formula, lexicons, the
claim ledger, n-grams. Nothing here knows whether a line is good, funny or true; it knows whether it
fits, reads, asks, keeps to the product data and differs from its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import regex

from contentfab.records.assets import ClaimRecord
from contentfab.records.brief import BrandView
from contentfab.records.channel import FieldRule
from contentfab.records.copy import CopyDraft, CopyRequest
from contentfab.records.scores import Criterion
from contentfab.rules.locales import language
from contentfab.rules.scoring import cta
from contentfab.rules.wording.compliance import matches
from contentfab.rules.wording.contract import rules_for
from contentfab.rules.wording.diversity import Near
from contentfab.rules.wording.field_checks import texts_of
from contentfab.rules.wording.metrics import METRICS, count_emoji, gads_width
from contentfab.rules.wording.plain_text import CJK, plain
from contentfab.rules.wording.readability import Reading, reading_ease
from contentfab.rules.wording.texts import evidence, says

SHORT = 0.6
"""Share of a field's limit under which room is given away."""
BY_TONE = {"expert": 35.0, "premium": 45.0, "calm": 50.0}
READABLE = 55.0
"""Least reading ease that is readable, by the brand's tone, where its guide names no band."""
HARD = 50.0
"""Points of reading ease under the band at which readability is 0: from plain to scientific."""
SAME, APART = 0.2, 0.6
"""Distance from the nearest other copy at which diversity is 0 and 1: at 0.2 two drafts differ in
names and a word; 0.6 is the median between the offline copywriter's variants of one product."""
LOUD = {"playful": 2, "bold": 2, "warm": 1}
"""Exclamation marks, and emoji, that a tone takes in one text; others take none."""
NUMBERS = frozenset({"number", "percent", "price", "date", "duration", "measure"})
_SHOUT = regex.compile(r"(?<![\p{L}\p{N}])\p{Lu}{4,}(?![\p{L}\p{N}])")
_LINK = regex.compile(r"https?://\S+|www\.\S+")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SHORT_IS_FINE = frozenset({"cta", "path1", "path2", "business_name", "brand_name"})


def length_fit(draft: CopyDraft, request: CopyRequest) -> Criterion:
    """1 where a text takes 60 to 100 % of its limit, falling to 0 for an empty one, and 0 above the
    limit; the mean over fields. Buttons, names and message parts may be short."""
    parts, told = [], []
    for rule in rules_for(request.channel):
        texts = texts_of(draft.fields.get(rule.name))
        if not texts or rule.max <= 0:
            continue
        sizes = [METRICS[rule.metric](text) for text in texts]
        fits = [_fit(size, text, rule) for size, text in zip(sizes, texts, strict=True)]
        parts.append(sum(fits) / len(fits))
        worst = sizes[fits.index(min(fits))]
        told.append((min(fits), f"{rule.name} {worst} of {rule.max}"))
    if not parts:
        return Criterion("length_fit", None, "not measured: no field has a limit")
    told.sort(key=lambda each: each[0])
    value = sum(parts) / len(parts)
    shown = "; ".join(text for fit, text in told[:2] if fit < 1)
    return _criterion("length_fit", value, shown or f"all {len(parts)} fields use their room")


def readability(
    draft: CopyDraft, request: CopyRequest, band: tuple[float, float] | None = None
) -> Criterion:
    """1 inside the brand's band of reading ease and above it, since simpler than wanted is not
    better; falling to 0 `HARD` points under it."""
    low = band[0] if band else BY_TONE.get(request.brand.tone, READABLE)
    names = (request.product.name, request.brand.name)
    found = reading_ease(_prose(draft, request), request.cell.locale, names)
    if found.ease is None:
        return Criterion("readability", None, found.why)
    value = (found.ease - (low - HARD)) / HARD
    text = f"{found.formula} reading ease {found.ease:g} where {low:g} is wanted ({_of(found)})"
    return _criterion("readability", value, text, raw=found.ease)


def call_to_action(draft: CopyDraft, request: CopyRequest) -> Criterion:
    """1 for exactly one call to action in its place: the button, or for a channel without one the
    last clauses of a text. Half for a button in unknown words and for kinds that compete."""
    locale, liked = request.cell.locale, request.brand.cta
    if not cta.known(locale):
        tongue = language(locale)
        return Criterion("cta", None, f"not measured: no words that call to action for {tongue}")
    button = next((t for r in _buttons(request) for t in texts_of(draft.fields.get(r.name))), "")
    call = cta.call_in(button, locale, liked) if button else None
    calls = [each for text in _prose(draft, request) for each in cta.calls_in(text, locale, liked)]
    main = call or (calls[-1] if calls else None)
    if main is None and button:
        return _criterion("cta", 0.5, f"the button “{button}” has no word that calls to action")
    if main is None and any(_LINK.search(t) for v in draft.fields.values() for t in texts_of(v)):
        return _criterion("cta", 0.5, "there is a link, but no words ask to follow it")
    if main is None:
        return _criterion("cta", 0.0, "nothing asks the reader to do anything")
    rivals = {c.kind: c for c in calls if c.kind in cta.RIVALS and c.kind != main.kind}
    if main.kind in cta.RIVALS and rivals:
        other = next(iter(rivals.values()))
        text = f"“{main.words}” ({main.kind}) competes with “{other.words}” ({other.kind})"
        return _criterion("cta", 0.5, text)
    place = "on the button" if call else f"in “{main.clause}”"
    return _criterion("cta", 1.0, f"one action, “{main.words}” ({main.kind}), {place}")


def grounding(draft: CopyDraft, claims: Sequence[ClaimRecord]) -> tuple[Criterion, str]:
    """The share of `claims` (the draft's, as `contract.claim_records` finds them) that a field of
    the product supports, 1 for a copy that claims nothing; and the failed gate: a number that
    nothing supports."""
    if not claims:
        return Criterion("grounding", 1.0, "claims nothing that needs a source"), ""
    loose = [claim for claim in claims if not claim.source]
    text = f"{len(claims) - len(loose)} of {len(claims)} claims are in the product data"
    if loose:
        first = loose[0]
        text += f"; “{first.text}” ({first.field}{_span(draft, first)}) is not"
    else:
        text += f", such as “{claims[0].text}” ({claims[0].source})"
    number = next((claim for claim in loose if claim.kind in NUMBERS), None)
    gate = f"grounding: “{number.text}” is in no field of the product" if number else ""
    return _criterion("grounding", 1 - len(loose) / len(claims), text), gate


def diversity(near: Near | None) -> Criterion:
    """How far the copy is from the nearest other one of its locale and channel, in n-grams."""
    if near is None:
        return Criterion("diversity", None, "not measured: there is no other copy to compare with")
    distance = 1 - near.similarity
    value = (distance - SAME) / (APART - SAME)
    text = f"distance {distance:.2f} from the nearest other copy, {near.variant}"
    return _criterion("diversity", value, text, raw=round(distance, 3))


def distinct_2(cell: Sequence[CopyDraft], request: CopyRequest) -> Criterion:
    """The share of word pairs (character pairs in Chinese, Japanese and Korean) of a cell's
    variants that are told apart, each variant cut to the shortest one's length, since the share
    falls with length (C. Shaib et al., Standardizing the Measurement of Text Diversity, 2024)."""
    bags = [_tokens(draft, request) for draft in cell]
    least = min((len(bag) for bag in bags), default=0)
    if len(bags) < 2 or least < 4:
        return Criterion("distinct_2", None, "not measured: too little to compare in this cell")
    pairs = [pair for bag in bags for pair in pairwise(bag[:least])]
    value = len(set(pairs)) / len(pairs)
    text = f"{value:.0%} of word pairs are distinct over {len(bags)} variants of {least} words each"
    return _criterion("distinct_2", value, text)


def wording(draft: CopyDraft, request: CopyRequest) -> tuple[Criterion, str]:
    """1 less a quarter for each warning of the compliance lexicon and each thing louder than the
    brand's tone; and the failed gate: a word that the brand bans."""
    brand, locale = request.brand, request.cell.locale
    texts = [_own(t, request) for value in draft.fields.values() for t in texts_of(value)]
    banned = next((t for t in brand.banned if any(says(s, t, language(locale)) for s in texts)), "")
    if banned:
        text = f"uses “{banned}”, which the brand bans"
        return _criterion("wording", 0.0, text), f"wording: {text}"
    warned = [
        f"“{match.found}” ({match.rule.id})"
        for text in texts
        for match in matches(
            text,
            locale,
            names=(request.product.name, brand.name),
            claims=(*request.product.claims, *request.product.facts.values()),
            product=evidence(request),
        )
    ]
    loud = _too_loud(texts, brand, request)
    told = [*warned, *loud]
    value = 1 - 0.25 * len(told)
    return _criterion(
        "wording", value, "; ".join(told[:3]) or "keeps the brand's words and tone"
    ), ""


def _fit(size: int, text: str, rule: FieldRule) -> float:
    if size > rule.max:
        return 0.0
    short = rule.name in _SHORT_IS_FINE or rule.poster_role == "cta" or not rule.prose
    if short or rule.metric == "sms_segments":
        return 1.0
    # A Chinese, Japanese or Korean character says about as much as two letters.
    said = max(size, gads_width(text)) if rule.metric != "ocean_half" else size
    return min(1.0, said / (SHORT * rule.max))


def _buttons(request: CopyRequest) -> list[FieldRule]:
    rules = rules_for(request.channel)
    return [rule for rule in rules if rule.poster_role == "cta" or rule.name == "cta"]


def _prose(draft: CopyDraft, request: CopyRequest) -> list[str]:
    """The texts that are sentences or parts of them, without buttons, names and what the law or
    the campaign puts there."""
    rules = rules_for(request.channel)
    names = [r.name for r in rules if r.prose and r.poster_role != "cta" and r.name != "cta"]
    return [_own(text, request) for name in names for text in texts_of(draft.fields.get(name))]


def _span(draft: CopyDraft, claim: ClaimRecord) -> str:
    """Where a claim stands in its field, in characters from 0: ` 10-14`."""
    for text in texts_of(draft.fields.get(claim.field)):
        start = text.find(claim.text)
        if start >= 0:
            return f" {start}-{start + len(claim.text)}"
    return ""


def _own(text: str, request: CopyRequest) -> str:
    """What the writer chose to say: without links, disclosures, opt-out lines and disclaimers."""
    channel, bare = request.channel, _LINK.sub(" ", text)
    fixed = (*channel.opt_out.values(), *channel.disclosure.values(), *request.product.disclaimers)
    for phrase in sorted(filter(None, fixed), key=len, reverse=True):
        bare = bare.replace(phrase, " ")
    return bare.strip()


def _tokens(draft: CopyDraft, request: CopyRequest) -> list[str]:
    text = plain(" ".join(_prose(draft, request)))
    if CJK.search(text):
        return regex.findall(r"[\p{L}\p{N}]", text)
    return _WORD.findall(text)


def _too_loud(texts: Sequence[str], brand: BrandView, request: CopyRequest) -> list[str]:
    """What is louder than the brand's tone: exclamation marks, emoji, words in capitals."""
    own = " ".join((*evidence(request), *brand.spelling.values()))
    room = LOUD.get(brand.tone, 0)
    found = []
    for what, counter in (("exclamation marks", _exclamations), ("emoji", count_emoji)):
        count = max(map(counter, texts), default=0)
        if count > room:
            found.append(f"{count} {what} where a {brand.tone} tone takes {room}")
    shouted = [word for text in texts for word in _SHOUT.findall(text) if word not in own]
    if shouted and brand.tone != "bold":
        found.append(f"“{shouted[0]}” in capitals")
    return found


def _exclamations(text: str) -> int:
    return text.count("!") + text.count("！")


def _of(found: Reading) -> str:
    return f"{found.words} words, {found.sentences} sentences"


def _criterion(name: str, value: float, text: str, raw: float | None = None) -> Criterion:
    return Criterion(name, round(min(1.0, max(0.0, value)), 4), text, raw=raw)
