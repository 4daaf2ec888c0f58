"""Our properties set in the XMP packet that a picture came with; the rest of it stays as it is.

What we set is cut out of the packet's text and written anew in one description of our own, so that
every other byte, of namespaces that we have never heard of too, is what it was. Nothing that a
picture says of its origin is lost: its tool and date of creation stay, another system's number
moves to xmp:Identifier, the AIGC record of another producer keeps its production elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from contentfab.errors import LabelError
from contentfab.rules.labels import xmp
from contentfab.rules.labels.aigc import aigc_record, aigc_text, propagated, stated_record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

HUMAN_MADE = frozenset((
    "composite", "compositeCapture", "computationalCapture", "digitalArt", "digitalCapture",
    "digitalCreation", "humanEdits", "minorHumanEdits", "multiFrameComputationalCapture",
    "negativeFilm", "positiveFilm", "print", "screenCapture", "softwareImage", "virtualRecording",
))  # fmt: skip
MADE_BY_MODELS = frozenset((
    "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia",
))  # fmt: skip
_IDENTIFIERS = f"{{{xmp.XMP}}}Identifier"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_ORIENTATION = f"{{{_TIFF}}}Orientation"
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")
_HINT = "give the picture without its metadata, or mend the packet with a metadata editor"


def merge(existing: bytes, claims: xmp.Claims, aigc: str = "") -> str:
    """The packet `existing` (b"" for none) with what `claims` say. `aigc` is a record that stood
    elsewhere in the file; one in the packet comes first. LabelError when the packet cannot be read,
    since what cannot be read cannot be kept."""
    if not existing.strip(b"\0 \t\r\n"):
        return xmp.packet(_values({"aigc": aigc}, claims))
    data = existing.strip(b"\0 \t\r\n").removeprefix(b"\xef\xbb\xbf")
    root, fault = xmp.tree(data)
    found, doubled = xmp.properties(root) if root is not None else ({}, "")
    try:
        data.decode()
    except UnicodeDecodeError:
        fault = fault or "the XMP packet is not UTF-8"
    if root is None or fault or doubled:
        raise LabelError(f"the picture's own metadata is broken: {fault or doubled}", hint=_HINT)
    values = _values({"aigc": aigc, **found}, claims)
    others = _other_identifiers(root, found.get("identifier", ""), claims.asset_id)
    extra = "\n".join(filter(None, (_bag(others), _upright(root))))
    if root.find(f".//{{{xmp.RDF}}}RDF") is None and root.tag != f"{{{xmp.RDF}}}RDF":
        return xmp.packet(values, extra)
    return _wrapped(_spliced(data, values, extra))


def source_type(existing: str, wanted: str) -> str:
    """What a picture that says `existing` of itself (the last part of the IPTC URI, or "") is
    after a step that makes it `wanted`: a model's work on a photograph is a composite, and what a
    model made stays that."""
    if existing in MADE_BY_MODELS and (
        wanted not in MADE_BY_MODELS or existing != "trainedAlgorithmicMedia"
    ):
        return existing
    if existing in HUMAN_MADE and wanted == "trainedAlgorithmicMedia":
        return "compositeWithTrainedAlgorithmicMedia"
    if existing in HUMAN_MADE and wanted == "algorithmicMedia":
        return "composite"
    return wanted


def _values(found: dict[str, str], claims: xmp.Claims) -> dict[str, str]:
    """What our properties become. Who made the picture, and when, is the picture's to say."""
    values = xmp.claimed(claims)
    values["modify_date"] = claims.create_date
    values["create_date"] = found.get("create_date", "")
    values["creator_tool"] = found.get("creator_tool") or claims.creator_tool
    if not claims.ai_system:
        for name in ("ai_system", "ai_system_version"):
            values[name] = values[name] or found.get(name, "")
    values["aigc"] = _record(found.get("aigc", ""), claims)
    return values


def _record(stated: str, claims: xmp.Claims) -> str:
    if not stated:
        made = claims.producer and aigc_record(claims.producer, claims.asset_id)
        return aigc_text(made) if made else ""
    record = stated_record(stated)
    if record is None:
        raise LabelError("the picture's own AIGC label is not a valid record", hint=_HINT)
    if not claims.producer:
        return aigc_text(record)
    return aigc_text(propagated(record, claims.producer, claims.asset_id))


def _other_identifiers(root: Element, identifier: str, ours: str) -> list[str]:
    """Names that other systems know the picture by."""
    listed = [
        (item.text or "").strip()
        for about in root.iter(_IDENTIFIERS)
        for item in about.iter(f"{{{xmp.RDF}}}li")
    ]
    return [name for name in dict.fromkeys([identifier, *listed]) if name and name != ours]


def _bag(names: list[str]) -> str:
    if not names:
        return ""
    items = "".join(f"<rdf:li>{xmp.xml_text(name)}</rdf:li>" for name in names)
    return f"   <xmp:Identifier><rdf:Bag>{items}</rdf:Bag></xmp:Identifier>"


def _upright(root: Element) -> str:
    """The orientation of a picture that is the right way round, where one was stated."""
    stated = any(_ORIENTATION in about.attrib for about in root.iter(f"{{{xmp.RDF}}}Description"))
    if not stated and root.find(f".//{_ORIENTATION}") is None:
        return ""
    return f'   <tiff:Orientation xmlns:tiff="{_TIFF}">1</tiff:Orientation>'


@dataclass(slots=True)
class _Scan:
    """Where things stand in a packet, as byte ranges of its text."""

    cuts: list[tuple[int, int]] = field(default_factory=list)
    about: str = ""
    end: int = -1  # of the first rdf:RDF: where its end tag starts
    empty: tuple[int, int] | None = None  # the first rdf:RDF, when it is one empty tag


def _spliced(data: bytes, values: dict[str, str], extra: str) -> bytes:
    scan = _scan(data)
    ours = ("\n" + xmp.description(values, scan.about, extra) + "\n ").encode()
    if scan.empty is not None:
        start, end = scan.empty
        tag = data[start:end]
        name = tag[1:].split(None, 1)[0].rstrip(b"/>")
        opened = tag[: tag.rindex(b"/")] + b">"
        return data[:start] + opened + ours + b"</" + name + b">" + data[end:]
    pieces, at = [], 0
    for start, end in sorted([*scan.cuts, (scan.end, scan.end)]):
        pieces.append(data[at:start])
        if start == scan.end:
            pieces.append(ours)
        at = end
    return b"".join([*pieces, data[at:]])


def _scan(data: bytes) -> _Scan:
    """Finds the properties that we set, and where descriptions end. `data` is well-formed."""
    scan = _Scan()
    path: list[tuple[str, int]] = []
    prefixes: dict[str, list[str]] = {}
    parser = expat.ParserCreate(namespace_separator="}")
    ours = {tag[1:] for tag in (*xmp.PROPERTIES.values(), _IDENTIFIERS, _ORIENTATION)}
    graph, about = f"{xmp.RDF}}}RDF", f"{xmp.RDF}}}Description"

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        names = [part for part, _ in path]
        if name == about and names[-1:] == [graph]:
            scan.about = scan.about or attributes.get(f"{xmp.RDF}}}about", "")
            scan.cuts += _attributes(data, at, prefixes, ours)
        path.append((name, at))

    def end(name: str) -> None:
        at, first = parser.CurrentByteIndex, path.pop()[1]
        names = [part for part, _ in path]
        opened = _tag_end(data, first)
        empty = data[opened - 2 : opened] == b"/>"
        if name in ours and names[-2:] == [graph, about]:
            scan.cuts.append((_line_start(data, first), opened if empty else _tag_end(data, at)))
        if name == graph and scan.end < 0 and scan.empty is None:
            if empty:
                scan.empty = (first, opened)
            else:
                scan.end = at

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartNamespaceDeclHandler = lambda prefix, uri: prefixes.setdefault(
        prefix or "", []
    ).append(uri or "")
    parser.EndNamespaceDeclHandler = lambda prefix: prefixes[prefix or ""].pop()
    parser.Parse(data, True)
    return scan


def _attributes(
    data: bytes, at: int, prefixes: dict[str, list[str]], ours: set[str]
) -> Iterator[tuple[int, int]]:
    """Ranges of the attributes of the tag at `at` that are properties of ours."""
    for found in _ATTRIBUTE.finditer(data, at, _tag_end(data, at)):
        prefix, colon, local = found[1].decode().partition(":")
        if colon and f"{(prefixes.get(prefix) or [''])[-1]}}}{local}" in ours:
            yield found.span()


def _tag_end(data: bytes, at: int) -> int:
    """The place after the `>` of the tag that starts at `at`; quotes may hold others."""
    quote = 0
    for place in range(at, len(data)):
        byte = data[place]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return place + 1
    return len(data)


def _line_start(data: bytes, at: int) -> int:
    """`at`, or the start of its line's indent: a property that goes takes its line with it."""
    start = len(data[:at].rstrip(b" \t"))
    return start - 1 if start and data[start - 1 : start] == b"\n" else at


def _wrapped(data: bytes) -> str:
    """The packet with the wrapper by which readers that do not parse the file find it."""
    text = data.decode()
    if "<?xpacket" in text:
        return text
    wrap = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    return f'{wrap}{text}\n<?xpacket end="w"?>'
