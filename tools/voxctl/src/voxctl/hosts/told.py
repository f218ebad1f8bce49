"""What each service is told: addresses that follow from the inventory, its own settings, and the secrets it needs.

Values are those of a compose file: `${NAME:?…}` is filled in from /etc/vox/secrets.env on the host when Compose runs,
None is passed on when it stands there, and every other `$` is doubled.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import (
    BALANCER,
    MINIO,
    PRIVATE_PORT,
    REGISTRY_PORT,
    SECRETS_FILE,
    address_in,
    hosts_with,
    is_alone,
    reach,
)
from voxctl.hosts.replicas import KINDS
from voxctl.output import EXIT_PREFLIGHT, CommandError

Told = dict[str, str | None]
BUCKET = "recordings"
ALLOWLIST = "OUTBOUND_URL_ALLOWLIST"
PASSED_ON = {
    "voxcore": ("WS_MEDIA_TOKENS", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"),
    "voxbridge": (
        *("FIRST_ADMIN_EMAIL", "FIRST_ADMIN_PASSWORD", "WS_MEDIA_TOKENS", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"),
        *("METRICS_TOKEN", "VOXPHONE_API_TOKEN"),
    ),
    "voxdialler": ("WS_MEDIA_TOKENS", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "METRICS_TOKEN"),
    "voxregistry": (),
    "voxui": (),
    "voxvoice": ("VOXVOICE_API_KEY",),
    "voxphone": ("VOXPHONE_VOICE_KEY",),
}
"""Secrets that a service takes when they are there."""


def secret(name: str) -> str:
    """A value that must stand in secrets.env."""
    return f"${{{name}:?stands in {SECRETS_FILE}}}"


def told(inventory: Inventory, service: str) -> Told:
    """The environment of a service on every host. What the inventory says of it wins over what follows from others."""
    own = inventory.services[service].env if service in inventory.services else {}
    # A host has the checks of production on, unless it is known to be something else.
    env = "staging" if inventory.env == "staging" else "production"
    defaults: Told = {"VOX_ENV": env, "LOG_FORMAT": "json"} if service != "voxui" else {}
    defaults |= {key: value for key, value in _follows(inventory, service).items() if value != ""}
    defaults |= dict.fromkeys(PASSED_ON[service])
    found = defaults | {key: value.replace("$", "$$") for key, value in own.items()}
    if allowed := defaults.get(ALLOWLIST):
        # Both count: without ours the call that proves a deploy could not reach its own models.
        found[ALLOWLIST] = ",".join(part for part in (own.get(ALLOWLIST), allowed) if part)
    if not (found.get("OBJECT_STORE_URL") or "").startswith("s3:"):
        found = {key: value for key, value in found.items() if key not in ("S3_ACCESS_KEY", "S3_SECRET_KEY")}
    if service != "voxbridge":
        found.pop("PUBLIC_BASE_URL", None)  # of the console it says the name that the edge listens for
    return found


def names(inventory: Inventory) -> tuple[list[str], list[str]]:
    """Host names of the API, and of the console (the same when it has none of its own). Raises: CommandError."""
    api = _public_host(inventory, "voxbridge")
    if not api:
        raise CommandError(
            "services.voxbridge.env.PUBLIC_BASE_URL is missing: the edge listens for its host name, "
            "and links in answers begin with it (https://api.example.com)",
            exit_code=EXIT_PREFLIGHT,
        )
    return [api], [_public_host(inventory, "voxui") or api]


def store_members(inventory: Inventory) -> list[str]:
    """`host:port` of each MongoDB of the replica set. Raises: CommandError: two cannot elect a primary."""
    found = hosts_with(inventory, "data")
    if len(found) not in (0, 1, 3):
        raise CommandError(
            f"{len(found)} hosts have role data: MongoDB's replica set has one member or three",
            exit_code=EXIT_PREFLIGHT,
        )
    return [f"{'mongo' if is_alone(inventory) else host.address}:27017" for _, host in found]


def _follows(inventory: Inventory, service: str) -> Told:
    bridge = _http(reach(inventory, "api", BALANCER, PRIVATE_PORT))
    registry = _http(reach(inventory, "api", BALANCER, REGISTRY_PORT))
    common: Told = {"VOXCORE_SECRET": secret("VOXCORE_SECRET")}
    if service == "voxcore":
        return common | {
            "VOXBRIDGE_CONFIG_URL": f"{bridge}/api/v1/config" if bridge else "",
            "REGISTRY_URL": registry,
            ALLOWLIST: _check(inventory, "voxvoice"),
            **_objects(inventory, ""),
        }
    if service == "voxregistry":
        return common | {"REGISTRY_REDIS_URL": _valkey(inventory, 1, "REGISTRY_REDIS_URL"), "WEB_PROCESSES": "1"}
    if service == "voxbridge":
        edge = hosts_with(inventory, "api")
        return common | {
            "JWT_SECRET": secret("JWT_SECRET"),
            "SETTINGS_ENCRYPTION_KEY": secret("SETTINGS_ENCRYPTION_KEY"),
            "MONGODB_URI": _mongodb(inventory),
            "REDIS_URL": _valkey(inventory, 0, "REDIS_URL"),
            "REGISTRY_URL": registry,
            "INTERNAL_BASE_URL": bridge,
            "TRUSTED_PROXIES": ",".join(f"{address_in(host, BALANCER)}/32" for _, host in edge),
            "CORE_FLEET": ",".join(host.public_url or "" for _, host in hosts_with(inventory, "fleet")),
            ALLOWLIST: _check(inventory, "voxvoice", "voxphone"),
            **_objects(inventory, "VOXBRIDGE_"),
        }
    if service == "voxdialler":
        return common | {
            "MONGODB_URI": _mongodb(inventory),
            "VOXBRIDGE_URL": bridge,
            "REGISTRY_URL": registry,
            # The edge hands /carrier-events/ to the dialler that leads.
            "DIALLER_PUBLIC_URL": _own(inventory, "voxbridge", "PUBLIC_BASE_URL"),
            ALLOWLIST: _check(inventory, "voxphone"),
        }
    if service == "voxphone":
        urls = [host.public_url or "" for _, host in hosts_with(inventory, "fleet")]
        urls.append(_own(inventory, "voxbridge", "PUBLIC_BASE_URL"))
        ours = [host.address for host in inventory.hosts.values()]
        return {
            "VOXPHONE_VOICE_URL": f"http://{reach(inventory, 'check', *_number('voxvoice'))}/v1",
            "VOXPHONE_API_TOKEN": secret("VOXPHONE_API_TOKEN"),
            ALLOWLIST: ",".join([*ours, *filter(None, (urlsplit(url).hostname for url in urls))]),
        }
    return {}


def _http(place: str | None) -> str:
    return f"http://{place}" if place else ""


def _number(service: str) -> tuple[int, int]:
    return KINDS[service].number + 1, KINDS[service].port


def _check(inventory: Inventory, *services: str) -> str:
    """The parts of role check, which are on private addresses: calls of a deploy must reach them."""
    found = [reach(inventory, "check", *_number(service)) for service in services]
    return ",".join(place for place in found if place)


def _mongodb(inventory: Inventory) -> str:
    members = store_members(inventory)
    if not members:
        return secret("MONGODB_URI")
    return f"mongodb://vox:{secret('MONGODB_PASSWORD')}@{','.join(members)}/?replicaSet=rs0&authSource=admin"


def _valkey(inventory: Inventory, database: int, variable: str) -> str:
    found = hosts_with(inventory, "data")
    if not found:
        return secret(variable)
    # On one machine by name, in a network that no seat is attached to.
    place = "valkey" if is_alone(inventory) else found[0][1].address
    return f"redis://:{secret('VALKEY_PASSWORD')}@{place}:6379/{database}"


def _objects(inventory: Inventory, prefix: str) -> Told:
    place = reach(inventory, "data", MINIO, 9000)
    return {
        "OBJECT_STORE_URL": f"s3://{BUCKET}?endpoint=http://{place}" if place else "",
        "S3_ACCESS_KEY": secret(f"{prefix}S3_ACCESS_KEY"),
        "S3_SECRET_KEY": secret(f"{prefix}S3_SECRET_KEY"),
    }


def _own(inventory: Inventory, service: str, variable: str) -> str:
    return inventory.services[service].env.get(variable, "") if service in inventory.services else ""


def _public_host(inventory: Inventory, service: str) -> str:
    return urlsplit(_own(inventory, service, "PUBLIC_BASE_URL")).hostname or ""
