"""Three hundred files that nobody should trust, the same ones each time."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import label_parts as lp
import numpy as np
from PIL import Image

from contentfab.rules.labels import xmp
from contentfab.rules.pixels.picture_files import encode

Rng = np.random.Generator
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
CLAIM = {
    "asset_id": "a" * 32, "digital_source_type": "trainedAlgorithmicMedia", "engine": "tiny",
    "engine_version": "1", "created": "2026-11-21T12:00:00Z", "models": ("tiny",),
}  # fmt: skip
START = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
    b' xmlns:contentfab="https://contentfab.github.io/ns/label/1.0/"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/">%s</rdf:Description></rdf:RDF></x:xmpmeta>'
)


def small(media_type: str, packet: str = "") -> bytes:
    """A small picture: what is wrong with these files is not in their pixels."""
    pixels = np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8)
    claims = xmp.Claims("a" * 32, "trainedAlgorithmicMedia", "2026-11-21", "x", producer="us")
    return encode(pixels, media_type, packet or xmp.build(claims))


def with_packet(packet: bytes, ending: str = "png") -> bytes:
    return lp.joined(
        [
            (kind, body[: body.index(b"<?xpacket")] + packet)
            if lp.is_xmp((kind, body))
            else (kind, body)
            for kind, body in lp.parts(small(TYPES[ending]))
        ]
    )


def files(signer: Any) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every hostile file that is a file."""
    rng = np.random.default_rng(20261121)
    sound = {ending: small(kind) for ending, kind in TYPES.items()}
    sound |= {"json": lp.copy()}
    signed = {e: signer.sign(sound[e], TYPES[e], CLAIM) for e in ("png", "jpg", "webp", "avif")}
    yield from _truncated(sound | {f"signed.{e}": d for e, d in signed.items()}, rng)
    yield from _mutated(sound, rng, 14)
    yield from _misnamed(sound)
    yield from ((f"packet-{i}.{e}", with_packet(p, e)) for i, p in enumerate(_packets())
                for e in ("png", "jpg", "webp") if e != "jpg" or len(p) < 60_000)  # fmt: skip
    yield from _pngs()
    yield from _others()
    yield from _signatures(signed, rng)
    yield from _texts(rng)


def _truncated(sound: dict[str, bytes], rng: Rng) -> Iterator[tuple[str, bytes]]:
    for ending, data in sound.items():
        for cut in (1, 9, 30, *rng.integers(31, len(data) - 1, 3)):
            yield f"cut-{cut}.{ending}", data[:cut]
        yield f"empty.{ending}", b""


def _mutated(sound: dict[str, bytes], rng: Rng, count: int) -> Iterator[tuple[str, bytes]]:
    for ending, data in sound.items():
        for index in range(count):
            changed = bytearray(data)
            for at in rng.integers(0, min(len(data), 2000), rng.integers(1, 8)):
                changed[at] = rng.integers(0, 256)
            if index % 3 == 0:
                at = int(rng.integers(0, len(data)))
                changed[at:at] = rng.bytes(40)
            yield f"mutated-{index}.{ending}", bytes(changed)


def _misnamed(sound: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for one in ("png", "jpg", "webp", "avif", "json", "csv", "md", "txt", "c2pa"):
        for other, data in sound.items():
            if one != other:
                yield f"really-{other}.{one}", data


def _packets() -> Iterator[bytes]:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
    yield b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]><x>&l9;</x>"
    yield b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    yield START + b"<a>" * 30_000
    yield START + b"<a>" * 2_000 + b"</a>" * 2_000 + b"</x:xmpmeta>"
    yield START + b"<a " + b" ".join(b'b%d="1"' % i for i in range(5_000)) + b"/></x:xmpmeta>"
    yield START + RDF % (b"<TC260:AIGC>" + b"[" * 4_000 + b"</TC260:AIGC>")
    yield START + RDF % (b"<TC260:AIGC>{" + b'"a":{' * 700 + b"</TC260:AIGC>")
    yield START + RDF % (b"<TC260:AIGC>" + b'{"Label":' + b"9" * 4_000 + b"}</TC260:AIGC>")
    yield START + RDF % (b"<contentfab:VisibleLabel>%s</contentfab:VisibleLabel>" % (b"|" * 4_000))
    yield START + RDF % b"<contentfab:VisibleLabel>AI|9,9,1,1|0x0</contentfab:VisibleLabel>"
    yield START + RDF % (b"<dc:identifier>" + b"9" * 60_000 + b"</dc:identifier>")
    yield b"\xff\xfe\x00<\x00x" * 50
    yield START + b"\xc3\x28\xa0\xa1" + b"</x:xmpmeta>"
    yield b""


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _pngs() -> Iterator[tuple[str, bytes]]:
    head, *rest = lp.parts(small("image/png"))
    zeros = zlib.compress(bytes(40 * 1024 * 1024), 9)
    text = b"XML:com.adobe.xmp\0"
    inside = {
        "huge-text": (b"iTXt", text + b"\0\0\0\0" + b" " * 6_000_000),
        "text-bomb": (b"iTXt", text + b"\1\0\0\0" + zeros),
        "ztxt-bomb": (b"zTXt", b"AIGC\0\0" + zeros),
        "profile-bomb": (b"iCCP", b"x\0\0" + zeros),
        "exif-bomb": (b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 5_000),
        "exif-loop": (b"eXIf", b"MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08\0\0\0\x08"),
        "no-keyword": (b"iTXt", b""),
        "animated": (b"acTL", b"\xff" * 8),
    }
    for name, part in inside.items():
        yield f"{name}.png", lp.joined([head, part, *rest])
    packets = [part for part in rest if lp.is_xmp(part)]
    yield "many-packets.png", lp.joined([head, *packets * 900, *rest])
    for wide, high, bits in (
        (0, 9, 8),
        (2**31 - 1, 2**31 - 1, 1),
        (65_000, 65_000, 1),
        (20_000, 20_000, 1),
    ):
        line = struct.pack(">IIBBBBB", wide, high, bits, 0, 0, 0, 0)
        data = zlib.compress(bytes(50_000_000 if wide == 20_000 else 9), 9)
        yield (
            f"bomb-{wide}.png",
            lp.PNG + _chunk(b"IHDR", line) + _chunk(b"IDAT", data) + _chunk(b"IEND", b""),
        )
    whole = small("image/png")
    for length in (0, 2**31, 2**32 - 1):
        yield f"length-{length}.png", whole[:33] + struct.pack(">I", length) + whole[37:]


def _others() -> Iterator[tuple[str, bytes]]:
    jpeg, webp, avif = (small(TYPES[e]) for e in ("jpg", "webp", "avif"))
    for length in (0, 1, 2, 65_535):
        yield f"segment-{length}.jpg", b"\xff\xd8\xff\xe1" + length.to_bytes(2, "big") + jpeg[4:]
    yield "segments.jpg", b"\xff\xd8" + b"\xff\xe1\0\2" * 30_000 + jpeg[2:]
    yield "fill.jpg", b"\xff\xd8" + b"\xff" * 300_000
    at = jpeg.index(b"\xff\xc2")
    yield "wide.jpg", jpeg[: at + 5] + b"\xff\xff\xff\xff" + jpeg[at + 9 :]
    extension = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + b"\xff\xff\xff\xff\0\0\0\0abc"
    yield "extension.jpg", lp.joined([(0xE1, extension), *lp.parts(jpeg)])
    for length in (0, 3, 2**31, 2**32 - 1):
        yield f"riff-{length}.webp", webp[:4] + struct.pack("<I", length) + webp[8:]
        yield f"chunk-{length}.webp", webp[:16] + struct.pack("<I", length) + webp[20:]
    yield "canvas.webp", b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + b"\x3c\0\0\0" + b"\xff" * 6
    for size in (0, 1, 7, 2**32 - 1):
        yield f"box-{size}.avif", avif[:28] + struct.pack(">I", size) + avif[32:]
    yield "boxes.avif", avif[:28] + b"\0\0\0\x08free" * 50_000
    yield (
        "nested.avif",
        avif[:28] + b"".join(struct.pack(">I", 8 * n) + b"meta" for n in range(3_000, 0, -1)),
    )
    at = avif.index(b"iloc")
    yield (
        "extents.avif",
        avif[: at + 8] + b"\x44\x40\xff\xff" + b"\0\1\0\0\xff\xff" + avif[at + 18 :],
    )


def _signatures(signed: dict[str, bytes], rng: Rng) -> Iterator[tuple[str, bytes]]:
    for ending in ("png", "jpg", "webp"):
        found = lp.parts(signed[ending])
        place = next(i for i, part in enumerate(found) if lp.is_c2pa(part))
        kind, body = found[place]
        for index in range(9):
            changed = bytearray(body)
            for at in rng.integers(0, len(body), rng.integers(1, 12)):
                changed[at] = rng.integers(0, 256)
            if index % 3 == 2:
                changed = changed[: int(rng.integers(8, len(body)))]
            yield (
                f"jumbf-{index}.{ending}",
                lp.joined([*found[:place], (kind, bytes(changed)), *found[place + 1 :]]),
            )
        boxes = b"".join(struct.pack(">I", 60_000 - 8 * n) + b"jumb" for n in range(2_000))
        for name, rubbish in (("random", rng.bytes(3_000)), ("nested", boxes)):
            body_ = (body[:8] if ending == "jpg" else b"") + rubbish
            yield (
                f"{name}.{ending}",
                lp.joined([*found[:place], (kind, body_[:65_000]), *found[place + 1 :]]),
            )
    yield "alone.c2pa", b"\0\0\0\x20jumb" + rng.bytes(500)


def _texts(rng: Rng) -> Iterator[tuple[str, bytes]]:
    copy = lp.copy()
    laughs = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    yield (
        "laughs.md",
        f"---\na0: &a0 [x]\n{laughs}AIGC: {{Label: *a8}}\nid: *a8\nsha256: *a8\n---\n".encode(),
    )
    yield "deep.md", b"---\n" + b"[" * 20_000 + b"\n---\n"
    yield (
        "half.md",
        b'---\nAIGC: {}\nlabel: "\\ud800"\nasset: "\\ud800"\n---\n\n> AI\n\n## a\n\nb\n',
    )
    yield "types.md", b"---\nAIGC: 5\nlabel: [1]\nasset: 2026-01-01\n---\n\n## a\n\nb\n"
    yield "many.md", b"---\nAIGC: {}\n---\n" * 5_000
    yield "python.md", b"---\n!!python/object/apply:os.system ['true']\n---\n"
    yield "wide.csv", b"label,AIGC" + b",x" * 50_000 + b"\n"
    yield "long.csv", b"label,AIGC\n" + b"x" * 200_000 + b",{}\n"
    yield "quotes.csv", b'label,AIGC\n"' * 2_000
    yield "nul.csv", b"label,AIGC\n\0,\0\n"
    yield "deep.csv", b'label,AIGC\nx,"' + b"[" * 100_000 + b'"\n'
    for name in ("csv", "md", "txt", "json", "bin", "gif", "svg"):
        yield f"random.{name}", rng.bytes(2_000)
    yield "deep.json", b'{"a":' + b"[" * 200_000
    yield "number.json", b'{"format": ' + b"9" * 100_000 + b"}"
    yield "twice.json", copy[:-3] + b', "id": "x", "fields": {"a": [[["b"]]]}}'
    for index in range(12):
        document = json.loads(copy)
        odd = (None, 5, [], {}, [[]], {"a": [1]}, "x" * 9_000, True, 1e308, "\ud800", [None], "")
        document[("id", "label", "AIGC", "fields", "provenance", "locale")[index % 6]] = odd[index]
        yield f"odd-{index}.json", json.dumps(document).encode()


def places(folder: Path) -> list[Path]:
    """What is no plain file: links, pipes, devices and folders with the name of a picture."""
    (folder / "folder.png").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "device.png").symlink_to("/dev/zero")
    (folder / "loop.webp").symlink_to(folder / "loop.webp")
    (folder / "nowhere.png").symlink_to(folder / "none")
    (folder / "parent.avif").symlink_to(folder / "folder.png")
    names = ["folder.png", "pipe.jpg", "device.png", "loop.webp", "nowhere.png", "parent.avif"]
    return [folder / name for name in names]


def picture_of(size: tuple[int, int]) -> bytes:
    """A plain picture, for limits."""
    out = io.BytesIO()
    Image.new("L", size, 200).save(out, "PNG")
    return out.getvalue()
