"""Labels any picture: the AI label drawn in a free corner, then the same layers as on a poster.

Takes files and folders, writes labelled copies, never over the input. One file's failure is a
record with its reason; the others go on. What a picture says of itself is kept and completed. There
is nothing here that removes a label. Knows no campaign.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentfab.delivery._verify_result import MAX_PICTURE, layer_json
from contentfab.delivery.picture_paths import pictures_at
from contentfab.errors import BackendError, InputError, LabelError, StorageError
from contentfab.protocols import Layout, Signer, Watermark
from contentfab.records.labels import LabelledFile, LabelRequest
from contentfab.records.pictures import Caption, CaptionRequest, Provenance
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.keys import canonical
from contentfab.rules.labels import xmp, xmp_merge
from contentfab.rules.labels.picture_origin import Foreign, read_foreign
from contentfab.rules.labels.project_keys import INIT
from contentfab.rules.labels.words import (
    asks_for_signature,
    corners,
    label_text,
    min_height_fraction,
)
from contentfab.stages.label import asset_id, label
from contentfab.store import publish_file

SOURCES = (
    "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic",
    "algorithmicMedia",
)  # fmt: skip
ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "avif": ".avif"}
FOLDER = "labelled"
BUSY = 0.45
"""Business of a corner from which the label may stand over something that matters."""


@dataclass(frozen=True, slots=True)
class Options:
    """How pictures are labelled. `source_type` is the last part of an IPTC URI; `corner` is `auto`
    or a corner; `form` is "" for that of the input; `out` None means `labelled/` beside each."""

    created: str
    jurisdictions: tuple[str, ...] = ("default",)
    locale: str = "en-US"
    source_type: str = SOURCES[0]
    system: str = ""
    system_version: str = ""
    producer: str = "contentfab"
    corner: str = "auto"
    form: str = ""
    person: bool = False
    out: Path | None = None
    force: bool = False


@dataclass(slots=True)
class Labelled:
    """What became of one file. `exit_code` is 0, or that of the error in `error`."""

    path: str
    out: str = ""
    error: str = ""
    hint: str = ""
    exit_code: int = 0
    asset_id: str = ""
    media_type: str = ""
    size: tuple[int, int] = (0, 0)
    visible: dict[str, Any] = field(default_factory=dict)
    layers: dict[str, Any] = field(default_factory=dict)
    digital_source_type: str = ""
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The file's record in `contentfab label --json`."""
        if self.error:
            return {
                "path": self.path,
                "ok": False,
                "error": self.error,
                "hint": self.hint,
                "exit_code": self.exit_code,
            }
        return {
            "path": self.path,
            "ok": True,
            "out": self.out,
            "id": self.asset_id,
            "media_type": self.media_type,
            "width": self.size[0],
            "height": self.size[1],
            "digital_source_type": self.digital_source_type,
            "visible": self.visible,
            "layers": self.layers,
            "notes": self.notes,
        }


class Labeller:
    """Labels pictures with the backends given. InputError for options that cannot be, or when a
    jurisdiction wants signed metadata and there are no keys."""

    def __init__(
        self, options: Options, layout: Layout, watermark: Watermark, signer: Signer | None
    ) -> None:
        self._options, self._watermark, self._signer = options, watermark, signer
        allowed = corners(options.jurisdictions)
        if options.corner not in ("auto", *allowed):
            raise InputError(
                f"corner {options.corner!r} is not one that the jurisdictions allow",
                hint=f"corners are auto, {', '.join(allowed)}",
            )
        self._corners = allowed if options.corner == "auto" else (options.corner,)
        self._text = label_text(options.locale, options.jurisdictions, person=options.person)
        if options.source_type not in SOURCES:
            raise InputError(
                f"source type {options.source_type!r} is not one of generated pictures",
                hint=f"source types are {', '.join(SOURCES)}",
            )
        if not hasattr(layout, "caption"):
            raise InputError(
                f"the layout backend {layout.id} cannot label pictures that it did not lay out",
                hint="use --set layout.backend=typst",
            )
        self._caption = layout.caption
        wanting = asks_for_signature(options.jurisdictions)
        if wanting and not (signer and getattr(signer, "can_sign", True)):
            raise InputError(
                f"{wanting[0]} wants the metadata to be signed, and there are no keys",
                hint=f"{INIT} makes them",
            )

    def label(self, shown: str, target: Path) -> Labelled:
        """Labels one file and writes `target`."""
        result = Labelled(shown)
        try:
            self._label(Path(shown), target, result)
        except (InputError, LabelError, BackendError, StorageError) as error:
            result.error = str(error).removeprefix(f"{shown}: ")
            result.hint, result.exit_code = error.hint, error.exit_code
        except FileFault as fault:
            result.error, result.hint, result.exit_code = fault.message, fault.hint, 2
        return result

    def _label(self, path: Path, target: Path, result: Labelled) -> None:
        if target.exists() and (target.samefile(path) or not self._options.force):
            raise InputError(
                "the labelled copy would overwrite the picture itself"
                if target.samefile(path)
                else f"{target} exists already",
                hint="choose another --out" + ("" if target.samefile(path) else ", or --force"),
            )
        picture = read_foreign(read_file(path, MAX_PICTURE))
        wanted = CaptionRequest(picture.pixels, self._text, self._options.locale, self._corners)
        (caption,) = self._caption([wanted])
        request = self._request(result.path, picture, caption)
        (file,) = label([request], self._watermark, self._signer, foreign=True)
        publish_file(target, file.data)
        self._tell(result, target, picture, caption, request, file)

    def _request(self, shown: str, picture: Foreign, caption: Caption) -> LabelRequest:
        options = self._options
        made = Provenance(
            digital_source_type=xmp_merge.source_type(_stated(picture), options.source_type),
            engine="",
            model=options.system,
            model_revision=options.system_version,
            uses_ai=True,
        )
        about = {"provenance": made, "producer": options.producer, "locale": options.locale}
        form = f"image/{options.form}" if options.form else picture.media_type
        return LabelRequest(
            key=shown,
            asset_id=asset_id(caption.pixels, {"about": canonical(about)}),
            pixels=caption.pixels,
            media_type=form,
            max_bytes=0,
            provenance=made,
            producer=options.producer,
            created=options.created,
            visible=self._text,
            visible_box=caption.box,
            visible_min_height=min_height_fraction(options.jurisdictions),
            origin=picture.origin,
            models=(options.system,) if options.system else (),
        )

    def _tell(
        self,
        result: Labelled,
        target: Path,
        picture: Foreign,
        caption: Caption,
        request: LabelRequest,
        file: LabelledFile,
    ) -> None:
        result.out, result.asset_id, result.media_type = str(target), file.asset_id, file.media_type
        result.size = (file.width, file.height)
        result.layers = {layer.layer: layer_json(layer) for layer in file.layers}
        result.digital_source_type = request.provenance.digital_source_type
        result.visible = {
            "text": self._text,
            "box": list(caption.box),
            "corner": caption.corner,
            "busy": round(caption.busy, 3),
        }
        stated = _stated(picture)
        if stated and stated != result.digital_source_type:
            result.notes.append(f"it said {stated} of itself; now {result.digital_source_type}")
        if caption.busy > BUSY:
            result.notes.append(
                f"no corner is quiet: look at the label {caption.corner}, or choose --corner"
            )


def targets(paths: Iterable[str], options: Options) -> list[tuple[str, Path]]:
    """(picture as shown, labelled copy) for files, folders and glob patterns, without repeats.
    InputError when a path does not exist, a folder has no pictures, or two pictures would be
    written to one file."""
    found: dict[str, Path] = {}
    seen: set[Path] = set()
    for given in paths:
        matches = list(pictures_at(given, FOLDER))
        if not matches:
            raise InputError(f"there is no picture in {given}", hint="name PNG, JPEG, WebP or AVIF")
        for path, inside in matches:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            name = Path(inside)
            suffix = ENDINGS[options.form] if options.form else path.suffix
            folder = (options.out / name.parent) if options.out else path.parent / FOLDER
            found[str(path)] = folder / f"{path.stem}{suffix}"
    twice = [path for path in found.values() if list(found.values()).count(path) > 1]
    if twice:
        raise InputError(
            f"two pictures would be written to {twice[0]}", hint="label them one after the other"
        )
    return list(found.items())


def exit_code(results: Sequence[Labelled]) -> int:
    """5 when a label failed, else the first other failure's code, else 0."""
    codes = [result.exit_code for result in results if result.exit_code]
    return 5 if 5 in codes else next(iter(codes), 0)


def _stated(picture: Foreign) -> str:
    """The source type that a picture came with, "" when it says none that IPTC knows."""
    said = str(xmp.parse(picture.origin.xmp).values.get("digital_source_type", ""))
    name = said.removeprefix(xmp.SOURCE_TYPE_BASE)
    return name if name in xmp.SOURCE_TYPES else ""
