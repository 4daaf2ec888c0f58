"""Whatever stands in the files: a brief comes out, or an InputError; nothing else, and no file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from campaigns import make_campaign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contentfab.errors import InputError
from contentfab.records.brief import Brief
from contentfab.rules.reports import FORMATS
from contentfab.stages.brief import Known, load_brief

CSV = (
    "id,name,name[zh-CN],selling_points,selling_points[zh-CN],price,image\n"
    'serum,"Amber, Serum",精华,a b|c d,一|二,18.00 USD,pictures/clay-mask.png\n'
    'mask,Mask,泥膜,e|f,三|四,"1,024 EUR",\n'
)
RSS = (
    '<rss xmlns:g="x"><channel><item><g:id>A_1</g:id><title>T</title><g:price>18.00 USD</g:price>'
    "<description>One two three. Four five six.</description></item></channel></rss>"
)
TEXT_FILES = (
    "campaign.yaml", "products.yaml", "segments.yaml", "brand_guides/hearth/brand.yaml",
    "range.csv", "feed.xml",
)  # fmt: skip
FILES = (*TEXT_FILES, "pictures/amber-serum.png", "brand_guides/hearth/logo.png")
KNOWN = Known(["hero"], ["mini"], ["Inter", "Noto Sans SC"])

# The same examples on every machine, and no clock.
EXAMPLES = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**64, max_value=2**400),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(
        ["\0", "../../etc/passwd", "/dev/zero", "pictures", "en-US", "#ff0000", "range.csv",
         "feed.xml", "campaign.yaml", "pictures/amber-serum.png", "x" * 3000, "18.00 USD", "."]
    ),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["en-US", "id", "name", "file", "<<", ""]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("campaign")
    make_campaign(made)
    (made / "range.csv").write_text(CSV, encoding="utf-8")
    (made / "feed.xml").write_text(RSS, encoding="utf-8")
    return made


def survives(folder: Path, name: str, data: bytes, products: str = "products.yaml") -> None:
    """Load the campaign with one file replaced; put the files back afterwards."""
    originals = {name: (folder / name).read_bytes()}
    campaign = folder / "campaign.yaml"
    originals.setdefault("campaign.yaml", campaign.read_bytes())
    (folder / name).write_bytes(data)
    if name != "campaign.yaml":
        campaign.write_bytes(
            originals["campaign.yaml"].replace(b"products.yaml", products.encode())
        )
    before = list(state(folder))
    try:
        assert isinstance(load_brief(campaign, known=KNOWN), Brief)
    except InputError as error:
        assert error.problems
        assert str(folder) not in str(error)
        for write in FORMATS.values():
            write(error.problems).encode()
    finally:
        after = list(state(folder))
        for original, content in originals.items():
            (folder / original).write_bytes(content)
    assert after == before


def state(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(folder.rglob("*")):
        status = path.stat()
        yield path.name, status.st_size, status.st_mtime_ns


def source_of(name: str) -> str:
    return name if name in ("range.csv", "feed.xml") else "products.yaml"


@EXAMPLES
@given(
    name=st.sampled_from(FILES),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes(folder: Path, name: str, flips: list[tuple[float, int]]) -> None:
    data = bytearray((folder / name).read_bytes())
    for place, byte in flips:
        data[int(place * (len(data) - 1))] = byte
    survives(folder, name, bytes(data), source_of(name))


@EXAMPLES
@given(name=st.sampled_from(FILES), start=st.floats(0, 1), end=st.floats(0, 1))
def test_missing_bytes(folder: Path, name: str, start: float, end: float) -> None:
    data = (folder / name).read_bytes()
    low, high = sorted((int(start * len(data)), int(end * len(data))))
    survives(folder, name, data[:low] + data[high:], source_of(name))


@EXAMPLES
@given(
    name=st.sampled_from(TEXT_FILES),
    lines=st.lists(st.integers(0, 80), min_size=1),
    again=st.booleans(),
)
def test_deleted_and_repeated_lines(folder: Path, name: str, lines: list[int], again: bool) -> None:
    kept = (folder / name).read_bytes().split(b"\n")
    for line in lines:
        if line < len(kept):
            kept[line : line + 1] = [kept[line]] * (2 if again else 0)
    survives(folder, name, b"\n".join(kept), source_of(name))


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from paths(inner, (*path, key))


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = with_value(value[path[0]], path[1:], new)
    return copied


@EXAMPLES
@given(
    name=st.sampled_from([n for n in TEXT_FILES if n.endswith(".yaml")]),
    place=st.floats(0, 1),
    new=VALUES,
    data=st.data(),
)
def test_any_value_at_any_place(
    folder: Path, name: str, place: float, new: Any, data: st.DataObject
) -> None:
    value = yaml.safe_load((folder / name).read_bytes())
    everywhere = list(paths(value))
    value = with_value(value, everywhere[int(place * (len(everywhere) - 1))], new)
    text = yaml.safe_dump(value, allow_unicode=data.draw(st.booleans()))
    survives(folder, name, text.encode("utf-8", "surrogatepass"))


@EXAMPLES
@given(name=st.sampled_from(TEXT_FILES), place=st.floats(0, 1), text=st.text())
def test_any_text_in_between(folder: Path, name: str, place: float, text: str) -> None:
    data = (folder / name).read_bytes()
    at = int(place * len(data))
    noise = text.encode("utf-8", "surrogatepass")
    survives(folder, name, data[:at] + noise + data[at:], source_of(name))


@pytest.mark.parametrize("name", TEXT_FILES)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe",
        b"[" * 100_000,
        b"{a: " * 10_000,
        b"- " * 20_000,
        b"a: &a\n  b: *a\n",
        b"? " * 3_000,
        b"x: " + b"9" * 100_000,
        b"<a>" * 50_000,
        b'"' + b"x" * 200_000,
        b"id,name\n" + b"," * 100_000,
        b"!!binary aGk=",
        b"%YAML 9.9\n---\na: b",
    ],
    ids=lambda d: str(d[:12]),
)
def test_hostile_files(folder: Path, name: str, data: bytes) -> None:
    survives(folder, name, data, source_of(name))
