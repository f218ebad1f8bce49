"""Speech as the recogniser writes it, made comparable: case, punctuation, and numbers as digits or as words."""

import re
from functools import lru_cache

_UNIT_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TEN_WORDS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: value for value, word in enumerate(_UNIT_WORDS)}
_TENS = {word: 10 * value for value, word in enumerate(_TEN_WORDS, start=2)}
_REPEATS = {"double": 2, "triple": 3}
# What a small recogniser writes for a spoken digit; only believed between digits.
_MISHEARD = {"oh": "0", "o": "0", "won": "1", "to": "2", "too": "2", "for": "4", "ate": "8"}


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Lower case, no punctuation, digits for number words, and digits said one by one joined.

    >>> normal("My number is four five, 1 too.")
    'my number is 4512'
    >>> normal("At 5:30 p.m., please!")
    'at 5:30 pm please'
    """
    text = text.lower().replace("’", "'").replace("`", "'")
    text = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", text)  # p.m. -> pm.
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)  # 4,512 -> 4512
    text = re.sub(r"(?<!\d):|:(?!\d)", " ", text)
    words = re.sub(r"[^\w':]+", " ", text).split()
    words = [word for word in (word.strip("'") for word in words) if word]
    return " ".join(_joined(_digits(words)))


def _digits(words: list[str]) -> list[str]:
    out: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1] if position + 1 < len(words) else ""
        if word in _REPEATS and (digit := _digit(following)) is not None:
            out.append(digit * _REPEATS[word])
            position += 2
            continue
        value, used = _cardinal(words, position)
        if used:
            out.append(str(value))
            position += used
            continue
        out.append(word)
        position += 1
    for index, word in enumerate(out):
        before = out[index - 1].isdigit() if index else False
        after = out[index + 1].isdigit() if index + 1 < len(out) else False
        long_run = index > 1 and before and out[index - 2].isdigit()
        if word in _MISHEARD and (before and (after or (long_run and index + 1 == len(out)))):
            out[index] = _MISHEARD[word]
        elif word in ("oh", "o") and after:
            out[index] = "0"
    return out


def _digit(word: str) -> str | None:
    if len(word) == 1 and word.isdigit():
        return word
    value = _UNITS.get(word, 10)
    return str(value) if value < 10 else None


def _cardinal(words: list[str], start: int) -> tuple[int, int]:
    """Value and count of words of the number that begins at `start`: `forty five` is one number, `four five` two."""
    total = current = used = 0
    smallest = 10_000  # the scale that the next part must stay below
    while start + used < len(words):
        word = words[start + used]
        if word in _TENS and smallest > 10 and current % 100 == 0:
            current, smallest = current + _TENS[word], 10
        elif word in _UNITS and (smallest > 100 or (smallest == 100 and current % 100 == 0)):
            if used and current % 100:
                break
            current, smallest = current + _UNITS[word], 1
        elif word in _UNITS and smallest == 10 and 0 < _UNITS[word] < 10:
            current, smallest = current + _UNITS[word], 1
        elif word == "hundred" and 0 < current < 10:
            current, smallest = current * 100, 100
        elif word == "thousand" and 0 < current < 1000 and not total:
            total, current, smallest = current * 1000, 0, 1000
        elif (
            word == "and"
            and smallest == 100
            and words[start + used + 1 : start + used + 2] != []
            and (words[start + used + 1] in _UNITS or words[start + used + 1] in _TENS)
        ):
            pass
        else:
            break
        used += 1
    return total + current, used


def _joined(words: list[str]) -> list[str]:
    out: list[str] = []
    for word in words:
        if word.isdigit() and out and out[-1].isdigit():
            out[-1] += word
        else:
            out.append(word)
    return out


@lru_cache(maxsize=4096)
def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Pattern that finds a phrase as whole words in normal text; `deliver*` finds every word that begins so."""
    parts = []
    for token in phrase.split():
        open_end = token.endswith("*")
        parts.append(re.escape(normal(token.rstrip("*"))) + (r"[\w']*" if open_end else ""))
    # A phrase of number words is compared as digits, as the text is.
    body = r"\ ".join(parts) if "*" in phrase else re.escape(normal(phrase))
    return re.compile(rf"(?<![\w']){body}(?![\w'])")


def spoken_digits(value: str) -> str:
    """`4512` as `4 5 1 2`, so that a voice reads digits and not a number."""
    return " ".join(value)
