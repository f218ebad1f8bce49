"""A callee that speaks at another moment from run to run makes behaviour tests flicker; here a tick is all the time."""

import numpy as np
import pytest
from voxphone import pcm
from voxphone.callee import Callee, Checkpoint, Leave, Note, PressKey
from voxphone.ear import Ear, JitterBuffer
from voxphone.errors import PhoneError

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

LOUD = pcm.tone(400, 0.02, -20).astype("<i2").tobytes()
CLIP = pcm.tone(300, 1.0, -12)


class Rehearsal:
    """A callee and a bot whose speech is written down as tick ranges."""

    def __init__(self, persona, bot=()):
        self.ear = Ear()
        clips = {text: np.concatenate((np.zeros(480, np.int16), CLIP)) for text in persona.texts()}
        self.callee = Callee(persona, clips, self.ear)
        self.bot = bot
        self.said: list[bytes] = []
        self.acts: list[tuple[int, object]] = []

    def run(self, ticks):
        for tick in range(ticks):
            speaking = any(first <= tick < last for first, last in self.bot)
            self.ear.hear(LOUD if speaking else pcm.SILENCE)
            self.said.append(self.callee.frame())
            self.acts += [(tick, act) for act in self.callee.take_acts()]
        return self

    @property
    def loud_ticks(self):
        return [i for i, frame in enumerate(self.said) if pcm.level_dbfs(frame) > pcm.AUDIBLE_DBFS]

    def of(self, kind):
        return [(tick, act) for tick, act in self.acts if isinstance(act, kind)]


def test_the_callee_waits_until_the_bot_has_been_silent_for_the_asked_time(persona):
    told = Rehearsal(persona("wait_for_bot: {silence_s: 0.5}", "say: hello"), bot=[(10, 50)]).run(200)
    # The last audible tick is 49; 0.5 s are 25 ticks; the voice begins in the tick that sees them full.
    assert told.loud_ticks[0] == 74
    assert len(told.loud_ticks) == 50


def test_a_comma_in_the_bots_speech_does_not_end_its_turn(persona):
    told = Rehearsal(persona("wait_for_bot: {silence_s: 0.5}", "say: hello"), bot=[(10, 50), (60, 90)]).run(200)
    assert told.loud_ticks[0] == 114


def test_a_second_wait_needs_a_second_utterance(persona):
    who = persona("wait_for_bot: {silence_s: 0.2}", "wait_for_bot: {silence_s: 0.2}", "say: hello")
    assert Rehearsal(who, bot=[(0, 20), (100, 120)]).run(300).loud_ticks[0] == 129


def test_what_the_bot_said_before_the_caller_spoke_is_no_answer(persona):
    who = persona("say: hello", "wait_for_bot: {silence_s: 0.2}", "say: again")
    told = Rehearsal(who, bot=[(0, 30), (100, 120)]).run(300)
    assert told.loud_ticks[50] == 129


def test_a_wait_that_runs_out_is_noted_and_the_call_goes_on(persona):
    told = Rehearsal(persona("wait_for_bot: {timeout_s: 1}", "say: hello")).run(100)
    assert told.loud_ticks[0] == 50
    assert "had not finished" in told.of(Note)[0][1].text


def test_a_barge_in_begins_after_the_given_time_of_bot_speech(persona):
    told = Rehearsal(persona("say: {text: stop, while_bot_speaks_s: 0.5}"), bot=[(20, 200)]).run(100)
    assert told.loud_ticks[0] == 44
    assert told.callee.marks[0].over_bot


def test_a_sentence_cut_by_a_hang_up_ends_there(persona):
    told = Rehearsal(persona("say: {text: hello, hang_up_after_s: 0.4}")).run(100)
    assert len(told.loud_ticks) == 20
    assert told.of(Leave) == [(20, Leave(mid_sentence=True))]


def test_keys_come_one_by_one_with_their_gap(persona):
    told = Rehearsal(persona("dtmf: {digits: '4#', gap_s: 0.2}")).run(50)
    assert told.of(PressKey) == [(0, PressKey("4")), (10, PressKey("#"))]


def test_the_level_of_speech_is_that_of_the_persona_or_of_the_step(persona):
    who = persona("say: a", "say: {text: b, volume_dbfs: -40}", volume_dbfs=-30)
    told = Rehearsal(who).run(100)
    levels = [pcm.level_dbfs(told.said[tick]) for tick in (20, 70)]
    assert levels == pytest.approx([-30, -40], abs=0.5)


def test_leading_silence_of_a_clip_is_cut_so_that_ends_are_sounds(persona):
    told = Rehearsal(persona("say: hello")).run(60)
    assert told.loud_ticks == list(range(50))
    assert (told.callee.marks[0].first_tick, told.callee.marks[0].last_tick) == (0, 49)


def test_a_loop_repeats_and_an_endless_one_does_not_hang_on_empty_steps(persona):
    told = Rehearsal(persona("repeat: {times: 3, steps: [{dtmf: {digits: '1', gap_s: 0}}]}")).run(20)
    assert len(told.of(PressKey)) == 3
    assert len(Rehearsal(persona("repeat: {steps: [{expect: x}]}")).run(20).of(Checkpoint)) == 20


@pytest.mark.parametrize(("bot", "key"), [([(0, 10), (40, 50)], "2"), ([(0, 10)], "1")])
def test_branches_go_by_the_number_of_bot_turns(persona, bot, key):
    who = persona(
        "pause: 2", "if_bot_turns: {at_least: 2, then: [{dtmf: {digits: '2'}}], otherwise: [{dtmf: {digits: '1'}}]}"
    )
    assert Rehearsal(who, bot).run(150).of(PressKey) == [(100, PressKey(key))]


def test_after_the_last_step_the_caller_lingers_and_then_hangs_up(persona):
    assert Rehearsal(persona("pause: 0.2", linger_s=0.4)).run(60).of(Leave) == [(30, Leave())]


def test_noise_is_the_same_in_every_run_and_another_with_another_seed(persona):
    who = persona("noise: {for_s: 0.4, level_dbfs: -30}")
    first, second = Rehearsal(who).run(30), Rehearsal(who).run(30)
    assert first.said == second.said
    other = Rehearsal(persona("noise: {for_s: 0.4, level_dbfs: -30}", seed=2)).run(30)
    assert other.said != first.said
    assert pcm.level_dbfs(b"".join(first.said[:20])) == pytest.approx(-30, abs=0.5)


def test_an_expectation_looks_back_to_the_callers_last_word(persona):
    told = Rehearsal(persona("pause: 1", "say: hello", "pause: 1", "expect: order")).run(200)
    assert [(c.since_tick, c.tick) for _, c in told.of(Checkpoint)] == [(50, 150)]


def test_a_persona_without_its_clips_is_refused_before_the_call(persona):
    with pytest.raises(PhoneError, match="no audio for 'hello'"):
        Callee(persona("say: hello"), {}, Ear())


# --- the jitter buffer --------------------------------------------------------------------------------------------


def played(buffer, arrivals, ticks):
    """Ticks in which something audible was played; `arrivals`: tick -> frames."""
    out = []
    for tick in range(ticks):
        buffer.push(LOUD * arrivals.get(tick, 0))
        if buffer.pop() != pcm.SILENCE:
            out.append(tick)
    return out


def test_the_jitter_buffer_holds_back_40_ms_and_then_plays_without_a_gap():
    assert played(JitterBuffer(40), dict.fromkeys(range(10), 1), 15) == list(range(1, 11))


def test_a_late_frame_is_bridged_by_what_was_held_back():
    arrivals = {0: 1, 1: 1, 2: 1, 4: 2, 5: 1}
    assert played(JitterBuffer(40), arrivals, 10) == list(range(1, 7))


def test_an_utterance_shorter_than_the_buffer_is_still_heard():
    assert len(played(JitterBuffer(100), {0: 1}, 20)) == 1


def test_a_flush_drops_what_was_queued_and_says_how_much():
    buffer = JitterBuffer(40)
    buffer.push(LOUD * 5)
    assert buffer.pop() != pcm.SILENCE
    assert buffer.flush() == 80
    assert buffer.pop() == pcm.SILENCE


def test_after_a_flush_the_next_utterance_is_held_back_again():
    buffer = JitterBuffer(40)
    buffer.push(LOUD * 5)
    buffer.pop()
    buffer.flush()
    assert played(buffer, {0: 1, 1: 1, 2: 1}, 6) == [1, 2, 3]
