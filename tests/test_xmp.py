"""The XMP packet: complete, one per file, and read from hostile files without an exception."""

from __future__ import annotations

import io
import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from contentfab.errors import LabelError
from contentfab.rules import xmp
from contentfab.rules.aigc import KEYS
from contentfab.rules.picture_files import encode

ASSET = "ab" * 16
CLAIMS = xmp.Claims(
    asset_id=ASSET,
    digital_source_type="trainedAlgorithmicMedia",
    create_date="2026-11-21T12:00:00Z",
    creator_tool="contentfab 0.1.0",
    ai_system="tiny <model> & co",
    ai_system_version="r1",
    producer="contentfab",
)
PACKET = xmp.build(CLAIMS)


def picture(form: str, packet: str = PACKET) -> bytes:
    pixels = Image.new("RGB", (40, 30), (200, 100, 50))
    return encode(np.asarray(pixels), form, packet)


@pytest.mark.parametrize("form", ["image/png", "image/jpeg", "image/webp"])
def test_everything_reads_back_from_every_format(form: str) -> None:
    reading = xmp.read(picture(form))
    assert (reading.state, reading.identifier) == ("valid", ASSET)
    assert reading.values["digital_source_type"] == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    )
    assert reading.values["ai_system"] == "tiny <model> & co"
    assert reading.values["ai_system_version"] == "r1"
    assert reading.values["create_date"] == "2026-11-21T12:00:00Z"
    record = reading.values["aigc"]
    assert tuple(record) == KEYS
    assert record["Label"] == "1"
    assert record["ProduceID"] == record["PropagateID"] == ASSET
    assert record["ContentProducer"] == record["ContentPropagator"] == "contentfab"


def test_other_software_finds_the_packet() -> None:
    for form in ("image/png", "image/jpeg", "image/webp"):
        with Image.open(io.BytesIO(picture(form))) as image:
            stored = image.info["xmp"]
            stored = stored if isinstance(stored, bytes) else stored.encode()
            assert b"DigitalSourceType" in stored
            assert b"http://www.tc260.org.cn/ns/AIGC/1.0/" in stored


def test_without_a_model_there_is_no_aigc_record() -> None:
    plain = replace(CLAIMS, digital_source_type="digitalCreation", producer="")
    reading = xmp.parse(xmp.build(plain).encode())
    assert reading.state == "valid"
    assert "aigc" not in reading.values
    assert reading.identifier == ASSET


def test_bad_claims_are_refused() -> None:
    with pytest.raises(LabelError, match="foo"):
        xmp.build(replace(CLAIMS, digital_source_type="foo"))
    with pytest.raises(LabelError, match="ASCII"):
        xmp.build(replace(CLAIMS, producer="公司"))


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><x>&c;</x>'
)
FILE_ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
HOSTILE = {
    "bomb": BOMB,
    "file entity": FILE_ENTITY,
    "huge": "<x>" + "a" * (300 * 1024) + "</x>",
    "deep": "<a>" * 40_000,
    "cut off": PACKET[:400],
    "no XML": "hello",
    "empty": "",
    "unknown source": PACKET.replace("trainedAlgorithmicMedia", "foo"),
    "not JSON": PACKET.replace('{"Label"', '{Label"'),
    "a list": PACKET.replace('{"Label"', '[{"Label"').replace('"ReservedCode2":""}', '"R":""}]'),
    "key missing": PACKET.replace('"ReservedCode2"', '"Other"'),
    "label 7": PACKET.replace('"Label":"1"', '"Label":"7"'),
    "ids differ": PACKET.replace(f"<dc:identifier>{ASSET}", "<dc:identifier>cd"),
    "deep JSON": PACKET.replace('{"Label"', "[" * 3000 + '{"Label"'),
    "encoding": "<?xml version='1.0' encoding='no-such'?><x/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packets_are_invalid(name: str) -> None:
    reading = xmp.parse(HOSTILE[name].encode())
    assert reading.state == "invalid", reading
    assert reading.detail
    assert "root:" not in json.dumps(reading.values)


def test_the_same_property_twice_is_invalid() -> None:
    line = PACKET[PACKET.index("   <TC260") : PACKET.index("</TC260:AIGC>") + 13]
    assert xmp.parse(PACKET.replace(line, line + line).encode()).state == "invalid"


def test_properties_may_be_attributes_of_the_description() -> None:
    foreign = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalSourceType='
        '"http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"/></rdf:RDF></x:xmpmeta>'
    )
    assert xmp.parse(foreign.encode()).state == "valid"


def test_other_metadata_only_is_absent() -> None:
    packet = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    assert xmp.parse(packet.encode()).state == "absent"
    assert xmp.read(b"").state == "absent"
    assert xmp.read(b"GIF89a").state == "absent"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_two_packets_and_compressed_packets_are_invalid() -> None:
    png = picture("image/png")
    end = png.index(struct.pack(">I", 0) + b"IEND")
    second = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET.encode())
    assert "2 XMP packets" in xmp.read(png[:end] + second + png[end:]).detail
    packed = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"a" * 10**7))
    bare = png[:8] + packed + png[8:]
    start = bare.rindex(b"iTXt") - 4
    length = struct.unpack_from(">I", bare, start)[0] + 12
    assert "compressed" in xmp.read(bare[:start] + bare[start + length :]).detail


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["image/png", "image/jpeg", "image/webp"]), st.data())
def test_mutated_files_never_raise(form: str, data: st.DataObject) -> None:
    content = bytearray(picture(form))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for variant in (bytes(content), bytes(content[:cut])):
        assert xmp.read(variant).state in ("valid", "absent", "invalid")
