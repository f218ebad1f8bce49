"""Which contacts are dialled next, and whose they are: bounded queries, one compare-and-set a contact (section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from voxkit.contracts.campaigns import HELD
from voxkit.log import get_logger

from voxdialler import rows
from voxdialler.context import Context

Document = dict[str, Any]
log = get_logger("voxdialler.lease")

WIDEST = timedelta(minutes=1)
"""A range of due times is at most so wide: the store reads what lies in it, whether it is leased or not."""
FEWEST_AT_ONCE = 50
"""Places of a list that are looked at at least; a wider look costs the store as much for each contact in it."""
EVER = datetime(1971, 1, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
ROWS_AT_ONCE = 1_000
TWICE_WITHIN = timedelta(seconds=60)
LEFT_ALONE = timedelta(seconds=60)
FIELDS = {
    "_id": 1, "status": 1, "row_no": 1, "next_retry_at": 1, "run_number": 1, "attempt_count": 1,
}  # fmt: skip


async def take(ctx: Context, row: Document, attempt_id: str, carrier_id: str) -> Document | None:
    """Lease one contact for an attempt over a carrier, whose channel it takes from now on (N2).

    Returns: it as leased; None: somebody else was quicker.
    """
    now = ctx.now()
    fields: Document = {
        "status": "leased",
        "leased_from": row["status"],
        "current_carrier_id": carrier_id,
        "lease_id": attempt_id,
        "lease_owner": ctx.lease_owner,
        "leased_at": now,
        "lease_expires_at": now + timedelta(seconds=ctx.settings.lease_ttl_seconds),
        "status_changed_at": now,
    }
    await ctx.db["campaign_calls"].update_one(
        {"_id": row["_id"], "status": row["status"], "run_number": row["run_number"], "lease_id": None},
        {"$set": fields},
    )
    # Read back: an answer that was lost is told from a contact that was (and the dial needs it whole anyway).
    leased = await rows.read(ctx, row["_id"])
    ours = leased is not None and leased.get("lease_id") == attempt_id and leased.get("status") == "leased"
    ctx.metrics.leases.labels(row["status"], "leased" if ours else "lost").inc()
    return leased if ours else None


async def give_back(ctx: Context, row: Document, *, next_retry_at: datetime | None = None) -> None:
    """A leased contact as it was before; counted nowhere. Twice within a minute: it rests for a minute (L4).

    `row`: as it was leased. Raises: rows.LeaseLost.
    """
    now = ctx.now()
    fields: Document = {**rows.FREE, "released_count": int(row.get("released_count") or 0) + 1, "released_at": now}
    before = row.get("released_at")
    rest = now + LEFT_ALONE if before is not None and now - before <= TWICE_WITHIN else None
    if (later := rows.later(next_retry_at, rest)) is not None:
        fields["next_retry_at"] = rows.later(later, row.get("next_retry_at"))
    await rows.move(ctx, rows.Lease.of(row), ("leased",), row.get("leased_from") or "pending", fields)
    ctx.marks.lowered(row)


async def renew(ctx: Context, held: Mapping[str, str]) -> set[str]:
    """Prolong the leases of contacts that tasks here work on (L2).

    `held`: attempt by contact. Returns: the attempts whose contact is still ours.
    """
    ids, ours = list(held), set[str]()
    until = ctx.now() + timedelta(seconds=ctx.settings.lease_ttl_seconds)
    for first in range(0, len(ids), ROWS_AT_ONCE):
        some = ids[first : first + ROWS_AT_ONCE]
        mine = {"_id": {"$in": some}, "lease_owner": ctx.lease_owner, "status": {"$in": list(HELD)}}
        await ctx.db["campaign_calls"].update_many(mine, {"$set": {"lease_expires_at": until}})
        async for row in ctx.db["campaign_calls"].find({"_id": {"$in": some}}, {"lease_id": 1, "lease_owner": 1}):
            if row.get("lease_owner") == ctx.lease_owner and row.get("lease_id") == held[row["_id"]]:
                ours.add(row["lease_id"])
    return ours


class Marks:
    """Where each campaign's waiting contacts begin: everything due before a mark is leased or gone.

    A mark only spares the store work. It moves to the first contact still waiting, and back when one is given back;
    it is forgotten now and then, so a contact that another process put before it is found.
    """

    def __init__(self) -> None:
        self._row_no: dict[str, int] = {}
        self._due: dict[tuple[str, str], datetime] = {}

    def row_no(self, campaign_id: str) -> int:
        return self._row_no.get(campaign_id, -1)

    def due(self, campaign_id: str, state: str) -> datetime | None:
        return self._due.get((campaign_id, state))

    def set_row_no(self, campaign_id: str, row_no: int) -> None:
        self._row_no[campaign_id] = row_no

    def set_due(self, campaign_id: str, state: str, due: datetime) -> None:
        self._due[campaign_id, state] = due

    def lowered(self, row: Document) -> None:
        """A contact waits again."""
        campaign_id, row_no = row["campaign_id"], int(row.get("row_no") or 0)
        if row_no < self._row_no.get(campaign_id, row_no):
            self._row_no[campaign_id] = row_no
        for state in ("pending", "retry_scheduled", "callback_scheduled"):
            self._due.pop((campaign_id, state), None)

    def forget(self) -> None:
        self._row_no.clear()
        self._due.clear()


async def candidates(ctx: Context, campaign: Document, wanted: int) -> list[Document]:
    """At most `wanted` contacts that are due, in their order: callbacks, first attempts, retries."""
    found = await _due(ctx, campaign, "callback_scheduled", wanted)
    if len(found) < wanted:
        found += await _undated(ctx, campaign, wanted - len(found))
    for state in ("pending", "retry_scheduled"):
        if len(found) < wanted:
            found += await _due(ctx, campaign, state, wanted - len(found))
    return [row for row in found if row.get("run_number") == campaign.get("run_number")]


async def _undated(ctx: Context, campaign: Document, wanted: int) -> list[Document]:
    """Contacts that were never put off, by their place in the list."""
    campaign_id = campaign["_id"]
    key = {"campaign_id": campaign_id, "status": "pending", "next_retry_at": None}
    width = max(FEWEST_AT_ONCE, 2 * wanted)
    found: list[Document] = []
    since = ctx.marks.row_no(campaign_id)
    while len(found) < wanted:
        window = {**key, "row_no": {"$gte": since, "$lt": since + width}}
        some = await ctx.db["campaign_calls"].find(window, FIELDS).sort("row_no", 1).to_list()
        if not some:
            first = await ctx.db["campaign_calls"].find_one(
                {**key, "row_no": {"$gte": since + width}}, {"row_no": 1, "run_number": 1}, sort=[("row_no", 1)]
            )
            if first is None:
                break
            since = int(first["row_no"])
            if not found and first.get("run_number") == campaign.get("run_number"):
                ctx.marks.set_row_no(campaign_id, since)
            continue
        # Before a contact of the former run there may be some that become this one's in a moment.
        if not found and some[0].get("run_number") == campaign.get("run_number"):
            ctx.marks.set_row_no(campaign_id, int(some[0]["row_no"]))
        found += some
        since += width
    return found[:wanted]


async def _due(ctx: Context, campaign: Document, state: str, wanted: int) -> list[Document]:
    """Contacts whose time has come, a minute's width of times at once."""
    campaign_id, now = campaign["_id"], ctx.now()
    key = {"campaign_id": campaign_id, "status": state}
    since = ctx.marks.due(campaign_id, state) or EVER
    found: list[Document] = []
    while len(found) < wanted and since <= now:
        until = min(now, since + WIDEST) + MOMENT
        window = {**key, "next_retry_at": {"$gte": since, "$lt": until}}
        query = ctx.db["campaign_calls"].find(window, FIELDS).sort([("next_retry_at", 1), ("row_no", 1)])
        some = await query.limit(wanted - len(found)).to_list()
        if not some and until <= now:
            first = await ctx.db["campaign_calls"].find_one(
                {**key, "next_retry_at": {"$gte": until, "$lt": now + MOMENT}},
                {"next_retry_at": 1}, sort=[("next_retry_at", 1)],
            )  # fmt: skip
            until = first["next_retry_at"] if first else now + MOMENT
        if not found:
            # Not past now: what is put off to a time that is over already would lie before it.
            ctx.marks.set_due(campaign_id, state, some[0]["next_retry_at"] if some else min(until, now))
        found += some
        since = until
    return found


async def next_due(ctx: Context, campaign_id: str) -> datetime | None:
    """When the next contact of the campaign is due; None = none is put off to a time."""
    times: list[datetime] = []
    for state in ("callback_scheduled", "retry_scheduled", "pending"):
        first = await ctx.db["campaign_calls"].find_one(
            {"campaign_id": campaign_id, "status": state, "next_retry_at": {"$gt": ctx.now()}},
            {"next_retry_at": 1}, sort=[("next_retry_at", 1)],
        )  # fmt: skip
        if first:
            times.append(first["next_retry_at"])
    return min(times, default=None)


async def last_number(ctx: Context, row: Document) -> str | None:
    """Our number of the contact's last attempt."""
    last = await ctx.db["campaign_attempts"].find_one(
        {"campaign_call_id": row["_id"]}, {"from_number": 1}, sort=[("attempt_no", -1)]
    )
    return last.get("from_number") if last else None
