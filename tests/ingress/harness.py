"""What balancer tests stand on: a real HAProxy, a fleet of seats behind it, and callers."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from voxctl.balancer.program import check_file
from voxctl.balancer.render import (
    BrandServers,
    FleetBalancer,
    FleetServer,
    IngressBalancer,
    render_balancer,
)
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from .workers import READY_WITHIN_S, SECRET, Seats, client_of

FRAME = bytes(range(160)) * 2
"""20 ms of telephone audio, 320 bytes."""


@dataclass
class Start:
    """What came of one start. `seat` is known for starts that were taken."""

    status: int
    body: dict[str, Any]
    took_s: float
    link: ClientConnection | None = None
    retry_after: str | None = None

    @property
    def taken(self) -> bool:
        return self.status in (101, 200)

    @property
    def error(self) -> str:
        return str(self.body.get("error", ""))


@dataclass
class RunningBalancer(Balancer):
    """A HAProxy of this test: `url` is its public side, `private` the other one."""

    run_dir: Path
    master: subprocess.Popen[bytes]
    config: Path
    url: str
    private: str

    @property
    def log(self) -> str:
        return (self.run_dir / "haproxy.log").read_text()

    def pids(self) -> list[int]:
        """Every process of it."""
        with suppress(psutil.NoSuchProcess):
            return sorted(child.pid for child in psutil.Process(self.master.pid).children(recursive=True))
        return []

    async def ws(self, path: str, *, headers: dict[str, str] | None = None) -> Start:
        """One start by WebSocket; the call lives as long as `link`."""
        return await start_by_socket(self.url + path, headers)

    async def post(
        self, path: str = "/attach", *, room: str = "room", headers: dict[str, str] | None = None, **more: Any
    ) -> Start:
        """One start by POST; its call lasts until the seats are told to release their rooms."""
        client = client_of(asyncio.get_running_loop())
        return await start_by_post(client, self.url + path, room, headers, **more)


async def start_by_socket(url: str, headers: dict[str, str] | None = None, tls: ssl.SSLContext | None = None) -> Start:
    """`url` begins with http or https; with the latter `tls` says whose certificates are believed."""
    began = time.monotonic()
    try:
        link = await connect(
            url.replace("http", "ws", 1),
            additional_headers=headers,
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=30,
            ssl=tls,
        )
    except InvalidStatus as refused:
        answer = refused.response
        took = time.monotonic() - began
        body = _json_of(bytes(answer.body or b""))
        return Start(answer.status_code, body, took, retry_after=answer.headers.get("Retry-After"))
    return Start(101, {}, time.monotonic() - began, link)


async def start_by_post(
    client: httpx.AsyncClient, url: str, room: str = "room", headers: dict[str, str] | None = None, **more: Any
) -> Start:
    body = {"room_name": f"{room}-{os.urandom(4).hex()}", "bot_id": "demo", "to_number": "+12025550101"} | more
    began = time.monotonic()
    answer = await client.post(url, json=body, headers={"X-VoxCore-Secret": SECRET, **(headers or {})})
    took = time.monotonic() - began
    return Start(answer.status_code, _json_of(answer.content), took, retry_after=answer.headers.get("Retry-After"))


def _json_of(body: bytes) -> dict[str, Any]:
    """A refusal's body must be JSON, or the caller cannot read why."""
    try:
        found = json.loads(body)
    except ValueError:
        return {"error": f"NOT JSON: {body[:200]!r}"}
    return found if isinstance(found, dict) else {"error": f"NOT AN OBJECT: {body[:200]!r}"}


@contextmanager
def running_balancer(
    haproxy: list[str], balancer: FleetBalancer | IngressBalancer, config: Path | None = None
) -> Iterator[RunningBalancer]:
    """Render, check and run a HAProxy. Its folder is short: paths of Unix sockets must be."""
    folder = balancer.run_dir
    config = config or folder / "haproxy.cfg"
    config.write_text(render_balancer(balancer))
    check_file(haproxy, config)
    with (folder / "haproxy.log").open("wb") as log:
        master = subprocess.Popen(
            [*haproxy, "-W", "-S", f"{folder}/master.sock,mode,600", "-f", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = RunningBalancer(
        folder, master, config, f"http://{balancer.public_binds[0]}", f"http://{balancer.private_bind}"
    )
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while not running.running:
            assert master.poll() is None, running.log[-2000:]
            assert time.monotonic() < deadline, running.log[-2000:]
            time.sleep(0.02)
        yield running
    finally:
        left = running.pids()
        master.terminate()
        master.wait(15)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short path, for Unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix="vox-lb-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fleet_of(seats: Seats, folder: Path, **more: Any) -> FleetBalancer:
    """The balancer of these seats, trusting loopback."""
    given = {
        "host": seats.ids[0].rpartition("-")[0],
        "seats": seats.behind,
        "running": len(seats.ids),
        "public_binds": [f"127.0.0.1:{free_port()}"],
        "private_bind": f"127.0.0.1:{free_port()}",
        "run_dir": folder,
        "trusted_nets": ["127.0.0.0/8"],
    }
    return FleetBalancer(**(given | more))


async def until_up(balancer: Balancer, backend: str, *servers: str) -> None:
    """Wait until the balancer's own checks have found these servers alive."""
    async with asyncio.timeout(READY_WITHIN_S):
        while True:
            if all(balancer.proven(backend, name) for name in servers):
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def hung_up(*starts: Start) -> AsyncIterator[None]:
    """Close the sockets of these starts afterwards."""
    try:
        yield
    finally:
        await asyncio.gather(*(start.link.close() for start in starts if start.link))


def ingress_of(folder: Path, *fleets: tuple[str, RunningBalancer, int], **more: Any) -> IngressBalancer:
    """An ingress with one brand, reached as 127.0.0.1, before these fleet hosts: (id, balancer, seats)."""
    servers = [FleetServer(name, lb.url.removeprefix("http://"), seats) for name, lb, seats in fleets]
    given = {
        "brands": [BrandServers("main", ["127.0.0.1"], servers)],
        "public_binds": [f"127.0.0.1:{free_port()}"],
        "private_bind": f"127.0.0.1:{free_port()}",
        "run_dir": folder,
        "trusted_nets": ["127.0.0.0/8"],
    }
    return IngressBalancer(**(given | more))


@dataclass
class TalkingCall:
    """A live call that sends a frame each 20 ms and counts what comes back."""

    start: Start
    sent: int = 0
    heard: int = 0
    broken: str = ""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> TalkingCall:
        assert self.start.link, f"the call was not taken: {self.start.status} {self.start.body}"
        self._tasks = [
            asyncio.create_task(self._talk(self.start.link)),
            asyncio.create_task(self._hear(self.start.link)),
        ]
        return self

    async def _talk(self, link: ClientConnection) -> None:
        try:
            while True:
                await link.send(FRAME)
                self.sent += 1
                await asyncio.sleep(0.02)
        except ConnectionClosed as closed:
            self.broken = str(closed)

    async def _hear(self, link: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for frame in link:
                assert frame == FRAME
                self.heard += 1

    async def hang_up(self) -> None:
        """Stop talking, hear the last echo, close."""
        assert self.start.link
        self._tasks[0].cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                while self.heard < self.sent and not self.broken:
                    await asyncio.sleep(0.01)
        await self.start.link.close()
        await self._tasks[1]
