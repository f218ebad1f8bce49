"""A campaign that ends too early or never, a contact called although its number was forbidden, a stuck contact, figures
that do not equal the rows, a quota that stays behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.campaigns.keeper import Keeper
from voxbridge.campaigns.recovery import STUCK_AFTER, process_again
from voxbridge.campaigns.resetting import Resetting
from voxbridge.campaigns.settling import AT_LEAST, Settling
from voxbridge.campaigns.stats import Recount, figures, recount
from voxbridge.campaigns.suppression import MARK, OVERLAP, Suppression
from voxkit.contracts.campaigns import ACTIVE, TERMINAL, WAITING
from voxkit.contracts.registry import ClientQuota

from ..campaign_rows import add_attempt, on_the_phone, row_of, run_outbox, send_result
from .drafts import ALWAYS, MONDAY, at, create, done, later, office, read, rows_of, set_rows

pytestmark = [pytest.mark.integration]


async def running(bridge: Any, *states: str, **fields: Any) -> dict[str, Any]:
    """A running campaign whose contacts have these states."""
    await office(bridge)
    campaign = await create(bridge, contacts=len(states), **fields)
    await set_rows(bridge, campaign, *["pending"] * len(states))
    await done(bridge, campaign, "start")
    await set_rows(bridge, campaign, *states)
    return campaign


async def looked(bridge: Any, campaign: dict[str, Any], times: int = 2) -> tuple[str, str | None]:
    """State and reason after some looks of one keeper."""
    keeper = Keeper(bridge.ctx)
    for _ in range(times):
        await keeper.run()
    shown = await read(bridge, campaign)
    return shown["status"], shown["completion_reason"]


# --- completion ------------------------------------------------------------------------------------------------------


async def test_a_campaign_whose_contacts_are_all_done_completes(bridge) -> None:
    campaign = await running(bridge, *TERMINAL)
    assert await looked(bridge, campaign) == ("completed", "all_contacts_done")
    shown = await read(bridge, campaign)
    assert shown["activity_log"][-1] == {
        "action": "complete", "by": "system", "by_name": "", "at": shown["completed_at"],
    }  # fmt: skip


@pytest.mark.parametrize("state", [*WAITING, *ACTIVE])
async def test_one_contact_that_is_not_done_keeps_it_running(bridge, state: str) -> None:
    campaign = await running(bridge, "completed", state)
    assert await looked(bridge, campaign) == ("running", None)


async def test_a_paused_campaign_and_one_that_is_always_on_do_not_complete(bridge) -> None:
    paused = await running(bridge, "completed")
    await done(bridge, paused, "pause")
    assert await looked(bridge, paused) == ("paused", None)
    always = await create(bridge, config={**ALWAYS, "always_on": True})
    await done(bridge, always, "start")
    assert await looked(bridge, always) == ("running", None)


async def test_a_contact_that_is_being_added_is_waited_for(bridge) -> None:
    """Its row number is given out before the row is written; a campaign that ended in between would lose it."""
    campaign = await running(bridge, "completed")
    keeper, campaigns = Keeper(bridge.ctx), bridge.ctx.db["campaigns"]
    await keeper.run()
    await campaigns.update_one({"_id": campaign["campaign_id"]}, {"$inc": {"last_row_no": 1}})
    await keeper.run()
    assert (await read(bridge, campaign))["status"] == "running"
    await keeper.run()
    assert (await read(bridge, campaign))["status"] == "completed"


class _InTheLastMoment(Keeper):
    """A keeper that is slow to write: something happens after its last look at the contacts."""

    def __init__(self, bridge: Any, happens: Callable[[], Awaitable[Any]]) -> None:
        super().__init__(bridge.ctx)
        self._happens, self._looks = happens, 0

    async def _any_open(self, campaign: dict[str, Any]) -> bool:
        found = await super()._any_open(campaign)
        self._looks += 1
        if self._looks == 2:
            await self._happens()
        return found


async def test_a_contact_that_is_queued_again_while_the_campaign_ends_is_not_left_behind(bridge) -> None:
    """It would wait for ever: nobody dials for a campaign that is completed."""
    campaign = await running(bridge, "completed")
    (row,) = await rows_of(bridge, campaign)

    async def queue_again() -> None:
        body = {"contacts": [{"phone_number": row["phone_number"]}], "on_duplicate": "requeue"}
        answer = await bridge.admin.post(f"/api/v1/campaigns/{campaign['campaign_id']}/contacts", json=body)
        assert answer.json()["requeued"] == 1

    keeper = _InTheLastMoment(bridge, queue_again)
    for _ in range(3):
        await keeper.run()
    assert (await rows_of(bridge, campaign))[0]["status"] == "pending"
    assert (await read(bridge, campaign))["status"] == "running"


# --- cut-off and failure ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paused", [False, True])
async def test_a_single_day_run_is_cut_off_at_the_end_of_its_window(bridge, paused: bool) -> None:
    await at(bridge, MONDAY)
    single = {"time_window": {"start": "09:00", "end": "11:00", "timezone": "UTC"}}
    campaign = await running(bridge, "retry_scheduled", "in_progress", config=single)
    if paused:
        await done(bridge, campaign, "pause")
    later(bridge, minutes=59, seconds=59)
    assert (await looked(bridge, campaign))[0] != "completed"
    later(bridge, seconds=1)
    assert await looked(bridge, campaign, times=1) == ("completed", "window_closed")
    await Settling(bridge.ctx).run()
    assert [row["status"] for row in await rows_of(bridge, campaign)] == ["window_closed", "in_progress"]


async def test_a_multi_day_campaign_is_not_cut_off(bridge) -> None:
    await at(bridge, MONDAY)
    window = {"start": "09:00", "end": "11:00", "timezone": "UTC"}
    campaign = await running(bridge, "pending", config={"campaign_mode": "multi_day", "time_window": window})
    later(bridge, hours=3)
    assert await looked(bridge, campaign) == ("running", None)


async def _bot_off(bridge: Any) -> None:
    await bridge.ctx.db["bots"].update_one({"_id": "bot-a"}, {"$set": {"is_active": False}})


async def _bot_gone(bridge: Any) -> None:
    await bridge.ctx.db["bots"].delete_one({"_id": "bot-a"})


async def _inbound_only(bridge: Any) -> None:
    await bridge.ctx.db["carriers"].update_one({"_id": "k1"}, {"$set": {"dids.0.direction": "inbound"}})


async def _no_carrier(bridge: Any) -> None:
    await bridge.ctx.db["carriers"].delete_one({"_id": "k1"})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_bot_off, "bot_missing"),
        (_bot_gone, "bot_missing"),
        (_inbound_only, "no_numbers"),
        (_no_carrier, "no_numbers"),
    ],
)
async def test_a_campaign_without_bot_or_number_fails_after_a_minute_and_keeps_its_contacts(
    bridge, spoil: Any, reason: str
) -> None:
    campaign = await running(bridge, "pending", "retry_scheduled")
    keeper = Keeper(bridge.ctx)
    later(bridge)
    await spoil(bridge)
    await keeper.run()
    later(bridge, seconds=59)
    await keeper.run()
    assert (await read(bridge, campaign))["status"] == "running"
    later(bridge, seconds=1)
    await keeper.run()
    shown = await read(bridge, campaign)
    assert (shown["status"], shown["completion_reason"]) == ("failed", reason)
    await Settling(bridge.ctx).run()
    assert [row["status"] for row in await rows_of(bridge, campaign)] == ["pending", "retry_scheduled"]
    await done(bridge, campaign, "restart")
    assert (await done(bridge, campaign, "cancel-restart"))["status"] == "failed"


async def test_a_bot_that_comes_back_in_time_begins_the_minute_anew(bridge) -> None:
    campaign = await running(bridge, "pending")
    keeper, bots = Keeper(bridge.ctx), bridge.ctx.db["bots"]
    later(bridge)
    for active in (False, True, False):
        await bots.update_one({"_id": "bot-a"}, {"$set": {"is_active": active}})
        await keeper.run()
        later(bridge, seconds=40)
    await keeper.run()
    assert (await read(bridge, campaign))["status"] == "running"


async def test_one_campaign_that_cannot_be_judged_does_not_keep_the_others_from_it(bridge) -> None:
    broken = await running(bridge, "pending")
    ended = await create(bridge, contacts=1)
    await done(bridge, ended, "start")
    await set_rows(bridge, ended, "completed")
    later(bridge, seconds=1)
    await bridge.ctx.db["campaigns"].update_one({"_id": broken["campaign_id"]}, {"$set": {"number_pool": None}})
    keeper = Keeper(bridge.ctx)
    for _ in range(2):
        with pytest.raises(TypeError):
            await keeper.run()
    assert (await read(bridge, ended))["status"] == "completed"


# --- do-not-call list ------------------------------------------------------------------------------------------------


async def _forbid(bridge: Any, *numbers: str, **fields: Any) -> None:
    answer = await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": list(numbers), **fields})
    assert answer.status_code == 200, answer.text


async def test_a_number_on_the_do_not_call_list_takes_its_waiting_contacts_off_every_campaign(bridge) -> None:
    campaign = await running(bridge, "callback_scheduled", "in_progress", "pending", "completed")
    draft = await create(bridge, contacts=1)
    rows = await rows_of(bridge, campaign)
    scheduled = {"$set": {"callback": {"active": True, "status": "scheduled"}}}
    await bridge.ctx.db["campaign_calls"].update_one({"_id": rows[0]["_id"]}, scheduled)
    await _forbid(bridge, rows[0]["phone_number"], rows[1]["phone_number"], rows[3]["phone_number"])
    await Suppression(bridge.ctx).run()
    after = await rows_of(bridge, campaign)
    assert [row["status"] for row in after] == ["excluded", "in_progress", "pending", "completed"]
    assert after[0]["callback"] == {"active": False, "status": "cancelled"}
    assert [row["status"] for row in await rows_of(bridge, draft)] == ["excluded"]


async def test_an_entry_is_taken_over_once_and_a_late_one_is_not_missed(bridge) -> None:
    campaign = await running(bridge, "pending", "pending")
    first, second = await rows_of(bridge, campaign)
    spread = Suppression(bridge.ctx)
    await _forbid(bridge, first["phone_number"])
    await spread.run()
    # A contact that is put back on purpose stays: its entry was dealt with.
    await set_rows(bridge, campaign, "pending")
    late = {"_id": second["phone_key"], "phone_number": second["phone_number"], "expires_at": None}
    late["created_at"] = bridge.ctx.clock() - OVERLAP / 2
    await bridge.ctx.db["dnc"].insert_one(late)
    await spread.run()
    assert [row["status"] for row in await rows_of(bridge, campaign)] == ["pending", "excluded"]
    assert (await bridge.ctx.db["meta"].find_one({"_id": MARK}))["upto"] <= bridge.ctx.clock() - OVERLAP


async def test_an_entry_that_has_expired_takes_nobody_off(bridge) -> None:
    campaign = await running(bridge, "pending")
    (row,) = await rows_of(bridge, campaign)
    now = bridge.ctx.clock()
    entry = {"_id": row["phone_key"], "phone_number": row["phone_number"], "created_at": now}
    await bridge.ctx.db["dnc"].insert_one({**entry, "expires_at": now - timedelta(days=1)})
    await Suppression(bridge.ctx).run()
    assert (await row_of(bridge, row["_id"]))["status"] == "pending"


# --- contacts in `_processing` ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", ["done", "dead", "gone"])
async def test_a_contact_that_is_stuck_in_processing_is_settled_by_its_job(bridge, job: str) -> None:
    campaign = await running(bridge, "pending")
    stored = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
    (row,) = await rows_of(bridge, campaign)
    call = await on_the_phone(bridge, stored, row)
    await send_result(bridge, call.session_id, bot_id="bot-a", disconnected_by="customer", call_duration_seconds=41.0)
    await run_outbox(bridge)
    assert (await row_of(bridge, row["_id"]))["status"] == "completed"
    # As if the process had died between the two writes of the job.
    stuck = {"status": "_processing", "processing_token": "t", "status_changed_at": bridge.ctx.clock(),
             "current_session_id": call.session_id}  # fmt: skip
    await bridge.ctx.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": stuck})
    own = {"_id": f"campaign_result:{call.session_id}"}
    if job == "gone":
        await bridge.ctx.db["outbox"].delete_one(own)
    else:
        await bridge.ctx.db["outbox"].update_one(own, {"$set": {"status": job}})
    await process_again(bridge.ctx)
    await run_outbox(bridge)
    assert (await row_of(bridge, row["_id"]))["status"] == "_processing"
    later(bridge, seconds=STUCK_AFTER.total_seconds() + 1)
    await process_again(bridge.ctx)
    await run_outbox(bridge)
    assert (await row_of(bridge, row["_id"]))["status"] == "completed"


# --- figures ---------------------------------------------------------------------------------------------------------


async def test_the_figures_equal_the_rows_and_the_ended_attempts_of_the_run(bridge) -> None:
    states = [*WAITING, *ACTIVE, *TERMINAL]
    campaign = await running(bridge, *states)
    rows = await rows_of(bridge, campaign)
    past = {"$set": {"run_number": 0}}
    await bridge.ctx.db["campaign_calls"].update_one({"_id": rows[-1]["_id"]}, past)
    talked = {"$set": {"last_outcome": "customer", "connected_once": True}}
    await bridge.ctx.db["campaign_calls"].update_one({"_id": rows[10]["_id"]}, talked)
    await bridge.ctx.db["campaign_calls"].update_one({"_id": rows[11]["_id"]}, {"$set": {"last_outcome": "no_answer"}})
    now = bridge.ctx.clock()
    for fields in (
        {"outcome": "customer", "answered_at": now},
        {"outcome": "abandoned", "answered_at": now},
        {"outcome": "amd_machine", "answered_at": now},
        {"outcome": "no_answer"},
        {"outcome": None, "answered_at": now},
        {"outcome": "not_placed", "dialled_at": None},
        {"outcome": "customer", "answered_at": now, "run_number": 0},
    ):
        await add_attempt(bridge, rows[0], **fields)
    stored = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
    await recount(bridge.ctx, stored)
    stats = (await read(bridge, campaign))["stats"]
    assert stats.pop("counted_at") is not None
    assert stats == {
        "total_calls": 16, "pending": 1, "retry_scheduled": 1, "callback_pending": 1, "in_flight": 7, "completed": 1,
        "failed": 1, "abandoned": 1, "machine_detected_count": 1, "window_closed": 1, "manual_stopped": 1,
        "excluded": 0, "attempted": 2, "answered": 1, "connected": 1, "attempts": 4, "answered_attempts": 3,
        "processed": 6, "processed_share": 0.375, "attempt_answer_rate": 0.75, "connect_rate": 0.5,
        "completion_rate": 0.0625, "abandon_rate": 0.5,
    }  # fmt: skip
    before = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
    assert before["revision"] == stored["revision"]
    await recount(bridge.ctx, before)
    assert await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]}) == before


def test_nothing_counted_has_no_rates() -> None:
    counted = figures([], [])
    assert counted["total_calls"] == counted["processed"] == 0
    assert [counted[name] for name in ("connect_rate", "abandon_rate", "processed_share")] == [None] * 3


async def test_the_recount_rests_twenty_times_its_own_duration(bridge) -> None:
    campaign = await running(bridge, "pending", "pending")
    # A look at the clock when it begins, and one when it has counted: two seconds the first time.
    looks = iter([100.0, 102.0, 103.0, 139.9, 140.0, 142.0])
    recounting = Recount(bridge.ctx, clock=lambda: next(looks))

    async def completed() -> int:
        await recounting.run()
        return (await read(bridge, campaign))["stats"]["completed"]

    assert await completed() == 0
    await set_rows(bridge, campaign, "completed", "exhausted")
    assert [await completed() for _ in range(3)] == [0, 0, 1]


async def test_a_draft_is_counted_when_it_changed_and_a_prepared_one_keeps_the_old_figures(bridge) -> None:
    await office(bridge)
    draft = await create(bridge, contacts=2)
    recounting = Recount(bridge.ctx, clock=lambda: 0.0)
    await recounting.run()
    assert (await read(bridge, draft))["stats"]["pending"] == 2
    await done(bridge, draft, "start")
    await set_rows(bridge, draft, "completed", "exhausted")
    await recounting.run()
    await done(bridge, draft, "stop")
    await done(bridge, draft, "restart")
    await recounting.run()
    assert (await read(bridge, draft))["stats"]["completed"] == 1
    await done(bridge, draft, "start")
    await Resetting(bridge.ctx).run()
    await recounting.run()
    stats = (await read(bridge, draft))["stats"]
    assert (stats["completed"], stats["pending"]) == (0, 2)


# --- the quota at the registry ---------------------------------------------------------------------------------------


async def test_the_end_of_a_campaign_removes_its_quota_and_a_registry_that_is_away_is_asked_again(
    make_bridge, registry
) -> None:
    async with make_bridge(registry_url=registry.url) as bridge:
        campaign = await running(bridge, "pending")
        client = bridge.ctx.pools.clients["default"]
        limits = {campaign["campaign_id"]: {"max": 3}, "another": {"max": 1}}
        await client.put_quota(ClientQuota.model_validate({"client": client.client, "max": 9, "campaigns": limits}))
        registry.stop()
        await done(bridge, campaign, "stop")
        settling = Settling(bridge.ctx)
        later(bridge, seconds=AT_LEAST.total_seconds() + 1)
        with pytest.raises(Exception, match="registry"):
            await settling.run()
        assert [row["status"] for row in await rows_of(bridge, campaign)] == ["manual_stopped"]
        stored = await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
        assert stored["unsettled"] is True
        registry.start()
        await settling.run()
        # One registry for all tests of a process: others leave quotas of other clients in it.
        (quota,) = [each for each in (await client.quotas()).items if each.client == client.client]
        assert (quota.max, set(quota.campaigns)) == (9, {"another"})
        assert "unsettled" not in await bridge.ctx.db["campaigns"].find_one({"_id": campaign["campaign_id"]})
