"""Replicas of our services on a host: which there are, how each is named, and where it listens."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase

from voxctl.hosts.inventory import Inventory, Role
from voxctl.hosts.layout import address_in


@dataclass(frozen=True)
class Kind:
    """A service of ours. `number` is the last part of the address before its first replica."""

    service: str
    role: Role
    port: int
    number: int
    memory: str
    grace: str
    """How long a stop may take: over what it carries to its end."""
    health: str = "/health"


KINDS = {
    kind.service: kind
    for kind in (
        Kind("voxregistry", "api", 8070, 40, "350m", "10s"),
        Kind("voxbridge", "api", 8080, 20, "512m", "40s"),
        Kind("voxui", "api", 8080, 30, "128m", "10s", health="/healthz"),
        # Ringing phones are carried to their end: ring timeout + 30 s.
        Kind("voxdialler", "dialler", 8090, 50, "350m", "180s"),
        Kind("voxvoice", "check", 8060, 70, "1500m", "10s"),
        Kind("voxphone", "check", 8050, 71, "512m", "10s"),
    )
}
ROLLED = ("voxregistry", "voxbridge", "voxui")
"""Replaced replica by replica behind the edge."""


@dataclass(frozen=True)
class Replica:
    """One container of a service. `beside`: it runs only while another one is replaced."""

    kind: Kind
    letter: str
    ip: str
    beside: bool = False

    @property
    def id(self) -> str:
        """Its name everywhere: container, server of the edge, journal."""
        return f"{self.kind.service}-{self.letter}"

    @property
    def variable(self) -> str:
        """Name of its image in seats.env."""
        return f"{self.kind.service}_{self.letter}_IMAGE".upper()

    @property
    def address(self) -> str:
        return f"{self.ip}:{self.kind.port}"


def replicas_of(inventory: Inventory, name: str, service: str) -> list[Replica]:
    """The replicas of a service on a host, in the order in which they are replaced; none when it has not the role.

    A single one has a second place beside it, where the new one starts first. Two diallers may run, one of them leads.
    """
    kind, host = KINDS[service], inventory.hosts[name]
    if kind.role not in host.roles:
        return []
    if kind.service in ROLLED:
        count = inventory.services[service].replicas if service in inventory.services else 1
    else:
        count = 1
    has_second_place = count == 1 and kind.role != "check"
    letters = ascii_lowercase[: count + 1 if has_second_place else count]
    return [
        Replica(kind, letter, address_in(host, kind.number + n), beside=n > count)
        for n, letter in enumerate(letters, 1)
    ]


def all_replicas(inventory: Inventory, name: str) -> list[Replica]:
    """Every replica that may run on a host."""
    return [replica for service in KINDS for replica in replicas_of(inventory, name, service)]
