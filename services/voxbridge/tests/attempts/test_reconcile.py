"""A result that moves a contact twice, moves one that is in another call, or leaves it between two states."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.attempts import store
from voxbridge.attempts.reconcile import KIND, reconcile
from voxbridge.results.service import receive
from voxkit.errors import Unavailable

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
WORD = [{"role": "user", "content": "hello"}]
ONE_TRY = {"redial_rules": {"max_attempts": 1}}
CALLBACKS = {"callback_detection": {"enabled": True}}
ASKS = {"callback_requested": True, "callback_preferred_time_text": "in 2 hours", "callback_reason": "busy"}


async def placed(bridge: Any, *, config: dict | None = None, row: dict | None = None, **campaign: Any) -> PlacedCall:
    """A contact in conversation."""
    stored = await add_campaign(bridge, config=config, **campaign)
    return await on_the_phone(bridge, stored, await add_row(bridge, stored, "+15550100", **(row or {})))


async def finish(bridge: Any, call: PlacedCall, **fields: Any) -> tuple[dict, dict]:
    """The result arrives and its job runs. Returns: the contact and the attempt."""
    given = {"disconnected_by": "customer", "call_duration_seconds": 41.2, "transcript": WORD} | fields
    await send_result(bridge, call.session_id, **given)
    await run_outbox(bridge)
    return await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)


async def test_a_conversation_completes_its_contact_and_leaves_nothing_of_the_lease(bridge) -> None:
    call = await placed(bridge)
    row, attempt = await finish(bridge, call, post_call_analysis={"DISPOSITION": "Sold"})
    assert (row["status"], row["last_outcome"], row["last_disposition"]) == ("completed", "customer", "Sold")
    assert (row["last_session_id"], row["connected_once"], row["next_retry_at"]) == (call.session_id, True, None)
    held = ("lease_id", "lease_owner", "current_session_id", "current_attempt_id", "processing_token", "processing_at")
    assert [row[name] for name in held] == [None] * 6
    assert (attempt["outcome"], attempt["disconnected_by"], attempt["talk_seconds"]) == ("customer", "customer", 41.2)
    assert (attempt["system_disposition"], attempt["business_disposition"]) == ("customer", "Sold")
    assert (attempt["late"], attempt["error"]) == (False, None)
    assert row["last_attempt_at"] == attempt["ended_at"]


END = "2026-06-05T10:15:00.000Z"
CLOSED_BY_STOP = {"status": "completed", "completion_reason": "manual_stop"}
CLOSED_BY_HOUR = {"status": "completed", "completion_reason": "window_closed"}


@pytest.mark.parametrize(
    ("config", "campaign", "row", "result", "status"),
    [
        pytest.param({}, CLOSED_BY_STOP, {}, {}, "completed", id="1: stopped, the conversation was held"),
        pytest.param({}, CLOSED_BY_STOP, {}, {"disconnected_by": "error"}, "manual_stopped", id="1: stopped"),
        pytest.param({}, CLOSED_BY_HOUR, {}, {"disconnected_by": "error"}, "window_closed", id="1: cut off"),
        pytest.param({}, CLOSED_BY_STOP, {}, {"disconnected_by": "voicemail"}, "exhausted", id="1: not to be retried"),
        pytest.param({}, {}, {"exclude_requested": True}, {}, "completed", id="2: excluded, the conversation was held"),
        pytest.param({}, {}, {"exclude_requested": True}, {"disconnected_by": "error"}, "excluded", id="2: excluded"),
        pytest.param(CALLBACKS, {}, {}, {"post_call_analysis": ASKS}, "callback_scheduled", id="3: a callback"),
        pytest.param(
            CALLBACKS, {}, {"callback": {"sequence": 5, "status": "completed"}}, {"post_call_analysis": ASKS},
            "completed", id="3: the sixth callback",
        ),
        pytest.param({}, {}, {}, {"disconnected_by": "no_answer"}, "retry_scheduled", id="4: a retry"),
        pytest.param(
            {}, {}, {}, {"call_duration_seconds": 3, "transcript": []}, "retry_scheduled", id="4: hung up at once"
        ),
        pytest.param({}, {}, {}, {"call_duration_seconds": 3}, "completed", id="5: hung up at once, but with a word"),
        pytest.param(
            {}, {}, {}, {"disconnected_by": "timeout", "transcript": []}, "retry_scheduled", id="4: silent to the end"
        ),
        pytest.param({}, {}, {}, {"disconnected_by": "timeout"}, "completed", id="5: spoke to the end"),
        pytest.param(
            {"redial_rules": {"retry_on_custom": ["call later"]}}, {}, {},
            {"post_call_analysis": {"DISPOSITION": "Call Later"}}, "retry_scheduled", id="4: by disposition",
        ),
        pytest.param(ONE_TRY, {}, {}, {"disconnected_by": "no_answer"}, "exhausted", id="4: no attempts left"),
        pytest.param({}, {}, {}, {"disconnected_by": "voicemail"}, "exhausted", id="5: anything else"),
        pytest.param({}, {}, {}, {"disconnected_by": "transfer_to_agent"}, "completed", id="5: connected"),
        pytest.param({}, {}, {}, {"disconnected_by": None}, "retry_scheduled", id="a result without a cause"),
    ],
)  # fmt: skip
async def test_every_line_of_the_table_decides_through_a_stored_result(
    bridge, config: dict, campaign: dict, row: dict, result: dict, status: str
) -> None:
    await add_bot(bridge, callback_prompt_injection=True)
    call = await placed(bridge, config=config, row=row, **campaign)
    stored, attempt = await finish(bridge, call, ended_at=END, **result)
    assert stored["status"] == status
    assert (attempt["late"], attempt["by_result"], attempt["outcome"]) == (False, True, stored["last_outcome"])
    if status == "retry_scheduled":
        assert stored["next_retry_at"] == attempt["ended_at"] + timedelta(minutes=30)


async def test_a_number_on_the_do_not_call_list_is_not_tried_again(bridge) -> None:
    call = await placed(bridge)
    await bridge.ctx.db["dnc"].insert_one({"_id": "15550100", "created_at": bridge.ctx.clock()})
    row, _ = await finish(bridge, call, disconnected_by="error")
    assert row["status"] == "excluded"


async def test_a_number_that_its_campaign_excluded_meanwhile_is_not_tried_again(bridge) -> None:
    call = await placed(bridge)
    await bridge.ctx.db["campaign_exclusions"].insert_one({"_id": "c1:15550100"})
    row, _ = await finish(bridge, call, disconnected_by="error")
    assert row["status"] == "excluded"


async def test_a_result_may_overtake_the_diallers_own_report(bridge) -> None:
    campaign = await add_campaign(bridge)
    for number, status in enumerate(("leased", "dialling", "ringing", "amd_screening", "attaching")):
        row = await add_row(bridge, campaign, f"+1555010{number}")
        call = await on_the_phone(bridge, campaign, row, status=status, dialled_at=None, answered_at=None)
        row, attempt = await finish(bridge, call, started_at=END, answered_at="2026-06-05T10:15:04.000Z")
        assert row["status"] == "completed", status
        assert (attempt["dialled_at"].isoformat(), attempt["ring_seconds"]) == ("2026-06-05T10:15:00+00:00", 4.0)


async def test_a_late_result_changes_the_attempt_and_never_the_contact(bridge) -> None:
    """The dialler gave the worker up and the next attempt rings already."""
    call = await placed(bridge)
    lost = {"outcome": "error", "error": "worker_lost", "system_disposition": "error"}
    await bridge.ctx.db["campaign_attempts"].update_one({"_id": call.attempt_id}, {"$set": lost})
    campaign, row = await bridge.ctx.db["campaigns"].find_one({"_id": "c1"}), await row_of(bridge, call.row_id)
    following = await on_the_phone(bridge, campaign, row, status="ringing", kind="retry")
    before = await row_of(bridge, call.row_id)
    row, attempt = await finish(bridge, call)
    assert row == before
    assert (attempt["outcome"], attempt["late"], attempt["error"]) == ("customer", True, None)
    row, _ = await finish(bridge, following)
    assert row["status"] == "completed"


async def test_a_result_of_an_attempt_that_was_thought_not_placed_counts_it(bridge) -> None:
    campaign = await add_campaign(bridge)
    row = await add_row(bridge, campaign, "+15550100")
    call = await on_the_phone(bridge, campaign, row, outcome="not_placed", dialled_at=None)
    await bridge.ctx.db["campaign_calls"].replace_one({"_id": row["_id"]}, row)
    stored, attempt = await finish(bridge, call)
    assert stored == row
    assert (attempt["outcome"], attempt["late"]) == ("customer", True)
    assert attempt["dialled_at"] is not None


async def test_a_second_result_changes_nothing(bridge) -> None:
    call = await placed(bridge)
    before = await finish(bridge, call, result_id="r1")
    assert await finish(bridge, call, result_id="r1") == before
    assert await finish(bridge, call, result_id="r2", disconnected_by="error") == before


async def test_a_result_of_no_campaign_is_no_job(bridge) -> None:
    await send_result(bridge, str(uuid.uuid4()), disconnected_by="customer")
    assert await bridge.ctx.db["outbox"].count_documents({"kind": KIND}) == 0


async def test_a_job_without_its_attempt_is_done(bridge) -> None:
    await reconcile(bridge.ctx, job_of("no-such-session"))


async def test_a_call_that_was_deleted_first_still_frees_its_contact(bridge) -> None:
    call = await placed(bridge)
    await receive(bridge.ctx, json.dumps({"session_id": call.session_id, "disconnected_by": "bot"}).encode(), ())
    assert (await bridge.admin.delete(f"/api/v1/calls/{call.session_id}")).status_code == 204
    await reconcile(bridge.ctx, job_of(call.session_id) | {"created_at": bridge.ctx.clock()})
    row, attempt = await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)
    assert (row["status"], attempt["outcome"], attempt["error"]) == ("retry_scheduled", "error", "result_deleted")


def job_of(session_id: str) -> dict:
    return {"payload": {"session_id": session_id}, "created_at": None}


class Killed(Exception):
    """The process is gone."""


async def die() -> None:
    raise Killed


class WatchedStore:
    """The database, with `event` awaited at the `at`-th write: before it or, with `after`, right after it."""

    def __init__(self, db: Any, at: int, event: Callable[[], Awaitable[None]], *, after: bool = False) -> None:
        self._db, self._at, self._event, self._after = db, at, event, after
        self.writes = 0

    def __getitem__(self, name: str) -> Any:
        collection, store = self._db[name], self

        class Watched:
            def __getattr__(self, name: str) -> Any:
                return getattr(collection, name)

            async def update_one(self, *args: Any, **options: Any) -> Any:
                store.writes += 1
                due = store.writes == store._at
                if due and not store._after:
                    await store._event()
                done = await collection.update_one(*args, **options)
                if due and store._after:
                    await store._event()
                return done

        return Watched()


@pytest.mark.parametrize(
    ("ends", "result"),
    [
        ("retry_scheduled", {"disconnected_by": "no_answer"}),
        ("callback_scheduled", {"post_call_analysis": ASKS}),
        ("completed", {}),
    ],
)
async def test_a_process_killed_at_any_write_leaves_a_job_that_ends_the_same(bridge, ends: str, result: dict) -> None:
    await add_bot(bridge, callback_prompt_injection=True)
    campaign = await add_campaign(bridge, config=CALLBACKS)
    for number, (at, after) in enumerate(itertools.product((1, 2, 3), (False, True))):
        call = await on_the_phone(bridge, campaign, await add_row(bridge, campaign, f"+1555010{number}"))
        given = {"disconnected_by": "customer", "call_duration_seconds": 41.2, "transcript": WORD, "ended_at": END}
        body = json.dumps({"session_id": call.session_id, **given, **result}).encode()
        await receive(bridge.ctx, body, fan_out=())
        dying = replace(bridge.ctx, db=WatchedStore(bridge.ctx.db, at, die, after=after))
        with pytest.raises(Killed):
            await reconcile(dying, job_of(call.session_id))
        await reconcile(bridge.ctx, job_of(call.session_id))
        row, attempt = await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)
        assert (row["status"], row["attempt_count"]) == (ends, 1), (at, after)
        assert (row["processing_token"], row["current_session_id"]) == (None, None)
        assert (attempt["late"], attempt["outcome"]) == (False, row["last_outcome"])
        assert (row.get("callback") or {}).get("sequence") == (1 if ends == "callback_scheduled" else None)


async def stored_only(bridge: Any, call: PlacedCall, **fields: Any) -> None:
    """The result is on record and its job has not run."""
    given = {"disconnected_by": "customer", "call_duration_seconds": 41.2, "transcript": WORD, **fields}
    await receive(bridge.ctx, json.dumps({"session_id": call.session_id, **given}).encode(), fan_out=())


async def test_one_job_in_four_processes_at_once_moves_the_contact_once(bridge) -> None:
    call = await placed(bridge, config={"redial_rules": {"max_attempts": 3}})
    await stored_only(bridge, call, disconnected_by="no_answer")
    await asyncio.gather(*(reconcile(bridge.ctx, job_of(call.session_id)) for _ in range(4)))
    row, attempt = await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)
    assert (row["status"], row["processing_token"], attempt["late"]) == ("retry_scheduled", None, False)


async def test_a_contact_that_the_dialler_moves_on_meanwhile_is_taken_from_its_new_state(bridge) -> None:
    call = await placed(bridge)
    await bridge.ctx.db["campaign_calls"].update_one({"_id": call.row_id}, {"$set": {"status": "attaching"}})

    async def attached() -> None:
        await bridge.ctx.db["campaign_calls"].update_one({"_id": call.row_id}, {"$set": {"status": "in_progress"}})

    await stored_only(bridge, call)
    watched = WatchedStore(bridge.ctx.db, 1, attached)
    await reconcile(replace(bridge.ctx, db=watched), job_of(call.session_id))
    assert (await row_of(bridge, call.row_id))["status"] == "completed"
    assert watched.writes == 4


async def test_a_contact_that_the_dialler_settles_meanwhile_keeps_its_verdict(bridge) -> None:
    call = await placed(bridge)

    async def given_up() -> None:
        settled = {"status": "exhausted", "current_session_id": None, "last_outcome": "error"}
        await bridge.ctx.db["campaign_calls"].update_one({"_id": call.row_id}, {"$set": settled})

    await stored_only(bridge, call)
    watched = replace(bridge.ctx, db=WatchedStore(bridge.ctx.db, 1, given_up))
    await reconcile(watched, job_of(call.session_id))
    row, attempt = await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)
    assert (row["status"], row["last_outcome"]) == ("exhausted", "error")
    assert (attempt["outcome"], attempt["late"]) == ("customer", True)


async def test_a_contact_that_finds_no_rest_is_left_to_a_later_try(bridge) -> None:
    call = await placed(bridge)
    await stored_only(bridge, call)
    states = itertools.cycle(("attaching", "in_progress"))

    class Restless(WatchedStore):
        def __getitem__(self, name: str) -> Any:
            self._at = self.writes + 1
            return super().__getitem__(name)

    async def move() -> None:
        await bridge.ctx.db["campaign_calls"].update_one({"_id": call.row_id}, {"$set": {"status": next(states)}})

    with pytest.raises(Unavailable):
        await reconcile(replace(bridge.ctx, db=Restless(bridge.ctx.db, 1, move)), job_of(call.session_id))
    assert (await attempt_of(bridge, call.attempt_id))["outcome"] is None


RESULTS = int(os.environ.get("VOX_RESULTS", "120"))
ENDS = {"customer": "completed", "no_answer": "retry_scheduled", "voicemail": "exhausted", "error": "retry_scheduled"}


async def test_results_that_come_three_times_in_any_order_change_each_contact_once(bridge, monkeypatch) -> None:
    """VOX_RESULTS=1000 is the full size. Half of those that are tried again are on the phone once more when the last
    copies arrive: those are of a call that is over."""
    moves: Counter[str] = Counter()
    give_back = store.give_back

    async def counted(ctx: Any, row: Any, fields: Any) -> bool:
        moved = await give_back(ctx, row, fields)
        moves[row["_id"]] += moved
        return moved

    monkeypatch.setattr(store, "give_back", counted)
    chance, campaign = random.Random(7), await add_campaign(bridge)
    calls: list[tuple[PlacedCall, str]] = []
    for number in range(RESULTS):
        row = await add_row(bridge, campaign, f"+1555{number:06d}")
        calls.append((await on_the_phone(bridge, campaign, row), chance.choice([*ENDS])))
    copies = [call for call in calls for _ in range(3)]
    chance.shuffle(copies)

    async def deliver(some: list[tuple[PlacedCall, str]]) -> None:
        for at in range(0, len(some), 8):  # several workers deliver at once
            given = {"call_duration_seconds": 30, "transcript": WORD}
            await asyncio.gather(
                *(send_result(bridge, call.session_id, disconnected_by=end, **given) for call, end in some[at : at + 8])
            )
        await run_outbox(bridge, within_s=20 + RESULTS / 4)

    half = len(copies) // 2
    await deliver(copies[:half])
    again: dict[str, PlacedCall] = {}
    for call, _ in calls[::2]:
        row = await row_of(bridge, call.row_id)
        if row["status"] == "retry_scheduled":
            again[call.row_id] = await on_the_phone(bridge, campaign, row, kind="retry")
    await deliver(copies[half:])
    for call, end in calls:
        row, attempt = await row_of(bridge, call.row_id), await attempt_of(bridge, call.attempt_id)
        assert (attempt["outcome"], attempt["late"], moves[call.row_id]) == (end, False, 1)
        if call.row_id in again:
            assert (row["status"], row["lease_id"], row["attempt_count"]) == (
                "in_progress", again[call.row_id].attempt_id, 2,
            )  # fmt: skip
        else:
            assert (row["status"], row["attempt_count"]) == (ENDS[end], 1)
    assert again, "nobody was on the phone again; the test shows less than it says"
