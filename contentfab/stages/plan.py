"""brief → plan: cells, variants and jobs with stable keys. Pure: reads no disk, starts nothing.

What differs between the variants of a cell is the experiment's factor, and nothing else: `copy`
varies the angle, `picture` the art direction, `layout` the family, `creative` all three. How a
job follows from a variant is in `rules/planning/`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from string import ascii_lowercase

from contentfab.records.brief import Brief, Variant
from contentfab.records.copy import VariantAsk
from contentfab.records.plan import BackendIds, CopyJob, CopyOptions, PictureJob, Plan
from contentfab.rules.experiments import weights_bp
from contentfab.rules.planning.cells import PlacedCell, cells_of, layouts_of, placements_of
from contentfab.rules.planning.copies import angles_of, copy_job
from contentfab.rules.planning.pictures import art_direction, picture_job
from contentfab.rules.planning.posters import poster_job


def plan(
    brief: Brief,
    ids: BackendIds,
    families: Sequence[str],
    seed: int = 0,
    options: CopyOptions | None = None,
    needs: Mapping[str, Collection[str]] | None = None,
    *,
    around: bool = False,
    candidates: int = 1,
) -> Plan:
    """All jobs of a brief. `families` are the layout names that the layout backend offers, `needs`
    the texts without which one of them makes no sense: a cell that lacks them passes it over.
    `around` says that pictures are made around the product's own picture; of each as many
    `candidates` are made, and one is chosen."""
    options = options or CopyOptions()
    cells, variants, copies, posters = [], [], [], []
    pictures: dict[str, PictureJob] = {}
    for cell in cells_of(brief):
        cells.append(cell.views)
        layouts = layouts_of(brief, cell.views, families, needs or {})
        copy, arms = _variants(brief, cell, layouts, ids.copy, seed, options)
        copies.append(copy)
        variants.extend(arms)
        for variant in arms:
            product, art = variant.cell.product, variant.art_direction
            for placement in placements_of(brief, cell.views.channel):
                picture = picture_job(
                    brief, product, art, placement, ids.image, seed,
                    around=around, candidates=candidates,
                )  # fmt: skip
                pictures.setdefault(picture.key, picture)
                posters.append(poster_job(brief, variant, placement, picture, ids))
    return Plan(
        tuple(cells), tuple(variants), tuple(copies), tuple(pictures.values()), tuple(posters)
    )


def _variants(
    brief: Brief,
    cell: PlacedCell,
    layouts: Sequence[str],
    writer: str,
    seed: int,
    options: CopyOptions,
) -> tuple[CopyJob, list[Variant]]:
    """The arms of a cell, which differ in the experiment's factor, and the copy that they need."""
    views, test, count = cell.views, brief.campaign.experiment, brief.campaign.variants
    letters = ascii_lowercase[:count]
    varies = {name: test.factor in (name, "creative") for name in ("copy", "picture", "layout")}
    angles = angles_of(views, cell.segment, options)
    asks = tuple(
        VariantAsk(f"{views.cell.id}--{letter}", angles[i % len(angles)])
        for i, letter in enumerate(letters if varies["copy"] else "a")
    )
    copy = copy_job(brief, views, asks, angles, writer, seed, options)
    weights = weights_bp(test.weights, count)
    arms = []
    for i, letter in enumerate(letters):
        ask = asks[i] if varies["copy"] else asks[0]
        picture = cell.product + cell.segment + (i if varies["picture"] else 0)
        layout = cell.segment + (i if varies["layout"] else cell.product)
        name = f"{views.cell.id}--{letter}"
        arms.append(
            Variant(
                id=name,
                cell=views.cell,
                letter=letter,
                angle=ask.angle,
                art_direction=art_direction(brief, views, picture),
                layout=layouts[layout % len(layouts)],
                weight_bp=weights[i],
                copy_key=copy.keys[ask.id],
                shares_copy_of=ask.id if ask.id != name else "",
            )
        )
    return copy, arms
