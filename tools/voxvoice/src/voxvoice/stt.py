"""Whisper tiny.en on the CPU: Silero decides what is speech, Whisper reads each stretch of it.

All audio here is float32 mono at 16 kHz. Every function runs in the Whisper lane, one at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

RATE_HZ = 16_000
FRAMES_PER_S = 100
SHORTEST_WINDOW_FRAMES = 10 * FRAMES_PER_S
LONGEST_STRETCH_S = 27.0  # one Whisper window less the margin that ends a sentence
SILENCE_PEAK = 0.002  # -54 dBFS: below it a line carries nothing a person said
TARGET_PEAK = 0.7


@dataclass(frozen=True)
class Stretch:
    """Speech between two pauses, in samples of the audio it was found in."""

    start: int
    end: int


@dataclass(frozen=True)
class Segment:
    """Text of one stretch. Times in seconds from the start of the audio; the probabilities are Whisper's."""

    start_s: float
    end_s: float
    text: str
    avg_logprob: float
    no_speech_prob: float


class _ShortWindowWhisper(WhisperModel):
    """Encodes what holds speech plus one second instead of always thirty; the text is the same, the time a third.

    faster-whisper pads every window to 3,000 frames with exact zeros before it calls `encode`, so the end of the
    content can be seen in the features. Ten seconds are the least: below that the model loses full stops.
    """

    def encode(self, features: np.ndarray) -> Any:
        used = np.flatnonzero(np.any(features != 0, axis=0))
        content = int(used[-1]) + 1 if len(used) else 0
        return super().encode(features[:, : max(SHORTEST_WINDOW_FRAMES, content + FRAMES_PER_S)])


def to_16k(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Mono samples of any rate as float32 at 16 kHz."""
    if rate_hz != RATE_HZ:
        samples = soxr.resample(samples, rate_hz, RATE_HZ, quality="MQ")
    return np.ascontiguousarray(samples, np.float32)


def levelled(audio: np.ndarray) -> np.ndarray:
    """Quiet callers are lifted to a common peak, because Silero misses them; silence stays silence."""
    peak = float(np.abs(audio).max(initial=0))
    return audio if peak < SILENCE_PEAK or peak >= TARGET_PEAK else audio * (TARGET_PEAK / peak)


def find_speech(audio: np.ndarray, *, pause_s: float = 0.8, pad_s: float = 0.3) -> list[Stretch]:
    """Stretches of speech of at most 27 s with `pad_s` around, joined across pauses below `pause_s`; [] for silence."""
    if float(np.abs(audio).max(initial=0)) < SILENCE_PEAK:
        return []
    options = VadOptions(
        # Low on purpose: a lost "yes" costs more than a transcription of noise, which comes back empty.
        threshold=0.35,
        min_speech_duration_ms=64,
        min_silence_duration_ms=int(pause_s * 1000),
        max_speech_duration_s=LONGEST_STRETCH_S,
        speech_pad_ms=int(pad_s * 1000),
    )
    found = get_speech_timestamps(levelled(audio), options)
    return [Stretch(piece["start"], piece["end"]) for piece in found]


class Whisper:
    """The loaded model. Not thread-safe: one lane owns it."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._model = _ShortWindowWhisper(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, num_workers=1, local_files_only=True
        )

    def warm_up(self) -> None:
        """Run once, so that the first caller does not pay for the first pages and buffers."""
        tone = np.sin(np.arange(RATE_HZ, dtype=np.float32) * 0.2) * 0.1
        get_speech_timestamps(tone, VadOptions())
        self.read(tone, prompt=None)

    def read(self, audio: np.ndarray, prompt: str | None, temperature: float = 0.0) -> tuple[str, float, float]:
        """Text, mean log probability and no-speech probability of at most one window of audio."""
        seconds = len(audio) / RATE_HZ
        segments, _ = self._model.transcribe(
            levelled(audio),
            language="en",
            beam_size=1,
            best_of=1,
            temperature=temperature,
            initial_prompt=prompt or None,
            condition_on_previous_text=False,
            without_timestamps=True,
            # Fast talkers reach six tokens a second; a decoder that loops would otherwise run on to 448.
            max_new_tokens=min(200, 20 + int(seconds * 8)),
            vad_filter=False,
        )
        parts = list(segments)
        text = " ".join(part.text.strip() for part in parts).strip()
        if not any(character.isalnum() for character in text) or not parts:
            return "", 0.0, 1.0
        return text, parts[0].avg_logprob, max(part.no_speech_prob for part in parts)

    def segments(
        self,
        audio: np.ndarray,
        prompt: str | None = None,
        stretches: list[Stretch] | None = None,
        temperature: float = 0.0,
    ) -> Iterator[Segment]:
        """One segment a stretch, lazily: each step is one bounded piece of work. Silence yields nothing."""
        for stretch in find_speech(audio) if stretches is None else stretches:
            text, avg_logprob, no_speech = self.read(audio[stretch.start : stretch.end], prompt, temperature)
            if text and not (no_speech > 0.85 and avg_logprob < -1.0):
                yield Segment(stretch.start / RATE_HZ, stretch.end / RATE_HZ, text, avg_logprob, no_speech)

    def text(self, audio: np.ndarray, prompt: str | None = None) -> str:
        """Everything said in `audio`; empty when nothing was."""
        return " ".join(segment.text for segment in self.segments(audio, prompt))
