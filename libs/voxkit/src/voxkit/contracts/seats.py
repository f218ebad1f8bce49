"""What a worker is told about its seat: hold it, free it, take nothing new."""

from typing import Literal

from pydantic import Field

from voxkit.contracts.base import WireModel
from voxkit.contracts.health import SlotState
from voxkit.contracts.registry import ReservationId, SeatPhase


class HoldSeat(WireModel):
    """`POST /reserve`: the seat is granted to the holder of this fence."""

    fence: str = Field(min_length=1, max_length=512)


class SeatHeld(WireModel):
    """`deadline_ms`: Unix milliseconds of the registry's store."""

    status: Literal["reserved"] = "reserved"
    worker_id: str
    epoch: int
    deadline_ms: int


class FreeSeat(WireModel):
    """`POST /unreserve`: nobody will start with this reservation. Another one is not touched."""

    reservation_id: ReservationId


class SeatFreed(WireModel):
    status: Literal["ok"] = "ok"


class DrainSeat(WireModel):
    """`POST /drain`."""

    reason: str = Field(default="", max_length=256, description="Who wants it and why, for logs.")


class SeatDraining(WireModel):
    """How far the drain is. `drained`: nothing is left here, the process may be replaced."""

    status: Literal["draining"] = "draining"
    phase: SeatPhase
    call_id: str | None = None
    outbox_pending: int
    drained: bool


class SeatUndrained(WireModel):
    """`state` is still `draining` while somebody else's drain stands."""

    status: Literal["ok"] = "ok"
    state: SlotState
