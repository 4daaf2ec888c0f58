"""Bevelled primitives, boards cut from outlines, sheets and rooms, built with `bpy`.

Knows geometry and which material a shape takes; knows nothing of cameras, light or sets.
"""

import math
from collections.abc import Mapping, Sequence

import bmesh
import bpy
from mathutils import Vector

BEHIND_CAMERA = 22.4  # units; floors reach this far towards the viewer


class Shapes:
    """Adds shapes to a scene; every shape takes the material of a role."""

    def __init__(self, scene: bpy.types.Scene, materials: Mapping[str, bpy.types.Material]) -> None:
        self.scene = scene
        self.materials = materials

    def add(
        self,
        mesh: bpy.types.ID,
        role: str,
        at: Sequence[float] = (0, 0, 0),
        turn: Sequence[float] = (0, 0, 0),
        bevel: float = 0.0,
    ) -> bpy.types.Object:
        """Put a mesh or curve into the set in the material of `role`, edges bevelled."""
        shape = bpy.data.objects.new(role, mesh)
        shape.location = at
        shape.rotation_euler = turn
        mesh.materials.append(self.materials[role])
        self.scene.collection.objects.link(shape)
        if bevel:
            mod = shape.modifiers.new("bevel", "BEVEL")
            mod.width, mod.segments, mod.harden_normals = bevel, 5, True
            mod.limit_method, mod.angle_limit = "ANGLE", math.radians(40)
        return shape

    def box(
        self,
        size: Sequence[float],
        at: Sequence[float],
        role: str,
        turn: Sequence[float] = (0, 0, 0),
        bevel: float = 0.05,
    ) -> bpy.types.Object:
        """A box whose top face's centre is at `at` (before turning)."""
        bm = bmesh.new()
        bmesh.ops.create_cube(bm, size=1.0)
        bmesh.ops.scale(bm, vec=size, verts=bm.verts)
        bmesh.ops.translate(bm, vec=(0, 0, -size[2] / 2), verts=bm.verts)
        return self.add(_mesh(bm), role, at, turn, bevel)

    def cylinder(
        self,
        radius: float,
        height: float,
        at: Sequence[float],
        role: str,
        turn: Sequence[float] = (0, 0, 0),
        bevel: float = 0.05,
    ) -> bpy.types.Object:
        """An upright cylinder whose top face's centre is at `at` (before turning)."""
        bm = bmesh.new()
        bmesh.ops.create_cone(
            bm, cap_ends=True, segments=192, radius1=radius, radius2=radius, depth=height
        )
        bmesh.ops.translate(bm, vec=(0, 0, -height / 2), verts=bm.verts)
        return self.add(_mesh(bm), role, at, turn, bevel)

    def sphere(self, radius: float, at: Sequence[float], role: str) -> bpy.types.Object:
        """A sphere that rests on the point `at`."""
        bm = bmesh.new()
        bmesh.ops.create_uvsphere(bm, u_segments=96, v_segments=64, radius=radius)
        return self.add(_mesh(bm), role, (at[0], at[1], at[2] + radius))

    def torus(
        self,
        radius: float,
        tube: float,
        at: Sequence[float],
        role: str,
        turn: Sequence[float] = (math.pi / 2, 0, 0),
    ) -> bpy.types.Object:
        """A ring around `at`, upright unless turned otherwise."""
        curve = bpy.data.curves.new("ring", "CURVE")
        curve.dimensions = "3D"
        curve.bevel_depth, curve.bevel_resolution = tube, 10
        _spline(curve, arc(0, 0, radius, 0, 360, 240)[:-1])
        return self.add(curve, role, at, turn)

    def slab(
        self,
        outline_sets: Sequence[Sequence[tuple[float, float]]],
        depth: float,
        at: Sequence[float],
        role: str,
        bevel: float = 0.03,
        turn: Sequence[float] = (math.pi / 2, 0, 0),
    ) -> bpy.types.Object:
        """An upright board with the given outlines (x, z), inner ones are holes; front at `at`."""
        curve = filled_curve(outline_sets)
        curve.extrude = depth / 2 - bevel
        curve.bevel_depth, curve.bevel_resolution, curve.offset = bevel, 4, -bevel
        front = Vector((at[0], at[1] + depth / 2, at[2]))
        return self.add(curve, role, front, turn)

    def surface(
        self,
        rows: Sequence[Sequence[tuple[float, float, float]]],
        role: str,
        at: Sequence[float] = (0, 0, 0),
        thickness: float = 0.0,
    ) -> bpy.types.Object:
        """A smooth sheet through a grid of points."""
        wide = len(rows[0])
        faces = [
            (r * wide + c, r * wide + c + 1, (r + 1) * wide + c + 1, (r + 1) * wide + c)
            for r in range(len(rows) - 1)
            for c in range(wide - 1)
        ]
        mesh = bpy.data.meshes.new("surface")
        mesh.from_pydata([p for row in rows for p in row], [], faces)
        for face in mesh.polygons:
            face.use_smooth = True
        sheet = self.add(mesh, role, at)
        if thickness:
            mod = sheet.modifiers.new("solid", "SOLIDIFY")
            mod.thickness = thickness
        return sheet

    def cyclorama(
        self, floor: float, wall_y: float, radius: float = 1.2, role: str = "wall"
    ) -> None:
        """A seamless floor and wall, wide and near enough to fill every aspect."""
        profile = [(-BEHIND_CAMERA, floor), (wall_y - radius, floor)]
        profile += [
            (wall_y - radius + radius * math.sin(a), floor + radius * (1 - math.cos(a)))
            for a in (math.radians(d) for d in range(3, 90, 3))
        ]
        profile += [(wall_y, floor + radius), (wall_y, 30)]
        self.surface([[(x, y, z) for x in (-40, 40)] for y, z in profile], role)

    def room(self, floor: float, wall_y: float, floor_role: str) -> None:
        """A floor and a wall that meet in a line, in two roles."""
        back, near = wall_y, -BEHIND_CAMERA
        self.surface(
            [[(-40, near, floor), (40, near, floor)], [(-40, back, floor), (40, back, floor)]],
            floor_role,
        )
        self.surface(
            [[(-40, back, floor), (40, back, floor)], [(-40, back, 30), (40, back, 30)]], "wall"
        )


def arc(
    x: float, y: float, radius: float, start: float, end: float, steps: int = 96
) -> list[tuple[float, float]]:
    """Points on a circle, angles in degrees."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def arch_outline(width: float, top: float, bottom: float) -> list[tuple[float, float]]:
    """A rectangle with a half round on top."""
    r = width / 2
    return [(-r, bottom), (r, bottom), *arc(0, top - r, r, 0, 180)]


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float]]:
    """Corner points, counter-clockwise."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _mesh(bm: bmesh.types.BMesh) -> bpy.types.Mesh:
    for face in bm.faces:
        face.smooth = True
    mesh = bpy.data.meshes.new("shape")
    bm.to_mesh(mesh)
    bm.free()
    return mesh


def filled_curve(outline_sets: Sequence[Sequence[tuple[float, float]]]) -> bpy.types.Curve:
    """A flat shape with the given outlines; inner ones are holes."""
    curve = bpy.data.curves.new("outline", "CURVE")
    curve.dimensions = "2D"
    curve.fill_mode = "BOTH"
    for outline in outline_sets:
        _spline(curve, outline)
    return curve


def _spline(curve: bpy.types.Curve, points: Sequence[tuple[float, float]]) -> None:
    spline = curve.splines.new("POLY")
    spline.points.add(len(points) - 1)
    for target, (x, y) in zip(spline.points, points, strict=True):
        target.co = (x, y, 0, 1)
    spline.use_cyclic_u = True
