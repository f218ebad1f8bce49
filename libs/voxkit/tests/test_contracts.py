"""Two image versions talk during a deploy: what one writes the other must read, and pinned texts must not move."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError
from voxkit.clock import iso, parse_iso, utc_now
from voxkit.contracts.carrier import CarrierCall, CarrierDial
from voxkit.contracts.health import FleetHealth, FleetWorker, WorkerHealth
from voxkit.contracts.outbox import OutboxFile
from voxkit.contracts.results import DISCONNECTED_BY, CallResult, ResultStored, status_of
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.contracts.starts import Attach, LivekitDispatch, StartAccepted

pytestmark = [pytest.mark.unit]

T = "2026-01-31T09:15:02.123Z"
RESULT: dict[str, Any] = {
    "schema_version": 1, "result_id": "8a4f1c1e-0000-4000-8000-000000000001", "session_id": "s-1", "stream_id": "st-81",
    "call_id": "c-1", "bot_id": "bot-1", "caller_id": "+15550100", "from_number": "+15550199",
    "call_direction": "incoming", "transport": "ws", "started_at": T, "answered_at": T, "ended_at": T,
    "call_duration_seconds": 61.2, "disconnected_by": "customer",
    "transcript": [
        {"turn": 1, "role": "assistant", "content": "Hello, this is …", "timestamp": T, "start_ms": 120, "end_ms": 2480,
         "interrupted": False},
        {"turn": 2, "role": "tool", "content": '{"status":"success"}', "tool_name": "check_order", "timestamp": T,
         "start_ms": 4900, "end_ms": 5210, "interrupted": False},
    ],
    "events": [{"type": "interruption", "ts": T, "offset_ms": 15230, "data": {"kind": "words", "text": "no wait"}}],
    "intents": [{"name": "wants_callback", "arguments": {"when": "tomorrow"}, "ts": T, "offset_ms": 30110}],
    "latency": {"turns": 6, "total_avg_response_ms": 742, "total_p50_ms": 701, "total_p95_ms": 1180, "stt_avg_ms": 231,
                "turn_avg_ms": 62, "rag_avg_ms": None, "tool_avg_ms": 310, "llm_avg_ms": 290, "tts_avg_ms": 120,
                "opening_ms": 210},
    "latency_samples": [
        {"turn": 2, "ts": T, "stt_ms": 220, "turn_ms": 58, "rag_ms": None, "tool_ms": 310, "llm_ms": 280, "tts_ms": 118,
         "total_ms": 986, "prompt_tokens": 812, "completion_tokens": 36, "cached_tokens": 0, "tts_characters": 144,
         "interrupted": False}
    ],
    "metrics": [{"processor": "OpenAICompatibleLLM", "type": "ttfb", "model": "demo", "value_ms": 280, "ts": T}],
    "usage_metrics": {
        "stt": {"provider": "p", "model": "m", "audio_seconds": 61.2},
        "llm": {"provider": "p", "model": "m", "requests": 7, "prompt_tokens": 5120, "completion_tokens": 240,
                "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0},
        "tts": {"provider": "p", "model": "m", "characters": 1310, "audio_seconds": 83.0},
        "tools": {"calls": 1, "failures": 0}, "knowledge": {"searches": 0},
        "post_call": {"requests": 1, "prompt_tokens": 900, "completion_tokens": 120, "cache_read_input_tokens": 0,
                      "cache_creation_input_tokens": 0, "cache_status": "off"},
        "qc": None,
    },
    "llm_cache_summary": {"enabled": False, "worked": False, "statuses": [], "cache_read_input_tokens": 0,
                          "cache_creation_input_tokens": 0, "fresh_prompt_tokens": 900, "completion_tokens": 120},
    "worker": {"worker_id": "h-1", "host_id": "h", "image_tag": "dev", "version": "0.1.0"},
}  # fmt: skip

STAGE = {"provider": "openai_compatible"}
CONFIG: dict[str, Any] = {
    "session_id": "s-1", "webhook_url": "http://b/api/v1/call-results", "system_prompt": "p", "opening_message": "o",
    "stt": STAGE, "llm": STAGE | {"model": "default"}, "tts": STAGE | {"voice_id": "anna"},
    "tools": [
        {"type": "function",
         "function": {"name": "check_order", "description": "Call when …",
                      "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}},
                                     "required": ["order_id"]}},
         "runtime": {"has_api": True, "timing": "speak_then_run", "hold_message_intent": "say you are looking it up",
                     "method": "GET", "url": "https://crm.example.com/orders/{{order_id}}",
                     "headers": {"Authorization": "Bearer planted"}, "query_params": {"lang": "{{system.language}}"},
                     "body_template": None, "timeout_seconds": 8,
                     "guidance": {"success": "…", "failure": "…", "timeout": "…", "missing_info": "…"}}},
        {"function": {"name": "end_call"}},
    ],
}  # fmt: skip


def holds(given: Any, read: Any, where: str = "") -> None:
    """Everything that was given came back as it was."""
    if isinstance(given, dict):
        for key, value in given.items():
            assert key in read, f"{where}.{key} is gone"
            holds(value, read[key], f"{where}.{key}")
    elif isinstance(given, list):
        assert len(given) == len(read), where
        for index, value in enumerate(given):
            holds(value, read[index], f"{where}[{index}]")
    else:
        assert read == given, where


def test_the_documented_result_comes_back_as_it_was() -> None:
    holds(RESULT, CallResult.model_validate(RESULT).model_dump(mode="json"))


def test_a_result_of_a_newer_worker_is_read_without_its_new_fields() -> None:
    newer = RESULT | {"mood": "sunny", "worker": {**RESULT["worker"], "gpu": 1}}
    assert CallResult.model_validate(newer) == CallResult.model_validate(RESULT)


def test_a_result_needs_its_session_and_nothing_else() -> None:
    assert CallResult.model_validate({"session_id": "s"}).transcript is None
    for broken in ({}, {"session_id": ""}):
        with pytest.raises(ValidationError):
            CallResult.model_validate(broken)


@pytest.mark.parametrize(
    "field", [{"disconnected_by": "ghost"}, {"call_duration_seconds": -1}, {"transport": "pigeon"}]
)
def test_a_value_outside_its_set_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CallResult.model_validate({"session_id": "s", **field})


@pytest.mark.parametrize("cause", DISCONNECTED_BY)
def test_every_cause_has_its_status(cause: str) -> None:
    failed, voicemail = {"error", "no_answer", "rejected"}, {"voicemail"}
    expected = "failed" if cause in failed else "voicemail" if cause in voicemail else "completed"
    assert status_of(cause) == expected


def test_the_smallest_configuration_has_every_default() -> None:
    config = RuntimeConfig.model_validate({**CONFIG, "tools": []})
    assert (config.min_words_interruption, config.max_call_duration_seconds) == (3, 600)
    assert (config.vad.confidence, config.vad.start_secs, config.vad.stop_secs, config.vad.min_volume) == (
        0.7,
        0.2,
        0.4,
        0,
    )
    assert (config.turn.mode, config.turn.stop_secs, config.turn.vad_stop_secs) == ("smart_turn", 1.2, 0.8)
    assert (config.llm.temperature, config.llm.max_tokens) == (0.7, 256)
    assert config.re_engagement is None
    assert config.recording_enabled is True


def test_the_documented_tool_comes_back_as_it_was_and_a_built_in_needs_no_runtime() -> None:
    config = RuntimeConfig.model_validate(CONFIG)
    holds(CONFIG["tools"][0], config.tools[0].model_dump(mode="json"))
    assert config.tools[1].runtime is None
    assert config.tts.voice == "anna"


def test_an_invalid_transfer_target_never_rejects_the_call() -> None:
    assert RuntimeConfig.model_validate({**CONFIG, "transfer_targets": [{"nonsense": 1}]}).transfer_targets


def test_a_printed_configuration_shows_no_key() -> None:
    stage = STAGE | {"api_key": "planted", "fallbacks": [STAGE | {"api_key": "planted"}]}
    assert "planted" not in repr(RuntimeConfig.model_validate({**CONFIG, "llm": stage | {"model": "m"}}))


@pytest.mark.parametrize(
    "field", ["session_id", "webhook_url", "system_prompt", "opening_message", "stt", "llm", "tts"]
)
def test_a_configuration_without_a_required_field_is_refused(field: str) -> None:
    with pytest.raises(ValidationError):
        RuntimeConfig.model_validate({key: value for key, value in CONFIG.items() if key != field})


@pytest.mark.parametrize("timeout", [0, 31])
def test_a_tools_timeout_stays_within_its_range(timeout: float) -> None:
    tool = {**CONFIG["tools"][0], "runtime": {"url": "http://h", "timeout_seconds": timeout}}
    with pytest.raises(ValidationError):
        RuntimeConfig.model_validate({**CONFIG, "tools": [tool]})


def test_the_fleets_health_is_matched_as_text_by_balancers() -> None:
    seats = [
        FleetWorker(id="h-1", calls=1, max=1, pid=7, state="busy"),
        FleetWorker(id="h-2", calls=0, max=1, pid=8, state="idle"),
        FleetWorker(id="h-3", status="unreachable"),
    ]
    assert FleetHealth(fleet_calls=1, fleet_max=2, fleet_available=1, workers=seats).compact() == (
        '{"status":"ok","fleet_calls":1,"fleet_max":2,"fleet_available":1,"workers":['
        '{"id":"h-1","calls":1,"max":1,"pid":7,"state":"busy"},{"id":"h-2","calls":0,"max":1,"pid":8,"state":"idle"},'
        '{"id":"h-3","status":"unreachable"}]}'
    )


def test_a_workers_health_has_the_documented_fields() -> None:
    fields = [
        "status", "worker_calls", "worker_max", "total_capacity", "total_available", "workers", "worker_id",
        "worker_pid", "state", "draining", "image_tag", "version", "epoch", "outbox_pending",
    ]  # fmt: skip
    assert list(WorkerHealth.model_fields) == fields


def test_starts_are_read_and_an_unknown_field_is_ignored() -> None:
    assert Attach.model_validate({"room_name": "r", "bot_id": "b", "new": 1}).connected_event == {}
    assert (
        LivekitDispatch.model_validate({"room_name": "r", "caller_number": "1", "dialed_number": "2"}).call_id is None
    )
    with pytest.raises(ValidationError):
        Attach.model_validate({"room_name": "r", "bot_id": "no spaces"})
    assert StartAccepted(call_id="c").model_dump(exclude_none=True) == {"status": "accepted", "call_id": "c"}


def test_an_outbox_file_comes_back_as_it_was() -> None:
    file = {
        "v": 1, "kind": "result", "session_id": "s", "result_id": "r", "url": "https://b/api/v1/call-results",
        "created_at": T, "attempts": 0, "next_attempt_at": T, "last_status": None, "last_error": None, "payload": {},
    }  # fmt: skip
    assert json.loads(OutboxFile.model_validate(file).model_dump_json()) == file


def test_a_carriers_call_uses_from_on_the_wire() -> None:
    dial = {"client_ref": "c", "to": "+1", "from": "+2", "media": {"url": "ws://h"}}
    assert CarrierDial.model_validate(dial).model_dump(by_alias=True)["from"] == "+2"
    call = {
        "call_ref": "r",
        "client_ref": "c",
        "seq": 1,
        "status": "ringing",
        "to": "+1",
        "from": "+2",
        "created_at": T,
    }
    holds(call, CarrierCall.model_validate(call).model_dump(mode="json", by_alias=True))


def test_a_stored_result_answers_its_session() -> None:
    assert ResultStored(session_id="s").model_dump() == {"status": "ok", "session_id": "s", "duplicate": False}


def test_times_are_utc_with_milliseconds() -> None:
    east = datetime(2026, 1, 31, 14, 45, 2, 123999, timezone(timedelta(hours=5, minutes=30)))
    assert iso(east) == T
    assert iso(datetime(2026, 1, 31, 9, 15, 2)) == "2026-01-31T09:15:02.000Z"  # noqa: DTZ001  (read as UTC)
    assert parse_iso(T) == datetime(2026, 1, 31, 9, 15, 2, 123000, UTC)
    assert parse_iso(iso(now := utc_now())) == now
    with pytest.raises(ValueError):
        parse_iso("yesterday")
