"""Pack rendered passes into package data: a few small files a plate, one `plates.json` for all.

    python training/plates/pack.py --renders DIR [--out contentfab/models/plates]

Knows the file format that `contentfab/backends/_plates_store.py` reads. Knows nothing of Blender.

Shading is stored once a light, relative to the lit, quiet wall (1.0 there), as sqrt(light / 2) in
8 bits; ids as lossless role weights wall, podium, accent in R, G, B (the rest belongs to the role
prop); places as 16-bit disparity (planes stay planes, which PNG packs well). What a layout needs
to know is measured here: calm areas from edges, each role's lit level from pixels. Plates that
were not rendered again stay as they are.
"""

import argparse
import hashlib
import json
import math
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

FORMAT = 2
RANGE = 2.0  # light stored as 255
DISPARITY_RANGE = 4.0  # disparity stored as 65535, where the foot's is 1
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
    path = options.out / "plates.json"
    kept = json.loads(path.read_text())["plates"] if path.is_file() else []
    index = {(entry["set"], entry["aspect"]): entry for entry in kept}
    for render in sorted(options.renders.glob("*-*.json")):
        facts = json.loads(render.read_text())
        key = facts["set"], facts["aspect"]
        passes = np.load(render.with_suffix(".npz"))
        if "ids" in passes:
            index[key] = pack(render.stem, facts, passes, options.out)
        elif key in index:
            index[key] = with_lights(index[key], facts, passes, options.out)
    counts = Counter(name for name, _ in index)
    for name in sorted(name for name in counts if counts[name] < len(MAX_WIDTH)):
        print(f"{name}: {counts[name]} of {len(MAX_WIDTH)} aspects, left out")
    entries = [index[key] for key in sorted(index) if counts[key[0]] == len(MAX_WIDTH)]
    text = json.dumps({"format": FORMAT, "range": RANGE, "plates": entries}, indent=1) + "\n"
    path.write_text(text)
    named = {name for entry in entries for name in files_of(entry)}
    for old in [f for f in options.out.iterdir() if f.suffix in (".webp", ".png")]:
        if old.name not in named:
            old.unlink()
    total = sum(f.stat().st_size for f in options.out.iterdir())
    print(f"{len(entries)} plates, {total / 1e6:.2f} MB")


def files_of(entry: dict) -> list[str]:
    """Names of the files that an entry is made of."""
    return [*entry["files"].values(), *(light["file"] for light in entry["lights"].values())]


def pack(stem: str, facts: dict, passes: dict, out: Path) -> dict:
    """Write one plate's pictures; return its entry in the index."""
    weights = cv2.GaussianBlur(passes["ids"], (3, 3), 0.65)  # few samples leave ragged edges
    height, width = weights.shape[:2]
    roles = role_weights(weights)
    limits = stand(facts, width / height)
    files = {"ids": f"{stem}.ids.webp", "places": f"{stem}.places.png"}
    (out / files["ids"]).write_bytes(_webp(_snap(weights)[..., ::-1], 101))
    (out / files["places"]).write_bytes(_png(disparity(passes["places"], facts)))
    light = levelled(passes["shade_side"], roles, facts)
    entry = {
        "set": facts["set"],
        "aspect": facts["aspect"],
        "width": width,
        "height": height,
        "files": files,
        "anchor": facts["anchor"],
        **limits,
        "lights": {},
        "quiet": quiet_boxes(light, roles, facts, limits),
        "shares": {r: round(float(roles[..., k].mean()), 4) for k, r in enumerate(ROLES)},
        "camera": {name: facts[name] for name in ("pitch_degrees", "lens_mm", "distance", "units")},
        "words": facts["words"],
    }
    return with_lights(entry, facts, passes, out)


def with_lights(entry: dict, facts: dict, passes: dict, out: Path) -> dict:
    """Write the lights that were rendered for a plate whose ids are packed; return its entry."""
    stem = f"{entry['set']}-{entry['aspect']}"
    ids = np.fromfile(out / entry["files"]["ids"], np.uint8)
    roles = role_weights(cv2.imdecode(ids, cv2.IMREAD_COLOR)[..., ::-1])
    lights = dict(entry["lights"])
    for name, to_sun in facts["to_sun"].items():
        light = levelled(passes[f"shade_{name}"], roles, facts)
        code = (np.sqrt(light.clip(0, RANGE) / RANGE) * 255).astype(np.float32)
        code = cv2.bilateralFilter(code, 5, 2.5, 2.0)  # what noise the denoiser left costs bytes
        shade = (code + 0.5).astype(np.uint8)
        file = f"{stem}.{name}.webp"
        (out / file).write_bytes(_webp(np.dstack([shade] * 3), QUALITY))
        lights[name] = {
            "file": file,
            "shadow": shadow(facts, to_sun),
            "to_sun": to_sun,
            "lit": {r: lit_level(light, roles[..., k]) for k, r in enumerate(ROLES)},
        }
    entry = {**entry, "lights": lights}
    digest = hashlib.sha256()
    for file in files_of(entry):
        digest.update((out / file).read_bytes())
    return {**entry, "digest": digest.hexdigest()}


def levelled(shade: np.ndarray, roles: np.ndarray, facts: dict) -> np.ndarray:
    """Light at the ids' size, 1.0 on the quiet wall."""
    light = shade.astype(np.float32) / facts["grey"]
    # The denoiser leaves noise on the outermost pixels.
    light = cv2.copyMakeBorder(light[4:-4, 4:-4], 4, 4, 4, 4, cv2.BORDER_REPLICATE)
    size = (roles.shape[1], roles.shape[0])
    light = cv2.resize(light, size, interpolation=cv2.INTER_CUBIC).clip(0)
    return light / quiet_level(light, roles[..., 0], facts["aspect"])


def disparity(places: np.ndarray, facts: dict) -> np.ndarray:
    """Disparity along the camera's axis, uint16; 0 where the rays meet nothing."""
    pitch, far = math.radians(facts["pitch_degrees"]), facts["distance"]
    away = places[..., 1] * math.cos(pitch) - places[..., 2] * math.sin(pitch) + far
    seen = (away > 0.5) & (np.abs(places).max(-1) < 90)
    code = far / np.maximum(away, 0.5) / DISPARITY_RANGE * 65535
    return np.where(seen, code.clip(1, 65535), 0).astype(np.uint16)


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


def shadow(facts: dict, to_sun: list[float]) -> list[float]:
    """The part of a product's cast shadow that lands on the stand, per unit of product height."""
    x, y, z = to_sun
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


def _png(codes: np.ndarray) -> bytes:
    ok, data = cv2.imencode(".png", codes, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not ok:
        raise RuntimeError("OpenCV was built without PNG")
    return data.tobytes()


if __name__ == "__main__":
    main()
