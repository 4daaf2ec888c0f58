"""`contentfab label`: any picture in, the layers of a poster out, nothing lost or replaced."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
from command import contentfab, files, run_json
from PIL import Image
from test_xmp_merge import OWN

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.delivery.labelling import Labeller, Options, exit_code, targets
from contentfab.errors import InputError
from contentfab.rules.labels import xmp
from contentfab.rules.labels.visible_label import visible_fault
from contentfab.rules.labels.xmp_files import packets
from contentfab.rules.pixels.picture_files import decode

SAVED = {
    "a.png": {},
    "b.jpg": {"quality": 90},
    "c.webp": {"quality": 90},
    "d.avif": {"quality": 85},
}
MARK = SpreadWatermark()


def picture() -> Image.Image:
    return Image.fromarray(pictures.poster()).resize((640, 800))


def labeller(**options: Any) -> Labeller:
    import poster_cases

    return Labeller(Options("2026-11-21T12:00:00Z", **options), poster_cases.layout(), MARK, None)


def test_every_format_gets_every_layer_and_verifies(tmp_path: Path) -> None:
    for name, how in SAVED.items():
        picture().save(tmp_path / name, **how)
    before = {name: (tmp_path / name).read_bytes() for name in SAVED}
    result = run_json(
        "label", ".", "--jurisdiction", "cn,us-ny", "--locale", "zh-CN", "--system", "sd",
        "--system-version", "1", "--producer", "001191440300708461136T1XGW3", cwd=tmp_path,
    )  # fmt: skip
    assert result["ok"]
    assert files(tmp_path / "labelled") == sorted(SAVED)
    for record in result["files"]:
        assert (tmp_path / record["path"]).read_bytes() == before[record["path"]]
        data = (tmp_path / record["out"]).read_bytes()
        pixels, media_type = decode(data)
        assert (media_type, pixels.shape) == (record["media_type"], (800, 640, 3))
        assert record["visible"]["text"] == "AI生成"
        assert visible_fault(pixels, "AI生成", _box(record), 0.05) == ""
        reading = xmp.read(data)
        assert reading.identifier == record["id"]
        assert reading.values["ai_system"] == "sd"
        assert reading.values["aigc"]["ContentProducer"] == "001191440300708461136T1XGW3"
        assert {name: layer["state"] for name, layer in record["layers"].items()} == {
            "visible": "valid", "metadata": "valid", "watermark": "valid", "c2pa": "absent",
        }  # fmt: skip
    contentfab("verify", "labelled", "--expect", "cn", cwd=tmp_path)
    again = contentfab("label", "a.png", cwd=tmp_path, code=2)
    assert "exists already" in again.stderr
    marked = contentfab("label", "labelled/a.png", "--out", "twice", cwd=tmp_path, code=5)
    assert "already carries" in marked.stderr
    assert not (tmp_path / "twice").exists()


def _box(record: dict[str, Any]) -> Any:
    from contentfab.records.places import Box

    return Box(*record["visible"]["box"])


def test_what_the_picture_brought_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    source = tmp_path / "photo.jpg"
    picture().rotate(90, expand=True).save(source, exif=exif, xmp=OWN.encode(), quality=92)
    result = labeller(system="sd").label(str(source), tmp_path / "out.jpg")
    assert result.error == ""
    assert result.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
    assert any("digitalCapture" in note for note in result.notes)
    data = (tmp_path / "out.jpg").read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (640, 800)
        assert image.getexif()[0x0112] == 1
        assert image.getexif()[0x010F] == "Maker"
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
        upright = np.asarray(image.convert("RGB")).astype(float)
    assert np.abs(upright - np.asarray(picture())).mean() < 6
    (packet,) = packets(data)
    assert b"keep me" in packet.data
    values = xmp.read(data).values
    assert values["aigc"]["ContentProducer"] == "001X"
    assert values["aigc"]["PropagateID"] == result.asset_id


def test_an_aigc_record_elsewhere_moves_into_the_packet(tmp_path: Path) -> None:
    from PIL import PngImagePlugin

    stated = {"AIGC": {"Label": "1", "ContentProducer": "them", "ProduceID": "n1"}}
    info = PngImagePlugin.PngInfo()
    info.add_text("AIGC", json.dumps(stated))
    info.add_text("Author", "someone")
    picture().save(tmp_path / "a.png", pnginfo=info)
    result = labeller().label(str(tmp_path / "a.png"), tmp_path / "out.png")
    assert result.error == ""
    data = (tmp_path / "out.png").read_bytes()
    assert data.count(b"ContentProducer") == 1
    record = xmp.read(data).values["aigc"]
    assert (record["ContentProducer"], record["ContentPropagator"]) == ("them", "contentfab")
    with Image.open(io.BytesIO(data)) as image:
        assert image.text["Author"] == "someone"


def refusals() -> dict[str, tuple[bytes, str, int]]:
    def stored(image: Image.Image, form: str = "PNG", **how: Any) -> bytes:
        out = io.BytesIO()
        image.save(out, form, **how)
        return out.getvalue()

    seen = picture().convert("RGBA")
    seen.putalpha(120)
    moving = stored(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)])
    return {
        "small.png": (stored(picture().resize((400, 500))), "512", 5),
        "through.png": (stored(seen), "transparent", 2),
        "moving.webp": (moving, "anim", 2),
        "deep.png": (stored(Image.new("I;16", (640, 800))), "mode", 2),
        "text.png": (b"hello", "cannot be read", 2),
        "cut.jpg": (stored(picture(), "JPEG")[:9000], "cannot be read", 2),
        "broken.jpg": (stored(picture(), "JPEG", xmp=b"<x:xmpmeta"), "metadata is broken", 5),
    }


def test_what_cannot_be_labelled_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    cases = refusals()
    for name, (data, _, _) in cases.items():
        (tmp_path / name).write_bytes(data)
    picture().save(tmp_path / "good.png")
    options = Options("2026-11-21T12:00:00Z", out=tmp_path / "out")
    work = labeller()
    results = [work.label(s, t) for s, t in targets([str(tmp_path)], options)]
    told = {Path(r.path).name: r for r in results}
    for name, (_, words, code) in cases.items():
        assert words in told[name].error, told[name]
        assert told[name].exit_code == code, name
    assert told["good.png"].error == ""
    assert files(tmp_path / "out") == ["good.png"]
    assert exit_code(results) == 5
    assert exit_code([told["good.png"]]) == 0


def test_options_that_cannot_be_are_refused_before_any_work(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    for arguments, words in (
        (("--jurisdiction", "mars"), "jurisdictions are cn"),
        (("--source-type", "digitalCapture"), "source types are trained"),
        (("--corner", "middle"), "corners are auto"),
        (("--format", "gif"), "formats are png"),
        (("--locale", "chinese"), "no locale"),
    ):
        assert words in contentfab("label", "a.png", *arguments, cwd=tmp_path, code=2).stderr
    assert files(tmp_path) == ["a.png"]


def test_eu_wants_keys(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="eu wants") as caught:
        labeller(jurisdictions=("eu",))
    assert "keys init" in caught.value.hint


def test_folders_globs_and_names(tmp_path: Path) -> None:
    for name in ("a.png", "sub/b.png", "labelled/c.png", ".hidden/d.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    base = Options("now")
    found = targets([str(tmp_path)], base)
    assert [Path(s).name for s, _ in found] == ["a.png", "b.png"]
    assert found[1][1] == tmp_path / "sub" / "labelled" / "b.png"
    moved = targets([str(tmp_path)], Options("now", out=tmp_path / "o", form="jpeg"))
    assert [t for _, t in moved] == [tmp_path / "o" / "a.jpg", tmp_path / "o" / "sub" / "b.jpg"]
    same = ("*.png", "a.png", "sub/../a.png")
    assert len(targets([str(tmp_path / name) for name in same], base)) == 1
    with pytest.raises(InputError, match="written to"):
        (tmp_path / "a.webp").write_bytes(b"x")
        targets([str(tmp_path)], Options("now", out=tmp_path / "o", form="jpeg"))
    with pytest.raises(InputError, match="does not exist"):
        targets(["no-such.png"], base)
    with pytest.raises(InputError, match="no picture in"):
        targets([str(tmp_path / "*.gif")], base)


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    result = labeller(force=True).label(str(tmp_path / "a.png"), tmp_path / "a.png")
    assert "itself" in result.error
    assert (tmp_path / "a.png").read_bytes() == before
