"""Precision and recall of the claim ledger on the labelled lines of `tests/data/claims`.

`python benchmarks/claims.py` prints the figures and every miss; `--write` puts them into
docs/claims.md, `--part a` looks at one part only. Parts a and b are the halves, by a hash, of the
first lines; c, d and e were written later (docs/claims.md says when); smoke has other languages.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contentfab.records.brief import BrandView, ProductView
from contentfab.records.copy import Claim
from contentfab.rules.claims import Evidence, ledger
from contentfab.rules.claims.reading import read

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests/data/claims"
DOCS = ROOT / "docs/claims.md"
LANGUAGES = ("en", "zh", "de", "es")
PARTS = ("a", "b", "c", "d", "e", "smoke")
LATER = {"2": "c", "3": "d", "4": "e"}  # part by the last character of the file's name
FLOOR, FLOOR_LATER = 0.97, 0.95
_MARK = re.compile(r"\[([^\]]*)\]\(([+-])(\w+)\)")
_FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)


@dataclass(frozen=True)
class Gold:
    """A claim as labelled: where it stands, its kind, whether the product supports it."""

    start: int
    end: int
    kind: str
    supported: bool


@dataclass(frozen=True)
class Line:
    """A labelled line with the evidence of its product. `half` is a or b, by a hash."""

    text: str
    locale: str
    product: str
    gold: tuple[Gold, ...]
    evidence: Evidence
    half: str


@dataclass
class Score:
    """Counts of one half. `claims` and `lines` count tp, fp, fn of what is untraceable."""

    claims: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    traced: Counter[str] = field(default_factory=Counter)
    kinds: Counter[bool] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    size: int = 0


def load(*names: str) -> list[Line]:
    """The lines of `tests/data/claims/<name>.yaml`."""
    return [line for name in names for line in _lines(DATA / f"{name}.yaml")]


def score(lines: list[Line]) -> Score:
    """Compare the ledger's answer with the labels, claim by claim (by overlap) and line by line."""
    total = Score(size=len(lines))
    for line in lines:
        _count(line, ledger(line.text, line.locale, line.evidence), total)
    return total


def rates(counts: Counter[str]) -> tuple[float, float]:
    """Precision and recall."""
    said, true = counts["tp"] + counts["fp"], counts["tp"] + counts["fn"]
    return counts["tp"] / max(1, said), counts["tp"] / max(1, true)


def _count(line: Line, found: tuple[Claim, ...], total: Score) -> None:
    refused = [claim for claim in found if not claim.source]
    false = [gold for gold in line.gold if not gold.supported]
    total.lines["tp" if refused and false else "fp" if refused else "fn" if false else "tn"] += 1
    for gold in line.gold:
        hits = [claim for claim in found if _meet(gold, claim)]
        if not gold.supported:
            hit = any(not claim.source for claim in hits)
            total.claims["tp" if hit else "fn"] += 1
            if not hit:
                total.misses.append(_miss("missed", line, line.text[gold.start : gold.end], found))
        else:
            total.traced["found" if hits else "lost"] += 1
        if hits:
            total.kinds[any(claim.kind == gold.kind for claim in hits)] += 1
    for claim in refused:
        if not any(_meet(gold, claim) for gold in false):
            total.claims["fp"] += 1
            total.misses.append(_miss("wrongly refused", line, claim.text, found))


def _meet(gold: Gold, claim: Claim) -> bool:
    return gold.start < claim.span[1] and claim.span[0] < gold.end


def _miss(what: str, line: Line, span: str, found: tuple[Claim, ...]) -> str:
    told = "; ".join(f"{c.kind} “{c.text}” = {c.value} ← {c.source or '—'}" for c in found)
    return f"{line.locale} {line.product}: {what} “{span}” in “{line.text}” ({told})"


def _lines(path: Path) -> Iterator[Line]:
    data = yaml.safe_load(path.read_text("utf-8"))
    for one in data.get("sets", [data]):
        yield from _set(one, path.stem)


def _set(data: dict[str, Any], stem: str) -> Iterator[Line]:
    locale = data["locale"]
    brand = BrandView("brand", data["brand"])
    for name, product in data["products"].items():
        view = ProductView(
            id=name,
            name=product["name"],
            category=product.get("category", ""),
            description=product.get("description", ""),
            selling_points=tuple(product.get("selling_points", ())),
            facts={key: str(value) for key, value in product.get("facts", {}).items()},
            price=product.get("price", ""),
            claims=tuple(product.get("claims", ())),
        )
        evidence = Evidence.of(view, brand, locale)
        for marked in product["lines"]:
            half = LATER.get(stem[-1], "")
            yield _line(marked, locale, name, evidence, half)


def _line(marked: str, locale: str, product: str, evidence: Evidence, half: str) -> Line:
    text, gold, last = "", [], 0
    for hit in _MARK.finditer(marked):
        text += marked[last : hit.start()]
        gold.append(Gold(len(text), len(text) + len(hit[1]), hit[3], hit[2] == "+"))
        text += hit[1]
        last = hit.end()
    text += marked[last:]
    digest = hashlib.sha256(f"{locale}\n{text}".encode()).digest()
    return Line(text, locale, product, tuple(gold), evidence, half or "ab"[digest[0] % 2])


def _table(scores: dict[str, Score]) -> str:
    heads = "part|lines|line precision|line recall|claim precision|claim recall|traced found"
    rows = [f"| {heads.replace('|', ' | ')} |", "|---" * 7 + "|"]
    for name, total in scores.items():
        of_lines, of_claims = rates(total.lines), rates(total.claims)
        found = total.traced["found"] / max(1, total.traced.total())
        figures = " | ".join(f"{value:.3f}" for value in (*of_lines, *of_claims, found))
        rows.append(f"| {name} | {total.size} | {figures} |")
    return "\n".join(rows)


def part(name: str) -> list[Line]:
    """The lines of one part."""
    if name == "smoke":
        return load("smoke")
    files = [f"{language}{more}" for language in LANGUAGES for more in ("", "-2", "-3", "-4")]
    return [line for line in load(*files) if line.half == name]


def floor(name: str) -> float:
    """The least precision and recall, of lines and of claims, that a part may have."""
    return FLOOR if name in ("a", "b", "smoke") else FLOOR_LATER


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    names = [options.part] if options.part else list(PARTS)
    lines = {name: part(name) for name in names}
    scores = {name: score(lines[name]) for name in names}
    table = _table(scores)
    misses = [f"{name}: {miss}" for name, total in scores.items() for miss in total.misses]
    print(table, *misses, sep="\n")
    kinds = sum((total.kinds for total in scores.values()), Counter[bool]())
    print(f"claims of the kind that the label says: {kinds[True] / kinds.total():.3f}")
    print(f"{_speed([line for name in names for line in lines[name]]):.2f} ms of CPU a new line")
    if options.write:
        if options.part:
            parser.error("--write wants all parts")
        text = DOCS.read_text("utf-8")
        block = f"{table}\n\n" + "\n".join(f"- {miss}" for miss in misses) + "\n"
        DOCS.write_text(_FIGURES.sub(lambda m: m[1] + block + m[2], text), "utf-8")
    met = [min(rates(t.lines) + rates(t.claims)) >= floor(n) for n, t in scores.items()]
    return 0 if all(met) else 1


def _speed(lines: list[Line]) -> float:
    """Milliseconds of CPU for a line that was never seen, its product's evidence being known."""
    read.cache_clear()
    ledger.cache_clear()
    began = time.process_time()
    for line in lines:
        ledger(line.text, line.locale, line.evidence)
    return (time.process_time() - began) * 1000 / len(lines)


if __name__ == "__main__":
    sys.exit(main())
