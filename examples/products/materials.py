"""Principled materials with just the knobs the products need."""

from __future__ import annotations

import bpy
from PIL import Image


def linear(hex_color: str) -> tuple[float, float, float, float]:
    """sRGB hex to linear RGBA."""
    h = hex_color.lstrip("#")
    c = [int(h[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return (*[v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in c], 1.0)


class Material:
    """Thin wrapper over a node tree with one Principled BSDF."""

    def __init__(
        self, name: str, color: str = "#808080", rough: float = 0.5, **inputs: float
    ) -> None:
        self.mat = bpy.data.materials.new(name)
        self.mat.use_nodes = True
        self.tree = self.mat.node_tree
        self.bsdf = self.tree.nodes["Principled BSDF"]
        self.set("Base Color", linear(color))
        self.set("Roughness", rough)
        alias = {
            "metal": "Metallic",
            "trans": "Transmission Weight",
            "ior": "IOR",
            "coat": "Coat Weight",
            "coat_rough": "Coat Roughness",
            "sss": "Subsurface Weight",
            "sss_scale": "Subsurface Scale",
            "sheen": "Sheen Weight",
            "sheen_rough": "Sheen Roughness",
            "spec": "Specular IOR Level",
            "aniso": "Anisotropic",
        }
        for key, value in inputs.items():
            self.set(alias[key], value)

    def set(self, socket: str, value) -> None:
        self.bsdf.inputs[socket].default_value = value

    def node(self, kind: str, **props):
        n = self.tree.nodes.new("ShaderNode" + kind)
        for k, v in props.items():
            setattr(n, k, v)
        return n

    def link(self, a, b) -> None:
        self.tree.links.new(a, b if not isinstance(b, str) else self.bsdf.inputs[b])

    def math(self, op: str, a, b=None, c=None, clamp: bool = False):
        """A math node; arguments are sockets or numbers."""
        n = self.node("Math", operation=op, use_clamp=clamp)
        for i, v in enumerate((a, b, c)):
            if v is None:
                continue
            if isinstance(v, (int, float)):
                n.inputs[i].default_value = v
            else:
                self.link(v, n.inputs[i])
        return n.outputs[0]

    def step(self, value, lo: float, hi: float):
        """Smooth 0..1 ramp of ``value`` between ``lo`` and ``hi``."""
        n = self.node("MapRange", interpolation_type="SMOOTHSTEP")
        self.link(value, n.inputs["Value"])
        n.inputs["From Min"].default_value = lo
        n.inputs["From Max"].default_value = hi
        return n.outputs[0]

    def attr(self, name: str):
        return self.node("Attribute", attribute_name=name).outputs["Fac"]

    def mix(self, fac, a, b):
        """Colour mix; ``a``/``b`` are hex strings or sockets."""
        n = self.node("Mix", data_type="RGBA")
        if isinstance(fac, (int, float)):
            n.inputs[0].default_value = fac
        else:
            self.link(fac, n.inputs[0])
        for i, v in ((6, a), (7, b)):
            if isinstance(v, str):
                n.inputs[i].default_value = linear(v)
            else:
                self.link(v, n.inputs[i])
        return n.outputs[2]

    def image(self, img: Image.Image, color: bool = True, extension: str = "EXTEND"):
        """Image-texture node on the UV map, from a Pillow picture."""
        n = self.node("TexImage", extension=extension, interpolation="Cubic")
        n.image = to_blender(img, color)
        return n

    def texture(
        self, img: Image.Image, rough: Image.Image | None = None, metal: Image.Image | None = None
    ) -> Material:
        """Use a picture as base colour (and its alpha as transparency)."""
        n = self.image(img)
        self.link(n.outputs["Color"], "Base Color")
        if img.mode == "RGBA":
            self.link(n.outputs["Alpha"], "Alpha")
        if rough is not None:
            self.link(self.image(rough, False).outputs["Color"], "Roughness")
        if metal is not None:
            self.link(self.image(metal, False).outputs["Color"], "Metallic")
        return self

    def bump(self, height, strength: float, distance: float = 0.01) -> Material:
        """Chain a bump node onto the current normal input."""
        n = self.node("Bump")
        n.inputs["Strength"].default_value = strength
        n.inputs["Distance"].default_value = distance
        self.link(height, n.inputs["Height"])
        old = self.bsdf.inputs["Normal"].links
        if old:
            self.link(old[0].from_socket, n.inputs["Normal"])
        self.link(n.outputs[0], "Normal")
        return self

    def noise(
        self,
        scale: float,
        detail: float = 2,
        rough: float = 0.5,
        stretch=(1, 1, 1),
        coord: str = "Object",
    ):
        """Noise value in object space."""
        tc = self.node("TexCoord")
        m = self.node("Mapping")
        m.inputs["Scale"].default_value = stretch
        self.link(tc.outputs[coord], m.inputs[0])
        n = self.node("TexNoise")
        n.inputs["Scale"].default_value = scale
        n.inputs["Detail"].default_value = detail
        n.inputs["Roughness"].default_value = rough
        self.link(m.outputs[0], n.inputs["Vector"])
        return n.outputs[0]


def to_blender(img: Image.Image, color: bool = True) -> bpy.types.Image:
    """Copy a Pillow picture into a Blender image (no file needed)."""
    import numpy as np

    img = img.convert("RGBA")
    out = bpy.data.images.new("texture", *img.size, alpha=True)
    out.colorspace_settings.name = "sRGB" if color else "Non-Color"
    out.alpha_mode = "STRAIGHT" if color else "CHANNEL_PACKED"
    px = np.asarray(img, np.float32)[::-1] / 255
    out.pixels.foreach_set(np.ascontiguousarray(px).ravel())
    out.update()
    out.pack()
    return out


def metal(name: str, color: str, rough: float = 0.22, brushed: bool = False) -> bpy.types.Material:
    """Polished or turned metal."""
    m = Material(name, color, rough, metal=1.0)
    if brushed:
        m.bump(m.noise(60, 2, 0.6, (0.3, 0.3, 14)), 0.08, 0.004)
    return m.mat


def glass(name: str, color: str, rough: float = 0.0, ior: float = 1.47) -> Material:
    """Clear or frosted coloured glass."""
    return Material(name, color, rough, trans=1.0, ior=ior)


def invisible_light_card(obj: bpy.types.Object) -> None:
    """Let a card be seen through glass and in reflections, never directly."""
    obj["studio"] = True
    obj.visible_camera = False
    obj.visible_shadow = False
    obj.visible_diffuse = False


def emission(name: str, color: str, strength: float) -> bpy.types.Material:
    """Plain emitting surface."""
    m = Material(name, "#000000", 1.0)
    m.set("Emission Color", linear(color))
    m.set("Emission Strength", strength)
    return m.mat
