"""Moves of a contact: each is one compare-and-set with the state it expects and the lease it holds (L1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from voxkit.campaigns import Decision
from voxkit.contracts.campaigns import FREED

from voxdialler.context import Context

Document = dict[str, Any]

FREE: Document = dict.fromkeys(FREED)
"""What a contact loses when it leaves the active states (L5)."""
AFTER_CALL_S = 600
"""How long after its longest possible call a contact may wait for its result (L3), seconds."""


@dataclass(frozen=True)
class Lease:
    """Whose a contact is: of which attempt, and of which dialler. An adoption changes the owner, so a task that was
    frozen meanwhile finds nothing that its writes fit (L2)."""

    row_id: str
    lease_id: str
    owner: str

    @classmethod
    def of(cls, row: Document) -> Lease:
        """The lease as it stands in a contact that is ours."""
        return cls(row["_id"], row["lease_id"], row["lease_owner"])


class LeaseLost(Exception):
    """Somebody else has moved the contact: this task has no say in it any more and stops."""


async def move(
    ctx: Context, lease: Lease, expected: Sequence[str], to: str, fields: Document | None = None
) -> Document:
    """Move a contact to `to`. Returns: the fields that were written.

    Raises: LeaseLost when the contact is in none of the `expected` states under this lease.
    """
    now = ctx.now()
    written: Document = {"status": to, "status_changed_at": now, "updated_at": now, **(fields or {})}
    for state in expected:  # one state a filter: the store closes a range by one value (voxbridge 1.2)
        done = await ctx.db["campaign_calls"].update_one(
            {"_id": lease.row_id, "status": state, "lease_id": lease.lease_id, "lease_owner": lease.owner},
            {"$set": written},
        )
        if done.modified_count:
            return written
    # A write whose answer was lost and that the driver repeated matched nothing the second time, and yet it is ours.
    found = await ctx.db["campaign_calls"].find_one({"_id": lease.row_id}, {"status": 1, "status_changed_at": 1})
    if found and found.get("status") == to and found.get("status_changed_at") == now:
        return written
    ctx.metrics.cas_lost.labels(transition=f"{expected[0]}_to_{to}").inc()
    raise LeaseLost(f"{lease.row_id} is {found.get('status') if found else 'gone'}, not {' or '.join(expected)}")


async def read(ctx: Context, row_id: str) -> Document | None:
    """The contact as it is now."""
    return await ctx.db["campaign_calls"].find_one({"_id": row_id})


async def still_carries(ctx: Context, row_id: str, attempt_id: str) -> bool:
    """Whether the contact is in this attempt still, whoever works on it: then its seat is not ours to give back."""
    found = await ctx.db["campaign_calls"].find_one({"_id": row_id}, {"lease_id": 1, "current_attempt_id": 1})
    return bool(found) and attempt_id in (found.get("lease_id"), found.get("current_attempt_id"))


async def into_conversation(ctx: Context, lease: Lease, max_call_s: int) -> None:
    """`attaching` → `in_progress`: from now on the result settles the contact. Raises: LeaseLost."""
    until = ctx.now() + timedelta(seconds=max_call_s + AFTER_CALL_S)
    await move(ctx, lease, ("attaching",), "in_progress", {"lease_expires_at": until})


async def settle(
    ctx: Context, row: Document, lease: Lease, expected: Sequence[str], decision: Decision, ended: Document
) -> None:
    """Move a contact by a decision; `ended`: `outcome`, `disposition`, `session_id`, `ended_at`. Raises: LeaseLost."""
    fields: Document = {
        **FREE,
        "next_retry_at": decision.next_retry_at,
        "last_outcome": ended["outcome"],
        "last_disposition": ended["disposition"],
        "last_session_id": ended["session_id"],
        "last_attempt_at": ended["ended_at"],
        "connected_once": bool(row.get("connected_once")) or decision.connected,
    }
    if decision.callback is not None:
        fields["callback"] = decision.callback
    await move(ctx, lease, expected, decision.status, fields)


def ended(row: Document) -> Document:
    """Fields of a contact that is not dialled any more: its scheduled callback is called off."""
    fields: Document = {**FREE, "next_retry_at": None}
    if (row.get("callback") or {}).get("status") == "scheduled":
        fields |= {"callback.status": "cancelled", "callback.active": False}
    return fields


def later(first: datetime | None, second: datetime | None) -> datetime | None:
    """The later of two times, either of which may be missing."""
    return max((when for when in (first, second) if when is not None), default=None)
