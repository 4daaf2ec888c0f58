"""Every error that contentfab raises on purpose, and the exit code each one ends in.

ContentfabError
├── InputError          2  bad input or usage; carries one Problem per fault found
├── GateFailed          1  a gate or check did not pass
├── MissingDependency   3  a package, model or font is not there
├── BackendError        4  a model or service failed
│   ├── BackendUnavailable   the service did not answer at all (retryable)
│   └── BadOutput            it answered, but what came back cannot be used
├── LabelError          5  a label layer could not be applied or read back
├── StorageError        6  the run folder cannot be read or written
└── JobsFailed          7  the run finished, some jobs did not

The command line prints `str(error)` and `error.hint`; nothing else of an error reaches a user.
This module knows nothing about stages, backends or the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in what the user gave: where it is, what was expected, how to mend it.

    `line` counts from 1 and is 0 when the format has no lines. `field` is a dotted path such as
    `products[2].price`. `rule` is a stable id for machines (`brief.unknown-key`).
    """

    file: str
    line: int
    field: str
    message: str
    hint: str = ""
    rule: str = "brief.invalid"
    level: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        text = ": ".join(part for part in (where, self.field, self.message) if part)
        return f"{text} ({self.hint})" if self.hint else text


class ContentfabError(Exception):
    """Base of every error that is not a bug. `hint` is the command or edit that mends it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", retryable: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.retryable = retryable


class InputError(ContentfabError):
    """Raised before anything is generated, with every problem found in one pass."""

    exit_code = 2

    def __init__(
        self, message: str = "", *, problems: Iterable[Problem] = (), hint: str = ""
    ) -> None:
        self.problems = tuple(problems)
        super().__init__(message or "\n".join(map(str, self.problems)), hint=hint)


class GateFailed(ContentfabError):
    """Raised when finished work misses a gate of the campaign, or a check finds an error."""

    exit_code = 1


class MissingDependency(ContentfabError):
    """Raised when a backend is constructed without its package, model or font."""

    exit_code = 3


class BackendError(ContentfabError):
    """Raised when a model or service fails while working."""

    exit_code = 4


class BackendUnavailable(BackendError):
    """Raised when a service cannot be reached; the same run may succeed later."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, retryable=True)


class BadOutput(BackendError):
    """Raised when a backend's answer cannot be used: a black picture, text that is no JSON."""


class LabelError(ContentfabError):
    """Raised when a label layer cannot be applied, or does not read back as it was written."""

    exit_code = 5


class StorageError(ContentfabError):
    """Raised when the run folder is read-only, full, or belongs to another campaign."""

    exit_code = 6


class JobsFailed(ContentfabError):
    """Raised at the end of a run in which some jobs failed; the others are in the manifest."""

    exit_code = 7
