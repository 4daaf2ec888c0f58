"""campaign file → brief: load everything it names, check everything, report every problem at once.

Nothing is generated on bad input, and nothing is written here. Knows where files lie and in which
order they are read; what makes a field good is in `rules/`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, Problem
from contentfab.records.brand import Brand
from contentfab.records.brief import Brief
from contentfab.records.channel import Channel
from contentfab.records.inputs import Campaign, Product, Segment
from contentfab.rules.brand_guides import load_brand
from contentfab.rules.campaign_checks import check_campaign
from contentfab.rules.channels import for_campaign, load_channels
from contentfab.rules.edits import load_edits
from contentfab.rules.feeds.sources import load_products, load_segments
from contentfab.rules.files.located import Located, with_overrides
from contentfab.rules.files.reader import Reader
from contentfab.rules.files.safe_files import FileFault, shorten, unusable
from contentfab.rules.files.shape_words import is_locale
from contentfab.rules.files.shapes import validate
from contentfab.rules.files.text_files import without_controls
from contentfab.rules.labels.checks import check_label
from contentfab.rules.layout.families import check_needs, poster_roles
from contentfab.rules.layout.glyph_checks import Lacking, check_glyphs
from contentfab.rules.locales import resolve_list
from contentfab.rules.product.shape import shape_of
from contentfab.rules.product_checks import (
    check_ids,
    check_orders,
    check_product,
    load_image,
    no_image,
)
from contentfab.rules.safety import reviews
from contentfab.rules.views import product_view

CAMPAIGN_FILES = ("campaign.yaml", "campaign.yml", "campaign.json")
COMMAND_LINE = "command line"
UNREADABLE = ("file.value", "file.control-character")


@dataclass(frozen=True, slots=True)
class Known:
    """What only the caller can know: names from backends and profiles, what texts a layout needs,
    which characters fonts lack, whether the project has keys to sign with; None skips a check."""

    layouts: Collection[str] | None = None
    profiles: Collection[str] | None = None
    fonts: Collection[str] | None = None
    can_sign: bool | None = None
    layout_needs: Mapping[str, Collection[str]] | None = None
    lacking_glyphs: Lacking | None = None


def load_brief(
    path: Path, overrides: Mapping[str, Any] | None = None, known: Known | None = None
) -> Brief:
    """The brief of a campaign file. Raises InputError with every error found in one pass; its
    `problems` include the warnings. See `check_brief` for the arguments."""
    brief, problems = check_brief(path, overrides, known)
    if brief is None:
        raise InputError(problems=problems, hint=f"mend these, then `contentfab check {path.name}`")
    return brief


def check_brief(
    path: Path, overrides: Mapping[str, Any] | None = None, known: Known | None = None
) -> tuple[Brief | None, tuple[Problem, ...]]:
    """The brief, None if there is any error, and every problem with errors before warnings.

    `path` is the campaign file or its folder. `overrides` replace its fields; keys may be dotted
    (`experiment.factor`), values are as a YAML file would give them."""
    known = known or Known()
    reader, campaign = _open(path)
    if campaign is not None and overrides:
        campaign = with_overrides(campaign, overrides, COMMAND_LINE)
    brief = _read(reader, campaign, known) if campaign is not None else None
    problems = _in_reading_order(_told_once(reader.problems))
    return (None if any(p.level == "error" for p in problems) else brief), problems


def _told_once(problems: Sequence[Problem]) -> list[Problem]:
    """Without repeats, and without follow-ups where the file already told of a value."""
    unreadable = {(p.file, p.line, p.field) for p in problems if p.rule in UNREADABLE}
    return [
        p
        for p in dict.fromkeys(problems)
        if p.rule in UNREADABLE or (p.file, p.line, p.field) not in unreadable
    ]


def _in_reading_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors before warnings, then file by file as they were read, from top to bottom."""
    files = {file: index for index, file in enumerate(dict.fromkeys(p.file for p in problems))}
    ordered = sorted(problems, key=lambda p: (p.level != "error", files[p.file], p.line))
    return tuple(ordered)


def _open(path: Path) -> tuple[Reader, Located | None]:
    """Read the campaign file itself. Shown names start as the user typed them, never absolute."""
    reader = Reader(Path())
    try:
        if path.is_dir():
            found = (path / name for name in CAMPAIGN_FILES if (path / name).is_file())
            path = next(found, path / CAMPAIGN_FILES[0])
        typed = "" if path.is_absolute() else without_controls(path.parent.as_posix())
        reader = Reader(path.parent.resolve(), typed)
        file = reader.open(reader.root / path.name)
    except (FileFault, OSError, ValueError) as error:
        fault = error if isinstance(error, FileFault) else unusable(path.name, error)
        shown = shorten(path.name if path.is_absolute() else path.as_posix(), 200)
        hint = f"{fault.hint}; `contentfab init` makes a campaign"
        reader.problems.append(Problem(shown, 0, "", fault.message, hint, fault.rule))
        return reader, None
    located = reader.document(file)
    if located is not None and not isinstance(located.value, dict):
        message, hint = "a campaign file holds keys and values", "see `contentfab init`"
        reader.problems.append(located.problem((), "brief.wrong-type", message, hint))
        located = None
    return reader, located


def _read(reader: Reader, campaign: Located, known: Known) -> Brief | None:
    packs = load_channels()
    value = campaign.value
    record = _campaign_record(reader, campaign)
    reader.problems += check_campaign(
        campaign, packs, known.layouts, known.profiles, can_sign=known.can_sign
    )
    brand = value.get("brand")
    guide = load_brand(reader, campaign, brand, known.fonts) if isinstance(brand, str) else None
    reader.problems += check_label(campaign, guide.brand if guide else None)
    locales = _valid_locales(value)
    reader.problems += reviews.check_locales(campaign, locales)
    products = _products(reader, campaign, locales)
    segments = _segments(reader, campaign, locales)
    channels = [packs[c] for c in _list(value.get("channels")) if isinstance(c, str) and c in packs]
    images: dict[str, Path] = {}
    for product, entry in products:
        image = load_image(product, entry, reader)
        if image is not None:
            images[product.id] = image
        elif product.image is None and any(channel.placements for channel in channels):
            reader.problems.append(no_image(entry))
    if record is None or guide is None or guide.brand is None:
        return None
    if known.layout_needs is not None:
        roles = _poster_roles(record, guide.brand, [product for product, _ in products], channels)
        reader.problems += check_needs(campaign, known.layout_needs, roles)
    if known.lacking_glyphs is not None and any(channel.placements for channel in channels):
        reader.problems += check_glyphs(
            campaign, guide.brand, guide.folder, products, locales, known.lacking_glyphs
        )
    return Brief(
        campaign=record,
        brand=guide.brand,
        brand_dir=guide.folder,
        products=tuple(product for product, _ in products),
        segments=tuple(segments),
        channels=tuple(for_campaign(channel, record) for channel in channels),
        root=reader.root,
        product_images=images,
        product_shapes={name: shape_of(image) for name, image in images.items()},
        edits=load_edits(reader),
        digests=dict(sorted(reader.digests.items())),
    )


def _poster_roles(
    campaign: Campaign, brand: Brand, products: Sequence[Product], channels: Sequence[Channel]
) -> dict[str, set[str]]:
    """By product, the texts that some poster of it has."""
    default, found = campaign.locales[0], dict[str, set[str]]()
    always = campaign.label.policy == "always"
    for product in products:
        for locale, channel in itertools.product(campaign.locales, channels):
            notes = resolve_list(brand.disclosures, locale, brand.locale or default)
            view = product_view(product, locale, default)
            roles = poster_roles(view, channel, locale, notes, labelled=always)
            found.setdefault(product.id, set()).update(roles)
    return found


def _campaign_record(reader: Reader, campaign: Located) -> Campaign | None:
    """The campaign's own fields. Inline products and segments are checked one by one elsewhere,
    where their problems can be told better, so a path stands in for them here."""
    value = dict(campaign.value)
    for key in ("products", "segments"):
        if key in value:
            value[key] = f"{key}.yaml"
    record, problems = validate(Campaign, Located(value, campaign.folder, campaign.where))
    reader.problems += problems
    return record


def _products(
    reader: Reader, campaign: Located, locales: Sequence[str]
) -> list[tuple[Product, Located]]:
    if "products" not in campaign.value:
        return []
    entries = load_products(reader, campaign, locales[0] if locales else "en-US")
    found = []
    for entry in entries:
        product, problems = validate(Product, entry)
        reader.problems += problems
        if product is not None:
            found.append((product, entry))
            reader.problems += check_product(product, entry, locales)
            reader.problems += check_orders(product, entry)
            reader.problems += reviews.check_product(product, entry, locales)
    reader.problems += check_ids("product", entries)
    return found


def _segments(reader: Reader, campaign: Located, locales: Sequence[str]) -> list[Segment]:
    entries = load_segments(reader, campaign, locales[0] if locales else "en-US")
    found = []
    for entry in entries:
        segment, problems = validate(Segment, entry)
        reader.problems += problems
        if segment is not None:
            found.append(segment)
            reader.problems += check_orders(segment, entry)
            reader.problems += reviews.check_segment(segment, entry, locales)
    reader.problems += check_ids("segment", entries)
    return found


def _valid_locales(value: Mapping[str, Any]) -> list[str]:
    """The campaign's locales that are some; wrong ones are told by their shape."""
    texts = [entry for entry in _list(value.get("locales")) if isinstance(entry, str)]
    return [locale for locale in dict.fromkeys(texts) if is_locale(locale)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
