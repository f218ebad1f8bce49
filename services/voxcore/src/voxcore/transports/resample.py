"""Resampling at the edges that holds back next to nothing (Pipecat's default stream resampler holds 100 ms)."""

import numpy as np
import soxr

TAPS = 63


class QuickResampler:
    """16-bit mono PCM as a stream, state kept between chunks, about 1 ms held back.

    soxr's quick quality does not filter, so what the lower rate cannot hold is taken out before it would fold back.
    """

    def __init__(self) -> None:
        self._rates: tuple[int, int] | None = None
        self._stream: soxr.ResampleStream | None = None
        self._filter: np.ndarray | None = None
        self._tail = np.zeros(0)

    def process(self, audio: bytes, in_rate: int, out_rate: int) -> bytes:
        """Audio at `out_rate`; a change of rates begins a new stream."""
        if in_rate == out_rate or not audio:
            return audio
        if self._stream is None or self._rates != (in_rate, out_rate):
            self._rates = (in_rate, out_rate)
            self._stream = soxr.ResampleStream(in_rate, out_rate, 1, dtype="int16", quality="QQ")
            self._filter = low_pass(0.45 * out_rate / in_rate) if out_rate < in_rate else None
            self._tail = np.zeros(TAPS - 1)
        samples = np.frombuffer(audio, dtype=np.int16)
        if self._filter is not None:
            joined = np.concatenate([self._tail, samples])
            self._tail = joined[-(TAPS - 1) :]
            samples = np.clip(np.convolve(joined, self._filter, mode="valid"), -32768, 32767).astype(np.int16)
        return self._stream.resample_chunk(samples).tobytes()


def low_pass(cutoff: float) -> np.ndarray:
    """A windowed-sinc filter; `cutoff` in parts of the sample rate."""
    at = np.arange(TAPS) - (TAPS - 1) / 2
    taps = np.sinc(2 * cutoff * at) * np.hamming(TAPS)
    return taps / taps.sum()
