"""How mini-sd is trained, at toy size: data that match the plates, stages that repeat and resume,
and a folder that the diffusers backend loads and paints with. The weights it makes are noise."""

# ruff: noqa: E402
from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
sys.path.append(str(Path(__file__).parent.parent))

from contentfab.backends import _plates_drawn
from contentfab.backends._plates_sheet import Sheet
from contentfab.backends.image_diffusers import DiffusersImageGenerator
from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.errors import InputError
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest
from contentfab.rules.image_prompts import ImagePrompts
from contentfab.rules.pixels.colour import delta_e, linear_to_srgb, srgb_to_lab
from training.sd import (
    captions,
    data,
    distil,
    drawn,
    loop,
    make,
    palettes,
    parcel,
    plates,
    text,
    unet,
)
from training.sd.plan import SEED, TINY

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PALETTE = {"wall": "#F3E9DC", "podium": "#1F4D43", "accent": "#C8553D", "prop": "#D8B24A"}


@pytest.fixture(scope="module")
def world() -> data.World:
    return data.World(TINY, SEED, "cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages, run once; with one strength of guidance to choose from, so that the student has
    something to learn."""
    out = tmp_path_factory.mktemp("sd")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distil, "STRENGTHS", (2.0,))
        assert make.make(TINY, out, "cpu")
    assert json.loads((out / "distil.json").read_text())["steps"] == TINY.steps["distil"]
    return out


def levels(picture: Any) -> np.ndarray:
    return ((picture + 1) * 127.5).permute(1, 2, 0).numpy()


@pytest.mark.parametrize(("light", "flip"), [("light from the left", 0), ("softbox", 0)])
def test_a_relit_plate_is_the_plates_backends_own_picture(light: str, flip: int) -> None:
    (bucket, *_) = plates.load(96, 32, 1, "cpu", margin=1.0)
    art = ArtDirection(bucket.sets[0], "", PALETTE, light)
    (asked,) = PlatesImageGenerator().generate([PictureRequest("k", flip, 96, 96, art)])
    kind = 0 if "left" in light else 1
    palette = torch.tensor([[int(v[i : i + 2], 16) / 255 for i in (1, 3, 5)]
                            for v in PALETTE.values()])[None]  # fmt: skip
    albedo = plates.albedo(palette, bucket.lit[:1, kind])
    weights = bucket.weights[:1].float() / 255
    found = plates.tone(plates.relight(bucket.light[:1, kind : kind + 1].float(), weights, albedo))
    off = delta_e(srgb_to_lab(found[0].permute(1, 2, 0).numpy()), srgb_to_lab(asked.pixels))
    assert off.mean() < 0.5
    assert np.quantile(off, 0.99) < 2


@pytest.mark.parametrize("name", [n for n in drawn.SCENES if n not in ("bokeh", "confetti")])
def test_a_drawn_scene_is_the_plates_backends_own(name: str) -> None:
    width, height = 96, 120
    bank = palettes.draw(4, 1)
    linear = plates.to_linear(torch.from_numpy(bank.levels[:1].astype(np.float32) / 255))
    colours = {role: linear[:, i, :, None, None] for i, role in enumerate(data.ROLES)}
    ours = drawn.SCENES[name](drawn.Sheet(width, height, colours, np.random.default_rng(5)))
    plain = {role: value[0, :, 0, 0].numpy() for role, value in colours.items()}
    theirs = _plates_drawn.draw(name, Sheet(width, height, plain, np.random.default_rng(5)))
    one = srgb_to_lab(linear_to_srgb(ours[0].permute(1, 2, 0).numpy()))
    off = delta_e(one, srgb_to_lab(linear_to_srgb(theirs)))
    assert off.mean() < 0.6


def test_confetti_and_lights_keep_off_the_calm_area() -> None:
    linear = torch.tensor([[[0.8] * 3, [0.1, 0.1, 0.5], [0.6, 0.1, 0.1], [0.1, 0.5, 0.1]]])
    colours = {role: linear[:, i, :, None, None] for i, role in enumerate(data.ROLES)}
    for name in ("confetti", "bokeh"):
        sheet = drawn.Sheet(96, 96, colours, np.random.default_rng(1))
        picture = drawn.SCENES[name](sheet)[0].mean(0)
        (area,) = sheet.like.quiet()
        calm = picture[int(area.y0 * 96) : int(area.y1 * 96), 6:90]
        assert calm.std() < 0.5 * picture.std()


def test_every_set_palette_and_step_is_drawn_from_the_seed(world: data.World) -> None:
    one, same = (world.batch(12, 0, np.random.default_rng(4)) for _ in range(2))
    other = world.batch(12, 0, np.random.default_rng(5))
    assert torch.equal(one.pictures, same.pictures) and one.facts == same.facts
    assert not torch.equal(one.pictures, other.pictures)
    assert one.pictures.shape == (12, 3, 32, 32) and one.pictures.abs().max() <= 1
    for (role, place), least in palettes.APART.items():
        labs = world.palettes.labs
        ours = delta_e(labs[:, data.ROLES.index(role)], labs[:, data.ROLES.index(place)])
        assert ours.min() >= least - 0.01


class First(random.Random):
    """Dice that always fall on the first."""

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def random(self) -> float:
        return 0.99


def test_captions_are_worded_as_contentfab_asks() -> None:
    colours = {
        "wall": ("cream", "#f3e9d2"),
        "podium": ("teal", "#1e7f82"),
        "accent": ("rust", "#a4471f"),
    }
    facts = captions.Facts("arch", colours, "left", "bright", "top")
    art = ArtDirection(
        captions.phrases("arch")[0], "tin", {role: code for role, (_, code) in colours.items()},
        captions.NEUTRAL_LIGHTS[0], captions.MOOD_WORDS[0], "top",
    )  # fmt: skip
    asked = ImagePrompts(None).positive(art)
    assert captions.prompt(facts, First(), coded=False) == asked
    assert "teal #1e7f82 podium" in captions.prompt(facts, First(), coded=True)
    dropped = sum(captions.caption(facts, random.Random(n)) == "" for n in range(1000))
    assert 70 < dropped < 130


def test_tokens_are_the_pipelines_own_and_brand_prompts_fit(made: Path) -> None:
    tokenizer = text.CLIPTokenizer.from_pretrained(made / "tokenizer")
    encode = text.Encoder(tokenizer)
    prompts = ["", "Arch, teal #1e7f82 wall, été", "steps, navy blue wall"]
    own = tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    assert torch.equal(encode(prompts, "cpu"), own)


def test_noise_ends_in_noise_and_counts_there() -> None:
    noiser = unet.Noiser("cpu")
    assert noiser.signal[-1] < 1e-3
    assert noiser.weight[-1] == pytest.approx(1, abs=1e-3) and noiser.weight[0] < 0.05


def test_the_folder_paints_through_the_diffusers_backend(made: Path) -> None:
    folder = made / "mini-sd"
    generator = DiffusersImageGenerator(model=str(folder), device="cpu")
    art = ArtDirection("arch", "tin", PALETTE, "soft daylight", "calm")
    (visual,) = generator.generate([PictureRequest("k", 3, 48, 60, art)])
    assert visual.pixels.shape == (60, 48, 3)
    told = visual.provenance
    assert (told.steps, told.guidance_scale) == (TINY.sampling_steps, 1.0)
    settings = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    assert told.scheduler == settings["_class_name"]
    assert settings["prediction_type"] == "v_prediction" and settings["rescale_betas_zero_snr"]
    weights = list(folder.rglob("*.safetensors"))
    assert weights and all(path.stat().st_size < 16e6 for path in weights)
    coded = ImagePrompts(folder).positive(art)
    assert "#1f4d43 podium" in coded
    assert json.loads((made / "figures.json").read_text())["vae"]["psnr"] > 5
    assert (made / "sheet.jpg").is_file() and (made / "beside.jpg").is_file()


def test_a_model_that_asks_for_no_steps_is_refused(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(made / "mini-sd", folder)
    (folder / "painting.json").write_text('{"steps": 0, "guidance_scale": 1.0}')
    with pytest.raises(InputError, match=r"painting\.json"):
        DiffusersImageGenerator(model=str(folder), device="cpu")


def test_a_stopped_run_goes_on_to_the_same_weights(made: Path, tmp_path: Path) -> None:
    assert not make.make(TINY, tmp_path, "cpu", until="vae", seconds=1e-6)
    assert torch.load(tmp_path / "vae.pt", weights_only=True)["step"] == 1
    assert make.make(TINY, tmp_path, "cpu", until="vae")
    for name in ("vae/diffusion_pytorch_model", "text_encoder/model"):
        one, two = (path / f"{name}.safetensors" for path in (made, tmp_path))
        assert one.read_bytes() == two.read_bytes()


def test_a_parcel_brings_the_work_home(made: Path, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    parcel.pack(made, sent)
    parcel.unpack(sent, tmp_path / "home")
    for path in (made / "mini-sd").rglob("*"):
        if path.is_file():
            assert (tmp_path / "home" / path.relative_to(made)).read_bytes() == path.read_bytes()
    assert make.make(TINY, tmp_path / "home", "cpu")  # nothing is left to do


def test_training_goes_on_from_a_parcel_of_half_a_run(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "half"
    names = [p for p in made.iterdir() if p.name in ("tokenizer", "text_encoder", "vae")]
    out.mkdir()
    for path in names:
        shutil.copytree(path, out / path.name)
    for stage in ("text", "vae"):
        (out / f"{stage}.json").write_text("{}")
    assert not make.make(TINY, out, "cpu", until="unet", seconds=1e-6)
    parcel.pack(out, tmp_path / "sent")
    parcel.unpack(tmp_path / "sent", tmp_path / "home")
    course = loop.Course(TINY, "unet", tmp_path / "home", log_every=1)
    unet._sent_home(tmp_path / "home" / parcel.AVERAGE, course)
    assert course.step >= 1
    assert make.make(TINY, tmp_path / "home", "cpu", until="unet")
    assert json.loads((tmp_path / "home" / "unet.json").read_text())["steps"] == 3
