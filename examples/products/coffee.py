"""Northlight Coffee: flat-bottom bag, cold-brew bottle, pocket tin."""

from __future__ import annotations

import math

import bpy
import numpy as np
from coffee_art import AMBER, CREAM, NAVY, TERRA, brew_art, dawn_art, side_art, tin_art
from item import Item
from materials import Material, glass, metal
from meshes import curve1d, grid, lathe, round_profile, smoothstep, spline, sweep


def tilt(degrees: float) -> None:
    """Turn everything built so far around Z."""
    for o in bpy.context.scene.objects:
        o.rotation_euler.z += math.radians(degrees)


def bag_section(z: np.ndarray, n: int) -> np.ndarray:
    """Bag walls: rings of ``n`` points per side at every height ``z``."""
    H = 1.62
    half_w = curve1d([(0, 0.405), (0.25, 0.425), (0.7, 0.432), (1.15, 0.430), (H, 0.425)], z)
    half_d = curve1d(
        [
            (0, 0.245),
            (0.2, 0.270),
            (0.6, 0.268),
            (1.0, 0.205),
            (1.3, 0.105),
            (1.5, 0.030),
            (H, 0.012),
        ],
        z,
    )
    tuck = curve1d([(0, 0.0), (0.55, 0.0), (0.95, 0.045), (1.3, 0.13), (1.5, 0.2), (H, 0.22)], z)
    t = np.linspace(-1, 1, n, endpoint=False)
    bulge = 1 - t**2
    rings = []
    for k, (w, d, g) in enumerate(zip(half_w, half_d, tuck, strict=True)):
        full = smoothstep(0.0, 0.35, z[k]) * (1 - smoothstep(0.95, 1.45, z[k]))
        puff = 0.030 * full
        front = np.stack([t * w, -d - puff * bulge, 0 * t], 1)
        crease = np.maximum(0, 1 - np.abs(t)) ** 1.15
        right = np.stack([w + 0.018 * full * bulge - g * crease, t * d, 0 * t], 1)
        back = np.stack([-t * w, d + puff * bulge, 0 * t], 1)
        left = np.stack([-w - 0.018 * full * bulge + g * crease, -t * d, 0 * t], 1)
        rings.append(np.concatenate([front, right, back, left]))
    pts = np.array(rings)
    pts[..., 2] = z[:, None]
    return pts


def dawn_blend() -> None:
    """250 g flat-bottom bag with sealed edges, valve, rolled top, tin tie."""
    n, rows = 90, 220
    z = np.linspace(0.0, 1.44, rows)
    pts = bag_section(z, n)
    rng = np.random.default_rng(11)
    # soft creases: a few directional dents, stronger towards the folded top
    x, y = pts[..., 0], pts[..., 1]
    dent = np.zeros_like(x)
    for _ in range(46):
        cz, cx = rng.uniform(0.05, 1.4), rng.uniform(-0.45, 0.45)
        ang, length, wid = rng.uniform(-0.9, 0.9), rng.uniform(0.08, 0.3), rng.uniform(0.012, 0.035)
        sgn = 1 if rng.random() < 0.5 else -1
        dx, dz = x - cx, pts[..., 2] - cz
        a = dx * math.cos(ang) + dz * math.sin(ang)
        b = -dx * math.sin(ang) + dz * math.cos(ang)
        amp = 0.0045 + 0.010 * smoothstep(0.75, 1.35, cz)
        dent += (
            amp
            * rng.uniform(0.4, 1)
            * np.exp(-((a / length) ** 2) - (b / wid) ** 2)
            * np.where(y * sgn < 0, 1, 0)
        )
    pts[..., 1] += dent * np.sign(-y) * -1
    soft = Material("bag", NAVY, 0.5, spec=0.22)
    face = Material("front", NAVY, 0.5, spec=0.22).texture(dawn_art().img)
    side = Material("side", NAVY, 0.5, spec=0.22).texture(side_art().img)
    for m in (soft, face, side):
        m.bump(m.noise(5.5, 5, 0.55, (1, 1, 0.6)), 0.30, 0.03)
        m.bump(m.noise(420, 1), 0.05, 0.002)
    v = z / 1.6
    for i, mat in enumerate((face, side, soft, side)):
        idx = np.arange(i * n, (i + 1) * n + 1) % (4 * n)
        panel = pts[:, idx].transpose(1, 0, 2)
        uv = np.stack(np.meshgrid(np.linspace(0, 1, n + 1), v, indexing="ij"), 2)
        grid(f"panel{i}", panel, mat.mat, uv=uv)
    # sealed fins along the four vertical edges
    for i in range(4):
        edge = pts[:, i * n]
        out = np.stack([np.sign(edge[:, 0]) * 0.010, np.sign(edge[:, 1]) * 0.022, 0 * z], 1)
        fade = (1 - smoothstep(1.15, 1.4, z))[:, None]
        fin = np.stack([edge - out * 0.2, edge + out * fade], 0)
        obj = grid(f"fin{i}", fin, soft.mat)
        obj.modifiers.new("solid", "SOLIDIFY").thickness = 0.006
    # folded top: the flat mouth is rolled towards the front
    top = pts[-1]
    zt, w = z[-1], float(np.abs(top[:, 0]).max())
    fold = [
        (0.055, zt - 0.03),
        (0.035, zt + 0.05),
        (0.012, zt + 0.105),
        (-0.028, zt + 0.118),
        (-0.062, zt + 0.100),
        (-0.072, zt + 0.04),
        (-0.076, zt - 0.06),
        (-0.080, zt - 0.115),
    ]
    yy, zz = curve_path(fold, 60)
    xs = np.linspace(-w, w, 80)
    wob = 0.006 * np.sin(xs * 7 + 1) + 0.004 * np.sin(xs * 17)
    roll = np.stack(
        np.broadcast_arrays(
            xs[:, None], yy[None, :] + wob[:, None] * 0.6, zz[None, :] + wob[:, None]
        ),
        2,
    )
    obj = grid("roll", roll, soft.mat)
    obj.modifiers.new("solid", "SOLIDIFY").thickness = 0.016
    # tin tie: a flat strip whose ends bend round the roll
    tie = Material("tie", AMBER, 0.45)
    tz = zt + 0.012
    path = [
        (-w - 0.012, 0.055, tz),
        (-w - 0.030, 0.0, tz),
        (-w - 0.022, -0.07, tz),
        (-w + 0.03, -0.096, tz),
        (-w + 0.2, -0.092, tz),
        (0, -0.093, tz + 0.002),
        (w - 0.2, -0.092, tz),
        (w - 0.03, -0.096, tz),
        (w + 0.022, -0.07, tz),
        (w + 0.030, 0, tz),
        (w + 0.012, 0.055, tz),
    ]
    p = spline(path, 160)
    sweep("tie", p, 0.008, 0.060, tie.mat, power=6)
    # degassing valve
    vz, vy = 1.205, -0.1605
    valve = [
        (0, 0.012, 0),
        (0.020, 0.012, 0.003),
        (0.022, 0.006, 0.002),
        (0.040, 0.006, 0.004),
        (0.046, 0.0, 0),
    ]
    o = lathe("valve", round_profile(valve), Material("valve", "#1A4149", 0.35).mat, 64)
    slope = math.atan2(0.13, 0.35)
    o.rotation_euler = (math.radians(90) - slope, 0, 0)
    o.location = (0, vy, vz)
    tilt(-19)


def curve_path(points, count: int):
    """Smooth (y, z) path through the fold points."""
    p = spline(points, count)
    return p[:, 0], p[:, 1]


def slow_brew() -> None:
    """330 ml cold brew: clear glass, coffee to the neck, amber screw cap."""
    r = 0.31
    body = [
        (0, 0.03, 0),
        (r * 0.62, 0.015, 0.02),
        (r * 0.86, 0.0, 0.02),
        (r, 0.0, 0.05),
        (r, 0.93, 0.16),
        (0.142, 1.17, 0.13),
        (0.135, 1.36, 0.0),
    ]
    lathe("glass", round_profile(body, 14), glass("glass", "#F1E3D0", 0.0, 1.45).mat, 192)
    wall = 0.022
    rc = r - wall
    fill = [
        (0, 0.06, 0),
        (rc, 0.055, 0.06),
        (rc, 0.925, 0.15),
        (0.118, 1.16, 0.12),
        (0.113, 1.245, 0.004),
        (0, 1.245, 0),
    ]
    coffee = Material("coffee", "#1B0B05", 0.04, spec=0.35)
    tc = coffee.node("TexCoord")
    sep = coffee.node("SeparateXYZ")
    coffee.link(tc.outputs["Object"], sep.inputs[0])
    coffee.link(
        coffee.mix(coffee.step(sep.outputs["Z"], 0.9, 1.25), "#241006", "#80401A"), "Base Color"
    )
    lathe("coffee", round_profile(fill, 12), coffee.mat, 160)
    cap = metal("cap", "#CF9350", 0.28)
    z = 1.275
    prof = [
        (0.13, z, 0),
        (0.158, z, 0.004),
        (0.158, z + 0.030, 0.003),
        (0.152, z + 0.036, 0.002),
        (0.152, z + 0.046, 0.002),
        (0.159, z + 0.052, 0.003),
        (0.159, z + 0.195, 0.020),
        (0, z + 0.200, 0),
    ]
    obj = lathe("cap", round_profile(prof, 8), cap, 240)
    knurl(obj, z + 0.055, z + 0.15, 60, 0.0032)
    s = brew_art()
    rl = r + 0.002
    half = 118
    lw = rl * math.radians(2 * half)
    lh = lw * s.h / s.w
    paper = Material("paper", CREAM, 0.55).texture(s.img)
    paper.bump(paper.noise(220, 3), 0.05, 0.002)
    lathe(
        "label",
        [(rl - 0.001, 0.2), (rl, 0.201), (rl, 0.2 + lh - 0.001), (rl - 0.001, 0.2 + lh)],
        paper.mat,
        160,
        (-half, half),
    )
    tilt(-6)


def knurl(obj: bpy.types.Object, z0: float, z1: float, count: int, depth: float) -> None:
    """Press vertical ribs into a lathe object between two heights."""
    mesh = obj.data
    co = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", co)
    co = co.reshape(-1, 3)
    ang = np.arctan2(co[:, 1], co[:, 0])
    inside = smoothstep(z0 - 0.004, z0, co[:, 2]) * (1 - smoothstep(z1, z1 + 0.004, co[:, 2]))
    r = np.hypot(co[:, 0], co[:, 1])
    wave = 0.5 - 0.5 * np.cos(ang * count)
    co[:, :2] *= (1 - depth * inside * wave / np.maximum(r, 1e-3))[:, None]
    mesh.vertices.foreach_set("co", co.ravel())
    mesh.update()


def pocket_tin() -> None:
    """60 g round tin: printed body, rolled rims, stepped lid."""
    r, h = 0.37, 0.42
    art = tin_art()
    tin = metal("tin", "#C9A26A", 0.25)
    lathe(
        "base",
        round_profile(
            [
                (0, 0.012, 0),
                (r - 0.02, 0.0, 0.01),
                (r + 0.006, 0.0, 0.008),
                (r + 0.006, 0.016, 0.008),
                (r - 0.01, 0.02, 0),
            ]
        ),
        tin,
        192,
    )
    body = Material("body", TERRA, 0.3, spec=0.4).texture(art.img)
    lathe("body", [(r, 0.012), (r, h)], body.mat, 240)
    bead = [
        (r - 0.01, h - 0.012, 0),
        (r + 0.006, h - 0.010, 0.006),
        (r + 0.006, h + 0.004, 0.006),
        (r - 0.01, h + 0.006, 0),
    ]
    lathe("bead", round_profile(bead), tin, 192)
    rl = r + 0.004
    lid = Material("lid", "#0F3037", 0.3, spec=0.4)
    side = [
        (rl - 0.01, h + 0.010, 0),
        (rl + 0.004, h + 0.010, 0.004),
        (rl + 0.004, h + 0.022, 0.004),
        (rl, h + 0.026, 0.003),
        (rl, h + 0.145, 0.014),
        (rl - 0.030, h + 0.150, 0.008),
        (rl - 0.036, h + 0.140, 0.006),
        (rl - 0.06, h + 0.139, 0.01),
        (rl - 0.075, h + 0.146, 0.01),
        (0, h + 0.148, 0),
    ]
    lathe("lid", round_profile(side, 8), lid.mat, 240)
    tilt(-5)


CATALOG = {
    "dawn-blend": Item("coffee", dawn_blend, exposure=1.05),
    "slow-brew": Item("coffee", slow_brew),
    "pocket-tin": Item("coffee", pocket_tin, {"pitch": 10.0}, {"fill": 1.25}, 1.05),
}
