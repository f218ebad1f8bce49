"""The line around a call: another carrier's protocol, a second caller, a worker told to stop, no voxbridge."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from voxctl.children import free_port
from voxphone.persona import load_persona
from voxphone.phone import place_call
from voxphone.target import CallOptions, CallTarget

from .outcome import Outcome
from .scenario import Scenario
from .switchboard import MEDIA_TOKEN, Switchboard
from .words import says_at_last
from .workers import own_worker

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ORDER = """
- wait_for_bot
- say: Where is my order number four four seven one?
- wait_for_bot: {silence_s: 1.5, timeout_s: 30}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
"""
EXOTEL = Scenario("exotel", ORDER, protocol="exotel", options={"extra": {"city": "Pune"}})


@pytest.mark.call(EXOTEL)
def test_a_whole_call_over_exotel(call: Outcome) -> None:
    result = call.result
    assert result["transport"] == "exotel"
    assert result["disconnected_by"] == "bot", call.talk()
    assert result["stream_id"] == call.report.stream_id
    assert (result["caller_id"], result["from_number"]) == ("+15550100", "+15550199")
    assert any(said.startswith("I found order 4 4 7 1") for said in call.said("assistant")), call.talk()
    assert says_at_last(call, "goodbye"), call.talk()
    assert call.report.ended_by == "bot"
    assert call.report.close_code == 1000
    assert not call.report.protocol_errors
    assert call.report.hang_up_gap_ms is None or call.report.hang_up_gap_ms >= 240


EXOTEL_HANGS_UP = Scenario("exotel_hangs_up", "hangs_up_midway", protocol="exotel")


@pytest.mark.call(EXOTEL_HANGS_UP)
def test_the_carriers_stop_is_the_customer_hanging_up(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "customer", call.talk()


OUTGOING = Scenario("outgoing", ORDER, options={"direction": "outgoing", "answer_after_s": 2.5})


@pytest.mark.call(OUTGOING)
def test_a_bot_that_rings_a_customer_waits_with_its_first_word_for_the_answer(call: Outcome) -> None:
    assert call.result["call_direction"] == "outgoing"
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert not [error for error in call.report.protocol_errors if "before the answer" in error.rule]
    assert call.report.first_word_ms is not None
    assert call.report.first_word_ms <= 2500
    # The clock of the call begins with the answer, not with the ringing.
    assert abs(call.result["call_duration_seconds"] - call.report.duration_s) <= 1.0, call.talk()
    assert call.entries("assistant")[0]["start_ms"] >= 0


NO_ANSWER = Scenario("no_answer", "silent", options={"direction": "outgoing", "hang_up_before_answer_s": 2.0})


@pytest.mark.call(NO_ANSWER)
def test_a_callee_who_never_answers_is_no_answer_and_hears_nothing(call: Outcome) -> None:
    assert call.report.outcome == "not_answered"
    assert call.report.pacing.chunks == 0
    assert call.result["disconnected_by"] == "no_answer", call.talk()
    assert call.result["status"] == "failed"
    assert call.result["call_duration_seconds"] == 0
    assert call.result.get("disposition") is None, "23.1: a call that was never a conversation has no disposition"
    assert not call.result.get("recording_key")


POST_STARTS: dict[str, dict[str, Any]] = {
    "/attach": {"room_name": "room-2", "bot_id": "any", "to_number": "+15550101", "from_number": "+15550199"},
    "/livekit/dispatch": {"room_name": "room-3", "caller_number": "+15550101", "dialed_number": "+15550199"},
    "/livekit/dialout": {"bot_id": "any", "to_number": "+15550101", "from_number": "+15550199"},
    "/livekit/widget": {"bot_id": "any", "room_name": "room-4"},
}


async def _second_calls(url: str, bot_id: str, secret: str) -> dict[str, Any]:
    """(status, body, Retry-After) of a second start on every route."""
    answers: dict[str, Any] = {}
    for protocol in ("vox", "exotel"):
        target = CallTarget.for_bot(url, bot_id, protocol=protocol, media_token=MEDIA_TOKEN)
        report = await place_call(target, load_persona("silent"), options=CallOptions(transcribe="off"), clips={})
        refusal = report.refusal
        answers[protocol] = refusal and (refusal.status, json.loads(refusal.body), refusal.retry_after)
    async with httpx.AsyncClient(base_url=url, headers={"X-VoxCore-Secret": secret}, trust_env=False) as client:
        for path, body in POST_STARTS.items():
            answer = await client.post(path, json=body)
            answers[path] = (answer.status_code, answer.json(), answer.headers.get("Retry-After"))
    return answers


async def _two_at_once(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    del url
    secret = board.stack.secrets["VOXCORE_SECRET"]
    settings = {
        "LOG_LEVEL": "DEBUG",
        "LIVEKIT_URL": f"ws://127.0.0.1:{free_port()}",
        "LIVEKIT_API_KEY": "planted-livekit-key-20c1",
        "LIVEKIT_API_SECRET": "planted-livekit-secret-5f1e",
    }
    async with own_worker(board, "asked-twice", settings) as worker:
        bot_id = await board.make_bot(scenario)

        async def beside() -> dict[str, Any]:
            return await _second_calls(worker.url, bot_id, secret)

        return await board.place(scenario, worker.url, bot_id, beside)


TWO_AT_ONCE = Scenario("two_at_once", ORDER, run=_two_at_once)
AT_CAPACITY = (429, {"error": "at_capacity", "message": "At capacity"}, "1")


@pytest.mark.call(TWO_AT_ONCE)
@pytest.mark.parametrize("route", ["vox", "exotel", *POST_STARTS])
def test_a_second_call_is_refused_while_one_runs(call: Outcome, route: str) -> None:
    assert call.extra[route] == AT_CAPACITY


@pytest.mark.call(TWO_AT_ONCE)
def test_refused_starts_do_not_disturb_the_call_that_runs(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert any(said.startswith("I found order") for said in call.said("assistant")), call.talk()


async def _stopped_in_mid_call(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    del url
    async with own_worker(board, "told-to-stop") as worker:
        bot_id = await board.make_bot(scenario)

        async def beside() -> dict[str, Any]:
            await asyncio.to_thread(worker.stop)
            await asyncio.sleep(1)
            target = CallTarget.for_bot(worker.url, bot_id, media_token=MEDIA_TOKEN)
            options = CallOptions(transcribe="off")
            second = await place_call(target, load_persona("silent"), options=options, clips={})
            alive = await asyncio.to_thread(worker.exit_code, 0) is None
            return {"alive": alive, "second": second.refusal and second.refusal.status}

        outcome = await board.place(scenario, worker.url, bot_id, beside, until_gone=True)
        outcome.extra["exit_code"] = await asyncio.to_thread(worker.exit_code, 60)
        return outcome


STOPPED = Scenario("stopped", ORDER, run=_stopped_in_mid_call)


@pytest.mark.call(STOPPED)
def test_a_worker_told_to_stop_finishes_its_call_and_then_exits_0(call: Outcome) -> None:
    assert call.extra == {"alive": True, "second": 429, "exit_code": 0}
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert call.result["status"] == "completed"
    assert says_at_last(call, "goodbye"), call.talk()


async def _without_voxbridge(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    del url
    nobody = f"http://127.0.0.1:{free_port()}/api/v1/config"
    async with own_worker(board, "alone", {"VOXBRIDGE_CONFIG_URL": nobody}) as worker:
        began = time.monotonic()
        outcome = await board.place(scenario, worker.url, "any-bot", delivered=False)
        outcome.extra["seconds"] = time.monotonic() - began
        files = sorted((worker.outbox / "results").glob("*.json"))
        outcome.extra["results"] = [json.loads(file.read_text())["payload"] for file in files]
        return outcome


NO_VOXBRIDGE = Scenario("no_voxbridge", "silent", options={"max_call_s": 40}, run=_without_voxbridge)


@pytest.mark.call(NO_VOXBRIDGE)
def test_without_a_configuration_the_line_is_hung_up_and_the_result_is_kept(call: Outcome) -> None:
    assert call.report.ended_by == "bot"
    assert call.report.reason == "error"
    assert call.report.close_code == 1011
    assert call.extra["seconds"] < 15
    (result,) = call.extra["results"]
    assert result["disconnected_by"] == "error"
    assert result["stream_id"] == call.report.stream_id
    assert [event["type"] for event in result["events"]].count("service_error") == 1
