"""Removes what a run folder holds and the campaign as it is now does not need."""

from __future__ import annotations

from contentfab.flow import print_run, signing
from contentfab.flow.line import Line
from contentfab.store import RunStore

FOLDERS = ("assets", "key_visuals", "rejects")
"""Where surplus files are looked for."""


def prune(line: Line, *, dry_run: bool = False) -> list[str]:
    """Remove files and ledger rows that the campaign as it is now does not need. Returns them."""
    with RunStore(line.folder, line.brief.campaign.name) as store:
        entries = store.entries()
        wanted = line.plan.keys()
        needed = [entry for key, entry in entries.items() if key in wanted]
        kept = {entry.result.get(name, "") for entry in needed for name in ("path", "picture")}
        kept.update(signing.sidecar_paths(needed), print_run.paths(needed))
        surplus = [
            name for name in store.files() if name.split("/")[0] in FOLDERS and name not in kept
        ]
        if not dry_run:
            store.forget(key for key in entries if key not in wanted)
            for name in surplus:
                store.remove(name)
    return surplus
