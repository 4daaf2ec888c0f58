"""Mesh builders: lathe, grids, tubes and the small splines behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import bpy
import numpy as np

Vec = Sequence[float]


def spline(
    points: Sequence[Vec], count: int, closed: bool = False, at: np.ndarray | None = None
) -> np.ndarray:
    """Catmull-Rom (uniform knots) through ``points``, sampled ``count`` times.

    ``at`` overrides the sample parameters (in knot units).
    """
    p = np.asarray(points, float)
    n = len(p)
    if at is None:
        at = np.linspace(0, n, count, endpoint=False) if closed else np.linspace(0, n - 1, count)
    i = np.floor(at).astype(int)
    if not closed:
        i = np.clip(i, 0, n - 2)
    t = (at - i)[:, None]

    def get(k):
        if closed:
            return p[k % n]
        first, last = 2 * p[0] - p[1], 2 * p[-1] - p[-2]
        return np.where(
            (k < 0)[:, None], first, np.where((k > n - 1)[:, None], last, p[np.clip(k, 0, n - 1)])
        )

    a, b, c, d = get(i - 1), get(i), get(i + 1), get(i + 2)
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


def curve1d(knots: Sequence[tuple[float, float]], x: np.ndarray) -> np.ndarray:
    """Smooth monotone-safe interpolation of y over x (PCHIP)."""
    kx, ky = np.array(knots, float).T
    h = np.diff(kx)
    d = np.diff(ky) / h
    m = np.zeros_like(ky)
    same = d[:-1] * d[1:] > 0
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        m[1:-1] = np.where(same, (w1 + w2) / (w1 / d[:-1] + w2 / d[1:]), 0)
    m[0], m[-1] = d[0], d[-1]
    x = np.clip(x, kx[0], kx[-1])
    i = np.clip(np.searchsorted(kx, x) - 1, 0, len(kx) - 2)
    t = (x - kx[i]) / h[i]
    return (
        ky[i] * (1 + 2 * t) * (1 - t) ** 2
        + h[i] * m[i] * t * (1 - t) ** 2
        + ky[i + 1] * t**2 * (3 - 2 * t)
        - h[i] * m[i + 1] * t**2 * (1 - t)
    )


def smoothstep(a: float, b: float, x: np.ndarray) -> np.ndarray:
    """Hermite step from 0 at ``a`` to 1 at ``b``."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def link(name: str, mesh: bpy.types.Mesh, material=None, smooth: bool = True) -> bpy.types.Object:
    """Put a mesh into the scene."""
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    if material is not None:
        mesh.materials.append(material)
    if smooth:
        mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    return obj


def grid(
    name: str,
    pts: np.ndarray,
    material=None,
    close_u: bool = False,
    close_v: bool = False,
    uv: np.ndarray | None = None,
    attrs: dict[str, np.ndarray] | None = None,
    flip: bool = False,
) -> bpy.types.Object:
    """A quad mesh from ``pts[u, v, xyz]`` with optional UVs and attributes.

    ``uv`` has shape ``(nu + close_u, nv + close_v, 2)`` so seams stay clean.
    """
    nu, nv = pts.shape[:2]
    iu = np.arange(nu if close_u else nu - 1)
    iv = np.arange(nv if close_v else nv - 1)
    a, b = np.meshgrid(iu, iv, indexing="ij")
    a1, b1 = (a + 1) % nu, (b + 1) % nv
    corners = [(a, b, 0, 0), (a1, b, 1, 0), (a1, b1, 1, 1), (a, b1, 0, 1)]
    if flip:
        corners.reverse()
    faces = np.stack([(u * nv + v).ravel() for u, v, _, _ in corners], 1)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(nu * nv)
    mesh.vertices.foreach_set("co", pts.reshape(-1).astype(np.float32))
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.ravel().astype(np.int32))
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    if uv is not None:
        layer = mesh.uv_layers.new(name="UVMap")
        data = np.stack([uv[a + du, b + dv] for _, _, du, dv in corners], 2)
        layer.data.foreach_set("uv", data.reshape(-1).astype(np.float32))
    for key, val in (attrs or {}).items():
        att = mesh.attributes.new(key, "FLOAT", "POINT")
        att.data.foreach_set("value", val.reshape(-1).astype(np.float32))
    mesh.validate()
    return link(name, mesh, material)


def round_profile(
    points: Sequence[tuple[float, float, float]], steps: int = 7
) -> list[tuple[float, float]]:
    """Polyline of ``(r, z, fillet)`` with every corner rounded by an arc."""
    out: list[tuple[float, float]] = []
    for i, (x, z, f) in enumerate(points):
        p = np.array([x, z])
        if f <= 0 or i in (0, len(points) - 1):
            out.append((x, z))
            continue
        a = np.array(points[i - 1][:2]) - p
        b = np.array(points[i + 1][:2]) - p
        la, lb = np.linalg.norm(a), np.linalg.norm(b)
        f = min(f, la * 0.49, lb * 0.49)
        s, e = p + a / la * f, p + b / lb * f
        for t in np.linspace(0, 1, steps):
            q = (1 - t) ** 2 * s + 2 * t * (1 - t) * p + t**2 * e
            out.append((float(q[0]), float(q[1])))
    return out


def lathe(
    name: str,
    profile: Sequence[tuple[float, float]],
    material=None,
    seg: int = 160,
    arc: tuple[float, float] | None = None,
) -> bpy.types.Object:
    """Turn an ``(r, z)`` profile around Z; ``arc`` (degrees) makes a patch.

    0 degrees faces the camera (-Y) and angles grow to the right (+X), so UV
    ``u`` reads left to right as printed. ``v`` runs along the profile.
    """
    prof = np.array(profile, float)
    a0, a1 = arc or (-180, 180)
    closed = arc is None
    ang = np.radians(np.linspace(a0, a1, seg, endpoint=not closed))
    x, y = np.sin(ang), -np.cos(ang)
    pts = np.stack(
        [np.outer(x, prof[:, 0]), np.outer(y, prof[:, 0]), np.tile(prof[:, 1], (seg, 1))], 2
    )
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(prof, axis=0).T))]
    v = length / length[-1]
    u = np.linspace(0, 1, seg + closed)
    uv = np.stack(np.meshgrid(u, v, indexing="ij"), 2)
    return grid(name, pts, material, close_u=closed, uv=uv)


def frames(path: np.ndarray, up: Vec | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Side and normal vectors along a path (normals stay close to ``up``)."""
    tan = np.gradient(path, axis=0)
    tan /= np.linalg.norm(tan, axis=1, keepdims=True)
    ref = np.broadcast_to(np.asarray((0, 0, 1) if up is None else up, float), tan.shape)
    side = np.cross(tan, ref)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    return side, np.cross(side, tan)


def sweep(
    name: str,
    path: np.ndarray,
    width: float | np.ndarray,
    thick: float | np.ndarray,
    material=None,
    up=None,
    seg: int = 14,
    power: float = 2.4,
) -> bpy.types.Object:
    """Sweep a flattened super-ellipse along a path (laces, tabs, ties)."""
    side, nor = frames(path, up)
    t = np.linspace(0, 2 * math.pi, seg, endpoint=False)
    cx = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power)
    cy = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / power)
    w = np.broadcast_to(width, len(path))[:, None, None] / 2
    h = np.broadcast_to(thick, len(path))[:, None, None] / 2
    pts = (
        path[:, None] + side[:, None] * cx[None, :, None] * w + nor[:, None] * cy[None, :, None] * h
    )
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    uv = np.stack(np.meshgrid(length, np.linspace(0, 1, seg + 1), indexing="ij"), 2)
    return grid(name, pts, material, close_v=True, uv=uv)
