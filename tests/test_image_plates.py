"""The plates backend: same request same bytes, sizes, what it says about its pictures, colours."""

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
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.places import Area
from contentfab.rules import colour
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


@pytest.fixture(scope="module")
def generator() -> PlatesImageGenerator:
    return PlatesImageGenerator()


def ask(scene: str, size: tuple[int, int] = (324, 405), seed: int = 7, **art: object):
    direction = ArtDirection(scene, "bottle", HONEY)
    return PictureRequest(f"key-{scene}", seed, *size, replace(direction, **art))  # type: ignore[arg-type]


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
    files = [f for f in store.FOLDER.iterdir() if f.is_file()]
    assert sum(f.stat().st_size for f in files) <= 3_000_000
    named = {f for p in store.plates() for f in (p.shade_file, p.ids_file)} | {"plates.json"}
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
        assert (area.x1 - area.x0) * (area.y1 - area.y0) > 0.12
        assert busy_share(visual.pixels, area) < 0.01
    provenance = visual.provenance
    assert provenance.digital_source_type == "algorithmicMedia" and not provenance.uses_ai


def check_stand(visual: KeyVisual) -> None:
    stand = visual.stand
    assert stand is not None
    assert 0.2 < stand.foot.x < 0.8 and 0.4 < stand.foot.y < 0.98
    assert 0 < stand.foot_width <= 1 and 0 < stand.max_height < stand.foot.y
    assert stand.foot.x - stand.max_width / 2 >= -0.001
    assert stand.foot.x + stand.max_width / 2 <= 1.001
    assert stand.shadow[0] > 0 > stand.shadow[1]  # light comes from the left front


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
    for scene in (*STUDIO, "waves", "confetti"):
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
    found = {picture(generator, "zzz", (64, 80), seed).scene for seed in range(40)}
    assert len(found) > 6 and found <= set(STUDIO)


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
