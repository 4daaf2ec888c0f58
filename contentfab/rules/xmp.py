"""The XMP packet of a labelled picture: built here, and read back from any file, hostile or not.

Written: IPTC digital source type and AI system (IPTC Photo Metadata 2025.1), XMP creator tool and
date, dc:identifier, and the TC260 AIGC record (TC260-PG-20259A, clause 6) once. No prompt ever
goes in. Reading gives a state, never an exception. Knows nothing about pixels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from contentfab.errors import LabelError
from contentfab.rules.aigc import aigc_fault, aigc_record, aigc_text
from contentfab.rules.xmp_files import packets

SOURCE_TYPE_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES = (
    "algorithmicMedia", "algorithmicallyEnhanced", "composite", "compositeCapture",
    "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "computationalCapture",
    "dataDrivenMedia", "digitalArt", "digitalCapture", "digitalCreation", "humanEdits",
    "minorHumanEdits", "multiFrameComputationalCapture", "negativeFilm", "positiveFilm", "print",
    "screenCapture", "softwareImage", "trainedAlgorithmicMedia", "virtualRecording",
)  # fmt: skip
MAX_PACKET = 256 * 1024

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_DC = "http://purl.org/dc/elements/1.1/"
_TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
_PROPERTIES = {
    "digital_source_type": f"{{{_IPTC}}}DigitalSourceType",
    "ai_system": f"{{{_IPTC}}}AISystemUsed",
    "ai_system_version": f"{{{_IPTC}}}AISystemVersionUsed",
    "creator_tool": f"{{{_XMP}}}CreatorTool",
    "create_date": f"{{{_XMP}}}CreateDate",
    "identifier": f"{{{_DC}}}identifier",
    "aigc": f"{{{_TC260}}}AIGC",
}
_TEMPLATE = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="{rdf}">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{iptc}" xmlns:xmp="{xmp}" \
xmlns:dc="{dc}" xmlns:TC260="{tc260}">
{lines}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a packet says. `digital_source_type` is the last part of the IPTC URI; with `producer`
    empty no AIGC record is written; `create_date` is ISO 8601 and comes from the caller."""

    asset_id: str
    digital_source_type: str
    create_date: str
    creator_tool: str
    ai_system: str = ""
    ai_system_version: str = ""
    producer: str = ""


@dataclass(frozen=True, slots=True)
class XmpReading:
    """What a file's packet says. `state` is valid, absent or invalid; `values` may hold
    digital_source_type (full URI), aigc (dict), ai_system, creator_tool, create_date, …"""

    state: str
    detail: str
    identifier: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def build(claims: Claims) -> str:
    """The packet as text, to be stored as UTF-8. LabelError on a source type IPTC does not know."""
    if claims.digital_source_type not in SOURCE_TYPES:
        raise LabelError(
            f"unknown digital source type {claims.digital_source_type!r}",
            hint=f"use one of {', '.join(SOURCE_TYPES)}",
        )
    values = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE_BASE + claims.digital_source_type,
        "Iptc4xmpExt:AISystemUsed": claims.ai_system,
        "Iptc4xmpExt:AISystemVersionUsed": claims.ai_system_version,
        "xmp:CreatorTool": claims.creator_tool,
        "xmp:CreateDate": claims.create_date,
        "dc:identifier": claims.asset_id,
    }
    if claims.producer:
        values["TC260:AIGC"] = aigc_text(aigc_record(claims.producer, claims.asset_id))
    lines = "\n".join(
        f"   <{name}>{_xml_text(value)}</{name}>" for name, value in values.items() if value
    )
    return _TEMPLATE.format(rdf=_RDF, iptc=_IPTC, xmp=_XMP, dc=_DC, tc260=_TC260, lines=lines)


def read(data: bytes) -> XmpReading:
    """The AI declaration in a PNG, JPEG or WebP file, or why there is none."""
    found = packets(data)
    if not found:
        return XmpReading("absent", "the file has no XMP packet")
    if len(found) > 1:
        return XmpReading("invalid", f"the file has {len(found)} XMP packets, only one is allowed")
    if found[0].fault:
        return XmpReading("invalid", found[0].fault)
    return parse(found[0].data)


def parse(packet: bytes) -> XmpReading:
    """Reads one packet. Entities, DTDs, broken or oversized XML are invalid, never an exception."""
    if len(packet) > MAX_PACKET:
        return XmpReading("invalid", f"the XMP packet has more than {MAX_PACKET} bytes")
    try:
        root = fromstring(packet.strip(b"\0 \t\r\n"), forbid_dtd=True)
    except DefusedXmlException:
        return XmpReading("invalid", "the XMP packet declares entities or a DTD")
    except (ParseError, ValueError, LookupError):
        return XmpReading("invalid", "the XMP packet is not well-formed XML")
    values, fault = _collect(root)
    if fault:
        return XmpReading("invalid", fault)
    identifier = values.pop("identifier", "")
    source = values.get("digital_source_type", "")
    if not source and "aigc" not in values:
        return XmpReading("absent", "the XMP packet declares nothing about AI", identifier, values)
    if source and source.removeprefix(SOURCE_TYPE_BASE) not in SOURCE_TYPES:
        fault = "the digital source type is not a term of the IPTC list"
    if "aigc" in values:
        values["aigc"], fault = _aigc(values["aigc"], identifier, fault)
        identifier = identifier or str(values["aigc"].get("ProduceID", ""))
    if fault:
        return XmpReading("invalid", fault, identifier, values)
    return XmpReading("valid", "the XMP packet is complete", identifier, values)


def _collect(root: Element) -> tuple[dict[str, Any], str]:
    """Our properties, as elements or attributes of any rdf:Description, and a fault if twice."""
    values: dict[str, Any] = {}
    for description in root.iter(f"{{{_RDF}}}Description"):
        for name, value in _pairs(description):
            if name in values:
                return {}, f"the XMP packet states {name} twice"
            values[name] = value[:4096]
    return values, ""


def _pairs(description: Element) -> Iterator[tuple[str, str]]:
    for name, tag in _PROPERTIES.items():
        if tag in description.attrib:
            yield name, description.attrib[tag].strip()
        for child in description.findall(tag):
            item = child.find(f".//{{{_RDF}}}li")
            text = child.text if item is None else item.text
            yield name, (child.get(f"{{{_RDF}}}resource") or text or "").strip()


def _aigc(text: str, identifier: str, fault: str) -> tuple[dict[str, Any], str]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return {}, "the AIGC label is not JSON"
    fault = fault or aigc_fault(record)
    record = record if isinstance(record, dict) else {}
    if not fault and identifier and record["ProduceID"] != identifier:
        fault = "the AIGC label and the XMP identifier name different assets"
    return record, fault


def _xml_text(value: str) -> str:
    """`value` escaped, without characters that XML 1.0 cannot hold."""
    return escape("".join(c for c in value if c.isprintable()))
