"""A customer who asked for a person and is lost between two lines, or told that all is well when it is not."""

from __future__ import annotations

import pytest

from .outcome import Outcome
from .scenario import Scenario

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

DESK = {
    "transfer_targets": [
        {
            "id": "desk",
            "label": "Front desk",
            "method": "websocket_reverse_transfer",
            "type": "extension",
            "value": "2001",
            "is_default": True,
        }
    ]
}
UNANSWERED = Scenario(
    "transfer_unanswered",
    """
- wait_for_bot
- say: Please let me talk to a person.
- wait_for_bot: {silence_s: 1.0}
- wait_for_bot: {silence_s: 2.0, timeout_s: 30}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    DESK,
    persona_fields={"on_transfer": "ignore"},
)
DONE = Scenario("transfer_done", "transfer_ok", DESK)
REFUSED = Scenario("transfer_refused", "transfer_refused", DESK)


@pytest.mark.call(DONE)
def test_a_transfer_that_is_taken_ends_the_bots_part_after_its_words(call: Outcome) -> None:
    (transfer,) = call.report.transfers
    assert transfer.to == "2001"
    result = call.result
    assert result["was_transferred"] is True, call.talk()
    assert result["disconnected_by"] == "bot"
    assert result["status"] == "completed"
    assert (result["transfer_target"], result["transfer_destination"]) == ("desk", "2001")
    assert result["transfer_method"] == "websocket_reverse_transfer"
    assert result["transfer_reason"]
    assert result.get("transfer_failed_reason") is None
    assert [len(call.events(kind)) for kind in ("transfer_requested", "transfer_completed", "transfer_failed")] == [
        1,
        1,
        0,
    ]
    announced = next(entry for entry in call.entries("assistant") if "connecting you" in entry["content"])
    assert not announced["interrupted"]
    assert transfer.at_s >= announced["end_ms"] / 1000 - 0.3, call.talk()


@pytest.mark.call(REFUSED)
def test_a_refused_transfer_is_told_and_the_conversation_goes_on(call: Outcome) -> None:
    result = call.result
    assert result["was_transferred"] is False, call.talk()
    assert result["transfer_failed_reason"] == "busy"
    assert (result["transfer_target"], result["transfer_destination"]) == ("desk", "2001")
    assert [len(call.events(kind)) for kind in ("transfer_requested", "transfer_completed", "transfer_failed")] == [
        1,
        0,
        1,
    ]
    spoken = call.said("assistant")
    assert any("could not reach a colleague" in said for said in spoken), call.talk()
    assert any(said.startswith("We are open from") for said in spoken), call.talk()
    assert result["disconnected_by"] == "bot"


@pytest.mark.call(UNANSWERED)
def test_a_transfer_nobody_takes_fails_after_fifteen_seconds(call: Outcome) -> None:
    assert call.result["was_transferred"] is False, call.talk()
    assert call.result["transfer_failed_reason"] == "no_ack"
    (asked,), (failed,) = call.events("transfer_requested"), call.events("transfer_failed")
    assert 14_500 <= failed["offset_ms"] - asked["offset_ms"] <= 20_000, call.talk()
    assert any("could not reach a colleague" in said for said in call.said("assistant")), call.talk()
    assert call.result["disconnected_by"] == "bot"
