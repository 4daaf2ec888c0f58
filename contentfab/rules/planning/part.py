"""A part of a plan: a shard, or what a glob names, with the jobs that it needs."""

from __future__ import annotations

import fnmatch
import hashlib
from dataclasses import replace

from contentfab.records.brief import Cell, Variant
from contentfab.records.plan import CopyJob, Plan


def select(whole: Plan, *, shard: tuple[int, int] | None = None, only: str = "") -> Plan:
    """The part of a plan in shard i of n (1-based), or whose cell or variant id matches a glob.

    Shards are cut by a hash of the cell id, so adding a cell never moves the others."""
    variants = tuple(v for v in whole.variants if _in_shard(v.cell, shard) and _named(v, only))
    chosen = {v.id for v in variants}
    written = chosen | {v.shares_copy_of for v in variants}
    copies = []
    for job in whole.copies:
        keys = {name: k for name, k in job.keys.items() if name in written}
        if keys:
            asks = tuple(ask for ask in job.request.variants if ask.id in keys)
            copies.append(CopyJob(replace(job.request, variants=asks), keys, job.edits))
    posters = tuple(p for p in whole.posters if p.variant.id in chosen)
    needed = {p.picture_key for p in posters}
    pictures = tuple(p for p in whole.pictures if p.key in needed)
    covered = {v.cell.id for v in variants}
    cells = tuple(c for c in whole.cells if c.cell.id in covered)
    return Plan(cells, variants, tuple(copies), pictures, posters)


def _in_shard(cell: Cell, shard: tuple[int, int] | None) -> bool:
    if shard is None:
        return True
    number, count = shard
    return int(hashlib.sha256(cell.id.encode()).hexdigest(), 16) % count == number - 1


def _named(variant: Variant, only: str) -> bool:
    cell = variant.cell
    names = (cell.id, variant.id, cell.product, cell.segment, cell.channel, cell.locale)
    return not only or any(fnmatch.fnmatchcase(name, only) for name in names)
