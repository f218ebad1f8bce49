"""A transcript that shows an answer before its question is of no use to anybody."""

from __future__ import annotations

import asyncio

import pytest
from voxctl.live_transcript import LiveTranscript
from voxphone.report import Moment

pytestmark = [pytest.mark.unit]


class Shown(list[tuple[str, str]]):
    def __call__(self, _at_s: float, who: str, text: str) -> None:
        self.append((who, text))


def bot(started_s: float, text: str, at_s: float) -> Moment:
    return Moment(at_s=at_s, kind="bot_said", text=text, data={"started_s": started_s})


def caller(at_s: float, text: str, sound: str = "say") -> Moment:
    return Moment(at_s=at_s, kind="caller_says", text=text, data={"sound": sound})


async def test_the_bot_comes_first_when_its_words_are_read_after_the_caller_began() -> None:
    shown = Shown()
    transcript = LiveTranscript(shown, hold_s=60)
    transcript.hear(caller(4.0, "Where is my order?"))
    transcript.hear(bot(0.2, "Hello, how can I help?", at_s=4.6))
    transcript.hear(bot(6.0, "On its way.", at_s=8.0))
    assert shown == [("bot", "Hello, how can I help?"), ("caller", "Where is my order?"), ("bot", "On its way.")]


async def test_a_caller_whom_nobody_answers_is_shown_after_a_moment() -> None:
    shown = Shown()
    LiveTranscript(shown, hold_s=0).hear(caller(4.0, "Hello?"))
    async with asyncio.timeout(30):
        while not shown:
            await asyncio.sleep(0.01)
    assert shown == [("caller", "Hello?")]


async def test_the_end_of_the_call_shows_what_is_left() -> None:
    shown = Shown()
    transcript = LiveTranscript(shown, hold_s=60)
    transcript.hear(caller(1.0, "babble", sound="noise"))
    transcript.hear(Moment(at_s=2.0, kind="dtmf", text="5"))
    transcript.flush()
    assert shown == [("caller", "(babble noise)"), ("caller", "(presses 5)")]


async def test_silence_that_was_read_as_nothing_is_no_line() -> None:
    shown = Shown()
    LiveTranscript(shown).hear(bot(0.0, "", at_s=1.0))
    assert shown == []
