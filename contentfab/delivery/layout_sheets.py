"""All layout families × sizes of a brand as inspected posters: what `contentfab layouts` shows.

With a campaign, a sheet shows its first product with copy that the offline copywriter wrote, an
angle and an art direction per family, as a run would plan them. Without one, sample texts of the
locale stand on the brand's own sets. Makes no files; `layout_pictures` draws the sheets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from contentfab.errors import BackendError, InputError
from contentfab.protocols import Copywriter, ImageGenerator, Layout
from contentfab.records.brief import Brief, Cell
from contentfab.records.channel import Placement
from contentfab.records.inputs import Campaign, Experiment, Price, Product
from contentfab.records.pictures import Finding, KeyVisual, Poster, PosterRequest, PosterText
from contentfab.records.plan import BackendIds, Plan, PosterJob
from contentfab.resources import parse_yaml
from contentfab.rules.brand_guides import load_brand
from contentfab.rules.channels import load_channels
from contentfab.rules.files.located import Located, Place
from contentfab.rules.files.reader import Reader
from contentfab.rules.keys import seed_of
from contentfab.rules.locales import best_key
from contentfab.rules.wording.contract import rules_for
from contentfab.stages.brief import load_brief
from contentfab.stages.compose import compose
from contentfab.stages.copywriting import copywriting
from contentfab.stages.picture import picture
from contentfab.stages.plan import plan

SIZES = (
    "1080x1080", "1080x1350", "1080x1440", "1080x1920", "1200x628", "1280x720", "300x250",
    "728x90", "160x600",
)  # fmt: skip
"""What every family must look good in, and what a sheet shows unless told otherwise."""
CHANNEL = "meta.feed"
"""Whose fields the copy has where a campaign has no channel with pictures."""
LEAST, MOST = 80, 4000
"""Sides of a poster that a sheet can be asked for, in pixels."""

TextOf = Callable[[Cell, Mapping[str, Any], Brief], PosterText]
"""What is written on a poster: from its cell, the fields of its copy and the brief."""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One family at one size. What was not `made` says why in its findings; `poster` is None, too,
    once it has been drawn."""

    family: str
    placement: Placement
    findings: tuple[Finding, ...]
    poster: Poster | None = None
    made: bool = True

    @property
    def state(self) -> str:
        """`ok`, `warn`, `error`, or `skipped` for a family that the product has no text for."""
        levels = {finding.level for finding in self.findings}
        if not self.made:
            return "skipped"
        return "error" if "error" in levels else "warn" if "warn" in levels else "ok"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sheet shows: families in order, sizes, one locale, and a headline for all ("" takes
    each family's own)."""

    families: Sequence[str]
    placements: Sequence[Placement]
    locale: str
    headline: str = ""


def placements(names: Sequence[str]) -> list[Placement]:
    """Sizes as placements: `1080x1350` takes the safe areas of a channel that has this size;
    `meta.story` stands for all placements of a channel. Raises InputError."""
    packs = load_channels()
    found: dict[tuple[int, int], Placement] = {}
    for name in names:
        if name in packs:
            sizes = [(p.width, p.height) for p in packs[name].placements]
        else:
            width, _, height = name.lower().partition("x")
            if not (width.isdecimal() and height.isdecimal()):
                raise InputError(
                    f"--sizes: {name!r} is no size and no channel",
                    hint=f"write 1080x1350, or one of: {', '.join(packs)}",
                )
            sizes = [(int(width), int(height))]
        for size in sizes:
            if min(size) < LEAST or max(size) > MOST:
                raise InputError(
                    f"--sizes: {size[0]}x{size[1]} is out of range",
                    hint=f"each side is {LEAST} to {MOST} pixels",
                )
            found.setdefault(size, _placement(*size))
    return list(found.values())


def campaign_brief(path: Path) -> Brief:
    """The campaign's brief with its first product only. Raises InputError."""
    brief = load_brief(path)
    return replace(brief, products=brief.products[:1], segments=brief.segments[:1])


def speaks(brief: Brief, locale: str) -> bool:
    """Whether the campaign has texts in the language of `locale`."""
    return bool(best_key(dict.fromkeys(brief.campaign.locales), locale))


def with_samples(brief: Brief, locale: str) -> Brief:
    """The brief with sample price and small print, for a locale in which it says nothing."""
    said = sample(locale)
    price, prints = Price.model_validate(said["price"]), [said["disclaimer"]]
    update = {"price": price, "disclaimers": prints, "locale": locale}
    products = tuple(product.model_copy(update=update) for product in brief.products)
    return replace(brief, products=products)


def brand_brief(name: str, folder: Path, locale: str, product: Path | None) -> Brief:
    """A brief for a brand alone: a sample product, and `product` as its cut-out picture, if there
    is one. `name` is looked for as a campaign's brand in `folder` is. Raises InputError."""
    reader = Reader(folder.resolve())
    told = Located({"brand": name}, reader.root, lambda path: Place("--brand", 0, ""))
    guide = load_brand(reader, told, name, None)
    if guide is None or guide.brand is None:
        raise InputError(problems=reader.problems, hint="contentfab layouts --brand NAME")
    said = sample(locale)
    item = Product(
        id="sample",
        name=said["name"],
        price=Price.model_validate(said["price"]),
        disclaimers=[said["disclaimer"]],
        locale=locale,
    )
    campaign = Campaign(
        name="layouts", brand=name, products="products.yaml", channels=[CHANNEL], locales=[locale]
    )
    return Brief(
        campaign=campaign,
        brand=guide.brand,
        brand_dir=guide.folder,
        products=(item,),
        segments=(),
        channels=(),
        root=reader.root,
        product_images={"sample": product} if product else {},
        digests={},
    )


def sample(locale: str) -> dict[str, Any]:
    """Sample texts in the language of `locale`, English when there are none."""
    texts = _samples()
    key = best_key(texts, locale) or locale.split("-")[0]
    return texts.get(key, texts["en"])


def cells(
    brief: Brief,
    wanted: Wanted,
    layout: Layout,
    images: ImageGenerator,
    writer: Copywriter | None,
    text_of: TextOf,
    needs: Mapping[str, Sequence[str]],
) -> Iterator[SheetCell]:
    """Every family at every size, family by family. `writer` None takes the sample texts; `needs`
    are the text roles without which a family is passed over."""
    brief = _as_asked(brief, wanted)
    whole = plan(brief, BackendIds("", images.id, layout.id, "", ""), wanted.families, 0)
    jobs = [job for job in whole.posters if job.variant.cell.locale == wanted.locale]
    copies = _copies(whole, wanted.locale, writer)
    requests = {job.key: job.request for job in whole.pictures}
    visuals: dict[str, KeyVisual] = {}
    for job in jobs:
        cell = job.variant.cell
        fields = copies.get(job.variant.copy_key) or _sample_fields(brief, wanted.locale)
        text = text_of(cell, fields, brief)
        if wanted.headline:
            text = replace(text, headline=wanted.headline)
        missing = [role for role in needs.get(job.variant.layout, ()) if not getattr(text, role)]
        if missing:
            told = Finding("layout.needs", "skip", f"no {' and no '.join(missing)} to show")
            yield SheetCell(job.variant.layout, job.placement, (told,), made=False)
            continue
        if job.picture_key not in visuals:
            (made,) = picture([requests[job.picture_key]], images)
            if isinstance(made, BackendError):
                raise made
            visuals = {job.picture_key: made}  # families differ in their sets: keep the last only
        yield _composed(job, text, visuals[job.picture_key], brief, layout)


def _composed(
    job: PosterJob, text: PosterText, visual: KeyVisual, brief: Brief, layout: Layout
) -> SheetCell:
    request = PosterRequest(
        key=job.key,
        variant=job.variant.id,
        layout=job.variant.layout,
        placement=job.placement,
        locale=job.variant.cell.locale,
        text=text,
        key_visual=visual,
        product_image=job.product_image,
        brand=brief.brand,
        brand_dir=brief.brand_dir,
        seed=seed_of(job.key),
    )
    (poster,) = compose([request], layout, other_families=False)
    told = tuple(finding for finding in poster.findings if finding.level != "pass")
    return SheetCell(job.variant.layout, job.placement, told, poster)


def _as_asked(brief: Brief, wanted: Wanted) -> Brief:
    """The brief whose plan is the sheet: a variant per family, each with its own angle and art
    direction, on one channel that has the sheet's sizes."""
    channel = next((c for c in brief.channels if c.placements), load_channels()[CHANNEL])
    channel = channel.model_copy(
        update={"placements": list(wanted.placements), "default_placements": []}
    )
    locales = list(dict.fromkeys([*brief.campaign.locales, wanted.locale]))
    campaign = brief.campaign.model_copy(
        update={
            "variants": len(wanted.families),
            "layouts": list(wanted.families),
            "placements": {},
            "locales": locales,
            "experiment": Experiment(factor="creative"),
        }
    )
    return replace(brief, campaign=campaign, channels=(channel,), edits={})


def _copies(whole: Plan, locale: str, writer: Copywriter | None) -> dict[str, Mapping[str, Any]]:
    """Fields of the copy by its key; a variant that could not be written has none."""
    if writer is None:
        return {}
    jobs = [job for job in whole.copies if job.request.cell.locale == locale]
    keys = {name: key for job in jobs for name, key in job.keys.items()}
    outcomes = copywriting([job.request for job in jobs], writer)
    return {keys[draft.variant]: draft.fields for done in outcomes for draft in done.accepted}


def _sample_fields(brief: Brief, locale: str) -> dict[str, Any]:
    said = sample(locale)
    fields = {rule.poster_role: rule.name for rule in rules_for(brief.channels[0])}
    return {fields[role]: said[role] for role in ("headline", "subline", "cta") if role in fields}


def _placement(width: int, height: int) -> Placement:
    known = [
        p
        for c in load_channels().values()
        for p in c.placements
        if (p.width, p.height) == (width, height)
    ]
    safest = max(known, key=lambda p: sum(p.safe), default=None)
    name = f"{width}x{height}"
    if safest is None:
        return Placement(id=name, width=width, height=height)
    return safest.model_copy(update={"id": name})


@cache
def _samples() -> dict[str, dict[str, Any]]:
    text = (files("contentfab.delivery") / "layout_samples.yaml").read_text("utf-8")
    found: dict[str, dict[str, Any]] = parse_yaml(text)
    return found
