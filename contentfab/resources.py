"""The package's own data: where it lies (in the wheel under `_data`, in a checkout at its root),
and how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Folder `templates` or `brand_guides` as shipped with this installation."""
    packed = PACKAGE / "_data" / name
    return packed if packed.is_dir() else PACKAGE.parent / name


def parse_yaml(text: str) -> Any:
    """A data file of ours; by the C parser where PyYAML has it, ten times as fast as the other."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
