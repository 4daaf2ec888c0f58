"""What one text may say: brand words, the compliance lexicon, claims that the spec supports.

Part of the copy contract; `contract.py` knows fields and limits, this module only words.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from contentfab.records.copy import Claim, CopyRequest, Violation
from contentfab.rules.claims import Evidence, advice, ledger
from contentfab.rules.locales import language
from contentfab.rules.wording.compliance import matches
from contentfab.rules.wording.languages import wrong_language
from contentfab.rules.wording.plain_text import CJK, contains, joined, plain, word

# Endings that a banned word may take and still be that word: plurals, cases, genders. Only for
# words long enough that the ending makes no other word of them.
_ENDINGS = {
    "en": (4, "(?:'?s|es)?"),
    "de": (5, "(?:e|en|er|es|em|s|n)?"),
    "fr": (4, "(?:e|s|es|x)?"),
    "es": (4, "(?:s|es)?"),
    "pt": (4, "(?:s|es)?"),
    "ar": (3, "(?:ة|ات|ون|ين)?"),
}
# Arabic writes the article and short words such as `and` onto the word that follows.
_BEFORE = {"ar": "(?:[وف]?(?:ال|بال|كال|لل|[بكل])?)?"}


def check_words(variant: str, name: str, text: str, request: CopyRequest) -> list[Violation]:
    """Brand words that `text` must not use, words for things that are not ours, and names that it
    spells wrongly."""
    brand, tongue = request.brand, language(request.cell.locale)
    found = [
        violation(variant, name, "brand.banned", f"uses “{term}”, which the brand bans; replace it")
        for term in brand.banned
        if says(text, term, tongue)
    ]
    for ours, theirs in brand.terms.items():
        for term in theirs:
            if says(_without(text, ours), term, tongue):
                hint = f"says “{term}”; the brand's word for it is “{ours}”"
                found.append(violation(variant, name, "brand.term", hint))
    for wrong, right in brand.spelling.items():
        if _spelled(_without(text, right), wrong):
            hint = f"writes “{wrong}”; the brand writes “{right}”"
            found.append(violation(variant, name, "brand.spelling", hint))
    return found


def says(text: str, term: str, tongue: str) -> bool:
    """True when `text` uses a word of a brand's list: in any case, width or disguise, and with
    the endings that its language puts to words."""
    if contains(text, term):
        return True
    pattern = _inflected(plain(term), tongue)
    return pattern is not None and any(pattern.search(view(text)) for view in (plain, joined))


def check_language(variant: str, name: str, text: str, request: CopyRequest) -> list[Violation]:
    """The text's language, when that is surely not the one of the cell."""
    found = wrong_language(text, request.cell.locale, names_of(request))
    if not found:
        return []
    hint = f"is in {found}; write it in the language of {request.cell.locale}"
    return [violation(variant, name, "copy.language", hint)]


def names_of(request: CopyRequest) -> tuple[str, ...]:
    """Words that stand as they are in every language: names, slogan, what the brand requires."""
    product, brand = request.product, request.brand
    words = (product.name, brand.name, brand.tagline, *brand.required, *brand.spelling.values())
    marks = (*request.channel.disclosure.values(), *request.channel.opt_out.values())
    return tuple(dict.fromkeys(text for text in (*words, *brand.terms, *marks) if text))


def check_claims(variant: str, name: str, text: str, request: CopyRequest) -> list[Violation]:
    """Breaks of the compliance lexicon, and claims that the spec does not support."""
    product, brand = request.product, request.brand
    proof = (*product.claims, *product.facts.values())
    own = (*proof, *evidence(request))
    found = [
        violation(
            variant,
            name,
            match.rule.id,
            f"uses “{match.found}”, which {match.rule.message}",
            level=match.rule.level,
        )
        for match in matches(
            text,
            request.cell.locale,
            names=(product.name, brand.name),
            claims=proof,
            product=own,
        )
    ]
    for claim in claims_of(text, request):
        if not claim.source:
            found.append(violation(variant, name, "copy.claim", advice(claim)))
    return found


def claims_of(text: str, request: CopyRequest) -> tuple[Claim, ...]:
    """Everything that `text` claims, each with the field of the spec that says so, if any."""
    locale = request.cell.locale
    return ledger(text, locale, Evidence.of(request.product, request.brand, locale))


def evidence(request: CopyRequest) -> tuple[str, ...]:
    """Everything that the spec itself says: copy may repeat it, and only it, in numbers."""
    product, brand = request.product, request.brand
    return (
        product.name, product.category, product.description, product.price, product.url,
        *product.selling_points, *product.facts.keys(), *product.facts.values(),
        *product.claims, *product.disclaimers, brand.name, brand.tagline, *brand.required,
        *brand.cta,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _inflected(term: str, tongue: str) -> regex.Pattern[str] | None:
    if not term or tongue not in _ENDINGS or CJK.search(term) or not term[-1].isalpha():
        return None
    least, endings = _ENDINGS[tongue]
    if len(term.split()[-1]) < least:
        return None
    return word(term, _BEFORE.get(tongue, ""), endings)


def _spelled(text: str, wrong: str) -> bool:
    """Case counts here, unlike for banned words: `iphone` is wrong where `iPhone` is right."""
    shown = regex.sub(r"\p{Cf}", "", unicodedata.normalize("NFKC", text))
    if not wrong.isascii():
        return wrong in shown
    edge = "[a-zA-Z0-9_]"
    return regex.search(rf"(?<!{edge}){regex.escape(wrong)}(?!{edge})", shown) is not None


def _without(text: str, words: str) -> str:
    """`text` without the right words, which may have the wrong ones in them."""
    return regex.sub(rf"(?<!\w){regex.escape(words)}(?!\w)", " ", text)


def violation(
    variant: str,
    field: str,
    rule: str,
    hint: str,
    measure: float | None = None,
    limit: float | None = None,
    level: str = "error",
) -> Violation:
    """One break; `hint` continues the field's name to a sentence."""
    subject = field or "the copy"
    return Violation(
        variant=variant,
        field=field,
        rule=rule,
        message=f"{subject} {hint}",
        measure=measure,
        limit=limit,
        level=level,
    )
