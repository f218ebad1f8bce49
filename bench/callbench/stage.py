"""What the measures share: the fakes, a folder, and the expensive runs that several of them read."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from callbench import calls
from callbench.calls import Noted
from callbench.processes import Fakes, Histogram, Memory, OwnWorker, Seats, Worker, cpu_s, memory_of

Say = Callable[[str], None]
SETTLED_S = 2.0
MEMORY_EVERY = 10
FIXED_MS = {"stt": 250, "llm": 300, "tts": 120}


@dataclass(frozen=True)
class Size:
    """How much is measured. `crowd`: calls at once on one core."""

    crowd: int
    turns: int
    single_turns: int
    silent_s: float
    starts: int
    short_calls: int
    refusals: int
    voice_calls: int
    voice_turns: int
    barge_ins: int
    growth_calls: int
    warm_calls: int
    """Calls of a fresh seat that count apart: it copies pages of its parent as it first writes to them."""
    local_turns: int


QUICK = Size(
    crowd=8, turns=4, single_turns=4, silent_s=15, starts=2, short_calls=5, refusals=60, voice_calls=4, voice_turns=4,
    barge_ins=4, growth_calls=5, warm_calls=2, local_turns=3,
)  # fmt: skip
FULL = Size(
    crowd=8, turns=12, single_turns=12, silent_s=60, starts=10, short_calls=20, refusals=500, voice_calls=4,
    voice_turns=15, barge_ins=12, growth_calls=100, warm_calls=20, local_turns=8,
)  # fmt: skip


@dataclass
class Crowd:
    """Calls at once on forked seats that share one core."""

    calls: list[Noted]
    cpu_per_minute: list[float]
    """CPU seconds per call minute of each worker while its call ran, without its beginning and its end."""
    whole_cpu_per_minute: list[float]
    """The same with everything: building the call, its end and the result."""
    idle: list[Memory]
    busy: list[Memory]
    after: list[Memory]
    parent: Memory
    fleet_ms: list[float]
    metrics: dict[str, Histogram]
    """The workers' own histograms, all together: `in`, `out` (added latency), `late` (chunks)."""
    core_busy_percent: float


@dataclass
class Bench:
    fakes: Fakes
    folder: Path
    size: Size
    say: Say
    core: int | None
    cores: frozenset[int] = field(default_factory=lambda: frozenset(os.sched_getaffinity(0)))
    _crowds: dict[str, Crowd] = field(default_factory=dict)
    _single: Noted | None = None

    async def single(self) -> Noted:
        """One talking call with instant fakes, alone on a worker of its own."""
        if self._single is None:
            await self.fakes.bot("instant")
            async with OwnWorker(self.folder, self.fakes, "single") as worker:
                await calls.place(worker, self.fakes, "instant", calls.talking(1))
                self._single = await calls.place(worker, self.fakes, "instant", calls.talking(self.size.single_turns))
        return self._single

    async def crowd(self, kind: str) -> Crowd:
        """`segments` or `stream`: talking calls with a segmented or a streaming STT; `silent`: nobody speaks."""
        if kind not in self._crowds:
            self.say(f"{self.size.crowd} calls at once on one core ({kind})")
            self._crowds[kind] = await self._run_crowd(kind)
        return self._crowds[kind]

    async def _run_crowd(self, kind: str) -> Crowd:
        stream = {"stt": {"extra": {"stream": True}}}
        # Nobody is asked whether they are still there: the silence is to be measured.
        silent = {"re_engagement": {"enabled": False, "messages": ["?"]}}
        bot = await self.fakes.bot(kind, config={"stream": stream, "silent": silent}.get(kind))
        persona = calls.quiet(self.size.silent_s) if kind == "silent" else calls.talking(self.size.turns)
        seats = Seats(self.folder, self.fakes, self.size.crowd, core=self.core, name=f"seats-{kind}")
        async with seats as workers:
            idle = [memory_of(worker.pid) for worker in workers]
            self._keep_off_the_core(True)
            meter = Meter([worker.pid for worker in workers], self.core)
            look = asyncio.create_task(_look_at_fleet(workers[0], len(workers)))
            try:
                noted = await calls.place_all(workers, self.fakes, bot, persona)
                fleet_ms, busy = await look
            finally:
                await stopped(look)
                await meter.stop()
                self._keep_off_the_core(False)
            return Crowd(
                calls=noted,
                cpu_per_minute=[
                    meter.per_minute(worker.pid, call.sent[0][0] + SETTLED_S, call.ended_at)
                    for worker, call in zip(workers, noted, strict=True)
                ],
                whole_cpu_per_minute=[
                    meter.total(worker.pid) / call.minutes for worker, call in zip(workers, noted, strict=True)
                ],
                idle=idle,
                busy=busy,
                after=[memory_of(worker.pid) for worker in workers],
                parent=memory_of(seats.parent_pid),
                fleet_ms=fleet_ms,
                metrics={
                    "in": await _together(workers, "added_latency_seconds", direction="in"),
                    "out": await _together(workers, "added_latency_seconds", direction="out"),
                    "late": await _together(workers, "frame_jitter_seconds"),
                },
                core_busy_percent=meter.core_busy_percent(),
            )

    def _keep_off_the_core(self, yes: bool) -> None:
        """Phones and fakes leave the workers' core to them, where there is another one."""
        if self.core is not None:
            every = {*self.cores, self.core}
            for pid in (0, self.fakes.process.pid):
                os.sched_setaffinity(pid, every - {self.core} if yes else every)


class Meter:
    """Looks at the CPU seconds of processes four times a second."""

    def __init__(self, pids: list[int], core: int | None) -> None:
        self._pids = pids
        self._core = core
        self._seen: dict[int, list[tuple[float, float]]] = {pid: [(time.monotonic(), cpu_s(pid))] for pid in pids}
        self._core_percent: list[float] = []
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        psutil.cpu_percent(percpu=True)
        while True:
            await asyncio.sleep(0.25)
            self._core_percent.append(psutil.cpu_percent(percpu=True)[self._core or 0])
            self._look()

    def _look(self) -> None:
        for pid in self._pids:
            self._seen[pid].append((time.monotonic(), cpu_s(pid)))

    async def stop(self) -> None:
        """The last look; repeat-safe, also when a process is gone."""
        await stopped(self._task)
        with suppress(psutil.NoSuchProcess):
            self._look()

    def per_minute(self, pid: int, begin: float, end: float) -> float:
        """CPU seconds per minute between two moments."""
        inside = [seen for seen in self._seen[pid] if begin <= seen[0] <= end]
        (began_at, before), (ended_at, after) = inside[0], inside[-1]
        return (after - before) / (ended_at - began_at) * 60

    def total(self, pid: int) -> float:
        return self._seen[pid][-1][1] - self._seen[pid][0][1]

    def core_busy_percent(self) -> float:
        """Mean load of the core that the workers share, whoever caused it."""
        return sum(self._core_percent) / max(1, len(self._core_percent))


async def _together(workers: list[Worker], name: str, **labels: str) -> Histogram:
    found = Histogram()
    for worker in workers:
        found.add(await worker.histogram(name, **labels))
    return found


async def _look_at_fleet(worker: Worker, count: int) -> tuple[list[float], list[Memory]]:
    """Once all workers are in calls: (how long `/health/fleet` takes, memory of each). Ends with the first call."""
    busy: list[Memory] = []
    took: list[float] = []
    seen = False
    while True:
        began = time.monotonic()
        page = await worker.health("/health/fleet")
        took_ms = (time.monotonic() - began) * 1000
        in_calls = sum(each.get("state") == "busy" for each in page["workers"])
        if in_calls == count:
            seen = True
            took.append(took_ms)
            # Late in the call is when a worker is fullest. Reading takes milliseconds that the phones need.
            if len(took) % MEMORY_EVERY == 1:
                pids = sorted(each["pid"] for each in page["workers"])
                busy = await asyncio.to_thread(list, map(memory_of, pids))
        elif seen:
            return took, busy
        await asyncio.sleep(0.6)  # longer than the answer is cached


async def stopped(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them and wait; what they raised is dropped."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def pick_core() -> int | None:
    """The core that the workers share; None on a machine with one."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1] if len(cores) > 1 else None
