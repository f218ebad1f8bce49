"""What a person would hear in a recording, and how far two texts are apart."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

import jiwer
from num2words import num2words
from voxvoice.offline import transcribe

from .outcome import Outcome

CHANNELS = {"customer": 0, "bot": 1}
# One word and two of the same sound; a recogniser may write either.
SAME = {"ok": "okay", "goodbye": "good bye", "good-bye": "good bye", "website": "web site", "o'clock": "o clock"}


@lru_cache(maxsize=64)
def _transcribed(path: Path, channel: int) -> str:
    return transcribe(path, channel=channel)


def heard(call: Outcome, who: Literal["customer", "bot"]) -> str:
    """The words in a channel of the worker's recording."""
    assert call.recording, f"{call.name}: no recording"
    return _transcribed(call.recording, CHANNELS[who])


def words(text: str) -> list[str]:
    """Words without case and punctuation; numbers digit by digit, so "4,471" and "4 4 7 1" are the same."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower().replace("’", "'"))
    text = re.sub(r"\d", lambda digit: f" {num2words(int(digit.group()))} ", text)
    found = re.findall(r"[a-z']+(?:-[a-z]+)*", text)
    return " ".join(SAME.get(word, word.replace("-", " ")) for word in found).split()


def ends_with(text: str, tail: str) -> bool:
    """Whether the last words of `text` are these."""
    return words(text)[-len(words(tail)) :] == words(tail)


def word_error_rate(said: str, understood: str) -> float:
    """Share of words that are wrong, missing or too many."""
    return float(jiwer.wer(" ".join(words(said)), " ".join(words(understood))))
