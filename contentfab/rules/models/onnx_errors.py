"""What ONNX Runtime raises: its exceptions have no common base and no public names."""

from __future__ import annotations

from importlib import import_module


def onnx_errors() -> tuple[type[Exception], ...]:
    """Every exception class of the installed onnxruntime, and what loading a file raises beside
    them; for an `except`."""
    state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    found = (getattr(state, name) for name in dir(state))
    own = (kind for kind in found if isinstance(kind, type) and issubclass(kind, Exception))
    return (OSError, RuntimeError, ValueError, *own)
