"""The scores of many posters in a few numbers, one summary per score and calibration id.

Takes scores as the manifest and the ledger have them. Numbers of different calibration ids are
never put into one median.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

TOTALS = ("appeal", "brand_fit")


@dataclass(frozen=True, slots=True)
class Summary:
    """`median`, `low` and `high` of `count` posters: percentiles in 0 to 100 when `percentiles`,
    else scores in [0, 1]. `unknown` posters got no number. `uses_clip` says that a model looked."""

    name: str
    calibration_id: str
    count: int
    median: float | None
    low: float | None
    high: float | None
    percentiles: bool
    unknown: int
    uses_clip: bool

    def as_json(self) -> dict[str, Any]:
        """Plain data, rounded."""
        record = asdict(self)
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in record.items()}

    def __str__(self) -> str:
        """One line for people."""
        name = self.name.replace("_", " ")
        if self.median is None or self.low is None or self.high is None:
            return f"{name}: no number for {_posters(self.unknown)}"
        middle, low, high = (self._told(v) for v in (self.median, self.low, self.high))
        line = f"{name}: {'median ' if self.count > 1 else ''}{middle}"
        line += " percentile" if self.percentiles else ""
        line += f" ({low} to {high})" if self.count > 1 else ""
        return line + (f", no number for {_posters(self.unknown)}" if self.unknown else "")

    def _told(self, value: float) -> str:
        return place_words(value) if self.percentiles else f"{value:.2f}"


def summarise(posters: Iterable[Sequence[Mapping[str, Any]]]) -> list[Summary]:
    """Summaries of appeal and brand fit over `scores[]` of every poster."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for scores in posters:
        for score in scores:
            if score["name"] in TOTALS:
                groups.setdefault((score["name"], score["calibration_id"]), []).append(score)
    return [_summary(name, ident, group) for (name, ident), group in sorted(groups.items())]


def place_words(percentile: float) -> str:
    """A percentile in 0 to 100 for people: 63.6 is `64th`; nothing is above or below all there
    could be, so the ends are `<1st` and `>99th`."""
    if not 0.5 <= percentile < 99.5:
        return "<1st" if percentile < 50 else ">99th"
    whole = round(percentile)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{'th' if whole % 100 in (11, 12, 13) else ending}"


def _posters(count: int) -> str:
    return f"{count} poster{'' if count == 1 else 's'}"


def _summary(name: str, ident: str, group: Sequence[Mapping[str, Any]]) -> Summary:
    known = [score for score in group if score["value"] is not None]
    percentiles = bool(known) and all(s.get("percentile") is not None for s in known)
    values = [float(s["percentile"] if percentiles else s["value"]) for s in known]
    return Summary(
        name=name,
        calibration_id=ident,
        count=len(values),
        median=median(values) if values else None,
        low=min(values, default=None),
        high=max(values, default=None),
        percentiles=percentiles,
        unknown=len(group) - len(values),
        uses_clip=any(s["uses_clip"] for s in group),
    )
