"""The contact sheet of all studio sets: four aspects and three lights of each, in brand palettes.

    python training/plates/sheet.py [--out docs/images/plates.jpg]

Needs contentfab and its package data; nothing of Blender. Rows are sets; the columns are 4:5 lit
from the left, 1:1 lit from the right (mirrored), 9:16 lit from the front, 1.91:1 from the left.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest, ProductShape

PALETTES = (
    {"wall": "#F2E6D8", "podium": "#FFFFFF", "accent": "#C8553D"},
    {"wall": "#1F4D43", "podium": "#F3E9DC", "accent": "#E7B7A8"},
    {"wall": "#F2B84B", "podium": "#FFF4DC", "accent": "#E0633A"},
    {"wall": "#14213D", "podium": "#24406F", "accent": "#FC5A2A"},
    {"wall": "#C9B6F2", "podium": "#F7F0FF", "accent": "#5B2BD9"},
    {"wall": "#B9DCE8", "podium": "#FFFFFF", "accent": "#E8604C"},
)
# Width at the sheet's row height, side of the product's light, words for the light.
CELLS = ((120, "left", ""), (150, "right", ""), (84, "front", "even"), (286, "left", ""))
HEIGHT, GAP, COLUMNS = 150, 6, 3
QUALITIES = (88, 82, 76, 70, 64, 58)
LARGEST = 400_000  # bytes


def main() -> None:
    """Make every set in every aspect and write them as one JPEG."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = Path(__file__).resolve().parents[2]
    parser.add_argument("--out", type=Path, default=home / "docs" / "images" / "plates.jpg")
    options = parser.parse_args()
    generator = PlatesImageGenerator()
    names = [scene.name for scene in scene_names() if scene.kind == "studio"]
    rows = [row(generator, name, PALETTES[k % len(PALETTES)]) for k, name in enumerate(names)]
    rows += [np.full_like(rows[0], 255)] * (-len(rows) % COLUMNS)
    each = len(rows) // COLUMNS
    columns = [np.vstack(rows[each * k : each * (k + 1)]) for k in range(COLUMNS)]
    sheet = np.hstack(columns)[..., ::-1]
    for quality in QUALITIES:
        _, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if data.size <= LARGEST:
            break
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(data.tobytes())
    print(f"{len(names)} sets, {data.size / 1000:.0f} kB at quality {quality}")


def row(generator: PlatesImageGenerator, name: str, palette: dict[str, str]) -> np.ndarray:
    """One set in its four cells, with its name in the corner."""
    cells = []
    for width, side, words in CELLS:
        art = ArtDirection(name, "product", palette, light=words)
        shape = ProductShape("square", side)
        request = PictureRequest("sheet", 4, 2 * width, 2 * HEIGHT, art, shape)
        picture = generator.generate([request])[0].pixels
        cells.append(cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA))
    line = np.hstack(cells)
    grey = (128, 128, 128)
    cv2.putText(line, name, (5, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.38, grey, 1, cv2.LINE_AA)
    return np.pad(line, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


if __name__ == "__main__":
    main()
