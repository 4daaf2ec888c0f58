"""A poster as an SVG that a designer can go on with: type as text, plates as shapes.

One group for each layer, bottom to top: picture, product, logo and plates in drawing order, type
with one `text` for each text and one `tspan` for each line, placed by its baseline. Fonts are
named, not embedded: they are the brand guide's. Knows nothing about campaigns.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from PIL import Image

from contentfab.backends._draw_log import Mark
from contentfab.backends._typst_layers import Layers
from contentfab.backends._typst_print import picture_of, shifted_runs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from contentfab.backends._typst_raster import SetText

    Pixels = NDArray[np.uint8]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_PACKET = "(the packet stands here as it was given)"
FINEST = 2.0
"""How much finer than the poster the product is put in at most."""
JPEG_QUALITY = 95


def svg(layers: Layers, locale: str, rtl: bool, product: Path | None, packet: str) -> bytes:
    """The poster as SVG 1.1, in pixels of the poster, with the XMP `packet` as its metadata."""
    register_namespace("", SVG)
    register_namespace("xlink", XLINK)
    height, width = layers.poster.pixels.shape[:2]
    root = Element(
        f"{{{SVG}}}svg",
        {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"},
    )
    _child(root, "title").text = layers.title
    _child(root, "desc").text = "Fonts: " + ", ".join(fonts_of(layers))
    _child(root, "metadata").text = _PACKET
    picture = _child(root, "g", id="picture")
    _image(picture, layers.ground, 0, 0, width, height)
    counts: dict[str, int] = {}
    for mark in layers.marks:
        name = _name(mark, layers)
        counts[name] = counts.get(name, 0) + 1
        group = _child(root, "g", id=name if counts[name] == 1 else f"{name}-{counts[name]}")
        _mark(group, mark, layers, product)
    kind = _child(root, "g", {"xml:lang": locale}, id="type")
    for text in layers.texts:
        _text(kind, text, rtl)
    indent(root, " ")
    whole = tostring(root, "unicode").replace(_PACKET, re.sub(r"<\?xpacket[^>]*\?>", "", packet))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def fonts_of(layers: Layers) -> list[str]:
    """Families that the type is set in, as `Inter 600`, in the order in which they are met."""
    names = (
        f"{families[0]} {run['weight']}"
        for text in layers.texts
        for run in shifted_runs(text)
        if (families := _families(run))
    )
    return list(dict.fromkeys(names))


def _name(mark: Mark, layers: Layers) -> str:
    if mark.image is None:
        return "plate"
    if mark.box == layers.poster.product_box:
        return "product"
    return "logo" if mark.box == layers.poster.logo_box else "ornament"


def _mark(group: Element, mark: Mark, layers: Layers, product: Path | None) -> None:
    box = mark.box
    pixels = picture_of(mark, layers, product, FINEST)
    if pixels is not None:
        _image(group, pixels, *box[:2], box.width, box.height)
    if mark.colour:
        shape = _outline(mark)
        shape |= {"fill": mark.colour}
        if mark.opacity < 1:
            shape["fill-opacity"] = _number(mark.opacity)
        _child(group, "rect" if "rx" in shape else "path", shape)


def _outline(mark: Mark) -> dict[str, str]:
    """A rectangle with one radius, or the path of one with several."""
    box, limit = mark.box, min(mark.box.width, mark.box.height) / 2
    radii = [min(radius, limit) for radius in (mark.radii or (0, 0, 0, 0))]
    if len(set(radii)) == 1:
        sides = {"x": box.x0, "y": box.y0, "width": box.width, "height": box.height}
        return {k: _number(v) for k, v in sides.items()} | {"rx": _number(radii[0])}
    a, b, c, e = radii
    arcs = [
        f"M{box.x0 + a:g} {box.y0}", f"H{box.x1 - b:g}", f"a{b:g} {b:g} 0 0 1 {b:g} {b:g}",
        f"V{box.y1 - c:g}", f"a{c:g} {c:g} 0 0 1 {-c:g} {c:g}", f"H{box.x0 + e:g}",
        f"a{e:g} {e:g} 0 0 1 {-e:g} {-e:g}", f"V{box.y0 + a:g}", f"a{a:g} {a:g} 0 0 1 {a:g} {-a:g}",
    ]  # fmt: skip
    return {"d": " ".join(arcs) + "Z"}


def _text(group: Element, text: SetText, rtl: bool) -> None:
    runs = shifted_runs(text)
    if not runs:
        return
    look = {"id": text.role, "fill": text.ink, **_face(runs[0])}
    element = _child(group, "text", look)
    if rtl:
        element.set("direction", "rtl")
    for run in runs:
        start = run["x"] + run["w"] if rtl else run["x"]  # where reading begins
        place = {"x": _number(start), "y": _number(run["y"])}
        if run["stretch"] != 1:  # programs without the narrow face squeeze the wide one
            place |= {"textLength": _number(run["w"]), "lengthAdjust": "spacingAndGlyphs"}
        own = {k: v for k, v in _face(run).items() if element.get(k) != v}
        _child(element, "tspan", place | own).text = run["string"]


def _face(run: dict[str, Any]) -> dict[str, str]:
    size = float(run["size"])
    face = {
        "font-family": ", ".join(f"'{name}'" for name in _families(run)),
        "font-size": _number(size),
        "font-weight": str(run["weight"]),
    }
    if run["tracking"]:
        face["letter-spacing"] = _number(run["tracking"] * size)
    axes = dict(run["variations"])
    if run["stretch"] != 1:
        axes["wdth"] = run["stretch"] * 100
    if axes:
        said = ",".join(f"'{axis}' {value:g}" for axis, value in sorted(axes.items()))
        wide = f"font-stretch:{axes['wdth']:g}%;" if "wdth" in axes else ""
        face["style"] = f"{wide}font-variation-settings:{said}"
    return face


def _families(run: dict[str, Any]) -> list[str]:
    given = run["font"] if isinstance(run["font"], list) else [run["font"]]
    return [str(font["name"] if isinstance(font, dict) else font) for font in given]


def _image(group: Element, pixels: Pixels, x: float, y: float, w: float, h: float) -> None:
    out, image = io.BytesIO(), Image.fromarray(pixels)
    opaque = pixels.shape[2] == 3
    if opaque:
        image.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    else:
        image.save(out, "PNG")
    kind = "jpeg" if opaque else "png"
    data = f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode()}"
    sides = {"x": x, "y": y, "width": w, "height": h}
    places = {name: _number(value) for name, value in sides.items()}
    # By its older name, which editors of SVG 1.1 and everything newer read.
    _child(group, "image", places | {"preserveAspectRatio": "none", f"{{{XLINK}}}href": data})


def _child(
    parent: Element, name: str, attributes: dict[str, str] | None = None, **more: str
) -> Element:
    return SubElement(parent, f"{{{SVG}}}{name}", {**(attributes or {}), **more})


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
