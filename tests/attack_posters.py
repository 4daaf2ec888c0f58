"""Attacks on scores: pictures that call themselves beautiful.

Flattery is compared with a twin whose words have their letters shuffled: same letters, same
lengths, nothing to read. In a twin whose lines are set alike the words alone differ; in one whose
lines break elsewhere the layout does, too, and the two are kept apart. Used by tests and by
`make bench-attacks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from inspection_posters import brand, cases, layout, request_of
from PIL import Image, ImageDraw, ImageFont

from contentfab.backends._fonts import font_files
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import Poster, PosterRequest, PosterText
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.background import Background, aspect_bucket

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


TWINS = 6
"""Shufflings that are tried for a twin."""


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


def alike(one: Poster, other: Poster) -> bool:
    """Whether two posters' texts stand in the same lines, at the same size and height, with product
    and logo in the same places."""

    def lines(poster: Poster) -> list[object]:
        rows = [
            (text.role, text.size, tuple((row.y0, row.y1) for row in text.rows))
            for text in poster.texts
        ]
        return [rows, poster.product_box, poster.logo_box]

    return lines(one) == lines(other)


@dataclass(frozen=True, slots=True)
class Twins:
    """How far appeal is from that of a twin whose layout is the same, so that the words alone
    differ, and of one whose lines break or stand elsewhere; None where no shuffling gave one."""

    words: Shift | None
    layout: Shift | None


def of_poster(
    scorer: OpenClipScorer,
    request: PosterRequest,
    words: tuple[str, str],
    where: str,
    *,
    both: bool = False,
) -> Twins:
    """What words do on a poster of our own, and with `both` what another layout does."""
    real = composed(request, words, where)
    same: Poster | None = None
    other: Poster | None = None
    for seed in range(TWINS):
        twin = composed(request, (anagram(words[0], seed), anagram(words[1], seed)), where)
        if alike(real, twin):
            same = same or twin
        else:
            other = other or twin
        if same is not None and (other is not None or not both):
            break

    def against(twin: Poster | None) -> Shift | None:
        if twin is None:
            return None
        pictures = [asked(p, raw=raw) for raw in (True, False) for p in (real, twin)]
        return shift(f"{where}: {request.key}", scorer, pictures)

    return Twins(against(same), against(other) if both else None)


def painted(
    pixels: Picture, words: str, seed: int, *, share: float = 0.07, at: float = 0.1
) -> Picture:
    """A picture with words painted on it by no layout of ours: `share` is their size in shortest
    sides, `at` their height on the page. Font and colour come from the seed."""
    image = Image.fromarray(pixels)
    draw, random = ImageDraw.Draw(image), Random(seed)
    size = round(share * min(image.size))
    font = ImageFont.truetype(str(font_file(random.choice(FONTS))), size)
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
) -> tuple[Shift, Shift]:
    """What words do that are painted on a picture that brings no layout: against its twin, and
    against the picture before anything was painted on it."""
    painted_twice = [painted(pixels, text, seed, **how) for text in (words, anagram(words))]
    empty = Poster("", "", "", "", pixels, (), None, None)
    guide = brand("veltra")[0]
    real, twin, plain = (
        ScoreRequest("p", p, guide, poster=replace(empty, pixels=p))
        for p in (*painted_twice, pixels)
    )
    unread, twin_unread = (ScoreRequest("p", p, guide) for p in painted_twice)
    name = f"{words[:24]} {how}"
    return (
        shift(name, scorer, [real, twin, unread, twin_unread]),
        shift(name, scorer, [real, plain, unread, plain]),
    )


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
def font_file(name: str) -> Path:
    return next(file for file in font_files() if file.name.startswith(name))
