"""`deploy.yml`: which hosts there are, what each carries, and what its services are told."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from voxctl.output import EXIT_PREFLIGHT, CommandError
from voxctl.yamlfile import parse, read_yaml

Role = Literal["api", "fleet", "ingress", "sip", "dialler", "data", "check"]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
# Set by the rendering, so that no inventory can tell two seats the same or two calls one seat.
RENDERED = frozenset(
    {
        "MAX_CONCURRENT_CALLS",
        "VOXCORE_WORKERS",
        "VOXCORE_WORKER_ID",
        "VOXCORE_HOST_ID",
        "VOXCORE_SIBLINGS",
        "VOXCORE_PUBLIC_URL",
        "VOXCORE_DIRECT_URL",
        "OUTBOX_DIR",
        "SEATS",
    }
)
SECRET = re.compile(r"(SECRET|PASSWORD|_KEY|TOKENS?)$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ssh(_Strict):
    """How hosts are reached."""

    user: str = "vox"
    port: int = Field(default=22, ge=1, le=65_535)
    known_hosts: Path | None = None
    connect_timeout: int = Field(default=10, ge=1, le=120)


class Host(_Strict):
    """One machine. `seats`, `public_url` and what follows belong to role `fleet`."""

    address: str
    roles: list[Role] = Field(min_length=1)
    public_url: str | None = None
    seats: int = Field(default=0, ge=0, le=100)
    surge: int | Literal["auto"] = "auto"
    seats_max: int = Field(default=32, ge=1, le=100)
    seat_subnet: str = "172.30.89.0/24"
    trusted_nets: list[str] = Field(default_factory=list)

    @field_validator("address")
    @classmethod
    def _private_ip(cls, value: str) -> str:
        if not ipaddress.ip_address(value).is_private:
            raise ValueError("must be a private address: :8088 listens there, and nobody else may reach it")
        return value

    @field_validator("seat_subnet")
    @classmethod
    def _a_24(cls, value: str) -> str:
        if ipaddress.ip_network(value).prefixlen != 24:
            raise ValueError("must be a /24, like 172.30.89.0/24")
        return value

    @field_validator("trusted_nets")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        return [str(ipaddress.ip_network(each)) for each in value]

    @model_validator(mode="after")
    def _whole(self) -> Host:
        if "fleet" in self.roles:
            if self.seats < 1:
                raise ValueError("a host of role fleet needs seats, at least 1")
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", self.public_url or ""):
                raise ValueError("a host of role fleet needs public_url, like https://fleet1.example.com")
        if isinstance(self.surge, int) and not 0 <= self.surge <= 10:
            raise ValueError("surge must be auto, or between 0 and 10")
        return self

    @property
    def surge_seats(self) -> int:
        """Seats that deploys may add. `auto` declares two; how many start depends on free memory then."""
        return 2 if self.surge == "auto" else self.surge


class Service(_Strict):
    """What a service is told everywhere. Secrets stand in /etc/vox/secrets.env of each host, not here."""

    replicas: int = Field(default=1, ge=1, le=10)
    env: dict[str, str] = Field(default_factory=dict)

    @field_validator("env")
    @classmethod
    def _no_secret(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
                raise ValueError(f"{name!r} is no name of a variable")
            if name in RENDERED:
                raise ValueError(f"{name} is set by the rendering, leave it out")
            if SECRET.search(name):
                raise ValueError(f"{name} is a secret: put it into /etc/vox/secrets.env of the hosts")
            if "\n" in text:
                raise ValueError(f"{name} has more than one line")
        return value


class Inventory(_Strict):
    """The whole file."""

    project: HostName = "vox"
    registry: str = ""
    image: str
    balancer_image: str
    ssh: Ssh = Field(default_factory=Ssh)
    hosts: dict[HostName, Host] = Field(min_length=1)
    services: dict[str, Service] = Field(default_factory=dict)

    def host(self, name: str, role: Role) -> Host:
        """Raises: CommandError: no such host, or it has not this role."""
        host = self.hosts.get(name)
        if host is None:
            raise CommandError(f"there is no host {name}: the inventory has {', '.join(self.hosts)}")
        if role not in host.roles:
            raise CommandError(f"{name} is not of role {role}: it has {', '.join(host.roles)}")
        return host


def load_inventory(path: Path, env: str = "") -> Inventory:
    """The file, with the overlay of an environment laid over it. Raises: CommandError."""
    document = read_yaml(path)
    if env:
        overlay = path.with_name(f"{path.stem}.{env}{path.suffix}")
        if not overlay.is_file():
            raise CommandError(f"{overlay} is not there: no environment {env}", exit_code=EXIT_PREFLIGHT)
        document = merged(document, read_yaml(overlay))
    return parse(Inventory, document, path)


def merged(base: Any, over: Any) -> Any:
    """`over` laid over `base`: maps merge by key, everything else replaces."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over
