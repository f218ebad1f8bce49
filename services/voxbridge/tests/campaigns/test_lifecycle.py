"""A move that the state table does not know, a second effect of a repeated action, a start that should be refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.campaigns.settling import AT_LEAST, Settling
from voxkit.clock import iso
from voxkit.contracts.campaigns import ACTIVE

from ..campaign_rows import add_bot
from .drafts import (
    ALWAYS,
    MONDAY,
    NUMBER,
    URL,
    act,
    add_carrier,
    at,
    create,
    done,
    later,
    office,
    read,
    refusal,
    rows_of,
    set_rows,
)

pytestmark = [pytest.mark.integration]
ACTIONS = ("start", "resume", "pause", "stop", "restart", "cancel-restart")
STATES = ("draft", "running", "paused", "completed", "prepared")
MOVES = {
    ("draft", "start"): "running",
    ("draft", "resume"): "running",
    ("paused", "start"): "running",
    ("paused", "resume"): "running",
    ("running", "pause"): "paused",
    ("running", "stop"): "completed",
    ("paused", "stop"): "completed",
    ("completed", "restart"): "draft",
    ("prepared", "start"): "running",
    ("prepared", "resume"): "running",
    ("prepared", "cancel-restart"): "completed",
}
WAY = {
    "draft": (),
    "running": ("start",),
    "paused": ("start", "pause"),
    "completed": ("start", "stop"),
    "prepared": ("start", "stop", "restart"),
}


@pytest.mark.parametrize("state", STATES)
async def test_the_state_table(bridge, state: str) -> None:
    """Each action from each state: the move of the table, or 409 and no change; and a repeat is 409 too."""
    await office(bridge)
    for action in ACTIONS:
        campaign = await create(bridge, contacts=1, name=f"{state} {action}")
        for step in WAY[state]:
            await done(bridge, campaign, step)
        before = await read(bridge, campaign)
        answer = await act(bridge, campaign, action)
        if (state, action) not in MOVES:
            code = "not_prepared" if action == "cancel-restart" else "invalid_state"
            assert refusal(answer) == (409, code), (state, action)
            after = await read(bridge, campaign)
            assert {**after, "stats": None} == {**before, "stats": None}
            continue
        assert answer.status_code == 200, (state, action, answer.text)
        assert answer.json()["status"] == MOVES[state, action]
        assert answer.json()["activity_log"][-1]["action"] == action
        assert refusal(await act(bridge, campaign, action))[0] == 409


async def test_of_many_at_once_one_wins(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=1)
    for action in ("start", "pause", "stop", "restart", "cancel-restart"):
        if action == "pause":
            await done(bridge, campaign, "pause")
            await done(bridge, campaign, "resume")
            continue
        answers = await asyncio.gather(*(act(bridge, campaign, action) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    log = (await read(bridge, campaign))["activity_log"]
    assert [entry["action"] for entry in log] == [
        "create", "start", "pause", "resume", "stop", "restart", "cancel-restart",
    ]  # fmt: skip


# --- cannot_start ----------------------------------------------------------------------------------------------------


async def _reasons(bridge: Any, campaign: dict[str, Any]) -> list[str]:
    answer = await act(bridge, campaign, "start")
    assert refusal(answer) == (409, "cannot_start"), answer.text
    return answer.json()["reasons"]


async def test_a_start_names_everything_that_is_missing(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, number_pool=[])
    assert await _reasons(bridge, campaign) == ["number_pool_empty", "no_contacts"]
    await bridge.ctx.db["bots"].delete_one({"_id": "bot-a"})
    answer = await act(bridge, campaign, "start")
    assert answer.json()["reasons"] == ["bot_missing", "number_pool_empty", "no_contacts"]
    assert "choose another" in answer.json()["message"]
    assert (await read(bridge, campaign))["status"] == "draft"


async def test_a_bot_that_is_switched_off_starts_nothing(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=1)
    await bridge.ctx.db["bots"].update_one({"_id": "bot-a"}, {"$set": {"is_active": False}})
    assert await _reasons(bridge, campaign) == ["bot_inactive"]


async def test_a_number_must_be_known_and_call_out(bridge) -> None:
    await add_bot(bridge)
    await add_carrier(bridge, **{"15550200": "outbound"})
    campaign = await create(bridge, contacts=1, number_pool=[NUMBER, "+15550200"])
    dids = [{"number": NUMBER, "phone_key": NUMBER[1:], "direction": "inbound"}]
    await bridge.ctx.db["carriers"].update_one({"_id": "k1"}, {"$set": {"dids": dids}})
    assert await _reasons(bridge, campaign) == ["number_unknown", "number_inbound_only"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"config.concurrency_limit": 0}, "concurrency_limit"),
        ({"config.time_window.timezone": "Mars/Base"}, "time_window"),
        ({"upload": {"state": "failed"}}, "upload_in_progress"),
    ],
)
async def test_what_another_release_or_a_dead_load_left_behind(bridge, changes: dict[str, Any], reason: str) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=1)
    await bridge.ctx.db["campaigns"].update_one({"_id": campaign["campaign_id"]}, {"$set": changes})
    assert await _reasons(bridge, campaign) == [reason]


async def test_a_window_that_never_meets_the_bots_hours_does_not_start(bridge) -> None:
    await add_bot(bridge, active_hours={"enabled": True, "start_time": "08:00", "end_time": "09:00", "days": ["sun"]})
    await add_carrier(bridge)
    campaign = await create(bridge, contacts=1, config={"time_window": {"days": ["mon"]}})
    assert await _reasons(bridge, campaign) == ["time_window"]


async def test_an_always_on_campaign_starts_without_contacts(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, config={**ALWAYS, "always_on": True})
    assert (await done(bridge, campaign, "start"))["status"] == "running"


@pytest.mark.parametrize("state", ACTIVE)
async def test_a_second_run_waits_for_the_calls_of_the_first(bridge, state: str) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=2)
    await done(bridge, campaign, "start")
    await set_rows(bridge, campaign, state, "completed")
    await done(bridge, campaign, "stop")
    await done(bridge, campaign, "restart")
    assert await _reasons(bridge, campaign) == ["calls_active"]
    await set_rows(bridge, campaign, "completed")
    await done(bridge, campaign, "start")


async def test_a_paused_campaign_goes_on_while_its_calls_last(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=2)
    await done(bridge, campaign, "start")
    await set_rows(bridge, campaign, "in_progress")
    await done(bridge, campaign, "pause")
    assert (await done(bridge, campaign, "resume"))["status"] == "running"


# --- runs ------------------------------------------------------------------------------------------------------------


async def test_the_first_start_of_a_single_day_run_fixes_its_window(bridge) -> None:
    await office(bridge)
    await at(bridge, MONDAY)
    single = {"time_window": {"start": "09:00", "end": "18:00", "timezone": "UTC"}}
    now = await create(bridge, contacts=1, config=single)
    opened = (await done(bridge, now, "start"))["run_window"]
    assert opened == {"opens_at": iso(MONDAY), "closes_at": "2030-06-03T18:00:00.000Z"}
    await at(bridge, MONDAY + timedelta(hours=9))
    evening = await create(bridge, contacts=1, config=single)
    window = (await done(bridge, evening, "start"))["run_window"]
    assert window == {"opens_at": "2030-06-04T09:00:00.000Z", "closes_at": "2030-06-04T18:00:00.000Z"}
    await done(bridge, evening, "pause")
    later(bridge, hours=1)
    assert (await done(bridge, evening, "resume"))["run_window"] == window
    always = await create(bridge, contacts=1)
    assert (await done(bridge, always, "start"))["run_window"] is None


async def test_windows_that_follow_each_other_are_still_one_day_each(bridge) -> None:
    await office(bridge)
    await at(bridge, MONDAY)
    campaign = await create(bridge, contacts=1, config={"time_window": {"start": "00:00", "end": "00:00"}})
    window = (await done(bridge, campaign, "start"))["run_window"]
    assert window == {"opens_at": iso(MONDAY), "closes_at": "2030-06-04T00:00:00.000Z"}


async def test_a_paused_run_goes_on_by_a_window_that_was_changed(bridge) -> None:
    await office(bridge)
    await at(bridge, MONDAY)
    campaign = await create(bridge, contacts=1, config={"time_window": {"end": "12:00", "timezone": "UTC"}})
    await done(bridge, campaign, "start")
    await done(bridge, campaign, "pause")
    later(bridge, hours=1)
    body = {"config": {"time_window": {"end": "20:00"}}}
    changed = (await bridge.admin.patch(f"{URL}/{campaign['campaign_id']}", json=body)).json()
    assert changed["run_window"]["closes_at"] == "2030-06-03T20:00:00.000Z"


# --- the end ---------------------------------------------------------------------------------------------------------


async def test_stop_settles_whoever_waits_and_calls_their_callbacks_off(bridge) -> None:
    await office(bridge)
    states = ("pending", "retry_scheduled", "callback_scheduled", "in_progress", "leased", "completed")
    campaign = await create(bridge, contacts=len(states))
    await done(bridge, campaign, "start")
    await set_rows(bridge, campaign, *states)
    waiting = (await rows_of(bridge, campaign))[2]
    scheduled = {"active": True, "status": "scheduled", "sequence": 1}
    await bridge.ctx.db["campaign_calls"].update_one({"_id": waiting["_id"]}, {"$set": {"callback": scheduled}})
    await done(bridge, campaign, "stop")
    settling = Settling(bridge.ctx)
    await settling.run()
    rows = await rows_of(bridge, campaign)
    assert [row["status"] for row in rows] == ["manual_stopped"] * 3 + ["in_progress", "leased", "completed"]
    assert rows[2]["callback"] == {"active": False, "status": "cancelled", "sequence": 1}
    assert rows[0].get("callback") is None
    # The dialler gives back what it had leased, after the stop; it is settled like the others.
    await set_rows(bridge, campaign, *["manual_stopped"] * 3, "completed", "pending", "completed")
    later(bridge, seconds=AT_LEAST.total_seconds() + 1)
    await settling.run()
    assert [row["status"] for row in await rows_of(bridge, campaign)][3:5] == ["completed", "manual_stopped"]
    await settling.run()
    stored = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
    assert "unsettled" not in stored
    assert (stored["stats"]["manual_stopped"], stored["stats"]["completed"], stored["stats"]["processed"]) == (4, 2, 6)


async def test_a_campaign_that_was_prepared_again_is_not_settled_any_more(bridge) -> None:
    await office(bridge)
    campaign = await create(bridge, contacts=2)
    await done(bridge, campaign, "start")
    await done(bridge, campaign, "stop")
    await done(bridge, campaign, "restart")
    # As if the stop had not been settled yet; written now, because voxbridge's own job settles what is stopped.
    await bridge.ctx.db["campaigns"].update_one({"_id": campaign["campaign_id"]}, {"$set": {"unsettled": True}})
    await set_rows(bridge, campaign, "pending", "pending")
    await Settling(bridge.ctx).run()
    assert [row["status"] for row in await rows_of(bridge, campaign)] == ["pending", "pending"]
    await done(bridge, campaign, "cancel-restart")
    await Settling(bridge.ctx).run()
    assert [row["status"] for row in await rows_of(bridge, campaign)] == ["manual_stopped", "manual_stopped"]
