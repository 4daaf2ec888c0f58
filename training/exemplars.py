"""Exemplars and counter-exemplars of the example brands: key visuals of our own plates.

`python training/exemplars.py` writes them into `brand_guides/<brand>/exemplars/` again, byte for
byte. A brand with pictures of its own puts those there instead. Exemplars are the brand's own
scenes in its own colours, each way of sharing these out at least twice, since the scorer asks
whether each exemplar has its like among the others. Counter-exemplars are sets that the brand would
send back: other colours, another mood. Seeds are this file's alone; runs and tests draw others.
"""

from __future__ import annotations

import io
from pathlib import Path

import yaml
from PIL import Image

from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.records.brand import Brand
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest

GUIDES = Path(__file__).resolve().parent.parent / "brand_guides"
SIZES = ((512, 640), (640, 640), (512, 640), (640, 512))
QUALITY = 84
SEED = 880_000
WAYS = (0, 1, 0, 2, 1, 0, 2, 1)
"""Which of the three ways of sharing out its colours an exemplar shows."""
UNWANTED: dict[str, tuple[tuple[str, dict[str, str], str], ...]] = {
    "northlight": (
        ("confetti", {"wall": "#7A1FA2", "podium": "#00E5FF", "accent": "#FF2BD6"}, "neon light"),
        ("layered waves", {"wall": "#1B46A6", "podium": "#45BFBC", "accent": "#FFFFFF"}, "noon"),
        ("blocks", {"wall": "#A5CC3B", "podium": "#D32A2A", "accent": "#2D6BC8"}, "studio"),
    ),
    "veltra": (
        ("leaf shadow", {"wall": "#DCC9A9", "podium": "#BF9A6A", "accent": "#A7B59A"}, "soft"),
        ("water", {"wall": "#C3B3E3", "podium": "#F3D3D1", "accent": "#CBE1F0"}, "soft daylight"),
        ("niche", {"wall": "#46291A", "podium": "#6F4628", "accent": "#D8B24A"}, "candle light"),
    ),
    "yunlu": (
        ("confetti", {"wall": "#F6D83C", "podium": "#D32A2A", "accent": "#2D6BC8"}, "hard noon"),
        ("sunburst", {"wall": "#F0842B", "podium": "#C32C86", "accent": "#F6D83C"}, "hard noon"),
        ("steps", {"wall": "#0B0B0B", "podium": "#33363B", "accent": "#D32A2A"}, "spotlight"),
    ),
}


def main() -> None:
    """Writes every picture and says how large it is."""
    generator = PlatesImageGenerator()
    for file in sorted(GUIDES.glob("*/brand.yaml")):
        brand = Brand.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        folder = file.parent / "exemplars"
        folder.mkdir(exist_ok=True)
        for name, art in arts(brand):
            number = sum(name.encode())
            width, height = SIZES[number % len(SIZES)]
            request = PictureRequest(name, SEED + number, width, height, art)
            (visual,) = generator.generate([request])
            buffer = io.BytesIO()
            Image.fromarray(visual.pixels).save(buffer, "JPEG", quality=QUALITY, optimize=True)
            (folder / f"{name}.jpg").write_bytes(buffer.getvalue())
            print(f"{brand.id}/{name}.jpg {len(buffer.getvalue()) / 1000:.0f} kB, {visual.scene}")


def arts(brand: Brand) -> list[tuple[str, ArtDirection]]:
    """Art directions by file name, exemplars first."""
    imagery, colours = brand.imagery, brand.palette
    second = colours.secondary or colours.primary
    ways = (
        {"wall": colours.background, "podium": second, "accent": colours.accent},
        {"wall": colours.primary, "podium": colours.background, "accent": colours.accent},
        {"wall": second, "podium": colours.background, "accent": colours.primary},
    )
    found = []
    for number, way in enumerate(WAYS, 1):
        scene = imagery.scenes[(number - 1) % len(imagery.scenes)]
        art = ArtDirection(scene, "", ways[way], light=imagery.light, mood=imagery.mood)
        found.append((f"exemplar-{number}", art))
    for number, (scene, palette, light) in enumerate(UNWANTED[brand.id], 1):
        found.append((f"unwanted-{number}", ArtDirection(scene, "", palette, light=light)))
    return found


if __name__ == "__main__":
    main()
