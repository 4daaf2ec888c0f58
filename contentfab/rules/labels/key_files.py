"""Makes a project's keys and puts them into its folder: what is there is never overwritten.

Every file appears whole or not at all, for its owner only (0600 in a folder of 0700). A folder in
a git work tree or a run folder is refused: from there keys leave the house. Knows nothing about
what the keys are used for.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from contentfab.errors import InputError, StorageError
from contentfab.rules.labels.certificates import new_pair
from contentfab.rules.labels.project_keys import CA_FILE, CERTIFICATE_FILE, KEY_FILE, SEAL_FILE

SEAL_BYTES = 32
RUN_FILES = ("run.json", "manifest.json", "ledger.sqlite")


def make_keys(folder: Path, name: str) -> list[str]:
    """Names of the files made in `folder`: the seal's secret, and a certificate with its key and
    CA for the organisation `name`; each only where it is missing. [] when all are there.

    InputError when the folder must not hold keys, or holds half a pair."""
    _refuse_public(folder)
    there = [file for file in (CERTIFICATE_FILE, KEY_FILE) if (folder / file).exists()]
    if len(there) == 1:
        lacking = KEY_FILE if there == [CERTIFICATE_FILE] else CERTIFICATE_FILE
        raise InputError(
            f"{folder} holds {there[0]}, but not {lacking}",
            hint=f"restore {lacking} from your backup, or move {there[0]} away",
        )
    if not there and (folder / CA_FILE).exists():
        raise InputError(
            f"{folder} holds {CA_FILE} of an earlier certificate",
            hint=f"mv {folder / CA_FILE} {folder / 'ca-old.pem'}; what it signed stays trusted",
        )
    wanted: dict[str, bytes] = {}
    if not (folder / SEAL_FILE).exists():
        wanted[SEAL_FILE] = secrets.token_hex(SEAL_BYTES).encode() + b"\n"
    if not there:
        chain, key, authority = new_pair(name)
        # The certificate last: with it, the pair is complete.
        wanted |= {CA_FILE: authority, KEY_FILE: key, CERTIFICATE_FILE: chain}
    try:
        _make_folder(folder)
        for file, data in wanted.items():
            _write_new(folder / file, data)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}",
            hint="choose another folder with --dir, or fix its permissions",
        ) from error
    return list(wanted)


def _refuse_public(folder: Path) -> None:
    path = folder.resolve()
    for parent in (path, *path.parents):
        if (parent / ".git").exists():
            raise InputError(
                f"{folder} lies in the git work tree {parent}; keys there end up in commits",
                hint="leave out --dir, or name a folder outside any repository",
            )
        if any((parent / file).is_file() for file in RUN_FILES):
            raise InputError(
                f"{folder} lies in the run folder {parent}; keys there leave with the posters",
                hint="leave out --dir, or name a folder of its own",
            )
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder", hint="choose another --dir")


def _make_folder(folder: Path) -> None:
    """`folder` for its owner only; a folder that was there keeps its permissions, since secrets
    are 0600 themselves."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)


def _write_new(path: Path, data: bytes) -> None:
    """`data` at `path`, 0600, synced; FileExistsError (an OSError) when something is there."""
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "link"):
            os.link(temporary, path)  # unlike a rename, it never replaces
        else:
            temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
