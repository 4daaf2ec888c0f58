"""Which brand colour a wall, a podium, an accent and a prop take, so that none melts into another.

A palette may name these roles, or the brand's own (background, primary, secondary, accent, …), or
both: what is named stays as it is unless two neighbours would coincide, then the less important
one moves in lightness. Knows colours only; nothing of plates or pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from contentfab.rules.pixels import colour as colours

SCENE_ROLES = ("wall", "podium", "accent", "prop")
_FALLBACK = ("#EDE6DB", "#FFFFFF", "#D9734A", "#2F5D62")
# Roles that touch in a picture, and the least CIEDE2000 difference between them. The later role
# of a pair gives way.
_APART = {
    ("wall", "podium"): 7.0,
    ("wall", "accent"): 14.0,
    ("podium", "accent"): 12.0,
    ("wall", "prop"): 12.0,
    ("podium", "prop"): 8.0,
    ("accent", "prop"): 12.0,
}


def scene_colours(palette: Mapping[str, str], seed: int, calm: bool = False) -> dict[str, str]:
    """#RRGGBB of wall, podium, accent and prop. Raises ValueError on anything but #RRGGBB.

    `calm`: the prop covers much of the picture (water, a floor) and keeps to the wall's hue.
    """
    given = {role.lower(): value.upper() for role, value in palette.items()}
    for value in given.values():
        colours.hex_to_rgb(value)
    roles: dict[str, str] = {role: given[role] for role in ("wall", "podium") if role in given}
    scene_named = bool(roles)
    if scene_named and "accent" in given:
        roles["accent"] = given["accent"]
    spare = [v for k, v in given.items() if v not in roles.values() and k != "text"]
    roles = {**_shared_out([r for r in SCENE_ROLES[:3] if r not in roles], spare, seed), **roles}
    for role, value in zip(SCENE_ROLES[:3], _FALLBACK, strict=False):
        roles.setdefault(role, value)
    roles["prop"] = given.get("prop") or _prop(roles, {} if calm else given, calm)
    return _kept_apart(roles)


def _shared_out(wanted: Sequence[str], spare: Sequence[str], seed: int) -> dict[str, str]:
    """Give spare colours to the roles that lack one; the seed picks among the good ways."""
    count = min(len(wanted), len(spare))
    if not count:
        return {}
    ways = [
        dict(zip(wanted, way, strict=False)) for way in itertools.permutations(spare[:6], count)
    ]
    good = [way for way in ways if _conflict(way) == 0] or [min(ways, key=_conflict)]
    return good[seed % len(good)]


def _conflict(roles: Mapping[str, str]) -> float:
    """How much is lacking to the least differences, summed."""
    lack = 0.0
    for (one, other), least in _APART.items():
        if one in roles and other in roles:
            lack += max(0.0, least - _difference(roles[one], roles[other]))
    return lack


def _prop(roles: Mapping[str, str], given: Mapping[str, str], calm: bool) -> str:
    """A fourth colour: another one of the brand's, else a tint or shade of those in use."""
    brand = [v for k, v in given.items() if k not in SCENE_ROLES and v not in roles.values()]
    accent, podium, wall = roles["accent"], roles["podium"], roles["wall"]
    tints = [
        _mixed(accent, "#FFFFFF", 0.5),
        _mixed(accent, wall, 0.5),
        _mixed(wall, "#FFFFFF", 0.5),
    ]
    # A darkened yellow is olive, which belongs to no palette that yellow does.
    tints += [_mixed(c, "#101018", 0.33) for c in (accent, podium, wall) if not _yellow(c)]
    tints.sort(key=_chroma, reverse=True)  # a grey mixture of two brand colours looks dirty
    if calm:
        dark = "#101018" if not _yellow(wall) else _mixed(accent, "#101018", 0.3)
        tints = [_mixed(wall, dark, 0.22), *(_mixed(wall, "#FFFFFF", s) for s in (0.16, 0.24))]
    candidates = [v for v in brand if v != given.get("text")] + tints
    lacks = [_conflict({**roles, "prop": c}) for c in candidates]
    return candidates[lacks.index(min(lacks))]


def _kept_apart(roles: dict[str, str]) -> dict[str, str]:
    """Move podium, accent and prop in lightness, in this order, until neighbours differ."""
    settled = {"wall": roles["wall"]}
    for role in SCENE_ROLES[1:]:
        lab = colours.srgb_to_lab(np.array(colours.hex_to_rgb(roles[role])))
        shifts = sorted(range(-48, 49, 4), key=lambda shift: (abs(shift), -shift))
        best = min(
            shifts,
            key=lambda shift: (
                round(_conflict({**settled, role: _lighter(lab, shift)}), 3),
                abs(shift),
            ),
        )
        settled[role] = _lighter(lab, best) if best else roles[role]
    return settled


def _chroma(colour: str) -> float:
    lab = colours.srgb_to_lab(np.array(colours.hex_to_rgb(colour)))
    return float(np.hypot(lab[1], lab[2]))


def _yellow(colour: str) -> bool:
    lab = colours.srgb_to_lab(np.array(colours.hex_to_rgb(colour)))
    hue = float(np.degrees(np.arctan2(lab[2], lab[1])))
    return 72 < hue < 125 and _chroma(colour) > 25


def _lighter(lab: colours.Floats, shift: float) -> str:
    moved = np.array([np.clip(lab[0] + shift, 4, 97), lab[1], lab[2]])
    return colours.rgb_to_hex(colours.lab_to_srgb(moved))


def _mixed(one: str, other: str, share: float) -> str:
    """`one` with `share` of `other`, mixed in Lab."""
    first, second = (colours.srgb_to_lab(np.array(colours.hex_to_rgb(c))) for c in (one, other))
    return colours.rgb_to_hex(colours.lab_to_srgb(first + (second - first) * share))


def _difference(one: str, other: str) -> float:
    first, second = (colours.srgb_to_lab(np.array(colours.hex_to_rgb(c))) for c in (one, other))
    return float(colours.delta_e(first, second))
