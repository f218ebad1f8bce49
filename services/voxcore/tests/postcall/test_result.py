"""A result must carry every field of the wire contract in its form, and fit through the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from voxcore.conversation import RecordingFacts
from voxcore.postcall.latency import percentile, summary
from voxcore.postcall.result import build_payload, fitted, size_of
from voxkit.contracts.results import CallResult, LatencySample

pytestmark = [pytest.mark.unit]


def test_the_facts_of_a_call_stand_in_the_payload(make_call: Any) -> None:
    call = make_call("customer", duration_s=41.26)
    call.record.intent("wants_callback", {"when": "tomorrow"})
    call.record.metrics.append({"processor": "Llm", "type": "ttfb", "value_ms": 280})
    recording = RecordingFacts(key="session-1.wav", path=Path("x"), url=None)
    payload = build_payload(call, recording, analysis={"DISPOSITION": "Connected", "x": None}, qc={})
    assert payload | {"events": [], "started_at": "", "answered_at": "", "ended_at": "", "pipeline_config": {}} == {
        **payload,
        "schema_version": 1,
        "session_id": "session-1",
        "stream_id": "st-1",
        "call_id": "call-1",
        "bot_id": "bot-1",
        "caller_id": "+15550100",
        "from_number": "+15550199",
        "call_direction": "incoming",
        "transport": "ws",
        "call_duration_seconds": 41.3,
        "disconnected_by": "customer",
        "was_transferred": False,
        "recording_key": "session-1.wav",
        "post_call_analysis": {"DISPOSITION": "Connected", "x": None},
        "qc_analysis": {},
        "metrics": [{"processor": "Llm", "type": "ttfb", "value_ms": 280}],
        "connected_event": {"callerId": "+15550100"},
        "worker": {"worker_id": "w-1", "host_id": "h", "image_tag": "t", "version": "1"},
        "events": [],
        "started_at": "",
        "answered_at": "",
        "ended_at": "",
        "pipeline_config": {},
    }
    assert payload["started_at"].endswith("Z")
    assert len(payload["ended_at"]) == len("2026-01-31T09:15:02.123Z")
    assert payload["intents"][0]["arguments"] == {"when": "tomorrow"}
    assert "result_id" not in payload
    assert "recording_url" not in payload
    CallResult.model_validate(payload)


def test_the_transcript_is_sorted_by_its_start(make_call: Any) -> None:
    call = make_call()
    call.record.say("user", "early", start_ms=-500)
    assert [entry["content"] for entry in build_payload(call, None)["transcript"]] == [
        "early",
        "Hello, this is the demo.",
        "where is\nmy order",
    ]


def test_a_transfer_stands_in_the_result_whether_it_worked_or_not(make_call: Any) -> None:
    call = make_call("bot")
    facts = call.record.transfer
    facts.target, facts.destination, facts.reason, facts.method, facts.at = "sales", "2001", "asked", "ws", 12.5
    facts.failed_reason = "busy"
    payload = build_payload(call, None)
    assert payload["was_transferred"] is False
    assert payload["transfer_failed_reason"] == "busy"
    assert (payload["transfer_target"], payload["transfer_destination"]) == ("sales", "2001")
    assert payload["transfer_at"] == 12.5


def test_the_snapshot_names_what_ran_without_prompts_and_keys(make_call: Any) -> None:
    call = make_call(
        tools=[{"function": {"name": "end_call"}}],
        transfer_targets=[{"id": "sales"}],
        voicemail_message="SECRET PROMPT",
        tts={
            "provider": "elevenlabs",
            "voice_id": "anna",
            "language": "hi",
            "api_key": "planted",
            "fallbacks": [{"provider": "openai_compatible", "api_key": "planted"}],
        },
    )
    snapshot = build_payload(call, None)["pipeline_config"]
    assert snapshot["tools"] == ["end_call"]
    assert snapshot["transfer_targets"] == ["sales"]
    assert (snapshot["tts"]["provider"], snapshot["tts"]["voice"], snapshot["tts"]["language"]) == (
        "elevenlabs",
        "anna",
        "hi",
    )
    assert snapshot["tts"]["fallbacks"][0]["provider"] == "openai_compatible"
    assert snapshot["limits"]["max_call_duration_seconds"] == 600
    assert snapshot["vad"]["stop_secs"] == 0.4
    assert "planted" not in json.dumps(snapshot)
    assert "SECRET" not in json.dumps(snapshot)


# --- latency (RS2) ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.5, 7),
        ([7], 0.95, 7),
        ([1, 2], 0.5, 1),
        ([3, 1, 2], 0.5, 2),
        (list(range(1, 21)), 0.95, 19),
        (list(range(1, 101)), 0.95, 95),
    ],
)
def test_percentiles_are_values_that_occurred(values: list[int], share: float, expected: int | None) -> None:
    assert percentile(values, share) == expected


def test_averages_leave_absent_stages_out() -> None:
    samples = [
        LatencySample(turn=1, stt_ms=200, llm_ms=300, total_ms=700),
        LatencySample(turn=2, stt_ms=None, llm_ms=100, tool_ms=310, total_ms=900),
        LatencySample(turn=3, total_ms=None),
    ]
    found = summary(samples, 210)
    assert found.turns == 3
    assert (found.stt_avg_ms, found.llm_avg_ms, found.tool_avg_ms, found.rag_avg_ms) == (200, 200, 310, None)
    assert (found.total_avg_response_ms, found.total_p50_ms, found.total_p95_ms) == (800, 700, 900)
    assert found.opening_ms == 210


def test_a_call_without_turns_has_no_averages() -> None:
    found = summary([], None)
    assert found.turns == 0
    assert found.total_avg_response_ms is None


# --- size (RS4) -------------------------------------------------------------------------------------------------------

BIG = {
    "session_id": "s",
    "metrics": [{"m": "x" * 100}] * 10,
    "latency_samples": [{"turn": 1, "pad": "x" * 100}] * 10,
    "events": [{"type": "user_started", "data": {"pad": "x" * 100}}] * 10
    + [{"type": "call_ended", "data": {"c": "b"}}],
    "transcript": [{"role": "user", "content": "y" * 2000}],
}


def cut_to(limit: int) -> dict[str, Any]:
    payload = fitted(BIG, limit)
    assert size_of(payload) < limit
    return payload


def test_a_payload_that_fits_is_left_alone() -> None:
    assert fitted(BIG) == BIG


def test_metrics_go_first_then_latency_samples_then_speech_events() -> None:
    whole = size_of(BIG)
    first = cut_to(whole)
    assert first["truncated_fields"] == ["metrics"]
    assert "latency_samples" in first
    second = cut_to(size_of(first))
    assert second["truncated_fields"] == ["metrics", "latency_samples"]
    assert len(second["events"]) == 11
    third = cut_to(size_of(second))
    assert third["truncated_fields"] == ["metrics", "latency_samples", "events"]
    assert [event["type"] for event in third["events"]] == ["call_ended"]


def test_a_call_of_hours_in_a_wide_script_still_fits_and_keeps_its_transcript(make_call: Any) -> None:
    call = make_call()
    for number in range(1, 1999):
        call.record.say("user", "न" * 4000, start_ms=number)
    payload = build_payload(call, None)
    assert size_of(payload) < 4 * 1024 * 1024
    assert len(payload["transcript"]) == 2000
    assert "transcript" in payload["truncated_fields"]
    CallResult.model_validate(payload)
