"""While a tool works the customer must not sit in silence, nor hear the same thing twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from voxcore.pipeline.tools.http_tool import HttpOutcome
from voxcore.pipeline.tools.timing import immediate

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


async def test_immediate_speaks_once_the_request_takes_longer_than_its_patience() -> None:
    order: list[str] = []
    release = asyncio.Event()

    async def request() -> HttpOutcome:
        order.append("request")
        await release.wait()
        order.append("answered")
        return HttpOutcome("success")

    async def speak() -> None:
        order.append("speak")
        release.set()

    assert (await immediate(request, speak, 0.01)).status == "success"
    assert order == ["request", "speak", "answered"]


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
