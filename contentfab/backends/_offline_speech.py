"""Fills phrase frames with a product's own words, one sentence at a time.

A selling point is always a sentence or clause of its own, so that a frame stays grammatical
whatever the point says. Nothing is ever cut. Knows neither limits nor channels.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from contentfab.backends._offline_book import Book, Line, book, recognise
from contentfab.records.copy import CopyRequest, VariantAsk
from contentfab.rules.wording.angles import usable_facts

_SLOT = re.compile(r"\{(\w+)\}")
_POINT = re.compile(r"\{point\d?\}")
_MATTER = {"offer": frozenset({"price"}), "proof": frozenset({"claim", "fact"})}
# Measures are facts, but they prove little; others are told first.
_MEASURES = {"volume", "weight", "size", "capacity"}
# Enough to be a phrase: two words, or four characters of Chinese or Japanese.
_WORDS = re.compile(r"[^\W\d_]{2,}\W+\w|[\u3040-\u30ff\u3400-\u9fff]{4}|[\u3400-\u9fff].*\d")
_TRAILING = " .。;；,，、،؛"
_DOUBLED = re.compile(r"([.!?…。！？؟:：])\s?[.。]")
_CLOSED_COMMA = re.compile(r"([。！？!?؟])[，,、،]")
_SENTENCES = re.compile(r"(?<=[.!?؟])\s+|(?<=[。！？])|\n+")
_FLAT = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " ",
     "\u202f": " ", "…": "...", "«": '"', "»": '"'}
)  # fmt: skip


@dataclass
class Speech:
    """What can be said about one product to one audience, for one variant. `worn` are phrases and
    frames that the cell's other variants have used: they come last. A new `attempt` draws anew."""

    request: CopyRequest
    variant: VariantAsk
    book: Book
    points: tuple[str, ...]
    worn: frozenset[str] = frozenset()
    attempt: int = 0
    spoken: set[str] = field(default_factory=set)
    scope: str = "text"
    _orders: dict[tuple[str, str], list[Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        product, segment = self.request.product, self.request.segment
        rest = " ".join((product.description, *self.points))
        audience = " ".join((segment.name, segment.description, *segment.needs, product.name))
        self.ask = {
            "angle": self.variant.angle,
            "tone": segment.tone,
            "domain": recognise(
                self.book.language, "domains", f"{product.category} {product.name}", rest
            ),
            "moment": recognise(self.book.language, "moments", audience, rest),
        }
        self.values = self._fixed_values()
        calls = self.request.brand.cta or [line.text for line in self.shuffled("ctas", "cta")]
        self.values["cta"] = next(iter(calls), "")

    def shuffled(self, kind: str, slot: str) -> list[Line]:
        """The lines of a kind that fit the ask, in an order that only the seed, the variant and
        the slot decide; better fitting ones tend to come first. Of composed texts, those that say
        something about the product, and where to get it, come before those that do not."""
        key = (kind, slot)
        if key not in self._orders:
            self._orders[key] = self._order_lines(kind, slot)
        return self._orders[key]

    def _order_lines(self, kind: str, slot: str) -> list[Line]:
        usable = usable_lines(self.book.language, kind, **self.ask)
        ranked = sorted(
            (-rank, line.text in self.worn, self.draw(slot, line.text, w), i)
            for i, (line, w, rank) in enumerate(usable)
        )
        return [usable[i][0] for *_, i in ranked]

    def fillings(self, line: Line, slot: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Every way to fill a frame, least worn words first, with the phrases that it uses."""
        if not _SLOT.search(line.text):
            yield line.text, frozenset((line.text,))
            return
        proof = self._proof(line.text)
        if proof & self.spoken:
            return
        wanted = len(_POINT.findall(line.text))
        for points in self._point_choices(wanted, slot):
            for phrases in self._phrase_choices(line.text, slot):
                values = self.values | points | phrases
                if all(values.get(name) for name in _SLOT.findall(line.text)):
                    text = tidy(fill(line.text, values))
                    if self._repeats(text):
                        continue
                    here = (f"{self.scope}: {point}" for point in points.values())
                    yield (
                        text,
                        proof.union(here, points.values(), phrases.values(), (line.text,)),
                    )

    def _proof(self, frame: str) -> frozenset[str]:
        """Claims and facts of a frame, marked with where they are said: once on the poster and
        once beside it is enough, as it is for selling points."""
        slots = {"claim", "fact"} & set(_SLOT.findall(frame))
        return frozenset(f"{self.scope}: {self.values[slot]}" for slot in slots)

    def _repeats(self, text: str) -> bool:
        """True when a text names the product or the price twice; tags do not count."""
        said = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        product = self.request.product
        return any(word and said.count(word) > 1 for word in (product.name, product.price))

    def sentence(self, text: str) -> str:
        """`text` as a sentence: a capital where the script has them, a stop at its end."""
        text = text.rstrip(_TRAILING)
        return text if text[-1:] in "!?！？؟…" else text + self.book.stop

    def _fixed_values(self) -> dict[str, str]:
        product, brand = self.request.product, self.request.brand
        facts = usable_facts(product)
        telling = {k: v for k, v in facts.items() if self._bare(k) not in _MEASURES} or facts
        labelled = [self._fact(key, value) for key, value in telling.items()]
        claims = [capital(claim.rstrip(_TRAILING)) for claim in product.claims]
        return {
            "name": product.name,
            "brand": brand.name,
            "price": product.price,
            "url": product.url,
            "cta": "",
            "claim": self._pick("claim", claims),
            "fact": "" if claims else self._pick("fact", [fact for fact in labelled if fact]),
            "bullets": "\n".join(self.book.bullet + point for point in self.points),
            "tags": self._tags(),
        }

    def _fact(self, key: str, value: str) -> str:
        """`Origin: Huila`, or the value alone when it is a phrase that needs no label (`steeped
        for 18 hours`); "" when it can be said neither way in this language."""
        value, name = value.rstrip(_TRAILING), self._bare(key)
        if _speaks_for_itself(name, value):
            return capital(value)
        label = self.book.fact_labels.get(name)
        if not label and (self.book.language == "en" or not key.isascii()):
            label = capital(key.replace("_", " "))
        if not label:
            return capital(value) if _WORDS.search(value) else ""
        colon = {"zh-Hans": "：", "zh-Hant": "：", "ja": "：", "fr": "\u00a0: "}.get(
            self.book.language, ": "
        )
        return f"{label}{colon}{value}"

    @staticmethod
    def _bare(key: str) -> str:
        """A fact's key without its unit: `volume_ml` is a volume."""
        return re.sub(r"_(ml|l|g|kg|mm|cm|h)$", "", key.casefold())

    def _tags(self) -> str:
        product, brand = self.request.product, self.request.brand
        words = (product.category, brand.name, product.name)
        tags = [re.sub(r"[^\w]", "", word) for word in words]
        return " ".join(dict.fromkeys(f"#{tag}" for tag in tags if tag))

    def _point_choices(self, wanted: int, slot: str) -> Iterator[dict[str, str]]:
        if wanted == 0:
            yield {}
            return
        ordered = self.ordered(f"{slot}/points", self.points)
        unsaid_here = [p for p in ordered if f"{self.scope}: {p}" not in self.spoken]
        pool = sorted(unsaid_here or ordered, key=lambda point: point in self.spoken)
        for start in range(len(pool) if len(pool) >= wanted else 0):
            taken = [pool[(start + i) % len(pool)] for i in range(wanted)]
            yield {f"point{i + 1 if i else ''}": point for i, point in enumerate(taken)}

    def _phrase_choices(self, frame: str, slot: str) -> Iterator[dict[str, str]]:
        """Leads, closes and headlines that a frame asks for, unspoken ones only, three tries."""
        kinds = {"lead": "leads", "lead2": "leads", "close": "closes", "headline": "headlines"}
        wanted = [name for name in dict.fromkeys(_SLOT.findall(frame)) if name in kinds]
        pools = {
            name: [
                text
                for line in self.shuffled(kinds[name], f"{slot}/{kinds[name]}")
                if (text := self._plain(line.text)) and text not in self.spoken
            ]
            for name in wanted
        }
        tries = 4 if wanted else 1
        for shift in range(tries):
            picked = {}
            for offset, (name, pool) in enumerate(pools.items()):
                index = shift + offset * (name == "lead2")
                if index < len(pool):
                    picked[name] = pool[index]
            if len(picked) == len(wanted):
                yield picked

    def _plain(self, text: str) -> str:
        """A nested phrase with its fixed slots filled; "" when one of them is empty."""
        if any(not self.values.get(name) for name in _SLOT.findall(text)):
            return ""
        return fill(text, self.values)

    def _pick(self, slot: str, texts: Sequence[str]) -> str:
        return next(iter(self.ordered(slot, texts)), "")

    def ordered(self, slot: str, texts: Sequence[str]) -> list[str]:
        """`texts` in an order drawn for this variant and slot."""
        return sorted(texts, key=lambda text: self.draw(slot, text, 1.0))

    def draw(self, slot: str, text: str, weight: float) -> float:
        """Weighted random order (Efraimidis and Spirakis, 2006), drawn from a hash, so that it
        depends on nothing but its arguments; the lower the earlier."""
        who = f"{self.variant.id}|{self.variant.angle}" + f"|{self.attempt}" * (self.attempt > 0)
        seed = f"{self.request.seed}|{who}|{slot}|{text}"
        draw = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
        return -math.log((draw + 1) / (2**64 + 1)) / weight


def _speaks_for_itself(key: str, value: str) -> bool:
    """True when a phrase of several words already says the key: `caffeine`, `165 mg caffeine`."""
    stems = [part[:4] for part in key.split("_") if len(part) > 2]
    return " " in value and any(stem in value.casefold() for stem in stems)


@lru_cache(maxsize=4096)
def usable_lines(
    language: str, kind: str, *, angle: str, tone: str, domain: str, moment: str
) -> tuple[tuple[Line, float, int], ...]:
    """Lines of a kind that an ask allows, each with its weight and with how much it tells: of the
    product, of the angle's own matter, and where to get it."""
    ask = {"angle": angle, "tone": tone, "domain": domain, "moment": moment}
    matter = _MATTER.get(angle, frozenset())
    found = []
    for line in book(language).lines[kind]:
        slots = set(_SLOT.findall(line.text))
        tells = bool(slots & {"point", "claim", "fact", "bullets"}), bool(slots & matter)
        weight = line.weight(ask)
        if weight:
            found.append((line, weight, sum(tells) + ("url" in slots)))
    return tuple(found)


def selling_points(request: CopyRequest) -> tuple[str, ...]:
    """The product's selling points as phrases; without any, the sentences of its description."""
    product = request.product
    texts: Mapping[str, None] | Sequence[str] = product.selling_points
    if not texts:
        texts = [part for part in _SENTENCES.split(product.description) if part]
    phrases = (capital(text.strip().rstrip(_TRAILING)) for text in texts)
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def capital(text: str) -> str:
    """First letter in upper case, unless the first word has its own case (`iPhone`)."""
    first = re.match(r"\w+", text)
    return text[0].upper() + text[1:] if first and first[0].islower() else text


def fill(frame: str, values: Mapping[str, str]) -> str:
    """The frame with every slot replaced by its value."""
    return _SLOT.sub(lambda slot: values[slot[1]], frame)


def tidy(text: str) -> str:
    """Closes what filling left open: doubled stops, and a comma after a sentence's end."""
    return _CLOSED_COMMA.sub(r"\1", _DOUBLED.sub(r"\1", text)).strip()


def flat(text: str) -> str:
    """Typographic quotes, dashes and spaces in plain form: one of them makes an SMS dearer."""
    return text.translate(_FLAT)
