"""A rendered API host in real containers: it starts behind its edge, closed as it is, and a deploy replaces its parts.

The host is this machine: what goes over SSH to a real one runs here, with the host's folders in one of the test's.
"""

from __future__ import annotations

import asyncio
import os
import resource
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import httpx
import pytest
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port
from voxctl.deploy.edge import on_host
from voxctl.deploy.service_work import ServiceRules, ServiceWork, set_out
from voxctl.deploy.services import ServiceOutcome, ServiceRoll, ServiceWorld
from voxctl.deploy.world import Image
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.remote import Remote
from voxctl.hosts.rendering import render_host

from .engine import COMPOSE, docker, run
from .fleet import OWNER, certificate

pytestmark = [pytest.mark.containers]

PROJECT = "voxtest"
PLACES = ("/opt/vox", "/etc/vox/tls", "/var/lib/vox/run", "/var/lib/vox/dialler")
SECRETS = {
    "VOXCORE_SECRET": "api-host-test-secret-0123456789abcdef",
    "JWT_SECRET": "j" * 40,
    "SETTINGS_ENCRYPTION_KEY": "k" * 40,
    "MONGODB_URI": "mongodb://mongo:27017/?directConnection=true&retryWrites=false",
    "REDIS_URL": "redis://redis:6379/0",
    "REGISTRY_REDIS_URL": "redis://redis:6379/1",
    "FIRST_ADMIN_EMAIL": "root@example.com",
    "FIRST_ADMIN_PASSWORD": "a-long-test-password-1",
}
RULES = ServiceRules(watch=3, pause=1, lead=15, health_timeout=180)
"""Times for a machine that has much else to do; what is bad by itself does not wait for their end."""
STORES = """
services:
  mongo:
    image: vox-standin/mongo:latest
    command: ["--host", "0.0.0.0", "--storage-path", "/data/db", "--sync-on-commit", "--cache-size", "256M",
      "--log-level", "WARNING"]
    networks: [inside]
  redis:
    image: vox-base/valkey:latest
    entrypoint: ["valkey-server"]
    command: ["--dir", "/tmp", "--protected-mode", "no"]
    networks: [inside]
"""
"""Stores of somebody else: this host has not the role `data`."""


class Here(Remote):
    """This machine in the place of a host. Its folders and ports are those of the test."""

    def __init__(self, inventory: Inventory, name: str, host: ApiHost) -> None:
        super().__init__(inventory, name)
        self._here = host

    async def _bytes(
        self, argv: Sequence[str | PurePosixPath], stdin: bytes | None, timeout_s: float, repeat: bool
    ) -> tuple[int, bytes, bytes]:
        words = [str(word) for word in argv]
        if words[:2] == ["docker", "compose"]:
            words = [str(COMPOSE), *words[2:]]
            words[words.index("--file") :] = [
                *("--file", "/opt/vox/compose.yaml", "--file", "/opt/vox/stores.yaml"),
                *words[words.index("--file") + 2 :],
            ]
        words = [f"{self._here.folder}{word}" if word.startswith(("/opt/vox", "/etc/vox")) else word for word in words]
        done = await asyncio.to_thread(
            subprocess.run, words, input=stdin or b"", capture_output=True, timeout=timeout_s
        )
        return done.returncode, done.stdout, done.stderr

    async def ask(self, path: PurePosixPath | str, command: str, *, timeout_s: float = 10.0) -> str:
        return await asyncio.to_thread(Balancer(self._here.folder / "var/lib/vox/run").admin, command)

    @asynccontextmanager
    async def http(self, url: str, *, timeout_s: float = 10.0) -> AsyncIterator[httpx.AsyncClient]:
        base = f"http://127.0.0.1:{self._here.private}"
        async with httpx.AsyncClient(base_url=base, timeout=timeout_s, trust_env=False) as client:
            yield client


@dataclass
class ApiHost:
    """The project under a folder of the test, on free ports of loopback."""

    folder: Path
    inventory: Inventory
    public: int
    private: int
    registry: int
    trail: list[dict[str, object]] = field(default_factory=list)

    def compose(self, *words: str, timeout_s: float = 300) -> str:
        project = self.folder / "opt/vox"
        files = ["--file", str(project / "compose.yaml"), "--file", str(project / "stores.yaml")]
        env = ["--env-file", str(self.folder / "etc/vox/secrets.env"), "--env-file", str(project / "seats.env")]
        return run(str(COMPOSE), "--project-directory", str(project), *env, *files, *words, timeout_s=timeout_s)

    def client(self, name: str = "api.example.com", **headers: str) -> httpx.AsyncClient:
        context = ssl.create_default_context(cafile=str(self.folder / "etc/vox/tls/fleet1.pem"))
        return httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{self.public}",
            headers={"Host": name, **headers},
            verify=context,
            trust_env=False,
            timeout=30,
        )

    async def until_healthy(self, within_s: float = 240) -> None:
        deadline = time.monotonic() + within_s
        said = ""
        while time.monotonic() < deadline:
            async with self.client() as client:
                try:
                    answer = await client.get("/health")
                    said = answer.text
                    if answer.status_code == 200:
                        return
                except httpx.TransportError as error:
                    said = repr(error)
            await asyncio.sleep(0.5)
        raise AssertionError(f"{said}\n{self.compose('ps', '-a')}\n{self.compose('logs')[-4000:]}")

    async def roll(self, service: str, image: Image) -> ServiceOutcome:
        """A deploy of one service, by the code and the adapters of production."""
        replicas = on_host(Here(self.inventory, "api1", self), service)
        work = set_out("d1", "api1", service, image, await replicas.now())
        world = ServiceWorld(self.write, self, self)
        return await ServiceRoll(work, replicas, world, RULES).run()

    async def write(self, work: ServiceWork) -> None:
        """The journal; what is written there, others test."""

    async def line(self, action: str, *, result: str, host: str = "", **facts: object) -> None:
        self.trail.append({"action": action, "result": result, **facts})

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def running(self, service: str) -> dict[str, str]:
        """Container of a service -> its image."""
        label = f"label=com.docker.compose.project={PROJECT}-api1"
        shape = '{{.Label "com.docker.compose.service"}} {{.Image}}'
        lines = docker("ps", "--filter", label, "--format", shape).splitlines()
        return dict(line.split(" ", 1) for line in lines if line.startswith(service))


def written(folder: Path, inventory: Inventory, ports: dict[str, int]) -> None:
    """The rendered files, as a host gets them; only folders and published ports differ."""
    for name, text in render_host(inventory, "api1").items():
        for place in PLACES:
            text = text.replace(f'"{place}:', f'"{folder}{place}:')
        text = text.replace('"443:8443"', f'"127.0.0.1:{ports["public"]}:8443"').replace('      - "80:8080"\n', "")
        text = text.replace("127.0.0.1:8088:8088", f"127.0.0.1:{ports['private']}:8088")
        text = text.replace("127.0.0.1:8070:8070", f"127.0.0.1:{ports['registry']}:8070")
        text = text.replace("nofile: 65536", f"nofile: {min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])}")
        (folder / "opt/vox" / name).write_text(text)


@pytest.fixture(scope="module")
def host(images: None, bases: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiHost]:
    """voxregistry, two voxbridge, voxui and voxdialler behind one balancer."""
    bases("haproxy", "valkey")
    folder = tmp_path_factory.mktemp("host")
    for part in (*PLACES, "/etc/vox"):
        (folder / part.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(0o755)
    certificate(folder / "etc/vox/tls/fleet1.pem")
    for part in ("etc/vox/tls/fleet1.pem", "var/lib/vox/run", "var/lib/vox/dialler"):
        os.chown(folder / part, OWNER, OWNER)
    (folder / "etc/vox/secrets.env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    (folder / "opt/vox/stores.yaml").write_text(STORES)
    inventory = Inventory.model_validate(
        {
            "project": PROJECT,
            "image": "vox/voxcore:dev",
            "balancer_image": "vox-base/haproxy:3.0",
            "hosts": {"api1": {"address": "127.0.0.1", "roles": ["api", "dialler"], "seat_subnet": "172.30.93.0/24"}},
            "services": {
                "voxbridge": {"replicas": 2, "env": {"PUBLIC_BASE_URL": "https://api.example.com"}},
                "voxui": {"env": {"PUBLIC_BASE_URL": "https://console.example.com"}},
            },
        }
    )
    ports = {name: free_port() for name in ("public", "private", "registry")}
    written(folder, inventory, ports)
    made = ApiHost(folder, inventory, **ports)
    try:
        made.compose("up", "--detach")
        asyncio.run(made.until_healthy())
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "5")


async def test_a_rendered_api_host_starts_closed_behind_one_balancer(host: ApiHost) -> None:
    """E1, H10: names decide who answers, over TLS, and figures stay inside."""
    async with host.client() as client:
        assert (await client.get("/api/v1/bots")).status_code == 401
        assert (await client.get("/metrics")).status_code == 404
    async with host.client("console.example.com") as client:
        page = await client.get("/")
        assert page.text.lower().startswith("<!doctype html>")
        assert (await client.get("/api/v1/bots")).status_code == 401
    async with httpx.AsyncClient(trust_env=False) as client:
        ready = await client.get(f"http://127.0.0.1:{host.registry}/ready")
        assert ready.status_code == 200
    for name in host.running("vox"):
        identity = docker("exec", f"{PROJECT}-api1-{name}-1", "sh", "-c", "id -u; touch /x 2>&1 || true")
        assert identity.startswith("10001\n"), name
        assert "ead-only" in identity, name
    assert set(host.running("vox")) == {"voxregistry-a", "voxbridge-a", "voxbridge-b", "voxui-a", "voxdialler-a"}


async def test_a_deploy_replaces_every_service_in_its_containers(host: ApiHost) -> None:
    """Section 12 on Docker and Compose: nobody is refused, the dialler hands over, seats.env says what runs."""
    wrong: list[str] = []
    over = asyncio.Event()

    async def knock(name: str, path: str) -> None:
        async with host.client(name) as client:
            while not over.is_set():
                try:
                    status = (await client.get(path)).status_code
                    if status not in (200, 401):
                        wrong.append(f"{name}{path}: {status}")
                except httpx.HTTPError as error:
                    wrong.append(f"{name}{path}: {error!r}")
                await asyncio.sleep(0.05)

    knocking = [
        asyncio.create_task(knock("api.example.com", "/api/v1/bots")),
        asyncio.create_task(knock("console.example.com", "/")),
    ]
    for service in ("voxregistry", "voxbridge", "voxui", "voxdialler"):
        docker("tag", f"vox/{service}:dev", f"vox/{service}:next")
        outcome = await host.roll(service, Image(tag="dev", ref=f"vox/{service}:next"))
        assert outcome.ending == "done", outcome
    over.set()
    await asyncio.gather(*knocking)
    assert wrong == []
    assert host.running("vox") == {
        "voxregistry-a": "vox/voxregistry:next",
        "voxbridge-a": "vox/voxbridge:next",
        "voxbridge-b": "vox/voxbridge:next",
        "voxui-a": "vox/voxui:next",
        "voxdialler-b": "vox/voxdialler:next",
    }
    assert "COMPOSE_PROFILES=voxdialler-b\n" in (host.folder / "opt/vox/seats.env").read_text()
    before = docker("ps", "-q", "--no-trunc").split()
    host.compose("up", "--detach")
    assert set(before) >= set(docker("ps", "-q", "--no-trunc").split()), "what seats.env says is what runs already"


async def test_an_image_that_does_not_run_is_put_back(host: ApiHost) -> None:
    """It ends at once; what it said last is the reason, and the other replica has answered meanwhile."""
    docker("tag", "vox-base/valkey:latest", "vox/voxbridge:broken")
    before = host.running("voxbridge")
    outcome = await host.roll("voxbridge", Image(tag="broken", ref="vox/voxbridge:broken"))
    assert outcome.ending == "reverted", outcome
    assert host.running("voxbridge") == before
    async with host.client() as client:
        assert (await client.get("/health")).status_code == 200


def test_the_store_of_a_data_host_wants_its_password_and_keeps_what_it_is_told(
    docker_engine: None, bases: Callable[..., None], tmp_path: Path
) -> None:
    """E4, for Valkey; MongoDB and MinIO have no image that can be built here."""
    bases("valkey")
    inventory = Inventory.model_validate(
        {
            "project": PROJECT,
            "image": "vox/voxcore:dev",
            "balancer_image": "x",
            "hosts": {"data1": {"address": "127.0.0.1", "roles": ["data"], "seat_subnet": "172.30.94.0/24"}},
        }
    )
    for name, text in render_host(inventory, "data1").items():
        # The stand-in's folder belongs to another user than the official image's.
        (tmp_path / name).write_text(text.replace('user: "999:1000"', 'user: "10001:10001"'))
    secrets = tmp_path / "secrets.env"
    compose = (tmp_path / "compose.yaml").read_text()
    names = {word.split(":?")[0] for word in compose.split("${") if ":?stands in /etc/vox" in word[:80]}
    secrets.write_text("".join(f"{name}=a-password-of-the-test\n" for name in names))
    (tmp_path / "seats.env").write_text(
        (tmp_path / "seats.env").read_text().replace("valkey/valkey:8", "vox-base/valkey:latest")
    )
    command = [str(COMPOSE), "--project-directory", str(tmp_path), "--env-file", str(secrets)]
    command += ["--env-file", str(tmp_path / "seats.env"), "--file", str(tmp_path / "compose.yaml")]
    try:
        run(*command, "up", "--detach", "--wait", "--wait-timeout", "90", "valkey")
        inside = [*command, "exec", "-T", "valkey", "valkey-cli"]
        assert "NOAUTH" in run(*inside, "get", "x", check=False)
        assert "OK" in run(*inside, "--no-auth-warning", "-a", "a-password-of-the-test", "set", "x", "1")
        run(*command, "kill", "valkey")
        run(*command, "up", "--detach", "--wait", "--wait-timeout", "90", "valkey")
        kept = run(*inside, "--no-auth-warning", "-a", "a-password-of-the-test", "get", "x")
        assert kept.strip() == "1"
        told = docker("top", f"{PROJECT}-data1-valkey-1", "-o", "pid,args")
        assert "a-password-of-the-test" not in told
    finally:
        run(*command, "down", "--volumes", "--timeout", "2", check=False)
