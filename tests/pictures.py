"""Pictures that tests draw: flat, gradient, noise, type, and a poster with a visible label."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from contentfab.records.labels import LabelRequest
from contentfab.records.pictures import Provenance
from contentfab.records.places import Box

Pixels = NDArray[np.uint8]
LABEL = "AI-generated"
LABEL_BOX = Box(430, 938, 770, 997)
MODEL = Provenance("trainedAlgorithmicMedia", "diffusers", "tiny-model", "rev1", uses_ai=True)


def flat(grey: int = 128, height: int = 1000, width: int = 800) -> Pixels:
    return np.full((height, width, 3), grey, np.uint8)


def gradient(height: int = 1000, width: int = 800) -> Pixels:
    ramp = np.linspace(30, 230, height)[:, None, None] * np.array([1.0, 0.85, 0.7])
    return np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8)


def noise(height: int = 1000, width: int = 800) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


@cache
def poster(seed: int = 0) -> Pixels:
    """800 × 1000: a soft scene, a plate, big and small type, and the visible label."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 200, (5, 4, 3), np.uint8))
    image = coarse.resize((800, 1000), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 800, 330), fill=(244, 236, 224))
    draw.ellipse((250, 420, 550, 860), fill=(120, 60, 30))
    draw.text((40, 40), "Morning light", font=ImageFont.load_default(92), fill=(30, 40, 60))
    for row in range(4):
        line = "Roasted in small batches, shipped on the same day"
        draw.text((44, 170 + row * 36), line, font=ImageFont.load_default(26), fill=(60, 50, 40))
    draw.rectangle((410, 925, 800, 1000), fill=(20, 20, 20))
    draw.text((430, 926), LABEL, font=ImageFont.load_default(58), fill=(250, 250, 250))
    return np.asarray(image)


def request(**changes: Any) -> LabelRequest:
    """A poster to label, as the layout hands it over."""
    given: dict[str, Any] = {
        "key": "demo--a",
        "asset_id": "0123456789abcdef" * 2,
        "pixels": poster(),
        "media_type": "image/png",
        "max_bytes": 0,
        "provenance": MODEL,
        "producer": "contentfab",
        "created": "2026-11-21T12:00:00Z",
        "visible": LABEL,
        "visible_box": LABEL_BOX,
        "visible_min_height": 0.03,
    }
    return LabelRequest(**(given | changes))
