"""Pictures without a mark: posters of the example brands, plain grounds, photographs, textures.

Photographs come from the sample data of scikit-image and scikit-learn (extra `bench`), enlarged to
poster size; everything else is made here, from seeds. Knows nothing about marks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from contentfab import pipeline
from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest

Picture = NDArray[np.uint8]
EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTOS = {
    "sklearn": ("datasets/images/china.jpg", "datasets/images/flower.jpg"),
    "skimage": tuple(
        f"data/{name}"
        for name in (
            "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "grass.png",
            "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png",
            "page.png", "retina.jpg", "rocket.jpg",
        )
    ),
}  # fmt: skip
SCENES = (
    "arch", "blocks", "disc", "drape", "fluted", "leaf", "niche", "paper", "plinths", "rings",
    "steps", "sweep", "table", "water", "window", "gradient", "waves", "sunburst", "bokeh", "hills",
    "confetti", "arcs", "spotlight",
)  # fmt: skip


def posters(folder: Path) -> list[Path]:
    """Every poster of the three examples, composed by the line but not marked: under the policy
    `when_ai`, posters without any model in them carry provenance only. Made once in `folder`."""
    found: list[Path] = []
    for example in ("coffee", "running", "skincare"):
        run = folder / example / "run"
        if not (run / "manifest.json").is_file():
            campaign = _unlabelled(EXAMPLES, folder, example)
            line = pipeline.open_line(campaign, out=run, offline=True)
            pipeline.run(line, _Silent())
        assets = (run / "assets").rglob("*")
        found += sorted(p for p in assets if p.suffix in (".png", ".jpg"))
    return found


def grounds() -> Iterator[tuple[str, Picture]]:
    """Flat and smooth pictures of 1080 × 1350, and noise: where a mark is hardest to hide."""
    height, width = 1350, 1080
    flat = {"grey": 128, "light grey": 200, "white": 255, "black": 0}
    for name, value in flat.items():
        yield name, np.full((height, width, 3), value, np.uint8)
    yield "dark blue", np.full((height, width, 3), (14, 24, 60), np.uint8)
    down = np.linspace(0.0, 1.0, height)[:, None, None]
    across = np.linspace(0.0, 1.0, width)[None, :, None]
    skin = np.array([232.0, 190.0, 165.0]) - down * [30.0, 38.0, 44.0] + across * [12.0, 8.0, 4.0]
    yield "skin gradient", np.rint(np.clip(skin, 0, 255)).astype(np.uint8)
    ramp = 30 + 200 * down * np.array([1.0, 0.85, 0.7]) + 0 * across
    yield "gradient", ramp.astype(np.uint8)
    yield "noise", np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def photographs(side: int = 1080) -> Iterator[tuple[str, Picture]]:
    """The sample photographs, their shorter side enlarged to `side` pixels, at most 1350 long.
    Nothing when the extra `bench` is not installed."""
    for package, names in PHOTOS.items():
        found = find_spec(package)
        if found is None or not found.submodule_search_locations:
            continue
        for name in names:
            path = Path(found.submodule_search_locations[0]) / name
            image = Image.open(path).convert("RGB")
            factor = side / min(image.size)
            size = (round(image.width * factor), round(image.height * factor))
            big = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
            yield path.stem, np.ascontiguousarray(big[:1350, :1350])


def plates(count: int, side: int = 640, seed: int = 1) -> Iterator[Picture]:
    """Key visuals of the embedded plates in random palettes."""
    generator, rng = PlatesImageGenerator(), np.random.default_rng(seed)
    for number in range(count):
        colours = ["#" + rng.bytes(3).hex() for _ in range(3)]
        palette = dict(zip(("wall", "podium", "accent"), colours, strict=True))
        art = ArtDirection(SCENES[number % len(SCENES)], "bottle", palette)
        request = PictureRequest(str(number), number * 7919 + seed, side, side, art)
        yield generator.generate([request])[0].pixels


def textures(count: int, side: int = 640, seed: int = 2) -> Iterator[Picture]:
    """Crops of the photographs, turned, mirrored, scaled and re-lit, and 1/f noise in between."""
    rng = np.random.default_rng(seed)
    photos = [picture for _, picture in photographs()]
    for number in range(count):
        if not photos or number % 5 == 0:
            yield _cloud(rng, side)
            continue
        photo = photos[number % len(photos)]
        size = int(rng.integers(side // 2, min(photo.shape[:2])))
        top, left = (int(rng.integers(0, extent - size + 1)) for extent in photo.shape[:2])
        crop = Image.fromarray(photo[top : top + size, left : left + size])
        shown = np.asarray(crop.resize((side, side), Image.Resampling.BICUBIC), np.float32)
        shown = np.rot90(shown, int(rng.integers(4)))[:, :: int(rng.choice((-1, 1)))]
        lit = shown * rng.uniform(0.7, 1.2) + rng.uniform(-15, 15)
        yield np.clip(np.rint(lit), 0, 255).astype(np.uint8)


def _cloud(rng: np.random.Generator, side: int) -> Picture:
    """Coloured noise with the 1/f spectrum of natural pictures (Field 1987)."""
    across = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    slope = np.maximum(across, 1 / side) ** -rng.uniform(0.8, 1.8)
    phases = np.exp(2j * np.pi * rng.random((3, side, side // 2 + 1)))
    planes = np.fft.irfft2(phases * slope, (side, side))
    planes /= np.abs(planes).max(axis=(1, 2), keepdims=True)
    lit = rng.uniform(60, 190, (3, 1, 1)) + planes * rng.uniform(20, 90)
    return np.clip(np.rint(lit), 0, 255).astype(np.uint8).transpose(1, 2, 0).copy()


def _unlabelled(examples: Path, folder: Path, example: str) -> Path:
    """A copy of the examples in which nothing without a model in it is marked."""
    target = folder / example / "campaign"
    shutil.copytree(examples / example, target, dirs_exist_ok=True)
    path = target / "campaign.yaml"
    campaign = yaml.safe_load(path.read_text(encoding="utf-8"))
    campaign["label"] = {"jurisdictions": ["default"], "policy": "when_ai"}
    path.write_text(yaml.safe_dump(campaign, allow_unicode=True), encoding="utf-8")
    return path


class _Silent:
    """A reporter that tells nobody."""

    def started(self, to_do: object, cached: object) -> None: ...

    def done(self, stage: str, job: str) -> None: ...

    def failed(self, stage: str, job: str, reason: str) -> None: ...

    def warned(self, text: str) -> None: ...
