"""Stage calls as things that can be sent to another process: a builder, not an object.

Each process constructs a backend at most once, from settings. A call names the stages it goes
through; neighbouring stages that run in the same place travel as one call, so that pixels stay
where they are.
"""

from __future__ import annotations

import hashlib
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab import registry
from contentfab.errors import ContentfabError, InputError, MissingDependency
from contentfab.flow import print_files, steps
from contentfab.flow.results import Done, Failure
from contentfab.rules.keys import canonical
from contentfab.settings import Settings
from contentfab.stages.score import open_scorer

STEPS: dict[str, tuple[str, Callable[..., Any]]] = {
    "picture": ("image", steps.picture),
    "compose": ("layout", steps.compose),
    "score": ("score", steps.score),
    "label": ("watermark", steps.label),
    "files": ("layout", print_files.make),
}
# Backends that a stage uses besides its first.
ALSO: dict[str, tuple[str, ...]] = {"label": ("signer",), "files": ("signer",)}

_backends: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class StageCall:
    """Carries a batch of job states through `stages`, and answers one Done or Failure for each."""

    stages: tuple[str, ...]
    settings: Settings
    exclusive: bool = False

    def __call__(self, states: Sequence[Any]) -> list[Done | Failure]:
        results: list[Done | Failure] = [Done(state) for state in states]
        for stage in self.stages:
            section, step = STEPS[stage]
            sections = (section, *ALSO.get(stage, ()))
            backends = [backend_for(name, self.settings) for name in sections]
            alive = [i for i, result in enumerate(results) if isinstance(result, Done)]
            began = time.perf_counter()
            answers = _isolated(step, [results[i].state for i in alive], backends)  # type: ignore[union-attr]
            share = (time.perf_counter() - began) / max(1, len(alive))
            for i, answer in zip(alive, answers, strict=True):
                previous = results[i]
                if isinstance(answer, Failure) or isinstance(previous, Failure):
                    results[i] = answer
                else:
                    results[i] = Done(answer, previous.seconds | {stage: share})
        return results


def backend_for(section: str, settings: Settings) -> Any:
    """This process's backend of a section, constructed on first use."""
    name = canonical(
        [
            section, settings.sections[section], settings.offline, str(settings.templates),
            str(settings.posters), _environment(),
        ]
    )  # fmt: skip
    if name not in _backends:
        context = {
            "offline": settings.offline,
            "templates": settings.templates,
            "posters": settings.posters,
        }
        _backends[name] = (
            open_scorer(settings, **context)
            if section == "score"
            else registry.build(section, settings.section(section), **context)
        )
    return _backends[name]


def _environment() -> str:
    """What backends take from the environment, keys above all; hashed, as it may hold secrets."""
    own = sorted(item for item in os.environ.items() if item[0].startswith("CONTENTFAB_"))
    return hashlib.sha256(canonical(own).encode()).hexdigest()


def _isolated(
    step: Callable[..., Any], states: list[Any], backends: Sequence[Any]
) -> list[Any | Failure]:
    """One job's failure must not take its batch along: a batch that raises is tried one by one."""
    try:
        return list(step(states, *backends))
    except (InputError, MissingDependency):
        raise  # what the user must mend would fail every other job in the same way
    except ContentfabError as error:
        if len(states) == 1:
            return [Failure(str(error), error.retryable, error.exit_code)]
    except Exception as error:
        # A bug in one poster must not lose a batch of thousands: it becomes a failed job, and the
        # run ends in exit code 7. Its own words may hold paths or users' text; where it happened
        # is enough to find it.
        if len(states) == 1:
            return [Failure(f"internal error: {type(error).__name__} in {_place(error)}")]
    return [answer for state in states for answer in _isolated(step, [state], backends)]


def _place(error: BaseException) -> str:
    """`file.py:12` where an error was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
