"""How full the fleet is: as the registry knows it, else as the hosts of `core_fleet` say themselves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Literal

from voxkit.contracts.registry import FleetView, HostView, SeatView
from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.registry import RegistryClient

from voxbridge.context import Context
from voxbridge.fleet.models import FleetHost, FleetStatus
from voxbridge.fleet.polling import poll
from voxbridge.looks import shared

_SUMMED = ("seats", "free", "idle", "reserved", "busy", "wrapping", "starting", "draining", "lost", "waiting")
log = get_logger("voxbridge.fleet")


async def status(ctx: Context) -> FleetStatus:
    """The registry's figures while it answers; a silent registry is no reason to show nothing."""
    if ctx.pools is not None:
        clients = ctx.pools.clients.values()
        try:
            return await shared(ctx, "fleet_figures", lambda: _from_registry(clients))
        except VoxError as error:
            log.warning("fleet.status_by_polling", code=error.wire_code, why=error.message)
    return _summed("poll", await poll(ctx))


def told(status: FleetStatus) -> dict[str, Any]:
    """What an event says of the fleet: that it changed, and how many there are."""
    return status.model_dump(include={"total_capacity", "active_calls", "available", "source"})


async def _from_registry(clients: Collection[RegistryClient]) -> FleetStatus:
    views: list[FleetView] = []
    seats: list[SeatView] = []
    hosts: list[FleetHost] = []
    for view, own in await asyncio.gather(*(asyncio.gather(one.fleet(), one.seats()) for one in clients)):
        views.append(view)
        seats += own
        lost = Counter(seat.host_id for seat in own if seat.state == "lost")
        hosts += [_host(host, lost[host.host_id]) for host in view.hosts]
    return _summed("registry", hosts, seats, together(views))


def _summed(
    source: Literal["registry", "poll"],
    hosts: list[FleetHost],
    seats: Sequence[SeatView] = (),
    fleet: FleetView | None = None,
) -> FleetStatus:
    return FleetStatus(
        total_capacity=sum(host.total_capacity for host in hosts),
        active_calls=sum(host.worker_calls for host in hosts),
        available=sum(host.total_available for host in hosts),
        source=source,
        workers=hosts,
        seats=list(seats),
        fleet=fleet,
    )


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
