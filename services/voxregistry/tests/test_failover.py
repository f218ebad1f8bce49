"""A primary that is replaced: 503 for some seconds, then grants again, and no call on two seats (section 20, T10)."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import redis
from voxctl.children import free_port, spawn
from voxctl.embedded import ValkeyServer
from voxctl.embedded.valkey import valkey_binary
from voxkit.errors import VoxError
from voxkit.registry import RegistryClient

from .fakefleet import fleet
from .running import SECRET, running
from .test_faults import sound, until

pytestmark = [pytest.mark.faults]


class Replicated:
    """A primary, a replica, three sentinels."""

    def __init__(self, folder: Path) -> None:
        self.primary = ValkeyServer(free_port(), folder / "primary")
        self.replica = ValkeyServer(free_port(), folder / "replica")
        self.sentinels: list[subprocess.Popen[bytes]] = []
        self.ports: list[int] = []
        self._folder = folder

    def start(self) -> None:
        for server in (self.primary, self.replica):
            server.start()
            server.wait_ready(60)
        redis.Redis(port=self.replica.port).replicaof("127.0.0.1", str(self.primary.port))
        for n in range(3):
            port = free_port()
            file = self._folder / f"sentinel-{n}.conf"
            file.write_text(
                f"port {port}\nbind 127.0.0.1\ndir {self._folder}\n"
                f"sentinel monitor vox 127.0.0.1 {self.primary.port} 2\n"
                "sentinel down-after-milliseconds vox 1500\nsentinel failover-timeout vox 5000\n"
            )
            argv = [str(valkey_binary()), str(file), "--sentinel"]
            self.sentinels.append(spawn(argv, log_path=self._folder / f"sentinel-{n}.log"))
            self.ports.append(port)

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in self.ports)}/vox/0"

    def stop(self) -> None:
        for sentinel in self.sentinels:
            sentinel.send_signal(signal.SIGKILL)
            sentinel.wait()
        self.primary.stop()
        self.replica.stop()


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[Replicated]:
    stores = Replicated(tmp_path)
    try:
        stores.start()
        yield stores
    finally:
        stores.stop()


@pytest.mark.timeout(180)
async def test_t10_a_failover_under_load_loses_no_call_and_doubles_none(replicated: Replicated, tmp_path: Path) -> None:
    draw = random.Random(20)
    with running(replicated.url, tmp_path, HEARTBEAT_TTL_MS="9000", REBUILD_MS="1500") as api:
        async with fleet(api.url, 12, draw) as (workers, http):
            registry = RegistryClient(api.url, SECRET, client="main", http=http)
            await until(api, free=12, seconds=60)
            stop = asyncio.Event()
            started: list[tuple[float, str]] = []

            async def holder(number: int) -> None:
                n = 0
                while not stop.is_set():
                    n += 1
                    with suppress(VoxError):
                        async with registry.slot(hold=5, wait=1) as slot:
                            reply = await slot.start("/start", json={"name": f"{number}-{n}"})
                        started.append((time.monotonic(), reply.grant.reservation_id))
                        await asyncio.sleep(0.2 + draw.random())
                        workers[reply.grant.worker_id].hang_up()
                    await asyncio.sleep(0.05)

            holders = [asyncio.create_task(holder(number)) for number in range(6)]
            await asyncio.sleep(3)
            killed = time.monotonic()
            replicated.primary.kill()
            async with asyncio.timeout(60):
                while not any(at > killed + 2 for at, _ in started):
                    await asyncio.sleep(0.1)
            away_s = min(at for at, _ in started if at > killed + 2) - killed
            await asyncio.sleep(3)
            stop.set()
            await asyncio.gather(*holders)
            for worker in workers.values():
                if worker.call:
                    worker.hang_up()
            await until(api, seconds=60, free=12, lost=0)
            await sound(api)
            text = httpx.get(f"{api.url}/metrics", trust_env=False).text
            await registry.aclose()
    print(f"away for {away_s:.1f} s, {len(started)} calls")
    starts = [rid for worker in workers.values() for rid, _ in worker.carried]
    assert len(starts) == len(set(starts))
    assert "voxregistry_double_start_total 0.0" in text
    assert away_s < 20
