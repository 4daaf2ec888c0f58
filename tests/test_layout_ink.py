"""The call to action stands out from its ground and can be read; every line keeps its own ink."""

from __future__ import annotations

import numpy as np
import pytest

from contentfab.backends._typst_ink import PILL_SEEN, PILL_STANDS, edge_grounds, pill_colours
from contentfab.backends._typst_raster import Line, SetText, find_glyphs, part_texts
from contentfab.records.brand import Palette
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import contrast, hex_to_rgb, worst_contrast

COFFEE = Palette(
    primary="#12333A",
    accent="#D9A050",
    background="#F6EEE3",
    text="#12333A",
    secondary="#CF5140",
)
PILL = Box(60, 400, 260, 480)


def ground(left: str, right: str, edge: int = 225) -> np.ndarray:
    """A wall of one colour with a podium of another from column `edge` on."""
    scene = np.zeros((540, 540, 3), np.uint8)
    scene[:, :edge], scene[:, edge:] = hex_to_rgb(left), hex_to_rgb(right)
    return scene


def test_a_pill_does_not_melt_into_a_podium_at_one_end() -> None:
    scene = ground("#12333A", "#F6EEE3")
    fill, ink, _ = pill_colours(COFFEE, scene, PILL)
    assert fill == COFFEE.accent
    assert float(contrast(hex_to_rgb(ink), hex_to_rgb(fill))) >= 4.5
    for part in edge_grounds(scene, PILL):
        assert worst_contrast(hex_to_rgb(fill), part, 0.1) >= PILL_SEEN


@pytest.mark.parametrize("wall", ["#12333A", "#F6EEE3", "#D9A050", "#CF5140"])
def test_on_one_flat_colour_the_pill_stands_out_clearly(wall: str) -> None:
    fill, ink, keyline = pill_colours(COFFEE, ground(wall, wall), PILL)
    assert fill in COFFEE.colours() and keyline is None
    assert float(contrast(hex_to_rgb(fill), hex_to_rgb(wall))) >= PILL_STANDS
    assert float(contrast(hex_to_rgb(ink), hex_to_rgb(fill))) >= 4.5


def test_where_no_colour_stands_out_everywhere_a_keyline_parts_pill_and_ground() -> None:
    palette = Palette(
        primary="#111111", accent="#FFFFFF", background="#FFFFFF", text="#111111", secondary=None
    )
    fill, _, keyline = pill_colours(palette, ground("#111111", "#FFFFFF"), PILL)
    assert keyline is not None
    assert float(contrast(hex_to_rgb(fill), hex_to_rgb(keyline))) >= PILL_STANDS


def test_the_ground_of_a_pill_at_the_edge_of_the_page_is_found() -> None:
    parts = edge_grounds(ground("#12333A", "#F6EEE3"), Box(0, 460, 540, 540))
    assert parts and all(len(part) for part in parts)


def test_a_line_in_the_room_of_a_giant_one_keeps_its_own_ink() -> None:
    layer = np.zeros((200, 300, 4), np.uint8)
    layer[20:40, 10:90, 3] = 255  # a wordmark
    layer[60:180, 10:290, 3] = 255  # the headline, whose told room begins over it
    small = SetText("wordmark", 30, 500, 1, "left", [Line(Box(5, 12, 95, 48), (10, 90))])
    giant = SetText("headline", 170, 700, 1, "left", [Line(Box(0, 4, 300, 190), (10, 290))])
    part_texts(layer, [giant, small])
    for text in (giant, small):
        find_glyphs(layer, text)
    assert small.glyphs == Box(10, 20, 90, 40)
    assert giant.glyphs == Box(10, 60, 290, 180)
