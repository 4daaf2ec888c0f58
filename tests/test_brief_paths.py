"""Paths: none leads out of the folder, devices are not read, names are shown as typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from campaigns import make_campaign
from refusals import (
    BRAND_FILE,
    KNOWN,
    only_problem,
)

from contentfab.errors import InputError
from contentfab.stages.brief import check_brief, load_brief


def _leave_by_dots(folder: Path) -> str:
    (folder.parent / "secret.png").write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    return "../secret.png"


def _leave_by_link(folder: Path) -> str:
    outside = folder.parent / "outside.png"
    outside.write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    (folder / "pictures/link.png").symlink_to(outside)
    return "pictures/link.png"


def _absolute(folder: Path) -> str:
    return str(folder / "pictures/clay-mask.png")


@pytest.mark.parametrize("leave", [_leave_by_dots, _leave_by_link, _absolute])
@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("image", "products[0].image"),
        ("products", "products"),
        ("segments", "segments"),
        ("logo", "logo.file"),
        ("exemplars", "exemplars[0]"),
    ],
)
def test_no_path_leads_out_of_the_folder(
    tmp_path: Path, leave: Callable[[Path], str], where: str, field: str
) -> None:
    folder = tmp_path / "campaign"
    make_campaign(folder)
    base = folder / "brand_guides/hearth" if where in ("logo", "exemplars") else folder
    (base / "pictures").mkdir(exist_ok=True)
    (base / "pictures/clay-mask.png").write_bytes((folder / "pictures/clay-mask.png").read_bytes())
    name = leave(base)
    if where in ("logo", "exemplars") and leave is _leave_by_dots:
        name = "../../../secret.png"
        (tmp_path / "secret.png").write_bytes(b"x")
    changes = {
        "image": {"product": {"image": name}},
        "products": {"products": name},
        "segments": {"segments": name},
        "logo": {"guide": {"logo": {"file": name}}},
        "exemplars": {"guide": {"exemplars": [name]}},
    }[where]
    problem = only_problem(make_campaign(folder, **changes))
    assert problem.field == field
    assert problem.rule == "file.outside"
    assert problem.line > 0


def test_a_device_is_refused_without_reading_it(tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    (tmp_path / "products.yaml").unlink()
    (tmp_path / "products.yaml").symlink_to("/dev/zero")
    assert only_problem(campaign).rule == "file.outside"
    with pytest.raises(InputError, match="no regular file"):
        load_brief(Path("/dev/zero"))


def test_problems_show_paths_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_campaign(tmp_path / "spring", product={"id": "A b"}, guide={"palette": {}})
    monkeypatch.chdir(tmp_path)
    _, problems = check_brief(Path("spring/campaign.yaml"), known=KNOWN)
    assert {p.file for p in problems} == {"spring/products.yaml", f"spring/{BRAND_FILE}"}
    _, problems = check_brief(Path("spring"), known=KNOWN)
    assert {p.file for p in problems} == {"spring/products.yaml", f"spring/{BRAND_FILE}"}
