"""Fonts: found in packages and brand folders, refused by name, checked for every character."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.backends import _fonts
from contentfab.errors import BadOutput, MissingDependency
from contentfab.records.inputs import Fonts
from contentfab.records.pictures import PosterRequest, PosterText
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
    text = PosterText("Slow brew ☕🚀", "Cold", label="AI-generated")
    with pytest.raises(BadOutput) as caught:
        cases.layout().render([cases.request(tmp_path, text=text)])
    assert "U+1F680 rocket" in str(caught.value) and "headline" in str(caught.value)
    assert "Source Serif 4" in str(caught.value)


def test_one_missing_glyph_fails_its_own_poster_only(tmp_path: Path) -> None:
    bad = cases.request(tmp_path, text=PosterText("🚀", label="AI-generated"))
    good = cases.request(tmp_path)
    failed, made = compose([replace(bad, key="bad"), good], cases.layout())
    assert [f.rule for f in failed.findings] == ["poster.render"]
    assert "rocket" in failed.findings[0].message and failed.findings[0].level == "error"
    assert not any(f.level == "error" for f in made.findings)


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
