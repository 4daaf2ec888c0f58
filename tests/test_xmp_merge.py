"""A picture's own metadata is kept: our properties are set in its packet, nothing else moves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contentfab.errors import LabelError
from contentfab.rules.labels import xmp, xmp_merge

ASSET = "cd" * 16
CLAIMS = xmp.Claims(
    asset_id=ASSET,
    digital_source_type="compositeWithTrainedAlgorithmicMedia",
    create_date="2026-11-21T12:00:00Z",
    creator_tool="contentfab 0.1.0",
    producer="contentfab",
)
THEIRS = {
    "Label": "1", "ContentProducer": "001X", "ProduceID": "p1", "ReservedCode1": "r",
    "ContentPropagator": "001X", "PropagateID": "p1", "ReservedCode2": "z",
}  # fmt: skip
DEEP = '<odd:deep rdf:parseType="Resource"><odd:x a="1>2">é 你好 &amp; &lt;b&gt;</odd:x>'
OWN = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Core 9">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="uuid:7" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:odd="http://odd.example/1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmp:CreatorTool='Tool "9" &gt; 8' xmp:CreateDate="2020-01-01" xmp:Rating="5"
    odd:note="a &lt; b" tiff:Orientation="6">
   {DEEP}<!-- keep me --></odd:deep>
   <d:identifier xmlns:d="http://purl.org/dc/elements/1.1/">DAM-77</d:identifier>
   <i:DigitalSourceType xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    rdf:resource="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"/>
   <T:AIGC xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/">{json.dumps(THEIRS)}</T:AIGC>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def test_the_rest_of_the_packet_stays_byte_for_byte() -> None:
    merged = xmp_merge.merge(OWN.encode(), CLAIMS)
    for kept in (
        f"{DEEP}<!-- keep me --></odd:deep>",
        'xmp:Rating="5"\n    odd:note="a &lt; b"',
        'x:xmptk="Some Core 9"',
    ):
        assert kept in merged
    assert merged.count("<?xpacket begin") == 1
    assert merged.count('rdf:about="uuid:7"') == 2


def test_who_made_it_stays_and_what_we_did_is_added() -> None:
    reading = xmp.parse(xmp_merge.merge(OWN.encode(), CLAIMS).encode())
    assert (reading.state, reading.identifier) == ("valid", ASSET)
    values = reading.values
    assert values["creator_tool"] == 'Tool "9" > 8'
    assert values["create_date"] == "2020-01-01"
    assert values["modify_date"] == values["metadata_date"] == "2026-11-21T12:00:00Z"
    assert values["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert values["aigc"] == {
        **THEIRS, "ContentPropagator": "contentfab", "PropagateID": ASSET, "ReservedCode2": "",
    }  # fmt: skip


def test_other_names_of_the_picture_move_and_its_orientation_is_reset() -> None:
    once = xmp_merge.merge(OWN.encode(), CLAIMS)
    assert "<xmp:Identifier><rdf:Bag><rdf:li>DAM-77</rdf:li></rdf:Bag></xmp:Identifier>" in once
    assert ">1</tiff:Orientation>" in once
    assert 'tiff:Orientation="6"' not in once
    again = xmp_merge.merge(once.encode(), replace(CLAIMS, asset_id="ef" * 16))
    assert f"<rdf:li>{ASSET}</rdf:li><rdf:li>DAM-77</rdf:li>" in again
    assert again.count("Orientation xmlns") == 1
    assert xmp.parse(again.encode()).identifier == "ef" * 16


def test_the_system_that_made_it_is_replaced_only_when_it_is_named() -> None:
    first = xmp_merge.merge(b"", replace(CLAIMS, ai_system="one", ai_system_version="1"))
    kept = xmp.parse(xmp_merge.merge(first.encode(), CLAIMS).encode()).values
    assert (kept["ai_system"], kept["ai_system_version"]) == ("one", "1")
    named = replace(CLAIMS, ai_system="two")
    changed = xmp.parse(xmp_merge.merge(first.encode(), named).encode()).values
    assert changed["ai_system"] == "two"
    assert "ai_system_version" not in changed


@pytest.mark.parametrize(
    "packet",
    [
        "",
        "\0 \n",
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></r:RDF>',
        "\ufeff" + OWN,
        OWN.split("?>", 1)[1].rsplit("<?", 1)[0],
    ],
)
def test_any_good_packet_ends_as_one_whole_packet(packet: str) -> None:
    merged = xmp_merge.merge(packet.encode(), CLAIMS)
    assert xmp.parse(merged.encode()).state == "valid"
    assert merged.count("<?xpacket begin") == merged.count('<?xpacket end="w"?>') == 1


@pytest.mark.parametrize(
    "packet",
    [
        OWN[:600].encode(),
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        OWN.encode("utf-16"),
        OWN.replace('xmp:Rating="5"', 'xmp:Rating="5" xmp:ModifyDate="1"')
        .replace("   <d:id", "   <xmp:ModifyDate>2</xmp:ModifyDate><d:id")
        .encode(),
        OWN.replace('"Label": "1"', '"Label": "9"').encode(),
        b"<x>" + b"a" * xmp.MAX_PACKET + b"</x>",
    ],
)
def test_what_cannot_be_read_is_not_thrown_away(packet: bytes) -> None:
    with pytest.raises(LabelError, match="picture's own"):
        xmp_merge.merge(packet, CLAIMS)


def test_nested_descriptions_tell_of_other_files() -> None:
    nested = (
        '<odd:from xmlns:odd="http://odd.example/1/"><rdf:Description '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreateDate="1999"/></odd:from>'
    )
    packet = OWN.replace(DEEP, nested + DEEP)
    merged = xmp_merge.merge(packet.encode(), CLAIMS)
    assert nested in merged
    assert xmp.parse(merged.encode()).values["create_date"] == "2020-01-01"


@pytest.mark.parametrize(
    ("existing", "wanted", "after"),
    [
        ("", "trainedAlgorithmicMedia", "trainedAlgorithmicMedia"),
        ("digitalCapture", "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
        ("digitalCapture", "compositeSynthetic", "compositeSynthetic"),
        ("digitalArt", "algorithmicMedia", "composite"),
        ("trainedAlgorithmicMedia", "algorithmicMedia", "trainedAlgorithmicMedia"),
        ("compositeSynthetic", "trainedAlgorithmicMedia", "compositeSynthetic"),
        ("trainedAlgorithmicMedia", "compositeSynthetic", "compositeSynthetic"),
    ],
)
def test_what_a_picture_is_after_a_models_work(existing: str, wanted: str, after: str) -> None:
    assert xmp_merge.source_type(existing, wanted) == after
