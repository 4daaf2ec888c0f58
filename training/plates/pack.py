"""Pack rendered passes into package data: two small WebP files a plate, one `plates.json` for all.

    python training/plates/pack.py --renders DIR [--out contentfab/models/plates]

Knows the file format that `contentfab/backends/_plates_store.py` reads. Knows nothing of Blender.

Shading is stored relative to the lit, quiet wall (1.0 there) as sqrt(light / 2) in 8 bits; ids as
lossless role weights wall, podium, accent in R, G, B (the rest belongs to the role prop). What a
layout needs to know is measured here: calm areas from edges, each role's lit level from pixels.
"""

import argparse
import hashlib
import json
import math
from pathlib import Path

import cv2
import numpy as np

RANGE = 2.0  # light stored as 255
QUALITY = 95
ROLES = ("wall", "podium", "accent", "prop")
CELL_ROWS = 40  # grid for the search of calm areas
EDGE = 0.035  # a gradient (per pixel at 540 px width, of white = 1) that text would notice
MARGIN = 0.045
# Product limits per aspect: fractions of the picture that a product may fill.
MAX_WIDTH = {"4x5": 0.74, "1x1": 0.62, "9x16": 0.74, "191x100": 0.42}
# Where platforms leave room for words: rows in fractions.
OPEN_ROWS = {"9x16": (0.14, 0.65)}


def main() -> None:
    """Pack every plate found in the renders' folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renders", type=Path, required=True)
    home = Path(__file__).resolve().parents[2]
    parser.add_argument("--out", type=Path, default=home / "contentfab" / "models" / "plates")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob("*.webp"):
        old.unlink()
    index = [pack(path, options.out) for path in sorted(options.renders.glob("*-*.npz"))]
    text = json.dumps({"format": 1, "range": RANGE, "plates": index}, indent=1) + "\n"
    (options.out / "plates.json").write_text(text)
    total = sum(f.stat().st_size for f in options.out.iterdir())
    print(f"{len(index)} plates, {total / 1e6:.2f} MB")


def pack(path: Path, out: Path) -> dict:
    """Write one plate's two pictures; return its entry in the index."""
    facts = json.loads(path.with_suffix(".json").read_text())
    passes = np.load(path)
    weights = cv2.GaussianBlur(passes["ids"], (3, 3), 0.65)  # few samples leave ragged edges
    light = passes["shade"].astype(np.float32) / facts["grey"]
    # The denoiser leaves noise on the outermost pixels.
    light = cv2.copyMakeBorder(light[3:-3, 3:-3], 3, 3, 3, 3, cv2.BORDER_REPLICATE)
    roles = role_weights(weights)
    light /= quiet_level(light, roles[..., 0], facts["aspect"])
    code = (np.sqrt(light.clip(0, RANGE) / RANGE) * 255).astype(np.float32)
    code = cv2.bilateralFilter(code, 5, 2.5, 2.0)  # what noise the denoiser left costs bytes
    shade = (code + 0.5).astype(np.uint8)
    files = {
        "shade": (f"{path.stem}.shade.webp", _webp(np.dstack([shade] * 3), QUALITY)),
        "ids": (f"{path.stem}.ids.webp", _webp(_snap(weights)[..., ::-1], 101)),
    }
    digest = hashlib.sha256()
    for name, data in files.values():
        (out / name).write_bytes(data)
        digest.update(data)
    height, width = shade.shape
    limits = stand(facts, width / height)
    quiet = quiet_boxes(light, roles, facts, limits)
    return {
        "set": facts["set"],
        "aspect": facts["aspect"],
        "width": width,
        "height": height,
        "files": {kind: name for kind, (name, _) in files.items()},
        "anchor": facts["anchor"],
        **limits,
        "light": {"side": "left", "shadow": shadow(facts), "to_sun": facts["to_sun"]},
        "quiet": quiet,
        "roles": [r for k, r in enumerate(ROLES) if roles[..., k].mean() > 0.0005],
        "shares": {r: round(float(roles[..., k].mean()), 4) for k, r in enumerate(ROLES)},
        "lit": {r: lit_level(light, roles[..., k]) for k, r in enumerate(ROLES)},
        "camera": {"pitch_degrees": facts["pitch_degrees"], "lens_mm": facts["lens_mm"]},
        "words": facts["words"],
        "digest": digest.hexdigest(),
    }


def role_weights(ids: np.ndarray) -> np.ndarray:
    """Weights of all four roles, float32 H x W x 4."""
    three = ids.astype(np.float32) / 255
    return np.dstack([three, 1 - three.sum(-1).clip(0, 1)])


def quiet_level(light: np.ndarray, wall: np.ndarray, aspect: str) -> float:
    """Light on the wall where the headline will stand; it becomes 1.0."""
    rows = slice(round(0.14 * len(light)), round(0.34 * len(light)))
    if aspect != "9x16":
        rows = slice(round(0.05 * len(light)), round(0.34 * len(light)))
    columns = slice(0, round(light.shape[1] * (0.5 if aspect == "191x100" else 1.0)))
    return float(np.median(light[rows, columns][wall[rows, columns] > 0.98]))


def lit_level(light: np.ndarray, weight: np.ndarray) -> float:
    """How bright a role's lit faces are, relative to the quiet wall; 1.0 for an unused role."""
    inside = light[weight > 0.98]
    return round(float(np.percentile(inside, 80)), 3) if inside.size > 200 else 1.0


def stand(facts: dict, ratio: float) -> dict:
    """Product limits: what fits the anchor's surroundings, in fractions of the picture."""
    across = facts["units"] * ratio
    return {
        "stand_width": round(facts["stand_width"] / across, 4),
        "max_width": MAX_WIDTH[facts["aspect"]],
        "max_height": round(facts["product_height"] / facts["units"], 4),
    }


def shadow(facts: dict) -> list[float]:
    """The part of a product's cast shadow that lands on the stand, per unit of product height."""
    x, y, z = facts["to_sun"]
    whole = math.hypot(x, y) / z
    on_stand = facts["stand_width"] / 1.7 / facts["product_height"]
    scale = min(1.0, on_stand / whole) / z
    sink = math.sin(math.radians(facts["pitch_degrees"]))
    return [round(-x * scale, 4), round(y * scale * sink, 4)]


def quiet_boxes(light: np.ndarray, roles: np.ndarray, facts: dict, limits: dict) -> list:
    """The largest calm rectangles beside the product, largest first: fractions x0, y0, x1, y1."""
    height, width = light.shape
    small = (540, round(540 * height / width)) if width < height * 1.5 else (1080, 565)
    tone = cv2.resize(np.sqrt(light.clip(0, RANGE)), small, interpolation=cv2.INTER_AREA)
    layers = [
        tone,
        *(
            cv2.resize(roles[..., k], small, interpolation=cv2.INTER_AREA)
            for k in range(roles.shape[2])
        ),
    ]
    steep = np.max(
        [
            cv2.magnitude(*(cv2.Sobel(m, cv2.CV_32F, dx, 1 - dx, scale=0.125) for dx in (1, 0)))
            for m in layers
        ],
        axis=0,
    )
    rows = CELL_ROWS
    columns = max(1, round(rows * width / height))
    busy = (
        cv2.resize((steep > EDGE).astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        > 0.004
    )
    top, bottom = OPEN_ROWS.get(facts["aspect"], (MARGIN, 1 - MARGIN))
    ys = (np.arange(rows) + 0.5) / rows
    xs = (np.arange(columns) + 0.5) / columns
    busy[(ys < top) | (ys > bottom)] = True
    busy[:, (xs < MARGIN) | (xs > 1 - MARGIN)] = True
    (foot_x, foot_y), half = facts["anchor"], limits["max_width"] / 2
    across = (xs > foot_x - half) & (xs < foot_x + half)
    along = (ys > foot_y - limits["max_height"]) & (ys < foot_y)
    busy[np.ix_(along, across)] = True
    boxes = []
    for _ in range(3):
        x0, y0, x1, y1 = _largest_free(busy)
        if (y1 - y0) < 0.05 * rows or (x1 - x0) < 0.25 * columns:
            break
        busy[y0:y1, x0:x1] = True
        boxes.append([round(v, 4) for v in (x0 / columns, y0 / rows, x1 / columns, y1 / rows)])
    return boxes


def _largest_free(busy: np.ndarray) -> tuple[int, int, int, int]:
    """Largest rectangle of False cells; exclusive right and bottom."""
    rows, columns = busy.shape
    total = np.pad(busy.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    best, found = 0, (0, 0, 0, 0)
    for y0 in range(rows):
        for x0 in range(columns):
            if busy[y0, x0]:
                continue
            for y1 in range(y0 + 1, rows + 1):
                if (y1 - y0) * (columns - x0) <= best:
                    continue
                free = (
                    total[y1, x0 + 1 :] - total[y0, x0 + 1 :] - total[y1, x0] + total[y0, x0] == 0
                )
                x1 = x0 + int(free.argmin() if not free.all() else free.size)
                if (y1 - y0) * (x1 - x0) > best:
                    best, found = (y1 - y0) * (x1 - x0), (x0, y0, x1, y1)
    return found


def _snap(ids: np.ndarray) -> np.ndarray:
    """Role weights in 16 steps: edges stay smooth, the lossless file halves. A mirroring surface
    has mixed weights all over and would show the steps."""
    mixed = ((ids > 12) & (ids < 243)).any(-1).mean()
    return ids if mixed > 0.06 else (np.round(ids / 17.0) * 17).astype(np.uint8)


def _webp(bgr: np.ndarray, quality: int) -> bytes:
    """Encode; cv2 takes a quality above 100 as lossless."""
    ok, data = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not ok:
        raise RuntimeError("OpenCV was built without WebP")
    return data.tobytes()


if __name__ == "__main__":
    main()
