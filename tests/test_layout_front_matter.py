"""What a family file says of itself: its order, its needs, and where families are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab
from test_layout_templates import PLAIN

from contentfab import registry
from contentfab.backends.layout_typst import TypstLayout
from contentfab.errors import InputError
from contentfab.pipeline import open_line
from contentfab.rules.layout.families import find_families, fitting, template_folders


def family(folder: Path, name: str, front: str = "") -> Path:
    (folder / "posters").mkdir(exist_ok=True)
    held = "".join(f"// {line}\n" for line in ("---", *front.splitlines(), "---"))
    file = folder / "posters" / f"{name}.typ"
    file.write_text((held if front else "") + PLAIN)
    return file


def test_the_shipped_families_say_what_they_are() -> None:
    families = find_families(template_folders())
    assert [f.id for f in families][:2] == ["hero", "split"]
    assert [f.order for f in families] == sorted(f.order for f in families)
    assert all(f.about.endswith(".") and f.name for f in families)


def test_a_family_without_front_matter_comes_last_and_needs_nothing(tmp_path: Path) -> None:
    family(tmp_path, "plain")
    family(tmp_path, "first", "name: First\nabout: One.\norder: 1\nneeds: [price]\npicture: none")
    layout = TypstLayout(templates=tmp_path)
    assert (layout.families[0], layout.families[-1]) == ("first", "plain")
    assert layout.needs["first"] == ("price",) and layout.needs["plain"] == ()
    assert layout.about["first"].picture == "none"


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("order: soon", "posters/bad.typ:2: order: expected a whole number"),
        ("name: A\nneeds: [prize]", "posters/bad.typ:3: needs[0]: the text 'prize'"),
        ("nmae: A", "posters/bad.typ:2: nmae: unknown key 'nmae'"),
        ("name: A\npicture: half", "posters/bad.typ:3: picture"),
        ("- a", "posters/bad.typ:2: a front-matter holds keys and values"),
    ],
)
def test_a_bad_front_matter_is_one_message_with_file_and_line(
    front: str, told: str, tmp_path: Path
) -> None:
    family(tmp_path, "bad", front)
    with pytest.raises(InputError) as caught:
        TypstLayout(templates=tmp_path)
    assert str(caught.value).startswith(told) and "\n" not in str(caught.value)


def test_a_front_matter_without_an_end_is_told(tmp_path: Path) -> None:
    family(tmp_path, "bad").write_text("// ---\n// name: A\n" + PLAIN)
    with pytest.raises(InputError, match=r"posters/bad.typ:3: the front-matter has no end"):
        find_families(template_folders(tmp_path))


def test_layouts_without_what_they_need_are_passed_over() -> None:
    needs = {"offer": ("price",), "quote": ("subline", "disclaimer")}
    assert fitting(("hero", "offer", "quote"), needs, {"headline", "price"}) == ("hero", "offer")


def layouts_of(campaign: Path) -> set[str]:
    return {variant.layout for variant in open_line(campaign).plan.variants}


def test_a_campaigns_own_folder_brings_families(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path, layouts=["own"])
    contentfab("check", "campaign.yaml", cwd=tmp_path, code=2)
    family(tmp_path, "own", "name: Own\norder: 5")
    contentfab("check", "campaign.yaml", cwd=tmp_path)
    assert layouts_of(campaign) == {"own"}
    line = open_line(campaign)
    # The very same settings make the backend in every worker process.
    assert registry.build("layout", line.settings.section("layout"), posters=line.settings.posters)


def test_a_product_without_a_price_passes_over_what_needs_one(tmp_path: Path) -> None:
    family(tmp_path, "own", "order: 0\nneeds: [price]")
    campaign = make_campaign(tmp_path, variants=1, product={"price": ...})
    by_product: dict[str, set[str]] = {}
    for variant in open_line(campaign).plan.variants:
        by_product.setdefault(variant.cell.product, set()).add(variant.layout)
    assert by_product["amber-serum"] & {"own"} == set()


def test_a_layout_that_no_product_can_fill_is_refused_at_its_line(tmp_path: Path) -> None:
    family(tmp_path, "own", "needs: [disclaimer]")
    make_campaign(tmp_path, layouts=["hero", "own"])
    told = contentfab("check", "campaign.yaml", cwd=tmp_path, code=2)
    said = told.stdout + told.stderr
    assert "layout 'own' needs a disclaimer, and no product has that" in said
    assert "campaign.yaml:" in said
