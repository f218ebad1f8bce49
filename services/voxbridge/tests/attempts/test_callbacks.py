"""A wish to be called back that gets lost on its way from one call into the next, or never ends."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from voxkit.contracts.campaigns import MAX_CALLBACK_RESCHEDULES

from ..campaign_rows import (
    PlacedCall,
    add_bot,
    add_campaign,
    add_row,
    attempt_of,
    on_the_phone,
    row_of,
    run_outbox,
    send_result,
)

pytestmark = [pytest.mark.integration]
CALLBACKS = {"callback_detection": {"enabled": True}}
ASKS = {
    "callback_requested": "yes", "callback_preferred_time_text": "in 2 hours", "callback_reason": "at work",
    "callback_confidence": 0.3,
}  # fmt: skip
WORD = [{"role": "user", "content": "call me later"}]


async def fetch(bridge: Any, call: PlacedCall, attempt_no: int, **fields: Any) -> dict:
    """The config as the worker of this attempt gets it."""
    event = {
        "_campaign_session_id": call.session_id, "_campaign_id": "c1", "_campaign_call_id": call.row_id,
        "_campaign_attempt": attempt_no, "_campaign_run_number": 1, "transport": "exotel", **fields,
    }  # fmt: skip
    params = {"caller_id": "+15550100", "stream_id": call.session_id, "connected_event": json.dumps(event)}
    answer = await bridge.service.get("/api/v1/config/bot-a", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def finish(bridge: Any, call: PlacedCall, **fields: Any) -> dict:
    given = {"disconnected_by": "customer", "call_duration_seconds": 41.2, "transcript": WORD} | fields
    await send_result(bridge, call.session_id, **given)
    await run_outbox(bridge)
    return await row_of(bridge, call.row_id)


@pytest.fixture
async def campaign(bridge) -> dict:
    await add_bot(bridge, callback_prompt_injection=True, llm={"provider": "openai_compatible", "model": "m"})
    return await add_campaign(bridge, config=CALLBACKS)


async def test_a_wish_goes_from_the_call_into_the_next_one_and_ends_there(bridge, campaign) -> None:
    call = await on_the_phone(bridge, campaign, await add_row(bridge, campaign, "+15550100"))
    config = await fetch(bridge, call, 1)
    assert config["callback_detection_enabled"] is True
    assert "asked for this call" not in config["system_prompt"]
    row = await finish(bridge, call, post_call_analysis=ASKS)
    attempt = await attempt_of(bridge, call.attempt_id)
    wish, asked_at = row["callback"], attempt["ended_at"]
    assert row["status"] == "callback_scheduled"
    assert row["next_retry_at"] == wish["scheduled_at"] == attempt["callback_scheduled_at"]
    assert wish["scheduled_at"] == asked_at + timedelta(hours=2)
    assert (wish["active"], wish["requested"], wish["status"], wish["sequence"]) == (True, True, "scheduled", 1)
    assert (wish["preferred_time_text"], wish["reason"], wish["confidence"]) == ("in 2 hours", "at work", 0.3)
    again = await on_the_phone(bridge, campaign, row, kind="callback", callback_sequence=1)
    config = await fetch(bridge, again, 1, callback_preferred_time_text="in 2 hours", callback_reason="at work")
    assert "The customer asked for this call" in config["system_prompt"]
    assert "in 2 hours" in config["system_prompt"]
    row = await finish(bridge, again)
    assert (row["status"], row["attempt_count"]) == ("completed", 1)
    assert (row["callback"]["status"], row["callback"]["active"]) == ("completed", False)


async def test_a_customer_may_put_us_off_five_times(bridge, campaign) -> None:
    row = await add_row(bridge, campaign, "+15550100")
    for sequence in range(1, MAX_CALLBACK_RESCHEDULES + 1):
        kind = "initial" if sequence == 1 else "callback"
        row = await finish(bridge, await on_the_phone(bridge, campaign, row, kind=kind), post_call_analysis=ASKS)
        assert (row["status"], row["callback"]["sequence"]) == ("callback_scheduled", sequence)
    row = await finish(bridge, await on_the_phone(bridge, campaign, row, kind="callback"), post_call_analysis=ASKS)
    assert (row["status"], row["attempt_count"]) == ("completed", 1)
    assert (row["callback"]["status"], row["callback"]["schedule_reason"]) == ("cancelled", "asked_too_often")


async def test_a_callback_that_nobody_takes_is_called_off_with_its_contact(bridge, campaign) -> None:
    row = await add_row(bridge, campaign, "+15550100")
    row = await finish(bridge, await on_the_phone(bridge, campaign, row), post_call_analysis=ASKS)
    call = await on_the_phone(bridge, campaign, row, kind="callback")
    row = await finish(bridge, call, disconnected_by="voicemail")
    assert (row["status"], row["callback"]["status"], row["callback"]["active"]) == ("exhausted", "cancelled", False)


@pytest.mark.parametrize("shut", ["bot", "campaign"])
async def test_with_one_gate_shut_a_wish_changes_nothing(bridge, campaign, shut: str) -> None:
    if shut == "bot":
        await bridge.ctx.db["bots"].update_one({"_id": "bot-a"}, {"$set": {"callback_prompt_injection": False}})
    else:
        off = {"$set": {"config.callback_detection.enabled": False}}
        await bridge.ctx.db["campaigns"].update_one({"_id": "c1"}, off)
    call = await on_the_phone(bridge, campaign, await add_row(bridge, campaign, "+15550100"))
    row = await finish(bridge, call, post_call_analysis=ASKS)
    assert (row["status"], row.get("callback")) == ("completed", None)
    assert (await attempt_of(bridge, call.attempt_id))["callback_requested"] is False
