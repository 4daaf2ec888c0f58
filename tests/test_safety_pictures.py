"""The picture tier of safety: the real checker class at toy size, from a folder, on our line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from campaigns import make_campaign
from command import contentfab

from contentfab.backends.scorer_design import DesignScorer
from contentfab.backends.scorer_safety import SafetyScorer
from contentfab.errors import InputError, MissingDependency
from contentfab.records.brand import Brand, Palette
from contentfab.records.scores import ScoreRequest
from contentfab.rules.safety.checked import NOT_CHECKED
from contentfab.settings import resolve_settings
from contentfab.stages.score import open_scorer, score

torch = pytest.importorskip("torch")

BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_safety_checker(tmp_path_factory.mktemp("models") / "calm")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.save_safety_checker(tmp_path_factory.mktemp("models") / "strict", flags=True)


def request(height: int = 90, width: int = 60) -> ScoreRequest:
    pixels = np.random.default_rng(3).integers(0, 255, (height, width, 3), np.uint8)
    return ScoreRequest("poster", pixels, BRAND)


def test_a_flag_is_a_failed_gate_with_its_margin_and_the_picture_stays(strict: Path) -> None:
    asked = request()
    before = asked.pixels.copy()
    (card,) = SafetyScorer(model=str(strict), device="cpu").score([asked])
    (found,) = card.criteria
    assert found.name == "safety" and found.value == 0.0
    assert found.explanation.startswith("flagged (sexual +")
    assert card.failed_gates[0].startswith("safety: sexual content")
    assert (asked.pixels == before).all()  # the checker blacks out what it is handed


def test_what_is_not_flagged_says_what_was_looked_for(calm: Path) -> None:
    (card,) = SafetyScorer(model=str(calm), device="cpu").score([request()])
    assert card.criteria[0].value == 1.0 and not card.failed_gates
    assert card.content.startswith("image content checked for sexual content by safety/calm@")


def test_the_margin_is_the_checkers_own(calm: Path) -> None:
    """Cosine less threshold of the clearest concept, as in the model's forward()."""
    from contentfab.backends._safety_models import load

    model = load(calm, "cpu")
    square = np.full((32, 32, 3), 128, np.uint8)
    ((verdict,),) = model.judge([square])
    seen = []
    hook = model._model.visual_projection.register_forward_hook(  # type: ignore[attr-defined]
        lambda module, inputs, output: seen.append(output)
    )
    model.judge([square])
    hook.remove()
    inner = model._model  # type: ignore[attr-defined]
    unit = torch.nn.functional.normalize
    cosines = unit(seen[0]) @ unit(inner.concept_embeds).T
    assert verdict.score == pytest.approx(float(cosines.max()) - 2.0, abs=1e-4)


def test_a_tall_poster_is_looked_at_from_end_to_end(calm: Path) -> None:
    from contentfab.backends.scorer_safety import _squares

    pixels = np.zeros((160, 90, 3), np.uint8)
    pixels[-4:] = 255  # only at the lower edge
    lit = [square[-1].mean() > 200 for square in _squares(pixels, 32)]
    assert lit[0] and lit[-1] and sum(lit) == 2


def test_a_folder_without_a_model_or_without_all_of_it_is_refused(
    calm: Path, tmp_path: Path
) -> None:
    with pytest.raises(MissingDependency, match=r"no config\.json"):
        SafetyScorer(model=str(tmp_path), device="cpu")
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["BertModel"]}))
    with pytest.raises(MissingDependency, match="holds BertModel"):
        SafetyScorer(model=str(tmp_path), device="cpu")
    (tmp_path / "config.json").write_text((calm / "config.json").read_text())
    with pytest.raises(MissingDependency, match="no safetensors"):
        SafetyScorer(model=str(tmp_path), device="cpu")
    from safetensors.torch import load_file, save_file

    weights = load_file(calm / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match="lacks 1 tensors, such as visual_projection"):
        SafetyScorer(model=str(tmp_path), device="cpu")


def test_without_a_model_every_card_says_that_nobody_looked() -> None:
    (card,) = score([request()], DesignScorer())
    assert card.content == NOT_CHECKED == "image content not checked"


def test_a_safety_model_beside_a_scorer_changes_its_id_and_no_number(calm: Path) -> None:
    plain = open_scorer(resolve_settings("mini", {}, sets=["score.backend=design"]))
    sets = ["score.backend=design", f"score.safety={calm}"]
    both = open_scorer(resolve_settings("mini", {}, sets=sets))
    assert both.id.startswith(f"{plain.id}+safety/calm@")
    (one,), (two,) = score([request()], plain), score([request()], both)
    assert (one.appeal, one.brand_fit) == (two.appeal, two.brand_fit)
    assert two.criteria[:-1] == one.criteria and two.criteria[-1].name == "safety"
    assert two.content != NOT_CHECKED


def test_a_flagged_poster_is_a_reject_and_stays_to_be_seen(strict: Path, tmp_path: Path) -> None:
    path = make_campaign(tmp_path, locales=["en-US"], variants=1, placements={"meta.feed": ["1x1"]})
    sets = ("--set", "score.backend=design")
    plain = contentfab("run", path, "--out", "run", *sets, cwd=tmp_path)
    assert plain.stderr.count("image content not checked") == 1
    first = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))
    posters = [a for a in first["assets"] if a["kind"] == "image"]
    assert all(a["scores"][0]["content"] == NOT_CHECKED for a in posters)

    done = contentfab(
        "run", path, "--out", "run", *sets, "--set", f"score.safety={strict}",
        cwd=tmp_path, code=1,
    )  # fmt: skip
    assert "not checked" not in done.stderr and "below the gates" in done.stderr
    second = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))
    assert len(second["rejects"]) == len(posters) and not second["creatives"]
    for reject in second["rejects"]:
        assert reject["stage"] == "score" and "flagged (sexual" in reject["reason"]
        assert (tmp_path / "run" / reject["path"]).is_file()
