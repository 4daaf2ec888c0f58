"""Render the studio sets: one shading pass and one id pass for every set and aspect.

    python training/plates/render.py --out DIR [--set NAME]... [--aspect 4x5]... [--preview]

Needs the `bpy` wheel (Blender as a module) and nothing of contentfab. Writes, per plate,
`SET-ASPECT.npz` (shade: float16 H x W linear light on grey; ids: uint8 H x W x 3 role weights) and
`SET-ASPECT.json` (what the scene knows about itself). `pack.py` turns them into package data.
"""

import argparse
import json
import time
from pathlib import Path

import bpy
import numpy as np
import sets_shape
import sets_still
import studio as st

SETS = {**sets_shape.SETS, **sets_still.SETS}
SAMPLES, ID_SAMPLES = 9, 9


def main() -> None:
    """Read the options, then render set by set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", choices=sorted(SETS), dest="sets")
    parser.add_argument("--aspect", action="append", choices=list(st.FRAMES), dest="aspects")
    parser.add_argument("--preview", action="store_true", help="a third of the size, few samples")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.sets or SETS:
        for aspect in options.aspects or st.FRAMES:
            start = time.perf_counter()
            render(name, st.FRAMES[aspect], options.out, options.preview)
            print(f"{name}-{aspect}: {time.perf_counter() - start:.1f} s", flush=True)


def render(name: str, frame: st.Frame, out: Path, preview: bool) -> None:
    """Build one set for one aspect and write its two passes and its description."""
    studio = st.Studio(frame)
    words = SETS[name](studio)
    studio.light()
    stem = out / f"{name}-{frame.name}"
    _configure(studio.scene, frame, preview)
    shade = _shoot(studio.scene, stem.with_suffix(".exr"))[..., 1]
    studio.to_ids()
    cycles = studio.scene.cycles
    cycles.samples, cycles.use_denoising, cycles.diffuse_bounces = ID_SAMPLES, False, 0
    ids = _shoot(studio.scene, stem.with_suffix(".exr"))
    stem.with_suffix(".exr").unlink()
    np.savez_compressed(
        stem.with_suffix(".npz"),
        shade=shade.astype(np.float16),
        ids=(ids.clip(0, 1) * 255 + 0.5).astype(np.uint8),
    )
    sun = studio.to_sun()
    facts = {
        "set": name,
        "aspect": frame.name,
        "words": words,
        "anchor": frame.anchor,
        "units": frame.units,
        "stand_width": studio.stand_width,
        "to_sun": [round(v, 4) for v in sun],
        "pitch_degrees": 8,
        "lens_mm": round(studio.camera.data.lens, 1),
        "grey": st.GREY,
        "product_height": st.PRODUCT_HEIGHT,
    }
    stem.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n")


def _configure(scene: bpy.types.Scene, frame: st.Frame, preview: bool) -> None:
    """Cycles on the CPU, linear output, denoised with its albedo and normal guides."""
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = frame.width, frame.height
    scene.render.resolution_percentage = 40 if preview else 75 if frame.tall else 100
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    cycles = scene.cycles
    cycles.seed = 1
    cycles.samples = 12 if preview else SAMPLES
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
