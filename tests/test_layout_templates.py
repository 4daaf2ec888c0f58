"""A user's template folder: adds families, overrides them, and can reach nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import poster_cases as cases
import pytest

from contentfab.backends.layout_typst import TypstLayout
from contentfab.errors import BackendError, InputError

PLAIN = """#import "_lib.typ": *
#poster(context {
  if d.phase == "frame" { tell-frame(rect(0, 0, W, H)) } else {
    let group = solve(R - L, 0.3 * H)
    put-group(group, L, T)
    put-label(label-item(), label-corners(L, R, B).first())
  }
})
"""


def layout_with(folder: Path, **templates: str) -> TypstLayout:
    (folder / "posters").mkdir(exist_ok=True)
    for name, source in templates.items():
        (folder / "posters" / f"{name}.typ").write_text(source)
    return TypstLayout(templates=folder)


def test_a_users_family_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    layout = layout_with(tmp_path, plain=PLAIN)
    assert layout.families[-1] == "plain" and layout.families[:2] == ("hero", "split")
    poster = layout.render([cases.request(tmp_path, family="plain")])[0]
    assert {"headline", "subline", "label"} <= {box.role for box in poster.texts}


def test_a_changed_template_changes_the_backends_id(tmp_path: Path) -> None:
    assert layout_with(tmp_path, hero=PLAIN).id != TypstLayout().id == TypstLayout().id


def test_a_templates_own_ornament_keeps_its_colour(tmp_path: Path) -> None:
    dot = "put-group(group, L, T)\n    place(top + left, dx: 500pt, dy: 900pt, {})"
    circle = dot.format("circle(radius: 20pt, fill: rgb(250, 10, 20))")
    layout = layout_with(tmp_path, dotted=PLAIN.replace("put-group(group, L, T)", circle))
    request = cases.request(tmp_path, family="dotted", product_image=None)
    assert tuple(layout.render([request])[0].pixels[920, 520]) == (250, 10, 20)


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.txt", "../../../etc/passwd"])
def test_a_template_cannot_read_outside_its_folder(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    layout = layout_with(tmp_path, hero=f'#read("{path}")')
    with pytest.raises(InputError) as caught:
        layout.render([cases.request(tmp_path)])
    assert "template hero" in str(caught.value)
    assert "only the .typ files beside it" in str(caught.value)
    assert caught.value.hint == "Mend posters/hero.typ."


def test_a_linked_template_and_a_package_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="offline"):
        layout_with(tmp_path, hero='#import "@preview/cetz:0.3.0"')
    (tmp_path / "posters" / "hero.typ").unlink()
    (tmp_path / "posters" / "link.typ").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="plain file"):
        TypstLayout(templates=tmp_path)


def test_a_broken_template_says_what_is_wrong(tmp_path: Path) -> None:
    layout = layout_with(tmp_path, hero="#let x = ")
    with pytest.raises(BackendError, match="template hero: expected expression"):
        layout.render([cases.request(tmp_path)])


def test_a_template_that_tells_nothing_is_an_error(tmp_path: Path) -> None:
    layout = layout_with(tmp_path, hero="Hello")
    with pytest.raises(BackendError, match="says nothing about its picture"):
        layout.render([cases.request(tmp_path)])


@pytest.mark.parametrize(
    "source",
    [
        PLAIN.replace("#poster(context {", "#context {").replace("})\n", "}"),
        PLAIN.replace("put-group", "[#metadata((role: 1)) <text>]; put-group"),
        PLAIN.replace("tell-frame(rect(0, 0, W, H))", "tell-frame(none)"),
    ],
)
def test_a_template_that_tells_nonsense_is_an_error(source: str, tmp_path: Path) -> None:
    layout = layout_with(tmp_path, hero=source)
    with pytest.raises(BackendError, match="template hero"):
        layout.render([cases.request(tmp_path)])


def test_an_unknown_family_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        cases.layout().render([replace(cases.request(tmp_path), layout="heroic")])
    assert "hero, split" in caught.value.hint and "editorial" in caught.value.hint
