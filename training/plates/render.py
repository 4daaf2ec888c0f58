"""Render the studio sets: shading by light, ids and places for every set and aspect.

    python training/plates/render.py --out DIR [--set NAME]... [--aspect 4x5]... [--light front]...

Needs the `bpy` wheel (Blender as a module) and nothing of contentfab. Writes, per plate,
`SET-ASPECT.npz` (`shade_side`, `shade_front`: float16 linear light on grey; `ids`: uint8 H x W x 3
role weights; `places`: float32 world positions, a fifth of the size) and `SET-ASPECT.json` (what
the scene knows about itself). `pack.py` turns them into package data. A plate that is there is not
rendered again, so the work can be stopped and gone on with at any time. `--light` without `side`
renders the shading alone, which `pack.py` adds to a plate that is packed.
"""

import argparse
import json
import time
from pathlib import Path

import bpy
import numpy as np
import sets_ground
import sets_props
import sets_shape
import sets_shine
import sets_still
import sets_wall
import studio as st
from sets import SETS

MODULES = (sets_shape, sets_still, sets_wall, sets_props, sets_ground, sets_shine)
"""Importing them fills `SETS`."""
SAMPLES, ID_SAMPLES = 6, 6
SHADE_SIZE, PLACE_SIZE = 60, 20
"""Per cent of the picture's size. Light is smooth but for the edges of shadows; the crisp edges of
things are in the ids, which are rendered whole."""


def main() -> None:
    """Read the options, then render set by set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", choices=sorted(SETS), dest="sets")
    parser.add_argument("--aspect", action="append", choices=list(st.FRAMES), dest="aspects")
    parser.add_argument("--light", action="append", choices=list(st.LIGHTS), dest="lights")
    parser.add_argument("--preview", action="store_true", help="a third of the size, few samples")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    lights = options.lights or (["side"] if options.preview else list(st.LIGHTS))
    for name in options.sets or SETS:
        for aspect in options.aspects or st.FRAMES:
            start = time.perf_counter()
            if not (options.out / f"{name}-{aspect}.json").is_file():
                render(name, st.FRAMES[aspect], options.out, lights, options.preview)
                print(f"{name}-{aspect}: {time.perf_counter() - start:.1f} s", flush=True)


def render(name: str, frame: st.Frame, out: Path, lights: list[str], preview: bool) -> None:
    """Build one set for one aspect and write its passes and its description."""
    stem = out / f"{name}-{frame.name}"
    image = stem.with_suffix(".exr")
    passes, suns = {}, {}
    for light in lights:
        studio = st.Studio(frame, light)
        words = SETS[name](studio)
        studio.light()
        suns[light] = [round(v, 4) for v in studio.to_sun()]
        _configure(studio.scene, frame, preview)
        passes[f"shade_{light}"] = _shoot(studio.scene, image)[..., 1].astype(np.float16)
    if "side" in lights:
        passes |= _surfaces(studio, image, preview)
    image.unlink()
    np.savez_compressed(stem.with_suffix(".npz"), **passes)
    facts = {
        "set": name,
        "aspect": frame.name,
        "words": words,
        "anchor": frame.anchor,
        "units": frame.units,
        "stand_width": studio.stand_width,
        "to_sun": suns,
        "pitch_degrees": 8,
        "distance": st.DISTANCE,
        "lens_mm": round(studio.camera.data.lens, 1),
        "grey": st.GREY,
        "product_height": st.PRODUCT_HEIGHT,
    }
    stem.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n")


def _surfaces(studio: st.Studio, image: Path, preview: bool) -> dict[str, np.ndarray]:
    """The passes that no light changes; they use up the studio's materials."""
    studio.to_ids()
    render, cycles = studio.scene.render, studio.scene.cycles
    render.resolution_percentage = 30 if preview else 75 if studio.frame.tall else 100
    cycles.samples, cycles.use_denoising, cycles.diffuse_bounces = ID_SAMPLES, False, 0
    ids = (_shoot(studio.scene, image).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    studio.to_places()
    render.resolution_percentage = PLACE_SIZE
    cycles.samples, cycles.pixel_filter_type = 1, "BOX"
    return {"ids": ids, "places": (_shoot(studio.scene, image) - 0.5) / st.PLACE_SCALE}


def _configure(scene: bpy.types.Scene, frame: st.Frame, preview: bool) -> None:
    """Cycles on the CPU, linear output, denoised with its albedo and normal guides."""
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = frame.width, frame.height
    share = 0.75 if frame.tall else 1.0
    scene.render.resolution_percentage = 30 if preview else round(SHADE_SIZE * share)
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    cycles = scene.cycles
    cycles.seed = 1
    cycles.samples = 4 if preview else SAMPLES
    cycles.use_adaptive_sampling = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.denoising_prefilter = "FAST"  # the guides are clean: one flat albedo


def _shoot(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    """Render to `path` and read it back: float32 H x W x 3, top row first."""
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path), check_existing=False)
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(height, width, 4)[::-1, :, :3]


if __name__ == "__main__":
    main()
