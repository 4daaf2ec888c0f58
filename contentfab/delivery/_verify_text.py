"""Looks for what must not leave the house: secrets and absolute paths in a run folder's text files.

Works by well-known shapes, so it finds what slips in by mistake, not what someone hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from contentfab.rules.files.safe_files import FileFault, read_file

TEXT_SUFFIXES = (".json", ".jsonl", ".html", ".csv", ".txt", ".xml", ".yaml", ".md")
MAX_TEXT = 256 * 1024 * 1024
_SECRETS = {
    "an API key": re.compile(rb"(?<![\w-])(?:sk|pk|rk)-[A-Za-z0-9_-]{20,}"),
    "a Google API key": re.compile(rb"AIza[0-9A-Za-z_-]{35}"),
    "an AWS key": re.compile(rb"(?<![A-Z0-9])AKIA[0-9A-Z]{16}(?![A-Z0-9])"),
    "a GitHub token": re.compile(rb"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})"),
    "a Hugging Face token": re.compile(rb"(?<!\w)hf_[A-Za-z0-9]{30,}"),
    "a Slack token": re.compile(rb"xox[abprs]-[A-Za-z0-9-]{10,}"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"),
    "a bearer token": re.compile(rb"[Bb]earer [A-Za-z0-9._~+/-]{20,}"),
    "a password": re.compile(
        rb'(?i)"(?:api_?key|password|passwd|secret|access_?token)"\s*:\s*"[^"\s]{8,}"'
    ),
}
_PATHS = {
    "an absolute path": re.compile(
        rb"(?:(?<=[\"'\s=(,:>])|^|file://)/(?:home|Users|root|tmp|var|mnt|media|opt|etc|srv|work"
        rb"|data|private|workspace|Volumes|usr)/[^\s\"'<]"
    ),
    "an absolute Windows path": re.compile(rb"(?<![A-Za-z])[A-Za-z]:\\{1,2}[A-Za-z]"),
}


def text_faults(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """One sentence per file and kind of find, for the text files among `names`."""
    for name in names:
        path = folder / name
        if path.suffix.lower() not in TEXT_SUFFIXES or path.is_symlink():
            continue
        try:
            data = read_file(path, MAX_TEXT)
        except FileFault as fault:
            yield f"{name}: {fault.message}"
            continue
        for what, shape in (_SECRETS | _PATHS).items():
            if shape.search(data):
                yield f"{name} holds what looks like {what}"
