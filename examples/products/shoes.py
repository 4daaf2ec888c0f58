"""VELTRA running shoes: stride-2, ridge-trail and pace-one."""

from __future__ import annotations

import numpy as np
from item import Item
from labels import Sheet
from meshes import curve1d, smoothstep
from shoe_build import Shoe, bars, build, dart, poly, word
from shoe_materials import Palette
from shoe_sole import Sole

ORANGE, BLACK, VOLT, WHITE, COBALT = "#FF4F2E", "#111418", "#E9F24B", "#F4F5F2", "#2B4BF2"


def stride_2() -> None:
    """Daily road trainer: orange knit on a sculpted off-white midsole."""

    wave = [(-20, 37), (25, 31), (70, 21), (120, 16), (185, 19), (240, 29), (300, 44)]

    def art(s: Sheet) -> None:
        bars(s, [(148 + i * 13, 104 - i * 6.4, 158 + i * 22, 30) for i in range(4)], 2.2, "#E8401F")
        dart(s, 96, 70, 56, WHITE, "#FFD9CC")
        word(s, 12, 62, "STRIDE 2", 5.6, WHITE, 750, 60, -4)

    def sole_art(s: Sheet) -> None:
        xs = np.linspace(-22, 92, 80)
        zs = curve1d(wave, xs)
        poly(
            s,
            [
                *zip(xs, zs + 4.2 * smoothstep(92, -10, xs), strict=True),
                *zip(xs[::-1], zs[::-1], strict=True),
            ],
            VOLT,
        )
        word(s, 12, 19.5, "VELTRA", 8.0, BLACK, 850, 60, 2)

    build(
        Shoe(
            palette=Palette(
                ORANGE,
                "#A8240E",
                "#E8401F",
                BLACK,
                "#E8401F",
                "#1B1E23",
                "#F24724",
                "#F1F2EF",
                "#EFF0ED",
                "#E9EAE7",
                BLACK,
                VOLT,
                stitch="#FFC2B2",
                fade="#E2371A",
            ),
            sole=Sole(
                bottom=[
                    (-14, 15),
                    (4, 8),
                    (30, 5),
                    (180, 5),
                    (225, 7),
                    (258, 14),
                    (278, 21.5),
                    (292, 30),
                ],
                top=[
                    (-12, 51),
                    (15, 47),
                    (55, 39.5),
                    (100, 35),
                    (145, 36.5),
                    (200, 33),
                    (240, 34),
                    (275, 38),
                    (296, 43),
                ],
                flare=[(-10, 5), (40, 6), (120, 3), (200, 4.5), (260, 2.0), (292, 0)],
                tail=6,
                nose=0,
                waist=2.6,
                rubber=5.5,
                ribs=(12, 118, 3.0, 1.0),
                ledges=[(wave, 3.4, 0.6)],
                grooves=[
                    ([(196 + i * 17, 9 + i * i * 0.55), (207 + i * 17, 16 + i * i * 1.0)], 1.7, 1.6)
                    for i in range(4)
                ]
                + [
                    ([(2 + i * 17, 10 - i), (-6 + i * 17, 19 - i * 1.5)], 1.7, 1.6)
                    for i in range(4)
                ],
            ),
            art=art,
            sole_art=sole_art,
            eyestay=[(0, 13), (2, 12), (6, 13), (8, 15), (8.9, 10), (9.6, -3), (14, -6)],
            heel=[(0, 36), (30, 30), (62, 17), (92, 2), (105, -6), (300, -6)],
            toe=[(0, -6), (205, -6), (232, 4), (262, 11), (292, 17)],
            tone=wave,
            outsole={"gap": (98, 150), "wrap": 3.0},
        )
    )


def ridge_trail() -> None:
    """Trail shoe: cobalt ripstop, black mudguard, orange lugs."""

    def art(s: Sheet) -> None:
        bars(s, [(146 + i * 14, 104 - i * 6.6, 150 + i * 25, 40) for i in range(4)], 3.0, "#16308F")
        dart(s, 92, 68, 54, WHITE, VOLT)
        word(s, 14, 60, "VELTRA", 7, WHITE, 800, 80, -6)

    def sole_art(s: Sheet) -> None:
        word(s, 30, 21, "RIDGE", 7.5, BLACK, 850, 80, -3)

    zig = [
        (-20, 33),
        (14, 30),
        (30, 22),
        (62, 24),
        (78, 17),
        (112, 19),
        (128, 14),
        (170, 17),
        (188, 13.5),
        (228, 20),
        (244, 20),
        (300, 40),
    ]
    build(
        Shoe(
            palette=Palette(
                COBALT,
                "#122474",
                "#1B1E25",
                "#16191E",
                "#16191E",
                "#16191E",
                "#2343D8",
                VOLT,
                "#E2E3DE",
                "#B4B9BB",
                ORANGE,
                ORANGE,
                stitch="#8FA2FF",
                fade="#1C34C4",
            ),
            sole=Sole(
                bottom=[
                    (-14, 17),
                    (4, 9),
                    (30, 7),
                    (180, 7),
                    (225, 9.5),
                    (258, 16),
                    (278, 23),
                    (292, 32),
                ],
                top=[
                    (-12, 49),
                    (15, 45),
                    (55, 39),
                    (100, 36),
                    (145, 37),
                    (200, 34),
                    (240, 35),
                    (275, 39),
                    (296, 45),
                ],
                flare=[(-10, 5), (40, 7), (120, 4.5), (200, 6), (260, 3.0), (292, 0.5)],
                tail=5,
                nose=0,
                waist=2.0,
                rubber=4,
                ledges=[(zig, 3.6, 0.6)],
                grooves=[
                    ([(24 + i * 52, 33 - i * 1.2), (44 + i * 52, 28 - i * 0.8)], 1.5, 1.3)
                    for i in range(4)
                ],
            ),
            art=art,
            sole_art=sole_art,
            eyestay=[(0, 14), (2, 14), (6, 15), (8, 17), (8.9, 12), (9.6, -3), (14, -6)],
            heel=[(0, 44), (30, 36), (60, 20), (84, 9), (110, 6), (150, 5), (300, 5)],
            toe=[
                (0, -6),
                (120, -2),
                (150, 5),
                (185, 9),
                (215, 14),
                (245, 22),
                (270, 29),
                (292, 36),
            ],
            tone=zig,
            outsole={"wrap": 2.5, "toe": 0.0, "tooth": 10.0, "cut": 2.0},
            raised=1.5,
            lugs=True,
            collar=1.0,
        )
    )


def pace_one() -> None:
    """Race shoe: volt upper on a tall rockered super-foam with an orange plate."""

    def art(s: Sheet) -> None:
        bars(s, [(140 + i * 11, 108 - i * 5.2, 132 + i * 27, 40) for i in range(5)], 1.6, "#C9D334")
        dart(s, 80, 68, 72, BLACK, ORANGE, 10)
        word(s, 10, 61, "VELTRA", 6.5, VOLT, 800, 80, -6)

    plate = [(-24, 45), (10, 37), (60, 28), (110, 21), (160, 18.5), (210, 22), (255, 33), (300, 48)]

    def sole_art(s: Sheet) -> None:
        xs = np.linspace(-20, 298, 200)
        zs = curve1d(plate, xs)
        poly(
            s,
            [*zip(xs, zs + 0.9, strict=True), *zip(xs[::-1], zs[::-1] - 0.9, strict=True)],
            ORANGE,
        )
        word(s, 62, 11.5, "PACE ONE", 7.5, BLACK, 850, 60, 2)

    build(
        Shoe(
            palette=Palette(
                VOLT,
                "#8F9A12",
                "#15181C",
                "#15181C",
                "#DDE63E",
                "#15181C",
                "#E2EB45",
                "#15181C",
                "#E4E5E1",
                "#E4E5E1",
                BLACK,
                ORANGE,
                stitch="#E9F24B",
                fade="#FF8A3A",
            ),
            sole=Sole(
                bottom=[
                    (-22, 22),
                    (4, 11),
                    (32, 5),
                    (90, 6),
                    (140, 6.5),
                    (190, 3.5),
                    (225, 6),
                    (258, 16),
                    (278, 25),
                    (292, 36),
                ],
                top=[
                    (-20, 60),
                    (10, 54),
                    (55, 47),
                    (100, 44),
                    (145, 44),
                    (200, 40),
                    (240, 41),
                    (275, 45.5),
                    (298, 51),
                ],
                flare=[(-10, 5), (40, 8), (120, 3), (200, 6), (260, 2.4), (292, -0.5)],
                tail=13,
                nose=0,
                waist=3.4,
                rubber=2.6,
                ledges=[([(x, z - 1.2) for x, z in plate], 3.4, 1.1)],
                grooves=[([(x, z) for x, z in plate], 1.9, 1.5)],
            ),
            art=art,
            sole_art=sole_art,
            eyestay=[(0, 9), (2, 9), (6, 9.5), (8, 11), (8.9, 7), (9.6, -3), (14, -6)],
            heel=[(0, 26), (30, 20), (62, 8), (80, -3), (105, -6), (300, -6)],
            toe=[(0, -6), (225, -6), (250, 3), (270, 8), (292, 12)],
            tone=[(-20, 0), (300, 0)],
            outsole={"gap": (70, 150), "tooth": 6.0},
            height=1.035,
            raised=0.7,
            collar=-2.0,
        )
    )


CATALOG = {
    "stride-2": Item("running", stride_2, {"pitch": 9.0, "long_side": 1120}, exposure=0.92),
    "ridge-trail": Item("running", ridge_trail, {"pitch": 9.0, "long_side": 1120}, exposure=0.95),
    "pace-one": Item("running", pace_one, {"pitch": 9.0, "long_side": 1120}, exposure=0.92),
}
