"""Guards the silent customer: asked again, then let go, but never while somebody speaks, thinks or works."""

import asyncio

import pytest
from voxcore.pipeline.idle import Silence, SilencePlan
from voxcore.pipeline.limits import Limits
from voxcore.pipeline.turns.state import SpeechState
from voxkit.contracts.runtime_config import ReEngagement

pytestmark = [pytest.mark.unit]


class Call:
    """A silence counter whose plan says everything at once."""

    def __init__(self, plan: SilencePlan | None) -> None:
        self.said: list[str] = []
        self.ended: list[str] = []
        self.speech = SpeechState()
        self.silence = Silence(plan, self.speech, self._say, self._end)

    async def _say(self, text: str, attempt: int) -> None:
        assert attempt == len(self.said) + 1
        self.said.append(text)

    async def _end(self, final: str) -> None:
        self.ended.append(final)


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


def test_t9_messages_repeat_the_last_one_up_to_the_number_of_attempts():
    messages = ReEngagement(messages=["Hello?", "Still there?"], max_attempts=4, final_message="Bye")
    assert SilencePlan.of(messages, 60).messages == ("Hello?", "Still there?", "Still there?", "Still there?")
    assert SilencePlan.of(ReEngagement(messages=["a", "b"], max_attempts=1), 60).messages == ("a",)
    assert SilencePlan.of(ReEngagement(messages=["a", "b"]), 60).messages == ("a", "b")


def test_t10_without_re_engagement_dead_air_ends_the_call_and_zero_means_never():
    assert SilencePlan.of(None, 60) == SilencePlan(60)
    assert SilencePlan.of(ReEngagement(enabled=False, messages=["a"]), 30) == SilencePlan(30)
    assert SilencePlan.of(None, 0) is None


async def test_t9_messages_then_the_end_with_the_final_message():
    call = Call(SilencePlan(0.02, ("one", "two"), "bye"))
    call.silence.arm()
    await until(lambda: call.ended)
    assert (call.said, call.ended) == (["one", "two"], ["bye"])


async def test_t9_words_of_the_customer_begin_the_count_anew():
    call = Call(SilencePlan(0.02, ("one", "two")))
    call.silence.arm()
    await until(lambda: len(call.said) == 2)
    call.silence.heard("  ")
    call.silence.heard("yes")
    call.said.clear()
    await until(lambda: call.ended)
    assert call.said == ["one", "two"]


@pytest.mark.parametrize("busy", ["user", "bot", "guard", "tool", "thinking", "closing"])
async def test_t9_no_silence_is_counted_while_anything_happens(busy):
    call = Call(SilencePlan(0.02, ("one",)))
    pause = call.silence.pause()
    if busy == "user":
        call.speech.user_speaking = True
    elif busy == "bot":
        call.speech.bot_speaking = True
    elif busy == "guard":
        call.speech.guard = True
    elif busy == "closing":
        call.speech.closing = True
    elif busy == "thinking":
        call.silence.thinking(True)
    else:
        pause.__enter__()
    call.silence.arm()
    await asyncio.sleep(0.1)
    assert call.said == []
    if busy == "tool":
        pause.__exit__(None, None, None)
    call.speech.user_speaking = call.speech.bot_speaking = call.speech.guard = call.speech.closing = False
    call.silence.thinking(False)
    await until(lambda: call.said)


async def test_nothing_is_said_before_the_conversation_begins_nor_after_its_end():
    call = Call(SilencePlan(0.01, ("one",)))
    call.speech.changed()
    await asyncio.sleep(0.05)
    call.silence.arm()
    call.silence.stop()
    await asyncio.sleep(0.05)
    assert (call.said, call.ended) == ([], [])


async def test_t11_the_soft_end_comes_first_and_the_hard_stop_cuts_what_still_runs():
    happened: list[str] = []

    async def soft() -> None:
        happened.append("soft")
        await asyncio.Event().wait()

    async def hard() -> None:
        happened.append("hard")

    limits = Limits(0.01, soft, hard, hard_stop_s=0.05)
    limits.start()
    await until(lambda: "hard" in happened)
    assert happened == ["soft", "hard"]
    await limits.stop()


async def test_t11_a_call_that_ended_is_not_limited():
    async def never() -> None:
        raise AssertionError("the call was over")

    limits = Limits(0.02, never, never)
    limits.start()
    await limits.stop()
    await asyncio.sleep(0.06)
