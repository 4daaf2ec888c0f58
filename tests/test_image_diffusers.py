"""The diffusers generator with tiny real pipelines, and the picture stage that looks at the result.

The pipelines are saved and loaded as real ones are; their weights are random, so they paint noise.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
import torch

from contentfab.backends._diffusers_paint import Painter
from contentfab.backends._diffusers_tasks import painted_size
from contentfab.backends.image_diffusers import DiffusersImageGenerator
from contentfab.errors import (
    BackendError,
    BackendUnavailable,
    BadOutput,
    InputError,
    MissingDependency,
)
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest, Provenance
from contentfab.rules.pixels.colour_names import colour_name
from contentfab.rules.pixels.quiet_areas import REGIONS, quiet_areas
from contentfab.stages.picture import picture

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ART = ArtDirection(
    scene="round podium",
    subject="face serum",
    palette={"wall": "#F3E9DC", "podium": "#1F4D43", "accent": "#C8553D"},
    light="soft window light",
    mood="calm",
)


@pytest.fixture(scope="session")
def sd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_stable_diffusion(tmp_path_factory.mktemp("models") / "tiny-sd")


@pytest.fixture(scope="session")
def xl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_stable_diffusion_xl(tmp_path_factory.mktemp("models") / "tiny-xl")


@pytest.fixture(scope="session")
def shared(sd: Path) -> DiffusersImageGenerator:
    return painter(sd)


def painter(folder: Path | str, **settings: Any) -> DiffusersImageGenerator:
    return DiffusersImageGenerator(
        model=str(folder), **{"steps": 2, "device": "cpu", "batch_size": 4} | settings
    )


def loaded(generator: DiffusersImageGenerator) -> Painter:
    return generator._painter


def request(
    seed: int = 1, width: int = 64, height: int = 64, art: ArtDirection = ART
) -> PictureRequest:
    return PictureRequest(f"k{seed}-{width}x{height}", seed, width, height, art)


def far(one: KeyVisual, two: KeyVisual) -> int:
    return int(np.abs(one.pixels.astype(int) - two.pixels.astype(int)).max())


def test_paints_the_exact_size_and_says_how(shared: DiffusersImageGenerator) -> None:
    (visual,) = picture([request(7, 50, 90)], shared)
    assert isinstance(visual, KeyVisual)
    assert (visual.pixels.shape, visual.pixels.dtype) == ((90, 50, 3), np.uint8)
    made = visual.provenance
    assert made.digital_source_type == "trainedAlgorithmicMedia" and made.uses_ai
    assert (made.model, made.seed, made.steps) == ("tiny-sd", 7, 2)
    assert (made.guidance_scale, made.scheduler) == (7.5, "EulerDiscreteScheduler")
    assert "forest green podium" in made.prompt and "no text" in made.prompt
    assert made.model_revision in shared.id


def test_a_picture_depends_on_its_seed_and_not_on_its_batch(
    shared: DiffusersImageGenerator,
) -> None:
    requests = [request(n) for n in (1, 2, 3)] + [request(1, 96, 48)]
    together = shared.generate(requests)
    assert [visual.key for visual in together] == [r.key for r in requests]
    for one, visual in zip(requests, together, strict=True):
        assert far(shared.generate([one])[0], visual) <= 2  # kernels round by batch size
    assert far(together[0], together[1]) > 50


def test_each_prompt_is_encoded_once(sd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = painter(sd)
    pipeline = loaded(generator)._from_text
    encode, seen = pipeline.encode_prompt, []

    def counted(*given: Any, **options: Any) -> Any:
        if options.get("prompt_embeds") is None:  # the pipeline itself passes what it was given
            seen.append(options["prompt"])
        return encode(*given, **options)

    monkeypatch.setattr(pipeline, "encode_prompt", counted)
    other = replace(ART, mood="bright")
    generator.generate([request(n, art=ART if n % 2 else other) for n in range(6)])
    generator.generate([request(9)])
    assert len(seen) == len(set(seen)) == 2


@pytest.mark.parametrize("guidance", [5.0, 0.0])
def test_sdxl_with_and_without_guidance(xl: Path, guidance: float) -> None:
    generator = painter(xl, guidance_scale=guidance)
    first, second = picture([request(1), request(2)], generator)
    assert isinstance(first, KeyVisual) and isinstance(second, KeyVisual)
    assert first.provenance.guidance_scale == guidance
    assert far(first, second) > 20


def test_pipelines_with_other_encoders_get_their_prompt_as_text(
    shared: DiffusersImageGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (encoded,) = shared.generate([request()])
    monkeypatch.setattr(loaded(shared)._prompts, "_names", ())
    (plain,) = shared.generate([request()])
    assert far(encoded, plain) <= 1


def test_a_prompt_that_would_be_cut_fails_its_own_job_before_painting(
    shared: DiffusersImageGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordy = replace(ART, light="light " * 70 + "through a zebra curtain")
    painted: list[int] = []
    painter = loaded(shared)
    paint = painter.paint

    def noted(tasks: Any) -> Any:
        painted.extend(task.seed for task in tasks)
        return paint(tasks)

    monkeypatch.setattr(painter, "paint", noted)
    good, cut, other = picture([request(1), request(2, art=wordy), request(3)], shared)
    assert isinstance(good, KeyVisual) and isinstance(other, KeyVisual)
    assert isinstance(cut, BadOutput)
    assert "the model reads 77" in str(cut) and "zebra curtain" in str(cut)
    assert painted == [1, 3]


@pytest.mark.parametrize(("level", "says"), [(-4.0, "black"), (0.0, "near-uniform")])
def test_an_empty_picture_is_refused(sd: Path, level: float, says: str) -> None:
    generator = painter(sd)
    with torch.no_grad():
        out = loaded(generator)._from_text.vae.decoder.conv_out
        out.weight.zero_()
        out.bias.fill_(level)
    first, second = picture([request(1), request(2)], generator)
    assert isinstance(first, BadOutput) and isinstance(second, BadOutput)
    assert says in str(first) and "seed 1" in str(first)


def test_not_a_number_is_black_and_refused(sd: Path) -> None:
    generator = painter(sd)
    with torch.no_grad():
        loaded(generator)._from_text.vae.decoder.conv_out.weight.fill_(float("nan"))
    (answer,) = picture([request()], generator)
    assert isinstance(answer, BadOutput) and "black" in str(answer)


def test_out_of_memory_halves_the_batch_then_says_what_to_do(
    sd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = painter(sd)
    real, sizes, room = loaded(generator)._from_text, [], [1]

    class Cramped:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def __call__(self, **options: Any) -> Any:
            sizes.append(len(options["generator"]))
            if sizes[-1] > room[0]:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return real(**options)

    loaded(generator)._from_text = Cramped()
    assert len(generator.generate([request(n) for n in range(4)])) == 4
    assert sizes == [4, 2, 1, 1, 2, 1, 1]
    room[0] = 0
    (answer,) = picture([request()], generator)
    assert isinstance(answer, BackendError) and "image.side" in answer.hint


def test_the_id_changes_with_what_changes_a_picture_and_hides_the_path(
    sd: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere" / "tiny-sd"
    shutil.copytree(sd, copy)
    ids = [painter(sd).id, painter(copy, batch_size=1).id]
    assert ids[0] == ids[1]
    assert str(sd.parent) not in ids[0] and "tiny-sd@" in ids[0]
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "image.j2").write_text("{{ scene }}")
    others = [
        painter(copy).id,
        painter(sd, steps=3).id,
        painter(sd, guidance_scale=1.0).id,
        painter(sd, scheduler="DDIMScheduler").id,
        painter(sd, side=32).id,
        painter(sd, templates=tmp_path).id,
    ]
    assert len({ids[0], *others}) == 7


def test_a_model_from_the_hub_cache_is_used_offline_at_its_commit(
    sd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--org--tiny"
    shutil.copytree(sd, cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    generator = painter("org/tiny")
    assert generator.id.startswith(f"diffusers.2/org/tiny@{commit}/")
    assert generator.generate([request()])[0].provenance.model_revision == commit
    with pytest.raises(MissingDependency, match="org/other") as caught:
        painter("org/other")
    assert "contentfab models pull org/other" in caught.value.hint


def test_a_model_that_is_not_there_or_not_whole(sd: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingDependency, match="not there"):
        painter(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"model_index\.json"):
        painter(tmp_path / "empty")
    broken = tmp_path / "broken"
    shutil.copytree(sd, broken)
    weights = broken / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(MissingDependency) as caught:
        painter(broken)
    assert "safetensors" in caught.value.hint


@pytest.mark.parametrize(
    ("settings", "says", "hint"),
    [
        ({"model": ""}, r"image\.model", "image.model"),
        ({"scheduler": "Euler"}, "unknown 'Euler'", "EulerDiscreteScheduler"),
        ({"dtype": "int8"}, "unknown 'int8'", "bfloat16"),
        ({"device": "tpu"}, "not usable", "cpu"),
        ({"device": "cuda"}, "not usable", "cpu"),
        ({"steps": 0}, "positive", ""),
    ],
)
def test_wrong_settings_list_the_right_ones(
    sd: Path, settings: dict[str, Any], says: str, hint: str
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        painter(**{"folder": settings.pop("model", sd), **settings}).prepare()
    assert hint in caught.value.hint


@pytest.mark.parametrize("package", ["diffusers", "torch", "transformers"])
def test_a_missing_package_is_named_with_the_line_that_installs_it(
    sd: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependency, match=package) as caught:
        painter(sd)
    assert caught.value.hint == "pip install 'contentfab[diffusers]'"


def test_a_lora_changes_the_picture_and_the_id(sd: Path, tmp_path: Path) -> None:
    plain = painter(sd)
    (before,) = plain.generate([request()])
    tiny_models.save_lora(sd, tmp_path)
    tuned = painter(sd, lora=str(tmp_path), lora_scale=1.0)
    (after,) = tuned.generate([request()])
    assert far(before, after) > 5
    assert ",lora=" in tuned.id and str(tmp_path) not in tuned.id
    (name,) = after.provenance.adapters
    assert name.startswith(f"{tmp_path.name}@") and name in tuned.id


def test_a_lora_that_is_not_there(sd: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingDependency, match=r"image\.lora"):
        painter(sd, lora=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("asked", "side", "unit", "painted"),
    [
        ((1080, 1080), 512, 64, (512, 512)),
        ((1080, 1920), 1024, 64, (768, 1344)),
        ((1200, 628), 1024, 64, (1408, 768)),
        ((728, 90), 512, 64, (1472, 192)),
        ((100, 100), 64, 4, (64, 64)),
    ],
)
def test_painted_sizes_keep_area_and_aspect(
    asked: tuple[int, int], side: int, unit: int, painted: tuple[int, int]
) -> None:
    assert painted_size(*asked, side, unit) == painted


def test_colours_become_words() -> None:
    assert [colour_name(c) for c in ("#1F4D43", "#F3E9DC", "#C8553D", "#FFFFFF")] == [
        "forest green",
        "ivory",
        "terracotta",
        "white",
    ]


def test_quiet_areas_are_the_calm_ones_and_the_asked_one_first() -> None:
    pixels = np.full((200, 200, 3), 200, np.uint8)
    assert quiet_areas(pixels, "left")[0] == REGIONS["left"]
    pixels[:, :100] = np.random.default_rng(0).integers(0, 255, (200, 100, 3))
    assert quiet_areas(pixels, "left")[0] == REGIONS["right"]
    assert REGIONS["left"] not in quiet_areas(pixels, "left")


class _Odd:
    """A third party's generator that breaks its contract in one way."""

    id = "odd/1"

    def __init__(self, pixels: Any = None, error: Exception | None = None, extra: int = 0) -> None:
        self.pixels, self.error, self.extra = pixels, error, extra

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        if self.error is not None:
            raise self.error
        made = Provenance("algorithmicMedia", "odd", "odd", "1")
        return [KeyVisual(r.key, self.pixels, made) for r in requests][: len(requests) + self.extra]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((64, 32, 3), np.uint8),
        np.random.default_rng(0).random((64, 64, 3)),
        np.zeros((64, 64), np.uint8),
    ],
)
def test_the_stage_refuses_pictures_of_another_shape(pixels: Any) -> None:
    (answer,) = picture([request()], _Odd(pixels))
    assert isinstance(answer, BadOutput) and "odd/1 made" in str(answer)


def test_the_stage_refuses_a_generator_that_loses_pictures() -> None:
    answers = picture([request(1), request(2)], _Odd(np.zeros((64, 64, 3), np.uint8), extra=-1))
    assert all(isinstance(a, BadOutput) for a in answers)
    assert picture([], _Odd()) == []


def test_a_service_that_is_down_fails_no_job() -> None:
    with pytest.raises(BackendUnavailable):
        picture([request(1), request(2)], _Odd(error=BackendUnavailable("down")))
