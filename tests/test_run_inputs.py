"""Bad input against a finished run: one clear message, exit 2, and not a byte changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contentfab import pipeline
from contentfab.errors import ContentfabError

TEXT = {"channels": ["sms"]}
FILES = ("campaign.yaml", "products.yaml", "segments.yaml", "brand_guides/hearth/brand.yaml")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    make_campaign(folder, **TEXT)
    contentfab("run", "campaign.yaml", "--out", "run", cwd=folder)
    return folder


@pytest.fixture
def work(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "w")
    return tmp_path / "w"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("campaign.yaml", "channels:", "chanels:", "did you mean 'channels'"),
        ("campaign.yaml", "variants: 2", "variants: [", "campaign.yaml:"),
        ("campaign.yaml", "brand: hearth", "brand: herth", "hearth"),
        ("products.yaml", "38.00", "cheap", "products.yaml:"),
        ("products.yaml", "id: clay-mask", "id: amber-serum", "amber-serum"),
        ("brand_guides/hearth/brand.yaml", "#B5502B", "brick", "brand.yaml:"),
    ],
)
def test_the_run_stays_as_it_was(work: Path, name: str, old: str, new: str, words: str) -> None:
    path = work / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = contents(work / "run")
    done = contentfab("run", "campaign.yaml", "--out", "run", cwd=work, code=2)
    assert words in done.stderr
    assert contents(work / "run") == before


@pytest.mark.parametrize(
    ("template", "text", "options"),
    [
        (
            "prompts/copy_system.j2",
            "One line.\n{{ ''.__class__.__mro__[1].__subclasses__() }}",
            ("--set", "copy.backend=openai", "--set", "copy.model=m", "--set",
             "copy.base_url=http://127.0.0.1:9/v1"),
        ),
        ("posters/hero.typ", '#read("/etc/passwd")', ()),
    ],
)  # fmt: skip
def test_a_template_that_reaches_out_is_refused(
    tmp_path: Path, template: str, text: str, options: tuple[str, ...]
) -> None:
    make_campaign(tmp_path, channels=["wechat.moments"], layouts=["hero"], variants=1)
    path = tmp_path / "own" / template
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    done = contentfab("run", "campaign.yaml", "--templates", "own", *options, cwd=tmp_path, code=2)
    assert path.name in done.stderr and "root:" not in done.stderr


@pytest.fixture(scope="module")
def changing(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("changing") / "w"
    shutil.copytree(finished, folder)
    yield folder


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(FILES),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=4),
)
def test_any_change_is_planned_or_told_and_writes_nothing(
    changing: Path, finished: Path, name: str, cuts: list[tuple[float, bytes]]
) -> None:
    data = (finished / name).read_bytes()
    for place, junk in cuts:
        at = int(place * len(data))
        data = data[:at] + junk + data[at + len(junk) :]
    (changing / name).write_bytes(data)
    before = contents(changing / "run")
    try:
        line = pipeline.open_line(changing / "campaign.yaml", out=changing / "run")
        pipeline.overview(line)
    except ContentfabError as error:
        assert str(error) and str(changing) not in str(error)
    finally:
        (changing / name).write_bytes((finished / name).read_bytes())
    assert contents(changing / "run") == before
