"""A move that the state table does not know, a second effect of a repeated action, a start that should be refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.campaigns import hooks, lifecycle, rows, store
from voxbridge.campaigns.keeper import SYSTEM, Keeper
from voxbridge.campaigns.resetting import Resetting
from voxbridge.campaigns.settling import AT_LEAST, Settling
from voxbridge.context import Signals
from voxkit.clock import iso
from voxkit.contracts.campaigns import ACTIVE, TERMINAL

from ..campaign_rows import add_bot, add_row
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


async def _ran(bridge: Any, *states: str) -> dict[str, Any]:
    """A stopped campaign whose contacts have these states, and what a dial leaves in them."""
    campaign = await create(bridge, contacts=len(states))
    await done(bridge, campaign, "start")
    await set_rows(
        bridge, campaign, *states, attempt_count=2, last_outcome="no_answer", lease_id="old", connected_once=True,
        callback={"status": "cancelled", "sequence": 1}, exclude_requested=True, current_session_id="s",
    )  # fmt: skip
    return await done(bridge, campaign, "stop")


async def test_restart_changes_no_contact_and_can_be_called_off(bridge) -> None:
    await office(bridge)
    ended = await _ran(bridge, "completed", "exhausted")
    before = await rows_of(bridge, ended)
    prepared = await done(bridge, ended, "restart", scope="unfinished")
    assert (prepared["status"], prepared["run_number"], prepared["identity_locked"]) == ("draft", 2, True)
    assert prepared["prepared_run"] == {"from_status": "completed", "scope": "unfinished"}
    assert [prepared[name] for name in ("started_at", "completed_at", "completion_reason")] == [None, None, None]
    past = prepared["restart_history"][0]
    assert (past["run_number"], past["completion_reason"]) == (1, "manual_stop")
    assert (past["started_at"], past["completed_at"]) == (ended["started_at"], ended["completed_at"])
    assert await rows_of(bridge, ended) == before
    back = await done(bridge, ended, "cancel-restart")
    kept = (
        "status",
        "run_number",
        "started_at",
        "completed_at",
        "completion_reason",
        "restart_history",
        "prepared_run",
    )
    assert {name: back[name] for name in kept} == {name: ended[name] for name in kept}


@pytest.mark.parametrize("scope", ["all", "unfinished"])
async def test_the_start_of_a_prepared_run_resets_whom_its_scope_names(bridge, scope: str) -> None:
    await office(bridge)
    ended = await _ran(bridge, *TERMINAL)
    await done(bridge, ended, "restart", scope=scope)
    await _begin(bridge, ended)
    await Resetting(bridge.ctx).run()
    running = await read(bridge, ended)
    assert (running["status"], running["run_number"], running["prepared_run"]) == ("running", 2, None)
    kept = {"excluded"} | ({"completed"} if scope == "unfinished" else set())
    for row, was in zip(await rows_of(bridge, ended), TERMINAL, strict=True):
        if was in kept:
            assert (row["status"], row["run_number"], row["attempt_count"]) == (was, 1, 2)
        else:
            assert (row["status"], row["run_number"], row["attempt_count"]) == ("pending", 2, 0)
            cleared = ("callback", "lease_id", "last_outcome", "current_session_id", "next_retry_at")
            assert [row[name] for name in cleared] == [None] * 5
            assert (row["connected_once"], row["exclude_requested"]) == (False, False)


async def test_a_run_with_nobody_left_is_refused_and_touches_no_contact(bridge) -> None:
    await office(bridge)
    ended = await _ran(bridge, "completed", "excluded")
    before = await rows_of(bridge, ended)
    await done(bridge, ended, "restart", scope="unfinished")
    assert await _reasons(bridge, ended) == ["no_contacts"]
    assert await rows_of(bridge, ended) == before


async def _begin(bridge: Any, campaign: dict[str, Any]) -> dict[str, Any]:
    """Start a prepared run on a control plane whose own job does not reset anybody yet."""
    elsewhere = replace(bridge.ctx, signals=Signals())
    await lifecycle.start(elsewhere, SYSTEM, campaign["campaign_id"], "start")
    return await read(bridge, campaign)


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs of voxbridge reset nobody; the test does."""
    monkeypatch.setattr(hooks, "RESET_S", 3_600.0)


async def _long_ago_and_far(bridge: Any) -> dict[str, Any]:
    """A campaign that is prepared for another run, with contacts in the first and in the third window of rows."""
    ended = await _ran(bridge, "exhausted", "completed")
    far = {"_id": ended["campaign_id"], "run_number": 1}
    await bridge.ctx.db["campaigns"].update_one({"_id": far["_id"]}, {"$set": {"last_row_no": 2_499}})
    await add_row(bridge, far, "+15559999", status="completed")
    return await done(bridge, ended, "restart")


async def test_the_start_of_another_run_answers_before_its_contacts_are_reset(at_rest, bridge) -> None:
    """Twenty thousand took 25 s; no balancer waits so long, and the first of them could have been called by then."""
    await office(bridge)
    prepared = await _long_ago_and_far(bridge)
    running = await _begin(bridge, prepared)
    assert (running["status"], running["prepared_run"]["scope"]) == ("running", "all")
    assert "contacts: 0 of 2,500 are ready for run 2; those are called meanwhile" in running["warnings"]
    assert [row["run_number"] for row in await rows_of(bridge, prepared)] == [1, 1, 1]
    keeper = Keeper(bridge.ctx)
    for _ in range(3):
        await keeper.run()
    assert (await read(bridge, prepared))["status"] == "running", "nobody waits yet, and it is not done"
    await Resetting(bridge.ctx).run()
    ready = await read(bridge, prepared)
    assert (ready["prepared_run"], ready["warnings"]) == (None, [])
    assert {(row["status"], row["run_number"]) for row in await rows_of(bridge, prepared)} == {("pending", 2)}


async def test_a_reset_that_died_half_way_is_gone_on_with_where_it_was(at_rest, bridge, monkeypatch) -> None:
    await office(bridge)
    prepared = await _long_ago_and_far(bridge)
    await _begin(bridge, prepared)
    note_reset = store.note_reset

    async def dies(ctx: Any, seen: Any, changes: Any) -> bool:
        await note_reset(ctx, seen, changes)
        raise asyncio.CancelledError

    monkeypatch.setattr(store, "note_reset", dies)
    with pytest.raises(asyncio.CancelledError):
        await Resetting(bridge.ctx).run()
    monkeypatch.setattr(store, "note_reset", note_reset)
    assert [row["run_number"] for row in await rows_of(bridge, prepared)] == [2, 2, 1]
    assert (
        "contacts: 1,000 of 2,500 are ready for run 2; those are called meanwhile"
        in (await read(bridge, prepared))["warnings"]
    )
    await done(bridge, prepared, "pause")
    await Resetting(bridge.ctx).run()
    assert [row["run_number"] for row in await rows_of(bridge, prepared)] == [2, 2, 2]


async def test_a_run_that_is_stopped_while_its_contacts_are_reset_resets_nobody_any_more(
    at_rest, bridge, monkeypatch
) -> None:
    await office(bridge)
    prepared = await _long_ago_and_far(bridge)
    await _begin(bridge, prepared)
    reset = rows.reset

    async def slowly(*given: Any) -> None:
        await reset(*given)
        await act(bridge, prepared, "stop")

    monkeypatch.setattr(rows, "reset", slowly)
    await Resetting(bridge.ctx).run()
    monkeypatch.setattr(rows, "reset", reset)
    await Resetting(bridge.ctx).run()
    await Settling(bridge.ctx).run()
    stopped = await read(bridge, prepared)
    assert (stopped["status"], stopped["prepared_run"]) == ("completed", None)
    assert [row["run_number"] for row in await rows_of(bridge, prepared)] == [2, 2, 1]
    assert [row["status"] for row in await rows_of(bridge, prepared)] == [
        "manual_stopped",
        "manual_stopped",
        "completed",
    ]
    await done(bridge, prepared, "restart")
    await _begin(bridge, prepared)
    await Resetting(bridge.ctx).run()
    assert {(row["status"], row["run_number"]) for row in await rows_of(bridge, prepared)} == {("pending", 3)}


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
