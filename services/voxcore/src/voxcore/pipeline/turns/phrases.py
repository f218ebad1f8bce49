"""Words that interrupt whatever the count, and words that never do: matched on whole words, case and accents folded."""

import re
import unicodedata
from collections.abc import Iterable

HIGH_INTENT = (
    "wrong number", "already paid", "do not call", "stop calling", "talk to an agent", "talk to a person",
    "real person", "human", "agent", "settlement", "call me later",
    "galat number", "रॉन्ग नंबर", "pehle hi bhar diya", "pay kar diya", "agent se baat", "एजेंट से बात",
    "settlement karna hai",
)  # fmt: skip
BACKCHANNEL = (
    "hmm", "hm", "mm", "mhm", "uh huh", "yes", "yeah", "ok", "okay", "right", "sure", "haan", "han", "ji", "achha",
    "accha", "theek hai", "हाँ", "जी", "अच्छा", "ठीक है", "ओके",
)  # fmt: skip

_DEVANAGARI = str.maketrans({"ँ": "ं", "़": None})  # two spellings of one sound; a dot that few speakers write
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
# A recogniser that hears half of a hum may spell it: "h m".
_SPELLED_HUM = re.compile(r"(?<=\b[hm]) (?=[hm]\b)")


def fold(text: str) -> list[str]:
    """The words of a text, folded: case, Latin accents, variants of Devanagari, drawn-out letters, spelled hums."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in plain if not "\u0300" <= char <= "\u036f").translate(_DEVANAGARI)
    kept = (char if char.isalnum() or unicodedata.category(char).startswith("M") else _gap(char) for char in plain)
    words = _SPELLED_HUM.sub("", " ".join("".join(kept).split())).split()
    return [_LONG_RUN.sub(r"\1\1", word) for word in words]


def _gap(char: str) -> str:
    return "" if char in "'’\u200c\u200d" else " "


class Phrases:
    """A list of phrases, matched word by word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = sorted({tuple(words) for phrase in phrases if (words := fold(phrase))}, key=len, reverse=True)

    def found_in(self, text: str) -> bool:
        """Whether one of the phrases stands in the text."""
        words = tuple(fold(text))
        return any(
            words[start : start + len(phrase)] == phrase
            for phrase in self._phrases
            for start in range(len(words) - len(phrase) + 1)
        )

    def cover(self, text: str) -> bool:
        """Whether the text is made of these phrases alone. A text without words is not."""
        words = tuple(fold(text))
        at = 0
        while at < len(words):
            step = next((len(p) for p in self._phrases if words[at : at + len(p)] == p), 0)
            if not step:
                return False
            at += step
        return bool(words)


def count_words(text: str) -> int:
    return len(fold(text))
