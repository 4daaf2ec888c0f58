"""VELTRA running shoes: stride-2, ridge-trail and pace-one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import bpy
import numpy as np
import shoe_materials as sm
from item import Item
from labels import Sheet
from meshes import curve1d, grid, smoothstep
from shoe_materials import PX, TALL, WIDE, X0, Palette
from shoe_parts import MM, boxes, footbed, laces, pull_tab, tongue
from shoe_sole import Sole, lugs, midsole, outsole
from shoe_upper import NU, NV, build_skin, inflate, mirror_knot

ORANGE, BLACK, VOLT, WHITE, COBALT = "#FF4F2E", "#111418", "#E9F24B", "#F4F5F2", "#2B4BF2"


@dataclass
class Shoe:
    """Everything that tells one model from another."""

    palette: Palette
    sole: Sole
    art: Callable[[Sheet], None]
    sole_art: Callable[[Sheet], None]
    eyestay: list[tuple[float, float]]  # overlay width (mm) over station
    heel: list[tuple[float, float]]  # heel-cup height over x
    toe: list[tuple[float, float]]  # toe overlay height over x
    tone: list[tuple[float, float]]  # below this z(x) the foam takes its second colour
    outsole: dict = field(default_factory=dict)
    height: float = 1.0
    collar: float = 0.0
    raised: float = 1.0
    lugs: bool = False
    lace_rows: int = 7
    lace_width: float = 6.4


def px(x: float, z: float) -> tuple[float, float]:
    """Side-view millimetres to sheet pixels."""
    return (x - X0) * PX, (TALL - z) * PX


def poly(s: Sheet, pts: list[tuple[float, float]], color: str) -> None:
    """Filled polygon in side-view millimetres."""
    s.draw.polygon([px(*p) for p in pts], fill=color)


def dart(s: Sheet, x: float, z: float, size: float, light: str, dark: str, angle: float = 12) -> None:
    """The VELTRA mark: a folded paper dart flying towards the toe."""
    c, q = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def at(a: float, b: float) -> tuple[float, float]:
        return x + (a * c - b * q) * size, z + (a * q + b * c) * size

    poly(s, [at(0, 0.36), at(1, 0), at(0.27, 0.045)], light)
    poly(s, [at(0.27, -0.005), at(1, -0.045), at(0.10, -0.27)], dark)


def bars(s: Sheet, lines: list[tuple[float, float, float, float]], mm: float, color: str) -> None:
    """Tapered film reinforcements from the eyelets down to the sole."""
    for x0, z0, x1, z1 in lines:
        poly(s, [(x0 - mm / 2, z0), (x0 + mm / 2, z0), (x1 + mm * 0.9, z1), (x1 - mm * 0.9, z1)], color)


def word(s: Sheet, x: float, z: float, text: str, mm: float, color: str, weight: int = 800, tracking: float = 40, angle: float = 0) -> None:
    """Italic sans text with its baseline at a side-view point."""
    layer = Sheet(round(len(text) * mm * PX * 1.3) + 40, round(mm * PX * 2))
    layer.text(20, mm * PX * 1.4, text, "sans-italic", round(mm * PX), color, weight, tracking, "l")
    rot = layer.img.rotate(angle, expand=False, center=(20, mm * PX * 1.4), resample=3)
    cx, cy = px(x, z)
    s.img.alpha_composite(rot, (round(cx - 20), round(cy - mm * PX * 1.4)))


def sheet(draw: Callable[[Sheet], None]) -> Sheet:
    """A blank side-view sheet drawn on by ``draw``."""
    s = Sheet(WIDE * PX, TALL * PX)
    draw(s)
    return s


def build(shoe: Shoe) -> None:
    """Assemble the shoe in millimetres, scale it, stand it on the floor."""
    p, sole = shoe.palette, shoe.sole
    skin = build_skin(sole.z1, shoe.height, shoe.collar)
    k = mirror_knot(skin.knot)[:, None]
    x, y, z = (skin.pts[..., i] for i in range(3))
    inside = np.zeros(x.shape)
    inside[:, NV + 5 :] = 1
    eyestay = skin.edge - curve1d(shoe.eyestay, k)
    heelcup = skin.foot - 3.5 - curve1d(shoe.heel, x)
    toecap = skin.foot - 3.5 - curve1d(shoe.toe, x)
    vent = smoothstep(92, 150, x + 0.25 * (z - 60)) * 1.0
    run = np.broadcast_to(skin.run[:, None], x.shape)
    # overlays stand proud, the collar is padded above a seam
    amount = np.zeros(x.shape)
    for d, h in ((eyestay, 0.9), (heelcup, 1.3), (toecap, 1.1)):
        amount = np.maximum(amount, h * shoe.raised * smoothstep(0.7, -0.7, d))
    zone = smoothstep(8.3, 10.0, k) * np.ones_like(x)
    puff = np.exp(-(((skin.edge - 10) / 8.5) ** 2)) * 2.6 - np.exp(-(((skin.edge - 25) / 2.0) ** 2)) * 0.9
    inflate(skin, amount + zone * puff)
    attrs = {"eyestay": eyestay, "heelcup": heelcup, "toecap": toecap, "vent": vent, "run": run, "inside": inside}
    uv = sm.side_uv(skin.pts, (inside > 0) | (y > 10))
    uv = np.pad(uv, ((0, 0), (0, 0), (0, 0)))
    mat = sm.upper(p, sheet(shoe.art).img)
    grid("upper", skin.pts * MM, mat, close_u=True, uv=uv, attrs=attrs)

    pts, extra = midsole(sole)
    extra["tone"] = pts[..., 2] - curve1d(shoe.tone, pts[..., 0])
    foam = sm.foam("foam", p, sheet(shoe.sole_art).img)
    grid("midsole", pts * MM, foam, close_u=True, uv=sm.side_uv(pts, pts[..., 1] > 10), attrs=extra)
    tread = sm.rubber("rubber", p.rubber)
    grid("outsole", outsole(sole, **shoe.outsole) * MM, tread, close_u=True)
    if shoe.lugs:
        boxes("lugs", lugs(sole), tread)

    lining = sm.fabric("lining", p.lining)
    centre = tongue(sm.fabric("tongue", p.tongue, p.hole), sm.rubber("label", p.tab, 0.5), shoe.height)
    laces(skin, centre, sm.lace("lace", p.lace), sm.rubber("eyelet", p.eyelet, 0.4), shoe.lace_rows, width=shoe.lace_width)
    pull_tab(sm.fabric("tab", p.tab), float(skin.pts[NU // 2, NV - 1, 2]))
    footbed(skin, lining)
    stand()


def stand(turn: float = -14) -> None:
    """Centre the shoe, put its lowest point on the floor, turn the toe in."""
    from scene import world_vertices

    bpy.context.view_layer.update()
    v = world_vertices()
    shift = np.array([-1.4, 0, -v[:, 2].min()])
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    for o in bpy.context.scene.objects:
        o.rotation_euler.z = math.radians(turn)
        o.location = (c * shift[0], s * shift[0], shift[2])


# ------------------------------------------------------------------ models
def stride_2() -> None:
    """Daily road trainer: orange knit on a sculpted off-white midsole."""

    wave = [(-20, 37), (25, 31), (70, 21), (120, 16), (185, 19), (240, 29), (300, 44)]

    def art(s: Sheet) -> None:
        bars(s, [(148 + i * 13, 104 - i * 6.4, 158 + i * 22, 30) for i in range(4)], 2.2, "#E8401F")
        dart(s, 96, 70, 56, WHITE, "#FFD9CC")
        word(s, 12, 62, "STRIDE 2", 5.6, WHITE, 750, 60, -4)

    def sole_art(s: Sheet) -> None:
        xs = np.linspace(-22, 92, 80)
        zs = curve1d(wave, xs)
        poly(s, [*zip(xs, zs + 4.2 * smoothstep(92, -10, xs), strict=True), *zip(xs[::-1], zs[::-1], strict=True)], VOLT)
        word(s, 12, 19.5, "VELTRA", 8.0, BLACK, 850, 60, 2)

    build(Shoe(
        palette=Palette(ORANGE, "#A8240E", "#E8401F", BLACK, "#E8401F", "#1B1E23", "#F24724", "#F1F2EF", "#EFF0ED", "#E9EAE7", BLACK, VOLT,
                        stitch="#FFC2B2", fade="#E2371A"),
        sole=Sole(
            bottom=[(-14, 15), (4, 8), (30, 5), (180, 5), (225, 7), (258, 14), (278, 21.5), (292, 30)],
            top=[(-12, 51), (15, 47), (55, 39.5), (100, 35), (145, 36.5), (200, 33), (240, 34), (275, 38), (296, 43)],
            flare=[(-10, 5), (40, 6), (120, 3), (200, 4.5), (260, 2.0), (292, 0)],
            tail=6, nose=0, waist=2.6, rubber=5.5, ribs=(12, 118, 3.0, 1.0),
            ledges=[(wave, 3.4, 0.6)],
            grooves=[([(196 + i * 17, 9 + i * i * 0.55), (207 + i * 17, 16 + i * i * 1.0)], 1.7, 1.8) for i in range(5)]
            + [([(2 + i * 17, 10 - i), (-6 + i * 17, 19 - i * 1.5)], 1.7, 1.6) for i in range(4)],
        ),
        art=art, sole_art=sole_art,
        eyestay=[(0, 13), (2, 12), (6, 13), (8, 15), (8.9, 10), (9.6, -3), (14, -6)],
        heel=[(0, 36), (30, 30), (62, 17), (92, 2), (105, -6), (300, -6)],
        toe=[(0, -6), (205, -6), (232, 4), (262, 11), (292, 17)],
        tone=wave,
        outsole={"gap": (98, 150), "wrap": 3.0},
    ))  # fmt: skip


def ridge_trail() -> None:
    """Trail shoe: cobalt ripstop, black mudguard, orange lugs."""

    def art(s: Sheet) -> None:
        bars(s, [(146 + i * 14, 104 - i * 6.6, 150 + i * 25, 40) for i in range(4)], 3.0, "#16308F")
        dart(s, 92, 68, 54, WHITE, VOLT)
        word(s, 14, 60, "VELTRA", 7, WHITE, 800, 80, -6)

    def sole_art(s: Sheet) -> None:
        word(s, 30, 21, "RIDGE", 7.5, BLACK, 850, 80, -3)

    zig = [(-20, 33), (14, 30), (30, 22), (62, 24), (78, 17), (112, 19), (128, 14), (170, 17), (188, 13.5), (228, 20), (244, 20), (300, 40)]
    build(Shoe(
        palette=Palette(COBALT, "#122474", "#1B1E25", "#16191E", "#16191E", "#16191E", "#2343D8", VOLT, "#E2E3DE", "#B4B9BB", ORANGE, ORANGE,
                        stitch="#8FA2FF", fade="#1C34C4"),
        sole=Sole(
            bottom=[(-14, 17), (4, 9), (30, 7), (180, 7), (225, 9.5), (258, 16), (278, 23), (292, 32)],
            top=[(-12, 49), (15, 45), (55, 39), (100, 36), (145, 37), (200, 34), (240, 35), (275, 39), (296, 45)],
            flare=[(-10, 5), (40, 7), (120, 4.5), (200, 6), (260, 3.0), (292, 0.5)],
            tail=5, nose=0, waist=2.0, rubber=4, 
            ledges=[(zig, 3.6, 0.6)],
            grooves=[([(24 + i * 52, 33 - i * 1.2), (44 + i * 52, 28 - i * 0.8)], 1.5, 1.3) for i in range(4)],
        ),
        art=art, sole_art=sole_art,
        eyestay=[(0, 14), (2, 14), (6, 15), (8, 17), (8.9, 12), (9.6, -3), (14, -6)],
        heel=[(0, 44), (30, 36), (60, 20), (84, 9), (110, 6), (150, 5), (300, 5)],
        toe=[(0, -6), (120, -2), (150, 5), (185, 9), (215, 14), (245, 22), (270, 29), (292, 36)],
        tone=zig, outsole={"wrap": 4.0, "tooth": 10.0, "cut": 2.0}, raised=1.5, lugs=True, collar=1.0,
    ))  # fmt: skip


def pace_one() -> None:
    """Race shoe: volt upper on a tall rockered super-foam with an orange plate."""

    def art(s: Sheet) -> None:
        bars(s, [(140 + i * 11, 108 - i * 5.2, 132 + i * 27, 40) for i in range(5)], 1.6, "#C9D334")
        dart(s, 80, 68, 72, BLACK, ORANGE, 10)
        word(s, 10, 61, "VELTRA", 6.5, VOLT, 800, 80, -6)

    plate = [(-24, 45), (10, 37), (60, 28), (110, 21), (160, 18.5), (210, 22), (255, 33), (300, 48)]

    def sole_art(s: Sheet) -> None:
        xs = np.linspace(-20, 298, 200)
        zs = curve1d(plate, xs)
        poly(s, [*zip(xs, zs + 0.9, strict=True), *zip(xs[::-1], zs[::-1] - 0.9, strict=True)], ORANGE)
        word(s, 62, 11.5, "PACE ONE", 7.5, BLACK, 850, 60, 2)

    build(Shoe(
        palette=Palette(VOLT, "#8F9A12", "#15181C", "#15181C", "#DDE63E", "#15181C", "#E2EB45", "#15181C", "#E4E5E1", "#E4E5E1", BLACK, ORANGE,
                        stitch="#E9F24B", fade="#FF8A3A"),
        sole=Sole(
            bottom=[(-22, 22), (4, 11), (32, 5), (90, 6), (140, 6.5), (190, 3.5), (225, 6), (258, 16), (278, 25), (292, 36)],
            top=[(-20, 60), (10, 54), (55, 47), (100, 44), (145, 44), (200, 40), (240, 41), (275, 45.5), (298, 51)],
            flare=[(-10, 5), (40, 8), (120, 3), (200, 6), (260, 2.4), (292, -0.5)],
            tail=13, nose=0, waist=3.4, rubber=2.6,
            ledges=[([(x, z - 1.2) for x, z in plate], 3.4, 1.1)],
            grooves=[([(x, z) for x, z in plate], 1.9, 1.5)],
        ),
        art=art, sole_art=sole_art,
        eyestay=[(0, 9), (2, 9), (6, 9.5), (8, 11), (8.9, 7), (9.6, -3), (14, -6)],
        heel=[(0, 26), (30, 20), (62, 8), (80, -3), (105, -6), (300, -6)],
        toe=[(0, -6), (225, -6), (250, 3), (270, 8), (292, 12)],
        tone=[(-20, 0), (300, 0)], outsole={"gap": (70, 150), "tooth": 6.0}, height=1.035, raised=0.7, collar=-2.0,
    ))  # fmt: skip


CATALOG = {
    "stride-2": Item("running", stride_2, {"pitch": 9.0, "long_side": 1120}, exposure=0.92),
    "ridge-trail": Item("running", ridge_trail, {"pitch": 9.0, "long_side": 1120}, exposure=0.95),
    "pace-one": Item("running", pace_one, {"pitch": 9.0, "long_side": 1120}, exposure=0.92),
}
