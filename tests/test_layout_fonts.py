"""Fonts: found in packages and brand folders, refused by name, checked for every character."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest
from campaigns import make_campaign

from contentfab.backends import _fonts
from contentfab.errors import BadOutput, MissingDependency
from contentfab.records.brand import Fonts
from contentfab.records.channel import Placement
from contentfab.records.pictures import PosterRequest, PosterText
from contentfab.stages.brief import Known, check_brief
from contentfab.stages.compose import compose


def with_heading(request: PosterRequest, family: str) -> PosterRequest:
    fonts = Fonts(heading=family, body="Inter")
    return replace(request, brand=request.brand.model_copy(update={"fonts": fonts}))


def test_an_unknown_family_names_the_pip_line_and_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(MissingDependency) as caught:
        cases.layout().render([with_heading(cases.request(tmp_path), "Playfair Display")])
    assert "Playfair Display" in str(caught.value)
    assert "pip install fontpkg-playfair-display" in caught.value.hint
    assert "Inter" in caught.value.hint and "Noto Sans SC" in caught.value.hint


def test_a_font_file_in_the_brand_folder_is_found_and_used(tmp_path: Path) -> None:
    plain = cases.layout().render([with_heading(cases.request(tmp_path), "Inter")])[0]
    fonts = tmp_path / "own" / "fonts"
    fonts.mkdir(parents=True)
    mono = next(f for f in _fonts.font_files() if f.name.startswith("JetBrainsMono["))
    renamed = fonts / "brand.ttf"
    _rename_family(mono, renamed, "Brand Mono")
    request = with_heading(cases.request(tmp_path), "Brand Mono")
    own = cases.layout().render([replace(request, brand_dir=tmp_path / "own")])[0]
    assert not np.array_equal(own.pixels, plain.pixels)


def _rename_family(source: Path, target: Path, family: str) -> None:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    shutil.copy(source, target)
    with TTFont(target) as font:
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = family
        font.save(target)


def test_a_missing_glyph_is_named_with_its_fonts(tmp_path: Path) -> None:
    text = PosterText("Slow brew ☕ 𓀀", "Cold", label="AI-generated")
    with pytest.raises(BadOutput) as caught:
        cases.layout().render([cases.request(tmp_path, text=text)])
    assert "U+13000 egyptian hieroglyph a001" in str(caught.value) and "headline" in str(
        caught.value
    )
    assert "Source Serif 4" in str(caught.value) and "☕" not in str(caught.value)
    assert "fonts.by_language" in caught.value.hint


def test_one_missing_glyph_fails_its_own_poster_only(tmp_path: Path) -> None:
    bad = cases.request(tmp_path, text=PosterText("𓀀", label="AI-generated"))
    good = cases.request(tmp_path)
    requests = [replace(bad, key="bad"), good]
    failed, made = compose(requests, cases.layout(), other_families=False)
    assert [f.rule for f in failed.findings] == ["poster.render"]
    assert "hieroglyph" in failed.findings[0].message and failed.findings[0].level == "error"
    assert not any(f.level == "error" for f in made.findings)


def inter() -> list[Path]:
    return [f for f in _fonts.font_files() if f.name.startswith("Inter[")]


@pytest.mark.parametrize(
    "text",
    [
        "Cafe\u0301 n\u0303andu\u0301",  # composed by the font's shaper
        "Non\u00adstop\u200b fun\u2060!\u00a0\u202f\u200e\ufeff",
        "I \u2764\ufe0e it",
    ],
)
def test_marks_and_unseen_characters_are_not_missing(text: str) -> None:
    assert _fonts.missing(text, inter()) == []


def test_a_mark_that_no_font_can_put_on_its_letter_is_missing() -> None:
    assert _fonts.missing("x\U0001e8d0", inter()) == ["\U0001e8d0"]


EMOJI = (
    "☕🚀 👩\u200d🚀 👍🏽 🇩🇪 1\ufe0f\u20e3 ❤\ufe0f "
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
)


def test_every_font_chain_ends_in_an_emoji_font() -> None:
    emoji = [f for f in _fonts.font_files() if "NotoEmoji" in f.name]
    assert [f.parent.parent.name for f in emoji] == ["fonts"]
    assert (emoji[0].parent / "OFL.txt").read_text().startswith("Copyright 2013 Google LLC")
    assert _fonts.missing(EMOJI, [*inter(), *emoji]) == []
    assert "Noto Emoji" in _fonts.chain(["Inter"], "ko-KR", ("Inter", "Noto Emoji", "Noto Sans KR"))


def test_emoji_are_set_in_the_ink_of_their_text(tmp_path: Path) -> None:
    plain = PosterText("Slow", label="AI-generated")
    with_emoji = replace(plain, headline="Slow 👩\u200d🚀")
    boxes, inks = [], []
    for text in (plain, with_emoji):
        (poster,) = compose([cases.request(tmp_path, text=text)], cases.layout())
        assert not any(f.level == "error" for f in poster.findings), text.headline
        head = next(item for item in poster.texts if item.role == "headline")
        boxes.append(head.box)
        inks.append(head.ink)
    assert inks[0] == inks[1]
    assert boxes[1].width > 1.3 * boxes[0].width
    assert boxes[1].height < 1.5 * boxes[0].height


def test_small_type_is_set_in_its_optical_size(tmp_path: Path) -> None:
    """Inter's letters are wider at 14 than at 32: a text keeps its shape however large it is drawn,
    and its width is the one that was measured."""
    from contentfab.backends._typst_data import _optical_sizes

    large, banner = _optical_sizes(cases.placement("4x5")), _optical_sizes(_placement(300, 250))
    assert large["headline"] > 30 > large["text"] > large["small"] >= 8
    assert 20 <= banner["headline"] < 30 and banner["text"] == 12.0


def _placement(width: int, height: int) -> Placement:
    return Placement(id="banner", width=width, height=height)


def test_check_names_what_the_fonts_lack(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    products = tmp_path / "products.yaml"
    text = products.read_text(encoding="utf-8")
    products.write_text(text.replace("Soft Clay Mask", "Soft 𓀀 Mask"), encoding="utf-8")
    _, problems = check_brief(campaign, known=Known(lacking_glyphs=_fonts.lacking))
    (found, *_) = [p for p in problems if p.rule == "brief.missing-glyph"]
    assert "U+13000" in found.message and found.file == "products.yaml" and found.line
    assert "by_language" in found.hint


def test_a_locale_wins_over_its_language() -> None:
    overrides = {"zh": "Noto Sans SC", "zh-TW": "Noto Sans TC"}
    assert _fonts.family_for("Inter", overrides, "zh-TW") == "Noto Sans TC"
    assert _fonts.family_for("Inter", overrides, "zh-CN") == "Noto Sans SC"
    assert _fonts.family_for("Inter", overrides, "de-DE") == "Inter"


def test_every_language_falls_back_to_a_font_of_its_script() -> None:
    available = ("Inter", "Noto Sans", "Noto Sans JP", "Noto Sans SC", "Noto Sans TC")
    assert _fonts.chain(["Inter"], "ja-JP", available)[:2] == ("Inter", "Noto Sans JP")
    assert _fonts.chain(["Inter"], "zh-HK", available)[1] == "Noto Sans TC"


def test_system_fonts_are_not_seen(tmp_path: Path) -> None:
    names = cases.layout()._engine.fonts(_fonts.font_files()).families
    assert "DejaVu Sans" not in names and "Inter" in names
