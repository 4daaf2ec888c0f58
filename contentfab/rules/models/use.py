"""Which models a run would use, whether they are here, and whether their licences allow it.

Looked at when a run is planned, so that nothing is generated or paid for in vain. Reads names and
model cards, never weights. Licences are told as their publishers state them: no legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.errors import GateFailed, MissingDependency
from contentfab.rules.models.cards import Licence, licence_of
from contentfab.rules.models.sources import locate

# Settings that name a model's files, by section and backend. Other backends' models are services,
# or come with their package.
FILES = {
    ("image", "diffusers"): ("model", "controlnet", "ip_adapter", "lora"),
    ("score", "openclip"): ("model",),
}


@dataclass(frozen=True, slots=True)
class Use:
    """A model that a setting names: where it lies, and its licence."""

    setting: str
    name: str
    path: Path
    licence: Licence


def uses(sections: Mapping[str, Mapping[str, Any]]) -> list[Use]:
    """The models of a run. Raises MissingDependency that names all those which are not here."""
    found, missing, hints = [], [], []
    for (section, backend), settings in FILES.items():
        options = sections[section]
        if options.get("backend") != backend:
            continue
        for name in settings:
            source = str(options.get(name) or "").removeprefix("local-dir:")
            if not source:
                continue
            setting = f"{section}.{name}"
            revision = str(options.get("revision") or "") if name == "model" else ""
            try:
                here = locate(source, setting, revision=revision)
            except MissingDependency as error:
                missing.append(str(error))
                hints.append(error.hint)
                continue
            found.append(Use(setting, here.name, here.path, licence_of(here.name, here.path)))
    if missing:
        raise MissingDependency("\n".join(missing), hint=" ".join(dict.fromkeys(hints)))
    return found


def licence_warnings(found: list[Use], *, commercial: bool) -> list[str]:
    """What a person should know about licences. With `commercial`, raises GateFailed when one
    forbids commercial use; without it, that is a warning too."""
    forbidden = [use for use in found if use.licence.commercial == "no"]
    if commercial and forbidden:
        named = "; ".join(_told(use) for use in forbidden)
        raise GateFailed(
            f"--commercial: not allowed by the licence of {named}",
            hint="Choose another model (contentfab models lists licences), or get a licence from "
            "its publisher and give the model as a folder of your own.",
        )
    warnings = [f"not for commercial use: {_told(use)}" for use in forbidden]
    if commercial:
        for use in found:
            if use.licence.commercial == "conditional":
                warnings.append(f"commercial use on conditions: {_told(use)}")
            if use.licence.commercial == "unknown":
                warnings.append(f"commercial use unknown, read the licence: {_told(use)}")
    return warnings


def _told(use: Use) -> str:
    licence = use.licence
    name = licence.name or "no licence stated"
    more = f": {licence.condition}" if licence.condition else ""
    return f"{use.setting}={use.name} ({name}{more})"
