"""Shadows fall where the scene's geometry puts them, and never on the product itself."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from contentfab.backends._product_shadow import Shade, place_product, shade_in, shade_of
from contentfab.backends._shadow_own import sun_seen
from contentfab.backends._shadow_scene import Ground, light_left
from contentfab.records.pictures import KeyVisual, Provenance, Stand
from contentfab.records.places import Area, Box, Point

WIDTH, HEIGHT = 800, 1000
FOOT = Point(0.5, 0.8)
GREY = np.full((HEIGHT, WIDTH, 3), 180, np.uint8)
PITCH = 0.14
LEFT = (-0.5126, 0.6428, 0.5693)
RIGHT = (0.5126, 0.6428, 0.5693)
WALL = -0.5
PODIUM, FLOOR = 0.22, -0.1


def room(width: int, height: int, *, podium: bool = False) -> np.ndarray:
    """World points of a floor and a wall half a picture behind the foot, seen from far away under
    a small angle; with `podium`, the foot stands on a disc over the floor."""
    y, x = np.mgrid[0:height, 0:width]
    right = ((x + 0.5) / width - FOOT.x) * WIDTH / HEIGHT
    up = FOOT.y - (y + 0.5) / height
    level = FLOOR if podium else 0.0
    # Parallel rays: a point on level ground at depth z is seen at level - PITCH · z.
    depth = (level - up) / PITCH
    wall = depth < WALL
    points = np.stack(
        [right, np.where(wall, up + PITCH * WALL, level), np.where(wall, WALL, depth)], axis=-1
    )
    if podium:
        top = -up / PITCH
        on = right**2 + top**2 < PODIUM**2
        points[on] = np.stack([right[on], np.zeros(on.sum()), top[on]], axis=-1)
        front = ~on & (np.abs(right) < PODIUM) & (up < 0) & (up > FLOOR - PITCH * PODIUM)
        points[front, 1], points[front, 2] = up[front], PODIUM
    return points.astype(np.float32)


def ground(to_sun: tuple[float, float, float] = LEFT, *, podium: bool = False) -> Ground:
    return Ground(partial(room, podium=podium), to_sun, GREY, 1.0, 0.0, 0.0, FOOT)


def bottle(wide: int = 120, tall: int = 360) -> tuple[np.ndarray, Box]:
    """A block with a flat base, its foot at FOOT, on grey."""
    rng = np.random.default_rng(5)
    layer = np.zeros((tall, wide, 4), np.uint8)
    layer[..., :3] = rng.integers(0, 255, (tall, wide, 3))
    layer[2:, 4:-4, 3] = 255
    x0, y1 = round(FOOT.x * WIDTH) - wide // 2, round(FOOT.y * HEIGHT)
    return layer, Box(x0, y1 - tall, x0 + wide, y1)


def left_of_light(scene: Ground) -> np.ndarray:
    """Share of light left over the whole page."""
    layer, box = bottle()
    page = np.ones((HEIGHT, WIDTH), np.float32)
    found = light_left(scene, layer, box)
    assert found is not None
    area, left = found
    y0, x0 = max(0, area.y0), max(0, area.x0)
    part = left[y0 - area.y0 :, x0 - area.x0 :][: HEIGHT - y0, : WIDTH - x0]
    page[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part
    return page


def seen_at(x: float, y: float, z: float) -> tuple[int, int]:
    """Row and column where a world point is seen in the room."""
    return round((FOOT.y - y + PITCH * z) * HEIGHT), round((FOOT.x + x * HEIGHT / WIDTH) * WIDTH)


def shadow_of(x: float, y: float, z: float, plane: float) -> tuple[float, float, float]:
    """Where the ray from a point away from the sun on the left meets the wall."""
    way = (z - plane) / LEFT[2]
    return x - way * LEFT[0], y - way * LEFT[1], plane


def test_a_cast_shadow_is_as_long_as_the_light_is_low() -> None:
    page = left_of_light(ground())
    for height, dark in ((0.10, True), (0.33, True), (0.42, False)):
        way = height / LEFT[1]
        row, column = seen_at(-way * LEFT[0], 0.0, -0.025 - way * LEFT[2])
        assert (page[row, column] < 0.8) == dark, height
    # The block is 0.36 high, and its shadow 0.32 deep: it ends before the wall.
    assert page[: seen_at(0, 0, WALL)[0]].min() > 0.97


def test_on_a_near_wall_the_shadow_is_the_products_own_outline() -> None:
    near = Ground(partial(close_room, wall=-0.15), LEFT, GREY, 1.0, 0.0, 0.0, FOOT)
    page = left_of_light(near)
    for height, dark in ((0.25, True), (0.33, True), (0.40, False)):
        across, up, plane = shadow_of(0.0, height, -0.025, -0.15)
        row, column = seen_at(across, up, plane)
        assert (page[row, column] < 0.8) == dark, height
    row, column = seen_at(*shadow_of(-0.3, 0.25, -0.025, -0.15))
    assert page[row, column] > 0.97, "beside the outline there is light"


def close_room(width: int, height: int, *, wall: float) -> np.ndarray:
    points = room(width, height)
    up = FOOT.y - (np.arange(height) + 0.5) / height
    behind = points[..., 2] < wall
    points[..., 1] = np.where(behind, (up + PITCH * wall)[:, None], points[..., 1])
    points[..., 2] = np.maximum(points[..., 2], wall)
    return points


def test_light_from_the_other_side_mirrors_the_shadow() -> None:
    one, other = left_of_light(ground(LEFT)), left_of_light(ground(RIGHT))
    assert np.abs(one - other[:, ::-1]).mean() < 0.004
    middle = WIDTH // 2
    assert one[:, middle + 70 :].min() < 0.8 and one[:, : middle - 140].min() > 0.9


def test_over_the_edge_of_a_podium_the_shadow_drops_to_the_floor() -> None:
    flat, on_podium = left_of_light(ground()), left_of_light(ground(podium=True))
    # The ray that meets the podium's level at 0.28 goes on, and meets the floor further away.
    over = (0.28 * 0.67, 0.0, -0.28 * 0.74)
    further = 0.1 / 0.6428
    row, column = seen_at(over[0] + further * 0.5126, FLOOR, over[2] - further * 0.5693)
    assert on_podium[row, column] < 0.8
    assert flat[seen_at(*over)] < 0.8


def test_edges_are_soft_far_from_the_product_and_crisp_near_it() -> None:
    page = left_of_light(ground())

    def steepest(z: float) -> float:
        row, _ = seen_at(0, 0, z)
        return float(np.abs(np.diff(page[row, WIDTH // 2 + 66 :])).max())

    assert steepest(-0.06) > 1.5 * steepest(-0.27)


def test_the_ground_is_dark_right_under_the_base() -> None:
    layer, box = bottle()
    shade = shade_of(layer, box, Box(0, 0, WIDTH, HEIGHT), direction=(0.3, 0), ground=ground())
    assert shade is not None
    row = shade.left[box.y1 + 2 - shade.area.y0, box.x0 + 20 - shade.area.x0 : box.x1 - 20]
    assert row.mean() < 0.85


def test_what_faces_away_from_the_sun_is_not_darkened_by_it() -> None:
    """A wall whose back is turned to the sun keeps all but its share of the sky."""
    behind = (-0.5126, 0.6428, -0.5693)
    page = left_of_light(ground(behind))
    row, _ = seen_at(0, 0.2, WALL)
    assert page[: row + 40].min() > 0.97


@pytest.mark.parametrize("scene", [None, "geometry"])
def test_the_products_own_pixels_are_copied_exactly(scene: str | None) -> None:
    layer, box = bottle()
    page = np.full((HEIGHT, WIDTH, 3), 180, np.uint8)
    clip = Box(0, 0, WIDTH, HEIGHT)
    shade = shade_of(layer, box, clip, direction=(0.35, -0.08), ground=ground() if scene else None)
    place_product(page, layer, box, shade)
    solid = layer[..., 3] == 255
    shown = page[box.y0 : box.y1, box.x0 : box.x1]
    assert np.array_equal(shown[solid], layer[..., :3][solid])
    assert page.min() < 120 or (page[box.y1 :].min() < 150), "there is a shadow"


def test_a_shadow_keeps_inside_the_frame() -> None:
    layer, box = bottle()
    page = np.full((HEIGHT, WIDTH, 3), 180, np.uint8)
    frame = Box(100, 300, 520, 820)
    shade = shade_of(layer, box, frame, direction=(0.35, -0.08), ground=ground())
    place_product(page, layer, box, shade)
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[frame.y0 : frame.y1, frame.x0 : frame.x1] = False
    assert (page[outside] == 180).all()


def visual(**stand: object) -> KeyVisual:
    made = Provenance("algorithmicMedia", "test", "drawn", "1")
    place = Stand(FOOT, 0.5, 0.5, 0.4, **stand)  # type: ignore[arg-type]
    return KeyVisual("k", np.full((HEIGHT, WIDTH, 3), 180, np.uint8), made, place)


def test_a_picture_made_around_the_product_gets_no_second_shadow() -> None:
    layer, box = bottle()
    clip, lies = Box(0, 0, WIDTH, HEIGHT), (1.0, 0.0, 0.0)
    assert shade_in(visual(fixed=Area(0.4, 0.4, 0.6, 0.8)), layer, box, clip, lies) is None
    plain = shade_in(visual(), layer, box, clip, lies)
    assert isinstance(plain, Shade) and plain.left.min() < 0.7


def block_on_floor(width: int, height: int) -> np.ndarray:
    """World points of a floor and a block at the foot, by a camera 1.8 away and 0.25 up."""
    eye = np.array([0.0, 0.25, 1.8])
    y, x = np.mgrid[0:height, 0:width]
    ray = np.stack([(x - width / 2) / height, (0.6 * height - y) / height - 0.14, 0 * x - 1.8], -1)
    floor = -eye[1] / np.where(ray[..., 1] < -1e-3, ray[..., 1], -1e-3)
    with np.errstate(divide="ignore"):
        near, far = ((np.array(corner) - eye) / ray for corner in ((-0.15, 0, 0), (0.15, 0.3, 0.2)))
    enter = np.minimum(near, far).max(axis=2)
    hit = (enter < np.maximum(near, far).min(axis=2)) & (enter > 0)
    points = eye + ray * np.where(hit, enter, floor)[..., None]
    points[~hit & (ray[..., 1] > -0.06)] = np.nan
    return points.astype(np.float32)


def test_a_set_is_known_to_lie_in_its_own_shadow() -> None:
    """A block hides the sun from the floor beside it, away from the light, and nowhere else."""
    points = block_on_floor(160, 200)
    seen = sun_seen(points, np.array(LEFT, np.float32))

    def at(x: float, z: float) -> float:
        off = np.abs(points - np.array([x, 0, z])).sum(axis=2)
        return float(seen[np.unravel_index(np.nanargmin(off), off.shape)])

    assert at(0.22, 0.1) < 0.5 and at(0.25, 0.0) < 0.5
    assert at(-0.25, 0.1) > 0.9 and at(0.2, 0.5) > 0.9
