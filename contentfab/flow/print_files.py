"""Finished posters once more, as files for printers (PDF) and designers (SVG).

Such a file carries the visible label, an XMP packet and, when the project has keys, the C2PA
signature; the invisible mark is the poster's own. Writes nothing; `print_run.py` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contentfab import __version__
from contentfab.errors import BadOutput, LabelError
from contentfab.flow import steps
from contentfab.flow.results import Failure
from contentfab.flow.signing import can_sign
from contentfab.protocols import Layout, Signer
from contentfab.records.labels import LabelRequest
from contentfab.rules.labels import xmp
from contentfab.rules.labels.drawn_label import DrawnLabel
from contentfab.rules.labels.signed_claim import picture_claim

KINDS = {"print": ("pdf", "application/pdf"), "editable": ("svg", "image/svg+xml")}
"""Ending and media type of each kind."""


@dataclass(frozen=True, slots=True)
class FilesTask:
    """The files of `kinds` to make of the poster of `task`, whose manifest record is `asset`."""

    task: steps.PosterTask
    asset: Mapping[str, Any]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesMade:
    """The files of one poster, by kind."""

    key: str
    data: Mapping[str, bytes]


def make(tasks: Sequence[FilesTask], layout: Layout, signer: Signer) -> list[FilesMade | Failure]:
    """Lay the posters out again, and write them in the other forms. BadOutput when one is not the
    poster that it was."""
    return [_made(task, layout, signer if can_sign(signer) else None) for task in tasks]


def _made(wanted: FilesTask, layout: Any, signer: Signer | None) -> FilesMade:
    task, asset = wanted.task, wanted.asset
    request = replace(steps.poster_request(task), layout=asset["layout"])
    poster, files = layout.files(request, wanted.kinds, _packet(task, asset, signer is not None))
    labelled = steps.label_request(replace(task, poster=poster))
    if labelled.asset_id != asset["id"]:
        raise BadOutput(
            f"the poster {asset['id']} does not come out again as it was made",
            hint="remove it from the run folder and run again",
        )
    return FilesMade(
        task.key, {kind: _signed(data, kind, labelled, signer) for kind, data in files.items()}
    )


def _signed(data: bytes, kind: str, request: LabelRequest, signer: Signer | None) -> bytes:
    if signer is None:
        return data
    _, media_type = KINDS[kind]
    signed = signer.sign(data, media_type, picture_claim(request, None))
    reading = signer.verify(signed, media_type)
    if reading.state not in ("valid", "untrusted") or reading.id != request.asset_id:
        raise LabelError(
            f"{request.key}: the signature of its {kind} file does not read back: {reading.detail}",
            hint="contentfab keys show tells what the certificate is",
        )
    return signed


def _packet(task: steps.PosterTask, asset: Mapping[str, Any], signed: bool) -> str:
    made, visible = asset["provenance"], asset["label"]["visible"]
    text, box = visible.get("text"), visible.get("box")
    drawn = DrawnLabel(text, box, asset["width"], asset["height"]).stored() if text and box else ""
    layers = ["visible", "metadata"] if text else ["metadata"]
    return xmp.build(
        xmp.Claims(
            asset_id=asset["id"],
            digital_source_type=made["digital_source_type"],
            create_date=task.created,
            creator_tool=f"contentfab {__version__}",
            ai_system=made["model"],
            ai_system_version=made["model_revision"],
            producer=task.producer if text else "",
            visible_label=drawn,
            label_layers=" ".join([*layers, "c2pa"] if signed else layers),
        )
    )
