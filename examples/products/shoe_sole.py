"""Running-shoe sole: sculpted midsole wall, outsole rubber, trail lugs (mm)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from meshes import curve1d, smoothstep
from shoe_upper import NU, normals2d, outline

ROWS = 110
Knots = Sequence[tuple[float, float]]


@dataclass
class Sole:
    """Side-view design of one sole. Heights are over the ground plane."""

    bottom: Knots
    top: Knots
    flare: Knots  # how far the wall stands out beyond the upper, over x
    tail: float = 10  # extra length behind the heel
    nose: float = 4  # extra length before the toe
    ledges: list[tuple[Knots, float, float]] = field(default_factory=list)  # z(x), height, softness
    grooves: list[tuple[list[tuple[float, float]], float, float]] = field(
        default_factory=list
    )  # line, width, depth
    waist: float = 2.0  # mid-height hollow
    rubber: float = 3.5
    ribs: tuple[float, float, float, float] | None = (
        None  # x from, x to, pitch, depth above the first ledge
    )

    def z0(self, x: np.ndarray) -> np.ndarray:
        return curve1d(self.bottom, x)

    def z1(self, x: np.ndarray) -> np.ndarray:
        return curve1d(self.top, x)


def seg_distance(x: np.ndarray, z: np.ndarray, line: Sequence[tuple[float, float]]) -> np.ndarray:
    """Distance from points to a polyline in the side view."""
    best = np.full(x.shape, 1e9)
    for (ax, az), (bx, bz) in itertools.pairwise(line):
        dx, dz = bx - ax, bz - az
        t = np.clip(((x - ax) * dx + (z - az) * dz) / (dx * dx + dz * dz), 0, 1)
        best = np.minimum(best, np.hypot(x - ax - t * dx, z - az - t * dz))
    return best


def stretch(loop: np.ndarray, sole: Sole) -> np.ndarray:
    """Lengthen the footprint behind the heel and before the toe."""
    x = loop[:, 0]
    out = loop.copy()
    out[:, 0] += sole.nose * smoothstep(200, 287, x) - sole.tail * smoothstep(70, 4, x)
    return out


def midsole(sole: Sole) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Wall grid ``(NU, rows, 3)`` from under the foot, round, to the top lip."""
    base = outline()
    normal = normals2d(base)
    v = np.linspace(0, 1, ROWS)
    flare = curve1d(sole.flare, base[:, 0])[:, None]
    # belly of the wall: tucked at the ground, full low down, drawn in on top
    belly = curve1d(
        [(0, 0.30), (0.1, 0.80), (0.26, 1.0), (0.55, 0.72), (0.85, 0.22), (1, 0.05)], v
    )[None, :]
    grow = curve1d([(0, 0.62), (0.2, 0.95), (0.4, 0.9), (0.7, 0.5), (1.0, 0.08)], v)
    longer = stretch(base, sole)
    loop = base[:, None] * (1 - grow[None, :, None]) + longer[:, None] * grow[None, :, None]
    x = loop[..., 0]
    z = sole.z0(x) * (1 - v) + sole.z1(x) * v
    off = flare * belly + 0.7 - sole.waist * np.exp(-(((v - 0.62) / 0.16) ** 2))[None, :]
    for curve, height, soft in sole.ledges:
        off += (
            height
            * (1 - 0.75 * smoothstep(225, 292, x))
            * smoothstep(soft, -soft, z - curve1d(curve, x))
        )
    for line, width, depth in sole.grooves:
        d = seg_distance(x, z, line)
        off -= (
            depth
            * (1 - smoothstep(width * 0.25, width * 0.9, d))
            * (1 - smoothstep(0.80, 0.92, v))[None, :]
        )
    if sole.ribs:
        x0, x1, pitch, depth = sole.ribs
        over = z - curve1d(sole.ledges[0][0], x)
        zone = (
            smoothstep(x0, x0 + 6, x)
            * smoothstep(x1, x1 - 14, x)
            * smoothstep(1.6, 2.6, over)
            * (1 - smoothstep(0.80, 0.88, v))[None, :]
        )
        off -= depth * zone * (0.5 - 0.5 * np.cos(over * 2 * np.pi / pitch)) ** 2
    xy = loop + normal[:, None] * off[..., None]
    wall = np.concatenate([xy, z[..., None]], 2)
    # rounded top lip towards the upper, bottom closed to the middle
    lip = []
    for a in np.linspace(0.25, 1, 6):
        r = 1.5
        q = wall[:, -1].copy()
        q[:, :2] -= normal * r * (1 - np.cos(a * np.pi / 2)) + normal * (5 * max(0, a - 0.8))
        q[:, 2] += r * np.sin(a * np.pi / 2) * 0.8 - 4 * max(0, a - 0.85)
        lip.append(q)
    under = []
    for s in (0.0, 0.45, 0.9, 0.97):
        q = wall[:, 0].copy()
        q[:, 1] *= s
        q[:, 2] += 0.4
        under.append(q)
    pts = np.concatenate([np.stack(under, 1), wall, np.stack(lip, 1)], 1)
    h = np.concatenate([np.zeros(4), v, np.ones(6)])
    return pts, {"h": np.broadcast_to(h, pts.shape[:2]).copy()}


def outsole(
    sole: Sole,
    wrap: float = 2.0,
    tooth: float = 8.0,
    cut: float = 1.2,
    toe: float = 3.0,
    gap: tuple[float, float] | None = None,
) -> np.ndarray:
    """A rubber band under the midsole with tread cuts along its edge."""
    base = stretch(outline(), sole)
    base = outline() * 0.38 + base * 0.62
    normal = normals2d(base)
    x = base[:, 0]
    z0 = sole.z0(x)
    flare = curve1d(sole.flare, x)
    run = np.r_[0, np.cumsum(np.linalg.norm(np.diff(base, axis=0), axis=1))]
    phase = (run / tooth) % 1
    notch = smoothstep(0.05, 0.14, phase) * (1 - smoothstep(0.86, 0.95, phase))
    keep = np.ones_like(x)
    if gap:
        keep = 1 - smoothstep(gap[0] - 8, gap[0] + 8, x) * (
            1 - smoothstep(gap[1] - 8, gap[1] + 8, x)
        )
    rows = []
    thick = sole.rubber
    for off, dz in (
        (-30, -0.6),
        (-14, -1),
        (-2.0, -1),
        (-0.6, -0.9),
        (0.2, -0.5),
        (0.5, 0.0),
        (0.4, 0.5),
        (-0.1, 1.0),
        (-3, 1.0),
    ):
        o = flare * 0.55 + 0.9 + off - cut * (1 - notch) * (off > -1)
        o = np.where(keep > 0.5, o, o - 7 * (1 - keep))
        z = z0 + (thick * dz if dz < 0 else (wrap + toe * smoothstep(262, 288, x)) * dz) * np.where(
            dz < 0, keep, 1
        )
        inner = np.maximum(o, -np.abs(base[:, 1]) * 0.9)
        rows.append(np.concatenate([base + normal * inner[:, None], z[:, None]], 1))
    return np.stack(rows, 1)


def lugs(sole: Sole, height: float = 5.0, count: int = 46) -> list[np.ndarray]:
    """Chevron lug blocks along the edge and under the foot, as 8-corner boxes."""
    base = stretch(outline(), sole)
    base = outline() * 0.38 + base * 0.62
    normal = normals2d(base)
    seg = np.r_[0, np.cumsum(np.linalg.norm(np.diff(base, axis=0), axis=1))]
    out = []
    pitch = seg[-1] / count
    for ring, (inset, depth, width) in enumerate(((0.0, 11.0, 0.66), (19.0, 9.0, 0.60))):
        for k in range(count):
            s = (k + 0.5 * ring) * pitch
            i = int(np.searchsorted(seg, s)) % NU
            p, n = base[i], normal[i]
            tang = np.array([-n[1], n[0]])
            fl = float(curve1d(sole.flare, np.array([p[0]]))[0])
            c = p + n * (fl * 0.55 + 1.4 - inset)
            if ring and abs(c[1]) < 8:
                continue
            lean = 0.9 if p[0] > 150 else -0.9  # forefoot bites forwards, heel brakes
            box = []
            for dz, shrink in ((1.6, 1.0), (-height, 0.74)):
                for a, b in ((-1, 0), (1, 0), (1, -1), (-1, -1)):
                    q = (
                        c
                        + tang * (a * pitch * width / 2 * shrink)
                        + n * (b * depth * (0.6 + 0.4 * shrink) - (1 - shrink) * 3.2)
                    )
                    q = q + np.array([lean, 0]) * (1.2 if dz < 0 else 0)
                    z = float(sole.z0(np.array([q[0]]))[0]) - sole.rubber * 0.3 + dz
                    box.append((q[0], q[1], z))
            out.append(np.array(box))
    return out
