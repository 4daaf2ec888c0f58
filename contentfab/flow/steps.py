"""What one job is as it goes through picture, compose, score and label, and each single step.

A step takes the states of a batch and the stage's backend, and answers the next states in the same
order (or a Failure in a state's place). Steps read the key visual and the product picture from
disk and write nothing; the session publishes what the last step returns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contentfab.errors import BackendError
from contentfab.flow import candidates
from contentfab.flow.inspected import check_records, composition, reject
from contentfab.flow.key_visuals import (
    PictureFile,
    picture_file,
    provenance_of,
    read_key_visual,
)
from contentfab.flow.results import Failure, label_record, product_record, score_records
from contentfab.protocols import ImageGenerator, Layout, Scorer, Signer, Watermark
from contentfab.records.brand import Brand
from contentfab.records.brief import Variant
from contentfab.records.channel import Placement
from contentfab.records.labels import LabelledFile, LabelRequest
from contentfab.records.pictures import Poster, PosterRequest, PosterText
from contentfab.records.plan import PictureJob
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.inspection import inspect_file
from contentfab.rules.keys import canonical
from contentfab.rules.labels.signed_claim import model_names, poster_provenance
from contentfab.stages import compose as compose_stage
from contentfab.stages import label as label_stage
from contentfab.stages import score as score_stage


@dataclass(frozen=True, slots=True)
class PosterTask:
    """One poster to make. `picture_path` and `picture` are the key visual's file and ledger
    result; `uses_ai` says whether a model wrote its words, `text_model` which one; `alone` that no
    experiment compares the poster with another; `label_height` is the least height of the visible
    label, as a fraction of the shortest side, `label_corners` where the law allows it; `created` is
    an ISO date."""

    key: str
    variant: Variant
    placement: Placement
    text: PosterText
    picture_path: Path
    picture: Mapping[str, Any]
    product_image: Path | None
    brand: Brand
    brand_dir: Path
    seed: int
    uses_ai: bool
    alone: bool
    producer: str
    label_height: float
    created: str
    poster: Poster | None = None
    card: ScoreCard | None = None
    text_model: str = ""
    label_corners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PosterFile:
    """A finished poster: final bytes and its manifest asset (less the path)."""

    key: str
    data: bytes
    asset: Mapping[str, Any]


def picture(jobs: Sequence[PictureJob], generator: ImageGenerator) -> list[PictureFile | Failure]:
    """Key visuals as files, or why one failed."""
    return [
        Failure(str(visual), visual.retryable, visual.exit_code)
        if isinstance(visual := choice.visual, BackendError)
        else picture_file(visual, job.request, choice.selection)
        for job, choice in zip(jobs, candidates.chosen(jobs, generator), strict=True)
    ]


def compose(tasks: Sequence[PosterTask], layout: Layout) -> list[PosterTask | Failure]:
    """Lay out and inspect; a poster with an error finding is a failed job, kept as a reject."""
    answers: list[PosterTask | Failure] = []
    for task in tasks:
        (poster,) = compose_stage.compose([poster_request(task)], layout, other_families=task.alone)
        passes = compose_stage.passes(poster)
        name = f"{task.variant.id}--{task.placement.id}"
        answers.append(replace(task, poster=poster) if passes else reject(name, poster))
    return answers


def score(tasks: Sequence[PosterTask], scorer: Scorer) -> list[PosterTask]:
    """Score finished posters against the brand."""
    requests = []
    for task in tasks:
        poster = _composed(task)
        requests.append(
            ScoreRequest(
                key=task.key,
                pixels=poster.pixels,
                brand=task.brand,
                text=" ".join(filter(None, (task.text.headline, task.text.subline))),
                poster=poster,
                exemplars=tuple(task.brand_dir / name for name in task.brand.exemplars),
                counter_exemplars=tuple(
                    task.brand_dir / name for name in task.brand.counter_exemplars
                ),
            )
        )
    cards = score_stage.score(requests, scorer)
    return [replace(task, card=card) for task, card in zip(tasks, cards, strict=True)]


def label(
    tasks: Sequence[PosterTask], watermark: Watermark, signer: Signer | None = None
) -> list[PosterFile]:
    """Mark, encode, sign, read every layer back, and describe the asset for the manifest."""
    requests = [label_request(task) for task in tasks]
    files = label_stage.label(requests, watermark, signer)
    return [
        PosterFile(task.key, file.data, _asset(task, request, file))
        for task, request, file in zip(tasks, requests, files, strict=True)
    ]


def poster_request(task: PosterTask) -> PosterRequest:
    """What the layout is asked for; reads the key visual from disk."""
    return PosterRequest(
        key=task.key,
        variant=task.variant.id,
        layout=task.variant.layout,
        placement=task.placement,
        locale=task.variant.cell.locale,
        text=task.text,
        key_visual=read_key_visual(task.picture_path, task.picture),
        product_image=task.product_image,
        brand=task.brand,
        brand_dir=task.brand_dir,
        seed=task.seed,
        label_corners=task.label_corners,
    )


def label_request(task: PosterTask) -> LabelRequest:
    """What the label stage is asked for, once the poster is composed."""
    poster = _composed(task)
    photo = task.product_image is not None
    provenance = poster_provenance(provenance_of(task.picture), photo=photo)
    metadata = {
        "provenance": provenance,
        "producer": task.producer,
        "locale": task.variant.cell.locale,
        "placement": task.placement.id,
    }
    box = next((text.box for text in poster.texts if text.role == "label"), None)
    first, *others = task.placement.media_types
    return LabelRequest(
        key=task.key,
        asset_id=label_stage.asset_id(poster.pixels, {"about": canonical(metadata)}),
        pixels=poster.pixels,
        media_type=first,
        max_bytes=task.placement.max_bytes,
        formats=tuple(others),
        provenance=provenance,
        producer=task.producer,
        created=task.created,
        visible=task.text.label,
        visible_box=box,
        visible_min_height=task.label_height,
        models=model_names(provenance, task.text_model),
    )


def _asset(task: PosterTask, request: LabelRequest, file: LabelledFile) -> dict[str, Any]:
    poster = _composed(task)
    provenance = {k: v for k, v in asdict(request.provenance).items() if k != "prompt"}
    provenance |= {
        "prompt_sha256": task.picture["provenance"]["prompt_sha256"],
        "art_direction": task.picture["art_direction"],
        "uses_ai": request.provenance.uses_ai or task.uses_ai,
    }
    return {
        "id": file.asset_id,
        "kind": "image",
        "media_type": file.media_type,
        "bytes": len(file.data),
        "digest": {"sha256": hashlib.sha256(file.data).hexdigest()},
        "locale": task.variant.cell.locale,
        "width": file.width,
        "height": file.height,
        "placement": task.placement.id,
        "layout": poster.layout,
        "key_visual": task.picture["id"],
        "product": product_record(task.product_image, poster),
        "provenance": provenance,
        "scores": score_records(task.card) if task.card else [],
        "label": label_record(request.visible, request.visible_box, file.layers),
        "composition": composition(poster, task.label_height),
        "checks": check_records((*poster.findings, *inspect_file(file.data, task.placement))),
    }


def _composed(task: PosterTask) -> Poster:
    if task.poster is None:
        raise ValueError("this poster has not been composed yet")
    return task.poster
