"""Writes one variant's fields so that every limit holds: it chooses what fits and never cuts.

Every text is tried against the same contract that checks it later. Knows no language: words come
from `_offline_speech`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contentfab.backends._offline_kinds import kind_of
from contentfab.backends._offline_speech import Speech, flat
from contentfab.records.channel import FieldRule
from contentfab.records.copy import CopyDraft, CopyRequest
from contentfab.rules.channels import disclosure, opt_out
from contentfab.rules.wording.contract import check, rules_for, text_violations
from contentfab.rules.wording.diversity import SAME_LIST, text_similarity
from contentfab.rules.wording.field_checks import check_text
from contentfab.rules.wording.metrics import METRICS, gads_width
from contentfab.rules.wording.plain_text import CJK, contains

_FRAMES = {
    "headline": ("headlines", "point_headlines"),
    "subline": ("sublines", "point_headlines"),
    "paragraph": ("paragraphs", "headlines", "point_headlines"),
    "letter": ("letters", "paragraphs"),
    "note": ("notes", "paragraphs"),
    "message": ("messages", "paragraphs"),
    "snippet": ("snippets",),
    "names": ("names",),
    "cta": ("ctas",),
}
# A paragraph that leaves half its room empty says too little; a headline may be short.
# Measured in columns, since a Chinese character says more than a letter.
_FILLED = {"paragraph": 0.5, "subline": 0.35}
_LIST_SIZE = {"headline": 7, "paragraph": 3, "subline": 3}
# What the entries of a list of headlines are, in turn; each must stand alone.
_TURNS = ("headline", "names", "mood", "point", "names", "mood", "point")
_GOOD_WIDTH = 30
_POINT_LEADS = 0.45  # of a unit exponential: a selling point leads in about a third of drafts
_KEY = re.compile(r"\W+")


class NothingFits(Exception):
    """No text could be made for a field; the message says what is too long, or banned."""


@dataclass
class Used:
    """Texts that the cell's other variants already have, by field."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def copy(self) -> Used:
        """The same texts, to add others to."""
        return Used({name: dict(texts) for name, texts in self.texts.items()})

    def take(self, name: str, text: str) -> None:
        self.texts.setdefault(name, {})[_key(text)] = text

    def has(self, name: str, text: str) -> bool:
        return _key(text) in self.texts.get(name, ())

    def near(self, name: str, text: str) -> bool:
        """True when one of the texts is nearly this one."""
        return any(
            text_similarity(text, other) >= SAME_LIST for other in self.texts.get(name, {}).values()
        )


class Draft:
    """The fields of one variant while they are written."""

    def __init__(self, request: CopyRequest, speech: Speech, used: Used) -> None:
        self.request, self.speech, self.used = request, speech, used
        self.fields: dict[str, str | list[str]] = {}

    def write(self) -> CopyDraft:
        """Every field of the channel, and of the poster. Raises NothingFits."""
        rules = rules_for(self.request.channel)
        first = [rule for rule in rules if kind_of(rule, self.request.channel) == "cta"]
        for rule in first + [rule for rule in rules if rule not in first]:
            self._write_field(rule, kind_of(rule, self.request.channel))
        self._add_required(rules)
        ordered = {rule.name: self.fields[rule.name] for rule in rules if rule.name in self.fields}
        draft = CopyDraft(self.speech.variant.id, self.speech.variant.angle, ordered)
        for broken in check(draft, self.request):
            if broken.level == "error":
                raise NothingFits(f"product {self.request.product.id}: {broken.message}")
        return draft

    def _write_field(self, rule: FieldRule, kind: str) -> None:
        self.speech.scope = "poster" if rule.poster_role else "text"
        if kind == "path":
            self._write_path(rule)
        elif rule.count_max > 1:
            self.fields[rule.name] = self._list(rule, kind)
        else:
            text = self._one(rule, kind, self.used)
            if not text:
                return
            self.fields[rule.name] = text
            if kind == "cta":
                self.speech.values["cta"] = text
            elif kind != "brand":
                self.used.take(rule.name, text)

    def _list(self, rule: FieldRule, kind: str) -> list[str]:
        """Several texts, each of which stands alone: mood, product, brand, points, in turn."""
        wanted = max(rule.count_min, min(rule.count_max, _LIST_SIZE.get(kind, 3)))
        texts: list[str] = []
        own = Used()
        for number in range(wanted):
            slot = f"{rule.name}{number}"
            others = self.used if number == 0 else Used()
            turn = _TURNS[number % len(_TURNS)] if kind == "headline" else kind
            text = self._short(rule, kind, slot, own) if number == 1 else ""
            for each in dict.fromkeys((turn, kind)):
                text = text or self._first(rule, each, slot, (own, others))
            if not text:
                break
            texts.append(text)
            own.take(rule.name, text)
        if len(texts) < rule.count_min:
            raise NothingFits(self._why(rule))
        self.used.take(rule.name, texts[0])
        return texts

    def _short(self, rule: FieldRule, kind: str, slot: str, own: Used) -> str:
        """An entry within the length that one of the list must have; "" when none is asked for."""
        if not rule.one_within:
            return ""
        tight = rule.model_copy(update={"max": rule.one_within, "one_within": 0})
        kinds = ("names", "mood", "cta") if kind == "headline" else (kind,)
        found = (self._first(tight, each, slot, (own,)) for each in kinds)
        return next((text for text in found if text), "")

    def _one(self, rule: FieldRule, kind: str, used: Used) -> str:
        if kind == "brand":
            name = self.request.brand.name
            if not self._fits(name, rule):
                raise NothingFits(f"the brand's name “{name}” is too long for {rule.name}")
            return name
        text = self._first(rule, kind, rule.name, (used,))
        if not text and rule.count_min:
            raise NothingFits(self._why(rule))
        return text

    def _first(self, rule: FieldRule, kind: str, slot: str, used: tuple[Used, ...]) -> str:
        """The first candidate that is new, long enough and within every limit; if none is long
        enough, the longest that fits."""
        floor = _FILLED.get(kind, 0.0) * rule.max
        spare: tuple[int, str, frozenset[str]] | None = None
        for text, phrases in self._candidates(rule, kind, slot):
            if any(u.has(rule.name, text) for u in used) or not self._fits(text, rule):
                continue
            if rule.count_max > 1 and used[0].near(rule.name, text):
                continue
            size = gads_width(text)
            if size >= floor:
                self.speech.spoken |= phrases
                return text
            if spare is None or size > spare[0]:
                spare = (size, text, phrases)
        if spare is None:
            return ""
        self.speech.spoken |= spare[2]
        return spare[1]

    def _candidates(
        self, rule: FieldRule, kind: str, slot: str
    ) -> Iterator[tuple[str, frozenset[str]]]:
        if kind == "cta":
            liked = self.speech.ordered(slot, self.request.brand.cta)
            yield from ((text, frozenset()) for text in liked)
        if kind in ("headline", "mood", "point"):
            found = self._headlines(kind, slot)
        else:
            found = self._all(_FRAMES[kind], slot)
        for text, phrases in found:
            yield self._dress(text, rule, kind), phrases

    def _all(self, kinds: tuple[str, ...], slot: str) -> Iterator[tuple[str, frozenset[str]]]:
        for frames in kinds:
            for line in self.speech.shuffled(frames, slot):
                for text, phrases in self.speech.fillings(line, slot):
                    if text not in self.speech.spoken:
                        yield text, phrases

    def _headlines(self, kind: str, slot: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Moods and selling points, short and unspoken ones first: a poster leads with few
        words. Which of the two leads is drawn unless `kind` says it."""
        speech = self.speech
        if kind == "headline" and len(speech.points) > 1:
            kind = "point" if speech.draw(slot, "a point leads", 1.0) < _POINT_LEADS else "mood"
        if kind == "point":
            yield from self._pointed(slot)[:1]
        yield from self._all(("headlines",), slot)
        yield from self._pointed(slot)

    def _pointed(self, slot: str) -> list[tuple[str, frozenset[str]]]:
        spoken = self.speech.spoken
        found = list(self._all(("point_headlines",), slot))
        return sorted(found, key=lambda p: (bool(p[1] & spoken), gads_width(p[0]) > _GOOD_WIDTH))

    def _dress(self, text: str, rule: FieldRule, kind: str) -> str:
        """The text with what the law wants beside it, in one line where the field is one."""
        channel, locale = self.request.channel, self.request.cell.locale
        if kind in ("letter", "note", "message"):
            text, gap, tags = text.partition("\n\n#")
            ending = opt_out(channel, locale) if rule.opt_out else ""
            for part in filter(None, (*self.request.product.disclaimers, ending)):
                # After an address there is always a blank, else it would reach into the text.
                blank = " " if text[-1:].isascii() else self.speech.book.space
                text += ("\n\n" if rule.newline else blank) + part
            text += gap + tags
        mark = disclosure(channel, locale) if rule.disclosure else ""
        if mark:
            text = _marked(mark, text)
        if not rule.newline:
            text = text.replace("\n", self.speech.book.space)
        return flat(text) if rule.metric == "sms_segments" else text

    def _fits(self, text: str, rule: FieldRule) -> bool:
        """Within every limit, warnings too, of the field and of the poster that it stands on."""
        request = self.request
        on_poster = bool(request.channel.placements)
        if not text or check_text("", rule.name, text, rule, request, on_poster=on_poster):
            return False
        broken = text_violations(text, request)
        return not any(rule.prose or each.rule != "copy.language" for each in broken)

    def _write_path(self, rule: FieldRule) -> None:
        """Display paths take words without blanks; left out when nothing short enough is there."""
        product, brand = self.request.product, self.request.brand
        for words in (product.category, product.name, brand.name):
            path = re.sub(r"[^\w]+", "-", words).strip("-")
            taken = {str(value) for name, value in self.fields.items() if name.startswith("path")}
            if path and path not in taken and self._fits(path, rule):
                self.fields[rule.name] = path
                return

    def _add_required(self, rules: list[FieldRule]) -> None:
        """Required brand words that the copy lacks go in as an entry or a sentence of their own,
        into the roomiest field."""
        for word in self.request.brand.required:
            texts = [t for v in self.fields.values() for t in ([v] if isinstance(v, str) else v)]
            if any(contains(text, word) for text in texts):
                continue
            roomy = sorted(rules, key=lambda rule: -rule.max)
            if not any(self._insert(rule, word) for rule in roomy):
                raise NothingFits(f"the required brand word “{word}” fits into no field")

    def _insert(self, rule: FieldRule, word: str) -> bool:
        value, kind = self.fields.get(rule.name), kind_of(rule, self.request.channel)
        if isinstance(value, list):
            if not self._fits(word, rule):
                return False
            self.fields[rule.name] = [*value[: rule.count_max - 1], word]
            return True
        if not value or kind in ("cta", "brand", "path"):
            return False
        for text in (value, *(text for text, _ in self._candidates(rule, kind, rule.name))):
            longer = self.speech.book.space.join(map(self.speech.sentence, (text, word)))
            longer = flat(longer) if kind == "message" else longer
            if self._fits(longer, rule) and not self.used.has(rule.name, longer):
                self.fields[rule.name] = longer
                self.used.take(rule.name, longer)
                return True
        return False

    def _why(self, rule: FieldRule) -> str:
        """Which text of which product stands in the way, and of what."""
        request, product = self.request, self.request.product
        for text in (product.name, *self.speech.points, request.brand.name):
            for broken in text_violations(text, request, field=f"“{text}”"):
                return f"product {product.id} cannot be advertised as written: {broken.message}"
        longest = max(self.speech.points, key=METRICS[rule.metric], default=product.name)
        return (
            f"product {product.id}: no text for {rule.name} of {request.channel.id} fits into "
            f"{rule.max} {rule.metric} in {request.cell.locale}; the longest of its "
            f"selling_points is {METRICS[rule.metric](longest)}: “{longest}”"
        )


def _marked(mark: str, text: str) -> str:
    """The text with its advertising mark: a hashtag at the end, what has brackets in front, a word
    on a line of its own, which Chinese puts into brackets."""
    if mark.startswith("#"):
        return f"{text} {mark}"
    if mark.startswith("("):
        return f"{mark} {text}"
    return f"【{mark}】\n{text}" if CJK.search(mark) else f"{mark}\n{text}"


def _key(text: str) -> str:
    return _KEY.sub("", text).casefold()
