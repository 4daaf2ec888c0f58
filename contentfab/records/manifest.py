"""What a run publishes: `manifest.json`, and its JSON Schema.

Lists are sorted by id, text is data, numbers are integers where one will do; `created` is the only
wall-clock time. `stages/manifest.py` fills these records, `delivery/` reads them back as JSON.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from contentfab.records.assets import Asset, Check, Digest, Part

FORMAT = "contentfab-manifest/1.0"


class Candidate(Part):
    """One picture that a key visual was chosen from; `score` is None when it could not be made."""

    id: str
    seed: int
    score: float | None


class Selection(Part):
    """How a key visual was chosen: by which selector, the index of the choice, and all candidates.
    The selector's scores are of no other use: what is reported comes from another scorer."""

    selector: str
    chosen: int
    candidates: list[Candidate]


class KeyVisualFile(Part):
    """A text-free picture that posters were made from; kept so that they can be made again."""

    id: str
    path: str
    bytes: int
    digest: Digest
    width: int
    height: int
    selection: Selection | None = None


class Review(Part):
    """Where a creative stands in review. `required` is a draft that a person must review before it
    is served, for the `reasons` given: regulated topics, and what was flagged."""

    state: Literal["draft", "required", "in_review", "approved", "rejected", "changed"] = "draft"
    by: str = ""
    at: str = ""
    digest_reviewed: str = ""
    reasons: list[str] = Field(default_factory=list)


class CreativeAssets(Part):
    """Asset ids: the copy, and one image per placement."""

    text: str
    images: dict[str, str]


class Creative(Part):
    id: str
    variant: str
    product: str
    channel: str
    locale: str
    audience: str
    layout: str
    angle: str
    assets: CreativeAssets
    landing_url: str
    url_tags: str
    review: Review = Review()


class Hash(Part):
    algorithm: str = "growthbook-fnv1a32-v2"
    attribute: str = "id"
    seed: str


class Arm(Part):
    key: str
    creative: str
    weight_bp: int
    control: bool


class MetricRecord(Part):
    name: str
    type: str
    baseline: float
    mde_relative: float


class SamplePlan(Part):
    alpha: float
    power: float
    correction: str
    comparisons: int
    n_per_arm: int | None
    method: str


class ExperimentRecord(Part):
    key: str
    hypothesis: str
    factor: str
    unit: str
    audience: str
    condition: dict[str, Any]
    hash: Hash
    arms: list[Arm]
    metric: MetricRecord
    plan: SamplePlan


class Reject(Part):
    """Work that did not make it, with the reason. `path` is the kept attempt, if there is one; of
    a poster that failed inspection `picture` is its picture and `findings` what was found."""

    job: str
    stage: str
    reason: str
    retryable: bool = False
    path: str = ""
    picture: str = ""
    findings: list[Check] = Field(default_factory=list)


class Audience(Part):
    id: str
    name: str
    condition: dict[str, Any]


class ProductRecord(Part):
    id: str
    name: str
    spec_sha256: str


class Totals(Part):
    jobs: dict[str, int]
    failed: int
    below_gates: int
    cost: dict[str, Any]


class Manifest(Part):
    """The whole of `manifest.json`."""

    manifest_version: str = FORMAT
    created: str
    generator: dict[str, str]
    campaign: dict[str, Any]
    products: list[ProductRecord]
    audiences: list[Audience]
    key_visuals: list[KeyVisualFile]
    assets: list[Asset]
    creatives: list[Creative]
    experiments: list[ExperimentRecord]
    rejects: list[Reject]
    totals: Totals
