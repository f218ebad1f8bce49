"""`deploy.yml`: which hosts there are, what each carries, what its services are told, and how a deploy goes about it.

`deploy/examples/deploy.yml` documents every key; `deploy/examples/deploy.schema.json` is made from both (`make docs`).
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

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
    """How hosts are reached. Paths count from the folder of the inventory; seconds."""

    user: str = Field(default="vox", pattern=r"^[a-z_][a-z0-9_-]{0,31}$")
    port: int = Field(default=22, ge=1, le=65_535)
    known_hosts: Path | None = None
    key: Path | None = None
    connect_timeout: int = Field(default=10, ge=1, le=120)


def seconds(value: Any) -> Any:
    """`90`, `90s`, `40m` or `2h` as seconds."""
    found = re.fullmatch(r"(\d+)([smh]?)", str(value)) if value is not None else None
    if value is not None and found is None:
        raise ValueError("must be seconds, or a time like 90s, 40m, 2h")
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else None


Seconds = Annotated[
    int,
    BeforeValidator(seconds),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d+[smh]?$"}]}),
]


class CanaryCall(_Strict):
    """The synthetic spoken call that the first seat on a new tag has to carry."""

    bot: str = Field(default="deploy-check", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    timeout: Seconds = Field(default=40, ge=5, le=300)


class Rolling(_Strict):
    """How a roll-out goes through the seats. Times are seconds."""

    parallel_hosts: int = Field(default=1, ge=1, le=50)
    batch: int = Field(default=2, ge=1, le=20)
    health_timeout: Seconds = Field(default=60, ge=5, le=600)
    watch: Seconds = Field(default=120, ge=0, le=3_600)
    force_after: Seconds | None = Field(default=None, ge=60)
    canary: CanaryCall = Field(default_factory=CanaryCall)


class SecretSource(_Strict):
    """Where the values of /etc/vox/secrets.env come from; they never stand in the inventory."""

    source: Literal["env_file", "sops", "command"]
    file: Path | None = None
    command: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> SecretSource:
        if self.source == "command" and (not self.command or self.file):
            raise ValueError("source: command needs command, a list of words like [pass, show, vox], and no file")
        if self.source != "command" and (not self.file or self.command):
            raise ValueError(f"source: {self.source} needs file, and no command")
        return self


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
    rolling: Rolling = Field(default_factory=Rolling)
    secrets: SecretSource | None = None
    hooks: Path | None = None
    keep_images: int = Field(default=5, ge=2, le=50)
    lock_host: HostName = ""
    env: str = Field(default="", exclude=True)
    """Of `-e`: set when the file is read, never written in it."""

    @model_validator(mode="after")
    def _belongs_together(self) -> Inventory:
        addresses: dict[str, str] = {}
        for name, host in self.hosts.items():
            if (other := addresses.setdefault(host.address, name)) != name:
                raise ValueError(f"hosts {other} and {name} have the same address {host.address}")
        if not self.lock_host:
            # One place that every operator's machine agrees on, without being told.
            self.lock_host = next(
                (name for name, host in self.hosts.items() if "api" in host.roles), next(iter(self.hosts))
            )
        if self.lock_host not in self.hosts:
            raise ValueError(f"lock_host {self.lock_host} is no host: there are {', '.join(self.hosts)}")
        return self

    def known(self, name: str) -> Host:
        """Raises: CommandError: no such host."""
        host = self.hosts.get(name)
        if host is None:
            raise CommandError(f"there is no host {name}: the inventory has {', '.join(self.hosts)}")
        return host

    def host(self, name: str, role: Role) -> Host:
        """Raises: CommandError: no such host, or it has not this role."""
        host = self.known(name)
        if role not in host.roles:
            raise CommandError(f"{name} is not of role {role}: it has {', '.join(host.roles)}")
        return host


def load_inventory(path: Path, env: str = "") -> Inventory:
    """The file, with the overlay of an environment over it; its paths are whole from here on. Raises: CommandError."""
    if not path.exists():
        raise CommandError(
            f"there is no {path}: name your inventory with --inventory, or start one from deploy/examples/deploy.yml; "
            "the stack of `vox up` needs none, `vox fleet status` shows its seats",
            exit_code=EXIT_PREFLIGHT,
        )
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise CommandError(f"{path}: no map of keys; start from deploy/examples/deploy.yml", exit_code=EXIT_PREFLIGHT)
    if "env" in document:
        raise CommandError(f"{path}: env: the environment is named by -e, leave it out", exit_code=EXIT_PREFLIGHT)
    if env:
        overlay = path.with_name(f"{path.stem}.{env}{path.suffix}")
        if not overlay.is_file():
            raise CommandError(f"{overlay} is not there: no environment {env}", exit_code=EXIT_PREFLIGHT)
        document = merged(document, read_yaml(overlay))
    inventory = parse(Inventory, document, path)
    inventory.env = env or os.environ.get("VOX_ENV", "development")
    folder = path.resolve().parent
    for holder, name in (
        (inventory.ssh, "known_hosts"),
        (inventory.ssh, "key"),
        (inventory.secrets, "file"),
        (inventory, "hooks"),
    ):
        if given := getattr(holder, name, None):
            setattr(holder, name, folder / given.expanduser())
    return inventory


def merged(base: Any, over: Any) -> Any:
    """`over` laid over `base`: maps merge by key, everything else replaces."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over
