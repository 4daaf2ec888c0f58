"""Colour arithmetic against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from contentfab.rules.pixels import colour

SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""


def test_delta_e_agrees_with_every_published_pair() -> None:
    table = np.array(SHARMA.split(), float).reshape(-1, 7)
    assert len(table) == 34
    there = colour.delta_e(table[:, 0:3], table[:, 3:6])
    back = colour.delta_e(table[:, 3:6], table[:, 0:3])
    np.testing.assert_allclose(there, table[:, 6], atol=1e-4)
    np.testing.assert_allclose(back, table[:, 6], atol=1e-4)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#FFFFFF", 21.0), ("#767676", "#FFFFFF", 4.54), ("#777777", "#FFFFFF", 4.48)],
)
def test_contrast_agrees_with_known_ratios(one: str, other: str, ratio: float) -> None:
    measured = colour.contrast(colour.hex_to_rgb(one), colour.hex_to_rgb(other))
    assert float(measured) == pytest.approx(ratio, abs=0.005)


def test_known_colours_in_lab() -> None:
    lab = colour.srgb_to_lab([[255, 0, 0], [255, 255, 255], [0, 0, 0]])
    np.testing.assert_allclose(lab, [[53.24, 80.09, 67.20], [100, 0, 0], [0, 0, 0]], atol=0.02)


def test_every_grey_and_every_corner_survives_both_round_trips() -> None:
    grid = np.array(np.meshgrid(*[range(0, 256, 15)] * 3)).reshape(3, -1).T.astype(np.uint8)
    through_light = colour.linear_to_srgb(colour.srgb_to_linear(grid))
    through_lab = colour.lab_to_srgb(colour.srgb_to_lab(grid))
    np.testing.assert_allclose(through_light, grid, atol=1e-6)
    np.testing.assert_allclose(through_lab, grid, atol=0.01)


def test_levels_and_floats_give_the_same_light() -> None:
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_allclose(
        colour.srgb_to_linear(levels), colour.srgb_to_linear(levels.astype(float)), atol=1e-12
    )


def test_worst_contrast_looks_at_the_worst_twentieth() -> None:
    ground = np.full((10, 10, 3), 255, np.uint8)
    ground[0, :4] = 0
    assert colour.worst_contrast((0, 0, 0), ground) == pytest.approx(21.0)
    ground[0] = 0
    assert colour.worst_contrast((0, 0, 0), ground) == pytest.approx(1.0)


def test_hex_is_read_and_written() -> None:
    assert colour.rgb_to_hex(colour.hex_to_rgb("#a1B2c3")) == "#A1B2C3"
    with pytest.raises(ValueError, match="no #RRGGBB"):
        colour.hex_to_rgb("red")
