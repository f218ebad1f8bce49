"""What a reservation or a start can end in, for callers."""

from typing import Any

from voxkit.errors import AtCapacity, Conflict, StaleReservation, Unavailable, Upstream, VoxError


class QuotaExceeded(VoxError):
    """The client or the campaign has as many calls as its quota allows."""

    code, status, retryable = "quota_exceeded", 429, True


class QueueTimeout(AtCapacity):
    """No seat became free while the reservation waited."""

    code = "queue_timeout"


class QueueFull(AtCapacity):
    """Too many reservations wait already."""

    code = "queue_full"


class RegistryAway(Unavailable):
    """The capacity registry gave no answer, so no seat was reserved; try again."""

    code = "registry_unavailable"


class ReservationOver(StaleReservation):
    """The reservation is over: released, expired or ended. Reserve again under a new id."""

    code, status = "reservation_over", 410


class ReservationIdReused(Conflict):
    """Another reservation has this id; ids are never used twice."""

    code = "id_reused"


class StartFailed(VoxError):
    """The worker refused the start; `body` and `http_status` are the worker's own."""

    code, status = "start_failed", 502

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(
            str(body.get("message") or f"The worker answered {status}."),
            code=str(body.get("error") or self.code),
            status=status,
        )
        self.worker_body = body


class StartUnknown(Upstream):
    """The worker did not say whether the call began. It was not started anywhere else."""

    code, retryable = "start_unknown", False
