"""The life of a carrier call: steps may be skipped, never reversed; `seq` counts the changes."""

from datetime import datetime

from voxkit.contracts.carrier import CarrierCall, CarrierCallResult, CarrierCallStatus

ORDER: tuple[CarrierCallStatus, ...] = ("queued", "ringing", "answered", "in_progress", "completed")
# Which time a step sets.
STAMPS: dict[CarrierCallStatus, str] = {
    "ringing": "ringing_at",
    "answered": "answered_at",
    "in_progress": "media_connected_at",
    "completed": "ended_at",
}
# What the far network would have signalled for a call that was never answered.
SIP_STATUS: dict[CarrierCallResult, int] = {
    "busy": 486,
    "rejected": 603,
    "no_answer": 480,
    "invalid_number": 404,
    "cancelled": 487,
    "error": 503,
}


def advance(
    call: CarrierCall,
    status: CarrierCallStatus,
    now: datetime,
    *,
    result: CarrierCallResult | None = None,
    reason: str | None = None,
) -> CarrierCall | None:
    """The call after a step, or None when it is already there or further: then nothing happens and nobody is told."""
    if ORDER.index(status) <= ORDER.index(call.status):
        return None
    changed: dict[str, object] = {"status": status, "seq": call.seq + 1, STAMPS[status]: now}
    if status == "completed":
        changed |= {"result": result, "reason": reason}
        if call.answered_at is None and result is not None:
            changed["sip_status"] = SIP_STATUS.get(result)
    return call.model_copy(update=changed)


def screened(call: CarrierCall, verdict: dict[str, object]) -> CarrierCall:
    """The call with what its screening found: a change of its own, in the step `answered`."""
    return call.model_copy(update={"amd": verdict, "seq": call.seq + 1})
