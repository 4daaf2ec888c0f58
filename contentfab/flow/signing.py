"""Signatures of a run: whether there are keys and who must be told, and sidecars for copy files.

Copy is text, which carries no signature inside; its `.c2pa` sidecar lies beside it. Sidecars are no
part of a copy job's key: keys that come later sign the copy that is there, and nothing is asked
twice of a copywriter. Knows no signature format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contentfab.errors import LabelError
from contentfab.flow.results import signature_record
from contentfab.records.plan import PosterJob
from contentfab.rules.labels.project_keys import CI, INIT, find_keys
from contentfab.rules.labels.signed_claim import copy_claim
from contentfab.rules.labels.words import asks_for_signature, too_small_for_mark
from contentfab.store import Entry, RunStore

SIDECAR = ".c2pa"
Made = tuple[Entry, dict[str, bytes]]


def can_sign(signer: Any) -> bool:
    """Whether a signer has keys; one that does not say so has."""
    return bool(getattr(signer, "can_sign", True))


def require_keys(jurisdictions: Sequence[str], signer: Any) -> None:
    """LabelError when the law asks for signed metadata and there are no keys: nothing is made that
    could not be published."""
    asking = asks_for_signature(jurisdictions)
    if asking and not can_sign(signer):
        raise LabelError(
            f"label.jurisdictions names {', '.join(asking)}, where metadata must be signed,"
            " but this project has no keys",
            hint=f"{INIT}; {CI} (the text, or for the last two a file)",
        )


def require_keys_for_small(posters: Iterable[PosterJob], signer: Any) -> None:
    """LabelError when a poster is too small for the invisible mark and there are no keys to sign it
    with instead."""
    if can_sign(signer):
        return
    for job in posters:
        if reason := too_small_for_mark(job.placement.width, job.placement.height):
            raise LabelError(
                f"placement {job.placement.id} is {reason}, so its posters must be signed, but"
                " this project has no keys",
                hint=f"{INIT}; or leave the placement out of the campaign's placements",
            )


def missing_keys(signer: Any) -> str:
    """What a run goes without for lack of keys, and the command that adds it; "" for nothing."""
    lacking = [] if find_keys().seal else ["the invisible mark is not sealed"]
    if not can_sign(signer):
        lacking.append("nothing is signed with C2PA")
    what = "both" if len(lacking) == 2 else "it"
    return f"no project keys, so {' and '.join(lacking)}; {INIT} adds {what}" if lacking else ""


def unstamped(entries: Iterable[Entry]) -> str:
    """One sentence about signatures that lack something they were asked for; "" for none."""
    notes: dict[str, int] = {}
    for entry in entries:
        signature = (entry.result.get("asset") or {}).get("label", {}).get("c2pa") or {}
        if signature.get("state") != "absent" and signature.get("note"):
            notes[signature["note"]] = notes.get(signature["note"], 0) + 1
    return "; ".join(f"{count} files: {note}" for note, count in notes.items())


def signing(
    made: Callable[..., list[Made]], signer: Any, created: str
) -> Callable[..., list[Made]]:
    """`made`, which gives the entries and files of copy, with a sidecar for each copy file."""
    if not _signs_beside(signer):
        return made

    def files(*arguments: Any) -> list[Made]:
        return [
            _with_sidecar(entry, kept, kept[entry.result["path"]], signer, created)
            if entry.state == "done"
            else (entry, kept)
            for entry, kept in made(*arguments)
        ]

    return files


def sign_the_rest(store: RunStore, keys: set[str], signer: Any, created: str) -> None:
    """Sidecars for copy that was made before there were keys, or with others, or whose sidecar was
    lost. Copy without keys keeps what it has."""
    if not _signs_beside(signer):
        return
    for entry in store.entries(keys).values():
        if entry.stage != "copy" or entry.state != "done" or _is_signed(store, entry, signer):
            continue
        data = (store.folder / entry.result["path"]).read_bytes()
        signed, files = _with_sidecar(entry, {}, data, signer, created)
        for name, content in files.items():
            store.publish(name, content)
        store.record(signed)


def sidecar_paths(entries: Iterable[Entry]) -> Iterator[str]:
    """Paths of the sidecars that entries name."""
    for entry in entries:
        sidecar = (entry.result.get("asset") or {}).get("sidecar")
        if sidecar:
            yield sidecar["path"]


def _signs_beside(signer: Any) -> bool:
    return can_sign(signer) and hasattr(signer, "sign_sidecar")


def _is_signed(store: RunStore, entry: Entry, signer: Any) -> bool:
    sidecar = entry.result["asset"].get("sidecar")
    if not sidecar or entry.result.get("signer") != signer.id:
        return False
    path = store.folder / str(sidecar["path"])
    return path.is_file() and path.stat().st_size == int(sidecar["bytes"])


def _with_sidecar(
    entry: Entry, files: Mapping[str, bytes], data: bytes, signer: Any, created: str
) -> Made:
    """The entry and its files with a sidecar over `data`, which is read back first."""
    asset = entry.result["asset"]
    kind = asset["media_type"]
    sidecar = signer.sign_sidecar(data, kind, copy_claim(asset["id"], asset["provenance"], created))
    reading = signer.verify_sidecar(data, sidecar, kind)
    if reading.state not in ("valid", "untrusted") or reading.id != asset["id"]:
        raise LabelError(
            f"{entry.job}: the signature of the copy does not read back: {reading.detail}",
            hint="contentfab keys show tells what the certificate is",
        )
    path = entry.result["path"] + SIDECAR
    record = {
        "path": path,
        "bytes": len(sidecar),
        "digest": {"sha256": hashlib.sha256(sidecar).hexdigest()},
    }
    label = {**asset["label"], "c2pa": signature_record(reading)}
    result = {
        **entry.result,
        "asset": {**asset, "label": label, "sidecar": record},
        "signer": signer.id,
    }
    return replace(entry, result=result), {**files, path: sidecar}
