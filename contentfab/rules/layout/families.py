"""Layout families as files: where they lie, what their front-matter says, and in which order.

A family is one `.typ` file. It may begin with comment lines between two `// ---` lines that hold
YAML: `name`, `about`, `order`, `needs` (texts without which it makes no sense) and `picture`. Files
whose names begin with `_` are helpers of others. Knows nothing about what a family draws.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from contentfab.errors import InputError, Problem
from contentfab.records.base import Record
from contentfab.records.brief import ProductView
from contentfab.records.channel import Channel
from contentfab.resources import data_dir
from contentfab.rules.channels import disclosure
from contentfab.rules.files.located import Located, from_document
from contentfab.rules.files.shapes import validate
from contentfab.rules.files.yaml_lines import load_document

FENCE = "// ---"
EXAMPLE = "`// name: Hero`"
RULE = "layout.front-matter"
LAST = 1000
"""Order of a family that says none."""

Role = Literal["headline", "subline", "cta", "price", "disclaimer", "label", "ad"]


class FrontMatter(Record):
    """What a family says of itself. `needs` are the texts that a poster must have for it;
    `picture` is how the key visual is used."""

    name: str = ""
    about: str = ""
    order: int = Field(LAST, ge=0)
    needs: list[Role] = Field(default_factory=list)
    picture: Literal["full", "frame", "panel", "none"] = "full"


@dataclass(frozen=True, slots=True)
class Family:
    """A family: `id` is what campaigns call it, the file's name without its ending."""

    id: str
    name: str
    about: str
    order: int
    needs: tuple[str, ...]
    picture: str
    file: Path


def template_folders(templates: Path | None = None, own: Path | None = None) -> list[Path]:
    """Folders of layout families, later ones winning: the shipped one, `own` (`posters/` beside
    the campaign file), and `templates` (`--templates`), which may be that folder itself."""
    folders = [data_dir("templates") / "posters"]
    folders += [own] if own is not None and own.is_dir() else []
    if templates is not None:
        folders.append(templates / "posters" if (templates / "posters").is_dir() else templates)
    return folders


def own_folder(campaign_folder: Path) -> Path | None:
    """`posters/` beside a campaign file, when it holds families."""
    folder = campaign_folder / "posters"
    return folder if folder.is_dir() and any(folder.glob("*.typ")) else None


def find_families(folders: Iterable[Path]) -> tuple[Family, ...]:
    """Every family in `folders`, by its order and then its name; later folders win. Raises
    InputError naming file and line of a front-matter that cannot be used."""
    files: dict[str, Path] = {}
    for folder in folders:
        files |= {file.stem: file for file in sorted(folder.glob("*.typ"))}
    found = [_family(file) for name, file in files.items() if not name.startswith("_")]
    return tuple(sorted(found, key=lambda family: (family.order, family.id)))


def needs_met(needs: Collection[str], roles: Collection[str]) -> bool:
    """Whether a poster with texts in `roles` has what a family needs."""
    return set(needs) <= set(roles)


def fitting(
    layouts: Sequence[str], needs: Mapping[str, Collection[str]], roles: Collection[str]
) -> tuple[str, ...]:
    """Those of `layouts` whose needs are met; `needs` is by family, none for one not named."""
    return tuple(name for name in layouts if needs_met(needs.get(name, ()), roles))


def poster_roles(
    product: ProductView, channel: Channel, locale: str, notes: Sequence[str], *, labelled: bool
) -> frozenset[str]:
    """The texts that posters of a cell have for sure; `notes` are the brand's own disclosures,
    `labelled` says that every poster carries an AI label."""
    there = {
        "headline": True,
        "subline": True,
        "cta": True,
        "price": bool(product.price),
        "disclaimer": bool(product.disclaimers or notes),
        "label": labelled,
        "ad": bool(disclosure(channel, locale)),
    }
    return frozenset(role for role, known in there.items() if known)


def check_needs(
    campaign: Located,
    needs: Mapping[str, Collection[str]],
    posters: Mapping[str, Collection[str]],
) -> Iterator[Problem]:
    """Problems of the `layouts` that a campaign names: a family that no product has the texts for,
    and a product that none of the families can show. `posters` are the texts' roles by product."""
    named = campaign.value.get("layouts")
    layouts = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    if not layouts or not posters:
        return
    for index, name in enumerate(layouts):
        wanted = needs.get(name, ())
        if not any(needs_met(wanted, roles) for roles in posters.values()):
            message = f"layout '{name}' needs {_listed(wanted)}, and no product has that"
            hint = "give a product one, or remove the layout"
            yield campaign.problem(("layouts", index), "brief.layout-needs", message, hint)
    for product, roles in posters.items():
        if not fitting(layouts, needs, roles):
            lacking = sorted({role for name in layouts for role in needs.get(name, ())} - {*roles})
            message = f"product '{product}' has no {' and no '.join(lacking)} for any layout named"
            hint = "name a layout that needs none, such as hero"
            yield campaign.problem(("layouts",), "brief.layout-needs", message, hint)


def _listed(needs: Collection[str]) -> str:
    return " and ".join(f"a {role}" for role in sorted(needs))


def _family(file: Path) -> Family:
    told = _front_matter(file)
    return Family(
        id=file.stem,
        name=told.name or file.stem,
        about=told.about,
        order=told.order,
        needs=tuple(told.needs),
        picture=told.picture,
        file=file,
    )


def _front_matter(file: Path) -> FrontMatter:
    shown = f"posters/{file.name}"
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"{shown} cannot be read: {error}", hint="A family is a UTF-8 text file."
        ) from error
    if not lines or lines[0].rstrip() != FENCE:
        return FrontMatter()
    held: list[str] = []
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == FENCE:
            break
        if not line.startswith("//"):
            raise _unclosed(shown, number)
        held.append(line.removeprefix("//").removeprefix(" "))
    else:
        raise _unclosed(shown, len(lines))
    # A line in front keeps the numbers of the file's own lines.
    text = "\n".join(["", *held, ""])
    document = load_document(text.encode(), shown)
    if document.problems:
        raise InputError(problems=document.problems[:1])
    if not isinstance(document.value, dict):
        message, hint = "a front-matter holds keys and values", f"such as {EXAMPLE}"
        raise InputError(problems=[Problem(shown, 2, "", message, hint, RULE)])
    told, problems = validate(FrontMatter, from_document(document, shown, file.parent))
    if told is None:
        raise InputError(problems=problems[:1])
    return told


def _unclosed(file: str, line: int) -> InputError:
    message, hint = "the front-matter has no end", f"close it with a {FENCE} line"
    return InputError(problems=[Problem(file, line, "", message, hint, RULE)])
