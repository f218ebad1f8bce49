"""What a few spoken words say about a time: an offset, a clock time, a part of the day, a day. No clock, no zone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from voxkit.campaigns import words
from voxkit.campaigns.words import DayPart

Value = TypeVar("Value")
Tokens = tuple[str, ...]
MAX_CHARACTERS = 500
"""A customer's wish for a time is a sentence; the rest of a longer text is not read."""
MAX_MINUTES = 1_000_000
"""More than any callback may wait; a number behind it is no number but an accident of speech recognition."""


@dataclass(frozen=True)
class Clock:
    """A time of the day as it was said. `half`: "am" or "pm" where that is known, else null: either may be meant."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True)
class DayWord:
    """A day as it was said: so many days ahead, or a day of the week (Monday = 0)."""

    ahead: int = 0
    weekday: int | None = None


def tokens_of(text: str) -> Tokens:
    """Words and numbers of a text: NFKC, lower case, digits of any script as ASCII, `:` kept inside a time."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower()
    digits = "".join(str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c for c in folded)
    digits = re.sub(r"\b(\d{1,2})\.(\d{2})\b", r"\1:\2", digits)
    digits = re.sub(r"(?<![a-z])([ap])\.?\s?m\b\.?", r"\1m", digits)
    kept = "".join(_kept(digits, at) for at in range(len(digits)))
    return tuple(re.findall(r"\d+:\d+|\d+\.\d|\d+|[^\s\d:]+", kept))


def _kept(text: str, at: int) -> str:
    letter = text[at]
    if letter in "'’`":
        return ""
    if letter in ":." and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit():
        return letter
    # Vowel signs of Devanagari are marks (M), part of their word.
    return letter if unicodedata.category(letter)[0] in "LMN" else " "


def _table(entries: Mapping[Value, Iterable[str]]) -> dict[Tokens, Value]:
    return {tokens_of(phrase): value for value, phrases in entries.items() for phrase in phrases}


_UNITS = _table(words.UNITS_MINUTES)
_DURATIONS = _table(words.DURATIONS_MINUTES)
_NUMBERS = _table(words.NUMBERS)
_QUARTERS = _table(words.QUARTERS_BEFORE_NUMBER)
_NAMED_CLOCK = _table(words.NAMED_CLOCK)
_HALVES = _table({"am": words.AM, "pm": words.PM})
_OCLOCK = _table({True: words.OCLOCK})
_AT = _table({True: words.BEFORE_CLOCK})
_AND = _table({True: words.AND})
_AND_A_HALF = _table({True: words.AND_A_HALF})
_PARTS = _table(words.DAY_PARTS)
_AHEAD = _table(words.DAYS_AHEAD)
_DAY_UNITS = _table(words.DAY_UNITS)
_BEFORE_PART = _table({True: words.BEFORE_PART})
_WEEKDAYS = _table(words.WEEKDAYS)


def _word(table: Mapping[Tokens, Value], tokens: Tokens, at: int) -> tuple[Value, int] | None:
    """The longest phrase of the table that begins here."""
    for length in range(min(4, len(tokens) - at), 0, -1):
        phrase = tokens[at : at + length]
        if phrase in table:
            return table[phrase], at + length
    return None


def _skip(table: Mapping[Tokens, bool], tokens: Tokens, at: int) -> int:
    found = _word(table, tokens, at)
    return found[1] if found else at


def _number(tokens: Tokens, at: int) -> tuple[float, int] | None:
    """A number in digits or words; `twenty five` is one number."""
    if at < len(tokens) and re.fullmatch(r"\d{1,6}(\.\d)?", tokens[at]):
        return float(tokens[at]), at + 1
    found = _word(_NUMBERS, tokens, at)
    if found and found[0] in (20, 30, 40, 50) and (ones := _word(_NUMBERS, tokens, found[1])) and ones[0] < 10:
        return float(found[0] + ones[0]), ones[1]
    return (float(found[0]), found[1]) if found else None


def _whole(tokens: Tokens, at: int) -> tuple[int, int] | None:
    found = _number(tokens, at)
    return (int(found[0]), found[1]) if found and found[0].is_integer() else None


def _leftmost(read: Callable[[Tokens, int], tuple[Value, int] | None], tokens: Tokens) -> Value | None:
    for at in range(len(tokens)):
        if found := read(tokens, at):
            return found[0]
    return None


def offset_minutes(tokens: Tokens) -> float | None:
    """`2 hours`, `aadhe ghante`, `1 hour 30 minutes`: minutes from the request."""
    for at in range(len(tokens)):
        if first := _length(tokens, at):
            minutes, behind = first
            while more := _length(tokens, _skip(_AND, tokens, behind)):
                minutes, behind = minutes + more[0], more[1]
            return minutes if 0 < minutes <= MAX_MINUTES else None
    return None


def _length(tokens: Tokens, at: int) -> tuple[float, int] | None:
    if named := _word(_DURATIONS, tokens, at):
        return float(named[0]), named[1]
    quarter = _word(_QUARTERS, tokens, at)
    number = _number(tokens, quarter[1] if quarter else at)
    if not number:
        return None
    half = _word(_AND_A_HALF, tokens, number[1])
    unit = _word(_UNITS, tokens, half[1] if half else number[1])
    if not unit:
        # "an hour and a half" is a number and a name.
        named = _word(_DURATIONS, tokens, number[1])
        return (float(named[0]), named[1]) if named and number[0] == 1 else None
    part = (quarter[0] / 60 if quarter else 0) + (0.5 if half else 0)
    if not half and (behind := _word(_AND_A_HALF, tokens, unit[1])):
        part, unit = part + 0.5, (unit[0], behind[1])
    return (number[0] + part) * unit[0], unit[1]


def clock_time(tokens: Tokens) -> Clock | None:
    """`5 pm`, `17:30`, `5 baje`, `saadhe paanch`, `half past five`, `at 5`, `8 at night`."""
    return _leftmost(_clock, tokens)


def _clock(tokens: Tokens, at: int) -> tuple[Clock, int] | None:
    if named := _word(_NAMED_CLOCK, tokens, at):
        return _with_half(tokens, *named[0], named[1])
    if re.fullmatch(r"\d{1,2}:\d{2}", tokens[at]):
        hour, minute = (int(part) for part in tokens[at].split(":"))
        return _with_half(tokens, hour, minute, at + 1)
    if (quarter := _word(_QUARTERS, tokens, at)) and (hour := _whole(tokens, quarter[1])):
        minutes = hour[0] * 60 + quarter[0]
        # A quarter to one is 12:45; before 00:00 there is nothing.
        minutes += 720 if 0 < hour[0] <= 1 and minutes < 60 else 0
        return _with_half(tokens, minutes // 60, minutes % 60, hour[1])
    is_hour = _word(_AT, tokens, at)
    number = _whole(tokens, is_hour[1] if is_hour else at)
    if not number:
        return None
    marked = _word(_OCLOCK, tokens, number[1]) or _word(_HALVES, tokens, number[1])
    part = _word(_PARTS, tokens, _skip(_BEFORE_PART, tokens, number[1]))
    return _with_half(tokens, number[0], 0, number[1]) if marked or is_hour or part else None


def _with_half(tokens: Tokens, hour: int, minute: int, behind: int) -> tuple[Clock, int] | None:
    behind = _skip(_OCLOCK, tokens, behind)
    half = _word(_HALVES, tokens, behind)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return Clock(hour, minute, half[0] if half else None), half[1] if half else behind


def day_part(tokens: Tokens) -> DayPart | None:
    """`morning`, `shaam`, `दोपहर`."""
    return _leftmost(lambda all_of, at: _word(_PARTS, all_of, at), tokens)


def day_word(tokens: Tokens) -> DayWord | None:
    """`tomorrow`, `do din`, `शुक्रवार`, `next week`."""
    return _leftmost(_day, tokens)


def _day(tokens: Tokens, at: int) -> tuple[DayWord, int] | None:
    if ahead := _word(_AHEAD, tokens, at):
        return DayWord(ahead=ahead[0]), ahead[1]
    if weekday := _word(_WEEKDAYS, tokens, at):
        return DayWord(weekday=weekday[0]), weekday[1]
    number = _whole(tokens, at)
    if number and (unit := _word(_DAY_UNITS, tokens, number[1])):
        return DayWord(ahead=number[0] * unit[0]), unit[1]
    return None
