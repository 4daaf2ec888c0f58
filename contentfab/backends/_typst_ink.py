"""Colours of a poster, chosen on the measured ground: grounds, plates, pills and inks.

Only brand colours are used, and shades of them when none of them can be read. The ladder for text
on a picture: brand text colour, another brand colour, a scrim of brand colour under the text, a
solid panel. Knows nothing about templates; it is given boxes and pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from contentfab.records.brand import Palette, Tokens
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import (
    contrast,
    delta_e,
    hex_to_rgb,
    luminance,
    rgb_to_hex,
    srgb_to_lab,
    worst_contrast,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SMALL, LARGE = 4.5, 3.0
"""WCAG 2.2 AA contrast of small and of large text."""
LARGE_SPARE = 3.3
"""Contrast that is enough for large text on a flat colour: the limit, and room for encoding."""
SPARE = 4.65
"""What small text must reach here: large grounds are measured on every other pixel."""
MANY = 40_000
"""Pixels of a ground from which every other one is enough."""
COMFORT = 7.0
"""Contrast from which text colour and background colour are taken without looking further."""

PAPER_TINT = {"quiet": 0.32, "normal": 0.4, "loud": 0.75}
"""Share of the second brand colour in paper that would be lost beside its picture, by tone."""
PAPER_DIFFERS = 8.0
"""Least colour difference (CIEDE2000) of untinted paper from wall and podium of its picture."""
PANEL_TINTS = (0.24, 0.36, 0.5)
"""Shares of brand colour in a tinted panel, least first."""
PANEL_DIFFERS, TINT_DIFFERS = 14.0, 5.0
"""Least colour difference (CIEDE2000) of a panel, and of a tinted one, from the picture beside."""
PILL_STANDS, PILL_SEEN = 3.0, 1.8
"""Contrast of a pill with its ground: wanted (WCAG 2.2, 1.4.11) and the least without keyline."""
EDGE = 10 / 1080
"""How far around a pill its ground is looked at, in shortest sides."""
EDGE_PARTS = 6
BLOCK_STANDS = 22.0
"""Colour difference (CIEDE2000) from which a block of colour stands out from its ground."""


def inks(palette: Palette) -> list[str]:
    """Colours for text in the order they are tried; shades of brand colours come last."""
    named = [palette.text, palette.background, palette.primary, palette.secondary, palette.accent]
    dark, light = darkest(palette), lightest(palette)
    shades = [mix(dark, "#000000", 0.5), mix(light, "#FFFFFF", 0.7)]
    return list(dict.fromkeys(c.upper() for c in [*named, *palette.extra, *shades] if c))


def darkest(palette: Palette) -> str:
    """The palette's darkest colour."""
    return min(palette.colours(), key=lambda c: float(luminance(hex_to_rgb(c))))


def lightest(palette: Palette) -> str:
    """The palette's lightest colour."""
    return max(palette.colours(), key=lambda c: float(luminance(hex_to_rgb(c))))


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` of `other`, in sRGB levels."""
    first, second = np.array(hex_to_rgb(one), float), np.array(hex_to_rgb(other), float)
    return rgb_to_hex(first * (1 - share) + second * share)


def worst(ink: str, scene: Pixels, boxes: Sequence[Box]) -> float:
    """Worst contrast (5 % quantile per box) of `ink` on the pixels under the boxes."""
    rgb = hex_to_rgb(ink)
    steps = [2 if b.width * b.height > MANY else 1 for b in boxes]
    grounds = [scene[b.y0 : b.y1 : n, b.x0 : b.x1 : n] for b, n in zip(boxes, steps, strict=True)]
    return min((worst_contrast(rgb, g) for g in grounds if g.size), default=21.0)


def choose_ink(
    candidates: Sequence[str], scene: Pixels, small: Sequence[Box], large: Sequence[Box]
) -> tuple[str, bool]:
    """The first candidate that reads comfortably, else the first that reads everywhere, large text
    too, at the small-text contrast. False when none does; then the best one comes back."""
    measured = [(ink, worst(ink, scene, small), worst(ink, scene, large)) for ink in candidates]
    for need_small, need_large, count in ((COMFORT, COMFORT, 2), (SPARE, SPARE, 99)):
        for ink, on_small, on_large in measured[:count]:
            if on_small >= need_small and on_large >= need_large:
                return ink, True
    best = max(measured, key=lambda m: min(m[1] / SMALL, m[2] / LARGE))
    return best[0], False


def veils(palette: Palette, ground: Pixels, ink: str) -> list[str]:
    """Colours of a scrim under `ink`, the one first that is seen least: the ground's own, where
    some ink reads on it, then the brand's lightest or darkest."""
    dark = float(luminance(hex_to_rgb(ink))) < 0.18
    end = lightest(palette) if dark else darkest(palette)
    own = rgb_to_hex(np.median(ground[::3, ::3].reshape(-1, 3), axis=0)) if ground.size else end
    reads = max(float(contrast(hex_to_rgb(own), hex_to_rgb(other))) for other in inks(palette))
    return [own, end] if reads >= SMALL else [mix(own, end, 0.5), end]


def ground_colour(
    kind: str, palette: Palette, beside: Sequence[Pixels], seed: int, tokens: Tokens
) -> str:
    """Colour of the page around a picture: `paper` is quiet and light (or dark, as the brand's
    background is), `panel` is a strong brand colour that differs from `beside`, what meets it of
    the picture, or a tint of one where the brand's tokens say so."""
    near = srgb_to_lab([np.median(part.reshape(-1, 3), axis=0) for part in beside])
    if kind == "paper":
        paper, share = palette.background, PAPER_TINT[tokens.tone]
        alike = float(delta_e(srgb_to_lab(hex_to_rgb(paper)), near).min()) < PAPER_DIFFERS
        return mix(paper, palette.secondary or palette.accent, share) if alike else paper
    order = [palette.primary, palette.secondary, palette.background, palette.accent, palette.text]
    names = [c for c in dict.fromkeys(order) if c]
    ranked = names[:2] if seed % 2 == 0 else names[1::-1]
    tints = [mix(palette.background, c, share) for c in ranked for share in PANEL_TINTS]
    choice = [(tint, TINT_DIFFERS) for tint in tints] if tokens.panel == "tinted" else []
    for colour, apart in [*choice, *((c, PANEL_DIFFERS) for c in [*ranked, *names[2:]])]:
        reads = max(float(contrast(hex_to_rgb(i), hex_to_rgb(colour))) for i in inks(palette)[:5])
        differs = float(delta_e(srgb_to_lab(hex_to_rgb(colour)), near).min())
        if reads >= SMALL and differs >= apart:
            return colour
    return palette.background


def block_colour(fill: str, palette: Palette, around: Sequence[Pixels]) -> str:
    """Colour of a block by what it is for: `paper` is the brand's background; `accent` the first
    brand colour that is loud, carries readable large text and differs from all parts of what is
    `around` it, as `edge_grounds` gives them."""
    if fill == "paper":
        return palette.background
    loud = [palette.accent, palette.primary, palette.secondary, palette.text, palette.background]
    names = [c for c in dict.fromkeys(loud) if c]
    parts = [piece for part in around for piece in np.array_split(part, 4) if len(piece)]
    near = srgb_to_lab([np.median(part, axis=0) for part in parts]) if parts else None
    measured = []
    for colour in names:
        far = 99.0
        if near is not None:
            far = float(delta_e(srgb_to_lab(hex_to_rgb(colour)), near).min())
        if best_on(colour, palette)[1] >= LARGE:
            measured.append((far, colour))
    clear = next((colour for far, colour in measured if far >= BLOCK_STANDS), None)
    return clear or max(measured, default=(0.0, darkest(palette)))[1]


def pill_colours(palette: Palette, scene: Pixels, box: Box) -> tuple[str, str, str | None]:
    """Fill and ink of the call to action in `box`, and the colour of a keyline around it or None.

    The first brand colour that carries readable text and stands out from the ground at every part
    of the pill's edge; where the ground is of several colours and none does, the best one gets a
    keyline of the opposite lightness."""
    parts = edge_grounds(scene, box)
    order = [palette.primary, palette.accent, palette.text, palette.background, palette.secondary]
    order = [*order, *palette.extra, mix(darkest(palette), "#000000", 0.5)]
    own, measured = inks(palette), []
    for fill in dict.fromkeys(c for c in order if c):
        ink, reads = best_on(fill, palette)
        if reads >= SMALL and ink in own:
            rgb = hex_to_rgb(fill)
            stands = min((worst_contrast(rgb, part, 0.1) for part in parts), default=21.0)
            measured.append((stands, fill, ink))
    if not measured:
        fill = darkest(palette)
        measured = [(0.0, fill, best_on(fill, palette)[0])]
    for need in (PILL_STANDS, PILL_SEEN):
        for stands, fill, ink in measured:
            if stands >= need:
                return fill, ink, None
    _, fill, ink = max(measured, key=lambda m: m[0])
    ends = (lightest(palette), darkest(palette), "#FFFFFF", "#000000")
    rgb = hex_to_rgb(fill)
    keyline = next((c for c in ends if float(contrast(hex_to_rgb(c), rgb)) >= PILL_STANDS), ends[2])
    return fill, ink, keyline


def edge_grounds(scene: Pixels, box: Box) -> list[Pixels]:
    """The pixels just outside a box and just inside its border, in `EDGE_PARTS` parts from left
    to right, each (n, 3): a pill that melts into its ground at one end only is found so."""
    reach = max(4, round(EDGE * min(scene.shape[:2])))
    x0, y0 = max(0, box.x0 - reach), max(0, box.y0 - reach)
    around = scene[y0 : box.y1 + reach, x0 : box.x1 + reach]
    ring = np.ones(around.shape[:2], dtype=bool)
    ring[box.y0 - y0 + 2 : box.y1 - y0 - 2, box.x0 - x0 + 2 : box.x1 - x0 - 2] = False
    cuts = np.linspace(0, around.shape[1], EDGE_PARTS + 1).astype(int)
    parts = [around[:, a:b][ring[:, a:b]] for a, b in itertools.pairwise(cuts)]
    return [part for part in parts if len(part)]


def best_on(fill: str, palette: Palette) -> tuple[str, float]:
    """Ink for text on a flat colour, and its contrast: background or text colour when they read,
    else the brand's best, else (for a palette of one lightness) black or white, of which one
    reaches 4.5:1 on every colour."""
    ground = hex_to_rgb(fill)
    measured = [(ink, float(contrast(hex_to_rgb(ink), ground))) for ink in inks(palette)]
    for ink, ratio in sorted(measured[:2], key=lambda m: -m[1]):
        if ratio >= SMALL:
            return ink, ratio
    best = max(measured, key=lambda m: m[1])
    if best[1] >= SMALL:
        return best
    poles = [(ink, float(contrast(hex_to_rgb(ink), ground))) for ink in ("#000000", "#FFFFFF")]
    return max(poles, key=lambda m: m[1])


def readable_plate(tint: str, palette: Palette, need: float) -> tuple[str, str]:
    """A plate's colour and its ink with at least that contrast: `tint`, or as little lighter or
    darker as `need` asks. Middling colours cannot carry more than 4.6:1 themselves."""
    pole = "#FFFFFF" if float(luminance(hex_to_rgb(tint))) > 0.18 else "#000000"
    for share in (0.0, 0.15, 0.3, 0.45, 0.6, 0.8):
        plate = mix(tint, pole, share)
        ink, ratio = best_on(plate, palette)
        if ratio >= need:
            return plate, ink
    return pole, best_on(pole, palette)[0]


def ink_on(fill: str, palette: Palette, *, large: bool) -> str:
    """Ink for text on a flat colour, as `best_on`; `large` text keeps the brand's background or
    text colour as long as that is readable at its size."""
    if large:
        named = [palette.background, palette.text]
        best = max(named, key=lambda c: float(contrast(hex_to_rgb(c), hex_to_rgb(fill))))
        if float(contrast(hex_to_rgb(best), hex_to_rgb(fill))) >= LARGE_SPARE:
            return best
    return best_on(fill, palette)[0]


def soft_ink(ink: str, toward: str, scene: Pixels, boxes: Sequence[Box], need: float) -> str:
    """`ink` mixed toward `toward` as far as its worst contrast stays at `need`: quiet, readable."""
    for share in (0.45, 0.36, 0.28, 0.2, 0.12, 0.06):
        softer = mix(ink, toward, share)
        if worst(softer, scene, boxes) >= need:
            return softer
    return ink
