"""Contacts of a campaign in bulk: what is left of them, and moving them all at the start or the end of a run.

Reads go by closed windows of `row_no`, writes by short lists of ids with the expected state in the filter: fast on
every store, and repeatable from the beginning after a crash anywhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import pymongo
from voxkit.contracts.campaigns import ACTIVE, FREED, TERMINAL, WAITING

from voxbridge.context import Context

Document = dict[str, Any]
WINDOW = 1_000
WRITTEN_AT_ONCE = 50  # ids an update: the embedded server takes longer for each hit the longer the list is
WRITE_S = 60.0
FRESH: Document = dict.fromkeys(FREED) | {
    "status": "pending", "next_retry_at": None, "attempt_count": 0, "callback": None, "connected_once": False,
    "last_outcome": None, "last_disposition": None, "last_session_id": None, "last_attempt_at": None,
    "released_count": 0, "processing_token": None, "processing_at": None, "exclude_requested": False,
}  # fmt: skip
"""A contact that was not called in its run."""
RESETTING = {"status": 1, "run_number": 1}
"""What `reset` must know of a contact."""
LEAVING = {"status": 1, "run_number": 1, "callback.status": 1}
"""What `leave` must know of a contact."""


async def _any(ctx: Context, campaign_id: str, statuses: Iterable[str]) -> bool:
    """One query a status: the index then leads to the one row that is looked for."""
    for status in statuses:
        if await ctx.db["campaign_calls"].find_one({"campaign_id": campaign_id, "status": status}, {"_id": 1}):
            return True
    return False


async def any_waiting(ctx: Context, campaign_id: str) -> bool:
    return await _any(ctx, campaign_id, WAITING)


async def any_active(ctx: Context, campaign_id: str) -> bool:
    return await _any(ctx, campaign_id, ACTIVE)


async def any_to_call(ctx: Context, campaign_id: str, prepared: Mapping[str, Any] | None) -> bool:
    """Whether somebody waits, or will after the reset of a prepared run."""
    return await _any(ctx, campaign_id, [*WAITING, *(_resettable(prepared["scope"]) if prepared else ())])


def _resettable(scope: str) -> list[str]:
    kept = {"excluded"} | ({"completed"} if scope == "unfinished" else set())
    return [status for status in TERMINAL if status not in kept]


async def reset(ctx: Context, campaign: Mapping[str, Any], found: list[Document]) -> None:
    """Contacts of a former run, as read with `RESETTING`, are `pending` in the run of now if its scope names them."""
    run, again = campaign["run_number"], {*WAITING, *_resettable(campaign["prepared_run"]["scope"])}
    old = [row for row in found if row["run_number"] < run and row["status"] in again]
    await _move(ctx, old, {**FRESH, "run_number": run})


async def end_waiting(ctx: Context, campaign: Mapping[str, Any], status: str) -> None:
    """Every waiting contact gets this terminal state, and its scheduled callback is called off."""
    async for found in windows(ctx, campaign, LEAVING):
        await leave(ctx, [row for row in found if row["status"] in WAITING], status)


async def leave(ctx: Context, waiting: list[Document], status: str) -> None:
    """Waiting contacts, as read with `LEAVING`, get a terminal state."""
    over: Document = {"status": status, "next_retry_at": None}
    called_off = {**over, "callback.status": "cancelled", "callback.active": False}
    expected = [row for row in waiting if _callback(row) == "scheduled"]
    await _move(ctx, expected, called_off, **{"callback.status": "scheduled"})
    await _move(ctx, [row for row in waiting if _callback(row) != "scheduled"], over)


def _callback(row: Document) -> str | None:
    return (row.get("callback") or {}).get("status")


async def windows(
    ctx: Context, campaign: Mapping[str, Any], fields: Document, since: int = 0
) -> AsyncIterator[list[Document]]:
    """All contacts from a row number on, `WINDOW` numbers at a time. `last_row_no` is never below any of them."""
    for at in range(since, int(campaign.get("last_row_no") or 0) + 1, WINDOW):
        window = {"campaign_id": campaign["_id"], "row_no": {"$gte": at, "$lt": at + WINDOW}}
        yield await ctx.db["campaign_calls"].find(window, fields).to_list()


async def _move(ctx: Context, found: list[Document], changes: Mapping[str, Any], **where: Any) -> None:
    """A contact that moved on since it was read, or belongs to another run by now, is left alone."""
    groups: dict[tuple[str, int], list[str]] = {}
    for row in found:
        groups.setdefault((row["status"], row["run_number"]), []).append(row["_id"])
    stamp = {"status_changed_at": ctx.clock(), "updated_at": ctx.clock()}
    for (status, run), ids in groups.items():
        for at in range(0, len(ids), WRITTEN_AT_ONCE):
            part = {"_id": {"$in": ids[at : at + WRITTEN_AT_ONCE]}, "status": status, "run_number": run, **where}
            with pymongo.timeout(WRITE_S):
                await ctx.db["campaign_calls"].update_many(part, {"$set": {**changes, **stamp}})
