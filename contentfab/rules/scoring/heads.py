"""Linear heads: a direction in a model's space, and a number at the origin.

`score = vector · f + bias` for a unit vector `f` of the picture. Some published predictors are
stacks of linear layers without activations between them, which is one linear layer. Knows no file
format and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Layer = tuple[NDArray[np.floating], NDArray[np.floating]]


@dataclass(frozen=True, slots=True)
class Head:
    """`vector` (d,) and `bias`; `name` says for people what it was trained to tell."""

    vector: Vectors
    bias: float
    name: str

    @property
    def dim(self) -> int:
        return len(self.vector)


def folded(layers: Sequence[Layer], name: str) -> Head:
    """One head out of linear layers, the first applied first: weights (out, in), biases (out,), the
    last with one output. Raises ValueError when the shapes do not chain.

    LAION's improved-aesthetic-predictor (v2) is such a stack: every activation in it is commented
    out, and dropout does nothing at inference."""
    if not layers:
        raise ValueError("a head needs at least one layer")
    weight, bias = (np.asarray(part, np.float64) for part in layers[0])
    for further, more in layers[1:]:
        if further.ndim != 2 or further.shape[1] != weight.shape[0]:
            raise ValueError(
                f"a layer of shape {further.shape} cannot follow one with {weight.shape[0]} outputs"
            )
        weight = np.asarray(further, np.float64) @ weight
        bias = np.asarray(further, np.float64) @ bias + np.asarray(more, np.float64)
    if weight.ndim != 2 or weight.shape[0] != 1 or bias.shape != (1,):
        raise ValueError(f"a head has one output, this one {weight.shape}")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise ValueError("a head holds numbers that are not finite")
    return Head(weight[0].astype(np.float32), float(bias[0]), name)
