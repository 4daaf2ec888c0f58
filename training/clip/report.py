"""Writes what a training run showed into docs: its curves as SVG, its figures as tables.

`python training/clip/report.py work/clip` copies the run's log and figures beside this file and
renews the part of docs/models.md between the marks below.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
BEGIN, END = "<!-- mini-clip: figures -->\n", "<!-- mini-clip: end of figures -->"
WIDTH, HEIGHT, LEFT, BELOW = 420, 240, 44, 34
APART = 12
"""Least distance of the names of two lines."""
SMOOTH = 5
"""Log records that a point of a curve is the mean of."""
STAGES = ("log", "craft")
NAMED = {"wall": "#1B5E8C", "podium": "#C8553D", "product": "#3C8D5A", "defect": "#7A4CB8"}
CURVES = {
    "log": (
        ("loss of matching texts and pictures", {"match": "#1B5E8C"}),
        ("loss of naming, by attribute", NAMED),
    ),
    "craft": (
        ("second stage: sound against spoiled", {"quality": "#1B5E8C", "apart": "#C8553D"}),
        ("second stage: loss of naming", NAMED),
    ),
}
"""Charts of a stage's log: title, and colours of the losses."""
Log = Sequence[Mapping[str, Any]]


def main() -> None:
    """Copies, draws, writes."""
    run = Path(sys.argv[1])
    for name in (*(f"{stage}.jsonl" for stage in STAGES), "figures.json"):
        shutil.copyfile(run / name, HERE / name)
    logs = {stage: _records(HERE / f"{stage}.jsonl") for stage in STAGES}
    figures = json.loads((HERE / "figures.json").read_text("utf-8"))
    (DOCS / "images" / "mini-clip-curves.svg").write_text(curves(logs), encoding="utf-8")
    page = (DOCS / "models.md").read_text("utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    text = head + BEGIN + tables(figures, logs) + END + tail
    (DOCS / "models.md").write_text(text, encoding="utf-8")


def _records(path: Path) -> Log:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def curves(logs: Mapping[str, Log]) -> str:
    """Two line charts side by side for each stage."""
    tall = HEIGHT * len(CURVES)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {tall}" '
        'font-family="sans-serif" font-size="11" fill="#333">',
        f'<rect width="{2 * WIDTH}" height="{tall}" fill="#fff"/>',
    ]
    for row, (stage, charts) in enumerate(CURVES.items()):
        log = logs[stage]
        small = [record["step"] for record in log if record["side"] != log[-1]["side"]]
        steps = [record["step"] for record in log]
        for column, (title, colours) in enumerate(charts):
            told = [{**record, **record["named"]} for record in log]
            lines = {name: _smooth([record[name] for record in told]) for name in colours}
            parts.append(f'<g transform="translate({column * WIDTH} {row * HEIGHT})">')
            parts += _chart(title, colours, lines, steps, small[-1] if small else 0)
            parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _chart(
    title: str,
    colours: Mapping[str, str],
    lines: Mapping[str, Sequence[float]],
    steps: Sequence[int],
    change: int,
) -> list[str]:
    top = max(map(max, lines.values()))

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 16) * step / steps[-1], 1)

    def y(value: float) -> float:
        return round(30 + (HEIGHT - 30 - BELOW) * (1 - value / top), 1)

    parts = [f'<text x="{LEFT}" y="18" font-size="13">{title}</text>']
    for n in range(5):
        value = top * n / 4
        parts.append(
            f'<path d="M{LEFT} {y(value)}H{WIDTH - 16}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{value:.1f}</text>'
        )
    for n in range(5):
        step = steps[-1] * n // 4
        parts.append(f'<text x="{x(step)}" y="{HEIGHT - 18}" text-anchor="middle">{step:,}</text>')
    if change:
        parts.append(
            f'<path d="M{x(change)} 30V{y(0)}" stroke="#999" stroke-dasharray="3 3"/>'
            f'<text x="{x(change) + 4}" y="42" fill="#777">views of full size</text>'
        )
    for name, colour in colours.items():
        points = " ".join(
            f"{x(step)},{y(value)}" for step, value in zip(steps, lines[name], strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
    above = -APART
    for name in sorted(colours, key=lambda name: y(lines[name][-1])):
        above = max(above + APART, y(lines[name][-1]) - 5)
        parts.append(
            f'<text x="{WIDTH - 16}" y="{above}" fill="{colours[name]}" '
            f'text-anchor="end">{name}</text>'
        )
    return [*parts, f'<text x="{LEFT}" y="{HEIGHT - 3}">steps of {256} pictures</text>']


def _smooth(values: Sequence[float]) -> list[float]:
    return [
        sum(values[max(0, i - SMOOTH + 1) : i + 1]) / len(values[max(0, i - SMOOTH + 1) : i + 1])
        for i in range(len(values))
    ]


def minutes(log: Log) -> float:
    """Of all pieces of a training that was stopped and went on: each counts its own seconds."""
    told = [record["seconds"] for record in log]
    ends = [now for now, after in zip(told, [*told[1:], 0.0], strict=True) if after < now]
    return float(sum(ends)) / 60


def tables(figures: Mapping[str, Any], logs: Mapping[str, Log]) -> str:
    """The figures as Markdown."""
    found, colour = figures["retrieval_at_1_of_100"], figures["colour_zero_shot"]
    plan = figures["plan"]
    steps = " and ".join(f"{logs[stage][-1]['step']:,}" for stage in STAGES)
    took = sum(minutes(logs[stage]) for stage in STAGES)
    lines = [
        f"Trained on {int(plan['pictures']):,} drawn pictures and {int(plan['twins']):,} posters "
        f"in two layouts, {steps} steps of {int(plan['batch'])} in two stages, in {took:.0f} "
        f"minutes on two cores that others used as well; measured on {figures['pictures']:,} "
        "pictures of scenes and palettes that no training picture has.",
        "",
        "![losses over the training](images/mini-clip-curves.svg)",
        "",
        "| | measured | wanted |",
        "|---|---|---|",
        f"| caption retrieval, right at the first of 100, picture to text | "
        f"{found['picture_to_text']:.2f} | 0.60 |",
        f"| the same, text to picture | {found['text_to_picture']:.2f} | 0.60 |",
        f"| colour of the wall, zero-shot among {len(colour['terms'])} basic terms "
        f"({colour['asked']} pictures) | {colour['among_basic_terms']:.2f} | 0.90 |",
        f"| the same among all names, right within CIEDE2000 12 | "
        f"{colour['among_all_names_within_12']:.2f} | |",
        "",
        "| defect | words | head | anchors | cannot be seen |",
        "|---|---|---|---|---|",
    ]
    other, craft = figures["craft_auc_of"], figures["craft_auc"]
    for group, name in (("learned", ""), ("kept_out", " (never seen)")):
        for kind, words in craft["words"][group].items():
            head, anchors = (other[by][group][kind] for by in ("head", "anchors"))
            unseen = f"{craft['unseen'][kind]:.0%}" if craft["unseen"][kind] else ""
            lines.append(f"| {kind}{name} | {words:.3f} | {head:.3f} | {anchors:.3f} | {unseen} |")
    shift = figures["words_printed_over"]
    misses = sorted(colour["misses"].items(), key=lambda item: (-item[1], item[0]))
    named = "; ".join(f"{what} ({count})" for what, count in misses) or "none"
    lines += [
        "",
        f"The figures are AUC, by words on {figures['craft_pictures']} of those pictures, by head "
        f"and anchors on {other['pictures']}: how often a clean picture scores higher than a "
        "spoiled one, by the "
        "words for good and bad craft, by the linear head, and by the anchors, all of which appeal "
        "is made of. Wanted: 0.95 for defects seen in training, 0.80 for five never seen. A "
        "picture in which a defect changes no structure at any strength (a flat wall cannot be "
        "banded) does not count: the last column has their share.",
        "",
        f"Words printed over a picture move its craft score by {shift['mean_shift_sd']:+.2f} "
        f"standard deviations on average (spread {shift['sd']:.2f}). Two layouts of one poster "
        f"differ by {other['head']['layouts_differ_sd']:.2f} (head) and "
        f"{other['anchors']['layouts_differ_sd']:.2f} (anchors) standard deviations.",
        "",
        f"Colour misses among the basic terms, all of them: {named}.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
