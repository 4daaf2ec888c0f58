"""Assets as the manifest records them: where they came from, their scores, labels and checks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

PixelBox = tuple[int, int, int, int]
"""A rectangle in pixels: x0, y0, x1, y1, the last two exclusive."""


class Part(BaseModel):
    """Frozen; unknown keys are refused, so that schema and writer cannot drift apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SparsePart(Part):
    """A part that stands in the manifest many times: what is not required is written only when it
    says something, so neither as None nor as an empty text or list."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        required = {name for name, field in type(self).model_fields.items() if field.is_required()}
        return {
            name: value
            for name, value in write(self).items()
            if name in required or value not in (None, "", [])
        }


class Digest(Part):
    sha256: str


class AssetProvenance(Part):
    """How an asset was made; the prompt itself is in `recipes.jsonl` under its hash."""

    digital_source_type: str
    uses_ai: bool
    engine: str
    model: str
    model_revision: str
    seed: int
    steps: int = 0
    guidance_scale: float = 0.0
    scheduler: str = ""
    prompt_sha256: str = ""
    art_direction: dict[str, Any] | None = None
    human_edited: bool = False
    adapters: tuple[str, ...] = ()


class Score(SparsePart):
    """One number in 0 … 1 with the id of the calibration under which it may be compared; None when
    nothing could be said. `percentile` (0 … 100) is its place in the background set, `z` its
    distance from that set's middle in robust standard deviations, `spread` what views and prompts
    disagree by, in the same unit; `raw` is the number before calibration. `informative` is false
    for what was measured and tells nothing apart. `failed_gates` say why a score is capped;
    `text_inflation` (z) is what the poster's words would have added and does not count; `review`
    are reasons why a person must look; `content` says what of the picture's content was checked.
    Of these, what there is nothing to say of is left out, but for `value`."""

    name: str
    value: float | None
    calibration_id: str
    model: str
    uses_clip: bool
    explanation: str = ""
    percentile: float | None = None
    z: float | None = None
    spread: float | None = None
    confidence: float | None = None
    raw: float | None = None
    informative: bool = True
    failed_gates: list[str] = Field(default_factory=list)
    text_inflation: float | None = None
    review: list[str] = Field(default_factory=list)
    content: str = ""


class Label(Part):
    """The label layers as read back from the final bytes. `box` is in pixels, x0 y0 x1 y1."""

    visible: dict[str, Any]
    metadata: dict[str, Any]
    watermark: dict[str, Any] | None
    c2pa: dict[str, Any] | None = None


class Check(SparsePart):
    """One finding: by which rule, how grave, and, where it has them, what was measured, its limit
    and where on the poster."""

    rule: str
    level: Literal["pass", "warn", "error"]
    message: str
    measure: float | None = None
    limit: float | None = None
    box: PixelBox | None = None


class SetTextRecord(Part):
    """A text on a poster: what it says, where its glyphs stand as a whole and line by line, its
    font size in pixels, ink (#RRGGBB), weight and number of lines."""

    role: str
    text: str
    box: PixelBox
    rows: list[PixelBox]
    size: float
    ink: str
    weight: int
    lines: int


class Composition(Part):
    """How a poster is composed, so that its file can be inspected again: layout family, placement,
    texts, where logo, product and key visual (`frame`) stand, and the least height of the AI label
    in shortest sides."""

    family: str
    placement: str
    texts: list[SetTextRecord]
    logo_box: PixelBox | None
    product_box: PixelBox | None
    frame: PixelBox | None
    label_share: float


class ClaimRecord(Part):
    """Something that a copy claims: in which of its `fields`, and which field of the product,
    brand or campaign (`source`) says so."""

    field: str
    kind: str
    text: str
    source: str


class Sidecar(Part):
    """A C2PA signature that lies beside the file that it signs, named after it."""

    path: str
    bytes: int
    digest: Digest


class ProductLock(Part):
    """The product on a poster, measured before the watermark: its picture's `file` name and hash,
    the hash of its scaled alpha, its `box` on the poster (x0 y0 x1 y1, pixels), shown to given
    width, and by how many levels any of its pixels differs from the scaled picture (0)."""

    file: str
    file_sha256: str
    mask_sha256: str
    box: tuple[int, int, int, int]
    scale: float
    max_difference: int


class AssetFile(Part):
    """A poster once more, as a PDF for printers (`print`) or an SVG for designers (`editable`)."""

    kind: Literal["print", "editable"]
    path: str
    media_type: str
    bytes: int
    digest: Digest


class Asset(Part):
    """A finished file. Copy assets have `line` (an id that outlives edits), `fields`, `measures`,
    `angle`, `claims` and `diversity` (the `nearest` other copy of the campaign and its `distance`,
    from 0, the same, to 1); image assets a size."""

    id: str
    kind: Literal["image", "copy"]
    path: str
    media_type: str
    bytes: int
    digest: Digest
    locale: str
    provenance: AssetProvenance
    label: Label
    width: int | None = None
    height: int | None = None
    placement: str | None = None
    layout: str | None = None
    composition: Composition | None = None
    key_visual: str | None = None
    product: ProductLock | None = None
    angle: str | None = None
    line: str | None = None
    fields: dict[str, str | list[str]] | None = None
    measures: dict[str, Any] | None = None
    diversity: dict[str, Any] | None = None
    claims: list[ClaimRecord] = Field(default_factory=list)
    scores: list[Score] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    sidecar: Sidecar | None = None
    files: list[AssetFile] = Field(default_factory=list)
