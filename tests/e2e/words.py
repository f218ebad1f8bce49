"""What a person would hear in a recording, and how far two texts are apart."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

import jiwer
import numpy as np
from num2words import num2words
from voxvoice.offline import transcribe

from .outcome import Outcome, read_channel, stretches

CHANNELS = {"customer": 0, "bot": 1}
# One word and two of the same sound; a recogniser may write either.
SAME = {"ok": "okay", "goodbye": "good bye", "good-bye": "good bye", "website": "web site", "o'clock": "o clock"}


# Pauses inside an utterance are shorter; what is left of it before and after is what the recogniser is used to.
UTTERANCE_GAP_S = 0.7
LEAD_S, TAIL_S = 0.3, 0.4
# A small recogniser hears other words depending on where it begins to listen; it never makes up the right ones.
LEADS_S = (LEAD_S, 0.1, 0.2)
LAST_S = (1.0, 1.5, 2.0, 3.0)


def heard(call: Outcome, who: Literal["customer", "bot"]) -> str:
    """The words in a channel of the worker's recording, read utterance by utterance."""
    return _heard(call, who, LEAD_S)


def least_misheard(call: Outcome, who: Literal["customer", "bot"], said: str, enough: float) -> tuple[float, str]:
    """Word error rate of the reading that is nearest to `said`, and that reading. Looks no further once the rate is at
    most `enough`."""
    best = (float("inf"), "")
    for lead_s in LEADS_S:
        understood = _heard(call, who, lead_s)
        best = min(best, (word_error_rate(said, understood), understood))
        if best[0] <= enough:
            break
    return best


def _heard(call: Outcome, who: Literal["customer", "bot"], lead_s: float) -> str:
    assert call.recording, f"{call.name}: no recording"
    return " ".join(_utterances(call.recording, CHANNELS[who], lead_s))


def says_at_last(call: Outcome, tail: str) -> bool:
    """Whether these words are the last that the bot is heard to say.

    A small recogniser writes "bye bye" for a goodbye or leaves a short last word out, depending on where it begins to
    listen; it never makes up one that was cut off. So the end is read from several places.
    """
    samples, rate = call.channel(CHANNELS["bot"])
    _, end_s = call.bot_speech()[-1]
    ends = (samples[int((end_s - back_s) * rate) : int((end_s + LEAD_S) * rate)] for back_s in LAST_S)
    return ends_with(heard(call, "bot"), tail) or any(ends_with(_read(end, rate), tail) for end in ends)


@lru_cache(maxsize=64)
def _utterances(path: Path, channel: int, lead_s: float) -> tuple[str, ...]:
    samples, rate = read_channel(path, channel)
    return tuple(
        _read(samples[max(0, int((start - lead_s) * rate)) : int((end + TAIL_S) * rate)], rate)
        for start, end in stretches(samples, rate, gap_s=UTTERANCE_GAP_S)
    )


def _read(samples: np.ndarray, rate: int) -> str:
    quiet = np.zeros(int(0.2 * rate))
    return transcribe(np.concatenate([quiet, samples, quiet]).astype("<i2").tobytes(), rate_hz=rate)


def words(text: str) -> list[str]:
    """Words without case and punctuation; numbers digit by digit, so "4,471" and "4 4 7 1" are the same."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower().replace("’", "'"))
    text = re.sub(r"\d", lambda digit: f" {num2words(int(digit.group()))} ", text)
    text = re.sub(r"\b(where|that|what|it|here)'s\b", r"\1 is", text)
    found = re.findall(r"[a-z']+(?:-[a-z]+)*", text)
    return " ".join(SAME.get(word, word.replace("-", " ")) for word in found).split()


def ends_with(text: str, tail: str) -> bool:
    """Whether the last words of `text` are these."""
    return words(text)[-len(words(tail)) :] == words(tail)


def word_error_rate(said: str, understood: str) -> float:
    """Share of words that are wrong, missing or too many."""
    return float(jiwer.wer(" ".join(words(said)), " ".join(words(understood))))
