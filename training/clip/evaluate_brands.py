"""Does brand fit know a brand? The example brands' own pictures against everybody else's.

`python training/clip/evaluate_brands.py --model contentfab/models/mini-clip`; minutes on one core.
Pictures are new: other seeds than those of the exemplars, every scene of the brand, all ways of
sharing out its colours, half of them as posters in the brand's own layout. Off-brand are the other
brands' pictures and pictures in palettes of no brand. All are scored as foreign pictures, without
layout record, so that gates play no part. Nothing here was used to choose a formula or a weight.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import scenes
import yaml
from evaluate import auc

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.backends.layout_typst import TypstLayout
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.errors import BackendError
from contentfab.records.brand import Brand, Palette
from contentfab.records.brief import ArtDirection
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual, PictureRequest, PosterRequest, PosterText
from contentfab.records.scores import ScoreCard, ScoreRequest

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

GUIDES = Path(__file__).resolve().parents[2] / "brand_guides"
SEED = 440_001
COUNT = 30
SIZES = ((480, 600), (540, 540), (400, 711), (600, 314))
CRITERIA = ("palette", "brand_pictures", "brand_words")
WORDS = PosterText(headline="Made for today", subline="Take a closer look.", cta="See it")
PLAIN = {"text": "#111111", "accent": "#C0623F"}


@dataclass(frozen=True, slots=True)
class Guide:
    """A brand guide and its folder."""

    brand: Brand
    folder: Path

    def request(self, pixels: Picture) -> ScoreRequest:
        return ScoreRequest(
            "k",
            pixels,
            self.brand,
            exemplars=tuple(self.folder / name for name in self.brand.exemplars),
            counter_exemplars=tuple(self.folder / name for name in self.brand.counter_exemplars),
        )


def main() -> None:
    """Prints the table as JSON."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", type=Path, required=True, help="folder of the model")
    asked.add_argument("--count", type=int, default=COUNT, help="pictures a brand")
    given = asked.parse_args()
    print(json.dumps(evaluate(given.model, given.count), indent=2, ensure_ascii=False))


def evaluate(model: Path, count: int = COUNT) -> dict[str, Any]:
    """By brand: AUC of brand fit and of each criterion alone, on-brand against off-brand; "no
    signal" for a criterion that found itself out."""
    cv2.setNumThreads(1)
    scorer = OpenClipScorer(model=str(model), device="cpu")
    guides = [_guide(file) for file in sorted(GUIDES.glob("*/brand.yaml"))]
    pictures = {g.brand.id: drawn(g, count) for g in guides} | {"": of_no_brand(count)}
    found: dict[str, Any] = {"calibration_id": scorer.calibration_id, "pictures_each": count}
    for guide in guides:
        cards = {
            name: scorer.score([guide.request(pixels) for pixels in group])
            for name, group in pictures.items()
        }
        own = cards.pop(guide.brand.id)
        rest = [card for group in cards.values() for card in group]
        found[guide.brand.id] = {
            "brand_fit": _auc([c.brand_fit for c in own], [c.brand_fit for c in rest]),
            "against": {
                name or "no brand": _auc([c.brand_fit for c in own], [c.brand_fit for c in group])
                for name, group in cards.items()
            },
            **{name: _auc(_values(own, name), _values(rest, name)) for name in CRITERIA},
            "median": {
                "on": round(float(np.median([c.brand_fit or 0 for c in own])), 3),
                "off": round(float(np.median([c.brand_fit or 0 for c in rest])), 3),
            },
            "at_0.5": {
                "on_brand_kept": round(_share(own), 3),
                "off_brand_kept": round(_share(rest), 3),
            },
        }
    return found


def drawn(guide: Guide, count: int) -> list[Picture]:
    """New pictures of a brand, every second one as a poster."""
    brand, generator, layout = guide.brand, PlatesImageGenerator(), TypstLayout()
    colours, imagery = brand.palette, brand.imagery
    second = colours.secondary or colours.primary
    ways = (
        {"wall": colours.background, "podium": second, "accent": colours.accent},
        {"wall": colours.primary, "podium": colours.background, "accent": colours.accent},
        {"wall": second, "podium": colours.background, "accent": colours.primary},
    )
    dice = random.Random(f"{SEED}-{brand.id}")
    found = []
    for number in range(count):
        art = ArtDirection(
            imagery.scenes[number % len(imagery.scenes)],
            "",
            dice.choice(ways),
            light=imagery.light,
            mood=imagery.mood,
            copy_space=dice.choice(("left", "right", "top")),
        )
        visual = _visual(generator, art, SIZES[number % len(SIZES)], dice)
        found.append(_poster(layout, visual, guide, dice) if number % 2 else visual.pixels)
    return found


def of_no_brand(count: int) -> list[Picture]:
    """Pictures of any scene in palettes that training keeps out, every second one as a poster."""
    generator, layout = PlatesImageGenerator(), TypstLayout()
    dice, names = random.Random(f"{SEED}-none"), [scene.name for scene in scene_names()]
    found = []
    for number in range(count):
        palette = scenes.palette(dice, kept_out=True)
        art = ArtDirection(dice.choice(names), "", palette, copy_space="top")
        visual = _visual(generator, art, SIZES[number % len(SIZES)], dice)
        colours = Palette(primary=palette["podium"], background=palette["wall"], **PLAIN)
        guide = Guide(Brand(id="none", name="None", palette=colours), Path())
        found.append(_poster(layout, visual, guide, dice) if number % 2 else visual.pixels)
    return found


def _visual(
    generator: PlatesImageGenerator, art: ArtDirection, size: tuple[int, int], dice: random.Random
) -> KeyVisual:
    (visual,) = generator.generate([PictureRequest("k", dice.randrange(2**31), *size, art)])
    return visual


def _poster(layout: TypstLayout, visual: KeyVisual, guide: Guide, dice: random.Random) -> Picture:
    """As a poster in the guide's type and colours, in glyphs that nobody can read; the key visual
    itself where the layout finds no room."""
    height, width = visual.pixels.shape[:2]
    request = PosterRequest(
        key="k",
        variant="k",
        layout=dice.choice(layout.families),
        placement=Placement(id="new", width=width, height=height),
        locale="en-US",
        text=WORDS,
        key_visual=visual,
        product_image=None,
        brand=guide.brand,
        brand_dir=guide.folder,
        seed=dice.randrange(2**31),
    )
    try:
        (poster,) = layout.render([request])
    except BackendError:
        return visual.pixels
    return poster.pixels if poster.background is None else poster.background


def _guide(file: Path) -> Guide:
    text = file.read_text(encoding="utf-8")
    return Guide(Brand.model_validate(yaml.safe_load(text)), file.parent)


def _values(cards: list[ScoreCard], name: str) -> list[float | None]:
    return [next((c.value for c in card.criteria if c.name == name), None) for card in cards]


def _auc(own: list[float | None], rest: list[float | None]) -> float | str:
    if None in own or None in rest:
        return "no signal"
    return round(auc(np.array(own, float), np.array(rest, float)), 3)


def _share(cards: list[ScoreCard]) -> float:
    return float(np.mean([(card.brand_fit or 0) >= 0.5 for card in cards]))


if __name__ == "__main__":
    main()
