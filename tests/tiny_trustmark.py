"""A TrustMark with weights small enough to make here: it adds 100 waves, and finds them again.

The package loads it through its own configuration and checkpoint files, in place of the networks
that Adobe trained; encoding, error correction and decoding are the package's.
"""

from __future__ import annotations

from hashlib import md5
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

BITS = 100
CONFIG = "model:\n  target: tiny_trustmark.TinyMark\n  params:\n" + "".join(
    f"    {part}_config: {{target: tiny_trustmark.TinyMark, params: {{}}}}\n"
    for part in ("secret_encoder", "secret_decoder", "discriminator", "loss", "noise")
)


class TinyMark(torch.nn.Module):
    """Bit i is the sign of wave i in the luma; the wave numbers are the weights."""

    def __init__(self, **_: Any) -> None:
        super().__init__()
        grid = [(a, b) for a in range(4, 14) for b in range(4, 14)]
        self.waves = torch.nn.Parameter(torch.tensor(grid, dtype=torch.float32))

    @property
    def device(self) -> torch.device:
        return self.waves.device

    def forward(self, cover: Any, secret: Any) -> tuple[Any, None]:
        signs = (2 * secret - 1)[:, :, None, None]
        residual = (signs * self._patterns(cover)[None]).sum(1, keepdim=True)
        return cover + 0.01 * residual, None

    def decoder(self, stego: Any) -> Any:
        luma = stego.mean(1)
        luma = luma - luma.mean()
        return (luma[:, None] * self._patterns(stego)[None]).sum((2, 3))

    def _patterns(self, like: Any) -> Any:
        height, width = like.shape[-2:]
        y = (torch.arange(height) + 0.5)[:, None] * torch.pi / height
        x = (torch.arange(width) + 0.5)[None] * torch.pi / width
        return torch.stack([torch.cos(a * y) * torch.cos(b * x) for a, b in self.waves.detach()])


def install(module: ModuleType, folder: Path, monkeypatch: Any, model: str = "P") -> None:
    """Make the package find the tiny networks as its model `model`, below `folder`."""
    models = folder / "models"
    models.mkdir()
    (models / f"trustmark_{model}.yaml").write_text(CONFIG, encoding="utf-8")
    for part in ("encoder", "decoder"):
        torch.save({"state_dict": TinyMark().state_dict()}, models / f"{part}_{model}.ckpt")
    sums = {path.name: md5(path.read_bytes()).hexdigest() for path in models.iterdir()}
    monkeypatch.setattr(module, "MODEL_CHECKSUMS", sums)
    monkeypatch.setattr(module, "__file__", str(folder / "trustmark.py"))
