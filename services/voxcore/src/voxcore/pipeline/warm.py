"""What a process loads before its first call. Safe before a fork: no thread, no event loop, no connection."""

import importlib

import numpy as np
from voxkit.contracts.runtime_config import Vad

from voxcore.pipeline import onnx_cache
from voxcore.pipeline.providers.registry import MODULES


def preload(names: list[str]) -> None:
    """Import the pipeline and the adapters named, load the models of VAD and turn-taking and run each once.

    Raises: ValueError for an adapter that does not exist.
    """
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        raise ValueError(f"VOXCORE_PRELOAD names no adapter {', '.join(unknown)}; known: {', '.join(sorted(MODULES))}")
    onnx_cache.install()
    importlib.import_module("voxcore.pipeline.factory")
    importlib.import_module("voxcore.transports.ws")
    importlib.import_module("voxcore.transports.exotel")
    for name in names:
        importlib.import_module(MODULES[name])
    _run_vad()
    _run_turn_model()


def _run_vad() -> None:
    from voxcore.pipeline.vad import InlineSilero

    vad = InlineSilero(Vad())
    vad.set_sample_rate(8000)
    vad.voice_confidence(bytes(512))


def _run_turn_model() -> None:
    from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3

    analyzer = LocalSmartTurnAnalyzerV3(sample_rate=8000, cpu_count=1)
    analyzer._predict_endpoint(np.zeros(8000, dtype=np.float32))
