"""Running-shoe upper: one lofted skin from the feather line to the opening.

All lengths are millimetres: x from heel (0) to toe (about 290), y lateral
(negative, faces the camera) to medial, z up. Every station pairs a point of the
feather line with a point of the throat/collar edge; a Hermite column runs
between them, which is how a real upper is cut and lasted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from meshes import curve1d, smoothstep, spline

NU, NV, NL = 1040, 132, 46
KNOTS = 28  # stations around the shoe: 0 toe, 14 heel, 28 = 0

# lateral half, toe to heel: feather x, y | edge x, y, z | tangent at the bottom
# (out, up) | tangent at the edge (x, inward, up)
HALF = [
    (287, 0.0, 203, 0.0, 82, 18, 74, -62, 0, 16),
    (281, -19, 201, -8.5, 82.5, 18, 73, -52, 14, 17),
    (263, -36, 196, -14.5, 84.5, 18, 70, -34, 24, 19),
    (236, -45, 186, -18, 89, 19, 66, -18, 32, 22),
    (205, -47, 171, -20, 96, 18, 62, -8, 34, 25),
    (175, -44, 155, -21.5, 103.5, 15, 62, -4, 31, 29),
    (148, -39, 138, -22.5, 111, 11, 60, -2, 26, 33),
    (123, -35.5, 121, -23.5, 118, 11, 64, 0, 22, 36),
    (101, -34, 105, -25.5, 122, 11, 64, -4, 14, 44),
    (81, -33.5, 87, -30, 109, 11, 56, -4, 5, 46),
    (61, -33.5, 66, -32, 95.5, 11, 46, -2, 2, 40),
    (41, -32, 43, -30.5, 95, 12, 46, 0, 3, 40),
    (23, -26.5, 22, -24, 104, 13, 56, 3, 4, 44),
    (11, -15, 8, -12.5, 115, 13, 64, 2, 2, 50),
    (6, 0.0, 2.5, 0.0, 119, 13, 68, -1, 0, 52),
]


@dataclass
class Skin:
    """The lofted upper and the coordinates its overlays are drawn in."""

    pts: np.ndarray  # (NU, NV + NL, 3)
    knot: np.ndarray  # station coordinate per column
    edge: np.ndarray  # mm to the opening along the column
    foot: np.ndarray  # mm to the feather line along the column
    run: np.ndarray  # mm around the opening edge

    def at(self, knot: float, edge_mm: float) -> tuple[np.ndarray, np.ndarray]:
        """Surface point and outward normal near a station, below the edge."""
        i = round(knot / KNOTS * NU) % NU
        j = int(np.argmin(np.abs(self.edge[i, :NV] - edge_mm)))
        p = self.pts[i, j]
        du = self.pts[(i + 3) % NU, j] - self.pts[i - 3, j]
        dv = self.pts[i, min(j + 2, NV - 1)] - self.pts[i, j - 2]
        n = np.cross(dv, du)
        return p, n / np.linalg.norm(n)


def mirror_knot(k: np.ndarray) -> np.ndarray:
    """Station coordinate folded on the lateral half (0 toe .. 14 heel)."""
    return np.where(k > KNOTS / 2, KNOTS - k, k)


def smooth_loop(a: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian low-pass of a closed loop; ``sigma`` in stations."""
    n = len(a)
    freq = np.fft.rfftfreq(n, d=KNOTS / n)
    gain = np.exp(-2 * (np.pi * freq * sigma) ** 2)
    return np.fft.irfft(np.fft.rfft(a, axis=0) * gain[:, None], n=n, axis=0)


def stations(height: float = 1.0, collar: float = 0.0) -> np.ndarray:
    """The full closed table with a slightly different medial half."""
    half = np.array(HALF, float)
    half[:, 4] = half[:, 4] + collar * smoothstep(8, 11, np.arange(15))
    med = half[13:0:-1].copy()
    med[:, 1] *= -1
    med[:, 3] *= -1
    mid = np.exp(-(((med[:, 0] - 120) / 38) ** 2))
    med[:, 1] -= 6.0 * mid  # the arch is narrower inside
    med[:, 4] += 3.0 * np.exp(-(((med[:, 2] - 55) / 25) ** 2))
    full = np.concatenate([half, med])
    full[:, 4] *= height
    return full


def outline(n: int = NU) -> np.ndarray:
    """Feather line as a smooth closed loop (x, y)."""
    st = stations()
    return smooth_loop(spline(st[:, :2], n, closed=True), 0.42)


def normals2d(loop: np.ndarray) -> np.ndarray:
    """Outward normals of a closed loop that runs toe, lateral, heel."""
    d = np.roll(loop, -1, 0) - np.roll(loop, 1, 0)
    n = np.stack([d[:, 1], -d[:, 0]], 1)
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    centre = loop.mean(0)
    return n if ((loop - centre) * n).sum() > 0 else -n


def build_skin(
    top_of_sole, height: float = 1.0, collar: float = 0.0, toe_lift: float = 0.0
) -> Skin:
    """Loft the upper on a sole whose upper edge is ``top_of_sole(x)``."""
    st = stations(height, collar)
    knot = np.arange(NU) * KNOTS / NU
    loop = outline()
    normal = normals2d(loop)
    rest = smooth_loop(spline(st[:, 2:], NU, closed=True), 0.30)
    edge_pt, (out, up) = rest[:, :3], rest[:, 3:5].T
    ex, ein, eup = rest[:, 5:8].T
    foot_pt = np.concatenate([loop - normal * 2.6, (top_of_sole(loop[:, 0]) - 3.5)[:, None]], 1)
    d0 = np.concatenate(
        [normal * out[:, None], (up + toe_lift * smoothstep(190, 270, loop[:, 0]))[:, None]], 1
    )
    side = np.where(knot < KNOTS / 2, 1.0, -1.0)  # inward is +y on the lateral side
    d1 = np.stack([ex, ein * side, eup], 1)
    t = (np.linspace(0, 1, NV) ** 0.95)[None, :, None]
    p, q = foot_pt[:, None], edge_pt[:, None]
    wall = (
        p * (2 * t**3 - 3 * t**2 + 1)
        + 1.25 * d0[:, None] * (t**3 - 2 * t**2 + t)
        + q * (3 * t**2 - 2 * t**3)
        + 1.1 * d1[:, None] * (t**3 - t**2)
    )
    # padded rolled edge, then the lining down to the footbed
    k = mirror_knot(knot)
    thick = curve1d([(0, 1.6), (7, 1.8), (8.2, 2.6), (9.5, 4.6), (12, 5.2), (14, 4.2)], k)
    inward = np.stack(
        [
            np.where(k < 2, -0.5, 0) + np.where(k > 11, 1, 0) * smoothstep(11, 14, k),
            side * (1 - 0.98 * smoothstep(11.5, 14, k)) * smoothstep(-0.5, 1.2, k),
            0 * k,
        ],
        1,
    )
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    inward = smooth_loop(inward, 0.4)
    ang = np.linspace(0, np.pi, 15)[1:]
    roll = (
        edge_pt[:, None]
        + inward[:, None] * (thick[:, None] * (1 - np.cos(ang)))[..., None]
        + np.array([0, 0, 1.0]) * (thick[:, None] * np.sin(ang))[..., None]
    )
    s = np.linspace(0, 1, NL - 13)[1:]
    start = roll[:, -1]
    goal = np.concatenate([loop - normal * 9, (top_of_sole(loop[:, 0]) + 1)[:, None]], 1)
    mid = start * 0.5 + goal * 0.5 + np.concatenate([normal * 1.0, 0 * k[:, None]], 1)
    lining = (
        ((1 - s) ** 2)[None, :, None] * start[:, None]
        + (2 * s * (1 - s))[None, :, None] * mid[:, None]
        + (s**2)[None, :, None] * goal[:, None]
    )
    pts = np.concatenate([wall, roll, lining], 1)
    seg = np.linalg.norm(np.diff(pts[:, :NV], axis=1), axis=2)
    foot = np.concatenate([np.zeros((NU, 1)), np.cumsum(seg, 1)], 1)
    edge = foot[:, -1:] - foot
    pad = np.zeros((NU, pts.shape[1] - NV))
    run = np.r_[0, np.cumsum(np.linalg.norm(np.diff(edge_pt, axis=0), axis=1))]
    return Skin(
        pts, knot, np.concatenate([edge, pad], 1), np.concatenate([foot, pad + 200], 1), run
    )


def surface_normals(pts: np.ndarray) -> np.ndarray:
    """Outward unit normals of the closed-in-u grid."""
    du = np.roll(pts, -1, 0) - np.roll(pts, 1, 0)
    dv = np.gradient(pts, axis=1)
    n = np.cross(dv, du)
    return n / np.maximum(np.linalg.norm(n, axis=2, keepdims=True), 1e-9)


def inflate(skin: Skin, amount: np.ndarray) -> None:
    """Push the outside of the skin along its normals (overlays, padding)."""
    n = surface_normals(skin.pts)
    x, _, z = np.moveaxis(skin.pts, 2, 0)
    lived = np.sin(x * 0.083 + z * 0.05 + 1) * np.sin(z * 0.11 - x * 0.031) + 0.5 * np.sin(
        x * 0.19 - z * 0.13
    )
    amount = amount + 0.28 * lived * smoothstep(6, 22, skin.foot)
    fade = np.ones(skin.pts.shape[1])
    fade[NV:] = 0
    fade[NV - 5 : NV] = np.linspace(1, 0, 5)
    skin.pts = skin.pts + n * (amount * fade)[..., None]
