"""The release gate: each layer stripped, altered, doubled or contradicting is named; none passes.

The files are made by the label stage, with keys and without, and then tampered with; they are read
as anyone would who got them from somewhere: with no keys, no manifest and no run folder."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import label_parts as lp
import numpy as np
import pictures
import pytest
from PIL import ExifTags, Image

from contentfab.delivery.verify import verify
from contentfab.rules.labels.aigc import aigc_record, aigc_text
from contentfab.rules.labels.payload import payload_for
from contentfab.rules.pixels.picture_files import decode, encode

TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
PUBLIC = lp.unkeyed()


@dataclass(frozen=True)
class Made:
    """Two labelled files of one kind, and what made them."""

    ending: str
    one: bytes
    other: bytes
    mark: Any
    signer: Any

    @property
    def type(self) -> str:
        return TYPES[self.ending]

    def anew(self, pixels: Any, packet: bytes | None = None) -> bytes:
        """Other pixels with the packet of the first file (and no signature)."""
        text = (packet or lp.packet_of(self.one)).decode()
        return encode(pixels, self.type, text)

    def embed(self, seed: int, pixels: Any = None) -> Any:
        pixels = pictures.poster(1) if pixels is None else pixels
        return self.mark.embed(pixels, payload_for(lp.name_of(seed)))


@pytest.fixture(scope="module")
def all_made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    folder, kept = tmp_path_factory.mktemp("keys"), {}

    def made(name: str) -> Made:
        if name not in kept:
            ending, _, keys = name.partition(" ")
            mark, signer = lp.keyed(folder) if keys else PUBLIC
            one, other = (lp.picture(seed, TYPES[ending], mark, signer) for seed in (1, 2))
            kept[name] = Made(ending, one, other, mark, signer)
        return kept[name]

    return made


def check(tmp_path: Path, name: str, data: bytes, expect: str | None = None) -> dict[str, Any]:
    path = tmp_path / name
    path.write_bytes(data)
    result = verify([path], PUBLIC[0], expect, PUBLIC[1])
    json.dumps(result)
    (file,) = result["files"]
    assert result["ok"] == file["ok"] == (not file["findings"])
    return dict(file)


def without(data: bytes, test: Callable[[lp.Part], bool]) -> bytes:
    return lp.joined([part for part in lp.parts(data) if not test(part)])


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with other words in its XMP packet."""
    assert old in lp.packet_of(data)
    return lp.joined(
        [(k, b.replace(old, new)) if lp.is_xmp((k, b)) else (k, b) for k, b in lp.parts(data)]
    )


def transplanted(data: bytes, donor: bytes, test: Callable[[lp.Part], bool]) -> bytes:
    theirs = iter([part for part in lp.parts(donor) if test(part)])
    return lp.joined([next(theirs) if test(part) else part for part in lp.parts(data)])


def doubled(data: bytes, test: Callable[[lp.Part], bool]) -> bytes:
    return lp.joined([part for p in lp.parts(data) for part in ([p, p] if test(p) else [p])])


def in_exif(made: Made) -> bytes:
    """The AIGC record in the EXIF user comment as well (GB 45438-2025, Annex B)."""
    exif = Image.Exif()
    record = aigc_text(aigc_record("contentfab", lp.name_of(1)))
    comment = b"ASCII\0\0\0" + ('{"AIGC":' + record + "}").encode()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    out, packet, kept = io.BytesIO(), lp.packet_of(made.one), exif.tobytes()
    image = Image.fromarray(decode(made.one)[0])
    if made.ending == "png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet.decode())
        image.save(out, "PNG", pnginfo=info, exif=kept)
    else:
        form = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}[made.ending]
        image.save(out, form, quality=95, xmp=packet, exif=kept)
    return out.getvalue()


def in_text_chunk(made: Made) -> bytes:
    record = aigc_text(aigc_record("contentfab", lp.name_of(1))).encode()
    found = lp.parts(made.one)
    return lp.joined([*found[:-1], (b"tEXt", b"AIGC\0" + record), found[-1]])


def in_compressed_chunk(made: Made) -> bytes:
    import zlib

    found = lp.parts(made.one)
    return lp.joined([*found[:-1], (b"zTXt", b"AIGC\0\0" + zlib.compress(b"{}")), found[-1]])


def painted(made: Made) -> bytes:
    x0, y0, x1, y1 = pictures.LABEL_BOX
    pixels = decode(made.one)[0].copy()
    pixels[y0:y1, x0:x1] = pixels[y0 + 1, x0 - 4]
    return made.anew(pixels)


def forged_seal(made: Made) -> bytes:
    payload = bytearray(payload_for(lp.name_of(1)))
    payload[-1] ^= 1
    with_seal = PUBLIC[0].embed(pictures.poster(1), bytes(payload))
    return made.anew(with_seal)


def signed_for_another(made: Made) -> bytes:
    mark = made.mark.sealed(payload_for(lp.name_of(2))).hex()
    claim = {
        "asset_id": lp.name_of(2), "digital_source_type": "trainedAlgorithmicMedia",
        "engine": "tiny", "engine_version": "1", "created": "2026-11-21T12:00:00Z", "models": (),
        "watermark": mark, "watermark_alg": made.mark.alg,
    }  # fmt: skip
    return bytes(made.signer.sign(without(made.one, lp.is_c2pa), made.type, claim))


def aigc_twice(made: Made) -> bytes:
    packet = lp.packet_of(made.one)
    start, end = packet.index(b"<TC260:AIGC>"), packet.index(b"</TC260:AIGC>") + 13
    return replaced(made.one, packet[start:end], packet[start:end] * 2)


def no_aigc(made: Made) -> bytes:
    packet = lp.packet_of(made.one)
    start, end = packet.index(b"<TC260:AIGC>"), packet.index(b"</TC260:AIGC>") + 13
    return replaced(made.one, packet[start:end], b"")


def half_gone(made: Made) -> bytes:
    """The lower half cut off, with the label, and the packet kept."""
    return made.anew(decode(made.one)[0][:640])


def plain_pixels(made: Made) -> bytes:
    return made.anew(pictures.poster(1))


# What is done to a file: the parts that must be named, and words of the finding.
EVERYWHERE: dict[str, tuple[Callable[[Made], bytes], set[str], str]] = {
    "metadata stripped": (lambda m: without(m.one, lp.is_xmp), {"metadata"}, "stripped"),
    "metadata doubled": (lambda m: doubled(m.one, lp.is_xmp), {"metadata"}, "2 XMP packets"),
    "metadata of another": (
        lambda m: transplanted(m.one, m.other, lp.is_xmp), {"agree"}, "does not belong to asset",
    ),
    "AIGC also in EXIF": (in_exif, {"metadata"}, "2 times"),
    "AIGC altered": (
        lambda m: replaced(m.one, b'"Label":"1"', b'"Label":"7"'), {"metadata"}, "Label is not",
    ),
    "mark stripped": (plain_pixels, {"watermark"}, "watermark:"),
    "mark of another": (
        lambda m: m.anew(m.embed(2)), {"agree"}, "does not belong to asset",
    ),
    "label painted over": (painted, {"visible"}, "visible:"),
}  # fmt: skip
ONCE: dict[str, tuple[Callable[[Made], bytes], set[str], str]] = {
    "AIGC twice": (aigc_twice, {"metadata"}, "aigc twice"),
    "AIGC taken out": (no_aigc, {"metadata"}, "the aigc record is missing"),
    "AIGC of another": (
        lambda m: replaced(m.one, lp.name_of(1).encode() + b'","ReservedCode', b'x","ReservedCode'),
        {"metadata"}, "different assets",
    ),
    "AIGC also in a text chunk": (in_text_chunk, {"metadata"}, "a PNG text chunk"),
    "AIGC also compressed": (in_compressed_chunk, {"metadata"}, "compressed"),
    "source type altered": (
        lambda m: replaced(m.one, b"trainedAlgorithmicMedia", b"digitalCapture"),
        {"metadata"}, "carries an AI mark",
    ),
    "source type unknown": (
        lambda m: replaced(m.one, b"trainedAlgorithmicMedia", b"madeByHand"),
        {"metadata"}, "not a term",
    ),
    "mark doubled": (lambda m: m.anew(m.embed(2, m.embed(1))), {"watermark", "agree"}, "mark"),
    "seal forged": (forged_seal, {"watermark"}, "seal"),
    "label cut off": (half_gone, {"visible"}, "was cut to"),
    "label reworded": (
        lambda m: replaced(m.one, b">AI-generated|", b">Hand-painted|"), {"visible"}, "no label",
    ),
    "label elsewhere": (
        lambda m: replaced(m.one, b"|430,938,770,997|", b"|40,500,380,559|"),
        {"visible"}, "visible:",
    ),
}  # fmt: skip
SIGNED: dict[str, tuple[Callable[[Made], bytes], set[str], str]] = {
    "signature stripped": (
        lambda m: without(m.one, lp.is_c2pa), {"c2pa"}, "had this layer when it was labelled",
    ),
    "a byte changed": (
        lambda m: replaced(m.one, b"2026-11-21T12", b"2026-11-21T13"),
        {"c2pa"}, "changed after it was signed",
    ),
    "signature doubled": (lambda m: doubled(m.one, lp.is_c2pa), {"c2pa"}, "c2pa:"),
    "signature of another": (
        lambda m: transplanted(m.one, m.other, lp.is_c2pa), {"c2pa"}, "changed after",
    ),
    "signed for another": (signed_for_another, {"agree"}, "the C2PA signature names asset"),
}  # fmt: skip


def cases() -> Iterator[Any]:
    for name in EVERYWHERE:
        for made in ("png", "jpg", "webp", "png keys"):
            yield pytest.param(made, name, id=f"{made}-{name}")
    for name in ("AIGC also in EXIF", "label painted over"):
        yield pytest.param("avif", name, id=f"avif-{name}")
    for name in ONCE:
        yield pytest.param("png", name, id=f"png-{name}")
    for name in SIGNED:
        for ending in ("png", "jpg", "webp"):
            yield pytest.param(f"{ending} keys", name, id=f"{ending}-{name}")


@pytest.mark.parametrize(("kind", "case"), list(cases()))
def test_a_tampered_picture_is_named(
    all_made: Callable[[str], Made], tmp_path: Path, kind: str, case: str
) -> None:
    made = all_made(kind)
    tamper, wanted, words = (EVERYWHERE | ONCE | SIGNED)[case]
    file = check(tmp_path, f"poster.{made.ending}", tamper(made))
    assert set(file["failed"]) & wanted, file["findings"]
    assert words in "\n".join(file["findings"])


@pytest.mark.parametrize(
    "kind", ["png", "jpg", "webp", "avif", "png keys", "jpg keys", "webp keys", "avif keys"]
)
def test_an_untouched_picture_passes(
    all_made: Callable[[str], Made], tmp_path: Path, kind: str
) -> None:
    made = all_made(kind)
    file = check(tmp_path, f"poster.{made.ending}", made.one)
    assert file["ok"], file["findings"]
    assert file["agree"]
    states = {name: layer["state"] for name, layer in file["layers"].items()}
    assert states["visible"] == states["metadata"] == "valid"
    keys = kind.endswith("keys")
    assert states["watermark"] == ("untrusted" if keys else "valid")
    assert states["c2pa"] == ("untrusted" if keys else "absent")


def test_a_change_is_told_from_an_unknown_signer(
    all_made: Callable[[str], Made], tmp_path: Path
) -> None:
    made = all_made("png keys")
    whole = check(tmp_path, "a.png", made.one)["layers"]["c2pa"]
    broken = check(tmp_path, "b.png", SIGNED["a byte changed"][0](made))["layers"]["c2pa"]
    assert (whole["state"], broken["state"]) == ("untrusted", "invalid")
    assert "signer not on a public trust list" in whole["detail"]
    result = verify([tmp_path / "a.png"], made.mark, None, made.signer)
    assert [la["state"] for la in result["files"][0]["layers"].values()] == ["valid"] * 4


def test_jurisdictions_ask_for_layers(all_made: Callable[[str], Made], tmp_path: Path) -> None:
    unsigned, signed = all_made("png"), all_made("png keys")
    assert "c2pa" in check(tmp_path, "a.png", unsigned.one, "eu")["failed"]
    assert check(tmp_path, "b.png", signed.one, "eu")["ok"]
    chinese = check(tmp_path, "c.png", signed.one, "cn,eu")
    assert chinese["failed"] == ["visible"]
    assert "needs one of 生成" in chinese["findings"][0]
    stored = b"AI-generated|430,938,770,997|800x1000"
    assert stored in lp.packet_of(unsigned.one)
    unknown = replaced(
        unsigned.one, b"<contentfab:VisibleLabel>" + stored, b"<contentfab:VisibleLabel>"
    )
    assert "visible" in check(tmp_path, "d.png", unknown, "us-ny")["failed"]
    low = replaced(unsigned.one, b"430,938,770,997|800x1000", b"430,938,770,997|1600x2000")
    assert "visible" in check(tmp_path, "e.png", low, "cn")["failed"]


def test_a_smaller_picture_keeps_its_label(all_made: Callable[[str], Made], tmp_path: Path) -> None:
    """Some programs resize and keep the packet: the label's box scales with it."""
    made = all_made("png")
    pixels = np.asarray(Image.fromarray(decode(made.one)[0]).resize((600, 750)))
    file = check(tmp_path, "small.png", made.anew(pixels))
    assert file["ok"], file["findings"]
    assert file["layers"]["visible"]["state"] == "valid"


def test_a_signature_speaks_even_where_pixels_cannot_be_read(
    all_made: Callable[[str], Made], tmp_path: Path
) -> None:
    data = bytearray(all_made("png keys").one)
    data[len(data) // 2] ^= 1  # breaks the checksum of the pixels' chunk
    file = check(tmp_path, "broken.png", bytes(data))
    assert file["layers"]["c2pa"]["state"] == "invalid"
    assert any("the picture cannot be read" in text for text in file["findings"])
    assert any("changed after it was signed" in text for text in file["findings"])
