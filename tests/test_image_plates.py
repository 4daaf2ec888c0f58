"""The plates backend: same request same bytes, sizes, what it says about its pictures, colours,
light and depth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from contentfab.backends import _plates_store as store
from contentfab.backends._plates_palette import SCENE_ROLES, scene_colours
from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.errors import InputError
from contentfab.protocols import ImageGenerator
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest, ProductShape
from contentfab.records.places import Area
from contentfab.rules.pixels import colour
from contentfab.rules.pixels.scene_depth import FOLDER, world_points
from contentfab.stages.picture import blank

HONEY = {"wall": "#F2B84B", "podium": "#FFF4DC", "accent": "#E0633A"}
PALETTES = (
    HONEY,
    {"wall": "#14213D", "podium": "#24406F", "accent": "#FC5A2A"},
    {"wall": "#FFFFFF", "podium": "#F2F2F2", "accent": "#111111"},
    {"wall": "#101010", "podium": "#1C1C1C", "accent": "#C9A227"},
    {"wall": "#E4002B", "podium": "#FFFFFF", "accent": "#FFB81C"},
    {"wall": "#0F5C4A", "podium": "#E8DCC4", "accent": "#D98E4A"},
    {"wall": "#C9B6F2", "podium": "#F7F0FF", "accent": "#5B2BD9"},
)
STUDIO = [s.name for s in scene_names() if s.kind == "studio"]
DRAWN = [s.name for s in scene_names() if s.kind == "drawn"]
ASPECTS = ((324, 405), (324, 324), (324, 576), (480, 251))
BANNERS = ((300, 250), (728, 90), (160, 600))


@pytest.fixture(scope="module")
def generator() -> PlatesImageGenerator:
    return PlatesImageGenerator()


def ask(scene: str, size: tuple[int, int] = (324, 405), seed: int = 7, **art: object):
    direction = ArtDirection(scene, "bottle", HONEY)
    product = art.pop("product", None)
    direction = replace(direction, **art)  # type: ignore[arg-type]
    return PictureRequest(f"key-{scene}", seed, *size, direction, product)  # type: ignore[arg-type]


def picture(generator: PlatesImageGenerator, *args: object, **art: object) -> KeyVisual:
    return generator.generate([ask(*args, **art)])[0]  # type: ignore[arg-type]


def test_enough_scenes_each_set_in_four_aspects() -> None:
    assert len(STUDIO) >= 10
    assert len(DRAWN) >= 6
    assert len({s.name for s in scene_names()}) == len(scene_names())
    assert all(len(s.words) > 20 for s in scene_names())
    for name in STUDIO:
        aspects = {p.aspect for p in store.plates() if p.set == name}
        assert aspects == {"4x5", "1x1", "9x16", "191x100"}


def test_package_data_is_small_and_whole() -> None:
    files = [f for f in FOLDER.iterdir() if f.is_file()]
    assert sum(f.stat().st_size for f in files) <= 14_000_000
    named = {"plates.json"}
    for plate in store.plates():
        named |= {plate.ids_file, *(light.file for light in plate.lights.values())}
        named |= {f"{plate.name}.places.png"} if plate.has_places else set()
    assert {f.name for f in files} == named


def test_is_an_image_generator_that_names_its_data(generator: PlatesImageGenerator) -> None:
    assert isinstance(generator, ImageGenerator)
    assert store.revision() in generator.id


def test_same_request_same_bytes_in_any_batch_and_on_any_threads(
    generator: PlatesImageGenerator,
) -> None:
    requests = [ask("disc"), ask("niche"), ask("confetti"), ask("gradient")]
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = [generator.generate([r])[0] for r in reversed(requests)][::-1]
        cv2.setNumThreads(3)
        together = generator.generate(requests)
    finally:
        cv2.setNumThreads(before)
    for one, other, request in zip(alone, together, requests, strict=True):
        assert one.key == other.key == request.key
        assert np.array_equal(one.pixels, other.pixels)


def test_seed_matters(generator: PlatesImageGenerator) -> None:
    first, second = (picture(generator, "confetti", (324, 405), seed) for seed in (1, 2))
    assert not np.array_equal(first.pixels, second.pixels)


@pytest.mark.parametrize("scene", ["disc", "water", "waves"])
@pytest.mark.parametrize(
    "size", [(333, 777), (777, 333), (160, 600), (728, 90), (301, 402), (640, 360), (1501, 1999)]
)
def test_any_size_keeps_the_product_in_the_picture(
    generator: PlatesImageGenerator, scene: str, size: tuple[int, int]
) -> None:
    visual = picture(generator, scene, size)
    assert visual.pixels.shape == (size[1], size[0], 3)
    assert visual.pixels.dtype == np.uint8
    check_stand(visual)


@pytest.mark.parametrize("scene", STUDIO + DRAWN)
@pytest.mark.parametrize("size", ASPECTS)
def test_what_it_says_of_every_picture_is_so(
    generator: PlatesImageGenerator, scene: str, size: tuple[int, int]
) -> None:
    visual = picture(generator, scene, size)
    assert visual.scene == scene
    assert not blank(visual.pixels)
    check_stand(visual)
    assert visual.quiet
    for area in visual.quiet[:1]:
        assert 0 <= area.x0 < area.x1 <= 1 and 0 <= area.y0 < area.y1 <= 1
        # Light thrown on the wall (the slats of a blind) leaves little that is quite calm.
        assert (area.x1 - area.x0) * (area.y1 - area.y0) > 0.04
        assert busy_share(visual.pixels, area) < 0.01
    provenance = visual.provenance
    assert provenance.digital_source_type == "algorithmicMedia" and not provenance.uses_ai


def test_nearly_every_plate_leaves_a_large_calm_area() -> None:
    largest = [max((a.x1 - a.x0) * (a.y1 - a.y0) for a in p.quiet) for p in store.plates()]
    assert sum(area > 0.12 for area in largest) >= 0.9 * len(largest)


def check_stand(visual: KeyVisual) -> None:
    stand = visual.stand
    assert stand is not None
    assert 0.2 < stand.foot.x < 0.8 and 0.4 < stand.foot.y < 0.98
    assert 0 < stand.foot_width <= 1 and 0 < stand.max_height < stand.foot.y
    assert stand.foot.x - stand.max_width / 2 >= -0.001
    assert stand.foot.x + stand.max_width / 2 <= 1.001
    assert stand.shadow[1] < 0  # light comes from before the product


def busy_share(pixels: np.ndarray, area: Area) -> float:
    """Share of pixels at an edge of more than 12 levels, of a calm area."""
    height, width = pixels.shape[:2]
    part = pixels[
        round(area.y0 * height) : round(area.y1 * height),
        round(area.x0 * width) : round(area.x1 * width),
    ]
    grey = cv2.GaussianBlur(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32), (3, 3), 0)
    steps = [cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx, scale=0.125) for dx in (1, 0)]
    return float((cv2.magnitude(*steps) > 6).mean())


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p["wall"])
def test_a_lit_wall_has_the_colour_that_was_asked(
    generator: PlatesImageGenerator, palette: dict[str, str]
) -> None:
    every = PALETTES.index(palette)
    for scene in (*STUDIO[every::7], "waves", "confetti"):
        visual = picture(generator, scene, palette=palette)
        area, (height, width) = visual.quiet[0], visual.pixels.shape[:2]
        part = visual.pixels[
            round(area.y0 * height) : round(area.y1 * height),
            round(area.x0 * width) : round(area.x1 * width),
        ]
        seen = colour.srgb_to_lab(np.median(part.reshape(-1, 3), axis=0))
        asked = colour.srgb_to_lab(np.array(colour.hex_to_rgb(palette["wall"])))
        assert colour.delta_e(seen, asked) <= 6, scene


@pytest.mark.parametrize("seed", range(4))
def test_roles_never_melt_into_each_other(seed: int) -> None:
    palettes = (
        *PALETTES,
        {"wall": "#FFFFFF", "podium": "#FFFFFF", "accent": "#FFFFFF"},
        {"wall": "#000000", "podium": "#000000", "accent": "#000000"},
        {"background": "#F5EFE6", "primary": "#1F3D36", "accent": "#E2703A", "text": "#111111"},
        {"primary": "#C8102E"},
        {},
    )
    for palette in palettes:
        roles = scene_colours(palette, seed)
        assert tuple(roles) == SCENE_ROLES
        lab = {r: colour.srgb_to_lab(np.array(colour.hex_to_rgb(v))) for r, v in roles.items()}
        for one, other in (("wall", "podium"), ("wall", "accent"), ("podium", "accent")):
            assert colour.delta_e(lab[one], lab[other]) > 5, (palette, roles)
        if "wall" in palette:
            assert roles["wall"] == palette["wall"]


@pytest.mark.parametrize(
    ("words", "scene"),
    [
        ("podium", "disc"),
        ("window light", "window"),
        ("Leaf Shadow", "leaf"),
        ("plinths", "plinths"),
        ("soft palm shadows on a wall", "leaf"),
        ("a staircase", "steps"),
        ("paper cut layers", "paper"),
        ("晨光里的窗", "window"),
        ("水面", "water"),
        ("mesh gradient", "gradient"),
    ],
)
def test_scene_is_found_by_name_or_words(
    generator: PlatesImageGenerator, words: str, scene: str
) -> None:
    assert picture(generator, words, (64, 80)).scene == scene


def test_words_that_fit_nothing_leave_the_set_to_the_seed(generator: PlatesImageGenerator) -> None:
    found = {picture(generator, "zzz", (64, 80), seed).scene for seed in range(16)}
    assert len(found) > 6 and found <= set(STUDIO)


@pytest.mark.parametrize("size", ASPECTS)
def test_light_falls_as_it_does_on_the_product(
    generator: PlatesImageGenerator, size: tuple[int, int]
) -> None:
    def lit(side: str, **art: object) -> KeyVisual:
        return picture(generator, "disc", size, product=ProductShape("square", side), **art)

    left, right = lit("left"), lit("right")
    assert left.stand and right.stand and left.geometry and right.geometry
    assert np.array_equal(left.pixels[:, ::-1], right.pixels)
    assert left.geometry.to_sun[0] < 0 < right.geometry.to_sun[0]
    assert left.stand.shadow[0] > 0 > right.stand.shadow[0]
    assert right.stand.foot.x == pytest.approx(1 - left.stand.foot.x)
    # The product cannot be turned, so its side goes before words.
    turned = lit("right", light="hard light from the left")
    assert turned.geometry == right.geometry


def test_words_turn_the_light_where_the_product_leaves_it_open(
    generator: PlatesImageGenerator,
) -> None:
    for words, sign in (("soft light from the right", 1), ("sun from the left", -1)):
        geometry = picture(generator, "disc", (64, 80), light=words).geometry
        assert geometry is not None and np.sign(geometry.to_sun[0]) == sign
    before = picture(generator, "disc", (64, 80))
    assert before.geometry is not None and not before.geometry.mirrored


def test_front_light_is_another_light_on_the_same_set(generator: PlatesImageGenerator) -> None:
    assert all(set(plate.lights) == {"side", "front"} for plate in store.plates())
    name = STUDIO[0]
    side, front = (
        picture(generator, name, light=words, seed=4) for words in ("from the left", "even softbox")
    )
    assert side.geometry and front.geometry and front.scene == side.scene
    assert abs(front.geometry.to_sun[0]) < 0.2 < abs(side.geometry.to_sun[0])
    assert not np.array_equal(side.pixels, front.pixels)


@pytest.mark.parametrize("scene", ["zzz", "podium", "disc", "stone", "quiet shadows"])
@pytest.mark.parametrize("product", [None, *(ProductShape("wide", s) for s in ("left", "right"))])
def test_one_idea_in_every_size(
    generator: PlatesImageGenerator, scene: str, product: ProductShape | None
) -> None:
    looks = set()
    for size in ((108, 135), (108, 108), (108, 192), (120, 63), (60, 50), (146, 32), (40, 150)):
        for side in ("top", "left"):
            visual = picture(generator, scene, size, copy_space=side, product=product)
            turned = visual.geometry is not None and visual.geometry.mirrored
            colours = visual.provenance.prompt
            looks.add((visual.scene, turned, colours))
    assert len(looks) == 1


def test_a_wide_product_gets_a_broad_stand(generator: PlatesImageGenerator) -> None:
    def width(silhouette: str) -> float:
        shape = ProductShape(silhouette, "left")
        feet = [
            picture(generator, "zzz", (64, 80), seed, product=shape).stand for seed in range(12)
        ]
        return min(stand.foot_width for stand in feet if stand)

    assert width("wide") > width("tall")


@pytest.mark.parametrize("size", BANNERS)
def test_banners_are_cut_around_the_stand(
    generator: PlatesImageGenerator, size: tuple[int, int]
) -> None:
    width, height = size
    for scene in STUDIO[BANNERS.index(size) :: 3]:
        visual = picture(generator, scene, size)
        check_stand(visual)
        assert visual.stand and visual.quiet, scene
        # Room for a product of its own shape that fills half of the shorter side.
        stand = visual.stand
        assert stand.max_height * height >= 0.5 * min(size), scene
        assert stand.max_width * width >= 0.5 * min(size), scene
        largest = max(visual.quiet, key=lambda a: (a.x1 - a.x0) * (a.y1 - a.y0))
        assert (largest.x1 - largest.x0) * (largest.y1 - largest.y0) > 0.04, scene


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", ASPECTS)
def test_depth_is_where_the_set_is(
    generator: PlatesImageGenerator, size: tuple[int, int], mirrored: bool
) -> None:
    width, height = size
    first = (ASPECTS.index(size) + mirrored) % 4
    for scene in STUDIO[first::4]:
        shape = ProductShape("square", "right" if mirrored else "left")
        visual = picture(generator, scene, size, product=shape)
        assert visual.geometry is not None and visual.geometry.mirrored == mirrored
        assert np.linalg.norm(visual.geometry.to_sun) == pytest.approx(1, abs=0.001)
        points = world_points(visual.geometry, width, height)
        assert points.shape == (height, width, 3) and points.dtype == np.float32
        assert visual.stand is not None
        foot = visual.stand.foot
        # A little before the foot, on the stand's top: the foot itself may be an edge of a prop.
        row, column = int(foot.y * height), int(foot.x * width)
        at_foot = np.nanmedian(points[row - 1 : row + 3, column - 2 : column + 3], axis=(0, 1))
        assert np.abs(at_foot).max() < 0.04, (scene, at_foot)
        assert abs(points[row + 2, column, 1]) < 0.015, scene  # the stand's top is level
        # x runs to the right whatever was mirrored, and what is higher up is farther or higher.
        line = points[row + 2, :, 0]
        assert np.nanmedian(np.diff(line)) > 0
        above = points[round(0.3 * height), column]
        assert np.isnan(above).any() or above[1] > 0.1 or above[2] < -0.1, scene


def test_depth_is_that_of_the_built_set(generator: PlatesImageGenerator) -> None:
    # `disc` in training/plates: wall 3 units behind the foot, floor 0.4 below it, the disc's front
    # 1.95 - 0.28 behind; a 4:5 picture is 7.6 units high at the foot.
    geometry = picture(generator, "disc").geometry
    assert geometry is not None
    points = world_points(geometry, 324, 405) * 7.6
    assert points[20, 30, 2] == pytest.approx(-3.0, abs=0.06)
    assert points[20, 300, 2] == pytest.approx(-3.0, abs=0.06)
    assert points[400, 10, 1] == pytest.approx(-0.4, abs=0.03)
    assert points[400, 310, 1] == pytest.approx(-0.4, abs=0.03)
    disc = points[240, 166]
    assert disc[1] == pytest.approx(1.5, abs=0.3)
    assert -2.1 < disc[2] < -1.6


def test_depth_of_a_mirrored_picture_is_the_mirrored_depth(
    generator: PlatesImageGenerator,
) -> None:
    left, right = (
        picture(generator, "steps", product=ProductShape("square", side)).geometry
        for side in ("left", "right")
    )
    assert left is not None and right is not None
    one, other = world_points(left, 90, 112), world_points(right, 90, 112)
    assert np.allclose(one[:, ::-1] * (-1, 1, 1), other, atol=1e-5, equal_nan=True)


def test_a_lens_blurs_what_is_far_and_leaves_the_stand(generator: PlatesImageGenerator) -> None:
    sharp = picture(generator, "steps").pixels
    lens = PlatesImageGenerator(depth_of_field=1.0)
    soft = picture(lens, "steps")
    assert soft.stand is not None and lens.id != generator.id
    changed = cv2.absdiff(sharp, soft.pixels).max(axis=2)
    row, column = (round(v * s) for v, s in zip((soft.stand.foot.y, 0.5), (405, 324), strict=True))
    assert changed[row - 3 : row + 4, column - 20 : column + 20].max() <= 1
    assert changed.max() > 12
    asked = picture(generator, "steps", light="shallow depth of field").pixels
    assert not np.array_equal(asked, sharp)


def test_grain_is_fine_even_and_from_the_seed(generator: PlatesImageGenerator) -> None:
    clean = picture(generator, "disc").pixels.astype(np.int16)
    film = PlatesImageGenerator(grain=1.0)
    grainy = picture(film, "disc").pixels
    assert np.array_equal(grainy, picture(film, "disc").pixels)
    noise = (grainy - clean)[..., 1]
    assert 1.5 < noise.std() < 9 and abs(noise.mean()) < 0.5
    assert not np.array_equal(picture(generator, "disc", mood="film grain").pixels, clean)


@pytest.mark.parametrize("options", [{"grain": -0.1}, {"depth_of_field": 1.5}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"is (-0\.1|1\.5)"):
        PlatesImageGenerator(**options)


def test_copy_space_brings_its_side_first(generator: PlatesImageGenerator) -> None:
    wide = picture(generator, "niche", (480, 251), copy_space="left").quiet[0]
    assert wide.x0 + wide.x1 < 1
    tall = picture(generator, "niche", (324, 405), copy_space="top").quiet[0]
    assert tall.y0 + tall.y1 < 1


def test_bad_requests_are_refused_with_a_way_out(generator: PlatesImageGenerator) -> None:
    with pytest.raises(InputError, match="out of range") as size:
        picture(generator, "disc", (8, 400))
    assert size.value.hint
    with pytest.raises(InputError, match="RRGGBB"):
        picture(generator, "disc", palette={"wall": "red"})
