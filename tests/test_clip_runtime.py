"""A CLIP model by ONNX Runtime and by torch: the same tokens, the same vectors, and clear words
when a folder or a setting cannot work."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st

from contentfab.backends._clip_model import ClipModel
from contentfab.backends._clip_tokens import Merges
from contentfab.errors import InputError, MissingDependency
from contentfab.rules.models.sources import EMBEDDED, embedded, locate

ROOT = Path(__file__).parent.parent
MINI = EMBEDDED / "mini-clip"
TEXTS = [
    "",
    "a bottle on a stone block in soft light",
    "A Beautiful, WELL-LIT photo!!",
    "it's we're I'd 'S 'ſ DON'T",
    "12,345.67 % off — only £9.99… ½ ² Ⅷ ٣",
    "Ein schöner Straßenläufer für draußen",
    "une crème légère, l'été",
    "寒い朝の一杯。山の水で淹れたコーヒー",
    "浅烘焙 咖啡豆 买一送一",
    "हर सुबह की ताज़ी चाय",
    "قهوة الصباح",
    "sant&eacute; &amp;amp; sun &lt;3",
    "schÃ¶n mojibake â€œquotedâ€\u009d",
    "ﬁne ligatures Ａｆｕｌｌ width İstanbul",
    "👩🏽‍🍳☕️ emoji\u200b zero\u00a0width\ttabs\n\nlines",
    "<start_of_text> in words <END_OF_TEXT> again",
    "\x00\x1f\ufffd control",
    "word " * 200,
    "unbelievablylongwordwithoutanyspaces" * 9,
]


@pytest.fixture(scope="module")
def with_onnx() -> ClipModel:
    return ClipModel("mini-clip", "auto", 8)


@pytest.fixture(scope="module")
def with_torch() -> ClipModel:
    return ClipModel("mini-clip", "auto", 8, runtime="torch")


@pytest.fixture(scope="module")
def theirs() -> dict[str, object]:
    import open_clip

    merges = open_clip.tokenizer.default_bpe()
    return {
        "mini-clip": open_clip.SimpleTokenizer(bpe_path=str(MINI / "vocabulary.txt.gz")),
        "clip": open_clip.SimpleTokenizer(bpe_path=merges),
    }


@pytest.fixture(scope="module")
def ours() -> dict[str, Merges]:
    import open_clip

    merges = Path(open_clip.tokenizer.default_bpe())
    return {"mini-clip": Merges(MINI / "vocabulary.txt.gz"), "clip": Merges(merges)}


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    shapes = [(128, 128), (500, 400), (400, 500), (1920, 1080), (90, 728), (300, 157), (64, 64)]
    return [
        np.kron(rng.integers(0, 256, (h // 8 + 1, w // 8 + 1, 3)), np.ones((8, 8, 1)))[:h, :w]
        .astype(np.uint8)
        for h, w in shapes
    ]  # fmt: skip


@pytest.mark.parametrize("vocabulary", ["mini-clip", "clip"])
@pytest.mark.parametrize("room", [4, 48, 77])
def test_tokens_are_those_of_open_clip(
    ours: dict[str, Merges], theirs: dict[str, object], vocabulary: str, room: int
) -> None:
    expected = theirs[vocabulary](TEXTS, context_length=room).numpy()  # type: ignore[operator]
    assert np.array_equal(ours[vocabulary].tokens(TEXTS, room), expected)


PIECES = ["'s", "'T", "'Ll", ".", ",,", "7", "a"]
WORDS = st.sampled_from(TEXTS) | st.text(max_size=60) | st.sampled_from(PIECES)


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(parts=st.lists(WORDS, max_size=4), vocabulary=st.sampled_from(["mini-clip", "clip"]))
def test_tokens_of_any_text_are_those_of_open_clip(
    ours: dict[str, Merges], theirs: dict[str, object], parts: list[str], vocabulary: str
) -> None:
    text = " ".join(parts)
    assert ours[vocabulary].encode(text) == theirs[vocabulary].encode(text)  # type: ignore[attr-defined]


def test_a_vocabulary_at_fault_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt.gz"
    path.write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"vocabulary\.txt\.gz"):
        Merges(path)


def test_both_runtimes_see_the_same(with_onnx: ClipModel, with_torch: ClipModel) -> None:
    assert (with_onnx.runtime, with_torch.runtime) == ("onnx", "torch")
    texts = [text for text in TEXTS if text]
    assert (with_onnx.texts(texts) * with_torch.texts(texts)).sum(axis=1).min() > 0.9999
    both = zip(with_onnx.images(pictures()), with_torch.images(pictures()), strict=True)
    for (weights, one), (others, other) in both:
        assert np.array_equal(weights, others)
        assert (one * other).sum(axis=1).min() > 0.9999
        assert np.allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)


def test_pictures_differ_where_they_do(with_onnx: ClipModel) -> None:
    """Guards the test above: vectors that are all alike would agree as well."""
    seen = [weights @ vectors for weights, vectors in with_onnx.images(pictures())]
    black = [weights @ v for weights, v in with_onnx.images([np.zeros((90, 90, 3), np.uint8)])]
    assert np.abs(seen[0] - black[0]).max() > 0.01
    one, other = with_onnx.texts(["a red bottle", "sharp, well lit"])
    assert one @ other < 0.999


def test_the_runtime_is_no_part_of_the_model(with_onnx: ClipModel, with_torch: ClipModel) -> None:
    for name in ("name", "revision", "preprocessing", "folder", "dim"):
        assert getattr(with_onnx, name) == getattr(with_torch, name)
    assert with_onnx.name == "mini-clip" and with_onnx.folder == MINI
    assert with_onnx.texts(["x"]).shape == (1, with_onnx.dim)


def test_preprocessing_is_read_as_open_clip_reads_it(tmp_path: Path, with_torch: ClipModel) -> None:
    import open_clip

    silent = tiny_models.save_open_clip(tmp_path / "silent")
    config = json.loads((silent / "open_clip_config.json").read_text())
    del config["preprocess_cfg"]
    (silent / "open_clip_config.json").write_text(json.dumps(config))
    told = tiny_models.save_open_clip(tmp_path / "told")
    for folder in (silent, told, MINI):
        model, _ = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
        theirs = open_clip.get_model_preprocess_cfg(model)
        ours = ClipModel(str(folder), "cpu", 1, runtime="torch").preprocessing
        assert ours["interpolation"] == theirs["interpolation"]
        assert tuple(ours["mean"]) == tuple(theirs["mean"])
        assert tuple(ours["std"]) == tuple(theirs["std"])
        size = theirs["size"]
        assert ours["size"] == (size if isinstance(size, int) else size[0])


@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_a_text_fits_or_is_cut_at_a_word(runtime: str) -> None:
    model = ClipModel("mini-clip", "cpu", 8, runtime=runtime)
    assert model.fits("") and model.fits("a bottle on a stone block")
    long = "a bottle on a stone block in soft light and " * 9
    assert not model.fits(long)
    cut = model.fitted(long)
    assert model.fits(cut) and long.startswith(cut) and not model.fits(cut + " " + long)
    assert not model.fits(" ".join([*cut.split(), long.split()[len(cut.split())]]))


def test_vectors_do_not_depend_on_the_batch_or_the_cores(with_onnx: ClipModel) -> None:
    """Not in a single bit: which posters wait together differs between two runs of a campaign, and
    their manifests must not."""
    together = with_onnx.images(pictures())
    for batch_size, threads in ((1, 1), (3, 2), (5, 1)):
        other = ClipModel("mini-clip", "cpu", batch_size, threads=threads)
        for (_, one), (_, again) in zip(together, other.images(pictures()), strict=True):
            assert np.array_equal(one, again)
        assert np.array_equal(other.texts(TEXTS[1:4]), with_onnx.texts(TEXTS[1:4]))
    assert with_onnx.images([]) == []


def test_onnx_needs_neither_torch_nor_open_clip_nor_anything_at_first() -> None:
    """In a process of its own, where the heavy packages cannot be imported."""
    code = """
import sys
for name in ("torch", "open_clip", "transformers", "timm", "onnx"): sys.modules[name] = None
from contentfab.backends._clip_model import ClipModel
model = ClipModel("mini-clip", "auto", 8)
assert model.revision and "onnxruntime" not in sys.modules and "safetensors" not in sys.modules
import numpy as np
assert model.images([np.zeros((40, 80, 3), np.uint8)])[0][1].shape[1] == model.dim
assert model.texts(["a bottle"]).shape == (1, model.dim)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_setting_that_cannot_work_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"score\.runtime") as caught:
        ClipModel("mini-clip", "cpu", 8, runtime="tensorrt")
    assert "auto, onnx, torch" in caught.value.hint
    with pytest.raises(InputError, match=r"score\.device: 'cuda'") as caught:
        ClipModel("mini-clip", "cuda", 8, runtime="onnx")
    assert "score.runtime=torch" in caught.value.hint
    plain = tiny_models.save_open_clip(tmp_path / "plain")
    with pytest.raises(MissingDependency, match=r"no image\.onnx, text\.onnx") as caught:
        ClipModel(str(plain), "cpu", 8, runtime="onnx")
    assert "export.py" in caught.value.hint
    assert ClipModel(str(plain), "cpu", 8).runtime == "torch"


def test_a_folder_that_cannot_work_is_named(tmp_path: Path) -> None:
    bare = tiny_models.save_open_clip(tmp_path / "bare", weights=False)
    with pytest.raises(MissingDependency, match="bare holds no weights"):
        ClipModel(str(bare), "cpu", 8)
    wide = shutil.copytree(MINI, tmp_path / "wide")
    config = json.loads((wide / "open_clip_config.json").read_text())
    config["model_cfg"]["vision_cfg"]["image_size"] = [128, 256]
    (wide / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"wide wants pictures of \[128, 256\]"):
        ClipModel(str(wide), "cpu", 8)
    (wide / "open_clip_config.json").write_text("{}")
    with pytest.raises(InputError, match=r"wide/open_clip_config\.json"):
        ClipModel(str(wide), "cpu", 8)


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_weights_that_do_not_belong_to_the_graphs_are_refused(tmp_path: Path, damage: str) -> None:
    """Never vectors of a half-read model."""
    folder = shutil.copytree(MINI, tmp_path / "odd")
    weights = folder / "open_clip_model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100_000])
    else:
        other = tiny_models.save_open_clip(tmp_path / "other") / weights.name
        weights.write_bytes(other.read_bytes())
    with pytest.raises(MissingDependency, match="odd/"):
        ClipModel(str(folder), "cpu", 8, runtime="onnx").texts(["x"])


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependency, match="onnxruntime") as caught:
        ClipModel("mini-clip", "cpu", 8)
    assert "pip install" in caught.value.hint
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(MissingDependency, match="open_clip") as caught:
        ClipModel("mini-clip", "cpu", 8, runtime="torch")
    assert "contentfab[clip]" in caught.value.hint


def test_an_embedded_model_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from a folder where something else is called so."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mini-clip").mkdir()
    assert "mini-clip" in embedded() and "plates" not in embedded()
    assert locate("mini-clip", "score.model").path == MINI
    assert locate("./mini-clip", "score.model").path.resolve() == tmp_path / "mini-clip"
    with pytest.raises(MissingDependency, match="mini-clop") as caught:
        locate("mini-clop", "score.model")
    assert "mini-clip" in caught.value.hint


def test_what_is_said_beside_a_model_does_not_change_its_name(tmp_path: Path) -> None:
    folder = shutil.copytree(MINI, tmp_path / "mini-clip")
    before = locate(str(folder), "score.model").revision
    for name in ("README.md", "appeal.json", "appeal.npz", "background.npz", "calibration.json"):
        (folder / name).write_text("other")
    assert locate(str(folder), "score.model").revision == before
    vocabulary = folder / "vocabulary.txt.gz"
    vocabulary.write_bytes(gzip.compress(gzip.decompress(vocabulary.read_bytes()) + b"a b\n"))
    assert locate(str(folder), "score.model").revision != before


def test_graphs_of_any_model_can_be_exported(tmp_path: Path) -> None:
    """A vision transformer of another shape, exported by the training script as users would."""
    folder = tiny_models.save_open_clip(tmp_path / "tiny")
    import open_clip

    shutil.copy(open_clip.tokenizer.default_bpe(), folder / "vocabulary.txt.gz")
    script = ROOT / "training" / "clip" / "export.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "both runtimes agree" in done.stdout
    assert (folder / "image.onnx").stat().st_size < 100_000
    assert str(tmp_path).encode() not in (folder / "image.onnx").read_bytes()
    assert ClipModel(str(folder), "cpu", 8).runtime == "onnx"


def test_the_whole_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in MINI.iterdir()) <= 8_000_000
    weights = (MINI / "open_clip_model.safetensors").stat().st_size
    graphs = sum((MINI / name).stat().st_size for name in ("image.onnx", "text.onnx"))
    assert graphs < weights / 10
