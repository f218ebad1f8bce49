"""Guards the end of a turn: an answer to half a sentence, or a bot that never answers."""

import asyncio

import pytest
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from voxcore.pipeline.turns import stop

pytestmark = [pytest.mark.unit]


def voice() -> VADUserStartedSpeakingFrame:
    return VADUserStartedSpeakingFrame(start_secs=0.2)


def quiet() -> VADUserStoppedSpeakingFrame:
    return VADUserStoppedSpeakingFrame(stop_secs=0.4)


def interim(text: str) -> InterimTranscriptionFrame:
    return InterimTranscriptionFrame(text=text, user_id="", timestamp="")


def final(text: str, *, finalized: bool = True) -> TranscriptionFrame:
    frame = TranscriptionFrame(text=text, user_id="", timestamp="")
    frame.finalized = finalized
    return frame


async def test_t3_a_finished_sentence_ends_the_turn_with_its_final_text(turn_bench, until):
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet(), final("where is my order"))
        await until(lambda: bench.turns)
        assert bench.turns == ["where is my order"]
        assert bench.model.asked == 1


async def test_t3_the_text_may_come_before_the_verdict(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), final("yes please"), quiet())
        await until(lambda: bench.turns)
        assert bench.runs == 1


async def test_t3_an_unfinished_sentence_waits_for_more_and_ends_by_silence(turn_bench, until):
    async with turn_bench() as bench:
        bench.model.probability = 0.01
        await bench.feed(voice(), final("I would like to start, um,"), quiet())
        assert bench.turns == []
        bench.model.probability = 0.98
        await bench.feed(voice(), final("the form"), quiet())
        await until(lambda: bench.turns)
        assert bench.turns == ["I would like to start, um, the form"]


async def test_t3_one_segment_in_work_keeps_the_turn_open(turn_bench, until):
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet(), final("yes,", finalized=False))
        assert bench.turns == []
        await bench.feed(final("this is a good time"))
        await until(lambda: bench.turns)
        assert bench.turns == ["yes, this is a good time"]


async def test_t3_a_segment_is_awaited_for_three_seconds_at_most(turn_bench, until, monkeypatch):
    assert stop.SEGMENT_WAIT_S == 3.0
    monkeypatch.setattr(stop, "SEGMENT_WAIT_S", 0.05)
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet())
        await until(lambda: bench.ended)
        assert bench.runs == 0


async def test_t3_without_a_final_text_the_latest_interim_text_is_used(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), interim("I need"), interim("I need help"), quiet())
        await until(lambda: bench.turns)
        assert bench.turns == ["I need help"]
        await bench.feed(final("I need help."))  # the recogniser was late
        assert bench.turns == ["I need help"]
        bench.now += 5
        await bench.feed(voice(), final("with my order"), quiet())
        await until(lambda: len(bench.turns) == 2)
        assert bench.turns == ["I need help", "with my order"]
        assert bench.runs == 2


async def test_t3_no_text_at_all_is_no_turn(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), quiet())
        await until(lambda: bench.ended)
        assert (bench.runs, bench.turns) == (0, [])


async def test_t3_an_empty_final_ends_a_turn_without_words_at_once(turn_bench, until):
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet(), final(""))
        await until(lambda: bench.ended)
        assert bench.runs == 0


async def test_t3_mode_vad_ends_by_silence_alone(turn_bench, until):
    async with turn_bench(mode="vad", vad_stop_secs=0.45) as bench:
        bench.model.probability = 0.01
        await bench.feed(voice(), final("hello there"), quiet())
        await until(lambda: bench.turns)
        assert bench.model.asked == 0


async def test_t3_mode_stt_ends_by_the_recognisers_own_signal(turn_bench, until):
    async with turn_bench(mode="stt", transcript_wait_ms=5000) as bench:
        await bench.feed(ProposedUserStartedSpeakingFrame(), interim("what time"))
        assert bench.turns == []
        await bench.feed(final("what time is it"), ProposedUserStoppedSpeakingFrame())
        await until(lambda: bench.turns)
        assert bench.turns == ["what time is it"]


async def test_t3_mode_stt_does_not_end_a_turn_because_vad_is_quiet(turn_bench):
    async with turn_bench(mode="stt") as bench:
        await bench.feed(voice(), interim("I think that"), quiet())
        assert bench.ended == []


async def test_a_recognisers_opinion_does_not_count_where_the_turn_model_decides(turn_bench):
    async with turn_bench(mode="smart_turn") as bench:
        await bench.feed(voice(), interim("I think"), ProposedUserStoppedSpeakingFrame())
        assert bench.ended == []
        assert bench.speech.user_speaking


async def test_t3_a_doubtful_verdict_ends_the_turn_when_the_words_end_like_a_sentence(turn_bench, until):
    async with turn_bench() as bench:
        bench.model.probability = 0.13
        await bench.feed(voice(), final("Can I change the delivery time to Friday afternoon?"), quiet())
        await until(lambda: bench.turns)


async def test_t3_words_without_an_end_do_not_help_a_doubtful_verdict(turn_bench):
    async with turn_bench() as bench:
        bench.model.probability = 0.13
        await bench.feed(voice(), final("I have already paid"), quiet())
        assert bench.ended == []


async def test_t3_words_that_cannot_end_a_sentence_wait_for_silence_whatever_the_model_says(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), final("I would like to speak to"), quiet())
        assert bench.ended == []
        bench.model.silent = True
        await bench.feed(InputAudioRawFrame(audio=bytes(640), sample_rate=8000, num_channels=1))
        await until(lambda: bench.turns)
        assert bench.turns == ["I would like to speak to"]


async def test_t3_words_that_cannot_end_a_sentence_outlast_the_wait_for_their_text(turn_bench, until, monkeypatch):
    monkeypatch.setattr(stop, "SEGMENT_WAIT_S", 0.5)
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet(), final("send it to the"))
        await asyncio.sleep(0.6)
        assert bench.ended == []
        await bench.feed(voice(), final("office"), quiet())
        await until(lambda: bench.turns)
        assert bench.turns == ["send it to the office"]


async def test_t3_the_words_of_another_language_are_left_to_the_model(turn_bench, until):
    async with turn_bench(language="de") as bench:
        await bench.feed(voice(), final("Ich gehe an"), quiet())
        await until(lambda: bench.turns)
        bench.model.probability = 0.13
        await bench.feed(voice(), final("Bis Freitag."), quiet())
        assert len(bench.turns) == 1


async def test_a_model_asked_early_in_the_pause_is_not_asked_again_at_its_end(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), final("where is my order?"))
        bench.speech.paused()
        await until(lambda: bench.model.asked == 1)
        assert bench.ended == []
        await bench.feed(quiet())
        await until(lambda: bench.turns)
        assert bench.model.asked == 1


async def test_an_early_verdict_does_not_outlive_its_pause(turn_bench, until):
    async with turn_bench() as bench:
        await bench.feed(voice(), final("Yes."))
        bench.speech.paused()
        await until(lambda: bench.model.asked == 1)
        bench.model.probability = 0.01
        bench.speech.paused()
        await until(lambda: bench.model.asked == 2)
        await bench.feed(quiet())
        assert bench.ended == []


async def test_words_that_wait_for_the_bot_were_decided_when_the_model_heard_them(turn_bench, until):
    async with turn_bench() as bench:
        bench.speech.bot_speaking = True
        await bench.feed(voice(), quiet())
        await until(lambda: bench.speech.decided_at)
        decided_at = bench.speech.decided_at
        bench.now += 2
        bench.model.silent = True
        await bench.feed(InputAudioRawFrame(audio=bytes(640), sample_rate=8000, num_channels=1))
        assert bench.speech.decided_at == decided_at


async def test_a_turn_held_by_its_words_is_decided_when_silence_ends_it(turn_bench, until):
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet())
        await until(lambda: bench.speech.decided_at)
        await bench.feed(final("I would like to speak to"))
        bench.now += 1.2
        bench.model.silent = True
        await bench.feed(InputAudioRawFrame(audio=bytes(640), sample_rate=8000, num_channels=1))
        await until(lambda: bench.turns)
        assert bench.speech.decided_at == bench.now


async def test_speech_that_goes_on_makes_an_earlier_verdict_stale(turn_bench, until):
    async with turn_bench(streaming=False) as bench:
        await bench.feed(voice(), quiet(), voice(), final("first part", finalized=False))
        assert bench.turns == []
        await bench.feed(quiet(), final("second part"))
        await until(lambda: bench.turns)
        assert bench.turns == ["first part second part"]


def test_the_turn_model_is_required_where_it_decides():
    from voxcore.pipeline.turns.state import SpeechState, TurnRules
    from voxkit.contracts.runtime_config import Turn, Vad

    with pytest.raises(ValueError, match="needs a turn model"):
        stop.VoxUserTurnStop(TurnRules.of(Turn(), Vad(), 3), SpeechState(), "smart_turn")
