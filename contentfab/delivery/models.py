"""The models that profiles use and people ask for: what is here, what it may be used for, and how
to get what is not.

Listing reads the disk and touches no network; `pull` downloads one repository at one commit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.errors import BackendError, BackendUnavailable, InputError, MissingDependency
from contentfab.resources import PACKAGE
from contentfab.rules.models.cards import Card, Licence, card_of, cards, licence_of
from contentfab.rules.models.files import folder_digest
from contentfab.rules.models.sources import embedded, hub_cache, locate, missing_weights, snapshot
from contentfab.settings import PROFILES

KINDS = {
    "image": "image model (diffusers)",
    "clip": "CLIP model (open_clip)",
    "ip-adapter": "IP-Adapter (diffusers)",
}
PATTERNS = ("*.json", "*.txt", "*.md", "*.model", "*.safetensors")
"""What is fetched of a repository that we have no card for: never weights that may hold code."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A repository that is now on this machine: where, at which commit, how many bytes."""

    name: str
    revision: str
    path: Path
    bytes: int


def model_records() -> list[dict[str, Any]]:
    """One record per model, the embedded ones first, then by name. `size` is in bytes: of the files
    that are here, else of what `get` would fetch (0: unknown); `digest` is the commit, or for
    embedded models a digest of their files; `revision` is the commit that we pin, "" when we know
    none."""
    return [*_embedded(), *(_record(card) for card in _known())]


def pull(name: str, told: Callable[[str], None] = lambda _: None) -> Pulled:
    """Fetch OWNER/NAME[@REVISION] into the Hugging Face cache, going on where an earlier try
    stopped; without a revision, the pinned one. Raises InputError for a wrong name,
    BackendUnavailable when the hub does not answer, MissingDependency when it refuses us."""
    repository, _, revision = name.removeprefix("hf-hub:").partition("@")
    if repository.count("/") != 1 or not all(repository.split("/")):
        known = ", ".join(sorted(cards()))
        raise InputError(f"{name!r} is no OWNER/NAME of a model", hint=f"for example {known}")
    card = card_of(repository)
    wanted = revision or (card.revision if card else "")
    try:
        import huggingface_hub
    except ImportError:
        message = "contentfab models pull needs huggingface_hub"
        raise MissingDependency(message, hint="pip install huggingface_hub") from None
    told(f"{repository} at {wanted or 'main (no revision is pinned)'}")
    try:
        folder = huggingface_hub.snapshot_download(
            repository,
            revision=wanted or None,
            allow_patterns=list(card.files if card else PATTERNS),
            cache_dir=hub_cache(),
        )
    except Exception as error:  # the library raises its own, its transport's and OSErrors
        raise _translated(error, repository, wanted) from None
    path = Path(folder)
    gaps = missing_weights(path, card.variant if card else "") if _is_pipeline(path) else []
    if gaps:
        raise BackendError(
            f"{repository} has no safetensors weights of {', '.join(gaps)}",
            hint="Ask its publisher for safetensors, or convert it with diffusers.",
        )
    return Pulled(repository, path.name, path, _bytes(path))


def _translated(error: Exception, repository: str, revision: str) -> Exception:
    """An error of huggingface_hub in our words. Bugs are raised as they are."""
    from huggingface_hub import errors

    at = f" at {revision}" if revision else ""
    first = str(error).strip().split("\n")[0][:200]
    if isinstance(error, errors.GatedRepoError):
        hint = (
            f"Accept its licence at https://huggingface.co/{repository}, set HF_TOKEN, try again."
        )
        return MissingDependency(f"{repository} is gated", hint=hint)
    if isinstance(error, errors.RepositoryNotFoundError | errors.RevisionNotFoundError):
        hint = "Check the name and the revision; a private one needs HF_TOKEN."
        return InputError(f"the hub has no {repository}{at}", hint=hint)
    if isinstance(error, errors.OfflineModeIsEnabled):
        hint = "Unset HF_HUB_OFFLINE, or copy the model's folder here by other means."
        return BackendUnavailable("HF_HUB_OFFLINE forbids the network", hint=hint)
    if isinstance(error, OSError | ValueError | errors.HfHubHTTPError) or _is_transport(error):
        hint = "Run the same command again: it goes on where it stopped."
        return BackendUnavailable(f"{repository}{at}: {first or type(error).__name__}", hint=hint)
    return error


def _is_transport(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "requests")


def _known() -> list[Card]:
    """Models of the built-in profiles first, then the others that we have cards of."""
    named = [
        str(sections[section].get("model", "")).removeprefix("hf-hub:")
        for sections in PROFILES.values()
        for section in ("image", "score")
    ]
    wanted = [*filter(lambda name: "/" in name, named), *sorted(cards())]
    return [card_of(name) or Card(name, "") for name in dict.fromkeys(wanted)]


def _record(card: Card) -> dict[str, Any]:
    folder = snapshot(card.name)
    whole = folder is not None and not (
        _is_pipeline(folder)
        and missing_weights(folder)
        and missing_weights(folder, card.variant or "-")
    )
    return {
        "name": card.name,
        "kind": KINDS.get(card.kind, "model"),
        "profiles": _profiles(card.name),
        "present": whole,
        "size": _bytes(folder) if folder and whole else card.size,
        "licence": card.licence or "unknown",
        "commercial_use": card.commercial,
        "condition": card.condition,
        "revision": card.revision,
        "evidence": card.evidence,
        "digest": folder.name if folder and whole else "",
        "get": "" if whole else f"contentfab models pull {card.name}",
    }


def _embedded() -> list[dict[str, Any]]:
    """What ships inside the package: the plates, and every folder of `models/` beside them."""
    plates = PACKAGE / "models" / "plates"
    own = Licence("apache-2.0", "yes", "contentfab's own")
    models = [locate(name, "model").path for name in embedded()]
    return [
        _shipped(plates, "embedded studio plates; no AI model", ["mini"], own),
        *(
            _shipped(path, _kind(path), _profiles(path.name), licence_of(path.name, path))
            for path in models
        ),
    ]


def _shipped(folder: Path, kind: str, profiles: list[str], licence: Licence) -> dict[str, Any]:
    digest = folder_digest(folder)
    return {
        "name": folder.name,
        "kind": kind,
        "profiles": profiles,
        "present": True,
        "size": _bytes(folder),
        "licence": licence.name or "unknown",
        "commercial_use": licence.commercial,
        "condition": licence.condition,
        "revision": digest,
        "evidence": "made here, see training/",
        "digest": digest,
        "get": "",
    }


def _kind(folder: Path) -> str:
    return f"embedded {KINDS['image' if _is_pipeline(folder) else 'clip']}"


def _profiles(name: str) -> list[str]:
    return [
        profile
        for profile, sections in PROFILES.items()
        if any(
            str(sections[section].get("model", "")).removeprefix("hf-hub:") == name
            for section in ("image", "score")
        )
    ]


def _is_pipeline(folder: Path) -> bool:
    return (folder / "model_index.json").is_file()


def _bytes(folder: Path) -> int:
    """Bytes of all files of a folder, those that links point to included."""
    return sum(
        (Path(root) / name).stat().st_size
        for root, _, names in os.walk(folder)
        for name in names
        if (Path(root) / name).is_file()
    )
