"""Silero voice detection without a hop to another thread, and without loudness when none is asked for."""

from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams, VADState
from voxkit.contracts.runtime_config import Vad


class InlineSilero(SileroVADAnalyzer):
    """One window costs under 1 ms: the model runs in the event loop."""

    def __init__(self, vad: Vad) -> None:
        super().__init__(
            params=VADParams(
                confidence=vad.confidence,
                start_secs=vad.start_secs,
                stop_secs=vad.stop_secs,
                min_volume=vad.min_volume,
            )
        )

    async def analyze_audio(self, buffer: bytes) -> VADState:
        return self._run_analyzer(buffer)

    def _get_smoothed_volume(self, audio: bytes) -> float:
        return 1.0 if self.params.min_volume <= 0 else super()._get_smoothed_volume(audio)
