"""Pictures painted around a product: inpainting, image-to-image, ControlNet, IP-Adapter, LoRA.

Tiny pipelines with random weights, saved and loaded as real ones are: they paint noise, so what is
tested is everything around the model, above all that the product stays as it is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import poster_cases
import pytest
import tiny_models
from PIL import Image

from contentfab.backends._diffusers_families import FAMILIES
from contentfab.backends._diffusers_tasks import task_for
from contentfab.backends.image_diffusers import DiffusersImageGenerator
from contentfab.errors import InputError, MissingDependency
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.places import Area, Box
from contentfab.rules.labels.signed_claim import model_names, poster_provenance
from contentfab.rules.product.around import (
    edges,
    ground,
    on_canvas,
    paint_mask,
    place,
    silhouette,
)
from contentfab.rules.product.cutout import load_cutout, scale_cutout
from contentfab.stages.picture import picture

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ART = ArtDirection(
    "round podium", "face serum", {"wall": "#F3E9DC", "podium": "#1F4D43"}, "soft light", "calm"
)
SIZES = {"1x1": (120, 120), "4x5": (112, 140), "9x16": (108, 192), "1.91x1": (200, 104)}
SAVERS: dict[str, Callable[[Path], Path]] = {
    "sd": tiny_models.save_stable_diffusion,
    "sdxl": tiny_models.save_stable_diffusion_xl,
    "inpainting": tiny_models.save_inpainting,
    "sd3": tiny_models.save_stable_diffusion_3,
    "flux": tiny_models.save_flux,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder by the name of a model or adapter, made when first asked for."""
    root = tmp_path_factory.mktemp("models")

    def get(name: str) -> Path:
        folder = root / name
        if folder.exists():
            return folder
        kind, _, family = name.partition("-")
        if kind == "controlnet":
            return tiny_models.save_controlnet(folder, xl=family == "sdxl")
        if kind == "ip":
            return tiny_models.save_ip_adapter(get(family), folder)
        if kind == "lora":
            return tiny_models.save_lora(get(family), folder)
        return SAVERS[kind](folder)

    return get


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("products") / "bottle.png"
    poster_cases.draw_product(path)
    return path


def painter(model: Path, **settings: Any) -> DiffusersImageGenerator:
    """A generator; the same one for the same settings, as it keeps nothing of what it painted."""
    given = {"steps": 2, "device": "cpu", "batch_size": 4, "around": "inpaint"} | settings
    return _painter(str(model), tuple(given.items()))


@cache
def _painter(model: str, settings: tuple[tuple[str, Any], ...]) -> DiffusersImageGenerator:
    return DiffusersImageGenerator(model=model, **dict(settings))


def request(product: Path | None, seed: int = 1, size: str = "4x5") -> PictureRequest:
    art = replace(ART, copy_space="left" if size == "1.91x1" else "top")
    return PictureRequest(f"k{seed}-{size}", seed, *SIZES[size], art, product_image=product)


def made_by(generator: DiffusersImageGenerator, *requests: PictureRequest) -> list[KeyVisual]:
    visuals = picture(requests, generator)
    assert all(isinstance(visual, KeyVisual) for visual in visuals), visuals
    return visuals  # type: ignore[return-value]


def box_of(visual: KeyVisual) -> Box:
    assert visual.stand is not None and visual.stand.fixed is not None
    height, width = visual.pixels.shape[:2]
    x0, y0, x1, y1 = visual.stand.fixed
    return Box(round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))


def far(one: KeyVisual, two: KeyVisual) -> int:
    """Largest difference of two pictures."""
    return int(np.abs(one.pixels.astype(int) - two.pixels.astype(int)).max())


def around_the_product(visual: KeyVisual) -> np.ndarray[Any, Any]:
    """The pixels above the product, which the model painted."""
    return visual.pixels[: box_of(visual).y0 - 4]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("around", ["inpaint", "img2img"])
def test_the_product_is_put_back_to_the_pixel_where_the_stand_says(
    made: Callable[[str], Path], product: Path, size: str, around: str
) -> None:
    (visual,) = made_by(painter(made("sd"), around=around), request(product, size=size))
    box = box_of(visual)
    cutout, shape = scale_cutout(product, box.width, box.height), load_cutout(product).shape
    solid = cutout[..., 3] == 255
    seen = visual.pixels[box.y0 : box.y1, box.x0 : box.x1]
    assert solid.sum() > 300
    assert np.array_equal(seen[solid], cutout[..., :3][solid])
    assert box.width / box.height == pytest.approx(shape[1] / shape[0], abs=0.03)
    assert np.std(around_the_product(visual)) > 3  # the model's noise, not our even ground


@pytest.mark.parametrize("family", ["hero", "split", "editorial"])
def test_a_poster_shows_the_product_exactly_there(
    made: Callable[[str], Path], product: Path, tmp_path: Path, family: str
) -> None:
    placement = poster_cases.placement("4x5")
    asked = replace(request(product), width=placement.width, height=placement.height)
    (visual,) = made_by(painter(made("sd")), asked)
    given = poster_cases.request(
        tmp_path,
        family=family,
        key_visual=visual,
        product_image=product,
        text=poster_cases.TEXTS["en-US"],
    )
    (poster,) = poster_cases.layout().render([given])
    box = poster.product_box
    assert box is not None
    if family == "hero":  # shows the whole picture, as large as it was painted
        assert box == box_of(visual)
    cutout = scale_cutout(product, box.width, box.height)
    solid = cutout[..., 3] == 255
    seen = poster.pixels[box.y0 : box.y1, box.x0 : box.x1]
    assert np.array_equal(seen[solid], cutout[..., :3][solid])


def test_what_is_said_of_such_a_picture(made: Callable[[str], Path], product: Path) -> None:
    (visual,) = made_by(painter(made("sd")), request(product))
    provenance = visual.provenance
    assert provenance.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
    assert poster_provenance(provenance, photo=True) == provenance
    assert "photograph of one face serum" in provenance.prompt
    fixed = visual.stand.fixed if visual.stand else None
    assert isinstance(fixed, Area)
    for quiet in visual.quiet:
        assert quiet.y1 <= fixed.y0 or quiet.y0 >= fixed.y1 or quiet.x1 <= fixed.x0


def test_a_request_without_a_product_is_painted_from_text(
    made: Callable[[str], Path], product: Path
) -> None:
    generator = painter(made("sd"))
    plain, around = made_by(generator, request(None), request(product, 2))
    assert plain.stand is None and around.stand is not None
    assert plain.provenance.digital_source_type == "trainedAlgorithmicMedia"
    assert "empty product photography set" in plain.provenance.prompt
    (text,) = made_by(painter(made("sd"), around="none"), request(None))
    assert far(plain, text) <= 1


@pytest.mark.parametrize("family", ["sdxl", "inpainting", "sd3", "flux"])
@pytest.mark.parametrize("around", ["inpaint", "img2img"])
def test_other_families_paint_around_a_product_too(
    made: Callable[[str], Path], product: Path, family: str, around: str
) -> None:
    if (family, around) == ("inpainting", "img2img"):
        with pytest.raises(InputError, match="SD inpainting model cannot") as caught:
            painter(made(family), around=around)
        assert "SDXL" in caught.value.hint
        return
    generator = painter(made(family), around=around, side=64)
    asked = [request(product, 1), request(product, 2), request(None, 3)]
    together = made_by(generator, *asked)
    assert far(together[0], together[1]) > 5
    assert [visual.stand is not None for visual in together] == [True, True, False]
    for one, visual in zip(asked, together, strict=True):
        assert far(made_by(generator, one)[0], visual) <= 2


def test_what_is_kept_from_the_model_is_kept(made: Callable[[str], Path], product: Path) -> None:
    """Before the product is put back: the model painted around it, and left it nearly as it was."""
    generator = painter(made("sd"), steps=3, side=160)
    painted = generator._painter
    tasks = [
        task_for(request(product, n), "x", painted.grid, generator._options, always=False)
        for n in (1, 2)
    ]
    one, two = (canvas.astype(int) for canvas in painted.paint(tasks))
    difference = np.abs(one - two).max(axis=2)
    kept = np.asarray(tasks[0].mask) == 0
    inner = cv2.erode(kept.astype(np.uint8), np.ones((9, 9))) > 0  # the decoder mixes neighbours
    assert inner.sum() > 50
    assert np.median(difference[inner]) <= 2 < 8 < np.median(difference[: kept.nonzero()[0][0] - 8])


@pytest.mark.parametrize(
    ("family", "around", "adapters"),
    [
        ("sd", "inpaint", ("lora", "controlnet", "ip_adapter")),
        ("sdxl", "inpaint", ("lora", "controlnet", "ip_adapter")),
        ("sd", "img2img", ("controlnet", "ip_adapter")),
        ("sdxl", "img2img", ("controlnet",)),
    ],
)
def test_a_controlnet_an_ip_adapter_and_a_lora_each_change_the_picture(
    made: Callable[[str], Path], product: Path, family: str, around: str, adapters: tuple[str, ...]
) -> None:
    model, asked = made(family), [request(product, 1), request(product, 2)]
    base = painter(model, around=around)
    plain = made_by(base, *asked)
    ids = {base.id}
    for setting in adapters:
        kind = setting.partition("_")[0]
        generator = painter(model, around=around, **{setting: str(made(f"{kind}-{family}"))})
        changed = made_by(generator, *asked)
        assert min(map(far, plain, changed)) > 3, setting
        for one, visual in zip(asked, changed, strict=True):
            assert far(made_by(generator, one)[0], visual) <= 2, setting
        (name,) = changed[0].provenance.adapters
        assert name.startswith(f"{kind}-{family}@") and name in generator.id
        assert name in model_names(changed[0].provenance)
        assert str(made(f"{kind}-{family}").parent) not in generator.id
        ids.add(generator.id)
    assert len(ids) == 1 + len(adapters)


def test_all_of_them_together_with_guidance_off(made: Callable[[str], Path], product: Path) -> None:
    given = {
        "controlnet": str(made("controlnet-sd")),
        "ip_adapter": str(made("ip-sd") / "ip-adapter.safetensors"),
        "lora": str(made("lora-sd") / "pytorch_lora_weights.safetensors"),
        "guidance_scale": 0.0,
    }
    generator = painter(made("sd"), **given)
    asked = [request(product, 1), request(None, 2), request(product, 3)]
    together = made_by(generator, *asked)
    assert len(together[0].provenance.adapters) == 3
    for one, visual in zip(asked, together, strict=True):
        assert far(made_by(generator, one)[0], visual) <= 2


def test_control_pictures_and_references_change_the_picture_and_the_id(
    made: Callable[[str], Path], product: Path, tmp_path: Path
) -> None:
    depth, exemplar = tmp_path / "depth.png", tmp_path / "exemplar.png"
    Image.linear_gradient("L").save(depth)
    Image.new("RGB", (64, 64), "#AA3300").save(exemplar)
    net, adapter = str(made("controlnet-sd")), str(made("ip-sd"))
    given: list[dict[str, Any]] = [
        {"controlnet": net},
        {"controlnet": net, "controlnet_image": "mask"},
        {"controlnet": net, "controlnet_image": "depth", "controlnet_depth": str(depth)},
        {"controlnet": net, "controlnet_scale": 0.3},
        {"ip_adapter": adapter},
        {"ip_adapter": adapter, "ip_adapter_image": str(exemplar)},
        {"ip_adapter": adapter, "ip_adapter_scale": 0.2},
        {"strength": 0.5},
    ]
    generators = [painter(made("sd"), **settings) for settings in given]
    visuals = [made_by(generator, request(product))[0] for generator in generators]
    assert len({generator.id for generator in generators}) == len(given)
    assert len({visual.pixels.tobytes() for visual in visuals}) == len(given)
    alone = painter(made("sd"), around="none", **given[5])
    (visual,) = made_by(alone, request(None))
    assert visual.stand is None and visual.provenance.adapters


@pytest.mark.parametrize(
    ("settings", "says", "hint"),
    [
        ({"around": "outpaint"}, r"image\.around: unknown", "inpaint, img2img"),
        ({"strength": 0}, "strength must be in", "1 paints"),
        ({"strength": 0.3}, "leaves no step", "at least 0.5"),
        ({"around": "none", "strength": 0.5}, "without image.around", "inpaint"),
        ({"around": "none", "controlnet": "CN"}, "needs image.around", "inpaint"),
        ({"controlnet": "CN", "controlnet_image": "depth"}, "go together", "canny"),
        ({"controlnet": "CN", "controlnet_image": "pose"}, "unknown 'pose'", "canny, mask"),
        ({"controlnet": "nowhere/"}, r"image\.controlnet: nowhere", "folder"),
        ({"controlnet": "LORA"}, "is no ControlNet", "save_pretrained"),
        ({"around": "none", "ip_adapter": "IP"}, "needs image.around", "exemplars"),
        ({"ip_adapter": "IP", "ip_adapter_image": "no.png"}, "no.png is not there", "picture"),
        ({"ip_adapter": "LORA"}, "no image_encoder folder", "beside|both"),
        ({"ip_adapter": "org/name"}, "is not on this machine", "models pull org/name"),
        ({"lora": "EMPTY"}, r"holds no \.safetensors", ""),
        ({"lora": "TWO"}, r"holds 2 \.safetensors", "a.safetensors, b.safetensors"),
        ({"lora": "PICKLE"}, r"is no \.safetensors", "may hold code"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_loaded(
    made: Callable[[str], Path],
    tmp_path: Path,
    settings: dict[str, Any],
    says: str,
    hint: str,
) -> None:
    for name in ("empty", "two"):
        (tmp_path / name).mkdir()
    for name in ("two/a.safetensors", "two/b.safetensors", "pickle.bin"):
        (tmp_path / name).write_bytes(b"")
    names = {
        "CN": made("controlnet-sd"), "IP": made("ip-sd"), "LORA": made("lora-sd"),
        "EMPTY": tmp_path / "empty", "TWO": tmp_path / "two", "PICKLE": tmp_path / "pickle.bin",
    }  # fmt: skip
    given = {k: str(names.get(v, v)) if isinstance(v, str) else v for k, v in settings.items()}
    with pytest.raises((InputError, MissingDependency), match=says) as caught:
        painter(made("sd"), **given)
    assert any(part in caught.value.hint for part in hint.split("|"))


def test_adapters_for_another_model_are_refused(made: Callable[[str], Path], product: Path) -> None:
    for setting, folder in (("controlnet", "controlnet-sdxl"), ("ip_adapter", "ip-sdxl")):
        generator = painter(made("sd"), **{setting: str(made(folder))})
        with pytest.raises(InputError, match=rf"image\.{setting}"):
            generator.generate([request(product)])
    with pytest.raises(InputError, match="SD3 model cannot") as caught:
        painter(made("sd3"), controlnet=str(made("controlnet-sd")))
    assert "SDXL" in caught.value.hint
    with pytest.raises(InputError, match="paints around a product only"):
        painter(made("inpainting"), around="none")


def test_a_lora_needs_peft(made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    lora = str(made("lora-sd"))
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingDependency, match="peft") as caught:
        DiffusersImageGenerator(model=str(made("sd")), lora=lora)
    assert caught.value.hint == "pip install peft"


def test_weights_are_shared_and_loaded_once(
    made: Callable[[str], Path], product: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import DiffusionPipeline

    loads = []
    real = DiffusionPipeline.from_pretrained.__func__

    def counted(cls: Any, *given: Any, **options: Any) -> Any:
        loads.append(given)
        return real(cls, *given, **options)

    monkeypatch.setattr(DiffusionPipeline, "from_pretrained", classmethod(counted))
    generator = DiffusersImageGenerator(model=str(made("sd")), steps=2, around="inpaint")
    assert loads == []  # a plan, and a run with nothing to do, need the id alone
    made_by(generator, request(product), request(None, 2))
    assert len(loads) == 1
    loaded = generator._painter
    assert loaded._from_text.unet is loaded._around.unet
    assert loaded._from_text.vae is loaded._around.vae


@pytest.mark.parametrize("name", FAMILIES)
def test_the_table_of_families_says_what_diffusers_can_do(name: str) -> None:
    import diffusers
    from diffusers.pipelines import auto_pipeline

    family, base = FAMILIES[name], getattr(diffusers, name)
    tables = {
        "inpaint": auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING,
        "img2img": auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING,
    }
    for task in family.around:
        made = auto_pipeline._get_task_class(tables[task], name)
        takes = inspect.signature(made.__call__).parameters
        assert {"image", "strength", "generator"} <= set(takes)
        assert ("mask_image" in takes) == (task == "inpaint")
        if family.controlnet:
            with_net = [c for c in tables[task].values() if _adds_controlnet(c, made)]
            assert with_net and all("control_image" in _takes(c) for c in with_net)
        if family.ip_adapter:
            assert "ip_adapter_image_embeds" in takes
            assert hasattr(made, "prepare_ip_adapter_image_embeds")
    assert not family.lora or hasattr(base, "load_lora_weights")


def _takes(pipeline: type) -> set[str]:
    return set(inspect.signature(pipeline.__call__).parameters)


def _adds_controlnet(candidate: type, base: type) -> bool:
    plain = base.__name__.replace("Inpaint", "").replace("Img2Img", "").replace("Pipeline", "")
    return candidate.__name__.startswith(f"{plain}ControlNet") and "PAG" not in candidate.__name__


@pytest.mark.parametrize("size", [(1080, 1080), (1080, 1350), (1080, 1920), (1200, 628)])
@pytest.mark.parametrize("aspect", [0.3, 1.0, 2.6])
def test_every_product_is_placed_inside_and_leaves_room_for_copy(
    size: tuple[int, int], aspect: float
) -> None:
    width, height = size
    space = "left" if width > height else "top"
    box = place(aspect, width, height, space)
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    assert box.width / box.height == pytest.approx(aspect, rel=0.02)
    free = box.x0 / width if space == "left" else box.y0 / height
    assert free >= 0.38
    # The canvas that is painted has another size; the product lies on the same part of it.
    on = on_canvas(box, size, (768, 1024) if height > width else (1024, 1024))
    assert on.width / on.height == pytest.approx(aspect, rel=0.03)


def test_the_mask_keeps_only_cells_that_the_product_fills(product: Path) -> None:
    box, size = Box(41, 30, 90, 134), (128, 160)
    mask, alpha = paint_mask(product, box, size, 8), silhouette(product, box, size)
    kept = mask == 0
    assert kept.any() and (alpha[kept] >= 250).all()
    assert np.array_equal(kept, np.repeat(np.repeat(kept[::8, ::8], 8, axis=0), 8, axis=1))
    assert kept.sum() > 0.5 * (alpha >= 250).sum()
    thin = paint_mask(product, Box(50, 20, 57, 35), size, 8)
    assert (thin == 0).any()  # no cell is filled: its own pixels are kept
    assert (paint_mask(None, box, size, 8) == 255).all()


def test_edges_are_the_products_own_and_the_ground_is_the_brands(product: Path) -> None:
    box, size = Box(40, 30, 90, 137), (128, 160)
    drawn = edges(product, box, size)
    assert set(np.unique(drawn)) == {0, 255}
    outside = drawn.copy()
    outside[box.y0 - 2 : box.y1 + 2, box.x0 - 2 : box.x1 + 2] = 0
    assert outside.max() == 0 and (drawn > 0).sum() > 200
    set_ = ground(size, box, {"wall": "#F3E9DC", "podium": "#1F4D43"})
    assert set_[:, 0].astype(int)[0, 0] > 230 and set_[-1, 0, 1] < 110
