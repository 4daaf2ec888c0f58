"""Where a model's files are on this machine: embedded in the package, a folder or file, or the
Hugging Face cache.

Reads names and sizes, never weights, and imports no model library, so that a plan can name a model
exactly without loading it. The cache's layout is the documented one (huggingface.co/docs/
huggingface_hub, "Understand caching"). It downloads nothing.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from contentfab.errors import InputError, MissingDependency
from contentfab.resources import PACKAGE
from contentfab.rules.models.cards import card_of
from contentfab.rules.models.files import folder_digest

_SOURCE = re.compile(
    r"(?:hf-hub:)?(?P<repository>[\w.-]+/[\w.-]+)(?P<inner>(?:/[\w.-]+)*)(?:@(?P<revision>[\w./-]+))?"
)
WEIGHTS = ".safetensors"
EMBEDDED = PACKAGE / "models"
MODEL_FILES = ("open_clip_config.json", "model_index.json")
"""One of them makes a folder a model: of open_clip, or of diffusers."""


@dataclass(frozen=True, slots=True)
class Located:
    """Files of a model: `path` is a folder or a file; `name` holds no path of this machine;
    `revision` is a commit for a repository, else a digest of the files."""

    path: Path
    name: str
    revision: str

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}"


def locate(source: str, setting: str, *, revision: str = "") -> Located:
    """Finds NAME of an embedded model, FOLDER, FILE or OWNER/NAME[/FILE][@REVISION]. Without a
    revision it is the pinned one of a known model, else `main`. A folder that is called like an
    embedded model is ./NAME. Raises MissingDependency, naming `setting`, when it is not here."""
    path = EMBEDDED / source if source in embedded() else Path(source).expanduser()
    if path.exists():
        return Located(path, path.resolve().name, folder_digest(path))
    match = _SOURCE.fullmatch(source)
    if match is None or source.startswith((".", "/", "~")):
        names = ", ".join(embedded())
        hint = (
            f"Give a folder that exists, an embedded model ({names}), or a repository such as "
            "stabilityai/sd-turbo."
        )
        raise MissingDependency(f"{setting}: {source} is not there", hint=hint)
    repository, inner = match["repository"], match["inner"].strip("/")
    wanted = revision or match["revision"] or ""
    folder = snapshot(repository, wanted)
    if folder is None or not (folder / inner).exists():
        at = f" at revision {wanted}" if wanted else ""
        raise MissingDependency(
            f"{setting}: {source.removeprefix('hf-hub:')}{at} is not on this machine",
            hint=f"Once, with network: contentfab models pull {repository}"
            f"{'@' + wanted if wanted else ''}; or --set {setting}=FOLDER.",
        )
    return Located(folder / inner, "/".join(filter(None, (repository, inner))), folder.name)


def embedded() -> list[str]:
    """Names of the models that ship inside the package."""
    return sorted({path.parent.name for name in MODEL_FILES for path in EMBEDDED.glob(f"*/{name}")})


def snapshot(repository: str, revision: str = "") -> Path | None:
    """The cached snapshot of a repository, or None."""
    cached = hub_cache() / f"models--{repository.replace('/', '--')}"
    card = card_of(repository)
    names = (
        [revision] if revision else [*([card.revision] if card and card.revision else []), "main"]
    )
    for name in names:
        reference = cached / "refs" / name
        commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else name
        if (cached / "snapshots" / commit).is_dir():
            return cached / "snapshots" / commit
    return None


def hub_cache() -> Path:
    """Where Hugging Face libraries keep models, by their own environment variables."""
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    home = os.environ.get("HF_HOME")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return (Path(home).expanduser() if home else Path(base) / "huggingface") / "hub"


def weights_file(found: Located, setting: str, usual: str = "") -> Path:
    """The one safetensors file of a folder, or the one of the usual name; a file is taken as it is.
    Raises InputError when there is none, or more than one to choose from."""
    if found.path.is_file():
        if found.path.suffix != WEIGHTS:
            hint = f"Give {WEIGHTS} weights; .bin, .ckpt and .pt files may hold code."
            raise InputError(f"{setting}: {found.name} is no {WEIGHTS} file", hint=hint)
        return found.path
    usual_file = found.path / usual
    if usual and usual_file.is_file():
        return usual_file
    files = sorted(
        path
        for path in found.path.rglob(f"*{WEIGHTS}")
        if "image_encoder" not in path.relative_to(found.path).parts
    )
    if len(files) == 1:
        return files[0]
    names = [path.relative_to(found.path).as_posix() for path in files]
    if not names:
        raise InputError(f"{setting}: {found.name} holds no {WEIGHTS} file")
    hint = f"Name one of them, as {found.name}/{names[0]}; there are {', '.join(names[:8])}."
    raise InputError(f"{setting}: {found.name} holds {len(names)} {WEIGHTS} files", hint=hint)


def missing_weights(folder: Path, variant: str = "") -> list[str]:
    """Parts of a diffusers pipeline's folder, or the folder itself, whose weights are not all
    there as safetensors; an interrupted download leaves such."""
    index = folder / "model_index.json"
    if not index.is_file():
        return [] if _whole(folder, variant) else [folder.name]
    parts = json.loads(index.read_text(encoding="utf-8"))
    named = [
        name
        for name, value in parts.items()
        if not name.startswith("_") and isinstance(value, list) and value[0] is not None
    ]
    models = [name for name in named if not _weightless(name)]
    return [name for name in models if not _whole(folder / name, variant)]


def _weightless(part: str) -> bool:
    return part.startswith(("tokenizer", "scheduler", "feature_extractor", "image_processor"))


def _whole(folder: Path, variant: str) -> bool:
    """Names are transformers' and diffusers': `model.safetensors`, `model.fp16.safetensors`,
    shards that `model.safetensors.index.json` or `model.safetensors.index.fp16.json` lists."""
    if not (folder / "config.json").is_file():
        return False
    marked = f".{variant}" if variant else ""
    for listing in folder.glob(f"*{WEIGHTS}.index{marked}.json"):
        shards = set(json.loads(listing.read_text(encoding="utf-8"))["weight_map"].values())
        return all((folder / name).is_file() for name in shards)
    files = [path for path in folder.glob(f"*{marked}{WEIGHTS}") if path.is_file()]
    return any(marked or "." not in path.stem for path in files)
