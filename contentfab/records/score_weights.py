"""How a brand weighs the parts of its scores: the section `scores` of a brand guide.

The defaults are house values: nobody's clicks were fitted to them.
"""

from __future__ import annotations

from pydantic import Field

from contentfab.records.base import Record


class AppealWeights(Record):
    """What appeal is made of: how much each part counts, 0 for not at all. Parts that the scorer at
    hand does not measure do not count."""

    head: float = Field(2, ge=0, le=10, description="Model: a head trained to tell good craft.")
    anchors: float = Field(1, ge=0, le=10, description="Model: nearer to good pictures than bad.")
    overall: float = Field(0.5, ge=0, le=10, description="Model: beautiful against ugly, in words.")
    craft: float = Field(0.5, ge=0, le=10, description="Model: sharp and well lit, in words.")
    composition: float = Field(0.25, ge=0, le=10, description="Model: clear, balanced, in words.")
    colour: float = Field(0.25, ge=0, le=10, description="Model: harmonious colours, in words.")
    contrast: float = Field(2, ge=0, le=10, description="Measured: legibility of the type.")
    calm: float = Field(1.5, ge=0, le=10, description="Measured: how little happens behind type.")
    text_fit: float = Field(1.5, ge=0, le=10, description="Measured: type has room and size.")
    hierarchy: float = Field(1, ge=0, le=10, description="Measured: one text leads.")
    product: float = Field(1.5, ge=0, le=10, description="Measured: the product is seen.")
    sharpness: float = Field(1, ge=0, le=10, description="Measured: acuity of edges.")
    balance: float = Field(1, ge=0, le=10, description="Measured: where visual weight lies.")


class BrandFitWeights(Record):
    """What brand fit is made of, as for appeal."""

    palette: float = Field(3, ge=0, le=10, description="The scene wears the brand's colours.")
    brand_pictures: float = Field(2, ge=0, le=10, description="Model: like the exemplars.")
    brand_words: float = Field(1, ge=0, le=10, description="Model: like the imagery in words.")
    copy_match: float = Field(0, ge=0, le=10, description="Model: the picture shows what is said.")
    logo: float = Field(1, ge=0, le=10, description="Measured: the logo's size and clear space.")


class CopyWeights(Record):
    """What a copy score is made of, as for appeal. `reading_ease` is the band, low to high, on the
    scale of the language's own formula, that the brand's copy should be in."""

    length_fit: float = Field(1, ge=0, le=10, description="Texts use the room that they have.")
    readability: float = Field(1, ge=0, le=10, description="Words and sentences are short enough.")
    cta: float = Field(1, ge=0, le=10, description="Exactly one call to action, in its place.")
    grounding: float = Field(2, ge=0, le=10, description="Claims are in the product data.")
    diversity: float = Field(1.5, ge=0, le=10, description="Far from the nearest other copy.")
    distinct_2: float = Field(0.5, ge=0, le=10, description="Word pairs that no variant repeats.")
    wording: float = Field(1, ge=0, le=10, description="The brand's words, and its tone.")
    reading_ease: tuple[float, float] | None = None


class Scores(Record):
    """How this brand's posters and copy are scored. `primary_share` is the part of the scene that
    the primary colour must hold; 0 asks for none."""

    appeal: AppealWeights = AppealWeights()
    brand_fit: BrandFitWeights = BrandFitWeights()
    copy_: CopyWeights = Field(CopyWeights(), alias="copy")
    primary_share: float = Field(0, ge=0, le=1)
