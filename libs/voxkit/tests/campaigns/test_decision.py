"""Every line of the decision table (voxbridge 14.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voxkit.campaigns import CallbackWish, Ended, decide, rates

pytestmark = [pytest.mark.unit]

NOW = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
WISH = CallbackWish(NOW, "5 pm", "busy", 0.9)
SCHEDULED = {"status": "scheduled", "active": True, "sequence": 1, "scheduled_at": NOW}


def campaign(status: str = "running", reason: str | None = None, **config: Any) -> dict[str, Any]:
    return {
        "_id": "c",
        "status": status,
        "completion_reason": reason,
        "config": {"campaign_mode": "multi_day", **config},
    }


def row(attempts: int = 1, **fields: Any) -> dict[str, Any]:
    return {"_id": "r", "attempt_count": attempts, **fields}


def ended(outcome: str, **fields: Any) -> Ended:
    return Ended(outcome, NOW, **fields)


@pytest.mark.parametrize(
    ("reason", "outcome", "attempts", "status", "line"),
    [
        ("manual_stop", "customer", 1, "completed", 1), ("window_closed", "bot", 1, "completed", 1),
        ("manual_stop", "no_answer", 1, "manual_stopped", 1), ("window_closed", "no_answer", 1, "window_closed", 1),
        ("manual_stop", "no_answer", 3, "exhausted", 5), ("window_closed", "amd_machine", 1, "amd_machine", 5),
        ("manual_stop", "abandoned", 1, "abandoned", 5), ("window_closed", "invalid_number", 1, "exhausted", 5),
    ],
)  # fmt: skip
def test_line_1_a_campaign_that_was_ended_dials_nobody_again(
    reason: str, outcome: str, attempts: int, status: str, line: int
) -> None:
    made = decide(campaign("completed", reason), row(attempts), ended(outcome, callback=WISH))
    assert (made.status, made.line, made.next_retry_at) == (status, line, None)


def test_line_1_a_campaign_that_came_to_its_end_by_itself_is_judged_like_a_running_one() -> None:
    assert decide(campaign("completed", "all_contacts_done"), row(), ended("no_answer")).status == "retry_scheduled"


@pytest.mark.parametrize(("outcome", "status"), [("customer", "completed"), ("no_answer", "excluded")])
def test_line_2_an_excluded_number_is_not_dialled_again(outcome: str, status: str) -> None:
    for contact, end in (
        (row(exclude_requested=True), ended(outcome, callback=WISH)),
        (row(), ended(outcome, callback=WISH, suppressed=True)),
    ):
        made = decide(campaign(), contact, end)
        assert (made.status, made.line) == (status, 2)


def test_line_3_a_callback_goes_before_a_retry_and_counts_up_to_five() -> None:
    made = decide(campaign(), row(), ended("customer", callback=WISH))
    assert (made.status, made.line) == ("callback_scheduled", 3)
    assert made.next_retry_at == datetime(2026, 6, 10, 17, 0, tzinfo=UTC)
    assert made.callback is not None
    assert made.callback["sequence"] == 1
    fourth = decide(campaign(), row(callback={**SCHEDULED, "sequence": 4}), ended("customer", callback=WISH))
    assert fourth.callback is not None
    assert fourth.callback["sequence"] == 5
    sixth = decide(campaign(), row(callback={**SCHEDULED, "sequence": 5}), ended("customer", callback=WISH))
    assert (sixth.status, sixth.line) == ("completed", 5)


def test_line_3_a_run_of_one_day_has_no_callback_on_another_day() -> None:
    today = campaign(campaign_mode="single_day")
    assert decide(today, row(), ended("customer", callback=WISH)).status == "callback_scheduled"
    tomorrow = CallbackWish(NOW, "tomorrow 5 pm")
    assert decide(today, row(), ended("customer", callback=tomorrow)).status == "completed"
    late = CallbackWish(NOW, "9 pm")
    assert decide(today, row(), ended("RNR", callback=late)).status == "retry_scheduled"


@pytest.mark.parametrize("outcome", ["no_answer", "rejected", "RNR", "error", "timeout"])
def test_line_4_a_system_outcome_is_dialled_again_while_attempts_are_left(outcome: str) -> None:
    made = decide(campaign(), row(2), ended(outcome))
    assert (made.status, made.line, made.next_retry_at) == ("retry_scheduled", 4, NOW + timedelta(minutes=30))
    assert decide(campaign(), row(3), ended(outcome)).line == 5


def test_line_4_a_timeout_counts_only_when_the_customer_never_spoke() -> None:
    assert decide(campaign(), row(), ended("timeout", customer_spoke=True)).status == "completed"


def test_line_4_a_disposition_is_compared_without_case() -> None:
    rules = {"redial_rules": {"retry_on_custom": ["Not Interested"], "retry_delay_minutes": 5}}
    made = decide(campaign(**rules), row(), ended("customer", disposition="NOT INTERESTED"))
    assert (made.status, made.next_retry_at, made.connected) == ("retry_scheduled", NOW + timedelta(minutes=5), True)
    assert decide(campaign(**rules), row(), ended("customer", disposition="Sold")).status == "completed"


def test_an_invalid_number_is_never_dialled_again() -> None:
    rules = {"redial_rules": {"retry_on_custom": ["invalid"]}}
    assert decide(campaign(**rules), row(), ended("invalid_number", disposition="invalid")).status == "exhausted"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("bot", "completed"), ("customer", "completed"), ("transfer_to_agent", "completed"),
        ("amd_machine", "amd_machine"), ("abandoned", "abandoned"), ("no_answer", "exhausted"),
        ("voicemail", "exhausted"), ("error", "exhausted"),
    ],
)  # fmt: skip
def test_line_5_what_is_left_when_nothing_brings_it_back(outcome: str, status: str) -> None:
    assert decide(campaign(), row(3), ended(outcome)).status == status


@pytest.mark.parametrize(
    ("outcome", "attempts", "callback"),
    [("customer", 1, "completed"), ("no_answer", 3, "cancelled"), ("no_answer", 1, None)],
)
def test_a_scheduled_callback_is_settled_with_its_contact(outcome: str, attempts: int, callback: str | None) -> None:
    made = decide(campaign(), row(attempts, callback=SCHEDULED), ended(outcome))
    assert (made.callback["status"] if made.callback else None) == callback


def test_rates_are_null_without_a_denominator_and_exact_otherwise() -> None:
    assert rates({})["connect_rate"] is None
    found = rates(
        {
            "total_calls": 8, "completed": 3, "failed": 1, "attempted": 6, "connected": 3, "attempts": 9,
            "answered_attempts": 5, "abandoned_attempts": 1, "machine_attempts": 2,
        }
    )  # fmt: skip
    assert found == {
        "processed": 4, "processed_share": 0.5, "attempt_answer_rate": 0.5556, "connect_rate": 0.5,
        "completion_rate": 0.375, "abandon_rate": 0.3333,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of", "contact", "fields", "why"),
    [
        pytest.param(campaign(), row(callback=SCHEDULED | {"sequence": 5}), {}, "asked_too_often", id="too often"),
        pytest.param(
            campaign(campaign_mode="single_day", time_window={"start": "09:00", "end": "16:00"}), row(), {},
            "after_the_run", id="another day",
        ),
        pytest.param(campaign("completed", "manual_stop"), row(), {}, "campaign_ended", id="ended"),
        pytest.param(campaign(), row(exclude_requested=True), {}, "excluded", id="excluded"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_stands_on_the_contact_with_its_reason(
    of: dict[str, Any], contact: dict[str, Any], fields: dict[str, Any], why: str
) -> None:
    """Without a mark an operator cannot tell who asked for a call and never got it."""
    made = decide(of, contact, ended("customer", callback=WISH, **fields))
    assert made.status == "completed"
    assert made.callback is not None
    shown = {name: made.callback[name] for name in ("active", "requested", "status", "scheduled_at", "schedule_reason")}
    assert shown == {
        "active": False, "requested": True, "status": "cancelled", "scheduled_at": None, "schedule_reason": why,
    }  # fmt: skip
    assert made.callback["sequence"] == (contact.get("callback") or {"sequence": 0})["sequence"]
