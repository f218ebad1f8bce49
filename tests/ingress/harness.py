"""What balancer tests stand on: a real HAProxy, a fleet of seats behind it, and callers."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
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
    Seat,
    render_balancer,
)
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port
from voxkit.fence import Fence, make_fence
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

HERE = Path(__file__).parent
SECRET = "ingress-test-secret"
READY_WITHIN_S = 60
FRAME = bytes(range(160)) * 2
"""20 ms of telephone audio, 320 bytes."""


@cache
def _client_of(loop: asyncio.AbstractEventLoop) -> httpx.AsyncClient:
    """Keeps no connection, so that a loop that ends leaves nothing behind."""
    return httpx.AsyncClient(
        trust_env=False, timeout=30, limits=httpx.Limits(max_connections=200, max_keepalive_connections=0)
    )


def free_block(count: int) -> int:
    """The first of `count` ports in a row that are free right now, below those that the system hands out itself."""
    for first in random.sample(range(20_000, 30_000, count), 100):
        with suppress(OSError), ExitStack() as probes:
            for port in range(first, first + count):
                probe = probes.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            return first
    raise RuntimeError(f"no {count} free ports in a row")


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
class Seats:
    """Running workers. `events` is what they wrote down about their calls."""

    ids: list[str]
    first_port: int
    events: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def _client(self) -> httpx.AsyncClient:
        """One client an event loop: each test has a loop of its own."""
        return _client_of(asyncio.get_running_loop())

    def url(self, seat: str) -> str:
        return f"http://127.0.0.1:{self.first_port + self.ids.index(seat)}"

    @property
    def behind(self) -> list[Seat]:
        return [Seat(seat, self.url(seat).removeprefix("http://")) for seat in self.ids]

    async def health(self, seat: str) -> dict[str, Any]:
        return (await self._client.get(f"{self.url(seat)}/health")).json()

    async def fence(self, seat: str, *, reservation: str = "r-ingress1", seconds: float = 30) -> str:
        """A grant of this seat as it is now, as the registry would sign it."""
        epoch = (await self.health(seat))["epoch"]
        return make_fence(Fence(seat, epoch, reservation, int((time.time() + seconds) * 1000)), SECRET)

    async def end_rooms(self, *seats: str) -> None:
        """End calls that began by POST, lift drains, and wait until these seats (all without a name) are idle."""
        for seat in seats or self.ids:
            async with asyncio.timeout(READY_WITHIN_S):
                while (health := await self.health(seat))["state"] != "idle":
                    if health["draining"]:
                        await self._client.post(f"{self.url(seat)}/undrain", headers={"X-VoxCore-Secret": SECRET})
                    if health["worker_calls"]:
                        os.kill(health["worker_pid"], signal.SIGUSR1)
                    await asyncio.sleep(0.02)

    async def until_idle(self, *seats: str) -> None:
        """Wait until these seats (all without a name) can take a call."""
        async with asyncio.timeout(READY_WITHIN_S):
            for seat in seats or self.ids:
                while True:
                    with suppress(httpx.TransportError, ValueError):
                        if (await self.health(seat))["state"] == "idle":
                            break
                    await asyncio.sleep(0.02)

    async def idle(self) -> list[str]:
        """Seats that could take a call at this moment."""
        states = await asyncio.gather(*(self.health(seat) for seat in self.ids))
        return [each["worker_id"] for each in states if each["state"] == "idle"]

    def noted(self) -> list[dict[str, Any]]:
        """Begins and ends of calls, in order."""
        return [json.loads(line) for line in self.events.read_text().splitlines()] if self.events.exists() else []

    def doubled(self) -> list[str]:
        """Seats that ever had two calls at once."""
        live: Counter[str] = Counter()
        found: list[str] = []
        for event in self.noted():
            live[event["seat"]] += 1 if event["what"] == "begin" else -1
            if live[event["seat"]] > 1:
                found.append(event["seat"])
        return found


def _environment(folder: Path, bridge_port: int, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("VOX")}
    return (
        kept
        | {
            "VOXCORE_HOST": "127.0.0.1",
            "VOXBRIDGE_CONFIG_URL": f"http://127.0.0.1:{bridge_port}/api/v1/config",
            "VOXCORE_SECRET": SECRET,
            "OUTBOX_DIR": str(folder / "outbox"),
            "OUTBOX_MIN_FREE_MB": "1",
            "LIVEKIT_URL": "ws://127.0.0.1:9",
            "REGISTRY_URL": "",
            "EVENTS": str(folder / "events"),
            "LOG_LEVEL": "WARNING",
        }
        | more
    )


@contextmanager
def running_seats(host: str, count: int, folder: Path, bridge_port: int, *, forked: bool = True) -> Iterator[Seats]:
    """`count` workers of one host: forked from one parent, which starts a dead one again, or each by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    first = free_block(count)
    seats = Seats([f"{host}-{n}" for n in range(1, count + 1)], first, folder / "events")
    siblings = ",".join(seats.url(seat) for seat in seats.ids)
    common = {"VOXCORE_HOST_ID": host, "VOXCORE_WORKERS": str(count), "VOXCORE_SIBLINGS": siblings}
    each = [{"SEATS": str(count)}] if forked else [{} for _ in seats.ids]
    with (folder / "seats.log").open("wb") as log:
        for index, more in enumerate(each):
            own = {"VOXCORE_PORT": str(first + index), "VOXCORE_WORKER_ID": seats.ids[index]}
            seats.processes.append(
                subprocess.Popen(
                    [sys.executable, str(HERE / "seats.py")],
                    env=_environment(folder, bridge_port, **common, **own, **more),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
    try:
        yield seats
    finally:
        for process in seats.processes:
            process.send_signal(signal.SIGINT)
        for process in seats.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


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
        began = time.monotonic()
        try:
            link = await connect(
                self.url.replace("http", "ws") + path,
                additional_headers=headers,
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=30,
            )
        except InvalidStatus as refused:
            answer = refused.response
            took = time.monotonic() - began
            return Start(
                answer.status_code,
                _json_of(bytes(answer.body or b"")),
                took,
                retry_after=answer.headers.get("Retry-After"),
            )
        return Start(101, {}, time.monotonic() - began, link)

    async def post(
        self,
        path: str = "/attach",
        *,
        room: str = "room",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Start:
        """One start by POST; its call lasts until the seats are told to release their rooms."""
        body = {"room_name": f"{room}-{os.urandom(4).hex()}", "bot_id": "demo", "to_number": "+12025550101"} | more
        began = time.monotonic()
        answer = await _client_of(asyncio.get_running_loop()).post(
            f"{self.url}{path}", json=body, headers={"X-VoxCore-Secret": SECRET, **(headers or {})}
        )
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
