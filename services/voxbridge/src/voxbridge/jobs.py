"""Background jobs: each on its period, errors contained; leader jobs run in one process of the deployment.

The lease is the document `locks/voxbridge` `{owner, epoch, beat, released}`. Its owner raises `beat` by
compare-and-set. Others judge it by their own monotonic clock: no change for 15 s means that the owner is gone. The
owner itself stops its jobs 10 s after its last beat, so two processes never believe in it at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voxkit.log import get_logger

from voxbridge.context import end
from voxbridge.ids import new_id
from voxbridge.lease import Lease

if TYPE_CHECKING:
    from voxbridge.context import Context

BEAT_S = 5.0
GIVE_UP_S = 10.0
TAKE_OVER_S = 15.0
LOG_AGAIN_S = 60.0
log = get_logger("voxbridge.jobs")


@dataclass(frozen=True)
class Job:
    """`run` is awaited at once and then every `period_s`, or as soon as `signal` (of `Context.signals`) wakes it.

    `leader`: in one process only; it may be cancelled at any await when the lease is lost.
    """

    name: str
    period_s: float
    leader: bool
    run: Callable[[], Awaitable[object]]
    signal: str | None = None


class Leadership:
    """Whether this process runs the leader jobs, and since when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.owner = new_id()
        self._clock = clock
        self._since: float | None = None
        self._last_beat = 0.0

    @property
    def held(self) -> bool:
        return self._since is not None and self._clock() - self._last_beat < GIVE_UP_S

    @property
    def held_s(self) -> float:
        """How long it has been held without a break, seconds; 0.0 when it is not."""
        return self._clock() - self._since if self._since is not None and self.held else 0.0

    def beaten(self, began: float) -> None:
        """A beat was written; it counts from the moment it was sent."""
        self._last_beat = began
        if self._since is None:
            self._since = began

    def lost(self) -> None:
        self._since = None


class Scheduler:
    """Runs the jobs of all features until it is stopped."""

    def __init__(self, ctx: Context, jobs: Sequence[Job]) -> None:
        self._ctx = ctx
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []
        self._leader_tasks: list[asyncio.Task[None]] = []
        self._lease = Lease(ctx.db["locks"], "voxbridge", take_over_s=TAKE_OVER_S)
        self.leadership = Leadership()
        ctx.leadership = self.leadership

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._repeat(job), name=job.name) for job in self._jobs if not job.leader]
        self._tasks.append(asyncio.create_task(self._lead(), name="leadership"))

    async def stop(self) -> None:
        """Cancel the jobs and give the lease back."""
        await end([*self._tasks, *self._leader_tasks])
        if self.leadership.held:
            self.leadership.lost()
            try:
                await asyncio.wait_for(self._lease.release(self.leadership.owner), 3)
            except Exception as error:
                log.warning("lease.not_released", error=type(error).__name__)

    async def _repeat(self, job: Job) -> None:
        last_told = float("-inf")
        while True:
            try:
                await job.run()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if time.monotonic() - last_told >= LOG_AGAIN_S:
                    last_told = time.monotonic()
                    log.error("job.failed", job=job.name, error=f"{type(error).__name__}: {error}"[:500])
            else:
                self._ctx.metrics.job_last_success.labels(job=job.name).set_to_current_time()
            if job.signal:
                await self._ctx.signals.wait(job.signal, job.period_s)
            else:
                await asyncio.sleep(job.period_s)

    async def _lead(self) -> None:
        """Beat, or watch for the lease; starts and ends the leader jobs."""
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(BEAT_S):
                    ours = await self._lease.beat_or_take(self.leadership.owner)
            except Exception as error:
                log.warning("lease.unreachable", error=type(error).__name__)
            else:
                if ours:
                    self.leadership.beaten(began)
                elif self.leadership.held:
                    self.leadership.lost()
            await self._follow()
            # While leading, the check between beats ends the jobs in time when the store hangs.
            next_beat = began + BEAT_S
            while (left := next_beat - time.monotonic()) > 0:
                await asyncio.sleep(min(left, 1.0))
                await self._follow()

    async def _follow(self) -> None:
        leading = self.leadership.held
        self._ctx.metrics.leader.set(int(leading))
        if leading and not self._leader_tasks:
            log.info("leader.began")
            self._leader_tasks = [
                asyncio.create_task(self._repeat(job), name=job.name) for job in self._jobs if job.leader
            ]
        elif not leading and self._leader_tasks:
            log.warning("leader.ended")
            self.leadership.lost()
            await end(self._leader_tasks)
            self._leader_tasks = []
