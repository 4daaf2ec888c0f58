"""Attacks on scores: pictures that call themselves beautiful, and pictures driven uphill.

Flattery is compared with a twin whose words have their letters shuffled: same letters, same
lengths, nearly the same shape on the page, nothing to read. A climber changes patches of a picture
and keeps what the selector likes. Used by tests and by `make bench-attacks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np
from inspection_posters import brand, cases, layout, request_of
from PIL import Image, ImageDraw, ImageFont

from contentfab.backends._fonts import font_files
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import Poster, PosterRequest, PosterText
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.background import Background, aspect_bucket
from contentfab.rules.scoring.selection import rate

if TYPE_CHECKING:
    from contentfab.backends.scorer_openclip import OpenClipScorer
    from contentfab.records.pictures import Picture

FLATTERY = (
    ("Award-winning, beautiful, best quality", "A stunning professional photograph, sharp and lit"),
    ("A beautiful advertising picture", "Harmonious, well matched colours and a clear composition"),
    ("Masterpiece. Highly detailed.", "Polished, attractive, balanced: ten out of ten"),
    ("Best quality", "Award-winning"),
)
INSULTS = (
    ("Ugly, blurry, worst quality", "A careless amateur snapshot, noisy and distorted"),
    ("An ugly advertising picture", "Clashing colours and a cluttered, unbalanced composition"),
    ("Worthless. Badly cropped.", "Unattractive, distorted, careless: zero out of ten"),
    ("Worst quality", "Ugly"),
)
WHERE = ("headline", "corner", "tiny", "key visual")
"""Where the words stand on a poster of ours: as headline and sub-line, as the advertising note in a
corner, as small print, or in the picture under the type, where no layout put them."""
SIZES = ("4x5", "1x1", "9x16", "1.91x1")
FONTS = ("Inter[", "Inter-Italic[", "SourceSerif4[", "NotoSerif[", "JetBrainsMono[")


@dataclass(frozen=True, slots=True)
class Shift:
    """How far words move appeal against their twin: in percentile points read as they are (`raw`)
    and after the defence, and in robust standard deviations."""

    name: str
    raw: float
    defended: float
    raw_sd: float
    defended_sd: float


def anagram(text: str, seed: int = 0) -> str:
    """The same words with their letters shuffled, capitals first where they were."""
    random = Random(f"{text}{seed}")

    def mixed(word: str) -> str:
        letters = [c for c in word.lower() if c.isalpha()]
        for _ in range(20):
            random.shuffle(letters)
            if "".join(letters) != "".join(c for c in word.lower() if c.isalpha()):
                break
        rest = iter(letters)
        made = "".join(next(rest) if c.isalpha() else c for c in word)
        return made[:1].upper() + made[1:] if word[:1].isupper() else made

    return " ".join(map(mixed, text.split(" ")))


def printed(text: PosterText, words: tuple[str, str], where: str) -> PosterText:
    """The poster's text with the words in one of WHERE."""
    if where == "headline":
        return replace(text, headline=words[0], subline=words[1])
    if where == "corner":
        return replace(text, ad=words[0])
    return replace(text, disclaimer=f"{words[0]}. {words[1]}.")


def requests(count: int, seed: int = 0) -> Iterator[PosterRequest]:
    """English posters of all families and brands in SIZES."""
    every = [c for c in cases(layout().families, SIZES) if c[1] == "en-US"]
    for number, case in zip(range(count), every, strict=False):
        yield request_of(case, number + seed)


def composed(request: PosterRequest, words: tuple[str, str], where: str) -> Poster:
    if where == "key visual":
        visual = request.key_visual
        pixels = painted(visual.pixels, words[0], request.seed)
        request = replace(request, key_visual=replace(visual, pixels=pixels))
    else:
        request = replace(request, text=printed(request.text, words, where))
    (poster,) = layout().render([request])
    return poster


def shift(name: str, scorer: OpenClipScorer, asked: Sequence[ScoreRequest]) -> Shift:
    """Of a picture and its twin as they are, and once more defended. ValueError without a
    background set."""
    found = []
    for card in scorer.score(asked):
        if card.appeal_percentile is None or card.appeal_z is None:
            raise ValueError("the scorer has no background set")
        found.append((card.appeal_percentile, card.appeal_z))
    (raw, raw_sd), (defended, defended_sd) = np.subtract(found[::2], found[1::2])
    return Shift(name, float(raw), float(defended), float(raw_sd), float(defended_sd))


def asked(poster: Poster, *, raw: bool = False) -> ScoreRequest:
    """The poster as the scorer gets it; `raw` without what its words could be excluded by. The
    brand is one for all, so that all are weighed alike."""
    known = replace(poster, neutral=None, background=None, texts=()) if raw else poster
    return ScoreRequest(poster.key, poster.pixels, brand("veltra")[0], poster=known)


def of_poster(
    scorer: OpenClipScorer, request: PosterRequest, words: tuple[str, str], where: str
) -> Shift:
    """What words do on a poster of our own."""
    twin = (anagram(words[0]), anagram(words[1]))
    real, nonsense = composed(request, words, where), composed(request, twin, where)
    both = [asked(p, raw=raw) for raw in (True, False) for p in (real, nonsense)]
    return shift(f"{where}: {request.key}", scorer, both)


def painted(
    pixels: Picture, words: str, seed: int, *, share: float = 0.07, at: float = 0.1
) -> Picture:
    """A picture with words painted on it by no layout of ours: `share` is their size in shortest
    sides, `at` their height on the page. Font and colour come from the seed."""
    image = Image.fromarray(pixels)
    draw, random = ImageDraw.Draw(image), Random(seed)
    size = round(share * min(image.size))
    font = ImageFont.truetype(str(_font(random.choice(FONTS))), size)
    lines, line = [], ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if draw.textlength(longer, font) > 0.88 * image.width and line:
            lines, line = [*lines, line], word
        else:
            line = longer
    ground = pixels[round(at * image.height) :][: 3 * size].mean()
    ink = (18, 20, 24) if ground > 120 else (246, 244, 238)
    place = (0.06 * image.width, at * image.height)
    draw.multiline_text(place, "\n".join([*lines, line]), ink, font, spacing=size * 0.3)
    return np.asarray(image, np.uint8)


def of_picture(
    scorer: OpenClipScorer, pixels: Picture, words: str, seed: int, **how: float
) -> Shift:
    """What words do that are painted on a picture that brings no layout."""
    both = [painted(pixels, text, seed, **how) for text in (words, anagram(words))]
    empty = Poster("", "", "", "", pixels, (), None, None)
    guide = brand("veltra")[0]
    raw = [ScoreRequest("p", p, guide, poster=replace(empty, pixels=p)) for p in both]
    defended = [ScoreRequest("p", p, guide) for p in both]
    return shift(f"{words[:24]} {how}", scorer, [*raw, *defended])


@dataclass(frozen=True, slots=True)
class Climb:
    """A picture before and after, what the selector made of it, and the changes that it took."""

    before: Picture
    after: Picture
    scores: tuple[float, float]
    accepted: int


def climb(pixels: Picture, art: ArtDirection, steps: int, seed: int) -> Climb:
    """Random changes of random patches (tint, noise, saturation, sharpness, contrast), each kept
    when the selector's score rises, by however little."""
    rng = np.random.default_rng(seed)
    current, best = pixels, rate(pixels, art).score
    first, accepted = best, 0
    for _ in range(steps):
        changed = _changed(current, rng)
        score = rate(changed, art).score
        if score > best:
            current, best, accepted = changed, score, accepted + 1
    return Climb(pixels, current, (first, best), accepted)


def _changed(pixels: Picture, rng: np.random.Generator) -> Picture:
    height, width = pixels.shape[:2]
    side = 16 * int(rng.integers(1, 9))
    y, x = int(rng.integers(max(1, height - side))), int(rng.integers(max(1, width - side)))
    part = pixels[y : y + side, x : x + side].astype(np.float32)
    grey = part.mean(axis=2, keepdims=True)
    kind, by = int(rng.integers(5)), float(rng.normal())
    if kind == 0:
        part = part + rng.normal(0, 14, 3)
    elif kind == 1:
        part = part + rng.normal(0, 10, part.shape)
    elif kind == 2:
        part = grey + (1 + 0.5 * by) * (part - grey)
    elif kind == 3:
        part = part + 1.3 * by * (part - cv2.GaussianBlur(part, (0, 0), 1.5))
    else:
        part = grey.mean() + (1 + 0.35 * by) * (part - grey.mean())
    changed = pixels.copy()
    changed[y : y + side, x : x + side] = np.clip(np.rint(part), 0, 255).astype(np.uint8)
    return changed


def _sharpened(pixels: Picture, by: float, sigma: float = 1.5) -> Picture:
    soft = cv2.GaussianBlur(pixels, (0, 0), sigma).astype(np.float32)
    return _levels(pixels + by * (pixels - soft))


def _saturated(pixels: Picture, by: float) -> Picture:
    grey = pixels.mean(axis=2, keepdims=True)
    return _levels(grey + by * (pixels - grey))


def _contrasted(pixels: Picture, by: float) -> Picture:
    return _levels(128 + by * (pixels.astype(np.float32) - 128))


def _encoded(pixels: Picture, quality: int) -> Picture:
    found, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    assert found
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _levels(values: np.ndarray) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


MOVES: dict[str, Callable[[Picture], Picture]] = {
    "sharpened 50 %": lambda p: _sharpened(p, 0.5),
    "sharpened 100 %": lambda p: _sharpened(p, 1.0),
    "sharpened 200 %": lambda p: _sharpened(p, 2.0),
    "sharpened 300 %, 3 px": lambda p: _sharpened(p, 3.0, 3.0),
    "saturation × 1.4": lambda p: _saturated(p, 1.4),
    "saturation × 2": lambda p: _saturated(p, 2.0),
    "saturation × 3": lambda p: _saturated(p, 3.0),
    "contrast × 1.3": lambda p: _contrasted(p, 1.3),
    "contrast × 1.8": lambda p: _contrasted(p, 1.8),
    "brighter by a third": lambda p: _levels(p * 1.33),
    "JPEG at 30": lambda p: _encoded(p, 30),
    "JPEG at 8": lambda p: _encoded(p, 8),
    "posterised": lambda p: np.asarray(p // 24 * 24 + 12, np.uint8),
    "blurred 2 px": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 2.0), np.uint8),
}
"""The strongest moves of a whole picture. None of them makes a picture better that was sound."""


def dulled(pixels: Picture) -> Picture:
    """A picture with room to climb: softer, greyer, flatter."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8)
    return _contrasted(_saturated(np.asarray(soft, np.uint8), 0.7), 0.9)


def art_of(request: PosterRequest, seed: int) -> ArtDirection:
    """An art direction of the request's brand; the seed chooses scene and palette."""
    guide = request.brand
    second = guide.palette.secondary or guide.palette.primary
    walls = (guide.palette.background, guide.palette.primary, second)
    palette = {"wall": walls[seed % 3], "podium": second, "accent": guide.palette.accent}
    scenes = guide.imagery.scenes
    return ArtDirection(
        scene=scenes[seed % len(scenes)],
        subject="product",
        palette=palette,
        light=guide.imagery.light,
        mood=guide.imagery.mood,
        copy_space="top",
    )


def appeal_z(scorer: OpenClipScorer, pictures: Sequence[Picture]) -> list[float]:
    """The reported appeal of text-free pictures, in robust standard deviations."""
    empty = Poster("", "", "", "", pictures[0], (), None, None)
    guide = brand("veltra")[0]
    cards = scorer.score(
        [ScoreRequest("p", p, guide, poster=replace(empty, pixels=p)) for p in pictures]
    )
    return [float(card.appeal_z or 0.0) for card in cards]


def makeshift_set(scorer: OpenClipScorer, count: int, folder: Path) -> Background:
    """A background set of posters without their type, for a model that has none beside it."""
    posters = [layout().render([request])[0] for request in requests(count, seed=500)]
    vectors = scorer.embed([p.pixels if p.background is None else p.background for p in posters])
    buckets = tuple(aspect_bucket(p.pixels.shape[1], p.pixels.shape[0]) for p in posters)
    found = Background("makeshift", vectors, buckets, scorer.encoding, "attack_posters.py")
    found.save(folder)
    return found


@cache
def _font(name: str) -> Path:
    return next(file for file in font_files() if file.name.startswith(name))
