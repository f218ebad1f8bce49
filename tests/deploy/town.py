"""An installation for deploy tests: two hosts of four seats each, an image registry, a capacity registry, and callers.

Hosts are those of `hosts.py` (real sshd, real Docker); their files are the rendered ones, their balancer is the real
HAProxy, their seats are voxcore's whole image with a stand-in for the talk (`seat.py`), so that eight of them fit here.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from voxctl.children import free_port
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import SEATS_ENV
from voxctl.hosts.rendering import render_host
from voxkit.registry import RegistryClient

from ..containers.engine import docker
from ..containers.fleet import certificate
from ..ingress.bridge import running_bridge
from .hosts import Lab, lab

HERE = Path(__file__).parent
SECRET = "deploy-test-secret-0123456789abcdef"
BALANCER_IMAGE = "vox-base/haproxy:3.0"
SEATS = 4
UP_WITHIN_S = 240.0
SETUP = """
mkdir -p /opt/vox /etc/vox/tls /var/lib/vox/outbox /var/lib/vox/run /var/lib/vox/deploy /var/lib/vox/metrics
chown -R 10002:10002 /opt/vox /var/lib/vox/deploy /var/lib/vox/metrics /var/lib/vox
chown 10001:10001 /var/lib/vox/outbox /var/lib/vox/run
chmod 750 /var/lib/vox/run
"""


def release(number: int) -> str:
    return f"2026.02.05-{number}"


@dataclass
class Town:
    """The running installation. `results`: session ids that arrived at the control plane."""

    folder: Path
    lab: Lab
    images: int
    registry_url: str
    results: list[str]
    inventory_file: Path
    made: set[str] = field(default_factory=set[str])

    @property
    def inventory(self) -> Inventory:
        return load_inventory(self.inventory_file)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOX", "REGISTRY"))}
        return kept | {
            "VOXCORE_SECRET": SECRET,
            "VOX_REGISTRY_PLAIN": "1",
            "VOX_ACTOR": "tests",
            "VOX_DATA_DIR": str(self.folder / "data"),
        }

    def build(self, number: int, fault: str = "") -> str:
        """A release of its own: an image with this tag in the registry, broken in a way if asked."""
        tag = release(number)
        if tag in self.made:
            return tag
        name = f"127.0.0.1:{self.images}/vox/voxcore:{tag}"
        context = self.folder / f"image-{number}"
        context.mkdir()
        (context / "Dockerfile").write_text(
            f'FROM voxtest-seat:base\nENV VOX_IMAGE_TAG={tag} FAULT="{fault}"\n'
            f"LABEL org.opencontainers.image.version={tag} org.opencontainers.image.revision={number:040x}\n"
        )
        docker("build", "--quiet", "--tag", name, str(context))
        docker("push", "--quiet", name, timeout_s=300)
        docker("rmi", name)
        self.made.add(tag)
        return tag

    def vox(self, *words: str, timeout_s: float = 400) -> Ran:
        """A `vox` command of the operator's machine, to its end."""
        return self.begin(*words).end(timeout_s)

    def begin(self, *words: str) -> Running:
        argv = [str(Path(sys.executable).parent / "vox"), *words, "--inventory", str(self.inventory_file), "--json"]
        process = subprocess.Popen(
            argv, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return Running(process)

    def registry(self) -> RegistryClient:
        return RegistryClient(self.registry_url, SECRET, client="test")

    async def tags(self) -> dict[str, str]:
        """Seat -> tag, of every seat that the registry knows and has not lost."""
        registry = self.registry()
        try:
            return {seat.worker_id: seat.image_tag for seat in await registry.seats() if seat.state != "lost"}
        finally:
            await registry.aclose()

    async def at_rest(self, tag: str) -> list[str]:
        """What is not as after a finished deploy of this tag; empty: every seat runs it and takes calls."""
        registry = self.registry()
        try:
            seats = {seat.worker_id: seat for seat in await registry.seats() if seat.state != "lost"}
            drains = await registry.drains()
        finally:
            await registry.aclose()
        wanted = {f"{host}-{n}" for host in self.lab for n in range(1, SEATS + 1)}
        found = [f"a drain of {drain.selector} is left" for drain in drains]
        found += [f"{id} does not run" for id in wanted - set(seats)] + [
            f"{id} runs still" for id in set(seats) - wanted
        ]
        found += [f"{seat.worker_id} runs {seat.image_tag}" for seat in seats.values() if seat.image_tag != tag]
        found += [f"{seat.worker_id} drains" for seat in seats.values() if seat.draining]
        for host in self.lab:
            answer = self.lab[host].sh(
                "printf 'show servers state calls\\n' | python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX);"
                's.connect("/var/lib/vox/run/admin.sock"); s.sendall(sys.stdin.buffer.read());'
                'print(b"".join(iter(lambda: s.recv(65536), b"")).decode())\''
            )
            rows = [line.split() for line in answer.splitlines() if line[:1].isdigit()]
            found += [f"{row[3]} is closed" for row in rows if len(row) > 6 and row[3] in wanted and int(row[6])]
        return found


@dataclass
class Ran:
    """A command that has ended, with its JSON lines."""

    code: int
    events: list[dict[str, Any]]
    text: str

    def all(self, event: str) -> list[dict[str, Any]]:
        return [each for each in self.events if each.get("event") == event]


@dataclass
class Running:
    """A command that runs."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def until(self, event: str, **facts: str) -> dict[str, Any]:
        """Read on until this event. Raises AssertionError when the command ends before."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            with suppress(ValueError):
                seen = json.loads(line)
                if seen.get("event") == event and all(seen.get(key) == value for key, value in facts.items()):
                    return seen
        raise AssertionError(f"it ended without {event}: {''.join(self.lines[-8:])}")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self, timeout_s: float = 400) -> Ran:
        try:
            rest, _ = self.process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate()
            raise AssertionError(f"no end within {timeout_s} s: {''.join(self.lines)}{rest[-3000:]}") from None
        lines = [*self.lines, *rest.splitlines()]
        events: list[dict[str, Any]] = []
        for line in lines:
            with suppress(ValueError):
                events.append(json.loads(line))
        return Ran(self.process.returncode, events, "".join(self.lines) + rest)


@contextmanager
def _registry_of_images(folder: Path) -> Iterator[int]:
    port = free_port()
    config = folder / "images.yml"
    config.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "error"},
                "storage": {"filesystem": {"rootdirectory": str(folder / "images")}, "delete": {"enabled": True}},
                "http": {"addr": f"0.0.0.0:{port}"},
            }
        )
    )
    with (folder / "images.log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
    try:
        _answers(f"http://127.0.0.1:{port}/v2/")
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def capacity_registry(folder: Path, redis_url: str) -> Iterator[int]:
    """Its port. It knows nothing of hosts that others had in the same store: their names come again."""
    with Redis.from_url(redis_url) as store:
        store.flushdb()
    port = free_port()
    told = {"REGISTRY_REDIS_URL": redis_url, "PORT": str(port), "WEB_PROCESSES": "1", "VOXCORE_SECRET": SECRET}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOX")}
    with (folder / "voxregistry.log").open("wb") as log:
        program = str(Path(sys.executable).parent / "voxregistry")
        process = subprocess.Popen([program], env=kept | told, stdout=log, stderr=log)
    try:
        _answers(f"http://127.0.0.1:{port}/health")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, within_s: float = 40) -> None:
    deadline = time.monotonic() + within_s
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False, timeout=2).status_code == 200:
                return
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.1)


def seat_image(folder: Path) -> None:
    context = folder / "seat"
    context.mkdir()
    (context / "seats.py").write_text((HERE.parent / "ingress" / "seats.py").read_text())
    (context / "seat.py").write_text((HERE / "seat.py").read_text())
    (context / "Dockerfile").write_text(
        "FROM vox/voxcore:dev\nCOPY seats.py seat.py /seat/\n"
        "ENV EVENTS=/tmp/events OUTBOX_MIN_FREE_MB=1 PYTHONPATH=/seat\n"
        'ENTRYPOINT ["python", "/seat/seat.py"]\n'
    )
    docker("build", "--quiet", "--tag", "voxtest-seat:base", str(context))


@contextmanager
def town(folder: Path, redis_url: str, *, rolling: Mapping[str, Any] | None = None) -> Iterator[Town]:
    """The installation on release 1, every seat free, for as long as the block lasts."""
    results: list[str] = []
    (folder / "lab").mkdir()
    with ExitStack() as stack:
        machines = stack.enter_context(lab(folder / "lab"))
        images = stack.enter_context(_registry_of_images(folder))
        registry = stack.enter_context(capacity_registry(folder, redis_url))
        bridge = free_port()
        gateway = machines.gateway
        stack.enter_context(running_bridge(gateway, bridge, results))
        seat_image(folder)
        daemon = json.dumps({"live-restore": True, "insecure-registries": [f"{gateway}:{images}"]})
        for host in ("fleet1", "fleet2"):
            machines.add(host, setup=SETUP, daemon=daemon)
        hosts = {
            name: {
                "roles": ["fleet"],
                "seats": SEATS,
                "surge": 1,
                "seats_max": SEATS + 2,
                "trusted_nets": ["0.0.0.0/0"],
            }
            | {"public_url": f"https://{machines[name].address}"}
            for name in machines
        }
        env = {
            "VOXBRIDGE_CONFIG_URL": f"http://{gateway}:{bridge}/api/v1/config",
            "REGISTRY_URL": f"http://{gateway}:{registry}",
            "LIVEKIT_URL": "ws://127.0.0.1:9",
            "LOG_LEVEL": "WARNING",
            "OUTBOX_MIN_FREE_MB": "1",
        }
        file = machines.inventory(
            folder / "deploy.yml",
            hosts,
            registry=f"{gateway}:{images}",
            image=f"{gateway}:{images}/vox/voxcore:{release(1)}",
            rolling={"batch": 1, "health_timeout": 90, "watch": 2} | dict(rolling or {}),
            services={"voxcore": {"env": env}},
        )
        made = Town(folder, machines, images, f"http://127.0.0.1:{registry}", results, file)
        made.build(1)
        for host in machines:
            _install(made, host)
        _wait_for_seats(made)
        yield made


def _install(made: Town, host: str) -> None:
    """What an operator does once: files, certificate and secret of a host, then everything up."""
    machine = made.lab[host]
    machine.load(BALANCER_IMAGE)
    for name, text in render_host(made.inventory, host).items():
        machine.enter("tee", f"/opt/vox/{name}", stdin=text.encode())
    pem = made.folder / f"{host}.pem"
    certificate(pem)
    machine.enter("tee", "/etc/vox/tls/fleet.pem", stdin=pem.read_bytes())
    machine.enter("tee", "/etc/vox/secrets.env", stdin=f"VOXCORE_SECRET={SECRET}\n".encode())
    machine.sh(
        "chown -R 10002:10002 /opt/vox; chown 10001:10001 /etc/vox/tls/fleet.pem; chmod 600 /etc/vox/tls/fleet.pem; "
        "chown root:10001 /etc/vox/secrets.env; chmod 640 /etc/vox/secrets.env; "
        f"su vox -c 'docker compose --project-directory /opt/vox --env-file /opt/vox/{SEATS_ENV} "
        "--env-file /etc/vox/secrets.env up --detach --quiet-pull'"
    )


def _wait_for_seats(made: Town) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        left = asyncio.run(made.at_rest(release(1)))
        if not left:
            return
        if time.monotonic() > deadline:
            said = made.lab["fleet1"].docker("ps", "--all")
            logs = made.lab["fleet1"].sh("docker logs --tail 20 vox-fleet1-seat-01-1 2>&1 || true")
            raise AssertionError(f"{left}\n{said}\n{logs}")
        time.sleep(1)


def insecure() -> ssl.SSLContext:
    """For certificates that sign themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def names(seats: Sequence[str]) -> str:
    return ", ".join(sorted(seats))
