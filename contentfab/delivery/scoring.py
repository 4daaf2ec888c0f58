"""Scores any pictures: files from anywhere, and posters of a run with what its manifest knows.

`score_files` is the front door for programs. A picture that cannot be read is a record with its
reason; the others are scored. A run's poster is judged with its layout, its words and its brand,
but as a file: what its own run saw without type is gone by then, so that both numbers may differ.
Draws nothing and prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from contentfab.delivery._inspection_run import MANIFEST, find_brand, known_of
from contentfab.delivery._score_records import Scored
from contentfab.delivery._score_requests import Loaded, Options, load
from contentfab.delivery.picture_paths import pictures_at
from contentfab.delivery.score_pairs import measured
from contentfab.errors import InputError
from contentfab.protocols import Scorer
from contentfab.records.scores import ScoreCard
from contentfab.rules.safety.checked import CRITERION, Checked
from contentfab.rules.scoring.occlusion import Effect, occlude
from contentfab.rules.scoring.ties import Measured, ranks
from contentfab.settings import resolve_settings
from contentfab.stages import score as stage
from contentfab.store import LEDGER

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

__all__ = [
    "Options", "Scored", "explain", "find_brand", "open_scorer", "pictures", "rank", "score_files",
    "score_pictures",
]  # fmt: skip

MOST_AT_ONCE = 64_000_000
"""Pixels that are held in memory before they are scored."""
MOST_RANKED = 2000
"""Every pair is compared for ties: four million comparisons."""
OF_THE_BRAND = frozenset(("palette", "logo", "brand_words", "brand_pictures"))
"""Criteria that mean nothing without a brand."""
NO_BRAND = "no brand was named: --brand NAME"

Source = tuple[str, Path]


@dataclass(slots=True)
class _Batch:
    waiting: list[Loaded] = field(default_factory=list)
    size: int = 0


def score_files(
    paths: Iterable[str | Path],
    *,
    brand: str = "",
    text: str = "",
    profile: str = "mini",
    sets: Sequence[str] = (),
    offline: bool = False,
) -> list[Scored]:
    """Scores files, folders, globs and run folders, in the order given, with ranks. `brand` is a
    brand guide's name or folder, `sets` are settings such as `score.model=FOLDER`.

    >>> from contentfab.delivery.scoring import score_files
    >>> first = [s.path for s in score_files(["posters/"], brand="northlight") if s.rank == 1]

    Raises InputError for a path, brand or setting that is not there, MissingDependency for a model
    that is not. A picture that cannot be read has `error` instead of a `card`."""
    scorer = open_scorer(profile, sets, offline=offline)
    options = Options(brand=find_brand(brand) if brand else None, text=text)
    scored = list(score_pictures(pictures(map(str, paths)), scorer, options))
    rank(scored)
    return scored


def open_scorer(
    profile: str,
    sets: Sequence[str] = (),
    *,
    offline: bool = False,
    templates: Path | None = None,
) -> Scorer:
    """The scorer of a profile, as a campaign in this folder would have it."""
    settings = resolve_settings(
        profile, {}, sets=sets, folder=Path(), offline=offline, templates=templates
    )
    return stage.open_scorer(settings, offline=offline, templates=templates)


def pictures(paths: Iterable[str]) -> list[Source]:
    """(path as shown, path) of every picture, each once. A run folder stands for the posters of
    its manifest. InputError for a path that does not exist or holds no picture, and for a run that
    is not finished, whose key visuals and rejects nobody asked about."""
    found: dict[Path, str] = {}
    for given in paths:
        folder = Path(given)
        if (folder / MANIFEST).is_file():
            matches = [folder / known.path for known in known_of(folder)]
        elif (folder / LEDGER).is_file():
            raise InputError(
                f"{given} is a run that is not finished: it has no {MANIFEST}",
                hint=f"finish it with contentfab run, or name the pictures: {folder / 'assets'}",
            )
        else:
            matches = [path for path, _ in pictures_at(given)]
        if not matches:
            raise InputError(f"there is no picture in {given}", hint="name PNG, JPEG, WebP or AVIF")
        for path in matches:
            found.setdefault(path.resolve(), str(path))
    return [(shown, path) for path, shown in found.items()]


def score_pictures(sources: Sequence[Source], scorer: Scorer, options: Options) -> Iterator[Scored]:
    """One record per picture, in order, as batches are done; without ranks."""
    most = max(1, int(getattr(scorer, "batch_size", 16)))
    batch = _Batch()
    held: list[Scored] = []
    for shown, path in sources:
        loaded = load(shown, path, options)
        held.append(loaded.result if isinstance(loaded, Loaded) else loaded)
        if isinstance(loaded, Loaded):
            batch.waiting.append(loaded)
            batch.size += loaded.request.pixels.shape[0] * loaded.request.pixels.shape[1]
        if len(batch.waiting) >= most or batch.size >= MOST_AT_ONCE:
            _score(batch.waiting, scorer, options)
            yield from held
            batch, held = _Batch(), []
    _score(batch.waiting, scorer, options)
    yield from held


def rank(scored: Sequence[Scored]) -> None:
    """Sets `rank` and `tied`, by appeal, among pictures of one calibration id; what a scorer does
    not tell apart shares a rank. Without a known spread, for a picture alone, and among more than
    MOST_RANKED pictures, there are no ranks."""
    groups: dict[str, list[tuple[Scored, Measured]]] = {}
    for one in scored:
        known = measured(one)
        if known is not None:
            groups.setdefault(known.calibration_id, []).append((one, known))
    for group in groups.values():
        if not 1 < len(group) <= MOST_RANKED:
            continue
        places = ranks([known for _, known in group])
        for (one, _), place in zip(group, places, strict=True):
            one.rank, one.tied = place, places.count(place) > 1


def explain(
    source: Source, scorer: Scorer, options: Options
) -> tuple[Picture, tuple[Effect, ...]] | None:
    """The picture's pixels and what each of its parts does for its scores; None when it cannot be
    read. Scores the picture about fifty times."""
    loaded = load(*source, options)
    if not isinstance(loaded, Loaded):
        return None
    scorer = scorer.alone if isinstance(scorer, Checked) else scorer
    batch = max(1, int(getattr(scorer, "batch_size", 16)))
    judged = getattr(scorer, "judged", None)
    effects = occlude(
        loaded.request,
        lambda requests: stage.score(requests, scorer),
        batch,
        judged(loaded.request) if judged else None,
    )
    if not loaded.branded:
        effects = tuple(effect for effect in effects if effect.name != "brand_fit")
    return loaded.request.pixels, effects


def _score(batch: Sequence[Loaded], scorer: Scorer, options: Options) -> None:
    cards = stage.score([loaded.request for loaded in batch], scorer)
    for loaded, card in zip(batch, cards, strict=True):
        result = loaded.result
        card = replace(card, note=" ".join(filter(None, (*result.unseen, card.note))))
        result.card = card if loaded.branded else _without_brand(card)
        result.no_brand_fit = "" if loaded.branded else NO_BRAND
        result.below = list(_missed(result.card, options))


def _without_brand(card: ScoreCard) -> ScoreCard:
    criteria = tuple(c for c in card.criteria if c.name not in OF_THE_BRAND)
    return replace(card, brand_fit=None, criteria=criteria, brand_calibration_id="")


def _missed(card: ScoreCard, options: Options) -> Iterator[str]:
    """Why a picture misses a gate, or was flagged, in a sentence for each."""
    for criterion in card.criteria:
        if criterion.name == CRITERION and criterion.value == 0:
            yield f"the picture's content: {criterion.explanation}"
    for name, value, least in (
        ("appeal", card.appeal, options.min_appeal),
        ("brand_fit", card.brand_fit, options.min_brand_fit),
    ):
        if least is not None and value is None:
            yield f"{name} asks for {least:g}, but the scorer gave no number"
        elif least is not None and value is not None and value < least:
            yield f"{name} {value:.2f} is below {least:g}"
