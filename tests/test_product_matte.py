"""Product photos become cut-outs: plain backgrounds by rule, others by a model, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from campaigns import make_campaign
from command import contentfab
from PIL import Image
from product_photos import decoded, photo

from contentfab.rules.product.cutout import load_cutout, scale_cutout
from contentfab.rules.product.matte import NotPlain, cut_out
from contentfab.stages.brief import check_brief

PLAIN = [
    ("coffee/dawn-blend", (255, 255, 255), False, 0.0),
    ("coffee/pocket-tin", (243, 241, 238), True, 0.08),
    ("coffee/slow-brew", (222, 200, 170), True, 0.05),
    ("skincare/dew-serum", (70, 130, 200), False, 0.0),
    ("skincare/mist-toner", (30, 32, 36), False, 0.05),
    ("running/ridge-trail", (255, 255, 255), True, 0.0),
]


@pytest.mark.parametrize(("product", "paper", "shadow", "fall"), PLAIN)
def test_a_plain_background_goes_and_the_product_stays(
    product: str, paper: tuple[int, int, int], shadow: bool, fall: float
) -> None:
    data, alpha = photo(product, paper, shadow=shadow, fall=fall)
    rgb = decoded(data)
    matte = cut_out(rgb)
    share = matte.rgba[..., 3] / 255
    lost = float(np.clip(alpha - share, 0, 1).sum() / alpha.sum())
    kept = float(np.clip(share - alpha, 0, 1).sum() / alpha.sum())
    assert lost < 0.006, "of the product is gone"
    assert kept < 0.025, "of the background is left"
    solid = matte.rgba[..., 3] == 255
    assert np.array_equal(matte.rgba[solid][:, :3], rgb[solid])


def test_the_edge_is_free_of_the_background() -> None:
    """On magenta, a cut-out from blue paper shows no blue rim."""
    data, _ = photo("coffee/pocket-tin", (40, 90, 230))
    matte = cut_out(decoded(data)).rgba
    edge = (matte[..., 3] > 40) & (matte[..., 3] < 215)
    blue = matte[edge][:, 2].astype(int) - matte[edge][:, :2].max(axis=1)
    seen = decoded(data)[edge]
    before = seen[:, 2].astype(int) - seen[:, :2].max(axis=1)
    assert np.median(before) > 15
    assert np.percentile(blue, 90) < 0.5 * np.percentile(before, 90)


def cup(paper: int, label: int | None = None) -> np.ndarray:
    """A cup with a handle one can see through, on paper, perhaps with a label on it."""
    rgb = np.full((700, 800, 3), paper, np.uint8)
    cv2.ellipse(rgb, (560, 350), (130, 150), 0, 0, 360, (70, 90, 140), -1, cv2.LINE_AA)
    cv2.ellipse(rgb, (560, 350), (85, 100), 0, 0, 360, (paper,) * 3, -1, cv2.LINE_AA)
    cv2.rectangle(rgb, (180, 160), (540, 560), (70, 90, 140), -1)
    if label is not None:
        cv2.rectangle(rgb, (240, 260), (460, 440), (label,) * 3, -1)
    noise = np.random.default_rng(2).normal(0, 1.2, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def test_the_hole_of_a_handle_is_cut_out_and_a_label_is_not() -> None:
    matte = cut_out(cup(244, label=236))
    assert matte.holes == 1
    assert matte.rgba[350, 595, 3] == 0, "the hole"
    assert matte.rgba[350, 665, 3] == 255, "the handle"
    assert matte.rgba[350, 350, 3] == 255, "the label"


def busy() -> np.ndarray:
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)
    rgb = np.asarray(cv2.resize(small, (800, 600), interpolation=cv2.INTER_CUBIC))
    cv2.rectangle(rgb, (300, 150), (500, 500), (40, 40, 40), -1)
    return rgb


def cut_at_the_edge() -> np.ndarray:
    rgb = np.full((600, 600, 3), 240, np.uint8)
    cv2.rectangle(rgb, (200, 200), (330, 600), (60, 90, 60), -1)
    return rgb


def white_on_white() -> np.ndarray:
    rgb = np.full((600, 600, 3), 246, np.uint8)
    cv2.rectangle(rgb, (200, 150), (400, 500), (243, 243, 243), -1)
    cv2.rectangle(rgb, (230, 300), (370, 330), (20, 20, 20), -1)
    cv2.rectangle(rgb, (195, 150), (205, 500), (180, 60, 60), -1)
    return rgb


REFUSED = [
    (busy, "its background is not plain"),
    (cut_at_the_edge, "something reaches the picture's bottom edge"),
    (lambda: np.full((500, 500, 3), 200, np.uint8), "nothing stands out"),
]


@pytest.mark.parametrize(("make", "reason"), REFUSED, ids=["busy", "edge", "empty"])
def test_what_cannot_be_cut_out_says_why(make: object, reason: str) -> None:
    with pytest.raises(NotPlain, match=reason):
        cut_out(make())  # type: ignore[operator]


def test_a_white_sole_in_its_shadow_is_refused_not_eaten() -> None:
    data, _ = photo("running/stride-2", (255, 255, 255), shadow=True, side=1060)
    with pytest.raises(NotPlain, match="shadow cannot be told from it"):
        cut_out(decoded(data))


def test_a_photo_is_a_cutout_for_layout_and_the_same_each_time(tmp_path: Path) -> None:
    data, alpha = photo("coffee/dawn-blend", (250, 250, 250), side=500)
    (tmp_path / "bag.jpg").write_bytes(data)
    cutout = load_cutout(tmp_path / "bag.jpg")
    rows = np.flatnonzero((alpha > 0.03).any(axis=1))
    assert abs(cutout.shape[0] - (rows[-1] - rows[0] + 1)) <= 3
    (tmp_path / "again.jpg").write_bytes(data)
    assert np.array_equal(load_cutout(tmp_path / "again.jpg"), cutout)
    assert scale_cutout(tmp_path / "bag.jpg", 90, 150)[0, 0, 3] == 0


def test_a_busy_photo_stays_whole(tmp_path: Path) -> None:
    Image.fromarray(busy()).save(tmp_path / "busy.png")
    assert load_cutout(tmp_path / "busy.png").shape == (600, 800, 4)


def test_check_tells_what_becomes_of_a_photo(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    picture = tmp_path / "pictures/amber-serum.png"
    Image.fromarray(busy()).save(picture)
    brief, problems = check_brief(campaign)
    (told,) = [p for p in problems if p.rule == "picture.no-alpha"]
    assert brief is not None and told.level == "warn"
    assert "its background is not plain" in told.message and "rectangle" in told.message
    assert "contentfab cutout" in told.hint and "rembg" in told.hint
    Image.fromarray(cup(244)).save(picture)
    brief, problems = check_brief(campaign)
    assert brief is not None
    assert [p.rule for p in problems if p.rule.startswith("picture.")] == ["picture.holes"]
    assert brief.product_shapes["amber-serum"].silhouette == "square"


def test_the_cutout_command(tmp_path: Path) -> None:
    data, _ = photo("coffee/pocket-tin", (240, 240, 240), side=500)
    (tmp_path / "tin.jpg").write_bytes(data)
    Image.fromarray(busy()).save(tmp_path / "busy.png")
    done = contentfab("cutout", "tin.jpg", "busy.png", "--json", cwd=tmp_path, code=2)
    good, bad = json.loads(done.stdout)["files"]
    assert (good["out"], good["by"], good["ok"]) == ("tin.cutout.png", "plain background", True)
    assert Image.open(tmp_path / "tin.cutout.png").getchannel("A").getextrema() == (0, 255)
    assert "not plain" in bad["error"] and "--model u2net" in bad["hint"]
    again = contentfab("cutout", "tin.jpg", cwd=tmp_path, code=2)
    assert "already there" in again.stderr


def test_models_that_may_not_be_used_have_no_name(tmp_path: Path) -> None:
    Image.fromarray(busy()).save(tmp_path / "busy.png")
    done = contentfab("cutout", "busy.png", "--model", "bria-rmbg", cwd=tmp_path, code=2)
    assert "unknown matte model 'bria-rmbg'" in done.stderr and "u2net" in done.stderr


def test_a_model_from_a_file_cuts_any_background(tmp_path: Path) -> None:
    pytest.importorskip("rembg")
    from contentfab.backends.matte_rembg import RembgMatte

    # A model that takes for product what is dark in red, green and blue alike.
    (tmp_path / "dark.onnx").write_bytes(tiny_model())
    rgb = busy()
    matte = RembgMatte(str(tmp_path / "dark.onnx")).cut(rgb)
    solid = matte.rgba[..., 3] == 255
    assert solid.any() and np.array_equal(matte.rgba[solid][:, :3], rgb[solid])
    grey = rgb.astype(int).mean(axis=2)
    assert grey[solid].max() < grey[matte.rgba[..., 3] == 0].min()


def tiny_model() -> bytes:
    """ONNX: output = -mean over the channels of the input (1, 3, 320, 320), as (1, 1, 320, 320).
    Written field by field, as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto numbers
    them."""

    def varint(value: int) -> bytes:
        out = b""
        while value > 127:
            out, value = out + bytes([value & 127 | 128]), value >> 7
        return out + bytes([value])

    def number(field: int, value: int) -> bytes:
        return varint(field << 3) + varint(value)

    def part(field: int, data: bytes | str) -> bytes:
        data = data.encode() if isinstance(data, str) else data
        return varint(field << 3 | 2) + varint(len(data)) + data

    def tensor(name: str, sides: tuple[int, ...]) -> bytes:
        shape = b"".join(part(1, number(1, side)) for side in sides)
        return part(1, name) + part(2, part(1, number(1, 1) + part(2, shape)))

    axes = part(1, "axes") + number(8, 1) + number(20, 7)
    keep = part(1, "keepdims") + number(3, 1) + number(20, 2)
    mean = part(1, "x") + part(2, "m") + part(4, "ReduceMean") + part(5, axes) + part(5, keep)
    minus = part(1, "m") + part(2, "y") + part(4, "Neg")
    graph = part(1, mean) + part(1, minus) + part(2, "dark")
    graph += part(11, tensor("x", (1, 3, 320, 320))) + part(12, tensor("y", (1, 1, 320, 320)))
    return number(1, 8) + part(7, graph) + part(8, part(1, "") + number(2, 13))
