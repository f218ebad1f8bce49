"""Job `campaign_result`: a stored result ends its attempt and moves its contact on, once.

1. The attempt of the session. 2. The contact goes from its active state to `_processing`; dialler and control plane
leave it alone there. 3. A contact that is in another session has moved on: the attempt alone changes, `late`. 4. The
attempt gets its outcome. 5. The contact gets its next state. Killed between any two of them the job begins again at 1
and ends the same: 2 goes on with the token it finds, 4 writes the same values, 5 matches once.
"""

from __future__ import annotations

from typing import Any

from voxkit.campaigns import Decision, Ended, decide
from voxkit.contracts.campaigns import ACTIVE, FREED
from voxkit.errors import Unavailable
from voxkit.log import bound, get_logger

from voxbridge.attempts import store
from voxbridge.attempts.facts import Facts, attempt_fields, facts_of, lost_facts, wish_of
from voxbridge.attempts.gates import takes_callbacks
from voxbridge.calls import store as calls
from voxbridge.contacts import store as contacts
from voxbridge.context import Context
from voxbridge.dnc import store as dnc
from voxbridge.ids import new_id

Document = dict[str, Any]
KIND = "campaign_result"
TRIES = 8  # more than the states a dial can pass through while we look
log = get_logger("voxbridge.attempts")


async def applies(ctx: Context, call: Document) -> bool:
    """Whether a stored call is one of a campaign: by its trusted link, or because an attempt has its session."""
    return bool(call.get("campaign_call_id")) or await store.has_attempt(ctx, call["_id"])


async def reconcile(ctx: Context, job: Document) -> None:
    """Raises: Unavailable: the contact is being moved by others; the job is tried again."""
    session_id = job["payload"]["session_id"]
    attempt = await store.attempt_of(ctx, session_id)
    if attempt is None:
        log.warning("attempt.unknown", session_id=session_id)
        return
    with bound(session_id=session_id, campaign_id=attempt["campaign_id"], attempt_id=attempt["_id"]):
        call = await calls.find(ctx, session_id)
        details: Document = {}
        if call is not None and call.get("result_received_at") is not None:
            details = await calls.details(ctx, call)
            facts = facts_of(call, details)
        else:
            facts = lost_facts(attempt, job["created_at"])
        row = await _taken(ctx, attempt["campaign_call_id"], session_id)
        campaign = await store.campaign(ctx, attempt["campaign_id"])
        if row is None or campaign is None:
            await _late(ctx, attempt, facts)
        else:
            await _settle(ctx, campaign, row, attempt, facts, details.get("post_call_analysis"))


async def _taken(ctx: Context, row_id: str, session_id: str) -> Document | None:
    """The contact in `_processing` for this session; None: it has moved on."""
    for _ in range(TRIES):
        row = await store.contact(ctx, row_id)
        if row is None or row.get("current_session_id") != session_id or row["status"] not in ACTIVE:
            return None
        if row["status"] == store.PROCESSING:
            return row
        await store.take(ctx, row, new_id(), ctx.clock())
    raise Unavailable(f"The contact {row_id} is being changed by others.")


async def _late(ctx: Context, attempt: Document, facts: Facts) -> None:
    """The next attempt of this contact may already ring: nothing but this attempt changes."""
    if attempt.get("by_result"):
        return  # this very job settled it before it was interrupted
    await store.end_attempt(ctx, attempt["_id"], attempt_fields(attempt, facts, late=True))
    log.info("attempt.late", outcome=facts.outcome, before=attempt.get("outcome"))


async def _settle(
    ctx: Context, campaign: Document, row: Document, attempt: Document, facts: Facts, analysis: Any
) -> None:
    wish = wish_of(analysis, facts.ended_at)
    if wish and not takes_callbacks(await store.bot(ctx, campaign["bot_id"]), campaign):
        wish = None
    decision = decide(
        campaign,
        row,
        Ended(
            outcome=facts.outcome,
            disposition=facts.disposition,
            ended_at=facts.ended_at,
            customer_spoke=facts.customer_spoke,
            suppressed=await _suppressed(ctx, row),
            callback=wish,
        ),
    )
    fields = attempt_fields(attempt, facts, late=False)
    fields["callback_requested"] = wish is not None
    scheduled = decision.status == "callback_scheduled" and decision.callback
    fields["callback_scheduled_at"] = scheduled["scheduled_at"] if scheduled else None
    await store.end_attempt(ctx, attempt["_id"], fields)
    moved = await store.give_back(ctx, row, _row_fields(ctx, row, attempt, facts, decision))
    log.info("attempt.settled", outcome=facts.outcome, status=decision.status, line=decision.line, moved=moved)


def _row_fields(ctx: Context, row: Document, attempt: Document, facts: Facts, decision: Decision) -> Document:
    now = ctx.clock()
    fields: Document = {
        **dict.fromkeys(FREED),
        "processing_token": None,
        "processing_at": None,
        "status": decision.status,
        "status_changed_at": now,
        "updated_at": now,
        "next_retry_at": decision.next_retry_at,
        "last_outcome": facts.outcome,
        "last_disposition": facts.disposition or facts.outcome,
        "last_session_id": attempt["session_id"],
        "last_attempt_at": facts.ended_at,
        "connected_once": bool(row.get("connected_once")) or decision.connected,
    }
    if decision.callback is not None:
        fields["callback"] = decision.callback
    return fields


async def _suppressed(ctx: Context, row: Document) -> bool:
    """Whether the number must not be called any more: by the deployment's list, or by the campaign's."""
    key = row["phone_key"]
    if await dnc.listed(ctx, [key], ctx.clock()):
        return True
    return bool(await contacts.excluded_keys(ctx, row["campaign_id"], [key]))
