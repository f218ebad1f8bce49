"""Piper's voice: sentence by sentence, resampled to the asked rate, with a bounded memory of what was said."""

import json
import re
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnxruntime
import soxr
from piper import PiperConfig, PiperVoice
from piper.config import SynthesisConfig

from voxvoice.wav import float_to_int16

MIN_RATE_HZ, MAX_RATE_HZ, DEFAULT_RATE_HZ = 8000, 48_000, 24_000
MIN_SPEED, MAX_SPEED = 0.25, 4.0
LEAD_S, TAIL_S, SENTENCE_GAP_S = 0.02, 0.06, 0.2
AUDIBLE = 0.008
PEAK = 0.8
LONGEST_PIECE = 160
REMEMBERED_CHARACTERS = 400

# OpenAI's names are accepted, so that a client which knows only those can be pointed here unchanged.
VOICES = (
    *("default", "joe", "en_US-joe-medium"),
    *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"),
)

_ABBREVIATIONS = {"mr", "mrs", "ms", "dr", "st", "prof", "vs", "approx", "ext", "e.g", "i.e"}
_LETTERS = re.compile(r"(?:[a-z]\.)+[a-z]|[a-hj-z]")  # p.m, and initials; "I" ends sentences
_SENTENCE_END = re.compile(r"([.!?…]+[\"')\]]*)(\s+|$)")


def split_sentences(text: str) -> list[str]:
    """Pieces to be spoken one after the other: sentences, and long ones cut at a comma or a space.

    `Mr. Smith` and `4.50` stay whole. Text without a letter or digit gives [].
    """
    pieces: list[str] = []
    for line in re.split(r"\s*\n+\s*", text.strip()):
        start = 0
        for match in _SENTENCE_END.finditer(line):
            before = line[start : match.start()].rsplit(None, 1)
            word = before[-1].lower().lstrip("\"'([") if before else ""
            if match.group(1) == "." and _goes_on(word, line[match.end() : match.end() + 1]):
                continue
            pieces += _cut_long(line[start : match.end(1)].strip())
            start = match.end()
        pieces += _cut_long(line[start:].strip())
    return [piece for piece in pieces if any(character.isalnum() for character in piece)]


def _goes_on(word: str, following: str) -> bool:
    """Whether a full stop behind `word` ends no sentence, seen by the character that follows."""
    if word == "no":
        return following.isdigit()
    if "." in word and following.isupper():
        return False
    return bool(following) and (word in _ABBREVIATIONS or bool(_LETTERS.fullmatch(word)))


def _cut_long(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > LONGEST_PIECE:
        cut = max(sentence.rfind(mark, 20, LONGEST_PIECE) for mark in (", ", "; ", ": "))
        if cut < 0:
            cut = sentence.rfind(" ", 20, LONGEST_PIECE)
        if cut < 0:
            cut = LONGEST_PIECE
        pieces.append(sentence[: cut + 1].strip())
        sentence = sentence[cut + 1 :].strip()
    return [*pieces, sentence] if sentence else pieces


def trimmed(audio: np.ndarray, rate_hz: int) -> np.ndarray:
    """Audio with at most 20 ms of silence before and 60 ms after what can be heard."""
    loud = np.flatnonzero(np.abs(audio) > AUDIBLE)
    if not len(loud):
        return audio[:0]
    return audio[max(0, loud[0] - int(LEAD_S * rate_hz)) : loud[-1] + int(TAIL_S * rate_hz)]


class SpokenCache:
    """Audio of texts said before, least recently used out first. `limit_bytes` bounds the audio held."""

    def __init__(self, limit_bytes: int = 32 * 2**20) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._items: OrderedDict[tuple[str, float, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, float, int]) -> bytes | None:
        with self._lock:
            if (found := self._items.get(key)) is not None:
                self._items.move_to_end(key)
            return found

    def put(self, key: tuple[str, float, int], audio: bytes) -> None:
        if len(key[0]) > REMEMBERED_CHARACTERS or len(audio) > self._limit:
            return
        with self._lock:
            self._held += len(audio) - len(self._items.pop(key, b""))
            self._items[key] = audio
            while self._held > self._limit:
                self._held -= len(self._items.popitem(last=False)[1])

    @property
    def held_bytes(self) -> int:
        return self._held


class Piper:
    """The loaded voice. `speak` runs in the Piper lane; `remembered` may be called from anywhere."""

    def __init__(self, folder: Path, threads: int, cache: SpokenCache | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Idle threads that spin double the CPU of a sentence and slow Whisper, which runs beside it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = next(folder.glob("*.onnx"))
        config = json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._voice = PiperVoice(session=session, config=PiperConfig.from_dict(config))
        self._rate_hz = self._voice.config.sample_rate
        self.cache = cache or SpokenCache()

    def warm_up(self) -> None:
        """Run once, so that the first caller does not pay for it."""
        self.speak("Hello.", 1.0, 8000)

    def remembered(self, sentence: str, speed: float, rate_hz: int) -> bytes | None:
        """16-bit PCM of a sentence that was spoken before at this speed and rate, else None."""
        return self.cache.get((sentence, speed, rate_hz))

    def speak(self, sentence: str, speed: float, rate_hz: int) -> bytes:
        """16-bit mono PCM at `rate_hz` of one piece from `split_sentences`; b"" when nothing can be heard.

        `speed` 2.0 speaks twice as fast. The audio ends with the pause that separates sentences cut to 60 ms:
        the caller adds `gap` between two sentences.
        """
        if (known := self.remembered(sentence, speed, rate_hz)) is not None:
            return known
        config = SynthesisConfig(length_scale=self._voice.config.length_scale / speed)
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(sentence, config)]
        audio = trimmed(np.concatenate(chunks), self._rate_hz) if chunks else np.zeros(0, np.float32)
        if len(audio) and rate_hz != self._rate_hz:
            audio = soxr.resample(audio, self._rate_hz, rate_hz, quality="HQ")
        pcm = float_to_int16(audio * PEAK).tobytes()
        self.cache.put((sentence, speed, rate_hz), pcm)
        return pcm


def gap(rate_hz: int) -> bytes:
    """Silence between two sentences as 16-bit PCM."""
    return bytes(2 * int(SENTENCE_GAP_S * rate_hz))
