"""The background set of a model: posters of the line itself, in which its scores are percentiles.

`python training/clip/background.py --model contentfab/models/mini-clip`, after training; minutes on
one core, one seed. Every poster is drawn as a campaign's would be (scene, palette, product, layout
family, words; all invented), in the sizes of real placements, as many for each shape of picture.
A share of them is spoiled as pictures can be, so that "better than 10 %" means that a picture is
little better than spoiled ones. They are encoded as the scorer encodes a poster: without its type.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import defects
import numpy as np
import printed
import products
import scenes
from PIL import Image

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.backends.layout_typst import TypstLayout
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.errors import BackendError
from contentfab.records.brand import Brand, Fonts, Palette, Tokens
from contentfab.records.brief import ArtDirection
from contentfab.records.channel import Placement
from contentfab.records.pictures import PictureRequest, PosterRequest, PosterText
from contentfab.rules.pixels.colour import hex_to_rgb
from contentfab.rules.pixels.colour_names import NAMED
from contentfab.rules.scoring.background import Background

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

SEED = 611_953
"""Of nothing else: training draws from 20 and 21."""
NAME = "mini-posters"
SPOILED = 0.15
PER_BUCKET = 160
SIZES: dict[str, tuple[tuple[int, int], ...]] = {
    "skyscraper": ((160, 600),),
    "story": ((720, 1280), (720, 1280), (300, 600)),
    "portrait": ((720, 900), (720, 900), (720, 960)),
    "square": ((640, 640),),
    "landscape": ((800, 418), (800, 418), (300, 250), (336, 280)),
    "banner": ((728, 90), (970, 250)),
}
"""Of real placements, or half of one: a view has 128 pixels a side."""
STORY_SAFE = (0.14, 0.06, 0.2, 0.06)
PACKS, PACK_HEIGHT = 36, 620
FONTS = ("Inter", "Source Serif 4", "Noto Sans", "Noto Serif")
OPENINGS = ("Slow", "Bright", "Quiet", "Made for", "Meet the", "Every", "Small", "All new", "One")
THINGS = ("mornings", "days out", "long evenings", "second skin", "ritual", "weekend", "kitchen")
DETAILS = (
    "Ready when you are.", "Made in small batches, kept simple.", "Lighter than it looks.",
    "Refill it, keep it, use it every day.", "Tested on long days and short nights.",
)  # fmt: skip
ACTIONS = ("Shop now", "See how", "Find yours", "Take a look", "Get started")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture of the set; `spoiled` names what was done to it, "" for nothing."""

    bucket: str
    pixels: Picture
    spoiled: str


def main() -> None:
    """Draws, encodes, writes the two files."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", type=Path, required=True, help="folder of the model")
    asked.add_argument("--out", type=Path, help="default: the model's folder")
    asked.add_argument("--per-bucket", type=int, default=PER_BUCKET)
    given = asked.parse_args()
    cv2.setNumThreads(1)
    began = time.process_time()
    made = make(given.model, given.per_bucket)
    made.save(given.out or given.model)
    print(f"{made.id}: {len(made.buckets)} pictures in {time.process_time() - began:.0f} s of CPU")


def make(model: Path, per_bucket: int) -> Background:
    """The set, `per_bucket` pictures of each shape."""
    scorer = OpenClipScorer(model=str(model), device="cpu", calibration="none")
    vectors, buckets = [], []
    for picture in draw(per_bucket):
        vectors.append(scorer.embed([picture.pixels])[0])
        buckets.append(picture.bucket)
    made_by = (
        f"training/clip/background.py, seed {SEED}: posters of contentfab's own line (plates and "
        f"drawn scenes, invented packs, palettes and words, every layout family), without their "
        f"type; {per_bucket} of each shape; {SPOILED:.0%} spoiled by one defect "
        f"({', '.join(defects.LEARNED)})"
    )
    return Background(NAME, np.stack(vectors), tuple(buckets), scorer.encoding, made_by)


def draw(per_bucket: int, seed: int = SEED) -> Iterator[Drawn]:
    """`per_bucket` posters of each shape; each has its own seed."""
    layout, generator = TypstLayout(), PlatesImageGenerator()
    with tempfile.TemporaryDirectory() as folder:
        found = packs(Path(folder), seed)
        for bucket, sizes in SIZES.items():
            for number in range(per_bucket):
                dice = random.Random(f"{seed}-{bucket}-{number}")
                size = sizes[number % len(sizes)]
                pixels = _poster(layout, generator, found, size, dice)
                # Evenly through the bucket and its sizes, rather than by chance.
                spoil = int((number + 1) * SPOILED) > int(number * SPOILED)
                kind = dice.choice(tuple(defects.LEARNED)) if spoil else ""
                if kind:
                    levels = np.random.default_rng(dice.randrange(2**31))
                    pixels = defects.LEARNED[kind][0](pixels, levels)
                yield Drawn(bucket, pixels, kind)


def packs(folder: Path, seed: int) -> list[Path]:
    """Files of invented products, with an even light and a silhouette of each kind."""
    dice, files = random.Random(seed), []
    for number in range(PACKS):
        kind = tuple(products.KINDS)[number % len(products.KINDS)]
        colour = hex_to_rgb(NAMED[dice.choice(tuple(NAMED))])
        light = dice.choice(("left", "right", "front"))
        rgb = (int(colour[0]), int(colour[1]), int(colour[2]))
        pixels = products.pack(kind, rgb, light, dice.randrange(2**31), PACK_HEIGHT)
        files.append(folder / f"{number}.png")
        Image.fromarray(pixels).save(files[-1])
    return files


def _poster(
    layout: TypstLayout,
    generator: PlatesImageGenerator,
    packs: list[Path],
    size: tuple[int, int],
    dice: random.Random,
) -> Picture:
    """A poster as the scorer sees it; drawn anew where the layout finds no room."""
    for _ in range(20):
        try:
            (poster,) = layout.render([request(layout, generator, packs, size, dice)])
        except BackendError:
            continue
        if poster.background is not None:
            return poster.background
    raise RuntimeError(f"no poster of {size[0]} x {size[1]} could be laid out")


def request(
    layout: TypstLayout,
    generator: PlatesImageGenerator,
    packs: list[Path],
    size: tuple[int, int],
    dice: random.Random,
    names: tuple[str, ...] = (),
    colours: dict[str, str] | None = None,
) -> PosterRequest:
    """A poster to be drawn, in one of the scenes of these names and in these colours (default: of
    all, in any)."""
    colours = colours or scenes.palette(dice, dice.random() < 0.1)
    art = ArtDirection(
        scene=dice.choice(names or tuple(scene.name for scene in scene_names())),
        subject="",
        palette=colours,
        light=f"light from the {dice.choice(('left', 'right', 'front'))}",
        copy_space=dice.choice(("left", "right", "top")),
    )
    width, height = size
    seed = dice.randrange(2**31)
    (visual,) = generator.generate([PictureRequest("k", seed, width, height, art)])
    story = height > 1.6 * width and width >= 600
    return PosterRequest(
        key="poster",
        variant="poster",
        layout=dice.choice(layout.families),
        placement=Placement(
            id="set", width=width, height=height, safe=STORY_SAFE if story else (0, 0, 0, 0)
        ),
        locale="en-US",
        text=text(dice),
        key_visual=visual,
        product_image=dice.choice(packs) if dice.random() < 0.85 else None,
        brand=_brand(colours, dice),
        brand_dir=Path(),
        seed=seed,
    )


def text(dice: random.Random) -> PosterText:
    """Words of a poster."""
    headline = f"{dice.choice(OPENINGS)} {dice.choice(THINGS)}"
    if dice.random() < 0.2:
        headline = " ".join(dice.sample(printed.PRAISE, 3)).capitalize()
    return PosterText(
        headline=headline,
        subline=dice.choice(DETAILS) if dice.random() < 0.7 else "",
        cta=dice.choice(ACTIONS),
        price=f"${dice.randrange(3, 200)}",
        label="AI-generated",
    )


def _brand(colours: dict[str, str], dice: random.Random) -> Brand:
    wall = np.array(hex_to_rgb(colours["wall"]), float) @ (0.299, 0.587, 0.114)
    palette = Palette(
        primary=colours["podium"],
        background=colours["wall"],
        accent=colours["accent"],
        text="#111111" if wall > 120 else "#FFFFFF",
    )
    tokens = Tokens(
        corner=dice.choice((0, 6, 18, 40)),
        headline_case=dice.choice(("as-is", "as-is", "upper")),
        spacing=dice.choice(("tight", "normal", "airy")),
        tone=dice.choice(("quiet", "normal", "loud")),
        panel=dice.choice(("flat", "tinted")),
    )
    fonts = Fonts(heading=dice.choice(FONTS), body="Inter")
    return Brand(id="drawn", name="Drawn", palette=palette, fonts=fonts, tokens=tokens)


if __name__ == "__main__":
    main()
