"""Gates, fusion, palette roles, heads and ids: the parts of scoring that no model has a say in."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from contentfab.backends.scorer_design import DesignScorer
from contentfab.records.brand import Brand, Logo, Palette
from contentfab.records.pictures import Finding, Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.score_weights import AppealWeights, BrandFitWeights, Scores
from contentfab.records.scores import Criterion, ScoreRequest
from contentfab.rules.files.located import from_document
from contentfab.rules.files.shapes import validate
from contentfab.rules.files.yaml_lines import load_document
from contentfab.rules.scoring import criteria
from contentfab.rules.scoring.calibration import calibration_id, comparable, narrowed
from contentfab.rules.scoring.fusion import weighted_geometric_mean
from contentfab.rules.scoring.gates import CAP, capped, gates
from contentfab.rules.scoring.heads import folded

BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary="#12343B", background="#F6EBDD", text="#12343B", accent="#C8553D"),
    logo=Logo(file="logo.png"),
)
HEADLINE = TextBox("headline", "Slow brew", Box(60, 60, 560, 120), 52, "#12343B", 700)


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def scene(wall: str = "#F6EBDD", floor: str = "#12343B", split: int = 640) -> np.ndarray:
    picture = np.empty((900, 720, 3), np.uint8)
    picture[:split], picture[split:] = rgb(wall), rgb(floor)
    return picture


def poster(**changes: object) -> Poster:
    made = Poster("k", "v", "4x5", "hero", scene(), (HEADLINE,), None, Box(560, 820, 680, 850),
                  background=scene())  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def failed(made: Poster | None) -> dict[str, str]:
    return {gate.name: gate.reason for gate in gates(made, BRAND) if not gate.passed}


def test_a_sound_poster_passes_every_gate_and_a_bare_picture_has_none() -> None:
    assert [g.name for g in gates(poster(), BRAND)] == ["contrast", "type", "logo"]
    assert failed(poster()) == {} and gates(None, BRAND) == []


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"texts": (replace(HEADLINE, ink="#E8DDCF"),)}, "contrast", "headline"),
        ({"texts": (replace(HEADLINE, box=Box(600, 60, 800, 120)),)}, "type", "outside"),
        ({"texts": (HEADLINE, replace(HEADLINE, role="disclaimer", size=7.5))}, "type", "7.5 px"),
        ({"logo_box": None}, "logo", "not on the poster"),
        ({"logo_box": Box(560, 820, 600, 830)}, "logo", "at least 120"),
        ({"findings": (Finding("poster.logo-shape", "error", "squeezed"),)}, "logo", "squeezed"),
        ({"findings": (Finding("poster.overlap", "error", "one over two"),)}, "type", "over two"),
    ],
)
def test_a_failed_gate_names_itself(changes: dict[str, object], name: str, says: str) -> None:
    found = failed(poster(**changes))
    assert list(found) == [name] and says in found[name]


def test_a_warning_of_the_inspection_fails_no_gate() -> None:
    assert failed(poster(findings=(Finding("poster.logo-space", "warn", "near"),))) == {}


def test_gates_cap_what_they_are_about() -> None:
    unreadable = gates(poster(texts=(replace(HEADLINE, ink="#E8DDCF"),)), BRAND)
    no_logo = gates(poster(logo_box=None), BRAND)
    assert (capped(0.9, "appeal", unreadable), capped(0.9, "brand_fit", unreadable)) == (CAP, CAP)
    assert (capped(0.9, "appeal", no_logo), capped(0.9, "brand_fit", no_logo)) == (0.9, CAP)
    assert capped(0.1, "appeal", unreadable) == 0.1 and capped(None, "appeal", unreadable) is None


def test_the_design_scorer_names_its_failed_gates() -> None:
    made = poster(logo_box=None)
    (card,) = DesignScorer().score([ScoreRequest("k", made.pixels, BRAND, poster=made)])
    assert card.failed_gates == ("logo: the brand's logo is not on the poster",)
    assert card.brand_fit is not None and card.brand_fit <= CAP


def test_the_palette_says_what_wears_which_colour_and_what_is_off() -> None:
    on = criteria.palette(scene(), BRAND, ())
    off = criteria.palette(scene(wall="#8A2BE2"), BRAND, ())
    assert on is not None and off is not None
    assert "background ivory 71%" in on.explanation and "primary charcoal 28%" in on.explanation
    assert "(violet) is ΔE" in off.explanation and "nearest brand colour: " in off.explanation
    assert on.value > 0.99 > 0.4 > off.value  # type: ignore[operator]


def test_the_primary_colour_must_hold_its_share() -> None:
    asks = BRAND.model_copy(update={"scores": Scores(primary_share=0.2)})
    little, enough = scene(split=880), scene()
    values = [criteria.palette(picture, asks, ()) for picture in (little, enough)]
    assert values[0] is not None and values[1] is not None
    assert values[0].value < 0.6 < 0.99 < values[1].value  # type: ignore[operator]
    assert "asks for 20% of primary charcoal" in values[0].explanation
    assert "asks for" not in values[1].explanation


def test_what_is_not_measured_or_tells_nothing_does_not_count() -> None:
    found = {
        "palette": Criterion("palette", 0.8, "x"),
        "brand_words": Criterion("brand_words", None, "x"),
        "brand_pictures": Criterion("brand_pictures", 0.1, "x", informative=False),
    }
    assert weighted_geometric_mean(found, BrandFitWeights().model_dump()) == 0.8
    assert weighted_geometric_mean(found, {"brand_words": 1.0}) is None
    assert weighted_geometric_mean(found, {"palette": 0.0}) is None


def test_a_geometric_mean_does_not_hide_a_failed_criterion() -> None:
    found = {n: Criterion(n, v, "x") for n, v in (("one", 1.0), ("two", 0.04))}
    assert weighted_geometric_mean(found, {"one": 1, "two": 1}) == 0.2


def test_brand_weights_count_in_the_design_scorer_and_change_its_id() -> None:
    only = Scores(appeal=AppealWeights(**dict.fromkeys(AppealWeights.model_fields, 0.0)
                                       | {"balance": 1.0}))  # fmt: skip
    own = BRAND.model_copy(update={"scores": only})
    made = poster()
    cards = DesignScorer().score(
        [ScoreRequest("k", made.pixels, brand, poster=made) for brand in (BRAND, own)]
    )
    balance = next(c for c in cards[1].criteria if c.name == "balance")
    assert cards[1].appeal == pytest.approx(balance.value, abs=1e-4)
    assert not comparable(cards[0].calibration_id, cards[1].calibration_id)


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ("appeal: {contrst: 2}", "contrst", "contrast"),
        ("brand_fit: {palette: -1}", "palette", "0"),
        ("primary_share: 7", "primary_share", "1"),
    ],
)
def test_a_fault_in_the_guides_weights_is_named(text: str, field: str, says: str) -> None:
    guide = (
        "id: a\nname: A\npalette: {primary: '#111111', background: '#FFFFFF', text: '#111111', "
        f"accent: '#C8553D'}}\nscores: {{{text}}}\n"
    )
    document = load_document(guide.encode(), "brand.yaml")
    brand, problems = validate(Brand, from_document(document, "brand.yaml", Path()))
    assert brand is None and len(problems) == 1
    assert field in problems[0].field and problems[0].line == 4
    assert says in f"{problems[0].message} {problems[0].hint}"


def test_numbers_are_comparable_under_one_id_only() -> None:
    one = calibration_id("openclip", "m@1", {"size": 128}, ["prompts"])
    assert one.startswith("openclip/m@1/")
    assert comparable(one, calibration_id("openclip", "m@1", {"size": 128}, ["prompts"]))
    others = [
        calibration_id("openclip", "m@2", {"size": 128}, ["prompts"]),
        calibration_id("openclip", "m@1", {"size": 224}, ["prompts"]),
        narrowed(one, "a brand"),
    ]
    assert len({one, *others}) == 4 and not any(comparable(one, other) for other in others)
    assert not comparable("", "")


def test_linear_layers_fold_into_one_head() -> None:
    rng = np.random.default_rng(0)
    sizes = (32, 20, 8, 1)
    layers = [(rng.normal(size=(m, n)), rng.normal(size=m)) for n, m in itertools.pairwise(sizes)]
    head = folded(layers, "h")
    vector = rng.normal(size=32)
    through = vector
    for weight, bias in layers:
        through = weight @ through + bias
    assert float(head.vector @ vector + head.bias) == pytest.approx(float(through[0]), rel=1e-4)
    for broken in ([], layers[:2], [layers[0], layers[2]], [(np.full((1, 4), np.nan), np.ones(1))]):
        with pytest.raises(ValueError, match=r"layer|output|finite"):
            folded(broken, "h")


@pytest.mark.parametrize("name", ["northlight", "veltra", "yunlu"])
def test_the_example_brands_bring_exemplars(name: str) -> None:
    folder = Path(__file__).resolve().parents[1] / "brand_guides" / name
    brand = Brand.model_validate(yaml.safe_load((folder / "brand.yaml").read_text()))
    assert 6 <= len(brand.exemplars) <= 8 and 2 <= len(brand.counter_exemplars) <= 4
    for file in (*brand.exemplars, *brand.counter_exemplars):
        picture = cv2.imread(str(folder / file))
        assert picture is not None and max(picture.shape) == 640
        assert (folder / file).stat().st_size < 45_000
    worn = [
        criteria.palette(cv2.imread(str(folder / file))[..., ::-1], brand, ())
        for file in brand.exemplars
    ]
    assert np.median([c.value for c in worn if c and c.value is not None]) > 0.6
