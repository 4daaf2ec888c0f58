"""Product photos for tests: a cut-out photographed on a paper of one colour, with or without its
shadow, saved as JPEG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

EXAMPLES = Path(__file__).parent.parent / "examples"


def photo(
    product: str,
    paper: tuple[int, int, int],
    *,
    shadow: bool = False,
    fall: float = 0.0,
    side: int = 700,
) -> tuple[bytes, NDArray[np.float32]]:
    """JPEG bytes, and the true alpha. `product` is such as `coffee/pocket-tin`; `fall` is how much
    darker the paper's lower right corner is."""
    folder, name = product.split("/")
    image = (
        Image.open(EXAMPLES / folder / "products" / f"{name}.png").convert("RGBA").convert("RGBa")
    )
    scale = side / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    own = np.asarray(image.resize(size, Image.Resampling.LANCZOS).convert("RGBA"), np.float32)
    height, width = own.shape[:2]
    edge = round(0.18 * side)
    tall, wide = height + 2 * edge, width + 2 * edge
    alpha = np.zeros((tall, wide), np.float32)
    alpha[edge : edge + height, edge : edge + width] = own[..., 3] / 255
    y, x = np.mgrid[0:tall, 0:wide]
    ground = np.array(paper, np.float32) * (1 - fall * (0.6 * y / tall + 0.4 * x / wide))[..., None]
    if shadow:
        ground = ground * (1 - 0.35 * _shadow(alpha, edge, width, height))[..., None]
    picture = ground.astype(np.float32) * (1 - alpha[..., None])
    picture[edge : edge + height, edge : edge + width] += own[..., :3] * own[..., 3:] / 255
    picture += np.random.default_rng(1).normal(0, 1, picture.shape)
    data = io.BytesIO()
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=90)
    return data.getvalue(), alpha


def _shadow(alpha: NDArray[np.float32], edge: int, width: int, height: int) -> NDArray[np.float32]:
    tall, wide = alpha.shape
    foot = edge + height
    cast = np.array([[1, -0.35, 0.35 * foot], [0, 0.18, 0.82 * foot]], np.float32)
    far = cv2.GaussianBlur(cv2.warpAffine(alpha, cast, (wide, tall)), (0, 0), 0.02 * height + 2)
    pool = np.zeros_like(alpha)
    cv2.ellipse(
        pool, (wide // 2, foot - 4), (round(0.42 * width), max(3, width // 25)), 0, 0, 360, 1, -1
    )
    near = cv2.GaussianBlur(pool, (0, 0), 0.02 * width + 2)
    return np.asarray(np.clip(far + 0.8 * near, 0, 1), np.float32)


def decoded(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
