"""What a machine must have before it can be a host, and how what is missing is put right. Nothing is changed here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voxctl.hosts.inventory import Inventory
from voxctl.hosts.memory import most_seats
from voxctl.hosts.remote import Remote

ENGINE, PLUGIN = (20, 10), (2, 20)
IMAGES_GIB, OUTBOX_GIB = 5.0, 20.0
SKEW_S = 2
GROUP_ID = 10_001
"""Group `vox`: balancers make their sockets for it."""
# One round trip; each line is `name value`, and what is not there has no line.
LOOK = r"""
echo "user $(id -un)"
echo "groups $(id -G)"
echo "time $(date +%s)"
echo "memory $(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)"
for each in flock sha256sum stat sync mktemp; do command -v $each >/dev/null || echo "tool $each"; done
if command -v docker >/dev/null; then
    echo "client yes"
    if said=$(docker version --format '{{.Server.Version}}' 2>&1); then echo "engine $said"; else
        echo "refused $(printf %s "$said" | tail -n 1)"
    fi
    live=$(docker info --format '{{.LiveRestoreEnabled}}' 2>/dev/null)
    # Who may not ask the engine still reads what it was told.
    grep -qs '"live-restore" *: *true' /etc/docker/daemon.json && live=${live:-true}
    echo "live $live"
    said=$(docker compose version --short 2>/dev/null) && echo "plugin $said"
fi
for each in /var/lib/docker /var/lib; do
    [ -d $each ] && echo "free $(df --output=avail -k $each | tail -n 1)" && break
done
exit 0
"""


@dataclass(frozen=True)
class Machine:
    """What is there. Sizes: MiB of memory, GiB of free disk; `skew_s`: its clock less ours."""

    user: str = ""
    groups: frozenset[int] = frozenset()
    memory_mib: int = 0
    free_gib: float = 0.0
    skew_s: float = 0.0
    client: bool = False
    engine: str = ""
    refused: str = ""
    live_restore: bool = False
    plugin: str = ""
    tools: tuple[str, ...] = ()
    """Programs of every distribution that it lacks."""


def parsed(text: str, now: float) -> Machine:
    """What `LOOK` printed. Pure."""
    lines = [line.partition(" ")[::2] for line in text.splitlines()]
    said = {name: value.strip() for name, value in lines}
    return Machine(
        user=said.get("user", ""),
        groups=frozenset(int(each) for each in said.get("groups", "").split()),
        memory_mib=int(said.get("memory") or 0),
        free_gib=int(said.get("free") or 0) / 2**20,
        skew_s=float(said.get("time") or now) - now,
        client="client" in said,
        engine=said.get("engine", ""),
        refused=said.get("refused", ""),
        live_restore=said.get("live") == "true",
        plugin=said.get("plugin", ""),
        tools=tuple(value for name, value in lines if name == "tool"),
    )


async def look(remote: Remote, now: float) -> Machine:
    """Raises: HostAway."""
    return parsed((await remote.run(["sh", "-c", LOOK], repeat=True)).out, now)


def missing(machine: Machine, inventory: Inventory, name: str) -> list[str]:
    """What stands in the way, each with its cure, in the order in which one would put it right. Pure."""
    host = inventory.known(name)
    found: list[str] = []
    if machine.tools:
        found.append(f"{', '.join(machine.tools)} not installed (util-linux, coreutils)")
    if not machine.client:
        return [*found, "Docker is not installed: Docker Engine 20.10 or newer (Debian: apt-get install docker.io)"]
    if not machine.engine and "permission denied" in machine.refused:
        found.append(f"{machine.user} may not use Docker: usermod -aG docker {machine.user}, there, as root")
    elif not machine.engine:
        found.append(f"Docker does not answer ({machine.refused or 'it says nothing'}): systemctl enable --now docker")
    elif _version(machine.engine) < ENGINE:
        found.append(f"Docker Engine is {machine.engine}: 20.10 or newer is needed")
    if not machine.live_restore:
        found.append(
            'live-restore is off, so a restart of Docker would end every call: write {"live-restore": true} into '
            "/etc/docker/daemon.json, then systemctl reload docker"
        )
    if not machine.plugin:
        found.append("docker compose is missing: install the compose plugin 2.20 or newer (docker-compose-plugin)")
    elif _version(machine.plugin) < PLUGIN:
        found.append(f"the compose plugin is {machine.plugin}: 2.20 or newer is needed")
    if machine.user != "root" and GROUP_ID not in machine.groups and {"fleet", "api", "ingress"} & set(host.roles):
        found.append(
            f"{machine.user} is not in group vox ({GROUP_ID}), for which balancers make their sockets: "
            f"groupadd -g {GROUP_ID} vox; usermod -aG vox {machine.user}, there, as root"
        )
    needed = OUTBOX_GIB if "fleet" in host.roles else IMAGES_GIB
    if machine.free_gib < needed:
        found.append(f"{machine.free_gib:.1f} GiB of disk are free, {needed:.0f} are needed in /var/lib")
    if "fleet" in host.roles and host.seats > (most := most_seats(inventory, name, machine.memory_mib)):
        found.append(f"{machine.memory_mib} MiB of memory carry {most} seats, not {host.seats}: seats: {most}")
    if abs(machine.skew_s) > SKEW_S:
        found.append(f"its clock is {machine.skew_s:+.0f} s off: set it by NTP")
    return found


def _version(text: str) -> tuple[int, int]:
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
