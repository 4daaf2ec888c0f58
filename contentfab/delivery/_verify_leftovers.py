"""What lies in a run folder beside the files of its manifest: older assets, and what is foreign.

A run keeps the files of earlier inputs until `prune`. They are no fault as long as each is a whole,
labelled asset under its own name; anything else does not belong there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contentfab.delivery._verify_file import verify_file
from contentfab.delivery._verify_result import Expected, Readers

KNOWN_FOLDERS = ("rejects", "exports", "gallery")
_ASSET = re.compile(r"assets/([0-9a-f]{2})/\1[0-9a-f]{30}\.(png|jpg|webp|avif|json)")
_OTHER_FORM = re.compile(r"assets/([0-9a-f]{2})/\1[0-9a-f]{30}\.(pdf|svg)")
_SIDECAR = re.compile(_ASSET.pattern + r"\.c2pa")
_KEY_VISUAL = re.compile(r"key_visuals/([0-9a-f]{2}/)?[0-9a-f]{32}\.webp")


@dataclass(slots=True)
class Leftovers:
    """Sentences: `findings` are faults, `notes` remarks that are none."""

    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def leftovers(
    folder: Path, names: Iterable[str], known: set[str], readers: Readers, laws: Sequence[str]
) -> Leftovers:
    """Judge every file of `names` (relative to `folder`) that is not `known`."""
    found = Leftovers()
    old: list[str] = []
    foreign: list[str] = []
    for name in names:
        if (folder / name).is_symlink():
            found.findings.append(f"{name} is a link; a run folder holds files only")
        elif name in known or name.partition("/")[0] in KNOWN_FOLDERS:
            continue
        elif any(form.fullmatch(name) for form in (_KEY_VISUAL, _SIDECAR, _OTHER_FORM)):
            old.append(name)
        elif _ASSET.fullmatch(name):
            result = verify_file(folder / name, name, readers, Expected(jurisdictions=laws))
            if result.faults:
                sentence = f"{name} is not in the manifest and is no whole asset"
                found.findings.append(f"{sentence}: {result.faults[0][1]}")
            else:
                old.append(name)
        else:
            foreign.append(name)
    if foreign:
        found.findings.append(
            f"{_listed(foreign)} not in the manifest; nothing else may lie in a run folder"
        )
    if old:
        found.notes.append(f"{_listed(old)} of earlier inputs; contentfab prune removes such files")
    return found


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} is"
    return f"{len(names)} files ({', '.join(names[:3])}{', …' if len(names) > 3 else ''}) are"
