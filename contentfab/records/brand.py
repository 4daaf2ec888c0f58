"""Brand guides as users write them: voice, words, palette, fonts, logo, imagery, layout tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contentfab.records.base import HexColour, Locale, LocalList, LocalText, Record, Slug, Tone
from contentfab.records.score_weights import Scores


class Words(Record):
    """Brand words: `banned` must not occur, `required` must, `spelling` maps wrong to right,
    `terms` maps our word for a thing to the words that we do not use for it, per locale."""

    banned: LocalList = Field(default_factory=list)
    required: LocalList = Field(default_factory=list)
    spelling: dict[str, str] = Field(default_factory=dict)
    terms: dict[Locale, dict[str, str | list[str]]] = Field(default_factory=dict)


class Voice(Record):
    """How the brand speaks."""

    tone: Tone = "warm"
    description: LocalText = ""


class Palette(Record):
    """Brand colours by role. `primary` carries the brand; `background` fills the scene; `text` is
    ink on `background`; `extra` are further colours that count as on-brand."""

    primary: HexColour
    background: HexColour
    text: HexColour
    accent: HexColour
    secondary: HexColour | None = None
    extra: list[HexColour] = Field(default_factory=list)

    def colours(self) -> tuple[str, ...]:
        """Every colour, most important first, without repeats."""
        named = [self.primary, self.background, self.accent, self.secondary, self.text, *self.extra]
        return tuple(dict.fromkeys(c.upper() for c in named if c))


class Fonts(Record):
    """Font families; a file in the brand's `fonts/` folder wins over a pip package. `by_language`
    overrides both roles for a language or locale (`zh-CN: Noto Sans SC`)."""

    heading: str = "Inter"
    body: str = "Inter"
    heading_weight: int = Field(700, ge=100, le=900)
    by_language: dict[str, str] = Field(default_factory=dict)


class Logo(Record):
    """Logo files relative to the brand folder. `clear_space` is in logo heights; `min_width` in
    thousandths of the poster's width. `light_file` is for dark grounds."""

    file: str
    light_file: str | None = None
    clear_space: float = Field(0.5, ge=0, le=3)
    min_width: float = Field(120, ge=20, le=600)


class Imagery(Record):
    """What pictures of this brand look like; `scenes` are names or words for the image model."""

    scenes: list[str] = Field(default_factory=list)
    mood: str = ""
    light: str = ""
    avoid: list[str] = Field(default_factory=list)


class Tokens(Record):
    """Design tokens: what makes a brand look like itself in every layout."""

    corner: float = Field(
        18, ge=0, le=80, description="Corner radius, in thousandths of the shortest side."
    )
    headline_case: Literal["as-is", "upper"] = "as-is"
    spacing: Literal["tight", "normal", "airy"] = Field(
        "normal", description="Margins, gaps and letter spacing."
    )
    scale: Literal["minor-third", "major-third", "fourth", "fifth", "golden"] = Field(
        "fourth",
        description="Type scale: the step between sizes, 1.2 to 1.618. A large step sets a large "
        "headline over small text, a small one keeps them close.",
    )
    tone: Literal["quiet", "normal", "loud"] = Field(
        "normal",
        description="Quiet: smaller headlines, light actions, pale grounds. Loud: larger "
        "headlines, heavy actions, grounds of full brand colour.",
    )
    panel: Literal["flat", "tinted"] = Field(
        "flat", description="Panels in full brand colour, or in a tint of it on the background."
    )
    rule: bool = Field(True, description="Whether layouts may draw hairlines.")


class Brand(Record):
    """A brand guide: `brand_guides/<id>/brand.yaml`, or a folder beside the campaign."""

    id: Slug
    name: LocalText
    tagline: LocalText | None = None
    voice: Voice = Voice()
    words: Words = Words()
    palette: Palette
    fonts: Fonts = Fonts()
    logo: Logo | None = None
    imagery: Imagery = Imagery()
    tokens: Tokens = Tokens()
    exemplars: list[str] = Field(default_factory=list)
    counter_exemplars: list[str] = Field(default_factory=list)
    scores: Scores = Scores()
    disclosures: LocalList = Field(default_factory=list)
    cta: LocalList = Field(default_factory=list, description="Calls to action the brand likes.")
    locale: Locale | None = None
