"""A campaign on its way in: loaded, its settings and backends resolved, checked and planned.

Everything that can be known before work begins is told here, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab import registry
from contentfab.errors import InputError, Problem
from contentfab.flow import copies, edits, posters, signing
from contentfab.flow.calls import backend_for
from contentfab.records.brief import Brief
from contentfab.records.plan import BackendIds, Plan
from contentfab.rules.labels.project_keys import find_keys
from contentfab.rules.layout.families import own_folder
from contentfab.rules.models.use import licence_warnings, uses
from contentfab.rules.scoring import selection
from contentfab.settings import Settings, profile_names, resolve_settings
from contentfab.stages.brief import Known, check_brief, load_brief
from contentfab.stages.copywriting import REPAIRS
from contentfab.stages.plan import plan
from contentfab.store import check_owner

IDENTIFIED = ("copy", "image", "layout", "score", "watermark", "signer")
"""Sections whose backend is part of a job's key."""


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign that is ready to run: valid, with its backends known and its jobs planned."""

    brief: Brief
    settings: Settings
    ids: BackendIds
    plan: Plan
    folder: Path
    warnings: tuple[str, ...] = ()


def open_line(
    campaign: Path,
    *,
    out: Path | None = None,
    profile: str | None = None,
    sets: Sequence[str] = (),
    offline: bool = False,
    templates: Path | None = None,
    seed: int | None = None,
    executor: str | None = None,
    commercial: bool = False,
) -> Line:
    """Load, check and plan a campaign. Raises InputError with every problem, MissingDependency
    when a backend or a model is not there, GateFailed when `commercial` work meets a licence that
    forbids it; writes nothing."""
    brief = load_brief(campaign, known=_known(campaign, templates))
    if executor:
        sets = [*sets, f"executor.backend={executor}"]
    settings = resolve_settings(
        profile or brief.campaign.profile,
        _sections(brief),
        sets=sets,
        folder=brief.root,
        offline=offline,
        templates=templates,
        posters=own_folder(brief.root),
    )
    licences = licence_warnings(uses(settings.sections), commercial=commercial)
    ids = BackendIds(**{name: backend_for(name, settings).id for name in IDENTIFIED})
    signer = backend_for("signer", settings)
    signing.require_keys(brief.campaign.label.jurisdictions, signer)
    if (substitute := settings.option("copy", "fallback")) is not None:
        registry.load("copywriters", str(substitute))  # an unknown name is told before any work
    whole = _planned(brief, settings, ids, brief.campaign.seed if seed is None else seed)
    if brief.campaign.label.policy == "always":
        signing.require_keys_for_small(whole.posters, signer)
    copies.repairs(settings, REPAIRS)  # what cannot be is told before any work
    wrong = [p for p in edits.faults(brief, whole) if p.level == "error"]
    if wrong:
        raise InputError(problems=wrong, hint=f"mend {wrong[0].file}")
    folder = out or Path("out") / brief.campaign.name
    check_owner(folder, brief.campaign.name)
    return Line(brief, settings, ids, whole, folder, tuple(licences))


def check(campaign: Path, templates: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of a campaign, warnings included, without constructing any backend."""
    known = _known(campaign, templates)
    brief, problems = check_brief(campaign, known=known)
    if brief is None:
        return problems
    ids = BackendIds(**dict.fromkeys(IDENTIFIED, ""))
    whole = plan(
        brief, ids, list(known.layouts or ()), brief.campaign.seed, needs=known.layout_needs
    )
    return (*problems, *edits.faults(brief, whole))


def _known(campaign: Path, templates: Path | None) -> Known:
    """What a campaign may name on this machine."""
    from contentfab.backends._fonts import installed_families, lacking

    families = posters.families(templates, campaign)
    return Known(
        layouts=[family.id for family in families],
        layout_needs={family.id: family.needs for family in families},
        profiles=profile_names(campaign.parent),
        fonts=installed_families(),
        lacking_glyphs=lacking,
        can_sign=find_keys().can_sign,
    )


def _sections(brief: Brief) -> dict[str, dict[str, Any]]:
    """The campaign file's own settings."""
    campaign = brief.campaign
    return {
        "copy": campaign.copy_,
        "image": campaign.image,
        "layout": campaign.layout,
        "score": campaign.score,
        "watermark": campaign.watermark,
        "signer": campaign.signer,
        "executor": campaign.executor,
    }


def _planned(brief: Brief, settings: Settings, ids: BackendIds, seed: int) -> Plan:
    """The plan, by what the backends say of themselves."""
    layout, images = backend_for("layout", settings), backend_for("image", settings)
    return plan(
        brief,
        ids,
        layout.families,
        seed,
        copies.options(settings, backend_for("copy", settings)),
        needs=getattr(layout, "needs", {}),
        around=getattr(images, "around_product", False),
        candidates=_candidates(settings, ids),
    )


def _candidates(settings: Settings, ids: BackendIds) -> int:
    """Key visuals to choose each one from. Raises InputError for a number that cannot be, and for
    a scorer that would report what was chosen by."""
    found = selection.count(settings.option("image", "candidates", 1))
    selection.check_reporter(found, ids.score)
    return found
