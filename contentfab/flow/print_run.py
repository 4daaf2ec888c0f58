"""Adds files for printers and designers to the posters of a run, also to one that is done.

They are no part of a poster's key: the poster and its file stay what they are, the ledger's row
gets the new files. Knows no file format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import Any

from contentfab import registry
from contentfab.errors import BackendError, InputError
from contentfab.flow.calls import StageCall, backend_for
from contentfab.flow.print_files import KINDS, FilesTask
from contentfab.flow.results import Failure
from contentfab.flow.session import Reporter, Tally
from contentfab.flow.signing import can_sign
from contentfab.flow.steps import PosterTask
from contentfab.records.plan import Plan, PosterJob
from contentfab.settings import Settings
from contentfab.store import MANIFEST, Entry, RunStore

PosterTaskOf = Callable[[PosterJob, Mapping[str, Any], Mapping[str, Any]], PosterTask]


def require(kinds: Sequence[str], layout: Any) -> None:
    """InputError when the layout makes no such files."""
    if kinds and not hasattr(layout, "files"):
        raise InputError(
            f"layout backend {layout.id} makes no files for printers or designers",
            hint="leave --print and --editable out, or use --set layout.backend=typst",
        )


def add(
    chosen: Plan,
    store: RunStore,
    kinds: Sequence[str],
    settings: Settings,
    poster_task: PosterTaskOf,
    reporter: Reporter,
    tally: Tally,
) -> None:
    """Make the files of `kinds` that finished posters lack, and those that were made with another
    bleed, size or signature. Failures go to the tally; their posters stay."""
    made_by = _made_by(settings)
    entries = store.entries(chosen.keys())
    lacking = [
        job
        for job in chosen.posters
        if (entry := entries.get(job.key)) is not None
        and entry.state == "done"
        and not _is_whole(store, entry, kinds, made_by)
    ]
    if not lacking:
        return
    store.remove(MANIFEST)  # its existence means that the run is complete
    call = StageCall(
        ("files",), settings, not getattr(backend_for("layout", settings), "parallel", False)
    )
    executor = registry.build("executor", settings.section("executor"), settings=settings)
    try:
        waiting = []
        for job in lacking:
            copy, picture = entries[job.variant.copy_key], entries[job.picture_key]
            task = poster_task(job, copy.result, picture.result)
            wanted = _wanted(entries[job.key], task, kinds)
            waiting.append((entries[job.key], executor.submit(call, [wanted])))
        for entry, future in waiting:
            (answer,) = future.result()
            if isinstance(answer, Failure):
                tally.failures.append(answer.exit_code)
                reporter.failed("files", entry.job, answer.reason)
            else:
                _keep(store, entry, answer.state.data, made_by)
                tally.done["files"] = tally.done.get("files", 0) + 1
                tally.seconds["files"] = tally.seconds.get("files", 0.0) + answer.seconds["files"]
    except BrokenExecutor as error:
        raise BackendError(
            "a worker process died, most likely for lack of memory",
            hint="run the same command again with --set executor.workers=1",
        ) from error
    finally:
        executor.close()


def paths(entries: Iterable[Entry]) -> Iterator[str]:
    """Paths of the files that entries name."""
    for entry in entries:
        for file in (entry.result.get("asset") or {}).get("files", []):
            yield file["path"]


def _made_by(settings: Settings) -> str:
    layout, signer = backend_for("layout", settings), backend_for("signer", settings)
    return f"{getattr(layout, 'files_id', layout.id)} {signer.id if can_sign(signer) else ''}"


def _wanted(entry: Entry, task: PosterTask, kinds: Sequence[str]) -> FilesTask:
    """What was asked for now, and what was there: both were made in another way."""
    had = [file["kind"] for file in entry.result["asset"].get("files", [])]
    return FilesTask(
        task, entry.result["asset"], tuple(kind for kind in KINDS if kind in {*kinds, *had})
    )


def _is_whole(store: RunStore, entry: Entry, kinds: Sequence[str], made_by: str) -> bool:
    files = {file["kind"]: file for file in entry.result["asset"].get("files", [])}
    if not set(kinds) <= files.keys() or entry.result.get("files_by") != made_by:
        return False
    found = ((store.folder / str(file["path"]), file["bytes"]) for file in files.values())
    return all(path.is_file() and path.stat().st_size == size for path, size in found)


def _keep(store: RunStore, entry: Entry, made: Mapping[str, bytes], made_by: str) -> None:
    """Files first, then the ledger."""
    records = []
    stem = str(entry.result["path"]).rpartition(".")[0]
    for kind, data in made.items():
        ending, media_type = KINDS[kind]
        path = f"{stem}.{ending}"
        store.publish(path, data)
        records.append(
            {
                "kind": kind,
                "path": path,
                "media_type": media_type,
                "bytes": len(data),
                "digest": {"sha256": hashlib.sha256(data).hexdigest()},
            }
        )
    asset = {**entry.result["asset"], "files": records}
    store.record(replace(entry, result={**entry.result, "asset": asset, "files_by": made_by}))
