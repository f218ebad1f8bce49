"""What registry and operators tell a worker about its seat: hold it, free it, take nothing new."""

from typing import Annotated

from fastapi import APIRouter, Body
from voxkit.contracts.seats import DrainSeat, FreeSeat, HoldSeat, SeatDraining, SeatFreed, SeatHeld, SeatUndrained
from voxkit.fence import FenceRefused
from voxkit.log import get_logger

from voxcore.routes import checks
from voxcore.routes.docs import SECRET, described, refusals
from voxcore.slot import DrainSource, Terminating
from voxcore.worker import Worker

log = get_logger("voxcore.seat")

_LEAVES = described("the worker got SIGTERM", "terminating", "The worker got SIGTERM and leaves.")
_FENCE = "v1.fleet1-3.1769850000123.r-7f3k2m9q.1769850015000.aq0vzMwtFsJpEA4SIgQeAw"


def router(worker: Worker) -> APIRouter:
    """`/reserve`, `/unreserve`, `/drain`, `/undrain`. All may be repeated."""
    routes = APIRouter(tags=["seat"], dependencies=[SECRET])
    slot = worker.slot

    @routes.post("/reserve", operation_id="reserve_seat", responses=refusals(403, 409, 413, 422))
    async def reserve(body: Annotated[HoldSeat, Body(examples=[{"fence": _FENCE}])]) -> SeatHeld:
        """Hold the seat until the deadline of this fence: a call without a reservation cannot slip in between."""
        try:
            fence = slot.reserve(body.fence)
        except FenceRefused as refusal:
            log.info("reserve.refused", reason=checks.fence_counted(refusal))
            raise
        return SeatHeld(worker_id=fence.worker_id, epoch=slot.epoch, deadline_ms=fence.deadline_ms)

    @routes.post("/unreserve", operation_id="unreserve_seat", responses=refusals(403, 413, 422))
    async def unreserve(body: Annotated[FreeSeat, Body(examples=[{"reservation_id": "r-7f3k2m9q"}])]) -> SeatFreed:
        """Free the seat if this reservation holds it. A call that began with it goes on."""
        slot.unreserve(body.reservation_id)
        return SeatFreed()

    @routes.post("/drain", operation_id="drain_seat", responses=refusals(403, 413, 422))
    async def drain(body: Annotated[DrainSeat | None, Body(examples=[{"reason": "deploy 42"}])] = None) -> SeatDraining:
        """Take nothing new, finish what is here. Ask again until `drained`: then the process may be replaced."""
        slot.drain(DrainSource.ROUTE, (body.reason if body else "") or "asked to")
        current = worker.calls.current
        return SeatDraining(
            phase=slot.phase.value,
            call_id=current.record.call_id if current else None,
            outbox_pending=worker.own_waiting,
            drained=worker.drained,
        )

    @routes.post("/undrain", operation_id="undrain_seat", responses=refusals(403, 413) | {409: _LEAVES})
    async def undrain() -> SeatUndrained:
        """Lift what `/drain` set; drains of the registry, of a full disk and of a stop are not its to lift."""
        if DrainSource.SIGNAL in slot.drain_reasons:
            raise Terminating
        slot.undrain(DrainSource.ROUTE)
        return SeatUndrained(state=slot.state)

    return routes
