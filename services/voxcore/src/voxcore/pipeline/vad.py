"""Silero voice detection without a hop to another thread, and without loudness when none is asked for."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams, VADState
from voxkit.contracts.runtime_config import Vad

FULL_SCALE = 32768.0
PAUSE_S = 0.2


class SileroWindow:
    """One call's state of the model, which hears windows of one length. About 30 run a second: they allocate nothing.

    The numbers that come out are those of Pipecat's own wrapper.
    """

    def __init__(self, session: Any, rate: int) -> None:
        """`rate`: 8,000 or 16,000 Hz."""
        self.samples = 512 if rate == 16000 else 256
        self._past = 64 if rate == 16000 else 32
        self.session = session
        self._rate = np.array(rate, dtype=np.int64)
        self._input = np.zeros((1, self._past + self.samples), dtype=np.float32)
        self.reset_states()

    def reset_states(self) -> None:
        """Forget what was heard."""
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), dtype=np.float32)
        self._input[:] = 0.0

    def confidence(self, window: bytes) -> float:
        """How sure the model is that this window is speech, 0 to 1."""
        heard = self._input[0]
        heard[: self._past] = heard[-self._past :]
        np.divide(np.frombuffer(window, np.int16), FULL_SCALE, out=heard[self._past :], dtype=np.float32)
        out, self._state = self.session.run(None, {"input": self._input, "state": self._state, "sr": self._rate})
        return float(out[0, 0])


class InlineSilero(SileroVADAnalyzer):
    """One window costs under 1 ms: the model runs in the event loop.

    `paused` is called once a pause has lasted 0.2 s, before it has become a stop.
    """

    def __init__(self, vad: Vad, paused: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            params=VADParams(
                confidence=vad.confidence,
                start_secs=vad.start_secs,
                stop_secs=vad.stop_secs,
                min_volume=vad.min_volume,
            )
        )
        self._paused = paused
        self._pause_s = 0.0

    def set_sample_rate(self, sample_rate: int) -> None:
        super().set_sample_rate(sample_rate)
        self._model: Any = SileroWindow(self._model.session, self.sample_rate)

    async def analyze_audio(self, buffer: bytes) -> VADState:
        state = self._run_analyzer(buffer)
        before_s = self._pause_s
        self._pause_s = before_s + len(buffer) / 2 / self.sample_rate if state == VADState.STOPPING else 0.0
        if before_s < PAUSE_S <= self._pause_s:
            self._paused()
        return state

    def voice_confidence(self, buffer: bytes) -> float:
        confidence = self._model.confidence(buffer)
        self._maybe_reset_model(confidence)
        return confidence

    def _get_smoothed_volume(self, audio: bytes) -> float:
        return 1.0 if self.params.min_volume <= 0 else super()._get_smoothed_volume(audio)
