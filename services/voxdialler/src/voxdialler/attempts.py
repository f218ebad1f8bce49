"""An attempt: one dial of a contact. Its document is written with `$set` only, and what ended stays as it ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError
from voxkit.contracts.campaigns import AttemptKind

from voxdialler import rows
from voxdialler.context import Context, DialOrder

Document = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """What stays the same from the lease to the end. `id`: 32 hex characters, the name of the dial everywhere."""

    id: str
    campaign: Document
    row: Document
    kind: AttemptKind
    attempt_no: int
    callback_sequence: int
    to_number: str
    from_number: str
    carrier: Document

    @classmethod
    def of(cls, order: DialOrder) -> Attempt:
        """The attempt that a lease begins. A callback repeats the number of the last attempt (section 5.3)."""
        row, made = order.row, int(order.row.get("attempt_count") or 0)
        callback = order.row.get("leased_from") == "callback_scheduled"
        return cls(
            id=order.attempt_id,
            campaign=order.campaign,
            row=row,
            kind="callback" if callback else "retry" if made else "initial",
            attempt_no=max(1, made) if callback else made + 1,
            callback_sequence=int((row.get("callback") or {}).get("sequence") or 0) if callback else 0,
            to_number=row["phone_number"],
            from_number=order.from_number,
            carrier=order.carrier,
        )

    @classmethod
    def stored(cls, document: Document, row: Document, campaign: Document, carrier: Document) -> Attempt:
        """The attempt that another process began."""
        return cls(
            id=document["_id"],
            campaign=campaign,
            row=row,
            kind=document["kind"],
            attempt_no=document["attempt_no"],
            callback_sequence=document.get("callback_sequence") or 0,
            to_number=document["phone_number"],
            from_number=document["from_number"],
            carrier=carrier,
        )

    @property
    def row_id(self) -> str:
        return self.row["_id"]

    @property
    def lease(self) -> rows.Lease:
        """What every write of this task has in its filter (L1)."""
        return rows.Lease(self.row["_id"], self.id, self.row["lease_owner"])

    @property
    def carrier_id(self) -> str:
        return self.carrier["_id"]

    @property
    def originate(self) -> str:
        """`livekit_sip` or `websocket_carrier`."""
        return self.carrier.get("originate") or "livekit_sip"

    @property
    def trunk_id(self) -> str | None:
        return self.carrier.get("lk_outbound_trunk_id")

    @property
    def campaign_id(self) -> str:
        return self.campaign["_id"]

    @property
    def session_id(self) -> str:
        """The same UUID with dashes: the worker's session."""
        return str(uuid.UUID(hex=self.id))

    @property
    def room_name(self) -> str | None:
        return f"camp-{self.id}" if self.originate == "livekit_sip" else None

    @property
    def counts(self) -> bool:
        """Whether it uses up one of the contact's attempts; callbacks do not."""
        return self.kind != "callback"

    @property
    def count_after(self) -> int:
        """`attempt_count` of the contact once this was placed."""
        return int(self.row.get("attempt_count") or 0) + int(self.counts)

    def connected_event(self) -> Document:
        """What the worker's configuration is asked with: variables, the link to the campaign, the callback's wish."""
        event: Document = {
            **(self.row.get("variables") or {}),
            "_campaign_session_id": self.session_id,
            "_campaign_id": self.campaign_id,
            "_campaign_call_id": self.row_id,
            "_campaign_attempt": self.attempt_no,
            "_campaign_run_number": self.row["run_number"],
        }
        if self.kind == "callback":
            wish = self.row.get("callback") or {}
            event |= {
                "callback_preferred_time_text": wish.get("preferred_time_text") or "",
                "callback_reason": wish.get("reason") or "",
            }
        return event


async def insert(ctx: Context, attempt: Attempt) -> None:
    """State `prepared`: everything that is known before the dial. A repeat changes nothing."""
    document: Document = {
        "_id": attempt.id,
        "attempt_id": attempt.id,
        "campaign_id": attempt.campaign_id,
        "campaign_call_id": attempt.row_id,
        "run_number": attempt.row["run_number"],
        "attempt_no": attempt.attempt_no,
        "kind": attempt.kind,
        "callback_sequence": attempt.callback_sequence,
        "phone_number": attempt.to_number,
        "from_number": attempt.from_number,
        "carrier_id": attempt.carrier_id,
        "trunk_id": attempt.trunk_id,
        "room_name": attempt.room_name,
        "session_id": attempt.session_id,
        **dict.fromkeys(
            (
                "dialled_at", "ringing_at", "answered_at", "attached_at", "ended_at", "ring_seconds", "talk_seconds",
                "sip_status", "sip_reason", "amd", "disconnected_by", "system_disposition", "business_disposition",
                "outcome", "error",
            )
        ),
        "late": False,
    }  # fmt: skip
    try:
        await ctx.db["campaign_attempts"].insert_one(document)
    except DuplicateKeyError:
        return  # the driver sent it twice: the answer to the first was lost


async def note(ctx: Context, attempt_id: str, **fields: Any) -> None:
    """Progress of an attempt that has not ended; of one that has, nothing changes."""
    await ctx.db["campaign_attempts"].update_one({"_id": attempt_id, "outcome": None}, {"$set": fields})


async def read(ctx: Context, attempt_id: str) -> Document | None:
    return await ctx.db["campaign_attempts"].find_one({"_id": attempt_id})


async def max_call_s(ctx: Context, attempt: Attempt) -> int:
    """The longest conversation that the bot has, seconds."""
    bot = await ctx.db["bots"].find_one({"_id": attempt.campaign["bot_id"]}, {"max_call_duration_seconds": 1})
    return int((bot or {}).get("max_call_duration_seconds") or 600)


async def not_placed(ctx: Context, attempt_id: str, why: str) -> None:
    """Nobody was rung: it counts nowhere."""
    await note(ctx, attempt_id, outcome="not_placed", dialled_at=None, error=why)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Whole milliseconds as seconds, never negative; None while one of the two is missing."""
    return None if start is None or end is None else max(0.0, round((end - start).total_seconds(), 3))
