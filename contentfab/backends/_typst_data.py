"""What a template is told of a request: texts as phrases, fonts, sizes of the label, brand tokens.

Everything a user wrote goes in here as JSON strings. Raises MissingDependency for a font family
that is not there and BadOutput for a character that no font has.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from contentfab.backends import _fonts
from contentfab.backends import _typst_tokens as _tokens
from contentfab.backends._typst_bonds import has_emoji
from contentfab.backends._typst_engine import FontSet
from contentfab.backends._typst_geometry import content_area, rect_of
from contentfab.backends._typst_text import CJK, entry
from contentfab.records.brand import Brand
from contentfab.records.channel import Placement
from contentfab.records.pictures import PosterRequest
from contentfab.rules.layout.type_scale import is_banner, least_label, least_size
from contentfab.rules.product.cutout import load_cutout

LABEL_SPARE, LABEL_SPARE_MARKED = 1.02, 1.08
LABEL_ROUNDING = 0.8
"""How much taller than asked the label is set, as a factor and in pixels: neither hinting nor the
soft ends of strokes may eat the limit. In scripts with marks over and under their letters, typst's
bounds are a little larger than the ink."""

LEAST_IDEOGRAPHS = 12
"""Height in pixels under which the strokes of ideographs run into each other."""
NARROW = 0.4
"""Width to height under which a page is a narrow column."""
PHONE = 390
"""Width in pixels of the screen that a poster is seen on."""
NO_TRACKING = 18.0
"""Optical size up to which a headline is not set tighter; from twice that it is so in full."""
MARKED = re.compile(r"[\u0590-\u109f\u1200-\u139f\u1780-\u17ff]")
SEPARATOR = re.compile(r"\s+[·|/•–—]\s+")
TALL_SCRIPTS = frozenset(
    ("ar", "fa", "ur", "he", "th", "lo", "km", "my", "hi", "mr", "bn", "ta", "te", "am")
)
EAST_ASIAN = frozenset(("zh", "ja"))
DEFAULT_CORNERS = ("bottom-right", "bottom-left", "top-right", "top-left")
"""Where the label goes, most wanted first, when no jurisdiction is known."""
FAIR, DENSE = 0.066, 0.86
SIZED_ROLES = ("headline", "subline", "cta", "price", "disclaimer", "ad", "wordmark")
RIGHT_TO_LEFT = frozenset(("ar", "fa", "ur", "he", "ps", "sd", "ug", "ckb", "yi", "dv"))


@dataclass(frozen=True, slots=True)
class Faces:
    """Fallback chains of one brand in one locale, most wanted family first."""

    heading: tuple[str, ...]
    body: tuple[str, ...]


def faces(brand: Brand, locale: str, fonts: FontSet) -> Faces:
    """The brand's families with what they fall back to. Raises MissingDependency."""
    chains = []
    for wished in (brand.fonts.heading, brand.fonts.body):
        family = _fonts.family_for(wished, brand.fonts.by_language, locale)
        _fonts.require(family, fonts.families)
        chains.append(_fonts.chain((family, wished), locale, fonts.families))
    return Faces(*chains)


def wordmark(request: PosterRequest) -> str:
    """The brand's name in the locale, for a poster without a logo file."""
    name = request.brand.name
    if isinstance(name, str):
        return name
    language = request.locale.split("-")[0]
    near = [text for tag, text in name.items() if tag.split("-")[0] == language]
    return name.get(request.locale) or (near or list(name.values()))[0]


def check_fonts(request: PosterRequest, fonts: FontSet, chains: Faces, has_logo: bool) -> None:
    """Raises BadOutput for a text with a character that its fonts lack."""
    text = request.text
    roles = {role: getattr(text, role) for role in text.__slots__}
    if not has_logo:
        roles["wordmark"] = wordmark(request)
    for role, words in roles.items():
        families = chains.heading if role in _fonts.HEADING_ROLES else chains.body
        files = [fonts.files[name][0] for name in families]
        _fonts.check_coverage(words, files, families, role)


def poster_data(
    request: PosterRequest, fonts: FontSet, chains: Faces, logo: tuple[float, float] | None
) -> dict[str, Any]:
    """The request as a template reads it; `logo` is the logo's size in pixels."""
    placement, brand, locale = request.placement, request.brand, request.locale
    shortest = min(placement.width, placement.height)
    upper = brand.tokens.headline_case == "upper"
    texts: dict[str, Any] = {
        role: entry(
            getattr(request.text, role),
            locale,
            upper=upper and role == "headline",
            narrow=placement.width < NARROW * placement.height,
        )
        for role in ("headline", "subline", "cta", "price", "disclaimer", "ad")
    }
    texts["wordmark"] = None if logo else entry(wordmark(request), locale)
    content = content_area(placement, brand.tokens)
    return {
        "page": {"w": placement.width, "h": placement.height, "s": shortest},
        "content": rect_of(content),
        "text": texts,
        "emoji": any(text and has_emoji(text["raw"]) for text in texts.values()),
        "label": _label(request.text.label),
        "label-probe": _probes(request.text.label),
        "label-height": label_height(request.text.label, placement.width, placement.height),
        "label-corners": list(request.label_corners or DEFAULT_CORNERS),
        "fair": fair_headline(brand, locale),
        "banner": is_banner(placement.width, placement.height),
        "least": {
            role: least_size(role, placement.width, placement.height) for role in SIZED_ROLES
        },
        "logo": _logo(brand, logo),
        "style": _style(brand, locale, placement),
        "font": _font(request, fonts, chains, upper),
        "busy": [],
        "quiet": [],
        "product": None,
        "aspect": _aspect(request),
        "stand": _stand(request),
        "way": 0,
        "phase": "frame",
    }


def fair_headline(brand: Brand, locale: str) -> float:
    """Size, in shortest sides, from which a headline is of fair size. Ideographs fill their squares
    and look larger than letters do."""
    dense = locale.split("-")[0] in (*EAST_ASIAN, "ko")
    loudness = math.sqrt(_tokens.LOUDNESS[brand.tokens.tone])
    return FAIR * loudness * (DENSE if dense else 1.0)


def label_height(text: str, width: int, height: int) -> float:
    """Height in pixels at which the label's glyphs are set on a picture of that size."""
    marked = MARKED.search(text) is not None
    spare = LABEL_SPARE_MARKED if marked else LABEL_SPARE
    least = least_label(width, height)
    if CJK.search(text):
        least = max(least, LEAST_IDEOGRAPHS)
    return least * spare + LABEL_ROUNDING


def _aspect(request: PosterRequest) -> float | None:
    """Width to height of the visible product, if the poster shows one."""
    if request.product_image is None:
        return None
    height, width = load_cutout(request.product_image).shape[:2]
    return float(width / height)


def _stand(request: PosterRequest) -> float | None:
    """How far right in its picture a product stands, 0 … 1, if the picture has a place for one."""
    stand = request.key_visual.stand
    return stand.foot.x if stand else None


def _logo(brand: Brand, size: tuple[float, float] | None) -> dict[str, float] | None:
    if size is None or brand.logo is None:
        return None
    return {"w": size[0], "h": size[1], "clear": brand.logo.clear_space}


def _style(brand: Brand, locale: str, placement: Placement) -> dict[str, Any]:
    language, *rest = locale.split("-")
    region = next((part for part in rest if len(part) == 2), None)
    return {
        "lang": language,
        "region": region,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "corner": _tokens.corner(brand.tokens, placement.width, placement.height),
        "spacing": brand.tokens.spacing,
        **_tokens.style(brand.tokens),
    }


def _font(request: PosterRequest, fonts: FontSet, chains: Faces, upper: bool) -> dict[str, Any]:
    brand, locale = request.brand, request.locale
    language = locale.split("-")[0]
    dense = language in EAST_ASIAN or language == "ko"
    optical = _optical_sizes(request.placement)
    tracking = {"tight": -0.02, "normal": -0.016, "airy": -0.004}[brand.tokens.spacing]
    tracking *= min(1.0, max(0.0, (optical["headline"] - NO_TRACKING) / NO_TRACKING))
    cap = _fonts.cap_height(fonts.files[chains.heading[0]][0])
    em = {"ascent": cap, "descent": 0.24, "cap": cap, "display": 1.07, "text": 1.36, "deep": 0.235}
    em["top"] = 1.06
    if dense:
        em = {"ascent": 0.86, "descent": 0.1, "cap": 0.76, "display": 1.22, "text": 1.52}
        em |= {"deep": 0.24, "top": 1.0}
    elif language in TALL_SCRIPTS:
        em = {"ascent": 0.92, "descent": 0.36, "cap": 0.66, "display": 1.36, "text": 1.6}
        em |= {"deep": 0.42, "top": 1.34}
    elif upper:
        marks = unicodedata.normalize("NFD", request.text.headline.upper())
        marked = any(unicodedata.combining(mark) for mark in marks)
        em |= {"display": 1.16 if marked else 1.02, "drop": 0.06, "marks": 0.24 * marked}
    em.setdefault("drop", em["descent"])
    em.setdefault("marks", 0.0)
    return {
        "heading": _covering(chains.heading, dense, locale),
        "body": _covering(chains.body, dense, locale),
        "label": list(_label_chain(chains, fonts)),
        "weight": brand.fonts.heading_weight,
        "tracking": 0.0 if dense or language in TALL_SCRIPTS else tracking,
        "opsz": optical,
        "em": em,
    }


def _optical_sizes(placement: Placement) -> dict[str, float]:
    """Sizes, in the pixels of the screen that the poster is seen on, at which its headline, its
    running text and its small print are looked at: the optical size of fonts that have the axis."""
    shortest = min(placement.width, placement.height)
    banner = is_banner(placement.width, placement.height)
    scale = 1.0 if banner else min(1.0, PHONE / placement.width)
    sizes = {"headline": (0.095, 20.0), "text": (0.037, 12.0), "small": (0.0205, 9.0)}
    return {
        role: round(max(least, share * shortest * scale), 1)
        for role, (share, least) in sizes.items()
    }


def _covering(chain: tuple[str, ...], dense: bool, locale: str) -> list[Any]:
    """In Chinese, Japanese and Korean, a Latin family must not set the quotes and dots that both
    scripts share."""
    own = _fonts.chain((), locale, chain)[:1]
    if not dense or not own:
        return list(chain)
    return [
        {"name": name, "covers": "latin-in-cjk"} if not name.startswith("Noto Sans") else name
        for name in chain
    ]


def _label(text: str) -> list[list[str]]:
    """The label as parts (it may break between them first) of words."""
    parts = SEPARATOR.split(" ".join(text.split()))
    return [part.split(" ") for part in parts if part]


def _probes(text: str) -> list[str]:
    """What of each part of the label must reach its height: its ideographs. Without any, none: the
    lines as they are broken must, from the top of the highest to the foot of the deepest letter.
    Latin letters beside ideographs keep their natural size."""
    parts = ["".join(re.findall(CJK.pattern, part)) for part in SEPARATOR.split(text)]
    return [part for part in parts if part]


def _label_chain(chains: Faces, fonts: FontSet) -> tuple[str, ...]:
    """A family with narrow letters first, when it is there: the label must be tall, not loud."""
    narrow = tuple(name for name in ("Noto Sans",) if name in fonts.families)
    return tuple(dict.fromkeys([*narrow, *chains.body]))
