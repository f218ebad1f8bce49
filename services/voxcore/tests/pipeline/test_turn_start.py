"""Guards what interrupts the bot: a call in which "hmm" cuts the bot off, or "stop, wrong number" does not."""

import pytest
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)

pytestmark = [pytest.mark.unit]

BOT_STARTS, BOT_STOPS = BotStartedSpeakingFrame, BotStoppedSpeakingFrame


def voice() -> VADUserStartedSpeakingFrame:
    return VADUserStartedSpeakingFrame(start_secs=0.2)


def quiet() -> VADUserStoppedSpeakingFrame:
    return VADUserStoppedSpeakingFrame(stop_secs=0.4)


def interim(text: str) -> InterimTranscriptionFrame:
    return InterimTranscriptionFrame(text=text, user_id="", timestamp="")


def final(text: str) -> TranscriptionFrame:
    frame = TranscriptionFrame(text=text, user_id="", timestamp="")
    frame.finalized = True
    return frame


@pytest.mark.parametrize(
    ("min_words", "text", "interrupts"),
    [
        (0, "wait", True),
        (1, "wait", True),
        (1, "okay", False),
        (2, "wait", False),
        (2, "wait a", True),
        (3, "wait a", False),
        (3, "wait a moment", True),
        (3, "yes yes yes", False),
        (3, "ok right sure haan", False),
        (10, "nine words are not quite enough for this bot", False),
        (10, "agent", True),
        (3, "नहीं यह गलत है", True),
    ],
)
@pytest.mark.parametrize("make", [interim, final], ids=["interim", "final"])
async def test_t4_t6_t7_words_interrupt_a_speaking_bot_from_their_number_on(
    turn_bench, make, min_words, text, interrupts
):
    async with turn_bench(min_words=min_words) as bench:
        await bench.feed(BOT_STARTS(), make(text))
        assert (bench.cuts > 0) is interrupts
        assert bool(bench.interruptions) is interrupts


async def test_t4_zero_words_mean_that_any_voice_interrupts(turn_bench):
    async with turn_bench(min_words=0) as bench:
        await bench.feed(BOT_STARTS(), voice())
        assert bench.interruptions == [("vad", "")]
        assert bench.cuts == 1


async def test_t4_voice_alone_does_not_interrupt_when_words_are_asked_for(turn_bench):
    async with turn_bench(min_words=1) as bench:
        await bench.feed(BOT_STARTS(), voice(), quiet())
        assert bench.cuts == 0
        assert bench.ended == []


async def test_t4_too_few_words_are_kept_and_become_the_turn_when_the_bot_has_spoken(turn_bench, until):
    async with turn_bench(min_words=3) as bench:
        await bench.feed(BOT_STARTS(), voice(), final("not today"), quiet())
        assert (bench.turns, bench.cuts) == ([], 0)
        bench.now += 4
        await bench.feed(BOT_STOPS())
        await until(lambda: bench.turns)
        assert bench.turns == ["not today"]
        assert bench.runs == 1


async def test_t4_kept_words_come_before_the_words_that_interrupt(turn_bench, until):
    async with turn_bench(min_words=3) as bench:
        await bench.feed(BOT_STARTS(), voice(), final("not that"), quiet(), voice(), interim("I want the other"))
        await bench.feed(final("I want the other one"), quiet())
        await until(lambda: bench.turns)
        assert bench.turns == ["not that I want the other one"]
        assert bench.runs == 1


@pytest.mark.parametrize(("silent_bot_starts_turn", "frames"), [("vad", [voice()]), ("text", [interim("hello")])])
async def test_t4_while_the_bot_is_silent_voice_or_any_word_begins_a_turn(turn_bench, silent_bot_starts_turn, frames):
    async with turn_bench() as bench:
        await bench.feed(*frames)
        assert bench.speech.turn_began_at > 0
        assert bench.interruptions == []


async def test_a_turn_after_the_bots_last_word_does_not_cut_that_word(turn_bench):
    async with turn_bench() as bench:
        bench.speech.bot_busy = lambda: False
        await bench.feed(BOT_STARTS(), BOT_STOPS(), voice())
        assert bench.cuts == 0
    async with turn_bench() as bench:  # an answer on its way is stopped, though
        bench.speech.bot_busy = lambda: True
        await bench.feed(voice())
        assert bench.cuts == 1


async def test_t7_old_backchannel_is_dropped_and_the_last_one_is_the_answer(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(BOT_STARTS(), voice(), final("hmm"), quiet())
        bench.now += 5
        await bench.feed(voice(), final("yes"), quiet())
        bench.now += 1.0
        await bench.feed(BOT_STOPS())
        await until(lambda: bench.turns)
        assert bench.turns == ["yes"]
        assert bench.ignored == ["hmm"]


async def test_t7_backchannel_whose_text_comes_after_the_bots_end_is_judged_by_when_it_was_said(turn_bench):
    async with turn_bench() as bench:
        await bench.feed(BOT_STARTS(), voice(), quiet())
        bench.now += 3
        await bench.feed(BOT_STOPS(), final("okay"))
        assert (bench.turns, bench.ignored) == ([], ["okay"])


async def test_t7_while_the_bot_is_silent_the_same_words_are_an_answer(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(BOT_STARTS(), BOT_STOPS())
        bench.now += 2
        await bench.feed(voice(), final("yes"), quiet())
        await until(lambda: bench.turns)
        assert bench.turns == ["yes"]


async def test_t5_backchannel_after_an_interruption_by_voice_makes_no_turn(turn_bench, until):
    async with turn_bench(min_words=0) as bench:
        await bench.feed(BOT_STARTS(), voice(), BOT_STOPS(), final("mm-hmm okay"), quiet())
        await until(lambda: bench.ended)
        assert bench.ended == [None] or bench.ended == [""]
        assert bench.runs == 0


async def test_t2_the_opening_is_interrupted_by_high_intent_alone(turn_bench):
    async with turn_bench(min_words=0) as bench:
        bench.speech.guard = True
        await bench.feed(voice(), BOT_STARTS(), voice(), interim("what is this all about please"))
        assert bench.cuts == 0
        await bench.feed(interim("this is the wrong number"))
        assert bench.interruptions == [("high_intent", "this is the wrong number")]


async def test_t2_words_during_the_opening_are_answered_right_after_it(turn_bench, until):
    async with turn_bench() as bench:
        bench.speech.guard = True
        await bench.feed(BOT_STARTS(), voice(), final("who is calling me today"), quiet(), BOT_STOPS())
        assert bench.turns == []
        bench.speech.guard = False
        await bench.start.release()
        await until(lambda: bench.turns)
        assert bench.turns == ["who is calling me today"]


async def test_without_interruptions_nothing_stops_the_bot(turn_bench):
    async with turn_bench(min_words=0, allow_interruptions=False) as bench:
        await bench.feed(BOT_STARTS(), voice(), interim("stop I want an agent now"), final("stop I want an agent now"))
        assert bench.cuts == 0
        assert bench.start.kept_text == "stop I want an agent now"


async def test_a_bot_that_says_goodbye_is_not_stopped_any_more(turn_bench):
    async with turn_bench(min_words=0) as bench:
        bench.speech.closing = True
        await bench.feed(BOT_STARTS(), voice(), final("wait this is the wrong number"), quiet(), BOT_STOPS())
        assert (bench.cuts, bench.turns) == (0, [])
        assert bench.start.kept_text == "wait this is the wrong number"


async def test_own_lists_replace_the_built_in_ones(turn_bench):
    async with turn_bench(min_words=5, high_intent_phrases=["mayday"], backchannel_phrases=[]) as bench:
        await bench.feed(BOT_STARTS(), interim("agent"))
        assert bench.cuts == 0
        await bench.feed(interim("mayday mayday"))
        assert bench.interruptions == [("high_intent", "mayday mayday")]
