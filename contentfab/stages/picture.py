"""Stage `picture`: key visuals from the image generator, each one looked at before it goes on.

A picture of the wrong size, or black or near-uniform (what a safety checker or a broken decoder
returns), fails its own job only. Knows nothing about models, prompts or what the scene should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from contentfab.errors import BackendError, BackendUnavailable, BadOutput
from contentfab.protocols import ImageGenerator
from contentfab.records.pictures import KeyVisual, PictureRequest

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

VERSION = "1"
MIN_SPREAD = 4.0
"""Smallest distance, in 8-bit levels, between the 1st and the 99th percentile of some channel.
A studio gradient spans 20 and more; a black or filled picture, even after JPEG, stays under 3."""


def picture(
    requests: Sequence[PictureRequest], generator: ImageGenerator
) -> list[KeyVisual | BackendError]:
    """A key visual per request, or the error that its job failed with, in order.

    When a batch fails it is made again one by one, so that only the bad ones fail. Raises
    BackendUnavailable when the generator's service is down: then no job is at fault."""
    if not requests:
        return []
    try:
        visuals = _generate(requests, generator)
    except BackendUnavailable:
        raise
    except BackendError as error:
        if len(requests) == 1:
            return [error]
        return [result for request in requests for result in picture([request], generator)]
    return [
        _looked_at(request, visual, generator.id)
        for request, visual in zip(requests, visuals, strict=True)
    ]


def _generate(requests: Sequence[PictureRequest], generator: ImageGenerator) -> list[KeyVisual]:
    visuals = generator.generate(requests)
    if [visual.key for visual in visuals] != [request.key for request in requests]:
        raise BadOutput(
            f"{generator.id} answered {len(visuals)} of {len(requests)} pictures, or out of order",
            hint="Report this to the backend's author, or choose another image.backend.",
        )
    return visuals


def _looked_at(
    request: PictureRequest, visual: KeyVisual, generator_id: str
) -> KeyVisual | BackendError:
    pixels = visual.pixels
    if pixels.dtype != np.uint8 or pixels.shape != (request.height, request.width, 3):
        got = "×".join(map(str, pixels.shape))
        return BadOutput(
            f"{generator_id} made {pixels.dtype} {got} (height×width×channels) "
            f"where uint8 {request.height}×{request.width}×3 was asked for",
            hint="Report this to the backend's author, or choose another image.backend.",
        )
    fault = blank(pixels)
    if fault:
        return BadOutput(
            f"{generator_id} made a {fault} picture for seed {request.seed}",
            hint="Often a safety checker's doing: change --seed or the art direction's words.",
        )
    return visual


def blank(pixels: Picture) -> str:
    """ "black" or "near-uniform" for a picture that shows nothing, else an empty string."""
    step = max(1, min(pixels.shape[:2]) // 128)
    sample = pixels[::step, ::step].reshape(-1, 3)
    low, high = np.percentile(sample, (1, 99), axis=0)
    if float((high - low).max()) >= MIN_SPREAD:
        return ""
    return "black" if float(high.max()) < 16 else "near-uniform"
