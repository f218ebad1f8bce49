"""The parts of the embedded stack as data: who is started, on which port, with which environment, after whom."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from voxkit.errors import VoxError
from voxkit.registry import RegistryClient
from voxkit.secrets import split_secrets

from voxctl.embedded import EmbeddedServer, SecantusServer, ValkeyServer
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder
from voxctl.up.ports import Port
from voxctl.up.supervisor import Part, Ready

HOST = "127.0.0.1"
# Given to `vox up`, and passed on only to the parts that work with them.
NOT_FOR_ALL = {"JWT_SECRET", "SETTINGS_ENCRYPTION_KEY", "FIRST_ADMIN_PASSWORD", "MONGODB_URI", "REDIS_URL"}


@dataclass(frozen=True)
class Stack:
    """What every part of one embedded stack must know. Ports already carry the offset."""

    settings: VoxctlSettings
    data: DataFolder
    secrets: dict[str, str]
    workers: int
    port_offset: int = 0
    ui_dist: Path | None = None

    def port(self, field: str) -> int:
        number: int = getattr(self.settings, field)
        return number + self.port_offset

    @property
    def core_ports(self) -> list[int]:
        return [self.port("vox_core_port") + n for n in range(self.workers)]

    @property
    def bridge_url(self) -> str:
        return f"http://{HOST}:{self.port('vox_bridge_port')}"

    @property
    def voice_url(self) -> str:
        return f"http://{HOST}:{self.port('vox_voice_port')}"

    @property
    def phone_url(self) -> str:
        return f"http://{HOST}:{self.port('vox_phone_port')}"

    @property
    def core_urls(self) -> list[str]:
        return [f"http://{HOST}:{port}" for port in self.core_ports]

    @property
    def has_registry(self) -> bool:
        return _installed("voxregistry")

    @property
    def has_campaigns(self) -> bool:
        """Whether there is somebody who dials, and somebody who is called."""
        return _installed("voxdialler") and _installed("voxphone")

    @property
    def dialler_url(self) -> str:
        return f"http://{HOST}:{self.port('vox_dialler_port')}"

    @property
    def registry_url(self) -> str:
        """Empty until there is a registry: its callers then poll the workers."""
        return f"http://{HOST}:{self.port('vox_registry_port')}" if self.has_registry else ""

    @property
    def mongodb(self) -> SecantusServer | None:
        """The embedded database; None when a server was given."""
        if self.settings.mongodb_uri:
            return None
        return SecantusServer(self.port("vox_mongodb_port"), self.data.root / "mongo")

    @property
    def mongodb_uri(self) -> str:
        server = self.mongodb
        return server.uri if server else self.settings.mongodb_uri

    @property
    def valkey(self) -> ValkeyServer | None:
        if self.settings.redis_url:
            return None
        return ValkeyServer(self.port("vox_valkey_port"), self.data.root / "valkey", durable=True)

    @property
    def redis_url(self) -> str:
        server = self.valkey
        return server.uri if server else self.settings.redis_url

    def common_env(self) -> dict[str, str]:
        """What all our own services read; the environment of `vox up` lies beneath it."""
        beneath = {name: value for name, value in os.environ.items() if name not in NOT_FOR_ALL}
        return {
            **beneath,
            "PYTHONUNBUFFERED": "1",
            "HOST": HOST,
            "VOX_DATA_DIR": str(self.data.root),
            "LOG_FORMAT": "json",
            "VOXCORE_SECRET": self.secrets["VOXCORE_SECRET"],
            "OBJECT_STORE_URL": self.data.objects.as_uri(),
            "REGISTRY_URL": self.registry_url,
            "OPENAI_COMPATIBLE_BASE_URL": f"{self.voice_url}/v1",
            "OUTBOUND_URL_ALLOWLIST": ",".join(
                part
                for part in (
                    self.settings.outbound_url_allowlist,
                    f"{HOST}:{self.port('vox_voice_port')}",
                    f"{HOST}:{self.port('vox_phone_port')}",
                    f"{HOST}:{self.port('vox_dialler_port')}",
                )
                if part
            ),
        }


@dataclass(frozen=True)
class Kind:
    """One row of the table. `package` None: not Python of ours. `build` makes one part for each of `ports`."""

    name: str
    port_field: str
    build: Callable[[Stack], list[Part]]
    package: str | None = None


def build_parts(stack: Stack) -> tuple[list[Part], list[str]]:
    """All parts that can be started here, and the names of those whose package is not installed."""
    parts: list[Part] = []
    absent: list[str] = []
    for kind in KINDS:
        if kind.package and not _installed(kind.package):
            absent.append(kind.name)
            continue
        parts += kind.build(stack)
    names = {part.name for part in parts}
    return [_without_absent_needs(part, names) for part in parts], absent


def wanted_ports(stack: Stack, parts: list[Part]) -> list[Port]:
    """The ports of `parts` with the variable that moves each of them."""
    variables = {kind.name: kind.port_field.upper() for kind in KINDS}
    return [Port(part.name, part.port, variables[part.name.split("-")[0]]) for part in parts]


def _without_absent_needs(part: Part, names: set[str]) -> Part:
    return replace(part, after=tuple(need for need in part.after if need in names))


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _program(name: str) -> str:
    """A console script of our own environment."""
    return str(Path(sys.executable).parent / name)


def _http_ready(url: str) -> Ready:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                return (await client.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    return ready


def _seat_ready(stack: Stack, worker: str, url: str) -> Ready:
    """A worker counts as ready when the registry would grant it, which a new store refuses for its first seconds."""
    loaded = _http_ready(f"{url}/ready")
    if not stack.registry_url:
        return loaded

    async def ready() -> bool:
        if not await loaded():
            return False
        registry = RegistryClient(stack.registry_url, split_secrets(stack.secrets["VOXCORE_SECRET"])[0], client="vox")
        try:
            if (await registry.fleet()).status != "ok":
                return False
            seats = await registry.seats(host_id=worker)
        except VoxError:
            return False
        finally:
            await registry.aclose()
        return any(seat.state not in ("starting", "lost") for seat in seats)

    return ready


def _store(server: EmbeddedServer | None) -> list[Part]:
    if server is None:
        return []

    async def ready() -> bool:
        return await asyncio.to_thread(server.ping)

    return [
        Part(
            server.name,
            tuple(server.argv()),
            server.port,
            ready,
            env={name: value for name, value in os.environ.items() if name not in NOT_FOR_ALL},
            ready_within_s=60,
            stop_stage=2,
            stop_within_s=10,
        )
    ]


def _voxvoice(stack: Stack) -> list[Part]:
    port = stack.port("vox_voice_port")
    env = stack.common_env() | {"VOXVOICE_PORT": str(port), "VOXVOICE_HOST": HOST}
    return [
        Part("voxvoice", (_program("voxvoice"),), port, _http_ready(f"{stack.voice_url}/health"), env, stop_stage=1)
    ]


def _voxbridge(stack: Stack) -> list[Part]:
    port = stack.port("vox_bridge_port")
    settings = stack.settings
    env = stack.common_env() | {
        "PORT": str(port),
        "MONGODB_URI": stack.mongodb_uri,
        "MONGODB_DB": settings.mongodb_db,
        "REDIS_URL": stack.redis_url,
        "JWT_SECRET": stack.secrets["JWT_SECRET"],
        "SETTINGS_ENCRYPTION_KEY": stack.secrets["SETTINGS_ENCRYPTION_KEY"],
        "FIRST_ADMIN_EMAIL": settings.first_admin_email,
        "FIRST_ADMIN_PASSWORD": settings.first_admin_password,
        "PUBLIC_BASE_URL": settings.public_base_url or stack.bridge_url,
        "INTERNAL_BASE_URL": stack.bridge_url,
        "SEED_DEMO": "true",
        "VOXPHONE_URL": stack.phone_url,
        "VOXPHONE_API_TOKEN": stack.secrets["VOXPHONE_API_TOKEN"],
        "CORE_FLEET": ",".join(stack.core_urls),
        **({"VOXUI_DIST": str(stack.ui_dist)} if stack.ui_dist else {}),
    }
    return [
        Part(
            "voxbridge",
            (_program("voxbridge"),),
            port,
            _http_ready(f"{stack.bridge_url}/health"),
            env,
            after=("secantusdb", "valkey", "voxregistry"),
            stop_stage=1,
        )
    ]


def _voxcore(stack: Stack) -> list[Part]:
    """Each worker is a host of its own: no balancer stands before it, and `core_fleet` lists them all."""
    parts: list[Part] = []
    for number, (port, url) in enumerate(zip(stack.core_ports, stack.core_urls, strict=True), start=1):
        worker = f"local-{number}"
        env = stack.common_env() | {
            "VOXCORE_HOST": HOST,
            "VOXCORE_PORT": str(port),
            "VOXCORE_WORKER_ID": worker,
            "VOXCORE_HOST_ID": worker,
            "VOXCORE_PUBLIC_URL": url,
            "VOXCORE_DIRECT_URL": url,
            "VOXBRIDGE_CONFIG_URL": f"{stack.bridge_url}/api/v1/config",
            "OUTBOX_DIR": str(stack.data.outbox),
        }
        parts.append(
            Part(
                f"voxcore-{number}",
                (_program("voxcore"),),
                port,
                _seat_ready(stack, worker, url),
                env,
                # SIGTERM would wait for the call to end; SIGINT hangs up and writes the result within 4 s.
                stop_signal=signal.SIGINT,
                stop_stage=0,
                stop_within_s=6,
                renews=True,
            )
        )
    return parts


def _voxphone(stack: Stack) -> list[Part]:
    port = stack.port("vox_phone_port")
    env = stack.common_env() | {
        "VOXPHONE_PORT": str(port),
        "VOXPHONE_HOST": HOST,
        "VOXPHONE_VOICE_URL": f"{stack.voice_url}/v1",
        "VOXPHONE_API_TOKEN": stack.secrets["VOXPHONE_API_TOKEN"],
    }
    return [Part("voxphone", (_program("voxphone"),), port, _http_ready(f"{stack.phone_url}/health"), env)]


def _voxregistry(stack: Stack) -> list[Part]:
    port = stack.port("vox_registry_port")
    base, _, _ = stack.redis_url.rpartition("/")
    env = stack.common_env() | {"PORT": str(port), "REGISTRY_REDIS_URL": f"{base}/1"}
    ready = _http_ready(f"{stack.registry_url}/health")
    return [Part("voxregistry", (_program("voxregistry"),), port, ready, env, after=("valkey",), stop_stage=1)]


def _voxdialler(stack: Stack) -> list[Part]:
    port = stack.port("vox_dialler_port")
    env = stack.common_env() | {
        "HEALTH_HOST": HOST,
        "HEALTH_PORT": str(port),
        "MONGODB_URI": stack.mongodb_uri,
        "MONGODB_DB": stack.settings.mongodb_db,
        "VOXBRIDGE_URL": stack.bridge_url,
        "DIALLER_PUBLIC_URL": stack.dialler_url,
        "DIALLER_LOCK_FILE": str(stack.data.root / "dialler.lock"),
    }
    ready = _http_ready(f"{stack.dialler_url}/health")
    # Whoever only wants to hear the first call does not wait for it.
    return [Part("voxdialler", (_program("voxdialler"),), port, ready, env, after=("voxbridge",), late=True)]


KINDS = (
    Kind("valkey", "vox_valkey_port", lambda stack: _store(stack.valkey)),
    Kind("secantusdb", "vox_mongodb_port", lambda stack: _store(stack.mongodb)),
    Kind("voxvoice", "vox_voice_port", _voxvoice, "voxvoice"),
    Kind("voxregistry", "vox_registry_port", _voxregistry, "voxregistry"),
    Kind("voxbridge", "vox_bridge_port", _voxbridge, "voxbridge"),
    Kind("voxcore", "vox_core_port", _voxcore, "voxcore"),
    Kind("voxdialler", "vox_dialler_port", _voxdialler, "voxdialler"),
    Kind("voxphone", "vox_phone_port", _voxphone, "voxphone"),
)
