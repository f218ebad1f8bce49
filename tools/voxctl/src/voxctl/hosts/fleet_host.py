"""A host's seats: their names and addresses, what they are told, and the files of a host that has nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from voxctl.balancer.render import FleetBalancer, Seat, render_balancer
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import (
    BALANCER,
    FIRST_SEAT,
    FIRST_SURGE,
    PRIVATE_PORT,
    RUN_DIR,
    SEAT_PORT,
    SEATS_ENV,
    TLS_DIR,
    address_in,
    compose_text,
)
from voxctl.hosts.told import told


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
    seats = [
        SeatPlace(f"seat-{n:02}", f"{name}-{n}", f"SEAT_{n:02}_IMAGE", address_in(host, FIRST_SEAT + n))
        for n in range(1, count + 1)
    ]
    surge = [
        SeatPlace(f"seat-s{k}", f"{name}-s{k}", f"SEAT_S{k}_IMAGE", address_in(host, FIRST_SURGE + k), surge=True)
        for k in range(1, host.surge_seats + 1)
    ]
    return seats + surge


def declared_seats(inventory: Inventory, name: str) -> list[Seat]:
    """Every seat that may come, as the balancer declares it: `seats_max` at least."""
    host = inventory.host(name, "fleet")
    places = seat_places(inventory, name, max(host.seats, host.seats_max))
    return [Seat(place.worker_id, f"{place.ip}:{SEAT_PORT}") for place in places]


def seat_images(inventory: Inventory, name: str) -> dict[str, str]:
    """Variable -> image of a newly rendered host."""
    places = seat_places(inventory, name, inventory.host(name, "fleet").seats)
    return {place.variable: inventory.image for place in places}


def host_env(inventory: Inventory, name: str) -> str:
    """`host.env`: what all seats of a host are told, secrets left out."""
    host = inventory.host(name, "fleet")
    places = seat_places(inventory, name, host.seats)
    known = {key: value for key, value in told(inventory, "voxcore").items() if value and "${" not in value}
    fixed = {
        "MAX_CONCURRENT_CALLS": "1",
        "VOXCORE_WORKERS": str(host.seats),
        "VOXCORE_HOST_ID": name,
        "VOXCORE_SIBLINGS": ",".join(f"http://{place.ip}:{SEAT_PORT}" for place in places if not place.surge),
        "VOXCORE_PUBLIC_URL": host.public_url or "",
        "OUTBOX_DIR": "/var/lib/vox/outbox",
    }
    return "".join(f"{key}={value}\n" for key, value in {**fixed, **known}.items())


def render_fleet(inventory: Inventory, name: str) -> dict[str, str]:
    """File name -> content, of a host that carries seats alone."""
    host = inventory.host(name, "fleet")
    places = seat_places(inventory, name, host.seats)
    balancer = FleetBalancer(
        host=name,
        seats=declared_seats(inventory, name),
        running=len(places),
        public_binds=[":8443"],
        redirect_bind=":8080",
        private_bind=f":{PRIVATE_PORT}",
        run_dir=RUN_DIR,
        certificates=[TLS_DIR],
        trusted_nets=host.trusted_nets,
    )
    images = {"LB_IMAGE": inventory.balancer_image, **seat_images(inventory, name)}
    return {
        "compose.yaml": compose_text(
            "host.yaml.j2",
            inventory,
            name,
            subnet=host.seat_subnet,
            balancer_ip=address_in(host, BALANCER),
            seats=places,
        ),
        "haproxy.cfg": render_balancer(balancer),
        "host.env": host_env(inventory, name),
        SEATS_ENV: "".join(f"{key}={value}\n" for key, value in images.items()),
    }
