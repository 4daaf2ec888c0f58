"""Fabrics, foams and rubber for the shoes, driven by vertex attributes."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from materials import Material
from PIL import Image

PX = 10  # graphics resolution, pixels per millimetre
X0, WIDE, TALL = -25, 350, 160  # side-view sheet: x from X0, size in mm


@dataclass
class Palette:
    """Colours of one shoe."""

    knit: str
    hole: str
    overlay: str
    heel: str
    toe: str
    lining: str
    tongue: str
    lace: str
    foam: str
    foam2: str
    rubber: str
    tab: str
    eyelet: str = "#15181C"
    stitch: str = "#FFFFFF"
    fade: str | None = None  # knit colour at the heel


def side_uv(pts: np.ndarray, blank: np.ndarray | None = None, closed: bool = True) -> np.ndarray:
    """Planar side-view UVs for a grid; blank parts land on an empty corner."""
    u = (pts[..., 0] - X0) / WIDE
    v = pts[..., 2] / TALL
    uv = np.stack([u, v], 2)
    if blank is not None:
        uv[blank] = 0.001
    return np.concatenate([uv, uv[:1]], 0) if closed else uv


def mesh_pattern(n: int = 512) -> Image.Image:
    """Tile of 16 mm: R = woven height, G = open holes, B = knit ribs."""
    y, x = np.mgrid[0:n, 0:n] / n
    # staggered oval holes, 8 x 10 per tile
    gx, gy = x * 8, y * 10
    best = np.full(x.shape, 9.0)
    for row in (0, 1):
        fx = (gx + 0.5 * row) % 1 - 0.5
        fy = ((gy + row) % 2) - 0.5 - 0.0
        fy = np.where(fy > 1, fy - 2, fy)
        best = np.minimum(best, np.hypot(fx * 1.0, fy * 0.72))
    hole = 1 - np.clip((best - 0.20) / 0.12, 0, 1)
    height = np.clip((best - 0.14) / 0.26, 0, 1)
    # knit ribs: columns of small V stitches
    cx = (x * 10) % 1 - 0.5
    v = (y * 14 + np.abs(cx) * 1.0) % 1
    rib = (0.5 + 0.5 * np.cos(2 * np.pi * cx)) * 0.55 + 0.45 * np.abs(np.sin(np.pi * v))
    out = np.stack([height, hole, rib], 2)
    return Image.fromarray((np.clip(out, 0, 1) * 255).astype(np.uint8), "RGB")


def boxed(m: Material, img: Image.Image, tile_mm: float):
    """Box-projected tile in object space (no stretching anywhere)."""
    n = m.image(img, False, "REPEAT")
    n.projection = "BOX"
    n.projection_blend = 0.25
    tc = m.node("TexCoord")
    mp = m.node("Mapping")
    k = 100 / tile_mm
    mp.inputs["Scale"].default_value = (k, k, k)
    m.link(tc.outputs["Object"], mp.inputs[0])
    m.link(mp.outputs[0], n.inputs[0])
    sep = m.node("SeparateColor")
    m.link(n.outputs[0], sep.inputs[0])
    return sep.outputs


def upper(p: Palette, graphics: Image.Image) -> bpy.types.Material:
    """Engineered mesh with film overlays, stitching and printed graphics."""
    m = Material("upper", p.knit, 0.82, sheen=0.25, sheen_rough=0.5, spec=0.3)
    r, g, b = boxed(m, mesh_pattern(), 16)
    vent = m.attr("vent")
    hole = m.math("MULTIPLY", g, vent)
    rib = m.math("MULTIPLY", m.math("SUBTRACT", 1.0, b), m.math("SUBTRACT", 1.0, vent))
    base = p.knit
    if p.fade:
        sep = m.node("SeparateXYZ")
        m.link(m.node("TexCoord").outputs["Object"], sep.inputs[0])
        base = m.mix(
            m.step(
                m.math("ADD", sep.outputs["X"], m.math("MULTIPLY", sep.outputs["Z"], 0.35)),
                1.45,
                0.35,
            ),
            p.knit,
            p.fade,
        )
    color = m.mix(m.math("MULTIPLY", hole, 0.85), base, p.hole)
    color = m.mix(m.math("MULTIPLY", rib, 0.38), color, p.hole)
    film = None
    for name, hue in (("eyestay", p.overlay), ("heelcup", p.heel), ("toecap", p.toe)):
        mask = m.step(m.attr(name), 0.22, -0.22)
        color = m.mix(mask, color, hue)
        film = mask if film is None else m.math("MAXIMUM", film, mask)
    # dashed stitch lines just inside the overlays
    dash = m.math("GREATER_THAN", m.math("FRACT", m.math("MULTIPLY", m.attr("run"), 1 / 2.6)), 0.32)
    stitches = None
    for name in ("eyestay", "heelcup"):
        line = m.step(m.math("ABSOLUTE", m.math("ADD", m.attr(name), 2.4)), 0.52, 0.34)
        line = m.math("MULTIPLY", line, dash)
        stitches = line if stitches is None else m.math("MAXIMUM", stitches, line)
    art = m.image(graphics)
    art_h = art.outputs["Alpha"]
    color = m.mix(art_h, color, art.outputs["Color"])
    color = m.mix(m.math("MULTIPLY", stitches, 0.9), color, p.stitch)
    color = m.mix(m.attr("inside"), color, p.lining)
    m.link(color, "Base Color")
    smooth = m.math("MAXIMUM", film, art_h)
    smooth = m.math("MULTIPLY", smooth, m.math("SUBTRACT", 1.0, m.attr("inside")))
    rough = m.node("MapRange")
    m.link(smooth, rough.inputs[0])
    rough.inputs["To Min"].default_value = 0.85
    rough.inputs["To Max"].default_value = 0.40
    m.link(rough.outputs[0], "Roughness")
    woven = m.math(
        "ADD", m.math("MULTIPLY", r, vent), m.math("MULTIPLY", b, m.math("SUBTRACT", 1.0, vent))
    )
    height = m.math("MULTIPLY", woven, m.math("SUBTRACT", 1.0, m.math("MULTIPLY", smooth, 0.86)))
    m.bump(height, 0.62, 0.006)
    m.bump(art_h, 0.5, 0.006)
    m.bump(stitches, 0.6, 0.005)
    m.bump(m.noise(26, 3), 0.06, 0.01)
    return m.mat


def foam(
    name: str, p: Palette, graphics: Image.Image | None, rough: float = 0.58
) -> bpy.types.Material:
    """Moulded EVA: two tones by attribute, faint pebble skin, printed text."""
    m = Material(name, p.foam, rough, sss=0.12, sss_scale=0.06, spec=0.35)
    color = m.mix(m.step(m.attr("tone"), 0.25, -0.25), p.foam, p.foam2)
    if graphics is not None:
        art = m.image(graphics)
        color = m.mix(art.outputs["Alpha"], color, art.outputs["Color"])
        m.link(color, "Base Color")
        m.bump(art.outputs["Alpha"], -0.5, 0.006)
    m.link(color, "Base Color")
    m.bump(m.noise(160, 2), 0.10, 0.003)
    m.bump(m.noise(9, 2), 0.05, 0.02)
    return m.mat


def rubber(name: str, color: str, rough: float = 0.6) -> bpy.types.Material:
    """Outsole rubber with a fine tooth."""
    m = Material(name, color, rough, spec=0.4)
    m.bump(m.noise(240, 2), 0.12, 0.002)
    return m.mat


def fabric(name: str, color: str, dark: str | None = None, pitch: float = 90) -> bpy.types.Material:
    """Padded knit for the tongue and collar tab."""
    m = Material(name, color, 0.85, sheen=0.3, sheen_rough=0.5, spec=0.25)
    _, _, b = boxed(m, mesh_pattern(), 13)
    m.bump(b, 0.5, 0.005)
    if dark:
        m.link(
            m.mix(m.math("MULTIPLY", m.math("SUBTRACT", 1.0, b), 0.45), color, dark), "Base Color"
        )
    return m.mat


def lace(name: str, color: str) -> bpy.types.Material:
    """Flat braided lace: diagonal weave in the strand's own UVs."""
    m = Material(name, color, 0.75, sheen=0.2, spec=0.3)
    uv = m.node("UVMap").outputs[0]
    sep = m.node("SeparateXYZ")
    m.link(uv, sep.inputs[0])
    along = m.math("MULTIPLY", sep.outputs[0], 100 / 1.35 * 6.283)
    across = m.math("MULTIPLY", m.math("PINGPONG", sep.outputs[1], 0.25), 18.0)
    wave = m.math("ADD", m.math("MULTIPLY", m.math("SINE", m.math("ADD", along, across)), 0.5), 0.5)
    m.bump(wave, 0.3, 0.004)
    m.link(
        m.mix(m.math("MULTIPLY", m.math("SUBTRACT", 1.0, wave), 0.14), color, "#000000"),
        "Base Color",
    )
    return m.mat
