"""The two ONNX graphs of a model folder: `image.onnx` and `text.onnx`, structure without weights.

`python training/clip/export.py FOLDER`. Every weight stays under its name in
`open_clip_model.safetensors`, from where `contentfab/backends/_clip_onnx.py` puts it in, so that a
folder holds each weight once. Needs `pip install 'contentfab[clip,training]'`.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import onnx
import onnxruntime
import open_clip
import torch
from safetensors import safe_open

WEIGHTS = "open_clip_model.safetensors"
OPSET = 20
"""The first with Gelu as one operator; read by ONNX Runtime 1.17 and later."""


class ImageTower(torch.nn.Module):
    """Pixels (n, 3, side, side) to unit vectors (n, d)."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode_image(pixels, normalize=True)


class TextTower(torch.nn.Module):
    """Tokens (n, context length) to unit vectors (n, d)."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model.encode_text(tokens, normalize=True)


def export(folder: Path) -> tuple[Path, Path]:
    """Writes both graphs into a folder with `open_clip_config.json` and safetensors weights. The
    same folder gives the same bytes with the same torch. Raises ValueError when a graph has weights
    that the folder has not."""
    model, _ = open_clip.create_model_from_pretrained(
        f"local-dir:{folder.resolve()}", precision="fp32"
    )
    model.eval()
    config = json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))
    towers = config["model_cfg"]
    side = int(towers["vision_cfg"]["image_size"])
    room = int(towers["text_cfg"]["context_length"])
    # Two of each: an exporter takes a batch of one for a constant.
    pixels = torch.zeros(2, 3, side, side)
    tokens = torch.zeros(2, room, dtype=torch.long)
    _write(ImageTower(model).eval(), pixels, folder / "image.onnx", "pixels")
    _write(TextTower(model).eval(), tokens, folder / "text.onnx", "tokens")
    return folder / "image.onnx", folder / "text.onnx"


def _write(tower: torch.nn.Module, example: torch.Tensor, path: Path, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            tower,
            (example,),
            dynamo=True,
            input_names=[name],
            output_names=["vectors"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            opset_version=OPSET,
            # Folding constants would make new weights out of the named ones.
            optimize=False,
            verbose=False,
        )
    graph = program.model_proto
    with safe_open(path.parent / WEIGHTS, framework="numpy") as file:
        shapes = {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
    _rename(graph.graph, "model.")
    for tensor in graph.graph.initializer:
        if tensor.name not in shapes:
            if len(tensor.raw_data) > 1 << 16:
                raise ValueError(f"{path.name}: {tensor.name} is not among the folder's weights")
            continue  # a mask, for example, which open_clip makes anew
        if tuple(tensor.dims) != shapes[tensor.name]:
            raise ValueError(f"{path.name}: {tensor.name} has another shape than the weights")
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        del tensor.external_data[:]
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", WEIGHTS
    path.write_bytes(_bare(graph).SerializeToString(deterministic=True))


def _rename(graph: onnx.GraphProto, prefix: str) -> None:
    """Weights under the names that they have in the safetensors file."""
    names = {t.name: t.name.removeprefix(prefix) for t in graph.initializer}
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    for node in graph.node:
        for at, name in enumerate(node.input):
            node.input[at] = names.get(name, name)


def _bare(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Without the exporter's notes: source lines, paths of this machine, shapes on the way."""
    graph.producer_version = ""
    del graph.metadata_props[:]
    del graph.graph.value_info[:]
    for item in (*graph.graph.node, *graph.graph.initializer, *graph.functions):
        item.doc_string = ""
        del item.metadata_props[:]
    return graph


def check(folder: Path) -> None:
    """Loads both graphs as users will, and refuses graphs that depart from torch."""
    from contentfab.backends._clip_model import ClipModel

    texts = ["a bottle on a stone block in soft light", "a dark, blurred picture"]
    pictures = [torch.randint(0, 255, (90, 160, 3), dtype=torch.uint8).numpy()]
    with_torch = ClipModel(str(folder), "cpu", 4, runtime="torch")
    with_onnx = ClipModel(str(folder), "cpu", 4, runtime="onnx")
    pairs = [
        (with_torch.texts(texts), with_onnx.texts(texts)),
        (with_torch.images(pictures)[0][1], with_onnx.images(pictures)[0][1]),
    ]
    for one, other in pairs:
        worst = float((one * other).sum(axis=1).min())
        if worst < 0.9999:
            raise ValueError(f"{folder.name}: the runtimes differ (cosine {worst:.6f})")


def main() -> None:
    """Exports one folder and says how large the graphs are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    folder = asked.parse_args().folder
    for path in export(folder):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    check(folder)
    print(f"both runtimes agree (onnxruntime {onnxruntime.__version__}, torch {torch.__version__})")


if __name__ == "__main__":
    main()
