"""Who answered, a person or a machine: rules over 20 ms of sound at a time, without a speech model.

A machine talks long, in many words, beeps, or says nothing; a person says a word and waits. Needs the extra
`voxkit[amd]` (numpy, and soxr for other rates than 8 kHz).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs] - untyped

from voxkit.contracts.amd import AmdSettings as AmdSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

RATE_HZ = 8_000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
MAX_GAP_MS = 40
"""A longer hole in the sound is silence; a shorter one is how packets travel."""
NO_AUDIO_MS = 1_000
"""What cannot be heard within this time of the answer is not judged."""

_FFT_POINTS = 512
_WINDOW: NDArray[np.float64] = np.hanning(2 * FRAME_SAMPLES)
_BIN_HZ = RATE_HZ / _FFT_POINTS
_BEEP_HZ = (850, 1_500)
_BAND_HZ = (200, 3_400)
_AROUND_BINS = int(60 / _BIN_HZ)
_DRIFT_BINS = int(35 / _BIN_HZ)
_TONE_SHARE = 0.8

Cause = Literal[
    "beep", "long_word", "max_words", "long_greeting", "greeting", "initial_silence", "timeout", "no_audio"
]  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """Who it is and why. `ms`: how much of the call was heard for it, from the answer, whole frames."""

    decision: Literal["human", "machine", "unknown"]
    cause: Cause
    ms: int


def _bins(hertz: tuple[int, int]) -> slice:
    low, high = hertz
    return slice(-int(-low // _BIN_HZ), int(high // _BIN_HZ) + 1)


_BEEP_BINS = _bins(_BEEP_HZ)
_BAND_BINS = _bins(_BAND_HZ)


class Screening:
    """One answered call, heard from the answer on. Not shared between calls.

    Measured: 0.8 ms of processor time for a second of loud noise, the dearest sound (each frame has its FFT).
    """

    def __init__(self, settings: AmdSettings, sample_rate: int = RATE_HZ) -> None:
        """`sample_rate`: of the sound that will come, Hz. Raises: ValueError: it is no rate of sound."""
        if not 8_000 <= sample_rate <= 192_000:
            raise ValueError(f"sound at {sample_rate} Hz cannot be screened; give 8000 to 192000")
        self._settings = settings
        self._rate = sample_rate
        self._resampler = (
            soxr.ResampleStream(sample_rate, RATE_HZ, 1, dtype="int16") if sample_rate != RATE_HZ else None
        )
        self._odd_byte = b""
        self._waiting: Samples = np.zeros(0, dtype=np.int16)
        self._before: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        self._heard = False
        self._in_word = False
        self._t_ms = self._tone_ms = self._silence_ms = self._voice_ms = self._greeting_ms = self._words = 0
        self._tone_bin = 0
        self._verdict: Verdict | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The first verdict; it never changes."""
        return self._verdict

    def feed(self, pcm16: bytes, at_ms: float | None = None) -> Verdict | None:
        """Hear sound: mono, 16 bit, little endian, any length. Returns: the verdict once there is one, else None.

        `at_ms`: when its first sample was sounded, from the answer; null = it follows what was fed before. A hole of
        more than 40 ms is filled with silence.
        """
        self._heard = self._heard or len(pcm16) > 0
        if at_ms is not None:
            self._fill(at_ms)
        data = self._odd_byte + pcm16
        even = len(data) & ~1
        self._odd_byte = data[even:]
        self._hear(self._at_8_khz(np.frombuffer(data[:even], dtype="<i2").astype(np.int16, copy=False)))
        return self._verdict

    def nothing_until(self, at_ms: float) -> Verdict | None:
        """Tell that no sound came until this moment, from the answer: a carrier may send none while nobody speaks."""
        if self._heard:
            self._fill(at_ms)
        elif at_ms >= NO_AUDIO_MS and self._verdict is None:
            self._verdict = Verdict("unknown", "no_audio", int(at_ms))
        return self._verdict

    def _fill(self, at_ms: float) -> None:
        known = self._t_ms + len(self._waiting) * 1000 / RATE_HZ
        if at_ms - known > MAX_GAP_MS:
            # No verdict needs more silence than the analysis may last.
            missing_ms = min(at_ms - known, self._settings.total_analysis_ms + FRAME_MS)
            self._hear(np.zeros(round(missing_ms * RATE_HZ / 1000), dtype=np.int16))

    def _at_8_khz(self, samples: Samples) -> Samples:
        if self._resampler is None or not len(samples):
            return samples
        return self._resampler.resample_chunk(samples)

    def _hear(self, samples: Samples) -> None:
        sound = np.concatenate((self._waiting, samples)) if len(self._waiting) else samples
        whole = len(sound) - len(sound) % FRAME_SAMPLES
        for start in range(0, whole, FRAME_SAMPLES):
            if self._verdict is not None:
                break
            self._frame(sound[start : start + FRAME_SAMPLES])
        self._waiting = sound[whole:]

    def _frame(self, frame: Samples) -> None:
        settings = self._settings
        self._t_ms += FRAME_MS
        voiced = float(np.abs(frame.astype(np.int32)).mean()) >= settings.silence_threshold
        self._listen_for_a_tone(frame, voiced)
        self._before = frame
        if voiced:
            self._silence_ms = 0
            self._voice_ms += FRAME_MS
            if self._in_word:
                self._greeting_ms += FRAME_MS
            elif self._voice_ms >= settings.min_word_ms:
                self._in_word = True
                self._words += 1
                self._greeting_ms += self._voice_ms
        else:
            self._silence_ms += FRAME_MS
            if self._silence_ms >= settings.between_words_silence_ms:
                self._in_word, self._voice_ms = False, 0
        self._verdict = self._judged()

    def _judged(self) -> Verdict | None:
        """The first rule that holds. A threshold counts as one frame at least: 0 ms must not end a call unheard."""
        settings = self._settings

        def reached(ms: int, threshold: int) -> bool:
            return ms >= max(threshold, FRAME_MS)

        if settings.beep_detection_enabled and reached(self._tone_ms, settings.beep_min_ms):
            return Verdict("machine", "beep", self._t_ms)
        if reached(self._voice_ms, settings.max_word_ms):
            return Verdict("machine", "long_word", self._t_ms)
        if self._words > settings.max_words:
            return Verdict("machine", "max_words", self._t_ms)
        if reached(self._greeting_ms, settings.greeting_ms):
            return Verdict("machine", "long_greeting", self._t_ms)
        if self._words >= 1 and reached(self._silence_ms, settings.after_greeting_silence_ms):
            return Verdict("human", "greeting", self._t_ms)
        if self._words == 0 and reached(self._t_ms, settings.initial_silence_ms):
            return Verdict("machine", "initial_silence", self._t_ms)
        if self._t_ms >= settings.total_analysis_ms:
            return Verdict("unknown", "timeout", self._t_ms)
        return None

    def _listen_for_a_tone(self, frame: Samples, voiced: bool) -> None:
        if not (voiced and self._settings.beep_detection_enabled):
            self._tone_ms = 0
            return
        strongest = _tone(np.concatenate((self._before, frame)))
        if strongest is None or (self._tone_ms and abs(strongest - self._tone_bin) > _DRIFT_BINS):
            self._tone_ms = 0
            return
        if not self._tone_ms:
            self._tone_bin = strongest
        self._tone_ms += FRAME_MS


def _tone(samples: Samples) -> int | None:
    """The FFT bin of a single tone between 850 and 1,500 Hz in 40 ms of sound; None when there is none."""
    spectrum = np.fft.rfft(samples * _WINDOW, _FFT_POINTS)
    power = spectrum.real**2 + spectrum.imag**2
    strongest = _BEEP_BINS.start + int(power[_BEEP_BINS].argmax())
    around = float(power[strongest - _AROUND_BINS : strongest + _AROUND_BINS + 1].sum())
    return strongest if around >= _TONE_SHARE * float(power[_BAND_BINS].sum()) else None
