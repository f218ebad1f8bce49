"""Resampling at the edges that holds back next to nothing (Pipecat's default stream resampler holds 100 ms)."""

import numpy as np
import soxr


class QuickResampler:
    """soxr's quick quality as a stream: 16-bit mono PCM, state kept between chunks, under 1 ms held back."""

    def __init__(self) -> None:
        self._rates: tuple[int, int] | None = None
        self._stream: soxr.ResampleStream | None = None

    def process(self, audio: bytes, in_rate: int, out_rate: int) -> bytes:
        """Audio at `out_rate`; a change of rates begins a new stream."""
        if in_rate == out_rate or not audio:
            return audio
        if self._stream is None or self._rates != (in_rate, out_rate):
            self._rates = (in_rate, out_rate)
            self._stream = soxr.ResampleStream(in_rate, out_rate, 1, dtype="int16", quality="QQ")
        return self._stream.resample_chunk(np.frombuffer(audio, dtype=np.int16)).tobytes()
