"""Render the fictional products used by the examples.

    python examples/products/render.py --out examples [--only dew-serum]

Needs ``pip install bpy==5.0.1 pillow imagequant pyoxipng
justmytype-western-core justmytype-intl-cjk`` (Python 3.11).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import coffee
import finish
import scene
import shoes
import skincare

# name -> (example folder, builder, camera options, light options, exposure)
CATALOG = {**coffee.CATALOG, **skincare.CATALOG, **shoes.CATALOG}


def render_one(name: str, out: Path, samples: int, scale: float) -> None:
    """Build, light, render and finish one product."""
    start = time.time()
    item = CATALOG[name]
    scene.reset_scene()
    item.build()
    scene.setup_camera(**item.camera)
    scene.setup_lights(**item.lights)
    with tempfile.TemporaryDirectory() as tmp:
        exr = Path(tmp) / "render.exr"
        scene.render_exr(exr, samples, scale)
        img = finish.straight_alpha(finish.load_exr(exr), item.exposure)
    path = out / item.folder / "products" / f"{name}.png"
    size = finish.save_png(img, path)
    print(
        f"{path}  {img.width}x{img.height}  {size / 1000:.0f} kB  {time.time() - start:.0f} s",
        flush=True,
    )


def main() -> None:
    """Command line."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--out", type=Path, default=Path("examples"))
    ap.add_argument("--only", nargs="*", choices=sorted(CATALOG), help="render just these products")
    ap.add_argument("--samples", type=int, default=96)
    ap.add_argument(
        "--scale", type=float, default=1.0, help="fraction of full resolution, for previews"
    )
    args = ap.parse_args()
    for name in args.only or CATALOG:
        render_one(name, args.out, args.samples, args.scale)


if __name__ == "__main__":
    main()
