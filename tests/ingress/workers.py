"""Workers of balancer tests: real processes, what they wrote down about their calls, and grants of their seats."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from voxctl.balancer.render import Seat
from voxkit.fence import Fence, make_fence

HERE = Path(__file__).parent
SECRET = "ingress-test-secret"
READY_WITHIN_S = 60


@cache
def client_of(loop: asyncio.AbstractEventLoop) -> httpx.AsyncClient:
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
class Seats:
    """Running workers. `events` is what they wrote down about their calls."""

    ids: list[str]
    first_port: int
    events: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def _client(self) -> httpx.AsyncClient:
        """One client an event loop: each test has a loop of its own."""
        return client_of(asyncio.get_running_loop())

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
        async with asyncio.timeout(READY_WITHIN_S):
            await asyncio.gather(*(self._end_room(seat) for seat in seats or self.ids))

    async def _end_room(self, seat: str) -> None:
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
