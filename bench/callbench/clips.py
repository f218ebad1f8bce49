"""Speech for both sides, made once with the local voice and kept in the data folder."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from callbench.fakes import ANSWERS, OPENING, RATE, clip_name

# The turn model calls all of these finished; one that it does not would measure its patience (1.2 s) instead of us.
CUSTOMER = (
    "Yes, this is a good time to talk.",
    "Please bring the parcel on Friday morning.",
    "Can you tell me what it costs?",
    "No, nothing else for today.",
)
LONG_ANSWER = (
    "Our office is open from eight in the morning until six in the evening, from Monday to Friday, "
    "and on Saturdays we are there until noon, although the phones close half an hour earlier than that."
)
BARGE_IN = "Stop, please stop talking now."
_SILENT = 327  # -40 dBFS: below that the voice has not begun


def folder() -> Path:
    """Where the clips are kept."""
    return Path(os.environ.get("VOX_DATA_DIR") or Path(__file__).resolve().parents[2] / "data") / "bench-clips"


def prepare() -> Path:
    """Make what is missing. Raises ModelError when the local voice is not installed."""
    there = folder()
    there.mkdir(parents=True, exist_ok=True)
    for text in (OPENING, LONG_ANSWER, BARGE_IN, *CUSTOMER, *_sentences(ANSWERS)):
        path = there / f"{clip_name(text)}.pcm"
        if not path.is_file():
            from voxvoice.offline import synthesize

            draft = path.with_suffix(".new")
            draft.write_bytes(_trimmed(synthesize(text, RATE)).astype("<i2").tobytes())
            draft.replace(path)
    return there


@lru_cache
def customer(text: str) -> np.ndarray:
    """The samples of one sentence; `prepare` has been called."""
    return np.frombuffer((folder() / f"{clip_name(text)}.pcm").read_bytes(), "<i2")


def _sentences(answers: tuple[str, ...]) -> list[str]:
    return [part.strip().rstrip(".") + "." for answer in answers for part in answer.split(". ")]


def _trimmed(samples: np.ndarray) -> np.ndarray:
    """Without the silence that the voice puts around a sentence: it is neither ours nor a provider's delay."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples
