"""A conversation that ends wrongly: cut goodbyes, silent lines that never hang up, causes that are not the real one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from .outcome import Outcome
from .scenario import Scenario, stage
from .switchboard import Switchboard
from .words import says_at_last

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ANALYSED = {
    "post_call_analysis_prompt": "Answer with a JSON object: DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS.",
    "qc_prompt": "Judge the quality of the bot. Answer with a JSON object: overall_score, remarks.",
    "post_call_llm": stage(model="default"),
}

SUCCESS = Scenario("success", "friendly", ANALYSED)


@pytest.mark.call(SUCCESS)
def test_a_conversation_of_four_turns_ends_after_the_whole_goodbye(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert call.result["status"] == "completed"
    assert len(call.said("user")) >= 4, call.talk()
    assert [event["tool"] for event in call.events("tool_call")] == ["end_call"]
    assert says_at_last(call, "goodbye"), call.talk()
    assert call.report.ended_by == "bot"
    assert call.report.cut_ms == 0
    assert call.report.hang_up_gap_ms is not None
    assert call.report.hang_up_gap_ms >= 240, "W12: 0.25 s between the last word and the hang-up"
    assert not call.report.protocol_errors


@pytest.mark.call(SUCCESS)
def test_a_conversation_leaves_analysis_latency_usage_and_a_recording_of_its_length(call: Outcome) -> None:
    result = call.result
    assert result["disposition"] == "Delivery Changed"
    assert result["post_call_analysis"]["SUB_DISPOSITION"] == "COMPLETED"
    assert result["qc_analysis"]["overall_score"] >= 7
    assert result["latency"]["turns"] >= 4
    assert len(result["latency_samples"]) >= 4
    assert all(sample["total_ms"] > 0 for sample in result["latency_samples"])
    for part in ("stt", "llm", "tts"):
        assert result["usage_metrics"][part]["provider"] == "openai_compatible"
    assert result["usage_metrics"]["llm"]["requests"] >= 4
    assert abs(call.recorded_s() - result["call_duration_seconds"]) <= 0.5
    assert abs(call.recorded_s() - call.report.duration_s) <= 1.0
    assert [entry["start_ms"] for entry in result["transcript"]] == sorted(
        entry["start_ms"] for entry in result["transcript"]
    )


SILENT = Scenario(
    "silent",
    "silent",
    {
        "re_engagement": {
            "timeout_seconds": 3,
            "messages": ["Are you still there?", "I cannot hear you."],
            "final_message": "I will try again later. Goodbye.",
        }
    },
    options={"max_call_s": 60},
)


@pytest.mark.call(SILENT)
def test_a_silent_customer_is_asked_twice_and_then_the_bot_hangs_up_as_rnr(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "RNR", call.talk()
    assert [event["text"] for event in call.events("re_engagement")] == ["Are you still there?", "I cannot hear you."]
    spoken = " ".join(call.said("assistant"))
    assert spoken.endswith("Are you still there? I cannot hear you. I will try again later. Goodbye."), call.talk()
    assert call.result["disposition"] == "RNR"
    assert call.result["sub_disposition"] == "RNR"
    assert not call.said("user"), call.talk()
    assert call.report.ended_by == "bot"
    assert says_at_last(call, "goodbye")


HANGS_UP = Scenario("hangs_up", "hangs_up_midway")


@pytest.mark.call(HANGS_UP)
def test_a_customer_who_hangs_up_in_mid_sentence_is_the_one_who_ended_the_call(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "customer", call.talk()
    assert call.result["status"] == "completed"
    (ended,) = call.events("call_ended")
    assert ended["disconnected_by"] == "customer"
    assert call.report.ended_by == "caller"
    assert abs(call.recorded_s() - call.report.duration_s) <= 1.0


LOST = Scenario("line_lost", "- wait_for_bot\n- hang_up: {after_s: 0.5, abrupt: true}\n")


@pytest.mark.call(LOST)
def test_a_lost_line_is_the_customer_gone_and_the_worker_is_free_again(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "customer", call.talk()
    assert call.events("transport_lost")


MAX_DURATION = Scenario(
    "max_duration",
    "- wait_for_bot\n- say: Please tell me everything about your service.\n- silence: {for_s: 40}\n",
    {"llm": stage(model="acceptance"), "max_call_duration_seconds": 10},
)


@pytest.mark.call(MAX_DURATION)
def test_a_call_over_its_longest_duration_ends_within_a_sentence(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "timeout", call.talk()
    assert call.report.ended_by == "bot"
    # T11: ten seconds, a sentence of at most three, the quarter second before a hang-up.
    assert 10 <= call.result["call_duration_seconds"] <= 15
    assert call.recorded_s() <= 15.5


VOICEMAIL = Scenario(
    "voicemail",
    """
- pause: 0.6
- voicemail_greeting
- pause: 0.8
- beep: {for_s: 1.2}
- silence: {for_s: 30}
""",
    {
        "builtin_tools": {"end_call": {"enabled": True}, "detected_voicemail": {"enabled": True}},
        "voicemail_message": "This is Vox Parcels. Please call us back about your parcel.",
    },
)


@pytest.mark.call(VOICEMAIL)
def test_a_machine_gets_the_voicemail_message_after_its_greeting(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "voicemail", call.talk()
    assert call.result["status"] == "voicemail"
    assert call.result["disposition"] == "IVR"
    message = next(
        entry for entry in call.entries("assistant") if entry["content"].startswith("This is Vox Parcels. Please")
    )
    greeting = call.report.turns[0]
    assert message["start_ms"] / 1000 >= greeting.ended_s + 0.4, call.talk()
    assert says_at_last(call, "parcel")


@pytest.mark.call(VOICEMAIL)
def test_the_voicemail_message_comes_after_the_beep(call: Outcome) -> None:
    beep = next(moment for moment in call.report.moments if moment.data.get("sound") == "beep")
    start, _ = call.bot_speech(gap_s=0.8)[-1]
    assert start >= beep.at_s + 1.2, call.talk()


def closed_today() -> dict[str, object]:
    """Hours that are over whenever this is read: only a day three days from now."""
    other_day = DAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]
    return {"active_hours": {"enabled": True, "days": [other_day]}}


OUTSIDE_HOURS = Scenario("outside_hours", "silent", closed_today(), options={"max_call_s": 30})


@pytest.mark.call(OUTSIDE_HOURS)
def test_a_call_outside_the_hours_is_refused_and_recorded_as_such(call: Outcome) -> None:
    assert call.report.ended_by == "bot"
    assert call.report.reason == "outside_hours"
    assert call.report.close_code == 1000
    assert call.report.pacing.chunks == 0
    assert call.result["disconnected_by"] == "outside_hours"
    assert call.result["status"] == "completed"
    assert call.result["call_duration_seconds"] == 0
    assert call.result["caller_id"] == "+15550100"


async def _to_nobody(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    return await board.place(scenario, url, "no-such-bot")


UNKNOWN_BOT = Scenario("unknown_bot", "silent", options={"max_call_s": 30}, run=_to_nobody)


@pytest.mark.call(UNKNOWN_BOT)
def test_a_call_to_an_unknown_bot_is_hung_up_as_error_and_makes_no_record(call: Outcome) -> None:
    assert call.report.ended_by == "bot"
    assert call.report.reason == "error"
    assert call.report.close_code == 1011
    assert call.record is None
    assert call.report.duration_s < 10
