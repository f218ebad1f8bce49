"""A tool that leaves the customer in silence, invents an answer, or reaches into the private network."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from .outcome import Outcome
from .scenario import TOOL_AUTHORIZATION, Scenario, order_tool, stage
from .switchboard import Calls, Switchboard
from .workers import own_worker

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

QUESTION = "What is the status of my order number four four seven one?"
ASKS = f"""
- wait_for_bot
- say: {QUESTION}
- wait_for_bot: {{silence_s: 4.0, timeout_s: 30}}
- say: Thank you very much. That is all. Goodbye.
- silence: {{for_s: 15}}
"""
# What the contract allows, and what a loaded machine adds to it until the first sound.
DEAD_AIR_S = 2.5 + 1.0


def tool_answer(call: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call.entries("tool")[0]["content"])
    return answer


WORKS = Scenario("tool_works", ASKS, order_tool("/orders/{{order_id}}"))


@pytest.mark.call(WORKS)
def test_what_a_tool_answers_is_told_to_the_customer(call: Outcome, calls: Calls) -> None:
    (event,) = call.events("custom_tool_result")
    assert (event["tool"], event["status"], event["http_status"]) == ("check_order", "success", 200), call.talk()
    assert tool_answer(call)["data"] == {"status": "on its way", "eta": "on Thursday"}
    assert any("on its way and should arrive on Thursday" in said for said in call.said("assistant")), call.talk()
    assert calls.board
    (asked,) = calls.board.backend.asked("")
    assert asked["order_id"] == "4471"
    assert asked["authorization"] == TOOL_AUTHORIZATION
    assert asked["query"] == {"caller": "+15550100"}
    assert call.result["usage_metrics"]["tools"] == {"calls": 2, "failures": 0}


@pytest.mark.call(WORKS)
def test_a_record_names_the_host_of_a_tool_and_no_header_or_query(call: Outcome, calls: Calls) -> None:
    (event,) = call.events("custom_tool_result")
    assert calls.board
    assert event["url_host"].startswith(calls.board.backend.host)
    assert "planted" not in json.dumps(call.result)
    assert "caller=" not in json.dumps(call.result["events"])


FAILS = Scenario("tool_fails", ASKS, order_tool("/broken/orders/{{order_id}}"))


@pytest.mark.call(FAILS)
def test_a_failed_request_is_told_and_the_conversation_goes_on(call: Outcome, calls: Calls) -> None:
    (event,) = call.events("custom_tool_result")
    assert (event["status"], event["http_status"]) == ("failure", 500), call.talk()
    assert any("could not find that order" in said for said in call.said("assistant")), call.talk()
    assert call.result["disconnected_by"] == "bot"
    assert calls.board
    assert len(calls.board.backend.asked("broken")) == 1, (
        "an answer is an answer: only a lost connection is tried again"
    )


HANGS = Scenario("tool_hangs", ASKS, order_tool("/hang/orders/{{order_id}}", timeout_seconds=2))


@pytest.mark.call(HANGS)
def test_a_request_without_an_answer_ends_at_its_timeout(call: Outcome) -> None:
    (event,) = call.events("custom_tool_result")
    assert event["status"] == "timeout", call.talk()
    assert 1900 <= event["duration_ms"] <= 3500
    assert any("our system is slow" in said for said in call.said("assistant")), call.talk()
    assert call.result["disconnected_by"] == "bot"


MISSING = Scenario(
    "tool_missing_info",
    """
- wait_for_bot
- say: Where is my parcel?
- wait_for_bot: {silence_s: 1.5, timeout_s: 30}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    lambda backend: {"llm": stage(model="acceptance"), **order_tool("/missing/orders/{{order_id}}")(backend)},
)


@pytest.mark.call(MISSING)
def test_a_missing_parameter_is_asked_for_and_nothing_is_requested(call: Outcome, calls: Calls) -> None:
    (event,) = call.events("custom_tool_result")
    assert event["status"] == "missing_info", call.talk()
    assert "Please tell me the number of your order." in call.said("assistant"), call.talk()
    assert calls.board
    assert not calls.board.backend.asked("missing")


async def _on_a_worker_without_allowlist(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    del url
    async with own_worker(board, "no-allowlist", {"OUTBOUND_URL_ALLOWLIST": ""}) as worker:
        return await board.place(scenario, worker.url, await board.make_bot(scenario))


PRIVATE = Scenario(
    "tool_private_address",
    ASKS,
    lambda backend: {"llm": stage(model="acceptance"), **order_tool("/private/orders/{{order_id}}")(backend)},
    run=_on_a_worker_without_allowlist,
)


@pytest.mark.call(PRIVATE)
def test_a_worker_does_not_reach_into_the_private_network(call: Outcome, calls: Calls) -> None:
    (event,) = call.events("custom_tool_result")
    assert event["status"] == "blocked", call.talk()
    assert "I am sorry, I cannot look into that system." in call.said("assistant"), call.talk()
    assert calls.board
    assert not calls.board.backend.asked("private")


def test_a_bot_with_a_tool_in_the_private_network_is_not_saved(calls: Calls) -> None:
    board = calls.board
    assert board
    scenario = Scenario("never_saved", ASKS, order_tool(f"{board.outside.url}/orders/{{{{order_id}}}}"))
    headers = {"Authorization": calls.wait(_authorization(board), 30)}
    answer = httpx.post(
        f"{board.stack.api_url}/bots", json=scenario.bot_fields(board.backend), headers=headers, trust_env=False
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["body", "custom_tools", 0, "url"]


async def _authorization(board: Switchboard) -> str:
    login = dict(zip(("email", "password"), board.stack.admin, strict=True))
    return f"Bearer {(await board.bridge.post('/auth/login', login))['access_token']}"


def timed(timing: str) -> Scenario:
    """A bot whose LLM only calls the tool, so that the worker itself must fill the silence."""
    tool = order_tool(
        f"/{'slow' if timing != 'speak_then_run' else 'brisk'}/orders/{{{{order_id}}}}",
        timing=timing,
        hold_message_intent="say that you are looking into the system",
    )
    return Scenario(f"timing_{timing}", ASKS, lambda backend: {"llm": stage(model="acceptance"), **tool(backend)})


IMMEDIATE, SPEAK_THEN_RUN, PARALLEL = timed("immediate"), timed("speak_then_run"), timed("speak_and_run_parallel")
HOLD = "Let me look into our system for you."


def order_of(call: Outcome) -> tuple[float, float, float]:
    """(tool called, hold message begins, answer begins), seconds into the call; checks that each gap is short."""
    called_s = next(event["offset_ms"] for event in call.events("tool_call") if event["tool"] == "check_order") / 1000
    (hold,) = [entry for entry in call.entries("assistant") if entry["content"] == HOLD]
    (answer,) = [entry for entry in call.entries("assistant") if "should arrive" in entry["content"]]
    assert answer["start_ms"] - hold["end_ms"] <= DEAD_AIR_S * 1000, call.talk()
    assert hold["start_ms"] / 1000 - called_s <= DEAD_AIR_S, call.talk()
    # The recording must say the same as the transcript: nobody waited longer for a sound than this.
    heard = [start for start, _ in call.bot_speech() if start >= called_s]
    assert heard[0] - called_s <= DEAD_AIR_S + 0.5, call.talk()
    return called_s, hold["start_ms"] / 1000, answer["start_ms"] / 1000


@pytest.mark.call(IMMEDIATE)
def test_immediate_speaks_only_when_the_answer_takes_long(call: Outcome) -> None:
    called_s, hold_s, _ = order_of(call)
    assert hold_s - called_s >= 2.3, call.talk()


@pytest.mark.call(SPEAK_THEN_RUN)
def test_speak_then_run_asks_only_after_the_hold_message(call: Outcome) -> None:
    called_s, hold_s, _ = order_of(call)
    assert hold_s - called_s <= 1.5, call.talk()
    (event,) = call.events("custom_tool_result")
    (hold,) = [entry for entry in call.entries("assistant") if entry["content"] == HOLD]
    assert event["offset_ms"] - event["duration_ms"] >= hold["end_ms"] - 300, call.talk()


@pytest.mark.call(PARALLEL)
def test_speak_and_run_parallel_does_both_at_once(call: Outcome) -> None:
    called_s, hold_s, _ = order_of(call)
    assert hold_s - called_s <= 1.5, call.talk()
    (event,) = call.events("custom_tool_result")
    (hold,) = [entry for entry in call.entries("assistant") if entry["content"] == HOLD]
    assert event["offset_ms"] - event["duration_ms"] <= hold["start_ms"] + 300, call.talk()
