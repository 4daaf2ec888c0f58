"""The XMP packet: complete, one per file, and read from hostile files without an exception."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from contentfab.errors import InputError, LabelError
from contentfab.records.labels import Origin
from contentfab.rules.labels import xmp
from contentfab.rules.labels.aigc import KEYS
from contentfab.rules.labels.xmp_boxes import xmp_items
from contentfab.rules.pixels.picture_files import MEDIA_TYPES, encode

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


@pytest.mark.parametrize("form", list(MEDIA_TYPES))
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
    for form in MEDIA_TYPES:
        with Image.open(io.BytesIO(picture(form))) as image:
            stored = image.info["xmp"]
            stored = stored if isinstance(stored, bytes) else stored.encode()
            assert b"DigitalSourceType" in stored
            assert b"http://www.tc260.org.cn/ns/AIGC/1.0/" in stored


EXIV2_NAMES = {
    "Xmp.iptcExt.DigitalSourceType": "digital_source_type",
    "Xmp.iptcExt.AISystemUsed": "ai_system",
    "Xmp.iptcExt.AISystemVersionUsed": "ai_system_version",
    "Xmp.xmp.CreatorTool": "creator_tool",
    "Xmp.xmp.CreateDate": "create_date",
    "Xmp.xmp.MetadataDate": "metadata_date",
}


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_exiv2_reads_the_same_values(form: str) -> None:
    pyexiv2 = pytest.importorskip("pyexiv2")
    data = picture(form)
    ours = xmp.read(data)
    with pyexiv2.ImageData(data) as image:
        theirs = image.read_xmp()
    for name, key in EXIV2_NAMES.items():
        assert theirs[name] == ours.values[key]
    assert theirs["Xmp.dc.identifier"] == ours.identifier
    assert json.loads(theirs["Xmp.TC260.AIGC"]) == ours.values["aigc"]
    with Image.open(io.BytesIO(data)) as image:
        stored = image.info["xmp"]
    assert xmp.parse(stored if isinstance(stored, bytes) else stored.encode()) == ours


def extended(packet: str, *parts: tuple[int, bytes], whole: int, guid: str) -> bytes:
    """A JPEG with `packet` and, in segments of their own, (offset, bytes) of its extension."""
    data = picture("image/jpeg", packet)
    head = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode()
    segments = [head + struct.pack(">II", whole, offset) + piece for offset, piece in parts]
    added = b"".join(b"\xff\xe1" + struct.pack(">H", len(s) + 2) + s for s in segments)
    return data[:2] + added + data[2:]


def test_a_jpeg_packet_goes_on_in_its_extension() -> None:
    head, end = PACKET.split("   <TC260")[0], PACKET[PACKET.index("  </rdf:Description") :]
    main = head + end
    more = (PACKET.split("   <Iptc4xmpExt")[0] + PACKET[PACKET.index("   <TC260") :]).encode()
    guid = hashlib.md5(more).hexdigest().upper()
    cut = len(more) // 2
    parts = ((cut, more[cut:]), (0, more[:cut]))
    whole = xmp.read(extended(main, *parts, whole=len(more), guid=guid))
    assert whole.state == "valid"
    assert whole.values["aigc"]["ProduceID"] == ASSET
    doubled = xmp.read(extended(PACKET, *parts, whole=len(more), guid=guid))
    assert "twice" in doubled.detail
    for bad in ((parts[:1], guid), (parts, "0" * 32)):
        broken = xmp.read(extended(main, *bad[0], whole=len(more), guid=bad[1]))
        assert (broken.state, "extension" in broken.detail) == ("invalid", True)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def heif(*packets: bytes, content_type: bytes = b"application/rdf+xml") -> bytes:
    """A HEIF file of nothing but XMP items, each in the `idat` box (construction method 1)."""
    entries = b"".join(
        box(b"infe", b"\2\0\0\0", struct.pack(">HH", i + 1, 0), b"mime\0", content_type, b"\0")
        for i in range(len(packets))
    )
    places, at = b"", 0
    for i, packet in enumerate(packets):
        places += struct.pack(">HHHHII", i + 1, 1, 0, 1, at, len(packet))
        at += len(packet)
    count = struct.pack(">H", len(packets))
    meta = box(
        b"meta",
        b"\0\0\0\0",
        box(b"iinf", b"\0\0\0\0", count, entries),
        box(b"iloc", b"\1\0\0\0", b"\x44\0", count, places),
        box(b"idat", *packets),
    )
    return box(b"ftyp", b"avif\0\0\0\0", b"avifmif1") + meta


def test_items_of_an_avif_are_found_by_its_boxes() -> None:
    packet = PACKET.encode()
    assert xmp_items(heif(packet, b"other")) == [packet, b"other"]
    assert xmp.read(heif(packet)).identifier == ASSET
    assert "2 XMP packets" in xmp.read(heif(packet, packet)).detail
    assert xmp.read(heif(packet, content_type=b"text/plain")).state == "absent"


def test_hostile_boxes_end_the_walk() -> None:
    good = heif(PACKET.encode())
    for at in range(0, len(good) - len(PACKET.encode())):
        for value in (0, 0x7F, 0xFF):
            broken = good[:at] + bytes([value]) + good[at + 1 :]
            assert xmp.read(broken).state in ("valid", "absent", "invalid")


def test_texts_and_profiles_that_a_picture_brought_are_written_again() -> None:
    exif = Image.Exif()
    exif[0x010E] = "their words"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    origin = Origin(exif=exif.tobytes(), icc=profile, texts=(("Author", "M\xfcller 王"),))
    pixels = np.full((64, 48, 3), 90, np.uint8)
    for form in MEDIA_TYPES:
        with Image.open(io.BytesIO(encode(pixels, form, PACKET, origin=origin))) as image:
            assert image.getexif()[0x010E] == "their words"
            assert image.info["icc_profile"] == profile
            if form == "image/png":
                assert image.text["Author"] == "M\xfcller 王"


def test_a_packet_too_large_for_a_jpeg_is_refused() -> None:
    with pytest.raises(InputError, match="too large for a JPEG"):
        picture("image/jpeg", PACKET + " " * 70_000)


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
@given(st.sampled_from(list(MEDIA_TYPES)), st.data())
def test_mutated_files_never_raise(form: str, data: st.DataObject) -> None:
    content = bytearray(picture(form))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for variant in (bytes(content), bytes(content[:cut])):
        assert xmp.read(variant).state in ("valid", "absent", "invalid")
