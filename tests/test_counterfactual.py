"""Counterfactual gaps: the numbers, the file of sets, and `contentfab score --groups`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import command
import numpy as np
import pytest
from pictures import poster
from PIL import Image

from contentfab.cli.score_groups import document, sentence, show_gaps
from contentfab.delivery._score_records import Scored
from contentfab.delivery.counterfactual import Grouped, Groups, gaps, read_groups
from contentfab.errors import InputError
from contentfab.records.scores import ScoreCard
from contentfab.rules.scoring.counterfactual import LEAST, group_gaps

CARD = ScoreCard("a", 0.5, None, (), "clip/1", "clip", True, 50.0, appeal_z=0.0)


def by_set(values: object) -> dict[str, float]:
    return {f"set {n}": float(value) for n, value in enumerate(np.asarray(values))}


# --- the numbers ---


def test_the_gap_of_every_two_groups_is_found_and_the_largest_comes_first() -> None:
    base = np.random.default_rng(1).normal(0, 1, 60)
    base[7] += 5  # moves all groups alike: no gap
    scores = {"warm": base + 0.5, "cool": base.copy(), "grey": base + 0.1}
    scores["cool"][3] -= 0.25
    found = group_gaps({name: by_set(values) for name, values in scores.items()})
    assert [gap.groups for gap in found.gaps] == [
        ("warm", "cool"),
        ("warm", "grey"),
        ("grey", "cool"),
    ]
    widest = found.gaps[0]
    assert widest.mean == pytest.approx(0.5 + 0.25 / 60)
    assert (widest.largest, widest.largest_set) == (pytest.approx(0.75), "set 3")
    assert [gap.verdict for gap in found.gaps] == ["above", "above", "within"]
    assert found.verdict == "above"
    assert found.deciding is widest


@pytest.mark.parametrize("in_sets", [True, False])
def test_all_intervals_hold_together_nineteen_times_in_twenty(in_sets: bool) -> None:
    """Three groups, so that three gaps are right or the report is not; skewed differences, and as
    few sets as there may be for a verdict."""
    random, held, runs = np.random.default_rng(3), 0, 1000
    true = {"a": 0.3, "b": 0.1, "c": 0.0}
    for _ in range(runs):
        base = random.normal(0, 1, LEAST)
        found = group_gaps(
            {
                name: by_set(at + in_sets * base + random.gumbel(-0.5772, 0.4, LEAST))
                for name, at in true.items()
            },
            in_sets=in_sets,
        )
        held += all(
            gap.low is not None
            and gap.high is not None
            and gap.low <= true[gap.groups[0]] - true[gap.groups[1]] <= gap.high
            for gap in found.gaps
        )
    assert held >= 0.94 * runs


def test_sets_need_far_fewer_pictures_than_groups_as_wholes() -> None:
    random = np.random.default_rng(4)
    base = random.normal(0, 1, 20)
    scores = {"left": by_set(base), "right": by_set(base + random.normal(0, 0.05, 20))}
    assert group_gaps(scores).verdict == "within"
    whole = group_gaps(scores, in_sets=False)
    assert whole.verdict == "unknown"
    assert whole.gaps[0].largest is None
    assert whole.gaps[0].needed is not None
    assert whole.gaps[0].needed > 100


def test_few_sets_get_no_verdict_however_alike_they_are() -> None:
    """A scorer that does not see the difference gives 0 for each: that is no spread to trust."""
    same = by_set(np.zeros(LEAST - 1))
    found = group_gaps({"a": same, "b": same})
    assert (found.verdict, found.gaps[0].needed) == ("unknown", LEAST)
    assert "not enough data: 9 sets, 10 needed" in sentence(found)
    alone = group_gaps({"a": {"x": 1.0}, "b": {"x": 0.2}})
    assert (alone.gaps[0].low, alone.gaps[0].needed) == (None, LEAST)
    more = by_set(np.zeros(LEAST))
    assert group_gaps({"a": more, "b": more}).verdict == "within"


def test_as_many_sets_as_were_asked_for_do_tell() -> None:
    random = np.random.default_rng(5)

    def measured(count: int) -> Mapping[str, Mapping[str, float]]:
        spread = random.normal(0, 0.5, count)
        spread = 0.1 + 0.5 * (spread - spread.mean()) / spread.std()
        return {"a": by_set(spread), "b": by_set(np.zeros(count))}

    few = group_gaps(measured(20)).gaps[0]
    assert (few.verdict, few.shows_none) == ("unknown", True)
    assert few.needed is not None
    assert group_gaps(measured(few.needed)).verdict == "within"
    assert group_gaps(measured(few.needed // 2)).verdict == "unknown"


def test_a_gap_at_the_limit_asks_for_no_number_of_sets() -> None:
    values = by_set(0.2 + np.tile([-0.1, 0.1], 10))
    found = group_gaps({"a": values, "b": by_set(np.zeros(20))})
    assert found.gaps[0].needed is None
    assert "the gap may lie at the limit itself" in sentence(found)


@pytest.mark.parametrize(
    "groups",
    [{"a": [1.0]}, {"a": [1.0], "b": []}, {"a": [1.0], "b": [float("nan")]}],
)
def test_what_is_no_comparison_is_refused(groups: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError):
        group_gaps({name: by_set(values) for name, values in groups.items()})


# --- the file ---


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with twelve sets of small pictures: pixels apart, too small to be searched for
    type."""
    (tmp_path / "sets" / "图片").mkdir(parents=True)
    for n in range(12):
        image = Image.fromarray(poster(n)).resize((96, 120))
        image.save(tmp_path / "sets" / "图片" / f"{n}-left.png")
        image.putpixel((0, 0), (120, 110, 100))
        image.save(tmp_path / "sets" / "图片" / f"{n}-right.png")
    return tmp_path


def write(folder: Path, rows: list[str], header: str = "set,group,path") -> Path:
    file = folder / "sets" / "groups.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def rows(count: int = 12) -> list[str]:
    return [f"{n},{side},图片/{n}-{side}.png" for n in range(count) for side in ("left", "right")]


def test_paths_are_relative_to_the_file_and_columns_stand_in_any_order(pictures: Path) -> None:
    file = write(pictures, ["note;图片/0-left.png; warm ;1", "; 图片/0-right.png;cool;1"],
                 "Remark;Path;GROUP;Set")  # fmt: skip
    read = read_groups(file)
    assert [(row.line, row.in_set, row.group, row.path.name) for row in read.rows] == [
        (2, "1", "warm", "0-left.png"),
        (3, "1", "cool", "0-right.png"),
    ]
    assert all(row.path.is_file() for row in read.rows)
    write(pictures, ["left,图片/0-left.png", "right,图片/0-right.png"], "group,path")
    assert not read_groups(file).has_sets


@pytest.mark.parametrize(
    ("header", "lines", "faults"),
    [
        ("set,name,path", ["1,a,b.png"], ["groups.csv:1: there is no column group; it has set,"]),
        ("group,path", [], ["groups.csv:1: group: there are no rows"]),
        (
            "set,group,path",
            ["1,left,gone.png", ",right,图片/0-right.png", "1,right,"],
            [
                "groups.csv:2: path: ",
                "gone.png' does not exist (paths are relative to this file's folder)",
                "groups.csv:3: set: is empty",
                "groups.csv:4: path: is empty",
            ],
        ),
        (
            "set,group,path",
            ["1,left,图片/0-left.png", "1,right,图片/0-left.png"],
            ["groups.csv:3: path: ", "0-left.png stands in line 2 already"],
        ),
        (
            "set,group,path",
            ["1,left,图片/0-left.png", "1,right,large.png", "2,left,notes.png"],
            ["large.png is 200 x 250, but", "of the same set is 96 x 120 (line 2)",
             "groups.csv:4: path: ", "cannot be read"],
        ),
        (
            "set,group,path",
            ["1,left,图片/0-left.png", "1,left,图片/0-right.png", "2,right,图片/1-right.png"],
            [
                "groups.csv:3: group: 'left' stands in the set '1' in line 2 already",
                "groups.csv:4: set: the set '2' has one picture only",
                "no set has pictures of both 'left' and 'right'",
            ],
        ),
        ("group,path", ["left,图片/0-left.png"], ["the only group is 'left'"]),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_its_line_and_column(
    pictures: Path, header: str, lines: list[str], faults: list[str]
) -> None:
    Image.fromarray(poster(0)).resize((200, 250)).save(pictures / "sets" / "large.png")
    (pictures / "sets" / "notes.png").write_text("no picture")
    with pytest.raises(InputError) as raised:
        read_groups(write(pictures, lines, header))
    for fault in faults:
        assert fault in str(raised.value), str(raised.value)


def test_scores_that_cannot_be_compared_make_no_gap() -> None:
    pair = (
        Grouped(2, "1", "a", "a.png", Path("a.png")),
        Grouped(3, "1", "b", "b.png", Path("b.png")),
    )
    groups = Groups("g.csv", pair, True)

    def scored(**second: object) -> list[Scored]:
        return [Scored("a.png", CARD), Scored("b.png", replace(CARD, **second))]  # type: ignore[arg-type]

    assert gaps(groups, scored()).gaps[0].n == 1
    with pytest.raises(InputError, match="gives no z"):
        gaps(groups, scored(appeal_z=None))
    with pytest.raises(InputError, match="several calibration ids"):
        gaps(groups, scored(calibration_id="clip/2"))
    with pytest.raises(InputError, match=r"g\.csv:3: path: b\.png: cut off"):
        gaps(groups, [Scored("a.png", CARD), Scored("b.png", error="cut off")])


def test_what_lies_above_the_limit_is_said_with_its_interval(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    random = np.random.default_rng(6)
    values = {"浅肤色": random.normal(0.5, 0.1, 15), "深肤色": random.normal(0, 0.1, 15)}
    groups = Groups("g.csv", (), True)
    report = group_gaps({name: by_set(numbers) for name, numbers in values.items()})
    show_gaps(groups, report, [Scored("a.png", CARD)], colour=False)
    told = capsys.readouterr().out
    assert "does not pass: 浅肤色 scores 0.5" in told
    assert "lies above 0.2 z" in told
    assert "is no evidence" not in told
    assert document(groups, report, [Scored("a.png", CARD)])["ok"] is False


# --- the command ---


def test_equal_pictures_pass_and_the_json_says_so(pictures: Path) -> None:
    write(pictures, rows())
    told = command.run_json("score", "--groups", "sets/groups.csv", cwd=pictures)
    assert told["ok"] is True
    assert (told["verdict"], told["limit"], told["unit"]) == ("within", 0.2, "z")
    assert (told["sets"], told["pictures"]) == (12, 24)
    (gap,) = told["gaps"]
    assert sorted(gap["groups"]) == ["left", "right"]
    assert 0 <= gap["mean"] <= gap["interval"][1] <= 0.2
    assert gap["n"] == 12
    assert told["calibration_id"].startswith("openclip/mini-clip@")
    assert str(pictures) not in str(told)


def test_few_sets_end_in_1_and_say_how_many_are_needed(pictures: Path) -> None:
    write(pictures, rows(4))
    done = command.contentfab("score", "--groups", "sets/groups.csv", cwd=pictures, code=1)
    assert "not enough data: 4 sets, 10 needed" in done.stdout
    assert "8 pictures in 4 sets" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--groups", "sets/groups.csv", "x.png"), "takes none besides (x.png)"),
        (("--groups", "sets/groups.csv", "--min-appeal", "0.5"), "its gate is --max-gap"),
        (("--groups", "gone.csv"), "gone.csv: 'gone.csv' does not exist"),
        (("--groups", "sets/groups.csv", "--set", "score.backend=design"), "gives no z"),
        (("--max-gap", "0.1", "x.png"), "--max-gap is a gate of --groups"),
        ((), "nothing to score"),
    ],
)
def test_options_that_cannot_go_together_end_in_one_message(
    pictures: Path, arguments: tuple[str, ...], said: str
) -> None:
    write(pictures, rows(1))
    assert said in command.contentfab("score", *arguments, cwd=pictures, code=2).stderr
