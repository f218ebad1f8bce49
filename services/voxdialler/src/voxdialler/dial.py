"""One dial, from the lease to the conversation or the end: section 8 of the contract, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from voxkit.errors import VoxError
from voxkit.log import bound, get_logger

from voxdialler import attempts, checks, evidence, follow, lease, rows, screening, seats
from voxdialler.attempts import Attempt
from voxdialler.checks import Refusal
from voxdialler.context import Context, DialOrder
from voxdialler.crashpoints import crashpoint
from voxdialler.originate.base import CallOrder, CannotTell, Originator, Refused, Unsure
from voxdialler.originate.outcomes import End
from voxdialler.settle import settle

Document = dict[str, Any]
log = get_logger("voxdialler.dial")

CONTEXT_LIVES = timedelta(hours=2)
CARRIER_SPARE_S = 120
"""A carrier ends a call this long after the bot would have, seconds."""
NOT_AFTER_S, PROOF_AFTER_S = 10.0, 12.0
"""After `dialled_at`, which stands in the attempt: a carrier refuses an order that comes later than the one, so what it
does not show at the other never rings."""
TOO_LATE_S = 8.0
"""An order that is not sent this long after `dialled_at` is not sent: it may not reach the carrier in time."""
LOOK_EVERY_S = 2.0


_ENDS = {"exclude": "excluded", "window_closed": "window_closed"}
"""What a refusal for good makes of a contact."""


class NotDialled(Exception):
    """The dial was stopped before anybody was rung."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


async def run(ctx: Context, order: DialOrder) -> None:
    """Carry one leased contact to its end. Returns when it is settled, given back, in conversation, or not ours."""
    attempt = Attempt.of(order)
    with bound(attempt_id=attempt.id, campaign_id=attempt.campaign_id, campaign_call_id=attempt.row_id):
        crashpoint("dial.1")
        try:
            originator = ctx.originators.of(attempt.carrier)
        except VoxError as error:
            await give_back(ctx, attempt, Refusal("originate", str(error)))
            return
        try:
            call = await prepare(ctx, attempt, originator, pinned=order.pinned)
            if await place(ctx, attempt, originator, call):
                await follow.carry(ctx, attempt, originator)
        except NotDialled as stopped:
            await give_back(ctx, attempt, stopped.refusal)
        except rows.LeaseLost as lost:
            await let_go(ctx, attempt, lost)


async def prepare(ctx: Context, attempt: Attempt, originator: Originator, *, pinned: bool) -> CallOrder:
    """Lines 2 to 5: nothing that a callee could notice. Raises: NotDialled."""
    if refusal := await checks.why_not_dial(ctx, attempt, checks.LINE_2):
        raise NotDialled(refusal)
    ring_timeout_s = ctx.settings.ring_timeout_seconds
    seat = None
    if pinned and originator.traits.pins_seat:
        try:
            seat = await seats.reserve(ctx, attempt, ring_timeout_s=ring_timeout_s)
        except seats.NoSeat as error:
            raise NotDialled(Refusal("seat", error.why)) from error
    crashpoint("dial.2")
    await attempts.insert(ctx, attempt)
    crashpoint("dial.3")
    if not originator.traits.needs_attach:
        await _store_context(ctx, attempt)
    crashpoint("dial.4")
    if refusal := await checks.why_not_dial(ctx, attempt, checks.LINE_5):
        raise NotDialled(refusal)
    asked_at = ctx.monotonic()
    got = await ctx.buckets.take(attempt.carrier_id, wait_s=ctx.settings.tick_seconds)
    ctx.metrics.bucket_wait_seconds.labels(carrier=attempt.carrier_id).observe(ctx.monotonic() - asked_at)
    if not got:
        raise NotDialled(Refusal("token", "the carrier's rate or its channels leave no room"))
    crashpoint("dial.5")
    return CallOrder(
        attempt_id=attempt.id,
        campaign_id=attempt.campaign_id,
        campaign_call_id=attempt.row_id,
        bot_id=attempt.campaign["bot_id"],
        carrier_id=attempt.carrier_id,
        to_number=attempt.to_number,
        from_number=attempt.from_number,
        ring_timeout_s=ring_timeout_s,
        max_call_s=await attempts.max_call_s(ctx, attempt) + CARRIER_SPARE_S,
        trunk_id=attempt.trunk_id,
        seat=seat,
        amd=await screening.for_carrier(ctx, attempt.campaign),
    )


async def place(ctx: Context, attempt: Attempt, originator: Originator, call: CallOrder) -> bool:
    """Lines 6 to 9: the one request, sent at most once (K1). Returns: whether there is a call. Raises: LeaseLost."""
    await rows.move(
        ctx,
        attempt.lease,
        ("leased",),
        "dialling",
        {
            "current_attempt_id": attempt.id,
            "current_session_id": attempt.session_id,
            "current_carrier_id": attempt.carrier_id,
            "current_from_number": attempt.from_number,
            "attempt_count": attempt.count_after,
        },
    )
    crashpoint("dial.6")
    dialled_at = ctx.now()
    await attempts.note(ctx, attempt.id, dialled_at=dialled_at)
    crashpoint("dial.7")
    await ctx.buckets.leave(attempt.carrier_id)
    if not ctx.may_dial(attempt.id):  # D5
        raise rows.LeaseLost("the leader's beat or the lease went stale before the request")
    if (ctx.now() - dialled_at).total_seconds() > TOO_LATE_S:
        raise rows.LeaseLost("the request would come to the carrier too late; recovery proves that nobody was rung")
    evidence.begun(ctx, attempt)
    log.info("dial.request", carrier_id=attempt.carrier_id, kind=attempt.kind, pii_number=attempt.to_number)
    try:
        await originator.place(replace(call, not_after=dialled_at + timedelta(seconds=NOT_AFTER_S)))
    except Refused as refused:
        crashpoint("dial.8")
        await _refused(ctx, attempt, refused)
        return False
    except Unsure as unsure:
        crashpoint("dial.8")
        log.warning("dial.unsure", error=str(unsure))
        if not await was_placed(ctx, attempt, originator, sent_at=dialled_at):
            return False
    else:
        crashpoint("dial.8")
    await rows.move(ctx, attempt.lease, ("dialling",), "ringing")
    await ctx.numbers.used(attempt.from_number, dialled_at)
    crashpoint("dial.9")
    return True


async def was_placed(ctx: Context, attempt: Attempt, originator: Originator, *, sent_at: datetime) -> bool:
    """Find out what became of an order without an answer. False: proved that nobody was rung, and put right.

    A carrier without a search is believed to ring: such a contact costs an attempt, never a second call (K1).
    """
    proved_at = sent_at + timedelta(seconds=PROOF_AFTER_S)
    while True:
        # The question after `proved_at` decides: until then the order may still be on its way.
        last = ctx.now() >= proved_at
        try:
            if await originator.find(attempt.id) is not None:
                return True
            if last:
                await never_placed(ctx, attempt, "the carrier never got the order")
                return False
        except CannotTell:
            return True
        except VoxError as error:
            log.warning("dial.carrier_away", error=str(error))
        await ctx.sleep(LOOK_EVERY_S)


async def never_placed(ctx: Context, attempt: Attempt, why: str) -> None:
    """`dialling` → where the contact came from, as if it had not been leased. Raises: LeaseLost."""
    row = await rows.read(ctx, attempt.row_id) or attempt.row
    count = int(row.get("attempt_count") or 0) - int(attempt.counts)
    await attempts.not_placed(ctx, attempt.id, why)
    back = row.get("leased_from") or "pending"
    await rows.move(ctx, attempt.lease, ("dialling",), back, {**rows.FREE, "attempt_count": max(0, count)})
    log.info("dial.not_placed", why=why, status=back)
    await seats.give_back(ctx, attempt.id)


async def give_back(ctx: Context, attempt: Attempt, refusal: Refusal) -> None:
    """A dial that was stopped before line 6: nothing counts, and whatever it held is free again."""
    log.info("dial.refused", check=refusal.check, why=refusal.why)
    ctx.metrics.checks_refused.labels(check=refusal.check).inc()
    await attempts.not_placed(ctx, attempt.id, refusal.why)
    try:
        if refusal.then in _ENDS:
            await rows.move(ctx, attempt.lease, ("leased",), _ENDS[refusal.then], rows.ended(attempt.row))
        elif refusal.then == "give_back":
            await lease.give_back(ctx, attempt.row, next_retry_at=refusal.next_retry_at)
    except rows.LeaseLost as lost:
        log.info("dial.lease_lost", why=str(lost))
    await seats.give_back(ctx, attempt.id)


async def let_go(ctx: Context, attempt: Attempt, lost: rows.LeaseLost) -> None:
    """Somebody else has the contact. Its seat is given back unless they carry this same attempt on."""
    log.info("dial.lease_lost", why=str(lost))
    if not await rows.still_carries(ctx, attempt.row_id, attempt.id):
        await seats.give_back(ctx, attempt.id)


async def _refused(ctx: Context, attempt: Attempt, refused: Refused) -> None:
    log.info("dial.carrier_refused", outcome=refused.outcome, code=refused.code, error=str(refused))
    evidence.refused(ctx, attempt, refused)
    if refused.outcome == "not_placed":
        await never_placed(ctx, attempt, str(refused))
    else:
        await settle(ctx, attempt, End(refused.outcome, str(refused), breaker=refused.breaker), expected=("dialling",))


async def _store_context(ctx: Context, attempt: Attempt) -> None:
    """What the worker asks its configuration with; the carrier carries only its name (O4)."""
    document: Document = {
        "_id": f"ctx_{attempt.id}",
        "bot_id": attempt.campaign["bot_id"],
        "connected_event": attempt.connected_event(),
        "expires_at": ctx.now() + CONTEXT_LIVES,
    }
    await ctx.db["call_contexts"].update_one({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True)
