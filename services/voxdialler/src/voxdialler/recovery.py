"""Contacts whose task is gone: found, adopted by compare-and-set, and brought to an end by what the carrier or the
room shows. A request is never sent again, and an attempt is never made here (R3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from voxkit.contracts.campaigns import HELD
from voxkit.errors import VoxError
from voxkit.log import bound, get_logger

from voxdialler import attempts, dial, follow, rows, seats, settle
from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.originate.base import CallView, CannotTell, Originator
from voxdialler.originate.outcomes import DIALLER_LOST, WORKER_LOST, End

Document = dict[str, Any]
log = get_logger("voxdialler.recovery")

LAPSED_FOR = timedelta(seconds=5)
"""A lease that ran out this long ago belongs to nobody: its holder has had time to notice."""
STATES = (*HELD, "in_progress")
SEEN = {
    "campaign_id": 1, "status": 1, "lease_id": 1, "lease_owner": 1, "lease_expires_at": 1, "current_session_id": 1,
}  # fmt: skip
"""What a look must know of a contact; it is read whole only when it is adopted."""


@dataclass
class Look:
    """Active contacts without a task here. `orphans`: nobody works on them; `talking`: a worker should have them."""

    orphans: list[Document] = field(default_factory=list[Document])
    talking: list[Document] = field(default_factory=list[Document])


async def look(ctx: Context, *, vanished_before: int | None = None) -> Look:
    """Contacts as `SEEN`, oldest first.

    `vanished_before`: leases of lower epochs count at once, their leader is known to be dead (D4).
    """
    now, seen = ctx.now(), Look()
    for state in STATES:  # one state a query, on the index (status, status_changed_at)
        async for row in ctx.db["campaign_calls"].find({"status": state}, SEEN).sort("status_changed_at", 1):
            if ctx.works_on(row.get("lease_id")):
                continue
            if _is_orphan(row, now, vanished_before):
                seen.orphans.append(row)
            elif state == "in_progress":
                seen.talking.append(row)
    return seen


def _is_orphan(row: Document, now: datetime, vanished_before: int | None) -> bool:
    expires_at = row.get("lease_expires_at")
    if expires_at is None or expires_at + LAPSED_FOR <= now:
        return True
    if row["status"] == "in_progress":  # no heartbeat renews it, so its owner says nothing
        return False
    return vanished_before is not None and epoch_of(row.get("lease_owner")) < vanished_before


def epoch_of(lease_owner: str | None) -> int:
    """The epoch in `owner#epoch`; -1 for an owner without one."""
    _, _, epoch = (lease_owner or "").rpartition("#")
    return int(epoch) if epoch.isdecimal() else -1


async def adopt(ctx: Context, row: Document) -> Document | None:
    """Make a contact ours, given as `SEEN`. Returns: it as adopted, or None: somebody else was quicker."""
    owner, until = ctx.lease_owner, ctx.now() + timedelta(seconds=ctx.settings.lease_ttl_seconds)
    seen = {name: row.get(name) for name in ("status", "lease_id", "lease_owner")}
    fields: Document = {"lease_owner": owner}
    if row["status"] != "in_progress":
        fields["lease_expires_at"] = until
    await ctx.db["campaign_calls"].update_one({"_id": row["_id"], **seen}, {"$set": fields})
    now = await rows.read(ctx, row["_id"])
    if now is None or any(now.get(name) != row.get(name) for name in ("status", "lease_id")):
        return None
    return now if now.get("lease_owner") == owner else None


async def recover(ctx: Context, row: Document) -> None:
    """Bring one adopted contact to its end; runs as a task of its own."""
    with bound(campaign_call_id=row["_id"], campaign_id=row["campaign_id"], attempt_id=row.get("lease_id")):
        result = "lost"
        try:
            result = await _recover(ctx, row)
        except rows.LeaseLost as lost:
            log.info("recovery.lease_lost", why=str(lost))
        finally:
            ctx.metrics.recovered.labels(state=row["status"], result=result).inc()
            log.info("recovery.done", state=row["status"], result=result)


async def _recover(ctx: Context, row: Document) -> str:
    attempt_id = row.get("lease_id") or row.get("current_attempt_id")
    document = await attempts.read(ctx, attempt_id) if attempt_id else None
    if row["status"] == "leased":
        return await _give_back(ctx, row, document)
    campaign = await ctx.db["campaigns"].find_one({"_id": row["campaign_id"]})
    if document is None or campaign is None:
        return await _without_attempt(ctx, row)
    attempt = Attempt.stored(document, row, campaign, await _carrier(ctx, document))
    if document.get("outcome") == "not_placed":
        await dial.never_placed(ctx, attempt, document.get("error") or "stopped before it was placed")
        return "not_placed"
    if document.get("outcome") is not None:  # it had ended, and only the contact did not hear of it
        await settle.finish(ctx, attempt, document, expected=(row["status"],))
        return "finished"
    if row["status"] == "in_progress":
        return await _in_conversation(ctx, attempt)
    return await _under_way(ctx, attempt, row, document)


async def _carrier(ctx: Context, document: Document) -> Document:
    """The carrier of an attempt; of one that was deleted, as much as the attempt itself tells."""
    found = await ctx.db["carriers"].find_one({"_id": document["carrier_id"]})
    over = "livekit_sip" if document.get("room_name") else "websocket_carrier"
    return found or {"_id": document["carrier_id"], "originate": over}


async def _give_back(ctx: Context, row: Document, document: Document | None) -> str:
    """Nothing was sent: back to where it came from, uncounted."""
    back = row.get("leased_from") or "pending"
    if document is not None:
        await attempts.not_placed(ctx, document["_id"], DIALLER_LOST)
    await rows.move(ctx, rows.Lease.of(row), ("leased",), back, rows.FREE)
    await seats.give_back(ctx, row["lease_id"])
    return "given_back"


async def _without_attempt(ctx: Context, row: Document) -> str:
    """A contact in a call without the document of its attempt: the store lost it, or somebody deleted it."""
    log.error("recovery.no_attempt", state=row["status"])
    await rows.move(
        ctx, rows.Lease.of(row), (row["status"],), "exhausted",
        {**rows.FREE, "last_outcome": "error", "next_retry_at": None},
    )  # fmt: skip
    return "exhausted"


async def _under_way(ctx: Context, attempt: Attempt, row: Document, document: Document) -> str:
    """`dialling` to `attaching`: whatever carrier or room show is the truth."""
    originator: Originator = ctx.originators.of(attempt.carrier)
    state = row["status"]
    view: CallView | None = None
    if state == "dialling":
        sent_at = rows.later(document.get("dialled_at"), row["status_changed_at"]) or ctx.now()
        if not await dial.was_placed(ctx, attempt, originator, sent_at=sent_at):
            return "not_placed"
        await rows.move(ctx, attempt.lease, ("dialling",), "ringing")
        state = "ringing"
    try:
        view = await _find(ctx, attempt, originator)
    except CannotTell:
        await _wait_for_the_deadline(ctx, document)
        await settle.settle(ctx, attempt, End("error", DIALLER_LOST), expected=(state,))
        return DIALLER_LOST
    if view is None:
        await settle.settle(ctx, attempt, End("error", DIALLER_LOST), expected=(state,))
        return DIALLER_LOST
    await follow.carry(ctx, attempt, originator, state=state)
    return "adopted"


async def _find(ctx: Context, attempt: Attempt, originator: Originator) -> CallView | None:
    """Asked until there is an answer: a carrier that is away for a while must not decide a contact's fate."""
    while True:
        try:
            return await originator.find(attempt.id)
        except VoxError as error:
            log.warning("recovery.carrier_away", error=str(error))
        await ctx.sleep(dial.LOOK_EVERY_S)


async def _wait_for_the_deadline(ctx: Context, document: Document) -> None:
    dialled_at = document.get("dialled_at") or ctx.now()
    until = dialled_at + timedelta(seconds=ctx.settings.ring_timeout_seconds + follow.LATE_S)
    await ctx.sleep(max(0.0, (until - ctx.now()).total_seconds()))


async def _in_conversation(ctx: Context, attempt: Attempt) -> str:
    """No worker has the call any more; a result that is stored settles it all the same."""
    call = await ctx.db["calls"].find_one({"_id": attempt.session_id}, {"result_received_at": 1}) or {}
    if call.get("result_received_at") is not None:
        return "result_stored"  # voxbridge brings it to the contact
    await settle.settle(ctx, attempt, End("error", WORKER_LOST), expected=("in_progress",))
    return WORKER_LOST
