"""`contentfab bench-label`: how well the invisible mark of the user's own pictures holds.

A picture that carries a mark is attacked as it is; one that does not is marked first, in memory.
An attack is survived when all 64 bits come back. The result is evidence for a file: which version
of the mark, which pictures, how often, and the same attacks on pictures without a mark. Knows
nothing about how a mark works, and writes nothing.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from contentfab import __version__, registry
from contentfab.delivery._attacks import ATTACKS, WHAT
from contentfab.errors import InputError, LabelError
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.labels.payload import payload_for
from contentfab.rules.pixels.picture_files import decode

if TYPE_CHECKING:
    from contentfab.protocols import Watermark
    from contentfab.records.pictures import Picture

MAX_PICTURE = 100 * 1024 * 1024
READABLE = ("valid", "untrusted")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif")


@dataclass(frozen=True, slots=True)
class Trial:
    """One picture under all attacks. `embedded` says that it was marked here; then `psnr` in dB
    tells the marked from the given pixels. `survived` maps an attack to whether all bits came
    back; of an unmarked picture, to whether nothing was found."""

    path: str
    width: int
    height: int
    embedded: bool
    survived: Mapping[str, bool]
    psnr: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole table. `skipped` maps a path to why it was not tried."""

    mark: str
    version: str
    trials: Sequence[Trial]
    unmarked: Sequence[Trial] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)

    def rates(self) -> dict[str, tuple[int, int]]:
        """Per attack: pictures whose 64 bits all came back, and pictures tried."""
        return _rates(self.trials)

    def false_positives(self) -> tuple[int, int]:
        """Marks found where none is, and pictures looked at, over all attacks."""
        tried = sum(len(trial.survived) for trial in self.unmarked)
        return tried - sum(sum(t.survived.values()) for t in self.unmarked), tried

    def as_json(self) -> dict[str, Any]:
        """The evidence as one JSON document."""
        found, tried = self.false_positives()
        return {
            "format": "contentfab-label-evidence/1",
            "contentfab": self.version,
            "mark": self.mark,
            "pictures": len(self.trials),
            "attacks": [
                {"name": name, "what": WHAT[name], "survived": good, "pictures": total}
                for name, (good, total) in self.rates().items()
            ],
            "psnr_db": _psnr(self.trials),
            "false_positives": {"found": found, "tried": tried},
            "trials": [asdict(trial) for trial in (*self.trials, *self.unmarked)],
            "skipped": dict(self.skipped),
        }


def bench(
    paths: Sequence[Path],
    options: Mapping[str, Any],
    *,
    unmarked: Sequence[Path] = (),
    attacks: Sequence[str] = (),
    workers: int = 1,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Evidence:
    """Try every picture under every attack (or those named). `options` is a settings section
    `watermark`; `tell` is called with pictures done and in all. Raises InputError on an unknown
    attack or when no picture could be tried."""
    names = list(attacks) or list(ATTACKS)
    unknown = [name for name in names if name not in ATTACKS]
    if unknown:
        raise InputError(f"unknown attack {unknown[0]!r}", hint=f"attacks are {', '.join(ATTACKS)}")
    mark: Watermark = registry.build("watermark", options)
    jobs = [(path, dict(options), names, False) for path in paths]
    jobs += [(path, dict(options), names, True) for path in unmarked]
    trials: list[Trial] = []
    clean: list[Trial] = []
    skipped: dict[str, str] = {}
    for done, (job, result) in enumerate(zip(jobs, _carry_out(jobs, workers), strict=True), 1):
        if isinstance(result, str):
            skipped[job[0].as_posix()] = result
        else:
            (clean if job[3] else trials).append(result)
        tell(done, len(jobs))
    if not trials:
        why = next(iter(skipped.values()), "no picture was named")
        raise InputError(f"no picture could be tried: {why}", hint="name pictures or a run folder")
    return Evidence(mark.id, __version__, trials, clean, skipped)


def markdown(evidence: Evidence) -> str:
    """The evidence as a page for a file: a table, and how to read it."""
    psnr = _psnr(evidence.trials)
    lines = [
        "# How the invisible AI label holds",
        "",
        f"contentfab {evidence.version}, mark `{evidence.mark}`, {len(evidence.trials)} pictures."
        " A picture counts when all 64 bits of its mark were read back after the attack.",
        "",
        "| attack | survived | share | what was done |",
        "|---|---:|---:|---|",
    ]
    for name, (good, total) in evidence.rates().items():
        lines.append(f"| {name} | {good} of {total} | {good / total:.1%} | {WHAT[name]} |")
    lines.append("")
    if psnr["pictures"]:
        lines += [
            f"Difference that the mark makes on the {psnr['pictures']} pictures marked here: PSNR"
            f" at least {psnr['min']} dB, mean {psnr['mean']} dB.",
            "",
        ]
    found, tried = evidence.false_positives()
    if tried:
        lines += [f"Pictures without a mark: {found} of {tried} readings found one.", ""]
    if evidence.skipped:
        lines += ["Not tried:", ""]
        lines += [f"- {path}: {reason}" for path, reason in evidence.skipped.items()]
        lines.append("")
    lines += [
        "The mark is robust to ordinary processing; it is not tamper-proof, and repainting a"
        " picture with an image model removes it. These are internal tests on the pictures named"
        " in the JSON file beside this page.",
        "",
    ]
    return "\n".join(lines)


def pictures(paths: Sequence[Path]) -> list[Path]:
    """The picture files among `paths`; of a folder all of them, of a run folder its assets."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist", hint="name pictures, folders or a run")
        folder = path / "assets" if (path / "assets").is_dir() else path
        if folder.is_dir():
            inside = (p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
            found += sorted(p for p in inside if p.is_file())
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _carry_out(jobs: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Trial | str]:
    if workers <= 1 or len(jobs) < 2:
        yield from map(_try, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        yield from pool.map(_try, jobs)


def _try(job: tuple[Path, dict[str, Any], list[str], bool]) -> Trial | str:
    """One picture's trial, or why it cannot be tried. Runs in a worker process."""
    path, options, names, clean = job
    mark: Watermark = registry.build("watermark", options)
    try:
        pixels, _ = decode(read_file(path, MAX_PICTURE))
    except (FileFault, InputError) as error:
        return str(error)
    height, width = pixels.shape[:2]
    shown = path.as_posix()
    if clean:
        silent = {name: mark.detect(ATTACKS[name](pixels)).state == "absent" for name in names}
        return Trial(shown, width, height, False, silent)
    before = mark.detect(pixels)
    if before.state in READABLE:
        return Trial(shown, width, height, False, _survived(mark, pixels, before.id, names))
    try:
        marked = mark.embed(pixels, payload_for(hashlib.sha256(pixels.tobytes()).hexdigest()[:32]))
    except LabelError as error:
        return str(error)
    expected = mark.detect(marked).id
    survived = _survived(mark, marked, expected, names)
    return Trial(shown, width, height, True, survived, _psnr_of(pixels, marked))


def _survived(
    mark: Watermark, pixels: Picture, expected: str, names: Sequence[str]
) -> dict[str, bool]:
    found = ((name, mark.detect(ATTACKS[name](pixels))) for name in names)
    return {
        name: bool(expected) and reading.state in READABLE and reading.id == expected
        for name, reading in found
    }


def _rates(trials: Sequence[Trial]) -> dict[str, tuple[int, int]]:
    names = dict.fromkeys(name for trial in trials for name in trial.survived)
    return {name: (sum(trial.survived[name] for trial in trials), len(trials)) for name in names}


def _psnr(trials: Sequence[Trial]) -> dict[str, Any]:
    values = [trial.psnr for trial in trials if trial.psnr is not None]
    if not values:
        return {"pictures": 0}
    mean = round(sum(values) / len(values), 1)
    return {"pictures": len(values), "min": round(min(values), 1), "mean": mean}


def _psnr_of(before: Picture, after: Picture) -> float:
    """Peak signal-to-noise ratio in dB over all channels, 8 bits; 99 for equal pictures."""
    error = float(np.mean((before.astype(np.float32) - after.astype(np.float32)) ** 2))
    return round(min(99.0, 10 * math.log10(255**2 / max(error, 1e-9))), 2)
