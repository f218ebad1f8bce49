"""How many seats a machine carries beside its services: 1.5 GiB stay free (E5)."""

from __future__ import annotations

from voxctl.hosts.inventory import Inventory
from voxctl.hosts.replicas import all_replicas
from voxctl.output import EXIT_PREFLIGHT, CommandError

FREE_MIB = 1536
SEAT_MIB = 400
"""The safe bound of a seat in a call; its limit is above it (700)."""
STORES_MIB = 2048 + 512 + 1024
BALANCER_MIB = 512
SHARE = 0.5
"""Of their limits, which services are planned with: a limit ends a service that has gone wrong."""


def most_seats(inventory: Inventory, name: str, memory_mib: int) -> int:
    """Seats that leave `FREE_MIB` when every service of the host takes half of what it may. Never below 0."""
    roles = inventory.hosts[name].roles
    taken = sum(int(each.kind.memory.removesuffix("m")) for each in all_replicas(inventory, name) if not each.beside)
    taken += STORES_MIB if "data" in roles else 0
    taken += BALANCER_MIB
    return max(0, int(memory_mib - FREE_MIB - taken * SHARE) // SEAT_MIB)


def check_memory(inventory: Inventory, name: str, memory_mib: int) -> None:
    """Raises: CommandError: the host has more seats than fit."""
    host = inventory.hosts[name]
    if "fleet" not in host.roles:
        return
    most = most_seats(inventory, name, memory_mib)
    if host.seats > most:
        raise CommandError(
            f"{name} has {memory_mib} MiB, of which {most} seats beside its other roles leave {FREE_MIB} free: "
            f"write seats: {most} instead of {host.seats}, or give a role a host of its own",
            exit_code=EXIT_PREFLIGHT,
        )
