"""The design criteria: each looks at one thing, gives a number in [0, 1] and says why.

Both scorers use them, and so does the choice among key visuals, which no scoring model may make.
A function returns None when the picture does not bring what it needs to see (no texts, no product).
Thresholds are house values unless a source is named; none was fitted to clicks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.records.brand import Brand
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.scores import Criterion
from contentfab.rules.pixels.colour import hex_to_rgb, srgb_to_lab, worst_contrast
from contentfab.rules.pixels.colour_names import colour_name
from contentfab.rules.pixels.swatches import swatches

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

ON_BRAND, OFF_BRAND = 3.0, 20.0
"""ΔE (lightness halved) up to which a colour counts as the brand's, and from which not at all."""

LEAST_SHARE = 0.02
"""Of a scene that a colour must hold to be named: a mixed edge between two colours is none."""

LARGE_PX, LARGE_BOLD_PX, BOLD = 24.0, 18.66, 700
"""WCAG 2.2, 1.4.3: text from 18 pt, or 14 pt bold, is large and needs 3:1 instead of 4.5:1."""

EDGE = 9.0
"""Gradient, in 8-bit levels per pixel at 512 pixels, from which a pixel counts as busy."""

Grey = NDArray[np.float32]


def palette(scene: Picture, brand: Brand, without: tuple[Box, ...]) -> Criterion | None:
    """How much of the scene (never the product, the logo or type) wears the brand's colours."""
    roles = {
        role: colour
        for role in ("primary", "background", "accent", "secondary", "text")
        if (colour := getattr(brand.palette, role))
    }
    roles |= {f"extra {n}": colour for n, colour in enumerate(brand.palette.extra, 1)}
    found = swatches(scene, roles, without)
    if not found:
        return None
    scores = [_falls(swatch.distance, ON_BRAND, OFF_BRAND) for swatch in found]
    value = sum(s.share * score for s, score in zip(found, scores, strict=True))
    worn: dict[str, float] = {}
    for swatch, score in zip(found, scores, strict=True):
        if score >= 0.75:
            worn[swatch.role] = worn.get(swatch.role, 0.0) + swatch.share
    text = f"{sum(worn.values()):.0%} of the scene is in the brand's colours"
    if worn:
        ranked = sorted(worn.items(), key=lambda item: -item[1])
        parts = (f"{role} {colour_name(roles[role])} {share:.0%}" for role, share in ranked)
        text += f" ({', '.join(parts)})"
    far = max(zip(found, scores, strict=True), key=lambda pair: pair[0].share * (1 - pair[1]))[0]
    if far.distance > ON_BRAND and far.share >= LEAST_SHARE:
        text += (
            f"; {far.share:.0%} ({colour_name(far.colour)}) is ΔE {far.distance:.0f} from the "
            f"nearest brand colour: {colour_name(far.brand_colour)} ({far.role})"
        )
    asked, primary = brand.scores.primary_share, worn.get("primary", 0.0)
    if primary < asked:
        # Half of the score is for colours that belong, half for the one that leads.
        value *= 0.5 + 0.5 * primary / asked
        text += f"; the guide asks for {asked:.0%} of primary {colour_name(roles['primary'])}"
    return Criterion("palette", _unit(value), text)


def contrast(poster: Poster) -> tuple[Criterion, bool] | None:
    """The worst text's WCAG contrast on its real ground, and whether all texts pass."""
    if poster.background is None or not poster.texts:
        return None
    rated = []
    for text in poster.texts:
        needed = _needed_contrast(text)
        ratio = worst_contrast(hex_to_rgb(text.ink), _cut(poster.background, text.box))
        rated.append((ratio / needed, ratio, needed, text))
    share, ratio, needed, text = min(rated, key=lambda item: item[0])
    value = float(np.interp(share, [1 / needed, 1.0, 2.0, 3.5], [0.0, 0.55, 0.85, 1.0]))
    explanation = (
        f"worst: {text.role} {ratio:.1f}:1 on the hardest 5 % of its ground (needs {needed:g}:1)"
    )
    return Criterion("contrast", _unit(value), explanation), share >= 1.0


def calm(scene: Picture, texts: Sequence[TextBox]) -> Criterion:
    """How little happens behind type; for a picture without type, how much room it would leave."""
    busy, scale = _busy(scene)
    if not texts:
        blocks = cv2.resize(busy, (16, 16), interpolation=cv2.INTER_AREA)
        room = float((blocks < 0.04).mean())
        text = f"{room:.0%} of the picture is calm enough for type"
        return Criterion("calm", _unit(room / 0.35), text)
    shares = []
    for item in texts:
        ground = _cut(busy, Box(*(round(v * scale) for v in item.box)))
        shares.append((float(ground.mean()) if ground.size else 0.0, item))
    worst, item = max(shares, key=lambda pair: pair[0])
    areas = np.array([max(1, t.box.width * t.box.height) for _, t in shares], float)
    mean = float(np.average([share for share, _ in shares], weights=areas))
    explanation = (
        f"{mean:.0%} of the ground behind type is busy, most under {item.role} ({worst:.0%})"
    )
    return Criterion("calm", _falls((mean + worst) / 2, 0.03, 0.45), explanation)


def sharpness(scene: Picture) -> Criterion:
    """Acuity of the clearest edges: the Laplacian against the local range of grey, so that a calm
    picture with one crisp edge is sharp and a noisy blur is not."""
    height, width = scene.shape[:2]
    top, left = max(0, (height - 1600) // 2), max(0, (width - 1600) // 2)
    grey = _grey(scene[top : top + 1600, left : left + 1600])
    kernel = np.ones((7, 7), np.uint8)
    spread = cv2.dilate(grey, kernel) - cv2.erode(grey, kernel)
    strong = spread >= max(24.0, float(np.quantile(spread[::4, ::4], 0.97)))
    if not strong.any():
        return Criterion("sharpness", 0.2, "no edge of 24 levels or more: blurred, or empty")
    laplacian = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    local = cv2.dilate(laplacian, kernel)[strong] / spread[strong]
    acuity = float(np.median(local))
    value = float(np.interp(acuity, [0.06, 0.25, 0.9], [0.0, 0.6, 1.0]))
    text = f"edges rise {acuity:.2f} of their height in one pixel (crisp from 0.9, soft below 0.25)"
    return Criterion("sharpness", _unit(value), text)


def text_fit(poster: Poster) -> Criterion | None:
    """Type that is inside the picture, large enough, not crowded and not on top of itself."""
    if not poster.texts:
        return None
    height, width = poster.pixels.shape[:2]
    short = min(height, width)
    parts: list[tuple[float, str]] = []
    for text in poster.texts:
        inside = _overlap(text.box, Box(0, 0, width, height)) / max(1, _area(text.box))
        parts.append((_unit((inside - 0.8) / 0.2), f"{text.role} lies partly outside the picture"))
        floor = 0.032 if text.role == "headline" else 0.018
        size = text.size / short
        small = f"{text.role} is {size:.1%} of the short side tall (wants {floor:.1%})"
        parts.append((_unit(size / floor), small))
    covered = sum(_area(text.box) for text in poster.texts) / (height * width)
    parts.append((_falls(covered, 0.3, 0.6), f"type covers {covered:.0%} of the picture"))
    for i, one in enumerate(poster.texts):
        for two in poster.texts[i + 1 :]:
            lap = _overlap(one.box, two.box) / max(1, min(_area(one.box), _area(two.box)))
            parts.append((_falls(lap, 0.05, 0.5), f"{one.role} and {two.role} overlap"))
    value, reason = min(parts, key=lambda part: part[0])
    if value >= 0.999:
        reason = f"{len(poster.texts)} texts fit, covering {covered:.0%} of the picture"
    return Criterion("text_fit", value, reason)


def hierarchy(poster: Poster) -> Criterion | None:
    """Whether one text leads, be it headline or price: the largest size against the next. Scales
    of type step by 1.2 to 1.6; a poster read in passing wants two steps or more."""
    if len(poster.texts) < 2:
        return None
    first, second = sorted(poster.texts, key=lambda text: -text.size)[:2]
    ratio = first.size / max(second.size, 1.0)
    value = float(np.interp(ratio, [1.0, 1.6, 2.6], [0.1, 0.7, 1.0]))
    text = f"{first.role} leads at {ratio:.1f} × the size of {second.role}"
    return Criterion("hierarchy", value, text)


def product(poster: Poster) -> Criterion | None:
    """Whether the product is seen: large enough, clear of type, and apart from what is around."""
    box = poster.product_box
    if box is None:
        return None
    height, width = poster.pixels.shape[:2]
    share = _area(box) / (height * width)
    size = float(np.interp(share, [0.01, 0.05, 0.12, 0.35, 0.75], [0.1, 0.7, 1.0, 1.0, 0.4]))
    covered = sum(_overlap(box, text.box) for text in poster.texts) / max(1, _area(box))
    free = _falls(covered, 0.03, 0.4)
    step = _separation(poster.pixels, box)
    apart = float(np.interp(step, [2.0, 10.0, 35.0], [0.4, 0.8, 1.0]))
    text = f"fills {share:.0%} of the picture, {step:.0f} Lab units from its surroundings"
    if free < 1:
        text += f"; type covers {covered:.0%} of it"
    return Criterion("product", _unit(size * free * apart), text)


def balance(pixels: Picture) -> Criterion:
    """How near the centre of visual weight (what differs from the picture's main tone) is to the
    middle axis and to the middle third."""
    small = cv2.resize(pixels, (48, 48), interpolation=cv2.INTER_AREA)
    lab = srgb_to_lab(small)
    weight = np.linalg.norm(lab - np.median(lab.reshape(-1, 3), axis=0), axis=-1) ** 1.5
    if weight.sum() == 0:
        return Criterion("balance", 0.5, "nothing stands out")
    places = (np.arange(48) + 0.5) / 48
    x = float((weight.sum(axis=0) * places).sum() / weight.sum())
    y = float((weight.sum(axis=1) * places).sum() / weight.sum())
    off = max(abs(x - 0.5), 0.6 * abs(y - 0.5))
    text = f"visual weight centres at {x:.0%} from the left, {y:.0%} from the top"
    return Criterion("balance", _falls(off, 0.06, 0.35), text)


def logo(poster: Poster, brand: Brand) -> Criterion | None:
    """Whether the logo is there at its smallest size with its clear space free of type."""
    if brand.logo is None:
        return None
    box = poster.logo_box
    if box is None:
        return Criterion("logo", 0.0, "the brand's logo is not on the poster")
    wide = box.width / poster.pixels.shape[1] * 1000
    size = _unit(wide / brand.logo.min_width)
    gap = max(0, round(brand.logo.clear_space * box.height) - 2)  # boxes are rounded to pixels
    around = Box(box.x0 - gap, box.y0 - gap, box.x1 + gap, box.y1 + gap)
    crowding = [text.role for text in poster.texts if _overlap(around, text.box) > 0]
    text = f"{wide:.0f} ‰ of the width (at least {brand.logo.min_width:.0f} ‰)"
    if crowding:
        text += f"; its clear space is entered by {', '.join(crowding)}"
    return Criterion("logo", size * (0.5 if crowding else 1.0), text)


def _needed_contrast(text: TextBox) -> float:
    large = text.size >= (LARGE_BOLD_PX if text.weight >= BOLD else LARGE_PX)
    return 3.0 if large else 4.5


def _busy(pixels: Picture) -> tuple[Grey, float]:
    """1 where there is an edge, at 512 pixels' longest side; and the scale of that."""
    scale = 512 / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = _grey(np.asarray(small, np.uint8))
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return (cv2.magnitude(across, down) / 8 > EDGE).astype(np.float32), scale


def _separation(pixels: Picture, box: Box) -> float:
    """Distance in Lab between the middle of the product's box and a band just around the box."""
    height, width = pixels.shape[:2]
    band = max(4, min(box.width, box.height) // 8)
    around = (box.x0 - band, box.y0 - band, box.x1 + band, box.y1 + band)
    x0, y0, x1, y1 = np.clip(around, 0, (width, height, width, height))
    step = max(1, (x1 - x0) // 96)
    outer = srgb_to_lab(pixels[y0:y1:step, x0:x1:step])
    rows, columns = np.mgrid[y0:y1:step, x0:x1:step]
    inside = (columns >= box.x0) & (columns < box.x1) & (rows >= box.y0) & (rows < box.y1)
    middle = inside & (abs(columns - (box.x0 + box.x1) / 2) < box.width * 0.3)
    if not middle.any() or inside.all():
        return 0.0
    ring = np.median(outer[~inside], axis=0)
    return float(np.median(np.linalg.norm(outer[middle] - ring, axis=-1)))


def _grey(pixels: Picture) -> Grey:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY), np.float32)


def _cut(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    return picture[max(0, box.y0) : max(0, box.y1), max(0, box.x0) : max(0, box.x1)]


def _area(box: Box) -> int:
    return max(0, box.width) * max(0, box.height)


def _overlap(one: Box, two: Box) -> int:
    across = min(one.x1, two.x1) - max(one.x0, two.x0)
    down = min(one.y1, two.y1) - max(one.y0, two.y0)
    return max(0, across) * max(0, down)


def _falls(value: float, good: float, bad: float) -> float:
    """1 up to `good`, 0 from `bad`, straight between."""
    return _unit((bad - value) / (bad - good))


def _unit(value: float) -> float:
    return float(min(1.0, max(0.0, value)))
