"""`contentfab layouts`: every layout family × size of a brand, as contact sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentfab.cli.options import Json, NoColor, Templates, Verbose, finish, print_json
from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.delivery.layout_sheets import SheetCell, Wanted
    from contentfab.protocols import Layout
    from contentfab.records.brief import Brief
    from contentfab.rules.layout.families import Family


def layouts(
    campaign: Annotated[
        Path | None, typer.Argument(help="A campaign file; its first product is shown.")
    ] = None,
    brand: Annotated[
        str, typer.Option(help="Instead of a campaign: a brand guide, with sample texts.")
    ] = "",
    sizes: Annotated[
        str, typer.Option(help="Such as 1080x1350,728x90 or meta.story; default nine sizes.")
    ] = "",
    only: Annotated[
        str, typer.Option("--layouts", help="Such as hero,card; default all families.")
    ] = "",
    locale: Annotated[
        str, typer.Option(help="Default the campaign's first locale, or en-US.")
    ] = "",
    headline: Annotated[str, typer.Option(help="One headline for all posters.")] = "",
    product: Annotated[
        Path | None, typer.Option(help="With --brand: a cut-out picture of a product.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="A picture, or a folder for one sheet per family.")
    ] = Path("layouts.jpg"),
    scale: Annotated[
        float, typer.Option(min=0.05, max=1.0, help="Size of the posters on a sheet.")
    ] = 0.25,
    posters: Annotated[
        bool, typer.Option("--posters", help="Put each poster into the folder, too.")
    ] = False,
    templates: Templates = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show every layout family at every size as a contact sheet. A poster that does not pass
    inspection is framed in red over its finding, and the command ends in exit code 1."""
    from contentfab.delivery import layout_sheets
    from contentfab.delivery.layout_files import SheetFiles

    if (campaign is None) == (not brand):
        raise InputError(
            "contentfab layouts shows a campaign or a brand",
            hint="contentfab layouts campaign.yaml, or contentfab layouts --brand NAME",
        )
    files = SheetFiles(out, scale, posters=posters)
    brief, sampled = _brief(campaign, brand, locale, product)
    layout, families = _families(brief if campaign else None, templates, _split(only))
    wanted = layout_sheets.Wanted(
        [family.id for family in families],
        layout_sheets.placements(_split(sizes) or layout_sheets.SIZES),
        locale or brief.campaign.locales[0],
        headline,
    )
    name = brief.brand.name if isinstance(brief.brand.name, str) else brief.brand.id
    cells = files.write(
        f"{name}, {wanted.locale}", families, _cells(brief, wanted, layout, sampled)
    )
    if json_:
        print_json(_document(brief, wanted, families, cells, files.written))
    for path in files.written:
        typer.echo(f"wrote {path}", err=True)
    finish(0 if _passed(cells) else 1)


def _brief(
    campaign: Path | None, brand: str, locale: str, product: Path | None
) -> tuple[Brief, bool]:
    """What is shown, and whether sample texts stand in for a campaign's own: there is none, or it
    does not speak that language."""
    from contentfab.delivery import layout_sheets

    if campaign is None:
        return layout_sheets.brand_brief(brand, Path(), locale or "en-US", product), True
    brief = layout_sheets.campaign_brief(campaign)
    if layout_sheets.speaks(brief, locale or brief.campaign.locales[0]):
        return brief, False
    return layout_sheets.with_samples(brief, locale), True


def _passed(cells: Sequence[SheetCell]) -> bool:
    """Tells on stderr which posters did not pass inspection, and why."""
    bad = [cell for cell in cells if cell.state == "error"]
    for cell in bad:
        told = "; ".join(f.message for f in cell.findings if f.level == "error")
        typer.echo(f"{cell.family} {cell.placement.id}: {told}", err=True)
    if bad:
        typer.echo(f"{len(bad)} of {len(cells)} posters did not pass inspection", err=True)
    return not bad


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _families(
    brief: Brief | None, templates: Path | None, only: Sequence[str]
) -> tuple[Layout, list[Family]]:
    """The layout backend, with the campaign's own families, and those that are asked for."""
    from contentfab import registry
    from contentfab.rules.layout.families import find_families, own_folder, template_folders
    from contentfab.settings import MINI

    own = own_folder(brief.root) if brief else None
    layout = registry.build("layout", MINI["layout"], templates=templates, posters=own)
    known = {family.id: family for family in find_families(template_folders(templates, own))}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise InputError(
            f"--layouts: unknown layout {unknown[0]!r}", hint=f"layouts are {', '.join(known)}"
        )
    return layout, [known[name] for name in dict.fromkeys(only)] or list(known.values())


def _cells(brief: Brief, wanted: Wanted, layout: Layout, sampled: bool) -> Any:
    from contentfab import registry
    from contentfab.delivery.layout_sheets import cells
    from contentfab.flow.posters import written
    from contentfab.settings import MINI

    images = registry.build("image", MINI["image"])
    writer = None if sampled else registry.build("copy", MINI["copy"])
    return cells(brief, wanted, layout, images, writer, written, getattr(layout, "needs", {}))


def _document(
    brief: Brief,
    wanted: Wanted,
    families: Sequence[Family],
    cells: Sequence[SheetCell],
    sheets: Sequence[Path],
) -> dict[str, Any]:
    return {
        "ok": all(cell.state != "error" for cell in cells),
        "brand": brief.brand.id,
        "locale": wanted.locale,
        "sheets": [path.as_posix() for path in sheets],
        "families": [
            {
                "id": family.id,
                "name": family.name,
                "about": family.about,
                "needs": list(family.needs),
                "picture": family.picture,
                "cells": [_cell(cell) for cell in cells if cell.family == family.id],
            }
            for family in families
        ],
    }


def _cell(cell: SheetCell) -> dict[str, Any]:
    return {
        "size": cell.placement.id,
        "width": cell.placement.width,
        "height": cell.placement.height,
        "state": cell.state,
        "findings": [
            {"rule": f.rule, "level": f.level, "message": f.message} for f in cell.findings
        ],
    }
