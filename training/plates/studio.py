"""The photo studio: camera, light and neutral materials, built with `bpy`.

Knows how one set is lit and framed in each aspect. Knows nothing about any particular set
(see `sets_*.py`), about files, or about palettes: everything is grey here.

World: the product's foot stands at the origin, x runs right, y away from the camera, z up; one
unit is about a third of the tallest product. The camera never moves: aspects differ in lens and
lens shift only, so that a product cut-out made for one of them fits all.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from mathutils import Matrix, Vector
from shapes import Shapes, filled_curve

GREY = 0.6  # albedo of every material; pack.py divides by the light on it
ROLES = {"wall": (1, 0, 0), "podium": (0, 1, 0), "accent": (0, 0, 1), "prop": (0, 0, 0)}
PITCH = math.radians(8)  # camera looks down by this much
DISTANCE = 14.0  # camera to anchor, units
# Light by name: azimuth to the left of the camera's axis, elevation, how much softer than crisp.
# The third direction, from the right, is the mirrored picture.
LIGHTS = {"side": (42.0, 40.0, 1.0), "front": (-6.0, 52.0, 6.0)}
PLACE_SCALE = 0.005  # of the place pass: 0.5 + 0.005 * position, in units
PRODUCT_HEIGHT = 3.2  # units; the tallest product a set is laid out for


@dataclass(frozen=True)
class Frame:
    """One aspect: picture size in pixels, where the anchor falls, how tall the picture is."""

    name: str
    width: int
    height: int
    anchor: tuple[float, float]  # fractions from the top left
    units: float  # height of the picture at the anchor's depth, in world units

    @property
    def tall(self) -> bool:
        return self.height > 1.5 * self.width

    @property
    def wide(self) -> bool:
        return self.width > 1.5 * self.height

    @property
    def left(self) -> float:
        """World x of the picture's left edge at the anchor's depth."""
        return -self.anchor[0] * self.units * self.width / self.height

    @property
    def right(self) -> float:
        return (1 - self.anchor[0]) * self.units * self.width / self.height


FRAMES = {
    f.name: f
    for f in (
        Frame("4x5", 1080, 1350, (0.5, 0.815), 7.6),
        Frame("1x1", 1080, 1080, (0.5, 0.815), 7.3),
        Frame("9x16", 1080, 1920, (0.5, 0.62), 12.2),
        Frame("191x100", 1200, 628, (0.72, 0.84), 4.9),
    )
}


class Studio(Shapes):
    """An empty studio in one aspect; a set fills it with shapes that carry a role."""

    def __init__(self, frame: Frame, light: str = "side") -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        super().__init__(bpy.context.scene, {role: _grey(role) for role in ROLES})
        self.frame = frame
        self.light_name = light
        self.rough: set[str] = set()  # roles whose mirror image is too blurred to carry colour
        self.stand_width = 2.4
        self.sun, self.sun_size = 2.7, 0.012
        self.sky = self.softbox = 1.0
        self.camera = self._add_camera()

    # --- framing and light ---------------------------------------------------------------

    def _add_camera(self) -> bpy.types.Object:
        f = self.frame
        data = bpy.data.cameras.new("camera")
        data.sensor_fit = "HORIZONTAL"
        data.lens = data.sensor_width * DISTANCE / (f.units * f.width / f.height)
        # The optical axis goes through the anchor, so shift alone places it in the picture.
        data.shift_x = 0.5 - f.anchor[0]
        data.shift_y = -(0.5 - f.anchor[1]) * f.height / f.width
        camera = bpy.data.objects.new("camera", data)
        camera.location = (0, -DISTANCE * math.cos(PITCH), DISTANCE * math.sin(PITCH))
        camera.rotation_euler = (math.pi / 2 - PITCH, 0, 0)
        self.scene.collection.objects.link(camera)
        self.scene.camera = camera
        return camera

    def light(self) -> None:
        """One sun, a softbox on its side, a dim world around."""
        softer = LIGHTS[self.light_name][2]
        sun = bpy.data.lights.new("sun", "SUN")
        sun.energy = self.sun
        sun.angle = self.sun_size * 2 * softer
        lamp = bpy.data.objects.new("sun", sun)
        lamp.rotation_euler = self.to_sun().to_track_quat("Z", "Y").to_euler()
        lamp.visible_glossy = False  # no hot spot in water
        self.scene.collection.objects.link(lamp)

        box = bpy.data.lights.new("softbox", "AREA")
        box.shape, box.size, box.energy = "DISK", 6.0, 620 * self.softbox
        lamp = bpy.data.objects.new("softbox", box)
        lamp.location = (-7.5, -7.0, 6.0) if softer == 1.0 else (1.5, -9.5, 6.5)
        aim = Vector((-0.5, 1.5, 1.0)) - lamp.location
        lamp.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
        lamp.visible_glossy = False
        self.scene.collection.objects.link(lamp)
        gobos = bpy.data.collections.new("passed by the softbox")
        for shape in [o for o in self.scene.objects if o.name.startswith("gobo")]:
            gobos.objects.link(shape)
        for entry in gobos.collection_objects:
            entry.light_linking.link_state = "EXCLUDE"
        lamp.light_linking.blocker_collection = gobos
        self._add_world()

    def _add_world(self) -> None:
        world = bpy.data.worlds.new("world")
        world.use_nodes = True
        nodes, links = world.node_tree.nodes, world.node_tree.links
        where = nodes.new("ShaderNodeTexCoord")
        dot = nodes.new("ShaderNodeVectorMath")
        dot.operation = "DOT_PRODUCT"
        dot.inputs[1].default_value = Vector((-0.5, -0.75, 0.43)).normalized()
        ramp = nodes.new("ShaderNodeMapRange")
        ramp.inputs["From Min"].default_value = -0.6
        ramp.inputs["To Min"].default_value = 0.22 * self.sky
        ramp.inputs["To Max"].default_value = 0.70 * self.sky
        links.new(where.outputs["Generated"], dot.inputs[0])
        links.new(dot.outputs["Value"], ramp.inputs["Value"])
        links.new(ramp.outputs["Result"], nodes["Background"].inputs["Strength"])
        self.scene.world = world

    def to_sun(self) -> Vector:
        """Unit vector from the set to the sun."""
        azimuth, elevation = (math.radians(angle) for angle in LIGHTS[self.light_name][:2])
        flat = math.cos(elevation)
        return Vector((-math.sin(azimuth) * flat, -math.cos(azimuth) * flat, math.sin(elevation)))

    def gobo(
        self,
        outline_sets: Sequence[Sequence[tuple[float, float]]],
        at: Vector,
        away: float,
        spin: float = 0.0,
    ) -> None:
        """Hold flat black shapes between sun and set, so that their shadow falls around `at`.

        Outlines are in units across the sun's beam (right, up); several make one shape with holes.
        """
        curve = filled_curve(outline_sets)
        shade = bpy.data.objects.new("gobo", curve)
        shade.data.materials.append(self.materials["prop"])
        turn = self.to_sun().to_track_quat("Z", "Y").to_matrix().to_4x4()
        shade.matrix_world = (
            Matrix.Translation(at + self.to_sun() * away) @ turn @ Matrix.Rotation(spin, 4, "Z")
        )
        # A gobo takes the sun only: it must not darken the sky or be seen in water.
        shade.visible_camera = shade.visible_diffuse = shade.visible_glossy = False
        self.scene.collection.objects.link(shade)

    def metal(self, role: str, roughness: float) -> None:
        """Make a role mirror its surroundings at every angle: brushed metal when rough, which
        keeps its own colour, or a looking-glass when smooth, which takes that of what it shows."""
        self.glossy(role, 1.0)
        tree = self.materials[role].node_tree
        tree.nodes["mirror"].inputs["Roughness"].default_value = roughness
        for link in list(tree.nodes["mix"].inputs[0].links):
            tree.links.remove(link)
        tree.nodes["mix"].inputs[0].default_value = 0.86 if roughness < 0.15 else 0.72
        if roughness >= 0.15:
            self.rough.add(role)

    def glossy(self, role: str, amount: float) -> None:
        """Make a role mirror its surroundings by `amount` (0..1) at grazing angles.

        The id pass mirrors too, so that a reflection takes the colour of what it shows.
        """
        tree = self.materials[role].node_tree
        mix, mirror = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeBsdfGlossy")
        mix.name, mirror.name = "mix", "mirror"
        mirror.inputs["Roughness"].default_value = 0.03
        weight = tree.nodes.new("ShaderNodeLayerWeight")
        scale = tree.nodes.new("ShaderNodeMath")
        scale.operation = "MULTIPLY"
        scale.inputs[1].default_value = amount
        body = tree.nodes["body"]
        out = tree.nodes["out"]
        tree.links.new(weight.outputs["Facing"], scale.inputs[0])
        tree.links.new(scale.outputs[0], mix.inputs[0])
        tree.links.new(body.outputs[0], mix.inputs[1])
        tree.links.new(mirror.outputs[0], mix.inputs[2])
        tree.links.new(mix.outputs[0], out.inputs[0])

    def to_ids(self) -> None:
        """Turn the lit set into the id pass: every role glows in its basis colour."""
        for role, basis in ROLES.items():
            tree = self.materials[role].node_tree
            glow = tree.nodes.new("ShaderNodeEmission")
            glow.inputs["Color"].default_value = (*basis, 1)
            for link in list(tree.nodes["body"].outputs[0].links):
                tree.links.new(glow.outputs[0], link.to_socket)
            if role in self.rough:
                tree.links.new(glow.outputs[0], tree.nodes["out"].inputs[0])
        for lamp in [o for o in self.scene.objects if o.type == "LIGHT"]:
            bpy.data.objects.remove(lamp)
        # What a mirror sees beyond the set counts as wall.
        sky = bpy.data.worlds.new("ids")
        sky.use_nodes = True
        sky.node_tree.nodes["Background"].inputs["Color"].default_value = (*ROLES["wall"], 1)
        self.scene.world = sky

    def to_places(self) -> None:
        """Turn the id pass into the place pass: every surface glows in its world position, moved
        to be positive (see PLACE_SCALE)."""
        for role in ROLES:
            tree = self.materials[role].node_tree
            where = tree.nodes.new("ShaderNodeNewGeometry")
            moved = tree.nodes.new("ShaderNodeVectorMath")
            moved.operation = "MULTIPLY_ADD"
            moved.inputs[1].default_value = (PLACE_SCALE,) * 3
            moved.inputs[2].default_value = (0.5,) * 3
            glow = tree.nodes.new("ShaderNodeEmission")
            tree.links.new(where.outputs["Position"], moved.inputs[0])
            tree.links.new(moved.outputs[0], glow.inputs["Color"])
            tree.links.new(glow.outputs[0], tree.nodes["out"].inputs[0])


def _grey(role: str) -> bpy.types.Material:
    material = bpy.data.materials.new(role)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    body = tree.nodes.new("ShaderNodeBsdfDiffuse")
    body.name = "body"
    body.inputs["Color"].default_value = (GREY, GREY, GREY, 1)
    out = tree.nodes.new("ShaderNodeOutputMaterial")
    out.name = "out"
    tree.links.new(body.outputs[0], out.inputs[0])
    return material
