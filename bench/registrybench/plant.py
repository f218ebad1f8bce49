"""The registry on a store of its own, what its processes cost, and workers that keep on saying the same."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxctl.children import free_port, last_lines, spawn
from voxctl.embedded import ValkeyServer

from registrybench.wire import Wire

SECRET = "bench-service-secret-0123456789"  # noqa: S105  (of a store that lives as long as the bench)
HOST_SEATS = 16
EPOCH = 1_769_850_000_123
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds of processor time of a process and the children it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass
class Plant:
    """A running registry."""

    valkey: ValkeyServer
    process: subprocess.Popen[bytes]
    port: int
    seqs: dict[int, int] = field(default_factory=dict)
    phases: dict[int, dict[str, Any]] = field(default_factory=dict)

    def cpu(self) -> dict[str, float]:
        """Seconds used so far: store, API processes, this one."""
        api = [self.process.pid, *children_of(self.process.pid)]
        return {
            "store": cpu_s(self.valkey.pid or 0),
            "api": sum(map(cpu_s, api)),
            "bench": cpu_s(os.getpid()),
        }

    def beat(self, seat: int, **said: Any) -> dict[str, Any]:
        """The next heartbeat of a seat; `said` is true from now on."""
        self.seqs[seat] = self.seqs.get(seat, 0) + 1
        self.phases[seat] = {**self.phases.get(seat, {}), **said}
        host = seat // HOST_SEATS
        return {
            "worker_id": f"h{host}-{seat}", "instance_id": "one", "seq": self.seqs[seat], "host_id": f"h{host}",
            "lb_url": f"http://h{host}:8088", "direct_url": f"http://h{host}:8088/seats/{seat}",
            "image_tag": "2026.01.31-1", "version": "0.1.0", "phase": "idle", "epoch": EPOCH, "protocols": ["ws"],
            **self.phases[seat],
        }  # fmt: skip

    async def beats(self, wire: Wire, seats: range) -> None:
        """One heartbeat of each, sixteen in a request."""
        for first in range(seats.start, seats.stop, HOST_SEATS):
            host = range(first, min(first + HOST_SEATS, seats.stop))
            body = json.dumps({"workers": [self.beat(seat) for seat in host]}).encode()
            status, answer = await wire.ask("PUT", "/v1/workers", body)
            if status != 200:
                raise RuntimeError(f"heartbeats: {status} {answer.decode()}")

    @asynccontextmanager
    async def beating(self, seats: range, every_s: float = 3.0) -> AsyncIterator[None]:
        """Every seat says every 3 s what it said last; the requests are spread over the time."""
        stop = False

        async def run() -> None:
            wire = await Wire.open(self.port, SECRET)
            while not stop:
                started = time.perf_counter()
                for first in range(seats.start, seats.stop, HOST_SEATS):
                    await self.beats(wire, range(first, min(first + HOST_SEATS, seats.stop)))
                    share = (first + HOST_SEATS - seats.start) / len(seats)
                    await asyncio.sleep(max(0.0, share * every_s - (time.perf_counter() - started)))
            wire.close()

        task = asyncio.create_task(run())
        try:
            yield
        finally:
            stop = True
            await task


@asynccontextmanager
async def running(folder: Path, *, processes: int, seats: int, rebuild_ms: int = 0) -> AsyncIterator[Plant]:
    """Valkey and voxregistry with this many idle seats; both are gone afterwards."""
    valkey = ValkeyServer(free_port(), folder / "valkey")
    valkey.start()
    port = free_port()
    environment = {
        **os.environ,
        "REGISTRY_REDIS_URL": valkey.uri,
        "VOXCORE_SECRET": SECRET,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_PROCESSES": str(processes),
        "REBUILD_MS": str(rebuild_ms),
        "NOTIFY_WORKERS": "false",
        "LOG_LEVEL": "WARNING",
    }
    process = None
    try:
        valkey.wait_ready(30)
        process = spawn(
            [sys.executable, "-m", "voxregistry.main"], log_path=folder / "voxregistry.log", env=environment, cwd=folder
        )
        plant = Plant(valkey, process, port)
        wire = await _ready(plant, folder / "voxregistry.log")
        await plant.beats(wire, range(seats))
        while True:
            _, view = await wire.json("GET", "/v1/fleet")
            if view["status"] == "ok":
                break
            await asyncio.sleep(0.05)
        wire.close()
        yield plant
    finally:
        if process:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        valkey.stop()


async def _ready(plant: Plant, log: Path) -> Wire:
    until = time.monotonic() + 30
    while time.monotonic() < until and plant.process.poll() is None:
        try:
            wire = await Wire.open(plant.port, SECRET)
            if (await wire.ask("GET", "/ready"))[0] == 200:
                return wire
            wire.close()
        except ConnectionError:
            pass
        await asyncio.sleep(0.05)
    raise RuntimeError(f"voxregistry did not start: {last_lines(log, 5)}")
