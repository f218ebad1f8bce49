"""REST contract of a carrier that rings a callee and connects its media socket to a worker."""

from typing import Any, Literal

from pydantic import Field

from voxkit.contracts.base import UtcTime, WireModel

CarrierCallStatus = Literal["queued", "ringing", "answered", "in_progress", "completed"]
CarrierCallResult = Literal[
    "hangup", "no_answer", "busy", "rejected", "invalid_number", "machine", "media_refused", "media_lost", "cancelled",
    "error",
]  # fmt: skip


class CarrierMedia(WireModel):
    url: str
    protocol: Literal["vox", "exotel", "twilio", "plivo", "telnyx"] = "vox"
    custom: dict[str, str] = Field(default_factory=dict)


class CarrierDial(WireModel):
    """`POST /v1/accounts/{account_sid}/calls`."""

    client_ref: str = Field(min_length=1, max_length=64)
    to: str
    from_: str = Field(alias="from")
    ring_timeout_seconds: int = Field(default=45, ge=1, le=300)
    max_call_seconds: int = Field(default=720, ge=1, le=14400)
    not_after: UtcTime | None = None
    media: CarrierMedia
    amd: dict[str, Any] | None = None
    status_callback: str | None = None


class CarrierAccepted(WireModel):
    call_ref: str
    client_ref: str
    status: CarrierCallStatus = "queued"
    created_at: UtcTime


class CarrierCall(WireModel):
    """A call as the carrier sees it; also the body of a status callback (with `event_id`)."""

    call_ref: str
    client_ref: str
    seq: int
    status: CarrierCallStatus
    result: CarrierCallResult | None = None
    sip_status: int | None = None
    reason: str | None = None
    amd: dict[str, Any] | None = None
    to: str
    from_: str = Field(alias="from")
    created_at: UtcTime
    ringing_at: UtcTime | None = None
    answered_at: UtcTime | None = None
    media_connected_at: UtcTime | None = None
    ended_at: UtcTime | None = None
    event_id: str | None = None
