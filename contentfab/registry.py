"""Names of backends, and how to get one: built-ins here, third parties through entry points.

Listing names imports nothing. `build` constructs a backend from a settings section and turns wrong
options into an InputError that lists the right ones. The registry knows no backend's inside.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from contentfab.errors import InputError, MissingDependency

BUILTINS: dict[str, dict[str, str]] = {
    "copywriters": {
        "offline": "contentfab.backends.copywriter_offline:OfflineCopywriter",
        "openai": "contentfab.backends.copywriter_openai:OpenAICopywriter",
    },
    "images": {
        "plates": "contentfab.backends.image_plates:PlatesImageGenerator",
        "diffusers": "contentfab.backends.image_diffusers:DiffusersImageGenerator",
        "openai": "contentfab.backends.image_openai:OpenAIImageGenerator",
    },
    "layouts": {"typst": "contentfab.backends.layout_typst:TypstLayout"},
    "scorers": {
        "design": "contentfab.backends.scorer_design:DesignScorer",
        "openclip": "contentfab.backends.scorer_openclip:OpenClipScorer",
        "safety": "contentfab.backends.scorer_safety:SafetyScorer",
    },
    "watermarks": {
        "spread": "contentfab.backends.watermark_spread:SpreadWatermark",
        "trustmark": "contentfab.backends.watermark_trustmark:TrustMarkWatermark",
    },
    "signers": {"c2pa": "contentfab.backends.signer_c2pa:C2paSigner"},
    "exporters": {},
    "executors": {"local": "contentfab.backends.executor_local:LocalExecutor"},
}

SECTION_ROLES = {
    "copy": "copywriters",
    "image": "images",
    "layout": "layouts",
    "score": "scorers",
    "watermark": "watermarks",
    "signer": "signers",
    "executor": "executors",
}


def names(role: str) -> list[str]:
    """Every name that `role` may have. Raises InputError when two packages claim the same one."""
    return sorted({*BUILTINS[role], *_plugins(role)})


def load(role: str, name: str) -> type:
    """The class behind a name. Raises InputError (unknown) or MissingDependency (import failed)."""
    available = names(role)
    if name not in available:
        near = difflib.get_close_matches(name, available, 1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(
            f"unknown backend {name!r} in {role}",
            hint=f"{guess}{role} are {', '.join(available) or 'none'}",
        )
    try:
        if name in BUILTINS[role]:
            module, _, attribute = BUILTINS[role][name].partition(":")
            return getattr(import_module(module), attribute)  # type: ignore[no-any-return]
        return _plugins(role)[name].load()  # type: ignore[no-any-return]
    except ImportError as error:
        raise MissingDependency(
            f"backend {name!r} cannot be imported: {error}",
            hint=f"pip install {error.name}" if error.name else "",
        ) from error


def build(section: str, options: Mapping[str, Any], **context: Any) -> Any:
    """Construct the backend that a settings section names. `context` (offline, templates, …) is
    passed on to constructors that ask for it; options they do not know are an InputError."""
    options = dict(options)
    name = str(options.pop("backend"))
    factory = load(SECTION_ROLES[section], name)
    parameters = inspect.signature(factory).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for option in options:
        if option not in parameters and not takes_any:
            valid = [p for p in parameters if p not in context]
            raise InputError(
                f"{section}.{option}: backend {name!r} has no such option",
                hint=f"its options are {', '.join(valid) or 'none'}",
            )
    wanted = {k: v for k, v in context.items() if k in parameters and k not in options}
    try:
        return factory(**options, **wanted)
    except TypeError as error:
        raise InputError(f"{section}: backend {name!r} refused its options: {error}") from error


@cache
def _plugins(role: str) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=f"contentfab.{role}"):
        other = "contentfab" if point.name in BUILTINS[role] else _package(found.get(point.name))
        if other:
            raise InputError(
                f"two packages offer {role} {point.name!r}: {other} and {_package(point)}",
                hint="uninstall one of them",
            )
        found[point.name] = point
    return found


def _package(point: EntryPoint | None) -> str:
    if point is None:
        return ""
    return point.dist.name if point.dist else point.value
