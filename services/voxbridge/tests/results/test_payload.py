"""A result that is refused, cut or changed because of its shape."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.results.payload import NotAResult, parse, sane_time
from voxbridge.results.record import MAX_FIELD_BYTES, cache_summary, derived, fitted, gaps, split

pytestmark = [pytest.mark.unit]
NOW = datetime(2026, 6, 5, 10, 15, tzinfo=UTC)
SKELETON = {
    "_id": "s-1", "created_at": NOW, "bucket_utc": NOW, "phone_rev": "1", "call_id": "c-skeleton",
    "connected_event": {"a": 1}, "caller_id": "+15550100",
}  # fmt: skip


def parsed(**fields: object):
    return parse(json.dumps({"session_id": "s-1", **fields}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"{}",
        b'{"session_id":""}',
        b'{"session_id":"  "}',
        b'{"session_id":7}',
        b'{"session_id":null}',
        b"\xff\xfe",
    ],
)
def test_what_has_no_session_is_no_result(body: bytes) -> None:
    with pytest.raises(NotAResult):
        parse(body)


def test_a_field_of_a_wrong_shape_is_kept_as_it_came_and_the_rest_is_used() -> None:
    result = parsed(call_duration_seconds=-3, was_transferred={"x": 1}, sip_status="busy", caller_id="+1")
    assert result.fields["invalid_fields"] == {
        "call_duration_seconds": -3,
        "was_transferred": {"x": 1},
        "sip_status": "busy",
    }
    assert result.fields["caller_id"] == "+1"


def test_unknown_fields_are_kept_and_nulls_are_dropped() -> None:
    fields = parsed(new_field=[1], other=None, call_id=None, recording_key=None).fields
    assert fields["other_fields"] == {"new_field": [1]}
    assert "call_id" not in fields
    assert "recording_key" not in fields


@pytest.mark.parametrize("cause", ["exploded", "", 5, ["bot"], {"a": 1}, True])
def test_an_unknown_cause_is_an_error_with_the_original_beside_it(cause: object) -> None:
    fields = parsed(disconnected_by=cause).fields
    assert fields["disconnected_by"] == "error"
    assert isinstance(fields["disconnected_by_raw"], str)


def test_objects_keep_what_a_newer_worker_puts_into_them() -> None:
    assert parsed(latency={"turns": 1, "new": 2}).fields["latency"] == {"turns": 1, "new": 2}


def test_times_become_times_and_impossible_ones_are_kept_as_text() -> None:
    assert parsed(started_at="2026-06-05T12:15:00+02:00").fields["started_at"] == NOW
    assert parsed(started_at="0001-01-01T00:00:00+14:00").fields["invalid_fields"]["started_at"].startswith("0001")
    assert sane_time(NOW + timedelta(seconds=1), NOW) is None
    assert sane_time("x", NOW) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "started_at",
                "transcript",
                "events",
                "disconnected_by",
                "latency",
                "caller_id",
                "call_duration_seconds",
                "usage_metrics",
                "qc_analysis",
                "post_call_analysis",
                "recording_key",
                "worker",
                "x.y",
                "$z",
            ]
        ),
        json_values,
    )
)
def test_every_object_with_a_session_can_be_stored(fields: dict) -> None:
    import bson

    result = parse(json.dumps({**fields, "session_id": "s"}).encode())
    call, details = split(result, {"_id": "s", "created_at": NOW}, NOW)
    bson.encode({**call, "details": details})
    assert call["result_digest"] == result.digest
    assert call["status"] in ("completed", "failed", "voicemail")


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    one = parse(b'{"session_id":"s","a":1,"b":2}')
    other = parse(b'{"b":2,"a":1, "session_id":"s"}')
    assert one.digest == other.digest
    assert one.is_same({"result_digest": other.digest})
    assert not parse(b'{"session_id":"s","result_id":"x"}').is_same({"result_id": "y", "result_digest": "z"})


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        *((cause, "failed") for cause in ("error", "no_answer", "rejected")),
        ("voicemail", "voicemail"),
        *(
            (cause, "completed")
            for cause in ("bot", "customer", "RNR", "outside_hours", "timeout", "transfer_to_agent")
        ),
    ],
)
def test_the_status_follows_from_the_cause(cause: str, status: str) -> None:
    assert split(parsed(disconnected_by=cause), SKELETON, NOW)[0]["status"] == status


def test_call_id_and_event_of_the_skeleton_stay_and_a_campaign_is_never_taken_from_a_result() -> None:
    call, _ = split(parsed(call_id="c-other", connected_event={"b": 2}, campaign_call_id="k"), SKELETON, NOW)
    assert not {"call_id", "connected_event", "campaign_call_id"} & set(call)
    call, _ = split(parsed(call_id="c-other"), {"_id": "s-1", "created_at": NOW}, NOW)
    assert call["call_id"] == "c-other"


def test_a_recording_gets_one_token_and_keeps_it() -> None:
    call, _ = split(parsed(recording_key="a.wav"), SKELETON, NOW, lambda: "tok")
    assert call["recording_access_token"] == "tok"
    assert "recording_access_token" not in split(parsed(), SKELETON, NOW)[0]
    again = split(parsed(recording_key="a.wav"), {**SKELETON, "recording_access_token": "old"}, NOW, lambda: "tok")[0]
    assert "recording_access_token" not in again


def test_facts_for_lists_are_read_off_the_analysis() -> None:
    facts = derived(
        {
            "post_call_analysis": {"DISPOSITION": " Order Status ", "SUB_DISPOSITION": 7},
            "qc_analysis": {"overall_score": "9"},
            "latency": {"total_avg_response_ms": 742},
        }
    )
    assert facts == {"disposition": "Order Status", "sub_disposition": "7", "avg_response_ms": 742.0}


def test_the_cache_summary_is_summed_from_both_passes_and_the_workers_own_wins() -> None:
    usage = {
        "post_call": {
            "prompt_tokens": 900,
            "completion_tokens": 120,
            "cache_read_input_tokens": 600,
            "cache_status": "hit",
        },
        "qc": {"prompt_tokens": 100, "completion_tokens": 20, "cache_status": "off"},
    }
    assert cache_summary(usage) == {
        "enabled": True, "worked": True, "statuses": ["hit", "off"], "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 0, "fresh_prompt_tokens": 400, "completion_tokens": 140,
    }  # fmt: skip
    assert cache_summary({"post_call": None}) is None
    own = split(parsed(usage_metrics=usage, llm_cache_summary={"worked": False}), SKELETON, NOW)[0]["llm_cache_summary"]
    assert own == {"worked": False}


def test_too_large_details_are_dropped_in_the_order_that_hurts_least() -> None:
    part = "x" * 1_000
    names = ("transcript", "events", "usage_metrics", "latency_samples", "metrics", "qc_analysis")
    details = dict.fromkeys(names, part)
    assert fitted(details, 10_000) == (details, [])
    kept, dropped = fitted(details, 4_500)
    assert dropped == ["metrics", "latency_samples"]
    kept, dropped = fitted(details, 1_500)
    assert dropped == ["metrics", "latency_samples", "usage_metrics", "events", "transcript"]
    assert list(kept) == ["qc_analysis"]
    kept, dropped = fitted({"other_fields": part * 3, "qc_analysis": part}, 2_000)
    assert dropped == ["other_fields"]


def test_a_bulky_field_never_lands_in_the_row_that_lists_read() -> None:
    call, details = split(parsed(recording_url="x" * (MAX_FIELD_BYTES + 1)), SKELETON, NOW)
    assert "recording_url" not in call
    assert len(details["invalid_fields"]["recording_url"]) > MAX_FIELD_BYTES


def test_a_second_different_result_fills_gaps_and_leaves_the_outcome() -> None:
    result = parsed(
        disconnected_by="error",
        caller_id="+1",
        recording_key="b.wav",
        transcript=[{"role": "user", "content": "x"}],
        events=[],
    )
    call, details = gaps(result, {"recording_key": "a.wav", "disconnected_by": "bot"}, {"transcript": [1]})
    assert call == {"caller_id": "+1"}
    assert details == {"events": []}
