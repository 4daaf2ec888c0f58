"""The XMP packet of a labelled picture: built here, and read back from any file, hostile or not.

Written: IPTC digital source type and AI system (IPTC Photo Metadata 2025.1), XMP creator tool and
dates, dc:identifier, and the TC260 AIGC record (TC260-PG-20259A, clause 6) once. No prompt ever
goes in. Reading gives a state, never an exception. A picture that comes with a packet of its own
is `xmp_merge`'s. Knows nothing about pixels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from contentfab.errors import LabelError
from contentfab.rules.labels.aigc import aigc_fault, aigc_record, aigc_text
from contentfab.rules.labels.xmp_files import packets

SOURCE_TYPE_BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES = (
    "algorithmicMedia", "algorithmicallyEnhanced", "composite", "compositeCapture",
    "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "computationalCapture",
    "dataDrivenMedia", "digitalArt", "digitalCapture", "digitalCreation", "humanEdits",
    "minorHumanEdits", "multiFrameComputationalCapture", "negativeFilm", "positiveFilm", "print",
    "screenCapture", "softwareImage", "trainedAlgorithmicMedia", "virtualRecording",
)  # fmt: skip
MAX_PACKET = 256 * 1024
MAX_EXTENSION = 8 * 1024 * 1024

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP = "http://ns.adobe.com/xap/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
OWN = "https://contentfab.github.io/ns/label/1.0/"
PREFIXES = {"Iptc4xmpExt": IPTC, "xmp": XMP, "dc": DC, "TC260": TC260, "contentfab": OWN}
PROPERTIES = {
    "digital_source_type": f"{{{IPTC}}}DigitalSourceType",
    "ai_system": f"{{{IPTC}}}AISystemUsed",
    "ai_system_version": f"{{{IPTC}}}AISystemVersionUsed",
    "creator_tool": f"{{{XMP}}}CreatorTool",
    "create_date": f"{{{XMP}}}CreateDate",
    "modify_date": f"{{{XMP}}}ModifyDate",
    "metadata_date": f"{{{XMP}}}MetadataDate",
    "identifier": f"{{{DC}}}identifier",
    "aigc": f"{{{TC260}}}AIGC",
    "visible_label": f"{{{OWN}}}VisibleLabel",
    "label_layers": f"{{{OWN}}}Layers",
}
_TEMPLATE = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="{rdf}">
{description}
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a packet says. `digital_source_type` is the last part of the IPTC URI; with `producer`
    empty no AIGC record is written; `create_date` is ISO 8601, comes from the caller, and is the
    time of labelling where the picture is older; `visible_label` is a `rules.drawn_label`,
    `label_layers` names the layers that the file has."""

    asset_id: str
    digital_source_type: str
    create_date: str
    creator_tool: str
    ai_system: str = ""
    ai_system_version: str = ""
    producer: str = ""
    visible_label: str = ""
    label_layers: str = ""


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
    values = claimed(claims)
    if claims.producer:
        values["aigc"] = aigc_text(aigc_record(claims.producer, claims.asset_id))
    return packet(values)


def claimed(claims: Claims) -> dict[str, str]:
    """The properties that `claims` ask for, by their names in PROPERTIES; some may be empty. The
    AIGC record is not among them."""
    if claims.digital_source_type not in SOURCE_TYPES:
        raise LabelError(
            f"unknown digital source type {claims.digital_source_type!r}",
            hint=f"use one of {', '.join(SOURCE_TYPES)}",
        )
    return {
        "digital_source_type": SOURCE_TYPE_BASE + claims.digital_source_type,
        "ai_system": claims.ai_system,
        "ai_system_version": claims.ai_system_version,
        "creator_tool": claims.creator_tool,
        "create_date": claims.create_date,
        "metadata_date": claims.create_date,
        "identifier": claims.asset_id,
        "visible_label": claims.visible_label,
        "label_layers": claims.label_layers,
    }


def packet(values: Mapping[str, str], extra: str = "") -> str:
    """A whole packet with one description."""
    return _TEMPLATE.format(rdf=RDF, description=description(values, extra=extra))


def description(values: Mapping[str, str], about: str = "", extra: str = "") -> str:
    """An rdf:Description of the properties that have a value, in the order of PROPERTIES, with
    `extra` XML after them. It declares every prefix that it uses."""
    names = {uri: prefix for prefix, uri in PREFIXES.items()}
    lines = []
    for name, tag in PROPERTIES.items():
        if values.get(name):
            uri, _, local = tag[1:].partition("}")
            shown = f"{names[uri]}:{local}"
            lines.append(f"   <{shown}>{xml_text(values[name])}</{shown}>")
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    start = f'  <rdf:Description xmlns:rdf="{RDF}" rdf:about={quoteattr(about)} {spaces}>'
    return "\n".join([start, *lines, *([extra] if extra else []), "  </rdf:Description>"])


def read(data: bytes) -> XmpReading:
    """The AI declaration in a PNG, JPEG, WebP or AVIF file, or why there is none."""
    found = packets(data)
    main = [part for part in found if not part.extension]
    extensions = [part for part in found if part.extension]
    if not main:
        return XmpReading("absent", "the file has no XMP packet")
    if len(main) > 1:
        return XmpReading("invalid", f"the file has {len(main)} XMP packets, only one is allowed")
    fault = next((part.fault for part in found if part.fault), "")
    if fault:
        return XmpReading("invalid", fault)
    return parse(main[0].data, *(part.data for part in extensions))


def parse(packet: bytes, *extensions: bytes) -> XmpReading:
    """Reads one packet, with what a JPEG holds of it in extensions. Entities, DTDs, broken or
    oversized XML are invalid, never an exception."""
    values: dict[str, Any] = {}
    for part in (packet, *extensions):
        root, fault = tree(part, MAX_EXTENSION if part is not packet else MAX_PACKET)
        if root is None:
            return XmpReading("invalid", fault)
        more, fault = properties(root)
        doubled = next((name for name in more if name in values), "")
        if doubled:
            fault = f"the XMP packet states {doubled} twice"
        if fault:
            return XmpReading("invalid", fault)
        values |= more
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


def tree(packet: bytes, limit: int = MAX_PACKET) -> tuple[Element | None, str]:
    """The packet's XML, or None and what is wrong with it."""
    if len(packet) > limit:
        return None, f"the XMP packet has more than {limit} bytes"
    try:
        return fromstring(packet.strip(b"\0 \t\r\n"), forbid_dtd=True), ""
    except DefusedXmlException:
        return None, "the XMP packet declares entities or a DTD"
    except (ParseError, ValueError, LookupError):
        return None, "the XMP packet is not well-formed XML"


def properties(root: Element) -> tuple[dict[str, str], str]:
    """Our properties by name, as elements or attributes of the descriptions of the file itself
    (not those nested in other properties, which tell of other files), and a fault if twice."""
    values: dict[str, str] = {}
    for graph in root.iter(f"{{{RDF}}}RDF"):
        for about in graph.findall(f"{{{RDF}}}Description"):
            for name, value in _pairs(about):
                if name in values:
                    return {}, f"the XMP packet states {name} twice"
                values[name] = value[:4096]
    return values, ""


def _pairs(description: Element) -> Iterator[tuple[str, str]]:
    for name, tag in PROPERTIES.items():
        if tag in description.attrib:
            yield name, description.attrib[tag].strip()
        for child in description.findall(tag):
            item = child.find(f".//{{{RDF}}}li")
            text = child.text if item is None else item.text
            yield name, (child.get(f"{{{RDF}}}resource") or text or "").strip()


def _aigc(text: str, identifier: str, fault: str) -> tuple[dict[str, Any], str]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return {}, "the AIGC label is not JSON"
    fault = fault or aigc_fault(record)
    record = record if isinstance(record, dict) else {}
    ids = (record.get("ProduceID"), record.get("PropagateID"))
    if not fault and identifier and identifier not in ids:
        fault = "the AIGC label and the XMP identifier name different assets"
    return record, fault


def xml_text(value: str) -> str:
    """`value` escaped, without characters that XML 1.0 cannot hold."""
    return escape("".join(c for c in value if c.isprintable()))
