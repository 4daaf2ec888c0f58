"""Pictures from an OpenAI-compatible endpoint: a local server speaks the real protocol."""

from __future__ import annotations

import base64
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import poster_cases
import pytest
from campaigns import BRAND, make_campaign
from command import run_json
from image_server import ImagesServer, raw, reply, says, well
from PIL import Image
from servers import closed_port

from contentfab.backends.image_openai import OpenAIImageGenerator, nearest_size, parse_sizes
from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.errors import (
    BackendError,
    BackendUnavailable,
    BadOutput,
    InputError,
    MissingDependency,
)
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.rules.product.cutout import scale_cutout
from contentfab.stages.picture import picture

KEY = "sk-test-picture-key-123456"
ART = ArtDirection("podium", "face serum", {"wall": "#F3E9DC", "podium": "#1F4D43"}, "soft", "calm")

PALETTE = {"wall": BRAND["palette"]["background"], "podium": BRAND["palette"]["primary"]}


@pytest.fixture(autouse=True)
def key(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def generator(server: ImagesServer | str, **settings: Any) -> OpenAIImageGenerator:
    address = server if isinstance(server, str) else server.base_url
    given = {"model": "pictures-1", "sizes": "64x64,96x64,64x96", "retries": 2} | settings
    return OpenAIImageGenerator(base_url=address, **given)


def request(
    seed: int = 1, width: int = 80, height: int = 100, product: Path | None = None
) -> PictureRequest:
    return PictureRequest(f"k{seed}", seed, width, height, ART, product_image=product)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "bottle.png"
    poster_cases.draw_product(path)
    return path


@pytest.mark.parametrize("by_url", [False, True])
def test_a_picture_of_the_exact_size_and_where_it_came_from(by_url: bool) -> None:
    with ImagesServer(by_url=by_url) as server:
        maker = generator(server, quality="high")
        (visual,) = picture([request()], maker)
        assert isinstance(visual, KeyVisual)
        (call,) = server.calls
        # The address of a picture is nobody's business to see our key.
        assert all("authorization" not in headers for headers in server.fetched)
        assert len(server.fetched) == by_url
    assert visual.pixels.shape == (100, 80, 3) and np.std(visual.pixels) > 10
    assert call.path == "/v1/images/generations"
    assert call.headers["authorization"] == f"Bearer {KEY}"
    assert call.fields["model"] == "pictures-1" and call.fields["size"] == "64x96"
    assert call.fields["quality"] == "high" and "seed" not in call.fields
    assert "no text" in call.fields["prompt"] and "response_format" not in call.fields
    made = visual.provenance
    assert made.digital_source_type == "trainedAlgorithmicMedia" and made.uses_ai
    assert (made.engine, made.model, made.prompt) == (
        "openai-images", "pictures-1", call.fields["prompt"]
    )  # fmt: skip
    assert KEY not in maker.id and server.base_url not in maker.id


def test_around_a_product_only_the_scene_is_the_models(product: Path) -> None:
    with ImagesServer() as server:
        maker = generator(server, around="inpaint", seeded=True)
        one, two, bare = picture(
            [request(1, product=product), request(2, product=product), request(3)], maker
        )
        calls = {call.fields["seed"]: call for call in server.calls}
    assert isinstance(one, KeyVisual) and isinstance(two, KeyVisual) and isinstance(bare, KeyVisual)
    edit = calls["1"]
    assert edit.path == "/v1/images/edits" and calls[3].path == "/v1/images/generations"
    given = np.asarray(Image.open(io.BytesIO(edit.files["image"])).convert("RGB"))
    mask = np.asarray(Image.open(io.BytesIO(edit.files["mask"])))
    assert given.shape == (96, 64, 3) and mask.shape == (96, 64, 4)
    assert set(np.unique(mask[..., 3])) == {0, 255}
    assert one.stand is not None and one.stand.fixed is not None and bare.stand is None
    x0, y0, x1, y1 = (
        round(v * side) for v, side in zip(one.stand.fixed, (80, 100) * 2, strict=True)
    )
    cutout = scale_cutout(product, x1 - x0, y1 - y0)
    solid = cutout[..., 3] == 255
    for visual in (one, two):
        assert np.array_equal(visual.pixels[y0:y1, x0:x1][solid], cutout[..., :3][solid])
        assert visual.provenance.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
    assert np.abs(one.pixels[:20].astype(int) - two.pixels[:20]).max() > 20


def test_busy_servers_are_asked_again_when_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = says(429, "slow down", headers={"Retry-After": "0.3"})
    with ImagesServer(busy, says(500)) as server:
        began = time.monotonic()
        (visual,) = picture([request()], generator(server))
        assert isinstance(visual, KeyVisual) and len(server.calls) == 3
        assert time.monotonic() - began >= 0.3
    with ImagesServer(*[says(503)] * 3) as server:
        (answer,) = picture([request()], generator(server))
        assert isinstance(answer, BackendError) and answer.retryable
        assert "answered 503" in str(answer) and len(server.calls) == 3


def test_requests_go_side_by_side_and_one_failure_costs_only_itself() -> None:
    def slow(server: Any, handler: Any, call: Any) -> None:
        time.sleep(0.15)
        well(server, handler, call)

    def refused(server: Any, handler: Any, call: Any) -> None:
        time.sleep(0.15)
        says(400, "not allowed", code="moderation_blocked")(server, handler, call)

    with ImagesServer(slow, refused, slow, slow, slow) as server:
        maker = generator(server, concurrency=3)
        answers = picture([request(n) for n in range(5)], maker)
        assert server.most_under_way == 3
        assert [isinstance(answer, KeyVisual) for answer in answers].count(False) == 1
        # The stage asks for a failed batch again, one by one: nothing is paid for twice.
        assert len(server.calls) == 5
    (failed,) = [answer for answer in answers if isinstance(answer, BackendError)]
    assert isinstance(failed, BadOutput) and "imagery" in failed.hint


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (401, "invalid_api_key", "OPENAI_API_KEY"),
        (404, "model_not_found", "image.model"),
        (402, "", "credit"),
    ],
)
def test_what_every_picture_would_meet_stops_the_run(status: int, code: str, hint: str) -> None:
    behave = says(status, f"Incorrect API key provided: {KEY}. Bearer {KEY}", code=code)
    with ImagesServer(behave) as server, pytest.raises(BackendUnavailable) as caught:
        generator(server).generate([request()])
    assert KEY not in str(caught.value) and "[key]" in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("body", "says_so"),
    [
        (b'{"data": []}', "without a picture"),
        (b'{"data": [{"b64_json": "!!!"}]}', "no base64"),
        (json.dumps({"data": [{"b64_json": base64.b64encode(b"GIF89a").decode()}]}).encode(),
         "what is no picture"),
        (b'{"data": [{"url": "file:///etc/passwd"}]}', r"no http\(s\) address"),
        (b"<html>", "answer"),
    ],
)  # fmt: skip
def test_answers_that_hold_no_picture(body: bytes, says_so: str) -> None:
    with (
        ImagesServer(raw(body)) as server,
        pytest.raises((BackendError, InputError), match=says_so),
    ):
        generator(server, retries=0).generate([request()])


def test_a_server_that_is_down_and_one_that_is_slow() -> None:
    with pytest.raises(BackendUnavailable, match="does not answer") as caught:
        generator(closed_port(), retries=0).generate([request()])
    assert "image.base_url" in caught.value.hint

    def hangs(server: Any, handler: Any, call: Any) -> None:
        time.sleep(1)

    with ImagesServer(hangs) as server:
        (answer,) = picture([request()], generator(server, retries=0, timeout=0.2))
    assert isinstance(answer, BackendError) and "image.timeout" in answer.hint


def test_what_changes_a_picture_changes_the_id() -> None:
    base = "http://127.0.0.1:1/v1"
    given: list[dict[str, Any]] = [
        {}, {"model": "other"}, {"sizes": "64x64"}, {"quality": "low"}, {"seeded": True},
        {"around": "inpaint"},
    ]  # fmt: skip
    assert len({generator(base, **settings).id for settings in given}) == len(given)
    same = [generator(base, concurrency=1, timeout=3, retries=0).id, generator(base).id]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("settings", "error", "says_so"),
    [
        ({"model": ""}, InputError, "image.model"),
        ({"sizes": "big"}, InputError, "no list of WxH"),
        ({"around": "img2img"}, InputError, "none, inpaint"),
        ({"concurrency": 0}, InputError, "counts from 1"),
        ({"timeout": 0}, InputError, "above 0"),
        ({"base_url": "ftp://x"}, InputError, "no http"),
        ({"base_url": "http://me:pw@host/v1"}, InputError, "holds a password"),
        ({"base_url": "http://10.0.0.1/v1", "offline": True}, InputError, "--offline"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], error: type[Exception], says_so: str) -> None:
    given = {"base_url": "http://127.0.0.1:1/v1", "model": "m"} | settings
    with pytest.raises(error) as caught:
        OpenAIImageGenerator(**given)
    assert says_so in f"{caught.value} {getattr(caught.value, 'hint', '')}"


def test_the_official_api_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(MissingDependency, match="no API key"):
        OpenAIImageGenerator(model="gpt-image-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert OpenAIImageGenerator(model="gpt-image-1").id.startswith("openai-images.")


def test_the_nearest_size_by_aspect_then_area() -> None:
    sizes = parse_sizes("1024x1024, 1536x1024,1024x1536,512x512")
    assert nearest_size((1080, 1080), sizes) == (1024, 1024)
    assert nearest_size((300, 250), sizes) == (512, 512)
    assert nearest_size((1200, 628), sizes) == (1536, 1024)
    assert nearest_size((1080, 1920), sizes) == (1024, 1536)


def test_a_campaign_with_pictures_from_a_server(tmp_path: Path) -> None:
    small = {"channels": ["wechat.moments"], "placements": {"wechat.moments": ["4x5"]}}
    make_campaign(tmp_path, **small, locales=["en-US"])

    scene = PictureRequest("k", 3, 1080, 1350, ArtDirection("podium", "", PALETTE))
    (drawn,) = PlatesImageGenerator().generate([scene])

    def studio(server: Any, handler: Any, call: Any) -> None:
        """A studio picture in the brand's colours, as a good model would answer."""
        buffer = io.BytesIO()
        Image.fromarray(drawn.pixels).resize(call.size).save(buffer, "PNG")
        reply(handler, 200, server.answer(buffer.getvalue()))

    with ImagesServer(*[studio] * 20) as server:
        settings = [
            "--set", "image.backend=openai", "--set", "image.model=pictures-1",
            "--set", f"image.base_url={server.base_url}", "--set", "image.sizes=1080x1350",
        ]  # fmt: skip
        result = run_json("run", "campaign.yaml", "--out", "run", *settings, cwd=tmp_path)
        assert result["done"]["picture"] == len(server.calls) > 0
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY.encode() not in data, path
    assert run_json("verify", "run", cwd=tmp_path)["ok"]
