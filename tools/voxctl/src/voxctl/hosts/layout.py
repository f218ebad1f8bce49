"""Where things are on a host: folders, ports, and the fixed address of each container in the host's own network."""

from __future__ import annotations

import ipaddress
import re
from pathlib import PurePosixPath
from typing import Any

from voxctl.balancer.render import environment
from voxctl.checkout import checkout
from voxctl.hosts.inventory import Host, Inventory, Role
from voxctl.output import EXIT_PREFLIGHT, CommandError

PROJECT_DIR = PurePosixPath("/opt/vox")
SECRETS_FILE = PurePosixPath("/etc/vox/secrets.env")
RUN_DIR = PurePosixPath("/var/lib/vox/run")
TLS_DIR = PurePosixPath("/etc/vox/tls")
SEATS_ENV = "seats.env"
SEAT_PORT = 8000
PRIVATE_PORT = 8088
REGISTRY_PORT = 8070
BALANCER, MINIO = 10, 63
FIRST_SEAT, FIRST_SURGE = 100, 240
"""Last parts of addresses. Services of ours have .21 to .72 (replicas.py), seats .101 and up, surge seats .241 on."""
ENV_FILES = (str(SECRETS_FILE), SEATS_ENV)
"""What Compose is given with --env-file: secrets, then images and profiles, which win. Each service names the secrets
that it gets, so no container has all of them."""


def address_in(host: Host, number: int) -> str:
    """The container's address in the network of its host."""
    return str(ipaddress.ip_network(host.seat_subnet)[number])


def hosts_with(inventory: Inventory, role: Role) -> list[tuple[str, Host]]:
    """Name and host, in the order of the inventory."""
    return [(name, host) for name, host in inventory.hosts.items() if role in host.roles]


def is_alone(inventory: Inventory) -> bool:
    """Whether the whole installation is one machine: nothing of its stores is published then."""
    return len(inventory.hosts) == 1


def reach(inventory: Inventory, role: Role, number: int, port: int) -> str | None:
    """`ip:port` at which every host reaches what the first host of a role offers; None: there is no such host.

    `number` is the last part of its address inside that host, which counts while the installation is one machine.
    """
    found = hosts_with(inventory, role)
    if not found:
        return None
    host = found[0][1]
    return f"{address_in(host, number) if is_alone(inventory) else host.address}:{port}"


def image_of(inventory: Inventory, service: str) -> str:
    """The image of a service in the inventory's release: all images of a release have one tag. Raises: CommandError."""
    found = re.fullmatch(r"(?P<place>.*/)?voxcore(?P<tag>:[\w.-]+)", inventory.image)
    if service == "voxcore":
        return inventory.image
    if found is None:
        raise CommandError(
            f"image: {inventory.image} says nothing of {service}: write …/voxcore:TAG, the tag of a whole release",
            exit_code=EXIT_PREFLIGHT,
        )
    return f"{found['place'] or ''}{service}{found['tag']}"


def compose_text(template: str, inventory: Inventory, name: str, **more: Any) -> str:
    """A compose project of this host, from a template of deploy/compose."""
    text = (
        environment(checkout() / "deploy" / "compose")
        .get_template(template)
        .render(
            project=inventory.project,
            host=name,
            address=inventory.hosts[name].address,
            private_port=PRIVATE_PORT,
            run_dir=RUN_DIR,
            tls_dir=TLS_DIR,
            **more,
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"
