"""How full the fleet is: as the registry knows it, else as the hosts of `core_fleet` say themselves."""

from __future__ import annotations

from collections.abc import Sequence

from voxkit.contracts.registry import FleetView, HostView
from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxbridge.context import Context
from voxbridge.fleet.models import FleetHost, FleetStatus
from voxbridge.fleet.polling import poll

_SUMMED = ("seats", "free", "idle", "reserved", "busy", "wrapping", "starting", "draining", "lost", "waiting")
log = get_logger("voxbridge.fleet")


async def status(ctx: Context) -> FleetStatus:
    """The registry's figures while it answers; a silent registry is no reason to show nothing."""
    if ctx.pools is not None:
        try:
            return await _from_registry(ctx)
        except VoxError as error:
            log.warning("fleet.status_by_polling", code=error.wire_code, why=error.message)
    return _summed(await poll(ctx))


def _summed(hosts: Sequence[FleetHost]) -> FleetStatus:
    return FleetStatus(
        total_capacity=sum(host.total_capacity for host in hosts),
        active_calls=sum(host.worker_calls for host in hosts),
        available=sum(host.total_available for host in hosts),
        source="poll",
        workers=list(hosts),
    )


async def _from_registry(ctx: Context) -> FleetStatus:
    assert ctx.pools is not None
    views: list[FleetView] = []
    status = FleetStatus(total_capacity=0, active_calls=0, available=0, source="registry", workers=[])
    for client in ctx.pools.clients.values():
        views.append(await client.fleet())
        status.seats += await client.seats()
    lost: dict[str, int] = {}
    for seat in status.seats:
        if seat.state == "lost":
            lost[seat.host_id] = lost.get(seat.host_id, 0) + 1
    fleet = status.fleet = together(views)
    status.workers = [_host(host, lost.get(host.host_id, 0)) for host in fleet.hosts]
    status.total_capacity = sum(host.total_capacity for host in status.workers)
    status.available = sum(host.total_available for host in status.workers)
    status.active_calls = sum(host.worker_calls for host in status.workers)
    return status


def _host(host: HostView, lost: int) -> FleetHost:
    """A host as polling would show it: a lost seat is capacity of nobody."""
    alive = host.seats - lost
    return FleetHost(
        url=host.lb_url,
        status="healthy" if alive > 0 else "unreachable",
        total_capacity=alive,
        total_available=host.free,
        worker_calls=host.busy,
        workers=alive,
        draining=0 < alive <= host.draining,
    )


def together(views: Sequence[FleetView]) -> FleetView:
    """Several pools as one: sums, the longest wait, and `rebuilding` while one of them is."""
    first = views[0]
    if len(views) == 1:
        return first
    return first.model_copy(
        update={
            "pool": ",".join(view.pool for view in views),
            "generation": ",".join(view.generation for view in views),
            "status": "ok" if all(view.status == "ok" for view in views) else "rebuilding",
            **{field: sum(getattr(view, field) for view in views) for field in _SUMMED},
            "waiting_by": _added([view.waiting_by for view in views]),
            "refusals": _added([view.refusals for view in views]),
            "longest_wait_ms": max(view.longest_wait_ms for view in views),
            "hosts": [host for view in views for host in view.hosts],
        }
    )


def _added(parts: Sequence[dict[str, int]]) -> dict[str, int]:
    return {name: sum(part.get(name, 0) for part in parts) for name in {key: None for part in parts for key in part}}
