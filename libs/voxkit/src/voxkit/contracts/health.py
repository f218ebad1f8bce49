"""Health answers of a worker. Their field order is part of the wire form: balancers match the compact text."""

from typing import Literal

from voxkit.contracts.base import WireModel

SlotState = Literal["starting", "idle", "reserved", "busy", "wrapping", "draining"]


class WorkerHealth(WireModel):
    """`GET /health` of voxcore."""

    status: Literal["ok"] = "ok"
    worker_calls: int
    worker_max: int
    total_capacity: int
    total_available: int
    workers: int
    worker_id: str
    worker_pid: int
    state: SlotState
    draining: bool
    image_tag: str
    version: str
    epoch: int
    outbox_pending: int


class FleetWorker(WireModel):
    """One reachable worker of a host, or an unreachable one (`id` and `status` only)."""

    id: str
    calls: int | None = None
    max: int | None = None
    pid: int | None = None
    state: SlotState | None = None
    status: Literal["unreachable"] | None = None


class FleetHealth(WireModel):
    """`GET /health/fleet` of voxcore: sums over the reachable workers of the host."""

    status: Literal["ok"] = "ok"
    fleet_calls: int
    fleet_max: int
    fleet_available: int
    workers: list[FleetWorker]

    def compact(self) -> str:
        """JSON without a blank after `:` or `,`; absent fields left out. `"fleet_available":N` is matched as text."""
        return self.model_dump_json(exclude_none=True)
