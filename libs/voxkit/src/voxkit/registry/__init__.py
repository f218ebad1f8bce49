"""The caller's side of the capacity registry: reserve a seat, start on it, confirm, release.

    registry = RegistryClient(url, secret, client="main")           # one per process
    async with registry.slot(priority="inbound", hold=15, wait=5) as slot:
        reply = await slot.start("/livekit/dispatch", json=body, timeout=10)

Fails closed: without an answer there is no seat (`RegistryAway`), and a repeat never takes a second one.
"""

from voxkit.registry.client import RegistryClient
from voxkit.registry.errors import (
    QueueFull,
    QueueTimeout,
    QuotaExceeded,
    RegistryAway,
    ReservationIdReused,
    ReservationOver,
    StartFailed,
    StartUnknown,
)
from voxkit.registry.grant import Grant, Waiting, new_reservation_id
from voxkit.registry.pools import RegistryPools, parse_pools
from voxkit.registry.slot import Slot, StartReply

__all__ = [
    "Grant",
    "QueueFull",
    "QueueTimeout",
    "QuotaExceeded",
    "RegistryAway",
    "RegistryClient",
    "RegistryPools",
    "ReservationIdReused",
    "ReservationOver",
    "Slot",
    "StartFailed",
    "StartReply",
    "StartUnknown",
    "Waiting",
    "new_reservation_id",
    "parse_pools",
]
