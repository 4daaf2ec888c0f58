"""Finds a project's keys: the secret of the invisible mark, and what C2PA signatures are made with.

The environment comes first (CI), then the project's keys folder. A secret is never a setting, never
part of a message, and never written anywhere but by `key_files.py`. Looks at form and permissions
only; whether a certificate can sign is for `certificates.py` to say.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contentfab.errors import InputError
from contentfab.rules.files.safe_files import FileFault, read_file, shorten

SEAL_VARIABLE = "CONTENTFAB_SEAL_KEY"
CERTIFICATE_VARIABLE = "CONTENTFAB_SIGNING_CERT"
KEY_VARIABLE = "CONTENTFAB_SIGNING_KEY"
CA_VARIABLE = "CONTENTFAB_SIGNING_CA"
FOLDER_VARIABLE = "CONTENTFAB_KEYS"
PROJECT_VARIABLE = "CONTENTFAB_PROJECT"
VARIABLES = (
    SEAL_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE, CA_VARIABLE, FOLDER_VARIABLE,
    PROJECT_VARIABLE,
)  # fmt: skip

SEAL_FILE, CERTIFICATE_FILE, KEY_FILE = "seal.key", "signing-cert.pem", "signing-key.pem"
CA_FILE, CA_FILES = "ca.pem", "ca*.pem"
DEFAULT_PROJECT = "default"
INIT = "contentfab keys init"
CI = f"in CI set {SEAL_VARIABLE}, {CERTIFICATE_VARIABLE} and {KEY_VARIABLE}"

_MAX = 256 * 1024
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class ProjectKeys:
    """What a project signs and seals with; each part None when it is not there.

    `seal` is the secret of the invisible mark; `chain_pem` the signing certificate followed by its
    issuers, `key_pem` its private key (both or neither); `ca_pem` every CA whose signatures count
    as trusted, old ones too. `source` says in words where they came from."""

    seal: bytes | None = field(default=None, repr=False)
    chain_pem: bytes | None = field(default=None, repr=False)
    key_pem: bytes | None = field(default=None, repr=False)
    ca_pem: bytes | None = field(default=None, repr=False)
    folder: Path | None = None
    source: str = "none"

    @property
    def can_sign(self) -> bool:
        return self.chain_pem is not None and self.key_pem is not None


def find_keys(
    environ: Mapping[str, str] | None = None, *, project: str = "", certificate: str = ""
) -> ProjectKeys:
    """The keys of a project; a ProjectKeys without parts when there are none.

    `project` and `certificate` (the path of an own certificate chain) win over the environment.
    InputError on half a key pair, a file that others may read, or one that is not PEM."""
    environ = os.environ if environ is None else environ
    folder, named = keys_folder(environ, project), bool(project) or _names_folder(environ)
    if folder is not None and not folder.is_dir():
        if named:
            raise InputError(
                f"the keys folder {folder} does not exist",
                hint=f"{INIT} makes it; or unset {FOLDER_VARIABLE} and {PROJECT_VARIABLE}",
            )
        folder = None
    seal, seal_from = _seal(environ, folder)
    chain, key, pair_from = _pair(environ, folder, certificate)
    authorities = b"\n".join(_authorities(environ, folder)) or None
    sources = dict.fromkeys(filter(None, (seal_from, pair_from)))
    return ProjectKeys(seal, chain, key, authorities, folder, " and ".join(sources) or "none")


def keys_folder(environ: Mapping[str, str] | None = None, project: str = "") -> Path | None:
    """Where the project's keys are, or would be: CONTENTFAB_KEYS itself, else a folder named by the
    project in the user's configuration directory. None when the user has no home."""
    environ = os.environ if environ is None else environ
    if not project and environ.get(FOLDER_VARIABLE):
        return Path(environ[FOLDER_VARIABLE]).expanduser().absolute()
    name = project or environ.get(PROJECT_VARIABLE) or DEFAULT_PROJECT
    if not _PROJECT.fullmatch(name):
        raise InputError(
            f"project name {shorten(name)!r} cannot name a folder",
            hint="use letters, digits, dots, dashes and underscores, 64 at most",
        )
    base = _config_home(environ)
    return base / "contentfab" / "keys" / name if base else None


def check_private(path: Path) -> None:
    """InputError, with the chmod line, when others than its owner may read or write `path`.
    Windows keeps a user's own folder private by itself."""
    if os.name != "posix":
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # reading it gives the better message
    if stat.S_IMODE(mode) & 0o177:
        raise InputError(
            f"{path} holds a secret, but its permissions are {stat.S_IMODE(mode):04o}",
            hint=f"chmod 600 {path}",
        )


def _names_folder(environ: Mapping[str, str]) -> bool:
    return bool(environ.get(FOLDER_VARIABLE) or environ.get(PROJECT_VARIABLE))


def _config_home(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME")
    if named and Path(named).is_absolute():
        return Path(named)
    try:
        return Path.home() / ".config"
    except RuntimeError:
        return None


def _seal(environ: Mapping[str, str], folder: Path | None) -> tuple[bytes | None, str]:
    """The text of the seal secret as bytes; the same text in the environment and in the file are
    the same secret."""
    if environ.get(SEAL_VARIABLE):
        return environ[SEAL_VARIABLE].strip().encode(), "the environment"
    path = folder / SEAL_FILE if folder else None
    if path is None or not path.exists():
        return None, ""
    seal = _read(path, secret=True).strip()
    if not seal:
        raise InputError(f"{path} is empty", hint="restore it from your backup")
    return seal, "the keys folder"


def _pair(
    environ: Mapping[str, str], folder: Path | None, certificate: str
) -> tuple[bytes | None, bytes | None, str]:
    """Certificate chain and private key, each from the first place that has it."""
    given_chain = certificate or environ.get(CERTIFICATE_VARIABLE, "")
    given_key = environ.get(KEY_VARIABLE, "")
    chain_path = folder / CERTIFICATE_FILE if folder else None
    key_path = folder / KEY_FILE if folder else None
    chain = key = None
    if given_chain:
        name = "signer.certificate" if certificate else CERTIFICATE_VARIABLE
        chain = _pem(given_chain, name, "CERTIFICATE")
    elif chain_path and chain_path.exists() and not given_key:
        chain = _checked(_read(chain_path), str(chain_path), "CERTIFICATE")
    if given_key:
        key = _pem(given_key, KEY_VARIABLE, "PRIVATE KEY", secret=True)
    elif key_path and key_path.exists() and (certificate or not given_chain):
        key = _checked(_read(key_path, secret=True), str(key_path), "PRIVATE KEY")
    if (chain is None) != (key is None):
        there, lacking = (
            ("certificate", KEY_VARIABLE) if key is None else ("key", CERTIFICATE_VARIABLE)
        )
        raise InputError(
            f"the signing {there} is there, but not its"
            f" {'private key' if key is None else 'certificate'}",
            hint=f"set {lacking}, or restore the missing file in {folder or 'the keys folder'}",
        )
    return chain, key, _where(bool(given_chain or given_key)) if chain else ""


def _where(given: bool) -> str:
    return "the environment" if given else "the keys folder"


def _authorities(environ: Mapping[str, str], folder: Path | None) -> Iterator[bytes]:
    if environ.get(CA_VARIABLE):
        yield _pem(environ[CA_VARIABLE], CA_VARIABLE, "CERTIFICATE")
    for path in sorted(folder.glob(CA_FILES)) if folder else ():
        yield _checked(_read(path), str(path), "CERTIFICATE")


def _pem(value: str, name: str, kind: str, *, secret: bool = False) -> bytes:
    """PEM from a variable's text, or from the file that it names."""
    if "-----BEGIN" in value:
        return _checked(value.encode(), name, kind)
    path = Path(value).expanduser()
    if len(value) > 1024 or "\n" in value:
        raise InputError(
            f"{name} is neither PEM text nor the path of a file",
            hint=f"PEM text starts with -----BEGIN {kind}-----",
        )
    return _checked(_read(path, secret=secret, name=name), f"the file that {name} names", kind)


def _checked(data: bytes, name: str, kind: str) -> bytes:
    if f"{kind}-----".encode() not in data or b"-----END" not in data:
        raise InputError(
            f"{name} holds no {kind.lower()} in PEM form",
            hint=f"a PEM file has a line -----BEGIN {kind}-----",
        )
    return data if data.endswith(b"\n") else data + b"\n"


def _read(path: Path, *, secret: bool = False, name: str = "") -> bytes:
    """The file's bytes. A value that was meant as a secret is not repeated in the message."""
    if secret:
        check_private(path)
    try:
        return read_file(path, _MAX)
    except FileFault as fault:
        shown = f"{name} is neither PEM text nor a readable file" if name else str(path)
        message = shown if name else f"{shown}: {fault.message}"
        raise InputError(message, hint=fault.hint) from None
