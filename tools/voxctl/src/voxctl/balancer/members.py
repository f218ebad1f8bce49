"""Fleet hosts join and leave a running ingress by its admin socket, without a reload."""

from __future__ import annotations

import socket
from contextlib import suppress

from voxctl.balancer.ingress import Brand, Fleet, Ingress
from voxctl.balancer.sockets import Balancer
from voxctl.output import EXIT_PREFLIGHT, CommandError


def add(balancer: Balancer, ingress: Ingress, brand: Brand, fleet: Fleet) -> None:
    """Put a server into both backends of a brand, and its id among those that fences may name.

    It is checked from now on and gets nothing yet but starts with a reservation: `open_up` follows its first good
    check. Raises: CommandError.
    """
    host, _, port = fleet.address.rpartition(":")
    try:
        # The admin socket takes addresses alone; the certificate is still checked against the name.
        address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0]
    except OSError:
        raise CommandError(
            f"{host} has no address here: set its DNS record first, or write an IP", exit_code=EXIT_PREFLIGHT
        ) from None
    tls = fleet.tls_options(ingress.ca_file)
    server = f"{brand.name}/{fleet.id}"
    targeted = f"{brand.name}_targeted/{fleet.id}"
    balancer.change(f"add server {server} {address}:{port} maxconn {fleet.seats} check inter 1s fall 2 rise 2{tls}")
    balancer.change(f"add server {targeted} {address}:{port} weight 0{tls}")
    balancer.change(f"set server {server} state drain")
    balancer.change(f"enable health {server}")
    balancer.change(f"enable server {targeted}")
    balancer.change(f"add acl virt@{brand.name} {fleet.id}")


def open_up(balancer: Balancer, brand: str, fleet_id: str) -> None:
    """Let a fleet take sockets."""
    balancer.change(f"set server {brand}/{fleet_id} state ready")


def drain(balancer: Balancer, brand: str, fleet_id: str) -> None:
    """No new socket without a reservation from now on; live ones stay, reserved ones still get there."""
    balancer.change(f"set server {brand}/{fleet_id} state drain")


def sockets_of(balancer: Balancer, brand: str, fleet_id: str) -> int:
    """Live sockets of a fleet in the newest process."""
    rows = (balancer.statistics(backend).get(fleet_id, {}) for backend in (brand, f"{brand}_targeted"))
    return sum(int(row.get("scur") or 0) for row in rows)


def remove(balancer: Balancer, brand: str, fleet_id: str) -> None:
    """Take a fleet without sockets out of both backends. Raises: CommandError."""
    for backend in (brand, f"{brand}_targeted"):
        balancer.change(f"set server {backend}/{fleet_id} state maint")
        balancer.change(f"del server {backend}/{fleet_id}")
    balancer.admin(f"del acl virt@{brand} {fleet_id}")


def forget(balancer: Balancer, brand: str, fleet_id: str) -> None:
    """Undo an `add` that may have got half-way."""
    for backend in (brand, f"{brand}_targeted"):
        with suppress(CommandError):
            balancer.admin(f"set server {backend}/{fleet_id} state maint")
            balancer.admin(f"del server {backend}/{fleet_id}")
    with suppress(CommandError):
        balancer.admin(f"del acl virt@{brand} {fleet_id}")


def differences(balancer: Balancer, ingress: Ingress) -> list[str]:
    """Where the running balancer and the file do not name the same fleets; empty when they agree."""
    found: list[str] = []
    for brand in ingress.brands:
        wanted = {fleet.id for fleet in brand.fleets}
        for backend in (brand.name, f"{brand.name}_targeted"):
            there = set(balancer.states(backend))
            found += [f"{backend}: {each} does not run" for each in sorted(wanted - there)]
            found += [f"{backend}: {each} runs and is not in the file" for each in sorted(there - wanted)]
    return found
