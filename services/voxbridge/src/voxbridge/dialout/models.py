"""Dialout and SIP look-ups on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from voxbridge.models import ReplyModel, StrictModel

MAX_WAIT_S = 30
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class DialoutRequest(StrictModel):
    """`variables` or `connected_event`: what the bot knows of the callee, at most 16 KiB of JSON. Names that begin with
    `_` are ours; of them `_mock_crm`, `_skip_prefetch` and `_skip_post_push` may be sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "bot_id": "demo", "to_number": "+15550100", "from_number": "+15550199",
        "variables": {"customer_name": "Asha", "order": {"id": 7}}, "wait_seconds": 5,
    }]})  # fmt: skip
    bot_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    to_number: Number
    from_number: Number | None = Field(
        default=None, description="One of our numbers; absent: the one that rested longest."
    )
    variables: dict[str, Any] | None = Field(
        default=None, description="Values become text, objects and lists JSON text."
    )
    connected_event: dict[str, Any] | None = Field(default=None, description="The same, taken as it is.")
    wait_seconds: float = Field(
        default=0, ge=0, le=MAX_WAIT_S, description="How long to wait for a free worker, seconds."
    )


class DialoutAccepted(ReplyModel):
    """The callee is being rung. `call_id` stands in the call's record once somebody answers."""

    status: Literal["accepted"] = "accepted"
    call_id: str = Field(examples=["7d0f4b6a0a6e4b7e9c3f1c2d3e4f5a6b"])
    room_name: str | None = Field(description="null over a carrier that connects its own media.")


class NumberOwner(ReplyModel):
    """Whose a number of ours is."""

    bot_id: str
    carrier_id: str
    did_id: str


class RateLimit(ReplyModel):
    cps: float
    burst: int
    channels: int


class OutboundTrunk(ReplyModel):
    """How to call out from a number."""

    trunk_id: str | None = Field(description="LiveKit's id of it; null: the carrier rings by itself.")
    number: str
    carrier_id: str
    rate_limit: RateLimit
