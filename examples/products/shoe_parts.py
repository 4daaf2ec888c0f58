"""Tongue, laces, eyelets, bow, pull tab and footbed (mm)."""

from __future__ import annotations

import bpy
import numpy as np
from meshes import grid, smoothstep, spline, sweep
from shoe_upper import KNOTS, NV, Skin

MM = 0.01  # millimetres to Blender units


def tongue_line(height: float, n: int = 160) -> np.ndarray:
    """Centre line of the tongue from under the throat to its free end."""
    pts = [
        (222, 0, 71),
        (205, 0, 82.5),
        (188, 0, 91.5),
        (171, 0, 100.5),
        (154, 0, 109),
        (137, 0, 117),
        (122, 0, 124),
        (110.5, 0, 130),
        (103, 0, 136.5),
        (98.5, 0, 144),
        (95.5, 0, 152),
    ]
    p = spline(pts, n)
    p[:, 2] *= height
    return p


def tongue(mat, label_mat, height: float = 1.0, thick: float = 4.6) -> np.ndarray:
    """Arched padded tongue with a woven label; returns its centre line."""
    c = tongue_line(height)
    n = len(c)
    tan = np.gradient(c, axis=0)
    tan /= np.linalg.norm(tan, axis=1, keepdims=True)
    nor = np.stack([-tan[:, 2], 0 * tan[:, 0], tan[:, 0]], 1)
    nor *= np.sign(nor[:, 2:3])
    s = np.linspace(0, 1, n)
    half = 20 + 7 * smoothstep(0.3, 0.8, s)
    half *= 1 - 0.55 * np.clip((s - 0.86) / 0.14, 0, 1) ** 2.6
    th = (
        thick
        * (0.5 + 0.75 * smoothstep(0.70, 0.84, s))
        * np.sqrt(np.clip(1 - np.clip((s - 0.93) / 0.072, 0, 1) ** 2, 0, 1))
    )
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    cx = np.cos(t)
    cy = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** 0.7
    drop = (7 + 3 * smoothstep(0.5, 1, s))[:, None] * np.abs(cx)[None, :] ** 2.0
    pts = c[:, None] + nor[:, None] * (cy[None, :] * th[:, None] - drop)[..., None]
    pts[..., 1] += cx[None, :] * half[:, None]
    i0, i1 = int(n * 0.885), int(n * 0.945)
    patch = pts[i0:i1, 3:30] + nor[i0:i1, None] * 0.7
    label = grid("label", patch * MM, label_mat)
    label.modifiers.new("solid", "SOLIDIFY").thickness = 0.8 * MM
    end = pts[-1].mean(0)
    caps = [pts[-1] * (1 - k) + end * k for k in (0.35, 0.8, 1.0)]
    pts = np.concatenate([pts, np.stack(caps)], 0)
    length = np.r_[np.cumsum(np.r_[0, np.linalg.norm(np.diff(c, axis=0), axis=1)]), [0, 0, 0]]
    uv = np.stack(np.meshgrid(length / 100, np.linspace(0, 1, 65), indexing="ij"), 2)
    grid("tongue", pts * MM, mat, close_v=True, uv=uv)
    return c


def eyelet_rows(
    skin: Skin, count: int, first: float = 1.7, last: float = 7.7, edge: float = 6.2
) -> list[tuple]:
    """Pairs of (lateral, medial) surface points with normals, toe to ankle."""
    rows = []
    for k in np.linspace(first, last, count):
        rows.append(((*skin.at(k, edge), k), (*skin.at(KNOTS - k, edge), KNOTS - k)))
    return rows


def ring_at(name: str, p: np.ndarray, n: np.ndarray, r: float, tube: float, mat) -> None:
    """A small torus lying on the surface, with a dark hole inside."""
    a = np.cross(n, [0, 0, 1.0])
    a /= np.linalg.norm(a)
    b = np.cross(n, a)
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    f = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.cos(t)[:, None] * a + np.sin(t)[:, None] * b
    pts = (
        p
        + circle[:, None] * (r + tube * np.cos(f))[None, :, None]
        + n * (tube * 0.7 * np.sin(f))[None, :, None]
    )
    grid(name, pts * MM, mat, close_u=True, close_v=True)


def lace(
    name: str, path, mat, count: int = 72, width: float = 6.4, thick: float = 1.8, up=None
) -> None:
    """One stretch of flat lace through the given points."""
    if up is not None and np.ndim(up) == 2:
        up = spline(up, count)
    sweep(name, spline(path, count) * MM, width * MM, thick * MM, mat, up=up, seg=16, power=2.6)


def laces(
    skin: Skin,
    centre: np.ndarray,
    mat,
    eyelet_mat,
    count: int = 6,
    bow: bool = True,
    width: float = 6.4,
) -> None:
    """Criss-cross lacing over the tongue, eyelet rings and a bow."""
    rows = eyelet_rows(skin, count)
    for i, pair in enumerate(rows):
        for side, (p, n, _) in zip("lm", pair, strict=True):
            ring_at(f"eyelet{i}{side}", p + n * 0.2, n, 2.5, 0.8, eyelet_mat)

    def crown(x: float) -> np.ndarray:
        i = int(np.argmin(np.abs(centre[:, 0] - x)))
        return centre[i]

    def strand(name: str, a, b, lift: float) -> None:
        (pa, na, ka), (pb, nb, kb) = a, b
        dk = (
            (KNOTS - kb) - ka if ka < KNOTS / 2 else kb - (KNOTS - ka)
        )  # station step along the throat
        step = dk * 0.2
        ea, ma = skin.at(ka + (step if ka < KNOTS / 2 else -step), 0.8)
        eb, mb = skin.at(kb - (step if kb < KNOTS / 2 else -step), 0.8)
        sky = np.array([-0.42, 0, 0.91])
        ma, mb = ma * 0.5 + sky * 0.5, mb * 0.5 + sky * 0.5
        top = crown((pa[0] + pb[0]) / 2) + sky * (3.4 + lift)
        path = [
            pa - na * 2.5,
            pa + na * 1.5,
            ea + ma * (2.2 + lift * 0.4),
            top,
            eb + mb * (2.2 + lift * 0.4),
            pb + nb * 1.5,
            pb - nb * 2.5,
        ]
        lace(name, path, mat, width=width, up=np.array([na, na, ma, sky, mb, nb, nb]))

    lo, me = [r[0] for r in rows], [r[1] for r in rows]
    strand("bar", lo[0], me[0], 0.0)
    for i in range(count - 1):
        strand(f"x{i}a", lo[i], me[i + 1], 0.0)
        strand(f"x{i}b", me[i], lo[i + 1], 1.7)
    if bow:
        tie_bow(
            crown(float(lo[-1][0][0]) + 3) + np.array([0, 0, 7.0]),
            lo[-1],
            me[-1],
            mat,
            eyelet_mat,
            width,
        )


def tie_bow(k: np.ndarray, a, b, mat, tip_mat, width: float) -> None:
    """A knot with two loops and two ends falling to the sides."""
    strands = {"la": a, "lb": b}
    for name, (p, n, _) in strands.items():
        lace(
            name,
            [p - n * 2.5, p + n * 1.8, p * 0.5 + k * 0.5 + (0, 0, 2.0), k],
            mat,
            width=width,
            up=(-0.4, 0, 1),
        )
    w = width * 0.92
    for s in (-1, 1):

        def at(dx, dy, dz, s=s):
            return k + np.array([dx, s * dy, dz])

        loop = [
            at(0, 0, 0),
            at(-4, 9, 4),
            at(-9, 20, 1),
            at(-13, 29, -9),
            at(-15, 33.5, -20),
            at(-10, 35.5, -27),
            at(-3, 34.5, -21),
            at(-1, 28, -8),
            at(0, 13, 1.5),
            at(0, 1, 1),
        ]
        lace(f"loop{s}", loop, mat, 110, w, 1.7, up=(0.0, s, 0.55))
        end = [
            at(0, 0, 0),
            at(7, 9, 1.5),
            at(14, 20, -5),
            at(18, 29, -16),
            at(21, 34.5, -27),
            at(24, 37, -36),
        ]
        lace(f"end{s}", end, mat, 70, w, 1.7, up=(0.0, s, 0.55))
        tip = np.array(end[-2:])
        d = (tip[1] - tip[0]) / np.linalg.norm(tip[1] - tip[0])
        sweep(
            f"aglet{s}",
            np.linspace(tip[1] - d * 2.5, tip[1] + d * 8, 6) * MM,
            2.9 * MM,
            2.9 * MM,
            tip_mat,
            seg=16,
            power=2,
        )
    around = [(-3.4, -3, -0.5), (-1.5, -3.2, 2.6), (2.2, -1.2, 3.2), (3.6, 2, 1.5), (2, 3.6, -1)]
    knot = spline(k + np.array(around), 30)
    sweep("knot", knot * MM, 7.2 * MM, 5.2 * MM, mat, seg=18)


def pull_tab(mat, top: float) -> None:
    """Webbing loop on the heel."""
    path = [
        (-1.8, 0, top - 26),
        (-2.2, 0, top - 10),
        (-1.6, 0, top + 4),
        (1.5, 0, top + 12),
        (6.5, 0, top + 11),
        (9.5, 0, top + 2),
        (10.5, 0, top - 10),
    ]
    sweep("tab", spline(path, 60) * MM, 15 * MM, 1.9 * MM, mat, up=(1, 0, 0.02), seg=18, power=5)


def footbed(skin: Skin, mat) -> None:
    """Sockliner closing the inside."""
    rim = skin.pts[:, -1]
    mid = rim.copy()
    mid[:, 1] *= 0.05
    grid("footbed", np.stack([rim, mid], 1) * MM, mat, close_u=True)


def boxes(name: str, corners: list[np.ndarray], mat, bevel: float = 0.6) -> None:
    """All lugs as one bevelled mesh."""
    verts = np.concatenate(corners) * MM
    faces = []
    for i in range(len(corners)):
        o = i * 8
        faces += [(o + 4, o + 7, o + 6, o + 5), (o, o + 1, o + 2, o + 3)]
        faces += [(o + j, o + 4 + j, o + 4 + (j + 1) % 4, o + (j + 1) % 4) for j in range(4)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(verts.tolist(), [], faces)
    mesh.materials.append(mat)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    mod = obj.modifiers.new("bevel", "BEVEL")
    mod.width = bevel * MM
    mod.segments = 2


__all__ = ["MM", "NV", "boxes", "footbed", "laces", "pull_tab", "tongue"]
