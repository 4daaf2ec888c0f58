"""Linear heads for a CLIP tower: its own file beside the model, or LAION's published predictors.

A head means something on the tower that it was trained on and nothing on any other, however well
its shape fits; so the tower is checked, as far as its configuration tells. `appeal.npz` beside a
model holds `good` and `bad` (mean unit vectors of good and of spoiled pictures, (d,) each), `head`
(d,) and `bias` (); `appeal.json` says how it was made and for which weights.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from contentfab.errors import InputError, MissingDependency
from contentfab.rules.scoring.heads import Head, folded

if TYPE_CHECKING:
    from contentfab.backends._clip_model import ClipModel

Vectors = NDArray[np.float32]
ARRAYS, ABOUT = "appeal.npz", "appeal.json"
OWN_WEIGHTS = "open_clip_model.safetensors"
TOWERS = {
    "b_32": (512, 12, 32),
    "b_16": (512, 12, 16),
    "l_14": (768, 24, 14),
}
"""OpenAI's towers with a LAION head: embedding, layers, patch side."""
V2 = ("layers.0.weight", "layers.2.weight", "layers.4.weight", "layers.6.weight", "layers.7.weight")
"""LAION's improved-aesthetic-predictor; what stands between these are dropouts."""
QUICKGELU = "ViT-L-14-quickgelu, pretrained=openai"


@dataclass(frozen=True, slots=True)
class Anchors:
    """Mean vectors of good and of bad pictures, the head, and a digest of the file."""

    good: Vectors
    bad: Vectors
    head: Head
    digest: str


def anchors_beside(clip: ClipModel) -> tuple[Anchors | None, str]:
    """What lies beside the model, or None and why not ("" when there is nothing). Raises InputError
    for a file that is broken; one that was made for other weights is left out."""
    path = clip.folder / ARRAYS
    if not path.is_file():
        return None, ""
    try:
        about = json.loads((clip.folder / ABOUT).read_text(encoding="utf-8"))
        wanted, name = str(about["weights_sha256"]), str(about["made_by"])
        data = path.read_bytes()
        with np.load(path, allow_pickle=False) as file:
            good, bad, head = (np.asarray(file[key], np.float32) for key in ("good", "bad", "head"))
            bias = float(file["bias"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        hint = f"Make {ARRAYS} and {ABOUT} anew with training/clip/anchors.py, or remove both."
        raise InputError(f"{clip.name}: {ARRAYS} is broken: {error}", hint=hint) from None
    if not good.shape == bad.shape == head.shape == (clip.dim,):
        hint = "It belongs to another model; remove it."
        message = (
            f"{clip.name}: {ARRAYS} is for vectors of {head.shape}, the model's are {clip.dim}"
        )
        raise InputError(message, hint=hint)
    if file_sha256(clip.folder / OWN_WEIGHTS) != wanted:
        return None, f"{ARRAYS} beside {clip.name} was made for other weights and is not used."
    digest = hashlib.sha256(data).hexdigest()[:12]
    return Anchors(good, bad, Head(head, bias, name), digest), ""


def load_head(path: Path, clip: ClipModel) -> tuple[Head, str]:
    """A head from a file, with the file's digest: LAION's v2 (`sac+logos+ava1-l14-linearMSE.pth`),
    v1 (`sa_0_4_vit_l_14_linear.pth` and its like), or an `.npz` with `head` and `bias`. Raises
    InputError when it is none of them or does not fit the tower."""
    if not path.is_file():
        hint = "Give the file of a linear head: LAION's .pth, or an .npz with head and bias."
        raise InputError(f"score.head: {path.name} is not there", hint=hint)
    digest = file_sha256(path)[:12]
    if path.suffix == ".npz":
        return _own_head(path, clip), digest
    state = _state(path)
    tower = "l_14" if V2[0] in state else next((t for t in TOWERS if t in path.name), "")
    try:
        if V2[0] in state:
            layers = [(state[key], state[key.replace("weight", "bias")]) for key in V2]
            head = folded(layers, "LAION aesthetic v2")
        else:
            head = folded([(state["weight"], state["bias"])], "LAION aesthetic v1")
    except (KeyError, ValueError) as error:
        hint = "Known are LAION's aesthetic predictors v1 and v2."
        raise InputError(f"score.head: {path.name} is no linear head: {error}", hint=hint) from None
    _check_tower(path, head, tower, clip)
    return head, digest


def file_sha256(path: Path) -> str:
    """Of a file, read in parts; "" when it is not there."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own_head(path: Path, clip: ClipModel) -> Head:
    try:
        with np.load(path, allow_pickle=False) as file:
            vector, bias = np.asarray(file["head"], np.float64), np.asarray(file["bias"])
        head = folded([(vector.reshape(1, -1), bias.reshape(1))], path.stem)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        hint = "It needs the arrays head (d,) and bias ()."
        raise InputError(f"score.head: {path.name} is no linear head: {error}", hint=hint) from None
    if head.dim != clip.dim:
        hint = "Choose the head that was trained on this model."
        message = f"score.head: {path.name} takes {head.dim} numbers, {clip.name} gives {clip.dim}"
        raise InputError(message, hint=hint)
    return head


_BROKEN = (
    OSError,
    EOFError,
    UnpicklingError,
    RuntimeError,
    ValueError,
    AttributeError,
    LookupError,
)
"""What torch.load and its use raise for files that are damaged, or hold something else."""


def _state(path: Path) -> dict[str, NDArray[np.floating]]:
    """A state dict without running what is pickled in it."""
    try:
        import torch
    except ImportError:
        hint = "pip install 'contentfab[clip]'"
        raise MissingDependency("score.head: a .pth file needs torch", hint=hint) from None
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
        return {str(key): value.float().numpy() for key, value in state.items()}
    except _BROKEN as error:
        hint = "Give LAION's .pth, or an .npz with head and bias."
        first = str(error).strip().split("\n")[0][:160]
        raise InputError(f"score.head: {path.name} cannot be read: {first}", hint=hint) from None


def _check_tower(path: Path, head: Head, tower: str, clip: ClipModel) -> None:
    """LAION's heads were trained on OpenAI's weights, whose towers compute with QuickGELU; the
    same architecture with other weights (LAION, DataComp) has no such configuration."""
    config = clip.config["model_cfg"]
    vision = config.get("vision_cfg", {})
    layers, patch = vision.get("layers"), vision.get("patch_size")
    has = (clip.dim, layers, patch)
    if not tower:
        tower = next((name for name, shape in TOWERS.items() if shape == has), "")
    if TOWERS.get(tower) == has and head.dim == clip.dim and config.get("quick_gelu"):
        return
    wanted = f"OpenAI's ViT-{tower.replace('_', '/').upper()}" if tower else "an OpenAI tower"
    raise InputError(
        f"score.head: {path.name} was trained on {wanted} with quick_gelu; {clip.name} has "
        f"{clip.dim} numbers, {layers} layers, patches of {patch}, "
        f"quick_gelu {'on' if config.get('quick_gelu') else 'off'}",
        hint=f"Use that tower (open_clip: {QUICKGELU}), or leave score.head out.",
    )
