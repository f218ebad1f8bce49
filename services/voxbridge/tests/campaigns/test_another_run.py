"""Another run of a campaign that ended: what its start does to the contacts of the former one, and when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from voxbridge.campaigns import hooks, lifecycle, rows, store
from voxbridge.campaigns.keeper import SYSTEM, Keeper
from voxbridge.campaigns.resetting import Resetting
from voxbridge.campaigns.settling import Settling
from voxbridge.context import Signals
from voxkit.contracts.campaigns import TERMINAL

from ..campaign_rows import add_row
from .drafts import act, create, done, office, read, refusal, rows_of, set_rows

pytestmark = [pytest.mark.integration]


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
    answer = await act(bridge, ended, "start")
    assert (refusal(answer), answer.json()["reasons"]) == ((409, "cannot_start"), ["no_contacts"])
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
