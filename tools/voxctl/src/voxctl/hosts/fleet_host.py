"""The files of a host with a balancer: compose project, `haproxy.cfg`, environment and image of each seat."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxctl.balancer.render import FleetBalancer, Seat, environment, render_balancer
from voxctl.checkout import checkout
from voxctl.hosts.inventory import Inventory

SEAT_PORT = 8000
PRIVATE_PORT = 8088
RUN_DIR = Path("/var/lib/vox/run")
TLS_DIR = Path("/etc/vox/tls")
FIRST_SEAT, FIRST_SURGE, BALANCER = 100, 240, 10
SEATS_ENV = "seats.env"


@dataclass(frozen=True)
class SeatPlace:
    """One seat's names: of its container, of its worker, of its image's variable; and its fixed address."""

    service: str
    worker_id: str
    variable: str
    ip: str
    surge: bool = False


def seat_places(inventory: Inventory, name: str, count: int) -> list[SeatPlace]:
    """Seats 1 … `count` of a host, then its surge seats."""
    host = inventory.host(name, "fleet")
    net = ipaddress.ip_network(host.seat_subnet)
    seats = [
        SeatPlace(f"seat-{n:02}", f"{name}-{n}", f"SEAT_{n:02}_IMAGE", str(net[FIRST_SEAT + n]))
        for n in range(1, count + 1)
    ]
    surge = [
        SeatPlace(f"seat-s{k}", f"{name}-s{k}", f"SEAT_S{k}_IMAGE", str(net[FIRST_SURGE + k]), surge=True)
        for k in range(1, host.surge_seats + 1)
    ]
    return seats + surge


def render_host(inventory: Inventory, name: str) -> dict[str, str]:
    """File name -> content of `/opt/vox/` on a host. The same inventory gives the same bytes. Raises: CommandError."""
    host = inventory.hosts.get(name)
    if host is not None and "ingress" in host.roles and "fleet" not in host.roles:
        return _render_ingress(inventory, name)
    return _render_fleet(inventory, name)


def _compose(template: str, inventory: Inventory, name: str, **more: Any) -> str:
    """A compose project of this host. What both kinds share: where the balancer listens and keeps its things."""
    found = environment(checkout() / "deploy" / "compose").get_template(template)
    text = found.render(
        project=inventory.project,
        host=name,
        address=inventory.hosts[name].address,
        private_port=PRIVATE_PORT,
        run_dir=RUN_DIR,
        tls_dir=TLS_DIR,
        **more,
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _render_ingress(inventory: Inventory, name: str) -> dict[str, str]:
    # Its haproxy.cfg comes from ingress.yml on the host itself: `vox ingress render`.
    return {
        "compose.yaml": _compose("ingress.yaml.j2", inventory, name),
        SEATS_ENV: f"LB_IMAGE={inventory.balancer_image}\n",
    }


def _render_fleet(inventory: Inventory, name: str) -> dict[str, str]:
    host = inventory.host(name, "fleet")
    places = seat_places(inventory, name, host.seats)
    declared = seat_places(inventory, name, max(host.seats, host.seats_max))
    balancer = FleetBalancer(
        host=name,
        seats=[Seat(place.worker_id, f"{place.ip}:{SEAT_PORT}") for place in declared],
        running=len(places),
        public_binds=[":8443"],
        redirect_bind=":8080",
        private_bind=f":{PRIVATE_PORT}",
        run_dir=RUN_DIR,
        certificates=[TLS_DIR],
        trusted_nets=host.trusted_nets,
    )
    told = {
        "MAX_CONCURRENT_CALLS": "1",
        "VOXCORE_WORKERS": str(host.seats),
        "VOXCORE_HOST_ID": name,
        "VOXCORE_SIBLINGS": ",".join(f"http://{place.ip}:{SEAT_PORT}" for place in places if not place.surge),
        "VOXCORE_PUBLIC_URL": host.public_url or "",
        "OUTBOX_DIR": "/var/lib/vox/outbox",
        "LOG_FORMAT": "json",
        **(inventory.services["voxcore"].env if "voxcore" in inventory.services else {}),
    }
    compose = _compose(
        "host.yaml.j2",
        inventory,
        name,
        subnet=host.seat_subnet,
        balancer_ip=str(ipaddress.ip_network(host.seat_subnet)[BALANCER]),
        seats=places,
    )
    images = [f"LB_IMAGE={inventory.balancer_image}", *(f"{place.variable}={inventory.image}" for place in places)]
    return {
        "compose.yaml": compose,
        "haproxy.cfg": render_balancer(balancer),
        "host.env": "".join(f"{key}={value}\n" for key, value in told.items()),
        SEATS_ENV: "\n".join(images) + "\n",
    }
