"""While a tool works the customer must not sit in silence, nor hear the same thing twice."""

from __future__ import annotations

import asyncio
import selectors
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from voxcore.pipeline.tools.http_tool import HttpOutcome
from voxcore.pipeline.tools.timing import POLICIES, Words

pytestmark = [pytest.mark.unit]

SAY = "say you are looking it up"


def tool(api: Any, timing: str, path: str = "/ok", intent: str = SAY) -> dict[str, Any]:
    return {"name": "look", "url": api.url + path, "timing": timing, "hold_message_intent": intent}


async def test_speak_then_run_plays_the_hold_message_to_its_end_first(api: Any, bench: Any) -> None:
    made = bench(tool(api, "speak_then_run"))
    answer = await made.call("look", hold_message="Let me look.")
    assert answer.data["status"] == "success"
    assert made.host.log == ["say Let me look.", "said", "request GET /ok"]


async def test_speak_and_run_parallel_asks_while_the_bot_speaks_and_answers_after_both(api: Any, bench: Any) -> None:
    made = bench(tool(api, "speak_and_run_parallel"))
    made.host.speech_gate = asyncio.Event()
    running = asyncio.create_task(made.call("look", hold_message="Let me look."))
    while len(api.requests) < 1:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert not running.done()
    made.host.speech_gate.set()
    assert (await running).data["status"] == "success"
    assert made.host.log == ["say Let me look.", "request GET /ok", "said"]


async def test_immediate_says_nothing_when_the_answer_comes_soon(api: Any, bench: Any) -> None:
    made = bench(tool(api, "immediate"))
    await made.call("look", hold_message="Let me look.")
    assert made.host.log == ["request GET /ok"]


class JumpingSelector(selectors.DefaultSelector):
    """Where the loop would wait, its clock jumps: seconds pass at once and nothing depends on this machine's speed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


class SpeakingHost:
    """A bot whose every sentence takes 1.5 s; `log` holds what was said and asked, with the second it began."""

    def __init__(self, language: str = "en", customer_turns: list[int] | None = None) -> None:
        self.config = SimpleNamespace(tts=SimpleNamespace(language=language))
        self.log: list[tuple[float, str]] = []
        self.customer_turn = 1
        self.quiet = True

    def note(self, text: str) -> None:
        self.log.append((round(asyncio.get_running_loop().time(), 1), text))

    async def say_and_wait(self, text: str) -> bool:
        self.note(text)
        await asyncio.sleep(1.5)
        return True

    async def wait_until_played(self) -> None:
        self.note("(own words)")
        await asyncio.sleep(1.5)

    async def wait_for_silence(self, seconds: float, max_seconds: float) -> bool:
        return self.quiet


def play(host: Any, timing: str, takes_s: float, *, hold: str = "", spoken: str = "") -> list[tuple[float, str]]:
    """What was said and asked, and when, while a request of `takes_s` seconds ran under a policy."""

    async def request() -> HttpOutcome:
        host.note("request")
        await asyncio.sleep(takes_s)
        host.note("answer")
        return HttpOutcome("success")

    async def run() -> None:
        assert (await POLICIES[timing](request, Words(host, hold, spoken))).status == "success"
        host.note("end")

    loop = VirtualLoop()
    try:
        loop.run_until_complete(run())
    finally:
        loop.close()
    return host.log


HOLD = "Let me look."


@pytest.mark.parametrize(
    ("timing", "takes_s", "spoken", "expected"),
    [
        ("immediate", 2.4, "", [(0, "request"), (2.4, "answer"), (2.4, "end")]),
        ("immediate", 3.0, "", [(0, "request"), (2.5, HOLD), (3.0, "answer"), (4.0, "end")]),
        (
            "immediate", 7.0, "",
            [(0, "request"), (2.5, HOLD), (6.0, "One moment, please."), (7.0, "answer"), (7.5, "end")],
        ),
        ("immediate", 3.4, "Sure.", [(0, "request"), (0, "(own words)"), (3.4, "answer"), (3.4, "end")]),
        (
            "immediate", 4.0, "Sure.",
            [(0, "request"), (0, "(own words)"), (3.5, "One moment, please."), (4.0, "answer"), (5.0, "end")],
        ),
        ("immediate", 1.0, "Sure.", [(0, "request"), (0, "(own words)"), (1.0, "answer"), (1.0, "end")]),
        ("speak_then_run", 1.0, "", [(0, HOLD), (1.5, "request"), (2.5, "answer"), (2.5, "end")]),
        (
            "speak_then_run", 3.0, "",
            [(0, HOLD), (1.5, "request"), (3.5, "One moment, please."), (4.5, "answer"), (5.0, "end")],
        ),
        ("speak_and_run_parallel", 1.0, "", [(0, HOLD), (0, "request"), (1.0, "answer"), (1.5, "end")]),
        (
            "speak_and_run_parallel", 3.6, "",
            [(0, HOLD), (0, "request"), (3.5, "One moment, please."), (3.6, "answer"), (5.0, "end")],
        ),
    ],
)  # fmt: skip
@pytest.mark.virtual_time
def test_each_policy_speaks_and_asks_in_its_order_and_breaks_long_silences(
    timing: str, takes_s: float, spoken: str, expected: list[tuple[float, str]]
) -> None:
    assert play(SpeakingHost(), timing, takes_s, hold=HOLD, spoken=spoken) == expected


@pytest.mark.virtual_time
@pytest.mark.parametrize("timing", ["immediate", "speak_then_run", "speak_and_run_parallel"])
def test_no_silence_is_longer_than_two_and_a_half_seconds_while_a_request_runs(timing: str) -> None:
    said = [at for at, text in play(SpeakingHost(), timing, 29.0, hold=HOLD) if text not in ("request", "answer")]
    assert all(later - (earlier + 1.5) <= 2.5 for earlier, later in pairwise(said))


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("language", "hold", "said"),
    [
        ("en-IN", "", ["One moment, please.", "I am still working on it.", "Thank you for your patience."]),
        ("hi", "", ["एक क्षण, कृपया।", "कृपया थोड़ा इंतज़ार करें।", "बस थोड़ा और समय।"]),
        ("hi", "देखता हूँ।", ["देखता हूँ।", "एक क्षण, कृपया।", "कृपया थोड़ा इंतज़ार करें।"]),
        ("ta", "ஒரு நிமிடம்.", ["ஒரு நிமிடம்."] * 3),
        ("ta", "", ["One moment, please.", "I am still working on it.", "Thank you for your patience."]),
    ],
)
def test_what_is_said_is_in_the_language_of_the_call_as_far_as_it_is_known(
    language: str, hold: str, said: list[str]
) -> None:
    log = play(SpeakingHost(language), "immediate", 11.0, hold=hold)
    assert [text for _, text in log if text not in ("request", "answer", "end")] == said


@pytest.mark.virtual_time
def test_a_customer_who_took_the_turn_or_is_speaking_is_not_talked_over() -> None:
    speaking = SpeakingHost()
    speaking.quiet = False
    assert [text for _, text in play(speaking, "immediate", 9.0, hold=HOLD)] == ["request", "answer", "end"]

    class TurnTaken(SpeakingHost):
        turns = iter((1, *[2] * 99))
        customer_turn = property(lambda self: next(self.turns), lambda self, value: None)

    assert [text for _, text in play(TurnTaken(), "immediate", 9.0, hold=HOLD)] == ["request", "answer", "end"]


async def test_immediate_without_an_intent_never_speaks(api: Any, bench: Any) -> None:
    made = bench(tool(api, "immediate", "/slow", intent=""))
    running = asyncio.create_task(made.call("look", hold_message="Let me look."))
    while not api.open:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    api.release.set()
    await running
    assert made.host.log == ["request GET /slow"]
    assert "hold_message" not in made.specs["look"].parameters["properties"]


@pytest.mark.parametrize("timing", ["speak_then_run", "speak_and_run_parallel"])
async def test_words_the_llm_already_said_replace_the_hold_message(api: Any, bench: Any, timing: str) -> None:
    made = bench(tool(api, timing))
    await made.call("look", spoken="Sure, one second.", hold_message="Let me look.")
    assert made.host.log == ["played", "request GET /ok"]


@pytest.mark.parametrize("timing", ["speak_then_run", "speak_and_run_parallel"])
async def test_the_speaking_policies_require_a_hold_message_described_by_the_intent(
    api: Any, bench: Any, timing: str
) -> None:
    parameters = bench(tool(api, timing)).specs["look"].parameters
    assert "hold_message" in parameters["required"]
    assert SAY in parameters["properties"]["hold_message"]["description"]


async def test_immediate_with_an_intent_takes_a_hold_message_but_does_not_require_it(api: Any, bench: Any) -> None:
    parameters = bench(tool(api, "immediate")).specs["look"].parameters
    assert "hold_message" in parameters["properties"]
    assert parameters["required"] == []


@pytest.mark.parametrize(("language", "said"), [("en-IN", "One moment, please."), ("hi", "एक क्षण, कृपया।")])
async def test_a_hold_message_the_llm_left_out_is_replaced_by_a_plain_one(
    api: Any, bench: Any, language: str, said: str
) -> None:
    tts = {"provider": "openai_compatible", "base_url": "http://localhost/v1", "language": language}
    made = bench(tool(api, "speak_then_run"), tts=tts)
    await made.call("look")
    assert made.host.log[0] == f"say {said}"


async def test_the_hold_message_is_no_parameter_of_the_request(api: Any, bench: Any) -> None:
    made = bench(tool(api, "speak_then_run", "/ok?m={{hold_message}}"))
    await made.call("look", hold_message="Let me look.")
    assert api.requests[0]["target"] == "/ok?m="
    assert made.host.events("tool_call")[0]["arguments"] == {}


async def test_a_request_does_not_outlive_its_cancelled_handler(api: Any, bench: Any) -> None:
    made = bench(tool(api, "speak_and_run_parallel", "/slow"))
    made.host.speech_gate = asyncio.Event()
    running = asyncio.create_task(made.call("look", hold_message="Let me look."))
    while not api.open:
        await asyncio.sleep(0.01)
    others = asyncio.all_tasks()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not [task for task in asyncio.all_tasks() - others if not task.done()]
    assert made.host.events("custom_tool_result") == []
