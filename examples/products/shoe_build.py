"""Assembly of a VELTRA running shoe and the drawing tools of its graphics."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import bpy
import numpy as np
import shoe_materials as sm
from labels import Sheet
from meshes import curve1d, grid, smoothstep
from shoe_materials import PX, TALL, WIDE, X0, Palette
from shoe_parts import MM, boxes, footbed, laces, pull_tab, tongue
from shoe_sole import Sole, lugs, midsole, outsole
from shoe_upper import NU, NV, build_skin, inflate, mirror_knot


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


def dart(
    s: Sheet, x: float, z: float, size: float, light: str, dark: str, angle: float = 12
) -> None:
    """The VELTRA mark: a folded paper dart flying towards the toe."""
    c, q = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def at(a: float, b: float) -> tuple[float, float]:
        return x + (a * c - b * q) * size, z + (a * q + b * c) * size

    poly(s, [at(0, 0.36), at(1, 0), at(0.27, 0.045)], light)
    poly(s, [at(0.27, -0.005), at(1, -0.045), at(0.10, -0.27)], dark)


def bars(s: Sheet, lines: list[tuple[float, float, float, float]], mm: float, color: str) -> None:
    """Tapered film reinforcements from the eyelets down to the sole."""
    for x0, z0, x1, z1 in lines:
        poly(
            s,
            [(x0 - mm / 2, z0), (x0 + mm / 2, z0), (x1 + mm * 0.9, z1), (x1 - mm * 0.9, z1)],
            color,
        )


def word(
    s: Sheet,
    x: float,
    z: float,
    text: str,
    mm: float,
    color: str,
    weight: int = 800,
    tracking: float = 40,
    angle: float = 0,
) -> None:
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
    puff = (
        np.exp(-(((skin.edge - 10) / 8.5) ** 2)) * 2.6
        - np.exp(-(((skin.edge - 25) / 2.0) ** 2)) * 0.9
    )
    inflate(skin, amount + zone * puff)
    attrs = {
        "eyestay": eyestay,
        "heelcup": heelcup,
        "toecap": toecap,
        "vent": vent,
        "run": run,
        "inside": inside,
    }
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
    centre = tongue(
        sm.fabric("tongue", p.tongue, p.hole), sm.rubber("label", p.tab, 0.5), shoe.height
    )
    laces(
        skin,
        centre,
        sm.lace("lace", p.lace),
        sm.rubber("eyelet", p.eyelet, 0.4),
        shoe.lace_rows,
        width=shoe.lace_width,
    )
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
