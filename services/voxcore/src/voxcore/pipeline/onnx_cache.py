"""One ONNX session per model and process. A new one for each call would cost 50 MB a call that never come back."""

import os
import threading
from typing import Any

import onnxruntime

LARGE_MODEL_BYTES = 4 * 2**20

_sessions: dict[str, Any] = {}
_lock = threading.Lock()
_original: Any = None


class _SharedSession:
    """Stands in for `onnxruntime.InferenceSession`: `run` is safe from several threads, state is the caller's."""

    def __new__(cls, path_or_bytes: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(path_or_bytes, str | os.PathLike):
            return _original(path_or_bytes, *args, **kwargs)
        path = os.fspath(path_or_bytes)
        with _lock:
            if path not in _sessions:
                if os.path.getsize(path) > LARGE_MODEL_BYTES:
                    kwargs["sess_options"] = _returning_memory(kwargs.get("sess_options"))
                _sessions[path] = _original(path, *args, **kwargs)
            return _sessions[path]


def _returning_memory(options: Any) -> Any:
    """A large model runs once a turn for 30 ms: what it needs for that (30 MB) is not kept until the next one."""
    options = options or onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False
    return options


def install() -> None:
    """From now on every session made from a file is made once. Safe to repeat."""
    global _original
    if _original is None:
        _original = onnxruntime.InferenceSession
        onnxruntime.InferenceSession = _SharedSession


def cached() -> list[str]:
    """Paths of the models that are loaded."""
    return list(_sessions)
