"""Which backend does what, with which options: `--set` > environment > campaign > profile.

A section (`copy`, `image`, …) is a mapping with `backend` and that backend's own options. This
module merges sections; it does not know which backends or options exist (`registry.py` does).
Keys and tokens are never settings: backends read them from the environment themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentfab.errors import InputError

SECTIONS = ("copy", "image", "layout", "score", "watermark", "signer", "executor")

MINI: dict[str, dict[str, Any]] = {
    "copy": {"backend": "offline"},
    "image": {"backend": "plates"},
    "layout": {"backend": "typst"},
    "score": {"backend": "openclip", "model": "mini-clip"},
    "watermark": {"backend": "spread"},
    "signer": {"backend": "c2pa"},
    "executor": {"backend": "local"},
}

PROFILES: dict[str, dict[str, dict[str, Any]]] = {
    "mini": MINI,
    "standard": MINI
    | {
        "copy": {"backend": "openai"},
        "image": {
            "backend": "diffusers",
            "model": "stabilityai/sd-turbo",
            "steps": 2,
            "guidance_scale": 0.0,
        },
        "score": {"backend": "openclip", "model": "hf-hub:laion/CLIP-ViT-B-32-laion2B-s34B-b79K"},
    },
    "studio": MINI
    | {
        "copy": {"backend": "openai"},
        "image": {
            "backend": "diffusers",
            "model": "stabilityai/stable-diffusion-xl-base-1.0",
            "steps": 30,
            "guidance_scale": 6.0,
        },
        "score": {"backend": "openclip", "model": "hf-hub:laion/CLIP-ViT-H-14-laion2B-s32B-b79K"},
    },
}

# Options that the line itself reads; a section's other options are its backend's.
LINE_OPTIONS: dict[str, tuple[str, ...]] = {
    "copy": ("fallback", "repairs", "surplus", "art_direction"),
    "image": ("candidates",),
    "score": ("safety",),
}

SECRET_WORDS = ("key", "token", "secret", "password")


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved sections of one run. `offline` forbids every backend to use the network; `posters`
    is the campaign's own folder of layout families."""

    profile: str
    sections: Mapping[str, Mapping[str, Any]]
    offline: bool = False
    templates: Path | None = None
    posters: Path | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def section(self, name: str) -> dict[str, Any]:
        """The backend's name and options, without those that the line reads itself."""
        line = LINE_OPTIONS.get(name, ())
        return {key: value for key, value in self.sections[name].items() if key not in line}

    def option(self, section: str, name: str, default: Any = None) -> Any:
        """One of LINE_OPTIONS."""
        return self.sections[section].get(name, default)

    def backend(self, name: str) -> str:
        return str(self.sections[name]["backend"])


def profile_names(folder: Path | None = None) -> list[str]:
    """Built-in profiles and the user's own: `profiles/<name>.yaml` beside the campaign."""
    own = sorted(p.stem for p in (folder / "profiles").glob("*.yaml")) if folder else []
    return list(dict.fromkeys([*PROFILES, *own]))


def resolve_settings(
    profile: str,
    campaign: Mapping[str, Mapping[str, Any]],
    *,
    sets: Iterable[str] = (),
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    offline: bool = False,
    templates: Path | None = None,
    posters: Path | None = None,
) -> Settings:
    """Merge all sources into one Settings. Raises InputError on an unknown profile or section."""
    merged = {name: dict(options) for name, options in _profile(profile, folder).items()}
    for source in (campaign, _from_environment(environ or os.environ), parse_sets(sets)):
        for section, options in source.items():
            if options.get("backend", merged[section]["backend"]) != merged[section]["backend"]:
                # Another backend does not understand this one's options.
                line = LINE_OPTIONS.get(section, ())
                merged[section] = {k: v for k, v in merged[section].items() if k in line}
            merged[section].update(options)
    return Settings(profile, merged, offline, templates, posters)


def parse_sets(sets: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`["copy.model=qwen3", "image.steps=4"]` as sections; values are read as YAML scalars."""
    import yaml

    sections: dict[str, dict[str, Any]] = {}
    for item in sets:
        name, equals, value = item.partition("=")
        section, dot, key = name.strip().partition(".")
        if not (equals and dot and key):
            raise InputError(
                f"--set {item!r} is not of the form section.key=value",
                hint="for example --set copy.backend=openai",
            )
        if section not in SECTIONS:
            raise InputError(
                f"--set {item!r}: unknown section {section!r}",
                hint=f"sections are {', '.join(SECTIONS)}",
            )
        if any(word in key.lower().split("_") for word in SECRET_WORDS):
            raise InputError(
                f"--set {section}.{key}: secrets are not settings, they would end up in run.json",
                hint="put the key into the environment, for example OPENAI_API_KEY",
            )
        try:
            sections.setdefault(section, {})[key] = yaml.safe_load(value)
        except yaml.YAMLError:
            sections.setdefault(section, {})[key] = value
    return sections


def _profile(name: str, folder: Path | None) -> Mapping[str, Mapping[str, Any]]:
    if name in PROFILES:
        return PROFILES[name]
    path = folder / "profiles" / f"{name}.yaml" if folder else None
    if path is None or not path.is_file():
        raise InputError(
            f"unknown profile {name!r}",
            hint=f"profiles are {', '.join(profile_names(folder))}; or add profiles/NAME.yaml",
        )
    import yaml

    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise InputError(f"profiles/{name}.yaml: {error}", hint="mend the YAML") from None
    if not isinstance(own, dict) or not all(isinstance(v, dict) for v in own.values()):
        raise InputError(f"profiles/{name}.yaml: expected sections such as `copy: {{backend: …}}`")
    unknown = [key for key in own if key not in SECTIONS]
    if unknown:
        raise InputError(
            f"profiles/{name}.yaml: unknown section {unknown[0]!r}",
            hint=f"sections are {', '.join(SECTIONS)}",
        )
    return {section: own.get(section, MINI[section]) for section in SECTIONS}


def _from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """`CONTENTFAB_COPY_MODEL=qwen3` is `copy.model=qwen3`; `OPENAI_BASE_URL` is copy.base_url."""
    sets = []
    for name, value in sorted(environ.items()):
        section, _, key = name.removeprefix("CONTENTFAB_").lower().partition("_")
        if name.startswith("CONTENTFAB_") and section in SECTIONS and key:
            sets.append(f"{section}.{key}={value}")
    return parse_sets(sets)
