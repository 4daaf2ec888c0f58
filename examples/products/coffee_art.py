"""Printed artwork of the Northlight Coffee packs."""

from __future__ import annotations

import numpy as np
from labels import Sheet

NAVY, AMBER, CREAM, TERRA = "#12343B", "#E0A458", "#F6EBDD", "#C8553D"


def sun_mark(
    s: Sheet, cx: float, cy: float, r: float, sun, line, width: int, rings: int = 3
) -> None:
    """The Northlight mark: half a sun over a horizon with ripples of light."""
    s.draw.pieslice((cx - r, cy - r, cx + r, cy + r), 180, 360, fill=sun)
    for i in range(1, rings + 1):
        q = r * (1 + 0.34 * i)
        s.draw.arc((cx - q, cy - q, cx + q, cy + q), 180, 360, fill=line, width=width)
    q = r * (1 + 0.34 * rings)
    s.line(cx - q, cy, cx + q, cy, line, width)


def dawn_art() -> Sheet:
    """Front panel of the bag: big rising sun over layered hills."""
    w, h = 1600, 2600
    s = Sheet(w, h, NAVY)
    cx, cy = w / 2, 1620
    for r, c in ((680, "#15404A"), (570, "#6E4A38"), (470, TERRA), (365, "#D67D48"), (262, AMBER)):
        s.disc(cx, cy, r, fill=c)
    x = np.linspace(0, w, 200)
    hills = (
        (1500, 60, 0.0042, 0.4, "#1D4B53"),
        (1590, 70, 0.0032, 2.2, "#1A454D"),
        (1690, 60, 0.0050, 4.2, "#0F2C32"),
    )
    for base, amp, freq, phase, color in hills:
        y = base + amp * np.sin(x * freq + phase) + amp * 0.35 * np.sin(x * freq * 2.3 + phase * 2)
        s.draw.polygon([*zip(x, y, strict=True), (w, h), (0, h)], fill=color)
    s.rect(0, 1800, w, h, fill="#0F2C32")
    s.text(cx, 830, "NORTHLIGHT", "sans", 148, CREAM, 700, 150)
    s.text(cx, 940, "北光咖啡", "cjk", 76, AMBER, 500, 480)
    s.text(cx, 2010, "Dawn Blend", "serif", 236, CREAM, 600)
    s.text(cx, 2120, "WHOLE BEAN · MEDIUM ROAST", "sans", 58, AMBER, 600, 150)
    s.line(cx - 560, 2200, cx + 560, 2200, "#3A666B", 4)
    s.text(cx - 560, 2300, "Apricot, honey, cocoa", "serif-italic", 74, CREAM, 400, 0, "l")
    s.text(cx + 560, 2300, "250 g", "sans", 74, CREAM, 650, 0, "r")
    return s


def side_art() -> Sheet:
    """Side gusset print: plain navy with a vertical brand line."""
    s = Sheet(1000, 2600, NAVY)
    sun_mark(s, 500, 1500, 120, AMBER, AMBER, 8)
    s.text(500, 1700, "NORTHLIGHT", "sans", 76, CREAM, 650, 140)
    s.text(500, 1800, "Roasted in small batches", "serif-italic", 58, CREAM, 400)
    for i, t in enumerate(("ROAST", "BODY", "ACID")):
        y = 2050 + i * 90
        s.text(260, y, t, "sans", 46, AMBER, 600, 100, "l")
        for k in range(5):
            s.disc(
                560 + k * 62,
                y - 16,
                18,
                fill=CREAM if k < (3, 4, 2)[i] else None,
                outline=CREAM,
                width=4,
            )
    return s


def brew_art() -> Sheet:
    """Bottle label: cream paper, big arc sun, strong type."""
    w, h = 3000, 1240
    s = Sheet(w, h, CREAM)
    cx = w / 2
    s.rect(0, h - 170, w, h, fill=TERRA)
    s.rect(0, h - 190, w, h - 182, fill=NAVY)
    sun_mark(s, cx, 300, 92, AMBER, NAVY, 9)
    s.text(cx, 430, "NORTHLIGHT", "sans", 104, NAVY, 720, 150)
    s.text(cx, 520, "北光咖啡", "cjk", 58, TERRA, 560, 420)
    s.text(cx, 790, "Slow Brew", "serif", 236, NAVY, 650)
    s.text(cx, 900, "COLD BREW · 18 HOURS", "sans", 58, NAVY, 620, 150)
    s.text(cx, h - 62, "330 ml · NO SUGAR", "sans", 60, CREAM, 650, 140)
    for side in (-1, 1):
        x = cx + side * 980
        s.text(x, 360, "北光" if side < 0 else "慢萃", "cjk", 150, NAVY, 700, 200)
        for i, t in enumerate(
            ("Steeped cold for eighteen", "hours, filtered twice,", "bottled the same morning.")
        ):
            s.text(x, 520 + i * 90, t, "serif-italic", 66, NAVY, 400)
    return s


def tin_art() -> Sheet:
    """Wrap print of the tin body."""
    w, h = 3600, 760
    s = Sheet(w, h, TERRA)
    cx = w / 2
    s.rect(0, 0, w, 36, fill=AMBER)
    s.rect(0, h - 36, w, h, fill=AMBER)
    s.text(cx, 190, "NORTHLIGHT", "sans", 92, CREAM, 720, 160)
    s.text(cx, 440, "Pocket Tin", "serif", 236, CREAM, 650)
    s.text(cx, 560, "北光咖啡 · 随身罐", "cjk", 66, CREAM, 560, 160)
    s.text(cx, 662, "INSTANT CRYSTALS   60 g", "sans", 46, CREAM, 620, 140)
    for side in (-1, 1):
        sun_mark(s, cx + side * 1150, 470, 110, AMBER, CREAM, 10)
        s.disc(cx + side * 1150, 590, 10, fill=CREAM)
    return s
