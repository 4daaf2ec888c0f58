"""Copy that says what it was told, or where to go: prompts leaked, orders obeyed, addresses added.

A language model may follow an instruction that hides in a product text. Its line is refused when
it holds an address, handle, telephone number or voucher code that the spec does not have; when it
repeats our prompt or speaks as a model; or when it repeats what an order to the model in the spec
wanted said (`orders`). Mechanical, since rules that stand only in a prompt do not always hold.
What to look for is data (`leaks.yaml`). Knows no brand words and no claims.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

import regex

from contentfab.prompts import without_hidden
from contentfab.records.brief import ProductView, SegmentView
from contentfab.records.copy import CopyRequest, Violation
from contentfab.resources import data_dir, parse_yaml

_BASE64 = regex.compile(r"(?<![\w+/=])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])")
_QUOTED = regex.compile(r"[\"“«「『'‘”„](.{2,120}?)[\"”»」』'’“]")
_SAID = regex.compile(r"[:：]\s?([^.!?。！？\n]{2,120})")
_LOUD = regex.compile(r"\b(?:\p{Lu}{3,}(?:\s\p{Lu}{2,})*|\p{L}*\d[\p{L}\d%€$£¥.,]*)")
_WORDS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]|[\p{L}\p{N}]+")
_RUN = 3  # words in a row that an order and a line may not share
_CJK_RUN = 6  # the same in characters of scripts without spaces
_PROMPT_RUN = 6  # words in a row of our own prompt
_REST = regex.compile(r"\w*")  # of a word whose stem was found
_JINJA = regex.compile(r"\{[{%#].*?[}%#]\}", regex.DOTALL)


def check_leaks(variant: str, field: str, text: str, request: CopyRequest) -> list[Violation]:
    """What in `text` only a prompt, or an order hidden in the spec, can have made it say."""
    shown = unicodedata.normalize("NFKC", without_hidden(text))
    commands = orders(request.product, request.segment)
    spec = _untainted(_texts(request), commands)
    home = urlsplit(request.product.url).hostname or ""
    found = []
    for reference in references(shown):
        if _tight(reference) not in spec and not (home and _host(reference) == home):
            hint = f"says “{reference}”, which the product spec does not have; remove it"
            found.append(_violation(variant, field, "copy.foreign-reference", hint))
    hit = _first(("artefacts",), shown) or _first(("voices",), shown, but_not=spec)
    if hit or _words(shown, _PROMPT_RUN) & _prompt_runs():
        what = f"“{hit}”" if hit else "words of the prompt"
        hint = f"holds {what}, which is no copy; write about the product"
        found.append(_violation(variant, field, "copy.instructions", hint))
    elif echoed := _echo(shown, commands, spec):
        hint = (
            f"repeats “{echoed}” from a text of the spec that gives orders; write about the product"
        )
        found.append(_violation(variant, field, "copy.instructions", hint))
    return found


def _host(reference: str) -> str:
    """The host of an address; addresses on the product's own site are no foreign ones."""
    try:
        return urlsplit(reference if "//" in reference else f"//{reference}").hostname or ""
    except ValueError:
        return ""


def references(text: str) -> list[str]:
    """Addresses, handles, telephone numbers and voucher codes in a text, as written."""
    patterns = _patterns()["addresses"]
    found: list[str] = []
    for pattern in patterns:
        for hit in pattern.finditer(text):
            reference = hit[0].strip(" .,;!?)")
            if not any(reference in longer for longer in found):
                found.append(reference)
    return found


def orders(product: ProductView, segment: SegmentView) -> tuple[str, ...]:
    """Passages of a spec that read like an order to a model, from the sentence where the order
    starts to the end of its text; also what base64, ROT13 or tag characters hide."""
    return _orders(_spec(product, segment))


def first_order(text: str) -> str:
    """The words by which one text gives an order to a model, or ""."""
    for reading in _readings(unicodedata.normalize("NFKC", without_hidden(text))):
        if hit := _first(("orders", "artefacts"), reading):
            return hit
    return ""


def in_tags(text: str) -> str:
    """What a text says in tag characters, which no font shows (U+E0020 to U+E007E)."""
    return "".join(chr(ord(c) - 0xE0000) for c in text if 0xE0020 <= ord(c) < 0xE007F)


@lru_cache(maxsize=512)
def _orders(texts: tuple[str, ...]) -> tuple[str, ...]:
    found = [unseen for text in texts if len(unseen := in_tags(text)) > 3]
    for text in texts:
        shown = unicodedata.normalize("NFKC", without_hidden(text))
        for reading in _readings(shown):
            if hit := _first(("orders", "artefacts"), reading):
                at = reading.find(hit)
                start = max(reading.rfind(end, 0, at) for end in ".!?。！？\n")
                found.append(reading[start + 1 :])
    return tuple(found)


def _readings(text: str) -> list[str]:
    """A text as it stands, what its base64 says, and its ROT13 if that gives an order."""
    readings = [text]
    for run in _BASE64.findall(text):
        try:
            data = base64.b64decode(
                run.translate(str.maketrans("-_", "+/")) + "=" * (-len(run) % 4)
            )
            said = data.decode()
        except (binascii.Error, ValueError):
            continue
        if len(said) >= 8 and sum(c.isalpha() or c.isspace() for c in said) >= 0.7 * len(said):
            readings += [text, f"system prompt: {said}"]
    turned = codecs.encode(text, "rot13")
    return [*readings, turned] if text.isascii() and _first(("orders",), turned) else readings


def _first(kinds: Iterable[str], text: str, but_not: str = "") -> str:
    """What the first pattern of these kinds that matches finds in `text`, or ""."""
    for kind in kinds:
        for pattern in _patterns()[kind]:
            for hit in pattern.finditer(text):
                if not but_not or _tight(hit[0]) not in but_not:
                    rest = _REST.match(text, hit.end())
                    return f"{hit[0]}{rest[0] if rest else ''}"
    return ""


@cache
def _patterns() -> dict[str, tuple[regex.Pattern[str], ...]]:
    data = parse_yaml((files("contentfab.rules.wording") / "leaks.yaml").read_text("utf-8"))
    top = "|".join(data.pop("top_level").split())
    return {
        kind: tuple(regex.compile(entry.replace("TOP", top), regex.IGNORECASE) for entry in entries)
        for kind, entries in data.items()
    }


def _spec(product: ProductView, segment: SegmentView) -> tuple[str, ...]:
    return (
        product.name, product.category, product.description, *product.selling_points,
        *product.facts.keys(), *product.facts.values(), *product.claims, *product.disclaimers,
        segment.name, segment.description, *segment.needs,
    )  # fmt: skip


def _texts(request: CopyRequest) -> tuple[str, ...]:
    brand, product = request.brand, request.product
    return (
        *_spec(product, request.segment), product.url, product.price,
        brand.name, brand.tagline, *brand.required, *brand.cta,
    )  # fmt: skip


@lru_cache(maxsize=512)
def _untainted(texts: tuple[str, ...], commands: tuple[str, ...]) -> str:
    """Everything that the spec says outside of orders, squeezed, for finding parts of it again."""
    clean = []
    for text in texts:
        shown = unicodedata.normalize("NFKC", without_hidden(text))
        for command in commands:
            shown = shown.replace(command, " ")
        clean.append(shown)
    return "\0".join(map(_tight, clean))


def _echo(text: str, commands: Iterable[str], spec: str) -> str:
    """What a line repeats of an order and the rest of the spec does not say, or ""."""
    said = _tight(text)
    for command in commands:
        pieces = [*_QUOTED.findall(command), *_SAID.findall(command), *_LOUD.findall(command)]
        for piece in pieces:
            tight = _tight(piece)
            if len(tight) > 1 and tight not in spec and (tight in said):
                return str(piece).strip()
        shared = _words(text, _RUN) & _words(command, _RUN)
        for run in sorted(shared):
            if _tight(" ".join(run)) not in spec:
                return " ".join(run)
    return ""


def _words(text: str, length: int) -> set[tuple[str, ...]]:
    """Rows of `length` words; of characters, twice as long, in scripts without spaces."""
    words = _WORDS.findall(text.casefold())
    if sum(len(word) == 1 and not word.isascii() for word in words) > len(words) / 2:
        length = _CJK_RUN * length // _RUN
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


@cache
def _prompt_runs() -> set[tuple[str, ...]]:
    """Rows of words of the shipped templates, less what they print."""
    runs: set[tuple[str, ...]] = set()
    for path in sorted((data_dir("templates") / "prompts").glob("copy_*.j2")):
        for part in _JINJA.split(path.read_text(encoding="utf-8")):
            runs |= _words(part, _PROMPT_RUN)
    return runs


@lru_cache(maxsize=4096)
def _tight(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@%")


def _violation(variant: str, field: str, rule: str, hint: str) -> Violation:
    return Violation(variant, field, rule, f"{field or 'the copy'} {hint}")
