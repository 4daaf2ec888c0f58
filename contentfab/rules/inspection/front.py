"""Which rules there are, what each needs to know, and the front that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contentfab.records.pictures import Finding
from contentfab.rules.inspection import glyphs, label, logo, palette, picture, product, text, tofu
from contentfab.rules.inspection.subject import Subject, View

Check = Callable[[View], Iterator[Finding]]

NEEDS = {
    "placement": "where it runs is not known (--placement)",
    "brand": "its brand is not known (--brand)",
    "record": "where its texts, logo and product stand is not known (inspect the run folder)",
    "product": "the product's cut-out is not at hand (--product)",
    "plain": "the picture without type was not kept",
}
"""Why a rule is not run, by what it lacks."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, what it asks for in a sentence, and what must be known for it."""

    id: str
    about: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What came out: findings, errors first, and the rules that were not run, with the reason."""

    findings: tuple[Finding, ...]
    not_checked: dict[str, str]

    @property
    def ok(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


_TEXTS, _PRODUCT, _LOGO = ("record",), ("record", "product"), ("record", "brand")
GROUPS: tuple[tuple[Check, tuple[Rule, ...]], ...] = (
    (picture.size, (Rule("poster.size", "the placement's size in pixels", ("placement",)),)),
    (picture.blank, (Rule("poster.blank", "a picture, not one colour"),)),
    (picture.banded, (Rule("poster.banded", "gradients without bands"),)),
    (picture.blurred, (Rule("poster.blurred", "something in the scene is sharp"),)),
    (picture.noise, (Rule("poster.noise", "no noise"),)),
    (picture.blocky, (Rule("poster.blocky", "no blocks of strong compression"),)),
    (picture.burnt, (Rule("poster.burnt", "no burnt, over-saturated colours"),)),
    (palette.palette, (Rule("poster.palette", "the scene in the brand's colours", ("brand",)),)),
    (
        text.complete,
        (Rule("poster.text-missing", "every text that was asked for, with its ink", _TEXTS),),
    ),
    (glyphs.ink, (Rule("poster.text-clipped", "no text cut off or with holes", _TEXTS),)),
    (text.page_edge, (Rule("poster.text-overflow", "no text over the edge of the page", _TEXTS),)),
    (
        glyphs.stray,
        (Rule("poster.text-stray", "no ink outside of its text's box", ("record", "plain")),),
    ),
    (tofu.tofu, (Rule("poster.tofu", "no boxes for missing glyphs", _TEXTS),)),
    (glyphs.contrast, (Rule("poster.contrast", "4.5:1, large type 3:1 (WCAG)", _TEXTS),)),
    (glyphs.sharp, (Rule("poster.text-blurred", "type with sharp edges", _TEXTS),)),
    (
        text.overlap,
        (
            Rule("poster.overlap", "no text on another or on the logo", _TEXTS),
            Rule("poster.product-covered", "no text on the product", _TEXTS),
        ),
    ),
    (text.legible, (Rule("poster.text-small", "no text under its role's least size", _TEXTS),)),
    (
        text.safe_area,
        (Rule("poster.safe-area", "text and logo in the safe area", ("record", "placement")),),
    ),
    (
        logo.logo,
        (
            Rule("poster.logo-missing", "the brand's logo is there", _LOGO),
            Rule("poster.logo-size", "not smaller than the guide allows", _LOGO),
            Rule("poster.logo-space", "its clear space is clear", _LOGO),
            Rule("poster.logo-shape", "width over height within 1 %", _LOGO),
            Rule("poster.logo-pixels", "correlation with the master of 0.98", _LOGO),
            Rule("poster.logo-colour", "its own colours", _LOGO),
            Rule("poster.logo-contrast", "3:1 on its ground", _LOGO),
        ),
    ),
    (
        product.there,
        (
            Rule("poster.product-missing", "the product is there", _PRODUCT),
            Rule("poster.product-size", "neither a speck nor the whole page", _PRODUCT),
        ),
    ),
    (
        product.locked,
        (
            Rule("poster.product-locked", "the product's pixels as in its picture", _PRODUCT),
            Rule("poster.product-cut", "the whole product", _PRODUCT),
            Rule("poster.product-blurred", "a sharp product", _PRODUCT),
            Rule("poster.product-soft", "a product picture that is large enough", _PRODUCT),
        ),
    ),
    (
        label.label,
        (
            Rule("poster.label", "the AI label, tall enough", _TEXTS),
            Rule("poster.label-contrast", "the AI label at 4.5:1", _TEXTS),
        ),
    ),
)
FILE_RULES = (
    Rule("file.readable", "a whole picture"),
    Rule("file.animated", "one frame"),
    Rule("file.profile", "sRGB, or no profile"),
    Rule("file.format", "the placement's format", ("placement",)),
    Rule("file.bytes", "the placement's most bytes", ("placement",)),
)
RULES: tuple[Rule, ...] = (*(rule for _, rules in GROUPS for rule in rules), *FILE_RULES)


def inspect(subject: Subject) -> Report:
    """Every finding of the rules that can be run on a subject; `pass` findings carry measures."""
    view = View(subject)
    known = _known(view)
    found: list[Finding] = []
    missing: dict[str, str] = {}
    for check, rules in GROUPS:
        lacking = [need for need in rules[0].needs if need not in known]
        if not lacking:
            found += check(view)
        elif not (lacking == ["product"] and _no_product(subject)):
            missing |= {rule.id: NEEDS[lacking[0]] for rule in rules}
    found.sort(key=lambda finding: ("error", "warn", "pass").index(finding.level))
    return Report(tuple(found), missing)


def about(rule: str) -> str:
    """What a rule asks for, in one sentence; "" for an unknown one."""
    return next((r.about for r in RULES if r.id == rule), "")


def _known(view: View) -> set[str]:
    subject = view.of
    there = {
        "placement": subject.placement is not None,
        "brand": subject.brand is not None,
        "record": subject.composed and subject.text is not None,
        "product": subject.product is not None,
        "plain": view.kept,
    }
    return {name for name, known in there.items() if known}


def _no_product(subject: Subject) -> bool:
    """A composed poster of a campaign without a product picture has none to check."""
    return subject.composed and subject.product_box is None
