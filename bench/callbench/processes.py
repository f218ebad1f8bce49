"""The processes under measurement: workers of their own or forked seats, and the fakes beside them."""

from __future__ import annotations

import asyncio
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from voxctl.children import free_port, last_lines, leash, spawn

BIN = Path(sys.executable).parent
SECRET = "bench-service-secret-0123456789"  # noqa: S105  (of services that live as long as the bench)
READY_WITHIN_S = 120.0
LEAVE_WITHIN_S = 20.0


class BenchError(Exception):
    """The bench cannot go on: the text names the cause and the way out."""


@dataclass(frozen=True)
class Memory:
    """Of one process, megabytes. `private`: its clean and dirty pages that nobody shares."""

    private: float
    rss: float


def memory_of(pid: int) -> Memory:
    """Raises OSError where the kernel has no smaps_rollup, or the process is gone."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if rest.strip().endswith("kB"):
            found[name] = int(rest.split()[0])
    private_kb = found["Private_Clean"] + found["Private_Dirty"]
    return Memory(round(private_kb / 1024, 1), round(found["Rss"] / 1024, 1))


def cpu_s(pid: int) -> float:
    """CPU seconds of one process so far, user and system."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def keep_niceness(pid: int) -> None:
    """Give our niceness to the scheduling group of a child as well.

    Linux groups processes by session, and a child in a session of its own starts with a group at 0 whatever its own
    niceness is. Without the right, or without such groups, nothing happens.
    """
    if os.nice(0):
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(os.nice(0)))


@contextmanager
def own_niceness() -> Iterator[None]:
    """The same for our own group, which may be that of a whole terminal: given back afterwards."""
    group = Path("/proc/self/autogroup")
    # Empty where the kernel was built or started without such groups.
    before = (group.read_text().split() or ["0"])[-1] if group.is_file() else "0"
    keep_niceness(os.getpid())
    try:
        yield
    finally:
        if os.nice(0):
            with suppress(OSError):
                group.write_text(before)


@dataclass
class Fakes:
    """The child process of `fakes.py`."""

    process: subprocess.Popen[bytes]
    url: str

    async def _get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as http, http.get(self.url + path, raise_for_status=True) as answer:
            return await answer.json()

    async def bot(
        self,
        bot_id: str,
        *,
        delays_ms: dict[str, int] | None = None,
        config: dict[str, Any] | None = None,
        answers: Iterable[str] = (),
        heard: str | None = None,
        provider: str | None = None,
    ) -> str:
        """Make a bot. `provider` names a real server's `/v1` instead of the fakes."""
        body = {"delays_ms": delays_ms or {}, "config": config or {}, "answers": list(answers), "provider": provider}
        if heard is not None:
            body["heard"] = heard
        put = f"{self.url}/bots/{bot_id}"
        async with aiohttp.ClientSession() as http, http.put(put, json=body, raise_for_status=True):
            return bot_id

    async def marks(self, stream_id: str) -> list[dict[str, Any]]:
        """What was noted of a call's requests, in the order of their arrival."""
        return list(await self._get(f"/marks/{stream_id}"))

    async def result(self, stream_id: str, within_s: float = 30) -> dict[str, Any]:
        """The delivered result of a call. Raises BenchError when none comes in time."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if result := await self._get(f"/results/{stream_id}"):
                return dict(result)
            await asyncio.sleep(0.05)
        raise BenchError(f"the result of {stream_id} was not delivered within {within_s:g} s")


@contextmanager
def running_fakes(clips: Path) -> Iterator[Fakes]:
    """Start the fakes; they end with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "callbench.fakes", "--clips", str(clips)],
        cwd=Path(__file__).resolve().parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=leash(),
    )
    keep_niceness(process.pid)
    try:
        assert process.stdout
        line = process.stdout.readline().strip()
        if not line.isdigit():
            raise BenchError("the fake providers did not start; their message stands above")
        yield Fakes(process, f"http://127.0.0.1:{int(line)}")
    finally:
        process.kill()
        process.wait()


@dataclass
class Histogram:
    """`upto`: edge in seconds -> how many values were not larger; `total`: their sum."""

    total: float = 0.0
    upto: dict[float, float] = field(default_factory=dict)

    @property
    def count(self) -> float:
        return self.upto.get(math.inf, 0.0)

    def add(self, other: Histogram) -> None:
        self.total += other.total
        for edge, value in other.upto.items():
            self.upto[edge] = self.upto.get(edge, 0.0) + value

    def share_upto(self, edge: float) -> float:
        """Percent of the values that were not larger than one of the edges."""
        return 100 * self.upto[edge] / self.count if self.count else 0.0


@dataclass
class Worker:
    """One call worker: a process with a port."""

    pid: int
    url: str
    log: Path

    async def health(self, path: str = "/health") -> dict[str, Any]:
        async with aiohttp.ClientSession() as http, http.get(self.url + path) as answer:
            return dict(await answer.json())

    async def until_idle(self, within_s: float = 60) -> float:
        """When the slot was seen free, on the monotonic clock; looked at every 10 ms."""
        deadline = time.monotonic() + within_s
        async with aiohttp.ClientSession() as http:
            while time.monotonic() < deadline:
                async with http.get(f"{self.url}/health") as answer:
                    if (await answer.json())["state"] == "idle":
                        return time.monotonic()
                await asyncio.sleep(0.01)
        raise BenchError(f"{self.url} was not idle again within {within_s:g} s; its log: {self.log}")

    async def histogram(self, name: str, **labels: str) -> Histogram:
        """One histogram of `/metrics`; its name without `voxcore_`."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/metrics") as answer:
            page = await answer.text()
        found = Histogram()
        for line in page.splitlines():
            if not all(f'{key}="{value}"' in line for key, value in labels.items()):
                continue
            value = line.rsplit(" ", 1)[-1]
            if line.startswith(f"voxcore_{name}_sum"):
                found.total += float(value)
            elif line.startswith(f"voxcore_{name}_bucket") and (edge := re.search(r'le="([^"]+)"', line)):
                found.upto[float(edge[1])] = found.upto.get(float(edge[1]), 0.0) + float(value)
        return found


def _environment(folder: Path, fakes: Fakes, port: int, name: str, extra: dict[str, str]) -> dict[str, str]:
    """Of a worker: nothing of the caller's settings but the road to Python."""
    plain = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("VOX", "OUTBOX", "OBJECT_STORE", "SEATS", "WS_", "REGISTRY", "LOG_"))
    }
    return plain | {
        "VOXCORE_HOST": "127.0.0.1",
        "VOXCORE_PORT": str(port),
        "VOXCORE_WORKER_ID": f"{name}-1",
        "VOXCORE_HOST_ID": name,
        "VOXBRIDGE_CONFIG_URL": f"{fakes.url}/api/v1/config",
        "VOXCORE_SECRET": SECRET,
        "OUTBOX_DIR": str(folder / "outbox"),
        "REGISTRY_URL": "",
        **extra,
    }


def _pin(pids: Iterable[int], core: int | None) -> None:
    for pid in pids if core is not None else ():
        os.sched_setaffinity(pid, {core})


async def _until_ready(worker: Worker, process: subprocess.Popen[bytes]) -> float:
    """When the worker said that it may take a call, on the monotonic clock."""
    deadline = time.monotonic() + READY_WITHIN_S
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.get(f"{worker.url}/ready") as answer:
                    if answer.status == 200:
                        return time.monotonic()
            await asyncio.sleep(0.01)
    said = "\n".join(last_lines(worker.log, 5))
    raise BenchError(f"a worker did not become ready; the end of its log:\n{said}")


class OwnWorker:
    """`async with OwnWorker(…) as worker:` one worker in a process of its own."""

    def __init__(self, folder: Path, fakes: Fakes, name: str = "own", **extra: str) -> None:
        self._folder = folder / name
        self._fakes, self._name, self._extra = fakes, name, extra
        self.start_s = 0.0
        """From the start of the process to `idle`, seconds."""
        self.start_cpu_s = 0.0

    async def __aenter__(self) -> Worker:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        port = free_port()
        environment = _environment(self._folder, self._fakes, port, self._name, self._extra)
        log = self._folder / "worker.log"
        began = time.monotonic()
        self._process = spawn([str(BIN / "voxcore")], log_path=log, env=environment, cwd=self._folder)
        keep_niceness(self._process.pid)
        worker = Worker(self._process.pid, f"http://127.0.0.1:{port}", log)
        try:
            self.start_s = await _until_ready(worker, self._process) - began
        except BaseException:
            self._end()
            raise
        self.start_cpu_s = cpu_s(worker.pid)
        return worker

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    async def __aexit__(self, *_: object) -> None:
        self._end()


class Seats:
    """`async with Seats(…) as workers:` forked seats of one parent, all on one core when `core` is given."""

    def __init__(self, folder: Path, fakes: Fakes, count: int, *, core: int | None = None, name: str = "seats") -> None:
        self._folder = folder / name
        self._fakes, self._count, self._core, self._name = fakes, count, core, name
        self.parent_pid = 0

    async def __aenter__(self) -> list[Worker]:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        port = _run_of_ports(self._count)
        urls = [f"http://127.0.0.1:{port + k}" for k in range(self._count)]
        extra = {"SEATS": str(self._count), "VOXCORE_SIBLINGS": ",".join(urls)}
        environment = _environment(self._folder, self._fakes, port, self._name, extra)
        log = self._folder / "seats.log"
        self._process = spawn([str(BIN / "voxcore")], log_path=log, env=environment, cwd=self._folder)
        self.parent_pid = self._process.pid
        keep_niceness(self.parent_pid)
        try:
            workers = []
            for url in urls:
                worker = Worker(0, url, log)
                await _until_ready(worker, self._process)
                worker.pid = int((await worker.health())["worker_pid"])
                workers.append(worker)
            _pin([self.parent_pid, *(worker.pid for worker in workers)], self._core)
        except BaseException:
            await self._end()
            raise
        return workers

    async def _end(self) -> None:
        # A parent that is killed leaves draining seats behind: it is asked first.
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(self._process.wait, LEAVE_WITHIN_S)
        except subprocess.TimeoutExpired:
            for child in psutil.Process(self.parent_pid).children():
                child.kill()
            self._process.kill()
            self._process.wait()

    async def __aexit__(self, *_: object) -> None:
        await self._end()


def _run_of_ports(count: int) -> int:
    """First of `count` neighbouring ports that are free now. Raises BenchError."""
    for _ in range(200):
        first = free_port()
        taken = {conn.laddr.port for conn in psutil.net_connections("tcp") if conn.laddr}
        if first + count < 65_000 and not taken & set(range(first, first + count)):
            return first
    raise BenchError(f"no {count} neighbouring free ports")
