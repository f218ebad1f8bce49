"""A host with services of the control plane, with or without seats: one compose project, one balancer for all names."""

from __future__ import annotations

from collections.abc import Iterable

from voxctl.balancer.render import ApiBalancer, Seat, render_balancer
from voxctl.hosts.fleet_host import declared_seats, host_env, seat_images, seat_places
from voxctl.hosts.inventory import Inventory, Role
from voxctl.hosts.layout import (
    BALANCER,
    MINIO,
    PRIVATE_PORT,
    REGISTRY_PORT,
    RUN_DIR,
    SEATS_ENV,
    TLS_DIR,
    address_in,
    compose_text,
    hosts_with,
    image_of,
)
from voxctl.hosts.layout import is_alone as alone
from voxctl.hosts.replicas import KINDS, Replica, all_replicas, replicas_of
from voxctl.hosts.told import BUCKET, names, secret, store_members, told
from voxctl.output import EXIT_PREFLIGHT, CommandError

RENDERED: tuple[Role, ...] = ("data", "api", "dialler", "check", "fleet")
"""Roles with a template here, in the order of the rendered file."""
STORES = {
    "MONGO_IMAGE": "mongo:8.0",
    "VALKEY_IMAGE": "valkey/valkey:8",
    "MINIO_IMAGE": "minio/minio:latest",
    "MINIO_MC_IMAGE": "minio/mc:latest",
}
"""First images of the stores; pin them by digest in seats.env, which a render leaves alone."""
VOLUMES = {"data": ("mongo-data", "mongo-config", "valkey-data", "minio-data"), "api": ("vox-data", "console")}


def render_project(inventory: Inventory, name: str) -> dict[str, str]:
    """File name -> content of `/opt/vox/`. Raises: CommandError."""
    host = inventory.hosts[name]
    roles = [role for role in RENDERED if role in host.roles]
    if "ingress" in host.roles:
        raise CommandError(
            f"{name} has roles ingress and {roles[0]}: both want port 443, give the ingress a host of its own",
            exit_code=EXIT_PREFLIGHT,
        )
    if "fleet" in roles and "api" not in roles:
        raise CommandError(
            f"{name} has seats beside {', '.join(roles[:-1])}, but not role api: put all on one host with role api, "
            "or give the seats a host of their own",
            exit_code=EXIT_PREFLIGHT,
        )
    replicas = {service: replicas_of(inventory, name, service) for service in KINDS}
    files: dict[str, str] = {}
    seats = seat_places(inventory, name, host.seats) if "fleet" in roles else []
    if "api" in roles:
        files["haproxy.cfg"] = render_balancer(_edge(inventory, name))
    if seats:
        files["host.env"] = host_env(inventory, name)
    seat_told = {key: value for key, value in told(inventory, "voxcore").items() if value is None or "${" in value}
    files["compose.yaml"] = compose_text(
        "project.yaml.j2",
        inventory,
        name,
        roles=roles,
        network="seats" if seats else "inside",
        subnet=host.seat_subnet,
        balancer_ip=address_in(host, BALANCER) if "api" in roles else None,
        registry_port=REGISTRY_PORT,
        seats=seats,
        seat_told=seat_told,
        replicas=replicas,
        told={service: told(inventory, service) for service in KINDS if replicas[service]},
        on_data="data" in roles,
        alone=alone(inventory),
        is_first_store="data" in roles and hosts_with(inventory, "data")[0][0] == name,
        store_members=store_members(inventory),
        database=told(inventory, "voxbridge").get("MONGODB_DB") or "voxbridge",
        minio_ip=address_in(host, MINIO),
        bucket=BUCKET,
        secret=secret,
        volumes=[volume for role in roles for volume in VOLUMES.get(role, ())],
    )
    files[SEATS_ENV] = "".join(f"{key}={value}\n" for key, value in _images(inventory, name, seats=bool(seats)).items())
    return files


def _images(inventory: Inventory, name: str, *, seats: bool) -> dict[str, str]:
    roles = inventory.hosts[name].roles
    images: dict[str, str] = {}
    if "dialler" in roles:
        # Which of the two diallers runs; a hand-over writes the other one here.
        images["COMPOSE_PROFILES"] = replicas_of(inventory, name, "voxdialler")[0].id
    if "api" in roles:
        images["LB_IMAGE"] = inventory.balancer_image
    images |= {replica.variable: image_of(inventory, replica.kind.service) for replica in all_replicas(inventory, name)}
    if "data" in roles:
        images |= STORES
    return images | (seat_images(inventory, name) if seats else {})


def _edge(inventory: Inventory, name: str) -> ApiBalancer:
    host = inventory.hosts[name]
    api_names, console_names = names(inventory)
    seats = seat_places(inventory, name, host.seats) if "fleet" in host.roles else []
    return ApiBalancer(
        host=name,
        api_names=api_names,
        console_names=console_names,
        public_binds=[":8443"],
        redirect_bind=":8080",
        private_bind=f":{PRIVATE_PORT}",
        registry_bind=f":{REGISTRY_PORT}",
        run_dir=RUN_DIR,
        certificates=[TLS_DIR],
        trusted_nets=host.trusted_nets,
        bridges=_servers(replicas_of(inventory, name, "voxbridge")),
        consoles=_servers(replicas_of(inventory, name, "voxui")),
        registries=_servers(replicas_of(inventory, name, "voxregistry")),
        diallers=_diallers(inventory, name),
        replicas=_servers(replica for replica in all_replicas(inventory, name) if replica.kind.role != "check"),
        seats=declared_seats(inventory, name) if seats else [],
        running=len(seats),
    )


def _servers(replicas: Iterable[Replica]) -> list[Seat]:
    return [Seat(replica.id, replica.address) for replica in replicas]


def _diallers(inventory: Inventory, name: str) -> list[Seat]:
    """Every dialler of the installation: here by its own address, elsewhere by the port its host publishes."""
    found: list[Seat] = []
    for other, host in hosts_with(inventory, "dialler"):
        for n, replica in enumerate(replicas_of(inventory, other, "voxdialler")):
            far = f"{host.address}:{replica.kind.port + n}"
            found.append(Seat(f"{other}-{replica.id}", replica.address if other == name else far))
    return found
