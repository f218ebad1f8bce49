"""The control plane for tests of the edge and of deploys: a real HAProxy before real processes in named places.

An "image" is what a place is started with: its program and what it is told besides. `Places` takes the part that Docker
and Compose have on a host; the edge, the services and the way they are replaced are those of production.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from voxctl.balancer.render import ApiBalancer, Seat
from voxctl.children import free_port
from voxctl.deploy.containers import Container
from voxctl.deploy.edge import Edge, ServiceReplicas
from voxctl.deploy.service_work import ServiceRules, ServiceWork, set_out
from voxctl.deploy.services import Refused, ServiceOutcome, ServiceRoll, ServiceWorld
from voxctl.deploy.world import Image
from voxctl.hosts.replicas import KINDS, Replica

from .harness import RunningBalancer, running_balancer

SECRET = "edge-test-secret-that-is-long-enough"
EMAIL, PASSWORD = "root@example.com", "a-long-test-password-1"
API, CONSOLE = "api.example.com", "console.example.com"
STOP_WITHIN_S = 40
RULES = ServiceRules(watch=2, pause=1, health_timeout=180)
"""A machine with much to do starts a service late; what is bad by itself does not wait for the end of that time."""


def api_balancer(run_dir: Path, **told: Any) -> ApiBalancer:
    """The balancer of an API host on free ports of this machine; `told` is what else it knows."""
    binds = {"private_bind": f"127.0.0.1:{free_port()}", "registry_bind": f"127.0.0.1:{free_port()}"}
    names: dict[str, Any] = {"host": "api1", "api_names": [API], "console_names": [], "run_dir": run_dir}
    return ApiBalancer(**{**names, **binds, "public_binds": [f"127.0.0.1:{free_port()}"], **told})


BEHIND = ("bridges", "registries", "diallers", "replicas")


@dataclass(frozen=True)
class Release:
    """What a reference of an image stands for: `more` is told besides; another `program` does not do what it should."""

    tag: str
    more: Mapping[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ()

    @property
    def image(self) -> Image:
        return Image(tag=self.tag, ref=f"vox@{self.tag}")


@dataclass
class Place:
    """One place with a process in it, or with what is left of one."""

    replica: Replica
    process: subprocess.Popen[bytes]
    ref: str
    log: Path


@dataclass
class Places:
    """Processes instead of containers: the same protocol as `ComposeContainers`."""

    folder: Path
    told: Mapping[str, Mapping[str, str]]
    ports: dict[str, int]
    releases: dict[str, Release] = field(default_factory=dict)
    running: dict[str, Place] = field(default_factory=dict)
    preferred: str = ""
    ended: list[tuple[str, int]] = field(default_factory=list)
    """(place, exit code) of each process that was told to stop."""

    def release(self, tag: str, *, program: Sequence[str] = (), **more: str) -> Image:
        """A release with this tag."""
        made = Release(tag, more, tuple(program))
        self.releases[made.image.ref] = made
        return made.image

    async def found(self, replicas: Sequence[Replica]) -> Mapping[str, Container]:
        return {
            replica.id: Container(place.ref, "exited" if code is not None else "running", code or 0, False, 0)
            for replica in replicas
            if (place := self.running.get(replica.id))
            for code in [place.process.poll()]
        }

    async def complaint(self, replica: Replica, container: Container) -> str:
        lines = self.running[replica.id].log.read_text().strip().splitlines()
        return f"ended with code {container.exit}; {lines[-1][:200] if lines else 'it said nothing'}"

    async def replace(self, replica: Replica, image: Image) -> None:
        await self.stop(replica)
        self.start(replica, image)

    def start(self, replica: Replica, image: Image) -> None:
        """A process of this release in this place. Raises: Refused: there is no such program."""
        release = self.releases[image.ref]
        kind = replica.kind.service
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("VOX", "MONGO"))}
        environment |= {"VOX_IMAGE_TAG": image.tag, "LOG_FORMAT": "json", **self.told[kind]}
        environment |= {name: str(self.ports[replica.id]) for name in ("PORT", "HEALTH_PORT")} | dict(release.more)
        environment["DIALLER_INSTANCE_ID"] = replica.id
        log = self.folder / f"{replica.id}.{time.monotonic_ns()}.log"
        command = list(release.program) or [str(Path(sys.executable).parent / kind)]
        try:
            with log.open("wb") as out:
                process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=out, stderr=out)
        except OSError as error:
            raise Refused(str(error)) from None
        self.running[replica.id] = Place(replica, process, image.ref, log)

    async def signal(self, replica: Replica) -> None:
        self.running[replica.id].process.send_signal(signal.SIGTERM)

    async def stop(self, replica: Replica) -> None:
        place = self.running.pop(replica.id, None)
        if place is None:
            return
        if place.process.poll() is None:
            place.process.send_signal(signal.SIGTERM)
        self.ended.append((replica.id, await asyncio.to_thread(place.process.wait, STOP_WITHIN_S)))

    async def prefer(self, replica: Replica) -> None:
        self.preferred = replica.id

    async def trouble(self) -> str:
        return ""

    def kill_all(self) -> None:
        """The end of a test."""
        for place in self.running.values():
            place.process.kill()
            place.process.wait(10)

    def logs(self, service: str) -> str:
        """What all processes of a service have said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob(f"{service}-*.log")))


@dataclass
class ControlPlane:
    """The edge and what stands behind it."""

    lb: RunningBalancer
    balancer: ApiBalancer
    places: Places
    registry: str
    replicas: dict[str, list[Replica]]
    saved: list[ServiceWork] = field(default_factory=list)
    trail: list[dict[str, object]] = field(default_factory=list)

    @contextmanager
    def another_edge(self, haproxy: list[str], run_dir: Path, **told: Any) -> Iterator[ControlPlane]:
        """One more edge before the same processes; `told` is what it knows besides."""
        behind = {name: getattr(self.balancer, name) for name in BEHIND}
        balancer = api_balancer(run_dir, **behind, **told)
        with running_balancer(haproxy, balancer) as lb:
            yield ControlPlane(lb, balancer, self.places, f"http://{balancer.registry_bind}", self.replicas)

    def of(self, service: str) -> ServiceReplicas:
        """A service as a deploy sees it."""
        replicas = self.replicas[service]
        return ServiceReplicas(replicas, self.places, Edge(self._ask), self._get)

    async def _ask(self, command: str) -> str:
        return await asyncio.to_thread(self.lb.admin, command)

    async def _get(self, replica: Replica, path: str) -> httpx.Response | None:
        """By way of the edge's private side, as on a host."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
                return await client.get(f"{self.lb.private}/replicas/{replica.id}{path}")
        except httpx.HTTPError:
            return None

    async def write(self, work: ServiceWork) -> None:
        self.saved.append(work.model_copy(deep=True))

    async def line(self, action: str, *, result: str, host: str = "", **facts: object) -> None:
        self.trail.append({"action": action, "result": result, **facts})

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def roll(self, service: str, image: Image, rules: ServiceRules = RULES) -> ServiceOutcome:
        """Deploy a release of one service."""
        replicas = self.of(service)
        work = set_out("d1", "api1", service, image, await replicas.now())
        return await ServiceRoll(work, replicas, ServiceWorld(self.write, self, self), rules).run()

    async def start(self, image: Image, *services: str) -> None:
        """Everything that runs between deploys, and the edge has found it."""
        for service in services:
            for replica in self.replicas[service]:
                if not replica.beside:
                    self.places.start(replica, image)
        for service in services:
            await self.until_serving(service)

    async def until_serving(self, service: str, within_s: float = 180) -> None:
        async with asyncio.timeout(within_s):
            while True:
                now = [each for each in await self.of(service).now() if each.running]
                ready = any if service == "voxdialler" else all
                if now and all(each.healthy for each in now) and ready(each.ready for each in now):
                    return
                gone = [each for each in await self.of(service).now() if each.left]
                assert not gone, f"{gone[0].id} has ended: {self.places.logs(service)[-2000:]}"
                await asyncio.sleep(0.1)

    def client(self, name: str = API, **headers: str) -> httpx.AsyncClient:
        """A client of a public name, straight to the edge. Its connections are kept, as browsers do."""
        return httpx.AsyncClient(base_url=self.lb.url, headers={"Host": name, **headers}, trust_env=False, timeout=30)

    async def token(self) -> str:
        """Of the first admin."""
        async with self.client() as client:
            answer = await client.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
            return str(answer.raise_for_status().json()["access_token"])


def replicas_at(service: str, count: int, *, beside: bool = False) -> list[Replica]:
    """Places of a service on loopback, each on its own port (`ports_of`)."""
    last = count + 1 if beside else count
    return [Replica(KINDS[service], "abc"[n - 1], "127.0.0.1", beside=beside and n > count) for n in range(1, last + 1)]


@contextmanager
def control_plane(haproxy: list[str], run_dir: Path, folder: Path, stores: Mapping[str, str], **how: object):
    """An edge before two voxregistry, two voxbridge and the places of two voxdialler; nothing of them runs yet.

    `stores`: MONGODB_URI, MONGODB_DB and the URLs of two databases of Valkey. `single`: services with one replica.
    """
    single = how.get("single", ())
    replicas = {
        service: replicas_at(service, 1 if service in single else 2, beside=service in single)
        for service in ("voxregistry", "voxbridge")
    }
    replicas["voxdialler"] = replicas_at("voxdialler", 1, beside=True)
    ports = {replica.id: free_port() for each in replicas.values() for replica in each}
    servers = {
        service: [Seat(replica.id, f"127.0.0.1:{ports[replica.id]}") for replica in each]
        for service, each in replicas.items()
    }
    registry = f"127.0.0.1:{free_port()}"
    balancer = api_balancer(
        run_dir,
        registry_bind=registry,
        bridges=servers["voxbridge"],
        registries=servers["voxregistry"],
        diallers=servers["voxdialler"],
        replicas=[server for each in servers.values() for server in each],
    )
    common = {"HOST": "127.0.0.1", "VOXCORE_SECRET": SECRET, "REGISTRY_URL": f"http://{registry}"}
    bridge = common | {
        **{name: stores[name] for name in ("MONGODB_URI", "MONGODB_DB", "REDIS_URL")},
        "JWT_SECRET": "j" * 40,
        "SETTINGS_ENCRYPTION_KEY": "k" * 40,
        "FIRST_ADMIN_EMAIL": EMAIL,
        "FIRST_ADMIN_PASSWORD": PASSWORD,
        "VOX_DATA_DIR": str(folder),
        "TRUSTED_PROXIES": "127.0.0.1/32",
    }
    told = {
        "voxregistry": common | {"REGISTRY_REDIS_URL": stores["REGISTRY_REDIS_URL"], "WEB_PROCESSES": "1"},
        "voxbridge": bridge,
        "voxdialler": common
        | {name: stores[name] for name in ("MONGODB_URI", "MONGODB_DB")}
        | {
            "VOXBRIDGE_URL": f"http://{balancer.private_bind}",
            "HEALTH_HOST": "127.0.0.1",
            "DIALLER_LOCK_FILE": str(folder / "dialler.lock"),
        },
    }
    with running_balancer(haproxy, balancer) as lb:
        places = Places(folder, told, ports)
        try:
            yield ControlPlane(lb, balancer, places, f"http://{registry}", replicas)
        finally:
            places.kill_all()
