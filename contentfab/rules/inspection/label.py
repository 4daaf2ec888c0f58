"""The visible AI label on the raster: there, tall enough, legible, and looking like text."""

from __future__ import annotations

from collections.abc import Iterator

from contentfab.records.pictures import Finding
from contentfab.rules.inspection.glyphs import glyphs
from contentfab.rules.inspection.subject import View
from contentfab.rules.labels.visible_label import MIN_CONTRAST, measure, visible_fault
from contentfab.rules.layout.type_scale import least_label

ENCODED = 0.95
"""Of the contrast that a lossy encoder may take."""


def label(view: View) -> Iterator[Finding]:
    """The AI label that was asked for is there, and its glyphs are tall and clear enough."""
    assert view.of.text is not None
    wanted = view.of.text.label
    if not wanted.strip():
        return
    item = next((item for item in view.of.texts if item.role == "label"), None)
    if item is None or glyphs(view, item, item.box) is None:
        yield Finding("poster.label", "error", "the AI label is not on the poster")
        return
    box = item.box
    need = least_label(view.width, view.height, view.of.label_share)
    found = measure(view.of.pixels, wanted, box)
    tall = found.height if found else 0
    slack = 1 if view.of.marked else 0
    yield Finding(
        "poster.label",
        "pass" if tall + slack >= need else "error",
        f"the AI label is {tall} px tall, needs {need}",
        float(tall),
        float(need),
        box,
    )
    ratio = found.contrast if found else 1.0
    least = MIN_CONTRAST * ENCODED
    yield Finding(
        "poster.label-contrast",
        "pass" if ratio >= least else "error",
        f"the AI label has {ratio:.1f}:1 on its ground, needs {MIN_CONTRAST:g}:1",
        round(ratio, 2),
        MIN_CONTRAST,
        box,
    )
    if found and tall + slack >= need and ratio >= least:
        fault = visible_fault(view.of.pixels, wanted, box)
        if fault:
            yield Finding("poster.label", "error", fault, box=box)
