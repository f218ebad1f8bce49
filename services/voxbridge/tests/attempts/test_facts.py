"""A result that is read as more, or less, than it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.attempts.facts import attempt_fields, customer_spoke, facts_of, outcome_of, wish_of
from voxbridge.attempts.gates import takes_callbacks

pytestmark = [pytest.mark.unit]
NOW = datetime(2026, 6, 5, 10, 15, tzinfo=UTC)
ANSWERED = NOW - timedelta(seconds=60)


def call(**fields: Any) -> dict:
    return {"result_received_at": NOW, "disconnected_by": "customer", **fields}


@pytest.mark.parametrize(
    ("cause", "seconds", "spoke", "outcome"),
    [
        ("customer", 5.0, False, "RNR"), ("customer", 5.1, False, "customer"), ("customer", 5.0, True, "customer"),
        ("customer", None, False, "customer"), ("bot", 1.0, False, "bot"), ("RNR", 30.0, False, "RNR"),
    ],
)  # fmt: skip
def test_only_a_customer_who_hangs_up_at_once_without_a_word_is_silent(
    cause: str, seconds: float | None, spoke: bool, outcome: str
) -> None:
    assert outcome_of(cause, seconds, spoke=spoke) == outcome


@pytest.mark.parametrize(
    ("transcript", "spoke"),
    [
        (None, False), ([], False), ("x", False), ([{"role": "assistant", "content": "hi"}], False),
        ([{"role": "user", "content": "  "}], False), ([None, {"role": "user", "content": "hi"}], True),
    ],
)  # fmt: skip
def test_a_word_is_a_word_of_the_customer(transcript: Any, spoke: bool) -> None:
    assert customer_spoke({}, {"transcript": transcript}) is spoke


def test_a_transcript_that_was_too_long_to_keep_had_words() -> None:
    assert customer_spoke({"truncated_fields": ["metrics", "transcript"]}, {})


def test_times_that_no_finished_call_can_have_are_replaced_by_the_arrival() -> None:
    assert facts_of(call(ended_at=NOW + timedelta(days=1)), {}).ended_at == NOW
    assert facts_of(call(ended_at=ANSWERED), {}).ended_at == ANSWERED


def test_without_a_duration_the_talk_is_from_the_answer_to_the_end() -> None:
    assert facts_of(call(answered_at=ANSWERED, ended_at=NOW), {}).talk_seconds == 60.0
    assert facts_of(call(ended_at=NOW), {}).talk_seconds is None


@pytest.mark.parametrize("value", [True, 1, 1.0, "yes", " YES ", "true", "1"])
def test_yes_in_every_form_is_a_wish(value: Any) -> None:
    wish = wish_of({"callback_requested": value, "callback_preferred_time_text": " kal \n subah "}, NOW)
    assert wish is not None
    assert (wish.preferred_time_text, wish.requested_at) == ("kal subah", NOW)


@pytest.mark.parametrize("value", [False, 0, None, "", "no", "maybe", "2", 2, [], {}, [True]])
def test_everything_else_is_none(value: Any) -> None:
    assert wish_of({"callback_requested": value}, NOW) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (0.4, 0.4), ("0.9", 0.9), (1, 1.0), (1.1, None), (-1, None), (True, None), ("high", None), ("nan", None),
        (None, None), ([1], None),
    ],
)  # fmt: skip
def test_a_confidence_is_between_0_and_1_or_unknown(said: Any, kept: float | None) -> None:
    wish = wish_of({"callback_requested": True, "callback_confidence": said}, NOW)
    assert wish is not None
    assert wish.confidence == kept


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda part: st.lists(part, max_size=3)))
def test_no_answer_of_a_model_breaks_the_reading(value: Any) -> None:
    names = ("preferred_time_text", "reason", "confidence")
    wish = wish_of({"callback_requested": True, **{f"callback_{name}": value for name in names}}, NOW)
    assert wish is not None
    assert len(wish.reason) <= 500
    assert wish_of(value, NOW) is None


def test_what_the_dialler_noted_stays() -> None:
    noted = {"dialled_at": ANSWERED, "answered_at": ANSWERED, "ring_seconds": 7.5}
    facts = facts_of(call(started_at=NOW, answered_at=NOW, ended_at=NOW), {})
    fields = attempt_fields(noted, facts, late=False)
    assert {name: fields[name] for name in noted} == noted


def test_who_talked_has_answered_even_when_nobody_noted_it() -> None:
    """Else a campaign would count more conversations than answers."""
    facts = facts_of(call(started_at=ANSWERED, ended_at=NOW, disconnected_by="bot"), {})
    fields = attempt_fields({"dialled_at": ANSWERED - timedelta(seconds=8)}, facts, late=False)
    assert (fields["answered_at"], fields["ring_seconds"]) == (ANSWERED, 8.0)


def test_an_answer_that_the_dialler_may_be_noting_now_is_not_written_over() -> None:
    facts = facts_of(call(ended_at=NOW, disconnected_by="error"), {})
    assert "answered_at" not in attempt_fields({"dialled_at": ANSWERED}, facts, late=False)


@pytest.mark.parametrize(
    ("bot", "campaign", "open_"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_a_callback_needs_both_gates(bot: bool, campaign: bool, open_: bool) -> None:
    config = {"config": {"callback_detection": {"enabled": campaign}}}
    assert takes_callbacks({"callback_prompt_injection": bot}, config) is open_
    assert not takes_callbacks(None, config)
    assert not takes_callbacks({"callback_prompt_injection": bot}, None)
