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

from contentfab.delivery._inspection_run import MANIFEST, Known, find_brand, known_of, of_its_run
from contentfab.delivery._score_records import Scored
from contentfab.delivery.picture_paths import pictures_at
from contentfab.delivery.score_pairs import measured
from contentfab.errors import InputError
from contentfab.protocols import Scorer
from contentfab.records.brand import Brand, Palette
from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.picture_files import decode
from contentfab.rules.safety.checked import CRITERION, Checked
from contentfab.rules.scoring.occlusion import Effect, occlude
from contentfab.rules.scoring.ties import Measured, ranks
from contentfab.settings import resolve_settings
from contentfab.stages import score as stage

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

__all__ = [
    "Options", "Scored", "explain", "find_brand", "open_scorer", "pictures", "rank", "score_files",
    "score_pictures",
]  # fmt: skip

MAX_PICTURE = 256 * 1024 * 1024
LEAST_SIDE = 32
"""Pixels; on less than that there is nothing to judge."""
MOST_AT_ONCE = 64_000_000
"""Pixels that are held in memory before they are scored."""
MOST_RANKED = 2000
"""Every pair is compared for ties: four million comparisons."""
UNBRANDED = Brand(
    id="no-brand",
    name="",
    palette=Palette(primary="#808080", background="#FFFFFF", text="#000000", accent="#808080"),
)
"""Stands in the request where no brand is named; what a scorer says of it is thrown away."""
OF_THE_BRAND = frozenset(("palette", "logo", "brand_words", "brand_pictures"))
"""Criteria that mean nothing without a brand."""
NO_BRAND = "no brand was named: --brand NAME"

Source = tuple[str, Path]


@dataclass(frozen=True, slots=True)
class Options:
    """How pictures are scored. `brand` and `text` win over what a run knows of its posters; the
    gates are in [0, 1], None leaves one unchecked."""

    brand: tuple[Brand, Path] | None = None
    text: str = ""
    min_appeal: float | None = None
    min_brand_fit: float | None = None


@dataclass(slots=True)
class _Loaded:
    """A picture that could be read, waiting for its batch."""

    result: Scored
    request: ScoreRequest
    branded: bool


@dataclass(slots=True)
class _Batch:
    waiting: list[_Loaded] = field(default_factory=list)
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
    its manifest. InputError for a path that does not exist or holds no picture."""
    found: dict[Path, str] = {}
    for given in paths:
        folder = Path(given)
        if (folder / MANIFEST).is_file():
            matches = [folder / known.path for known in known_of(folder)]
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
        loaded = _load(shown, path, options)
        held.append(loaded.result if isinstance(loaded, _Loaded) else loaded)
        if isinstance(loaded, _Loaded):
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
    loaded = _load(*source, options)
    if not isinstance(loaded, _Loaded):
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


def _load(shown: str, path: Path, options: Options) -> _Loaded | Scored:
    result = Scored(shown)
    try:
        pixels, _ = decode(read_file(path, MAX_PICTURE))
    except FileFault as fault:
        result.error, result.hint = fault.message, fault.hint
        return result
    except InputError as error:
        result.error, result.hint = str(error), error.hint
        return result
    height, width = pixels.shape[:2]
    result.width, result.height = width, height
    if min(width, height) < LEAST_SIDE:
        result.error = f"the picture is {width} x {height} pixels; nothing can be told of so little"
        result.hint = f"both sides must have {LEAST_SIDE} pixels or more"
        return result
    known = _known(path)
    brand = options.brand or (known.brand if known else None)
    guide, folder = brand or (UNBRANDED, Path())
    result.brand = guide.id if brand else ""
    result.of_run = known is not None and known.composed
    request = ScoreRequest(
        key=shown,
        pixels=pixels,
        brand=guide,
        text=options.text or _words(known),
        poster=_poster(shown, pixels, known),
        exemplars=tuple(folder / name for name in guide.exemplars),
        counter_exemplars=tuple(folder / name for name in guide.counter_exemplars),
    )
    return _Loaded(result, request, brand is not None)


def _known(path: Path) -> Known | None:
    try:
        return of_its_run(path)
    except InputError:
        return None  # a manifest that cannot be read: the picture still can


def _words(known: Known | None) -> str:
    text = known.text if known else None
    return " ".join(filter(None, (text.headline, text.subline))) if text else ""


def _poster(shown: str, pixels: Picture, known: Known | None) -> Poster | None:
    """The layout of a run's poster, as far as its manifest tells."""
    if known is None or not known.composed:
        return None
    return Poster(
        key=shown,
        variant="",
        placement=known.placement.id if known.placement else "",
        layout="",
        pixels=pixels,
        texts=known.texts,
        product_box=known.product_box,
        logo_box=known.logo_box,
        frame=known.frame,
    )


def _score(batch: Sequence[_Loaded], scorer: Scorer, options: Options) -> None:
    cards = stage.score([loaded.request for loaded in batch], scorer)
    for loaded, card in zip(batch, cards, strict=True):
        result = loaded.result
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
