"""YUNLU skin care: dropper serum, mist toner, cream jar."""

from __future__ import annotations

import math

import bpy
import numpy as np
from item import Item
from labels import Sheet
from materials import Material, glass, metal
from meshes import lathe, round_profile

SAGE, PORCELAIN, BLUSH, JADE, GOLD = "#A9BFA8", "#F5F1EA", "#E8C9BF", "#1F4D43", "#B08D57"


def tilt(degrees: float) -> None:
    """Turn everything built so far around Z (labels face slightly off)."""
    for o in bpy.context.scene.objects:
        o.rotation_euler.z += math.radians(degrees)


def drop_mark(s: Sheet, cx: float, cy: float, r: float, color, width: int) -> None:
    """The YUNLU mark: a dew drop hanging from a cloud arc."""
    pts = []
    for t in np.linspace(0, 2 * math.pi, 120):
        x = r * 0.62 * math.sin(t) * math.sin(t / 2) ** 1.35
        pts.append((cx + x, cy - r * math.cos(t) * 0.92))
    s.draw.line([*pts, pts[0]], fill=color, width=width, joint="curve")
    s.draw.arc(
        (cx - r * 0.28, cy - r * 0.02, cx + r * 0.30, cy + r * 0.56),
        20,
        115,
        fill=color,
        width=width,
    )


def print_on(
    name: str, profile, arc, sheet: Sheet, rough: float = 0.45, metallic: float = 0.0
) -> None:
    """Screen-print a transparent sheet on a lathe patch."""
    m = Material(name, rough=rough, metal=metallic).texture(sheet.img)
    lathe(name, profile, m.mat, 96, arc)


def ring(
    name: str, r: float, z0: float, z1: float, mat, fillet: float = 0.01, inner: float | None = None
) -> None:
    """A closed collar with softened edges."""
    inner = r * 0.5 if inner is None else inner
    lathe(
        name, round_profile([(inner, z0, 0), (r, z0, fillet), (r, z1, fillet), (inner, z1, 0)]), mat
    )


def dew_serum() -> None:
    """30 ml dropper bottle: frosted jade-tinted glass, gold collar, bulb."""
    r, h = 0.185, 0.62
    outer = [
        (0, 0.012, 0),
        (r * 0.72, 0.0, 0.012),
        (r, 0.0, 0.045),
        (r, h, 0.13),
        (0.082, h + 0.035, 0.02),
        (0.082, h + 0.12, 0),
    ]
    g = glass("glass", "#5E9480", 0.2)
    lathe("glass", round_profile(outer, 12), g.mat)
    inner = [
        (0, 0.075, 0),
        (r - 0.028, 0.075, 0.06),
        (r - 0.028, h - 0.012, 0.11),
        (0.06, h + 0.02, 0.02),
        (0.06, h + 0.12, 0),
    ]
    cavity = glass("cavity", "#FFFFFF", 0.12, 1 / 1.47)
    lathe("cavity", round_profile(inner, 12), cavity.mat)
    rs = r - 0.030
    serum = [(0, 0.078, 0), (rs, 0.078, 0.055), (rs, 0.44, 0.004), (0, 0.44, 0)]
    liquid = Material("serum", "#A9CDB4", 0.05, trans=0.72, ior=1.36)
    lathe("serum", round_profile(serum, 10), liquid.mat)
    pip = [(0.010, 0.13, 0), (0.014, 0.15, 0.004), (0.028, 0.23, 0.02), (0.028, 0.72, 0)]
    lathe("pipette", round_profile(pip), Material("pipette", "#F4FAF6", 0.08, trans=0.6).mat, 64)
    gold = metal("gold", "#C9A465", 0.2)
    ring("collar", 0.118, h + 0.045, h + 0.19, gold, 0.008)
    ring("collar_lip", 0.123, h + 0.043, h + 0.056, gold, 0.004)
    z = h + 0.19
    bulb = [
        (0.09, z, 0),
        (0.094, z + 0.004, 0.008),
        (0.094, z + 0.03, 0.012),
        (0.074, z + 0.05, 0.02),
        (0.069, z + 0.232, 0.068),
        (0, z + 0.232, 0),
    ]
    lathe(
        "bulb",
        round_profile(bulb, 12),
        Material("rubber", "#E2DACD", 0.45, sss=0.15, sss_scale=0.05, sheen=0.1).mat,
    )

    half = 62
    s = Sheet(1400, 1400)
    ink = PORCELAIN
    drop_mark(s, 700, 190, 92, "#E2C48C", 9)
    s.text(700, 470, "YUNLU", "serif", 176, ink, 500, 190)
    s.text(700, 590, "云露", "cjk", 88, ink, 400, 420)
    s.line(600, 700, 800, 700, "#E2C48C", 6)
    s.text(700, 830, "Dew Serum", "serif-italic", 112, ink, 420)
    s.text(700, 930, "露珠精华", "cjk", 62, ink, 420, 200)
    s.text(700, 1190, "30 ml  ·  1.0 fl oz", "sans", 54, ink, 480, 60)
    width = r * math.radians(2 * half)
    z0 = 0.09
    print_on("print", [(r + 0.0015, z0), (r + 0.0015, z0 + width)], (-half, half), s)
    tilt(-5)


def mist_toner() -> None:
    """150 ml slim bottle: blush to porcelain gradient, gold ring, tall cap."""
    r, h = 0.205, 1.13
    body = [
        (0, 0.01, 0),
        (r * 0.8, 0, 0.01),
        (r, 0, 0.035),
        (r, h, 0.05),
        (0.17, h + 0.012, 0.006),
        (0.13, h + 0.012, 0),
    ]
    m = Material("body", BLUSH, 0.3, coat=0.35, coat_rough=0.12, sss=0.25, sss_scale=0.06)
    tc = m.node("TexCoord")
    sep = m.node("SeparateXYZ")
    m.link(tc.outputs["Object"], sep.inputs[0])
    m.link(m.mix(m.step(sep.outputs["Z"], 0.02, 0.95), "#D69C8C", "#ECD6CB"), "Base Color")
    lathe("body", round_profile(body, 12), m.mat)
    gold = metal("gold", "#C9A465", 0.18)
    ring("ring", 0.178, h + 0.008, h + 0.055, gold, 0.006)
    cap = [
        (0.165, h + 0.055, 0),
        (0.184, h + 0.055, 0.006),
        (0.184, h + 0.47, 0.03),
        (0, h + 0.475, 0),
    ]
    lathe(
        "cap",
        round_profile(cap, 12),
        Material("cap", "#E9E2D8", 0.22, coat=0.5, coat_rough=0.06, sss=0.1, sss_scale=0.05).mat,
    )

    half = 74
    s = Sheet(1400, 2060)
    ink = JADE
    drop_mark(s, 700, 330, 100, "#9A7336", 9)
    s.text(700, 700, "YUNLU", "serif", 196, ink, 500, 170)
    s.text(700, 840, "云露", "cjk", 100, ink, 400, 420)
    s.line(600, 980, 800, 980, "#9A7336", 6)
    s.text(700, 1150, "Mist Toner", "serif-italic", 134, ink, 420)
    s.text(700, 1270, "云雾爽肤水", "cjk", 72, ink, 420, 200)
    s.text(700, 1560, "Camellia water", "sans", 60, ink, 460, 40)
    s.text(700, 1645, "& white tea", "sans", 60, ink, 460, 40)
    s.text(700, 1930, "150 ml  ·  5.1 fl oz", "sans", 60, ink, 480, 60)
    width = r * math.radians(2 * half)
    print_on(
        "print", [(r + 0.0012, 0.16), (r + 0.0012, 0.16 + width * 2060 / 1400)], (-half, half), s
    )
    tilt(-4)


def calm_cream() -> None:
    """50 g jar: thick clear glass around a sage cup, gold-rimmed jade lid."""
    r, h = 0.34, 0.36
    outer = [(0, 0, 0), (r, 0, 0.06), (r, h, 0.05), (0.29, h + 0.004, 0.01), (0.27, h + 0.004, 0)]
    lathe("jar", round_profile(outer, 12), glass("jar", "#E3EEE4", 0.0, 1.48).mat, 192)
    cup = [(0, 0.078, 0), (r - 0.040, 0.078, 0.075), (r - 0.040, h - 0.012, 0.04), (0.26, h, 0)]
    m = Material("cup", "#C6D6C2", 0.35, coat=0.2)
    lathe("cup", round_profile(cup, 12), m.mat, 192)
    gold = metal("gold", "#C9A465", 0.18)
    ring("ring", 0.318, h + 0.004, h + 0.03, gold, 0.006)
    lid = [
        (0.3, h + 0.03, 0),
        (0.335, h + 0.03, 0.008),
        (0.335, h + 0.235, 0.035),
        (0, h + 0.24, 0),
    ]
    lathe("lid", round_profile(lid, 14), Material("lid", JADE, 0.3, spec=0.45).mat, 192)

    half = 66
    s = Sheet(1900, 760)
    ink = JADE
    s.text(950, 235, "YUNLU", "serif", 186, ink, 500, 210)
    s.text(950, 350, "云露", "cjk", 84, ink, 420, 420)
    s.line(850, 425, 1050, 425, "#9A7336", 6)
    s.text(950, 560, "Calm Cream", "serif-italic", 124, ink, 420)
    s.text(950, 690, "舒缓面霜   50 g · 1.76 oz", "cjk", 54, ink, 430, 80)
    width = (r - 0.038) * math.radians(2 * half)
    rp = r - 0.0385
    print_on("print", [(rp, 0.092), (rp, 0.092 + width * 760 / 1900)], (-half, half), s)
    tilt(-4)


CATALOG = {
    "dew-serum": Item("skincare", dew_serum, lights={"card": 0.8, "floor": 0.65}, exposure=1.08),
    "mist-toner": Item("skincare", mist_toner, exposure=1.08),
    "calm-cream": Item(
        "skincare", calm_cream, {"pitch": 9.0}, {"card": 0.6, "floor": 0.8, "fill": 0.8}, 1.14
    ),
}
