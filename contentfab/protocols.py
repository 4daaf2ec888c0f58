"""What a backend is: one or two methods, a batch in, a batch out, and an `id`.

`id` names vendor, model and revision; it is part of every key, so a changed model is a changed
result. Backends are constructed once per process from their settings and must refuse there, with
MissingDependency, what they cannot work without. They must not depend on the order or the size of
a batch. Results come in the order of the requests unless said otherwise.

A backend may have these attributes besides:

- any: `parallel` true lets an executor construct it in many processes at once (else there is one,
  and its work is batched); `batch_size` is its largest batch; `prepare()` is called once before a
  run in which it has work, and refuses what its constructor could not see cheaply;
- a copywriter: `uses_ai` says that it is a model; `estimate(requests)` gives a cost in USD, (low,
  high) or None; `begin(campaign, budget)` tells it that a run begins and what it may spend at most
  in USD, `priced` false says that it could not keep to that; `facts()` is what it found out about
  its service, for run.json;
- an image generator: `around_product` says that it wants requests with the product's picture;
- a layout: `caption(requests)` puts the AI label alone on finished pictures, a CaptionRequest each,
  for `contentfab label`; `masters(brand, brand_dir)` are the brand's logo files as RGBA pixels,
  with which inspection compares the drawn logo; `needs` are the texts, by family, without which a
  family makes no sense; `files(request, kinds, packet)` are a poster and its print and editable
  files with that XMP packet, and `files_id` names what they depend on;
- a scorer: `judged(request)` are the pixels that it judges, where that is not the whole picture;
- a watermark: `sealed(payload)` is what one with a key writes for a payload, `alg` its name in C2PA
  soft bindings;
- a signer: `can_sign` false says that it has no keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from contentfab.records.copy import CopyReply, CopyRequest
    from contentfab.records.labels import LayerReading
    from contentfab.records.pictures import (
        KeyVisual,
        Picture,
        PictureRequest,
        Poster,
        PosterRequest,
    )
    from contentfab.records.scores import ScoreCard, ScoreRequest


@runtime_checkable
class Copywriter(Protocol):
    """Writes copy. Replies come as they are ready, each naming its request's key, one for each
    request; one request's failure is a reply with `error`, an endpoint that is down raises
    BackendUnavailable. `requests` is a list that may grow while replies are read: a repair, under
    the key of the request that it mends, follows its reply. `for request in requests` sees it; what
    a copywriter does not look at comes again in another call."""

    id: str

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]: ...


@runtime_checkable
class ImageGenerator(Protocol):
    """Makes text-free key visuals of exactly the asked size."""

    id: str

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]: ...


@runtime_checkable
class Layout(Protocol):
    """Sets type and product over a key visual. `families` are the names that a campaign's
    `layouts` may use."""

    id: str
    families: tuple[str, ...]

    def render(self, requests: Sequence[PosterRequest]) -> list[Poster]: ...


@runtime_checkable
class Scorer(Protocol):
    """Scores pictures for appeal and brand fit."""

    id: str

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]: ...


@runtime_checkable
class Watermark(Protocol):
    """Puts 64 bits into pixels and reads them back without the original. `payload` is 8 bytes."""

    id: str

    def embed(self, pixels: Picture, payload: bytes) -> Picture: ...

    def detect(self, pixels: Picture) -> LayerReading: ...


@runtime_checkable
class Signer(Protocol):
    """Signs a finished file; the last thing that happens to its bytes.

    A claim holds `asset_id`, `digital_source_type` (last part of the IPTC URI), `engine` and
    `engine_version`, `created` (ISO 8601), `models` (AI models that were used); it may hold `edits`
    (what was done after creation), `watermark` (payload in hex) with `watermark_alg`, and `parent`
    (`data` and `media_type` of a signed picture that this one was made from)."""

    id: str

    def sign(self, data: bytes, media_type: str, claim: dict[str, Any]) -> bytes: ...

    def verify(self, data: bytes, media_type: str) -> LayerReading: ...


@runtime_checkable
class Exporter(Protocol):
    """Writes approved creatives of a manifest in a platform's format: file name to bytes."""

    id: str

    def export(self, manifest: dict[str, Any]) -> dict[str, bytes]: ...


@runtime_checkable
class Executor(Protocol):
    """Runs stage calls somewhere. `slots` is how many may be under way at once; a call whose
    attribute `exclusive` is true must run in this process, one at a time."""

    id: str
    slots: int

    def submit(self, call: Callable[[Any], Any], batch: Any) -> Future[Any]: ...

    def close(self) -> None: ...
