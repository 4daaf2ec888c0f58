"""From the linear EXR to a small, clean, straight-alpha PNG."""

from __future__ import annotations

import io
from pathlib import Path

import bpy
import imagequant
import numpy as np
import oxipng
from PIL import Image


def load_exr(path: Path) -> np.ndarray:
    """EXR as float32 array, row 0 at the top, linear premultiplied RGBA."""
    img = bpy.data.images.load(str(path))
    img.colorspace_settings.name = "Non-Color"
    w, h = img.size
    px = np.empty(w * h * 4, np.float32)
    img.pixels.foreach_get(px)
    bpy.data.images.remove(img)
    return px.reshape(h, w, 4)[::-1].copy()


def tone(rgb: np.ndarray, exposure: float) -> np.ndarray:
    """sRGB curve with a soft shoulder above 0.72: true colours, no clipping."""
    x = np.maximum(rgb * exposure, 0)
    knee, top = 0.62, 1.0
    over = np.maximum(x - knee, 0)
    x = np.where(x > knee, knee + (top - knee) * (1 - np.exp(-over / (top - knee) * 0.9)), x)
    x = np.clip(x, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055)


def bleed(rgb: np.ndarray, alpha: np.ndarray, rounds: int = 6) -> np.ndarray:
    """Give nearly transparent pixels the mean colour of solid neighbours."""
    solid = alpha > 0.35
    out = np.where(solid[..., None], rgb, 0)
    known = solid.astype(np.float32)
    for _ in range(rounds):
        acc = np.zeros_like(out)
        cnt = np.zeros_like(known)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                acc += np.roll(out * known[..., None], (dy, dx), (0, 1))
                cnt += np.roll(known, (dy, dx), (0, 1))
        fresh = (known == 0) & (cnt > 0)
        out[fresh] = acc[fresh] / cnt[fresh][:, None]
        known[fresh] = 1
    return np.where((known > 0)[..., None], out, rgb)


def straight_alpha(exr: np.ndarray, exposure: float, margin: float = 0.02) -> Image.Image:
    """Un-premultiply, tone-map, crop with a margin, clean the edge."""
    alpha = np.clip(exr[..., 3], 0, 1)
    alpha = np.where(alpha < 0.012, 0, np.where(alpha > 0.985, 1, alpha))
    rgb = exr[..., :3] / np.maximum(exr[..., 3:4], 1e-4)
    rgb = bleed(tone(rgb, exposure), alpha)
    ys, xs = np.nonzero(alpha > 0.02)
    pad = round(margin * max(np.ptp(ys), np.ptp(xs)))
    h, w = alpha.shape
    y0, y1, x0, x1 = ys.min() - pad, ys.max() + 1 + pad, xs.min() - pad, xs.max() + 1 + pad
    full = np.zeros((y1 - y0, x1 - x0, 4), np.float32)
    sy0, sx0 = max(y0, 0), max(x0, 0)
    sy1, sx1 = min(y1, h), min(x1, w)
    full[sy0 - y0 : sy1 - y0, sx0 - x0 : sx1 - x0, :3] = rgb[sy0:sy1, sx0:sx1]
    full[sy0 - y0 : sy1 - y0, sx0 - x0 : sx1 - x0, 3] = alpha[sy0:sy1, sx0:sx1]
    full[full[..., 3] == 0] = 0
    return Image.fromarray((full * 255 + 0.5).astype(np.uint8), "RGBA")


def clear_palette(img: Image.Image) -> Image.Image:
    """Make the fully transparent palette entries plain 0 0 0 0."""
    flat = img.getpalette("RGBA") or []
    quads = [flat[i : i + 4] for i in range(0, len(flat), 4)]
    img.putpalette([v for q in quads for v in (q if q[3] else [0, 0, 0, 0])], "RGBA")
    img.info.pop("transparency", None)
    return img


def save_png(img: Image.Image, path: Path, limit: int = 295_000) -> int:
    """Write the PNG: true colour when it fits, else 256 dithered colours."""

    def pack(im: Image.Image) -> bytes:
        buf = io.BytesIO()
        im.save(buf, "PNG", optimize=True)
        return oxipng.optimize_from_memory(buf.getvalue(), level=4)

    path.parent.mkdir(parents=True, exist_ok=True)
    data = pack(img)
    for dither in (1.0, 0.7, 0.4):
        if len(data) <= limit:
            break
        small = imagequant.quantize_pil_image(
            img, dithering_level=dither, max_colors=256, min_quality=0, max_quality=100
        )
        data = pack(clear_palette(small))
    path.write_bytes(data)
    return len(data)
