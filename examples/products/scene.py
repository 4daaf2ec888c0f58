"""Studio: scene reset, camera fit, soft-box lighting, invisible floor, rendering.

Units: 1 Blender unit = 10 cm. The product stands on z = 0 at the centre and
faces -Y, where the camera is.
"""

from __future__ import annotations

import math
from pathlib import Path

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from materials import emission, invisible_light_card
from mathutils import Vector


def reset_scene() -> bpy.types.Scene:
    """Start from an empty file so that every product renders alike."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def products() -> list[bpy.types.Object]:
    """Mesh objects that belong to the product (not to the studio)."""
    return [
        o for o in bpy.context.scene.objects if o.type in {"MESH", "CURVE"} and not o.get("studio")
    ]


def world_vertices() -> np.ndarray:
    """All product vertices in world space, after modifiers."""
    deps = bpy.context.evaluated_depsgraph_get()
    out = []
    for obj in products():
        mesh = obj.evaluated_get(deps).to_mesh()
        co = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", co)
        mat = np.array(obj.matrix_world)
        out.append(co.reshape(-1, 3) @ mat[:3, :3].T + mat[:3, 3])
    return np.concatenate(out)


def setup_camera(
    pitch: float = 8.0, distance: float = 6.0, long_side: int = 1060, margin: float = 0.03
) -> None:
    """Aim a long lens at the product and fit the frame tightly around it.

    ``distance`` is in multiples of the product's largest dimension, which
    fixes the perspective; the focal length is then whatever fills the frame.
    """
    scene = bpy.context.scene
    pts = world_vertices()
    lo, hi = pts.min(0), pts.max(0)
    centre = Vector((lo + hi) / 2)
    size = float((hi - lo).max())
    cam = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(cam)
    scene.camera = cam
    p = math.radians(pitch)
    cam.location = centre + Vector((0, -math.cos(p), math.sin(p))) * size * distance
    cam.rotation_euler = (math.radians(90 - pitch), 0, 0)
    cam.data.sensor_fit = "HORIZONTAL"
    cam.data.sensor_width = 36
    cam.data.lens = 36 * distance * 0.6
    scene.render.resolution_x = scene.render.resolution_y = 1000
    bpy.context.view_layer.update()
    step = max(1, len(pts) // 6000)
    extremes = [pts[i] for i in (*pts.argmin(0), *pts.argmax(0))]
    uv = np.array(
        [world_to_camera_view(scene, cam, Vector(p))[:2] for p in [*pts[::step], *extremes]]
    )
    lo2, hi2 = uv.min(0), uv.max(0)
    span = (hi2 - lo2) * (1 + 2 * margin)
    mid = (lo2 + hi2) / 2 - 0.5
    cam.data.lens /= span[0]
    cam.data.shift_x = mid[0] / span[0]
    cam.data.shift_y = mid[1] / span[0]
    scale = long_side / max(span)
    scene.render.resolution_x = round(span[0] * scale)
    scene.render.resolution_y = round(span[1] * scale)


def area(name: str, loc, target, size, power: float, color=(1, 1, 1), spread: float = 180) -> None:
    """A rectangular soft box aimed at ``target``."""
    data = bpy.data.lights.new(name, "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = size
    data.energy = power
    data.color = color
    data.spread = math.radians(spread)
    obj = bpy.data.objects.new(name, data)
    obj.location = loc
    obj.rotation_euler = (Vector(target) - Vector(loc)).to_track_quat("-Z", "Y").to_euler()
    obj["studio"] = True
    obj.visible_camera = False
    bpy.context.scene.collection.objects.link(obj)


def setup_lights(
    key: float = 1.0,
    fill: float = 1.0,
    rim: float = 1.0,
    env: float = 1.0,
    floor: float = 0.5,
    card: float = 0.0,
) -> None:
    """Key upper left front, strip and fill right, two rims behind, soft sky.

    All distances scale with the product, so a jar and a shoe get the same look.
    ``card`` is the strength of a glowing card behind, seen only through glass.
    """
    pts = world_vertices()
    lo, hi = pts.min(0), pts.max(0)
    c = (lo + hi) / 2
    s = float((hi - lo).max())

    def at(x, y, z):
        return (c[0] + x * s, c[1] + y * s, z * s)

    watt = s * s
    tgt = tuple(c)
    area("key", at(-1.7, -1.6, 1.9), tgt, (1.5 * s, 1.9 * s), 54 * key * watt, (1, 0.985, 0.96))
    area("key_strip", at(-2.0, -0.2, 0.75), tgt, (0.5 * s, 2.2 * s), 13 * key * watt)
    area("fill", at(2.2, -1.5, 0.9), tgt, (1.2 * s, 2.0 * s), 12 * fill * watt, (0.96, 0.98, 1))
    area("rim_r", at(1.5, 1.5, 1.2), tgt, (0.5 * s, 2.2 * s), 26 * rim * watt, (1, 0.99, 0.98))
    area("rim_l", at(-1.6, 1.6, 1.0), tgt, (0.5 * s, 2.0 * s), 14 * rim * watt)
    area("top", at(0, 0.3, 2.4), tgt, (2.2 * s, 1.4 * s), 14 * rim * watt)

    mesh = bpy.data.meshes.new("floor")
    r = 12 * s
    mesh.from_pydata([(-r, -r, 0), (r, -r, 0), (r, r, 0), (-r, r, 0)], [], [(0, 1, 2, 3)])
    plane = bpy.data.objects.new("floor", mesh)
    plane["studio"] = True
    plane.visible_camera = False
    plane.location.z = -0.002 * s
    mat = bpy.data.materials.new("floor")
    mat.use_nodes = True
    bsdf = mat.node_tree.nodes["Principled BSDF"]
    bsdf.inputs["Base Color"].default_value = (floor, floor, floor, 1)
    bsdf.inputs["Roughness"].default_value = 0.9
    mesh.materials.append(mat)
    bpy.context.scene.collection.objects.link(plane)

    if card:
        glow = bpy.data.meshes.new("card")
        y, w, h = float(hi[1]) + 0.5 * s, 0.8 * s, 1.5 * s
        glow.from_pydata([(-w, y, 0), (w, y, 0), (w, y, h), (-w, y, h)], [], [(0, 1, 2, 3)])
        glow.materials.append(emission("card", "#FFFDF8", card))
        back = bpy.data.objects.new("card", glow)
        invisible_light_card(back)
        back.visible_glossy = False
        bpy.context.scene.collection.objects.link(back)

    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    bg = nodes["Background"]
    coord = nodes.new("ShaderNodeTexCoord")
    split = nodes.new("ShaderNodeSeparateXYZ")
    ramp = nodes.new("ShaderNodeValToRGB")
    mapr = nodes.new("ShaderNodeMapRange")
    mapr.inputs["From Min"].default_value = -1
    links.new(coord.outputs["Generated"], split.inputs[0])
    links.new(split.outputs["Z"], mapr.inputs["Value"])
    links.new(mapr.outputs[0], ramp.inputs[0])
    ramp.color_ramp.elements[0].color = (0.10, 0.10, 0.10, 1)
    ramp.color_ramp.elements[0].position = 0.42
    ramp.color_ramp.elements[1].color = (0.62, 0.63, 0.65, 1)
    ramp.color_ramp.elements[1].position = 0.9
    links.new(ramp.outputs[0], bg.inputs[0])
    bg.inputs["Strength"].default_value = 0.42 * env


def render_exr(path: Path, samples: int, scale: float = 1.0, seed: int = 7) -> None:
    """Render with Cycles on the CPU to a linear, premultiplied float EXR."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cy = scene.cycles
    cy.samples = samples
    cy.seed = seed
    cy.use_adaptive_sampling = True
    cy.adaptive_threshold = 0.025
    cy.use_denoising = True
    cy.denoiser = "OPENIMAGEDENOISE"
    cy.max_bounces = 11
    cy.transmission_bounces = 10
    cy.transparent_max_bounces = 16
    cy.sample_clamp_indirect = 6
    cy.blur_glossy = 0.5
    cy.caustics_reflective = False
    cy.pixel_filter_type = "BLACKMAN_HARRIS"
    cy.filter_width = 1.35
    scene.render.film_transparent = True
    scene.render.resolution_percentage = round(100 * scale)
    scene.view_settings.view_transform = "Standard"
    img = scene.render.image_settings
    img.file_format = "OPEN_EXR"
    img.color_mode = "RGBA"
    img.color_depth = "32"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
