"""Posters by Typst and by headless Chromium, 1080 × 1350, PNG, from one process and one page.

    python benchmarks/posters/run.py [--chromium PROGRAM] [--write]

The same headlines, fonts, picture (the product stands in it), logo, colours, pill and label; both
sides warm, in turn, so that a busy machine slows both. Seconds are processor time (all of the
browser's processes) and wall clock; medians. `--write` puts both pictures side by side into
docs/images. The browser is asked for its quick PNG compression (`optimizeForSpeed`) as well as for
its default.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"  # one core each, as a worker of the line has it

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from browser import Browser  # noqa: E402
from PIL import Image  # noqa: E402

from contentfab.backends import _draw_log, _fonts  # noqa: E402
from contentfab.backends._typst_layers import layers  # noqa: E402
from contentfab.backends.image_plates import PlatesImageGenerator  # noqa: E402
from contentfab.backends.layout_typst import TypstLayout  # noqa: E402
from contentfab.records.brand import Brand  # noqa: E402
from contentfab.records.brief import ArtDirection  # noqa: E402
from contentfab.records.channel import Placement  # noqa: E402
from contentfab.records.pictures import (  # noqa: E402
    KeyVisual,
    PictureRequest,
    Poster,
    PosterRequest,
    PosterText,
)
from contentfab.records.places import Area  # noqa: E402
from contentfab.resources import parse_yaml  # noqa: E402
from contentfab.rules.pixels.picture_files import encode  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BRAND, PRODUCT = ROOT / "brand_guides/northlight", ROOT / "examples/coffee/products/slow-brew.png"
SIDE_BY_SIDE = ROOT / "docs/images/typst-chromium.jpg"
WIDTH, HEIGHT, WARM, ASKED = 1080, 1350, 3, 3.0
TOP = 0.051
"""Where type begins on the page, in page heights, as in page.html."""
SHOWN = 0
HEADLINES = (
    ("Eighteen hours for one quiet cup", "Cold-brewed slowly, so the morning does not have to."),
    ("Slow brew. Bright morning.", "Cold-pressed in 18 hours, ready when you are."),
    ("The kettle can wait", "One bottle in the fridge is worth two on the stove."),
    ("First light, first sip", "Dark roast, cold water, and all the time it takes."),
    ("Made on Tuesday. Good on Wednesday.", "Brewed the day before you need it."),
    ("Nothing hot, nothing hurried", "Steeped overnight in cold water, bottled at dawn."),
    ("A better break", "Some mornings need a little help."),
    ("Your desk, minus the machine", "Open the bottle. That is the whole recipe."),
    ("Cold outside, colder inside", "A long winter roast, served straight from the fridge."),
    ("Smooth is what time does", "Eighteen hours take the bitter edge off."),
    ("For people who forget to boil water", "It is ready. It has been ready since yesterday."),
    ("Ask the one who gets up at four", "Our roaster drinks it too, and he is picky."),
    ("Keep one behind the milk", "For guests, for Mondays, for no reason at all."),
    ("Small batch, long night", "Two hundred bottles a day and not one more."),
    ("Amber in the morning sun", "Hold it up to the window before you drink it."),
)


Spent = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Job:
    """A poster to make: our request, its key visual as a file, and what the page is told."""

    request: PosterRequest
    picture: Path
    look: dict[str, Any]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--chromium", default=shutil.which("chromium") or "")
    options.add_argument("--write", action="store_true", help="put the pictures into docs/images")
    chosen = options.parse_args()
    if not chosen.chromium:
        print("Chromium is not installed (apt install chromium); nothing to compare with")
        return 3
    cv2.setNumThreads(1)
    layout = TypstLayout()
    visuals = [_standing(layout, visual) for visual in _visuals()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _share(folder)
        jobs = [_job(folder, layout, visuals[i % len(visuals)], i) for i in range(len(HEADLINES))]
        browser = Browser(chosen.chromium, folder / "profile", WIDTH, HEIGHT)
        try:
            browser.open((folder / "page.html").as_uri())
            pictures = _pictures(layout, jobs[SHOWN], browser)
            same = [_job(folder, layout, visuals[0], i) for i in range(len(HEADLINES))]
            words = _measured(layout, same, browser, dressed=False)
            both = _measured(layout, jobs, browser, dressed=True)
        finally:
            browser.close()
    if chosen.write:
        _side_by_side(*pictures)
    print(f"{WIDTH} x {HEIGHT}, PNG, medians of {len(HEADLINES) - WARM} posters, milliseconds")
    met = _told("new words on the same picture", words)
    met &= _told("new words and another picture", both)
    print(f"\nwhere ours goes: {_where(layout, same)}")
    print(
        f"asked for: at least {ASKED:g} times as fast, by processor: {'met' if met else 'not met'}"
    )
    return 0


def _measured(layout: TypstLayout, jobs: list[Job], browser: Browser, *, dressed: bool) -> Spent:
    """(processor, wall) seconds of each poster, by side. `dressed` posters have a picture each,
    which both sides read from its file; else it is there already."""

    def typst(job: Job) -> bytes:
        request = _reread(job) if dressed else job.request
        (poster,) = layout.render([request])
        return encode(poster.pixels, "image/png", "")

    def chromium(job: Job, fast: bool) -> bytes:
        dress = f"dress({json.dumps(job.look)}).then(() => " if dressed else "("
        browser.run(f"{dress}set({json.dumps(_words(job.request))}))")
        return browser.png(fast=fast)

    sides: dict[str, tuple[Callable[[Job], bytes], Callable[[], float]]] = {
        "typst": (typst, time.process_time),
        "chromium": (lambda job: chromium(job, False), browser.cpu_seconds),
        "chromium, quick PNG": (lambda job: chromium(job, True), browser.cpu_seconds),
    }
    spent: Spent = {side: [] for side in sides}
    order = [*jobs[-WARM:], *jobs[:-WARM]]
    for turn, job in enumerate(order):
        for side, (make, clock) in sides.items():
            _unset(browser, order[turn - 1])
            cpu, wall = clock(), time.perf_counter()
            make(job)
            if turn >= WARM:
                spent[side].append((clock() - cpu, time.perf_counter() - wall))
    return spent


def _unset(browser: Browser, other: Job) -> None:
    """Another poster first, unmeasured: else the second browser side would find its page set."""
    blank = json.dumps(dict.fromkeys(_words(other.request), ""))
    browser.run(f"dress({json.dumps(other.look)}).then(() => set({blank}))")
    browser.png(fast=True)


def _pictures(layout: TypstLayout, job: Job, browser: Browser) -> tuple[bytes, bytes]:
    """The same poster of both sides."""
    (poster,) = layout.render([job.request])
    words = json.dumps(_words(job.request))
    browser.run(f"dress({json.dumps(job.look)}).then(() => set({words}))")
    return encode(poster.pixels, "image/png", ""), browser.png(fast=False)


def _where(layout: TypstLayout, jobs: list[Job]) -> str:
    """Processor milliseconds of the parts of a poster of ours, medians."""
    engine: Any = layout._engine
    inside: list[float] = []

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            began = time.process_time()
            answer = method(*arguments)
            inside.append(time.process_time() - began)
            return answer

        return call

    plain = engine.layout, engine.draw
    engine.layout, engine.draw = timed(engine.layout), timed(engine.draw)
    parts = []
    for i, job in enumerate(jobs):
        inside.clear()
        # Other words than before, or Typst would remember them.
        text = replace(job.request.text, subline=f"{job.request.text.subline} No. {i}")
        began = time.process_time()
        (poster,) = layout.render([replace(job.request, text=text)])
        made = time.process_time()
        encode(poster.pixels, "image/png", "")
        parts.append((sum(inside), made - began - sum(inside), time.process_time() - made))
    engine.layout, engine.draw = plain
    typst, rest, png = (1000 * statistics.median(column) for column in zip(*parts, strict=True))
    return f"Typst {typst:.0f} ms, picture, product and colours {rest:.0f} ms, PNG {png:.0f} ms"


def _told(what: str, spent: Spent) -> bool:
    medians = {
        side: [statistics.median(column) for column in zip(*values, strict=True)]
        for side, values in spent.items()
    }
    print(f"\n{what:32}{'processor':>10}{'wall clock':>12}{'times ours':>12}")
    ours = medians["typst"]
    for side, (cpu, wall) in medians.items():
        ratio = "" if side == "typst" else f"{cpu / ours[0]:12.1f}"
        print(f"{side:32}{1000 * cpu:10.0f}{1000 * wall:12.0f}{ratio}")
    return all(cpu >= ASKED * ours[0] for side, (cpu, _) in medians.items() if side != "typst")


def _visuals() -> list[KeyVisual]:
    brand = _brand()
    colours = brand.palette
    roles = {"wall": colours.background, "podium": colours.secondary, "accent": colours.accent}
    arts = [
        ArtDirection(scene, "a bottle", roles, "low warm sun", "early morning")
        for scene in ("podium", "arch", "sunburst")
    ]
    return PlatesImageGenerator().generate(
        [PictureRequest(art.scene, 7, WIDTH, HEIGHT, art) for art in arts]
    )


def _standing(layout: TypstLayout, visual: KeyVisual) -> KeyVisual:
    """The picture with the product standing in it, in its shadow: neither side has to place it."""
    request = _request(visual, 0)
    with _draw_log.kept() as log:
        (poster,) = layout.render([request])
    parts, box = layers(log, poster, 0, 1.0), poster.product_box
    assert box is not None
    assert visual.stand is not None
    product = next(mark.image for mark in parts.marks if mark.box == box)
    page = Image.fromarray(parts.ground).convert("RGBA")
    page.alpha_composite(Image.fromarray(product), (box.x0, box.y0))  # type: ignore[arg-type]
    sides = box.x0 / WIDTH, box.y0 / HEIGHT, box.x1 / WIDTH, box.y1 / HEIGHT
    stand = replace(visual.stand, fixed=Area(*sides))
    return replace(visual, pixels=np.asarray(page.convert("RGB")), stand=stand, geometry=None)


def _brand() -> Brand:
    return Brand.model_validate(parse_yaml((BRAND / "brand.yaml").read_text(encoding="utf-8")))


def _job(folder: Path, layout: TypstLayout, visual: KeyVisual, i: int) -> Job:
    request = _request(visual, i)
    return Job(request, folder / f"{visual.key}.webp", _look(folder, layout, request))


def _request(visual: KeyVisual, i: int) -> PosterRequest:
    headline, subline = HEADLINES[i]
    return PosterRequest(
        key=str(i),
        variant=str(i),
        layout="hero",
        placement=Placement(id="4x5", width=WIDTH, height=HEIGHT),
        locale="en-US",
        text=PosterText(
            headline, subline, "Taste the first bottle", "$4.50",
            "Contains caffeine. Keep refrigerated.", "AI-generated",
        ),
        key_visual=visual,
        product_image=PRODUCT,
        brand=_brand(),
        brand_dir=BRAND,
    )  # fmt: skip


def _reread(job: Job) -> PosterRequest:
    with Image.open(job.picture) as image:
        pixels = np.asarray(image.convert("RGB"))
    return replace(job.request, key_visual=replace(job.request.key_visual, pixels=pixels))


def _words(request: PosterRequest) -> dict[str, str]:
    text = request.text
    roles = ("headline", "subline", "cta", "price", "label", "disclaimer")
    return {role: getattr(text, role) for role in roles}


def _share(folder: Path) -> None:
    """What every poster of the page needs."""
    shutil.copy(Path(__file__).with_name("page.html"), folder)
    for target, family in (("head", "Source Serif 4"), ("body", "Inter"), ("label", "Noto Sans")):
        shutil.copy(_font(family), folder / f"{target}.ttf")


def _look(folder: Path, layout: TypstLayout, request: PosterRequest) -> dict[str, Any]:
    """What `dress` is told. Picture, logo and colours are those of our poster, so that the browser
    has only type to set."""
    with _draw_log.kept() as log:
        (poster,) = layout.render([request])
    parts = layers(log, poster, 0, 1.0)
    assert log.base is not None
    name = f"{request.key_visual.key}.webp"
    if not (folder / name).exists():
        pixels = request.key_visual.pixels
        Image.fromarray(pixels).save(folder / name, lossless=True, quality=0, method=0)
    logo = next(mark for mark in parts.marks if mark.box == poster.logo_box)
    logo_name = f"logo-{request.key_visual.key}.png"
    assert logo.image is not None
    Image.fromarray(logo.image).save(folder / logo_name)
    plate = next(mark for mark in parts.marks if mark.colour and mark.under is not None)
    pill = next(mark for mark in parts.marks if mark.colour and mark.under is None)
    inks = {text.role: text.ink for text in poster.texts}
    return {
        "pictures": {
            "scene": {"file": name},
            "logo": {"file": logo_name, "style": _pixels({"width": logo.box.width})},
        },
        "colours": {
            "--ink": inks["headline"], "--pill": pill.colour, "--on-pill": inks["cta"],
            "--label": plate.colour, "--label-ink": inks["label"],
            "--veil": request.brand.palette.background, "--strength": _strength(poster, log.base),
        },
        "room": pill.box.y1 - TOP * HEIGHT,
    }  # fmt: skip


def _strength(poster: Poster, base: np.ndarray[Any, Any]) -> str:
    """How strong our scrim is at the top of the page: 0 when we needed none."""
    assert poster.background is not None
    changed = np.abs(poster.background[:8].astype(int) - base[:8]).mean() > 1
    return "0.5" if changed else "0"


def _font(family: str) -> Path:
    wanted = family.replace(" ", "").lower()
    names = [f for f in _fonts.font_files(BRAND) if "italic" not in f.name.lower()]
    return next(f for f in names if f.parent.name.lower() == wanted)


def _pixels(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:g}px" for name, value in values.items()}


def _side_by_side(ours: bytes, theirs: bytes) -> None:
    sheet = Image.new("RGB", (2 * WIDTH + 40, HEIGHT), "white")
    for i, data in enumerate((ours, theirs)):
        sheet.paste(Image.open(io.BytesIO(data)).convert("RGB"), (i * (WIDTH + 40), 0))
    small = sheet.resize((sheet.width * 3 // 4, sheet.height * 3 // 4), Image.Resampling.LANCZOS)
    small.save(SIDE_BY_SIDE, quality=84, optimize=True, progressive=True)
    print(f"wrote {SIDE_BY_SIDE.relative_to(ROOT)} (left Typst, right Chromium)")


if __name__ == "__main__":
    sys.exit(main())
