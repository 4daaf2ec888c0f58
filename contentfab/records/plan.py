"""What a run will do: cells, variants, and the three kinds of job with their keys.

Made by `stages/plan.py` from a brief, before anything is generated; holds no results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contentfab.records.brief import BrandView, Cell, ProductView, SegmentView, Variant
    from contentfab.records.channel import Channel, Placement
    from contentfab.records.copy import CopyRequest
    from contentfab.records.inputs import CopyEdit
    from contentfab.records.pictures import PictureRequest


@dataclass(frozen=True, slots=True)
class BackendIds:
    """Ids of the backends of a run; part of every key."""

    copy: str
    image: str
    layout: str
    score: str
    watermark: str
    signer: str = ""


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """How copy is asked for: `surplus` spare variants beside those of a cell (None: one where
    several are asked of a model), art directions with it, and whether a model writes it."""

    surplus: int | None = None
    art_direction: bool = False
    by_model: bool = False

    def spares(self, variants: int) -> int:
        """Spares for a cell. A second valid draft is cheaper than a repair when two or more may
        fail: a repair pays the prompt again, a spare one more answer; one alone seldom fails."""
        if self.surplus is not None:
            return self.surplus
        return 1 if self.by_model and variants > 1 else 0


@dataclass(frozen=True, slots=True)
class CopyJob:
    """The copy of one cell: one request, one key per variant, and hand-edited copy by variant,
    which is not asked for."""

    request: CopyRequest
    keys: Mapping[str, str]
    edits: Mapping[str, CopyEdit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PictureJob:
    """One key visual; posters of the same art direction and size share it. `candidates` are made
    of it, with seeds of their own, and one is chosen."""

    request: PictureRequest
    candidates: int = 1

    @property
    def key(self) -> str:
        return self.request.key


@dataclass(frozen=True, slots=True)
class PosterJob:
    """One poster: a variant at one placement. Its copy comes from the variant's copy job."""

    key: str
    variant: Variant
    placement: Placement
    picture_key: str
    product_image: Path | None


@dataclass(frozen=True, slots=True)
class CellViews:
    """What a cell's jobs need to know of brand, product and segment, in the cell's locale."""

    cell: Cell
    product: ProductView
    segment: SegmentView
    brand: BrandView
    channel: Channel


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a campaign asks for, in a fixed order."""

    cells: tuple[CellViews, ...]
    variants: tuple[Variant, ...]
    copies: tuple[CopyJob, ...]
    pictures: tuple[PictureJob, ...]
    posters: tuple[PosterJob, ...]

    def keys(self) -> set[str]:
        """The keys of all jobs."""
        copies = {key for job in self.copies for key in job.keys.values()}
        return copies | {job.key for job in self.pictures} | {job.key for job in self.posters}
