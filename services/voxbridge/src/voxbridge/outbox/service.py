"""Jobs that survive a crash: add them here, they are done at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from voxkit.errors import Conflict, NotFound
from voxkit.http import backoff_s
from voxkit.log import get_logger

from voxbridge.context import Context
from voxbridge.outbox import store
from voxbridge.outbox.handlers import HANDLERS, GiveUp, Handler, RetryAfter

Document = dict[str, Any]
SIGNAL = "outbox"
LEASE = timedelta(seconds=60)
RENEW_S = 20.0
WORKERS = 4
CLAIMED_AT_ONCE = 32
DEAD_AFTER = 50
UNKNOWN_KIND_S = 600.0
KEPT = {"done": timedelta(days=7), "dead": timedelta(days=90)}
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
log = get_logger("voxbridge.outbox")


async def add(ctx: Context, kind: str, key: str, payload: Document) -> bool:
    """Insert a job and wake the workers. False: it exists already."""
    added = await store.insert(ctx, kind, key, payload, ctx.clock())
    if added:
        ctx.signals.wake(SIGNAL)
    return added


async def ensure(ctx: Context, kind: str, key: str, payload: Document) -> bool:
    """The job will be done again, even if it was done or given up. False: it is to be done anyway."""
    if await add(ctx, kind, key, payload):
        return True
    revived = [await store.revive(ctx, f"{kind}:{key}", ctx.clock(), ended=ended) for ended in ("done", "dead")]
    if any(revived):
        ctx.signals.wake(SIGNAL)
    return any(revived)


async def retry(ctx: Context, job_id: str) -> Document:
    """A dead job begins again. Raises: NotFound, Conflict `not_dead`."""
    if not await store.revive(ctx, job_id, ctx.clock()):
        job = await store.find(ctx, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        raise Conflict(f"The job is {job['status']}; only a dead one can be started again.", code="not_dead")
    ctx.signals.wake(SIGNAL)
    job = await store.find(ctx, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


@dataclass
class _Held:
    job: Document
    owner: str


class Engine:
    """The workers of one process. `run_once` does what is due now; the scheduler repeats it."""

    def __init__(self, ctx: Context, handlers: Mapping[str, Handler] = HANDLERS) -> None:
        self._ctx = ctx
        self._handlers = handlers

    async def run_once(self) -> int:
        """Do everything that is due. Returns the number of jobs that were run."""
        ran = 0
        while True:
            held = await self._claim()
            if not held:
                return ran
            ran += len(held)
            await self._work(held)

    async def _claim(self) -> list[_Held]:
        now = self._ctx.clock()
        rows = await store.candidates(self._ctx, _OLDEST, now + timedelta(milliseconds=1), CLAIMED_AT_ONCE)
        held: list[_Held] = []
        for job in rows:
            if owner := await store.claim(self._ctx, job, self._ctx.clock() + LEASE):
                held.append(_Held({**job, "attempts": job["attempts"] + 1}, owner))
        return held

    async def _work(self, held: list[_Held]) -> None:
        waiting = list(reversed(held))
        begun: dict[str, _Held] = {}
        keeper = asyncio.create_task(self._renew(waiting, begun))

        async def worker() -> None:
            while waiting:
                mine = waiting.pop()
                begun[mine.job["_id"]] = mine
                try:
                    await self._run(mine)
                finally:
                    begun.pop(mine.job["_id"], None)

        workers = [asyncio.create_task(worker()) for _ in range(min(WORKERS, len(held)))]
        try:
            await asyncio.gather(*workers)
        finally:
            keeper.cancel()
            for task in workers:
                task.cancel()
            await asyncio.gather(keeper, *workers, return_exceptions=True)
            if waiting:
                await asyncio.shield(self._give_back(waiting))

    async def _give_back(self, waiting: list[_Held]) -> None:
        for mine in waiting:
            await store.give_back(self._ctx, mine.job["_id"], mine.owner, self._ctx.clock())

    async def _renew(self, waiting: list[_Held], begun: dict[str, _Held]) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            for mine in [*begun.values(), *waiting]:
                await store.renew(self._ctx, mine.job["_id"], mine.owner, self._ctx.clock() + LEASE)

    async def _run(self, mine: _Held) -> None:
        job = mine.job
        handler = self._handlers.get(job["kind"])
        if handler is None:
            # A newer release wrote it; it waits for a process that knows the kind.
            later = self._ctx.clock() + timedelta(seconds=UNKNOWN_KIND_S)
            changes = {"status": "pending", "attempts": job["attempts"] - 1, "next_attempt_at": later}
            await store.finish(
                self._ctx, job["_id"], mine.owner, {**changes, "last_error": "no handler in this release"}
            )
            return
        try:
            await handler(self._ctx, job)
        except asyncio.CancelledError:
            await asyncio.shield(store.give_back(self._ctx, job["_id"], mine.owner, self._ctx.clock()))
            raise
        except Exception as error:
            await self._failed(mine, error)
        else:
            now = self._ctx.clock()
            done = {"status": "done", "done_at": now, "next_attempt_at": now, "last_error": None}
            await store.finish(self._ctx, job["_id"], mine.owner, done)

    async def _failed(self, mine: _Held, error: Exception) -> None:
        job, now = mine.job, self._ctx.clock()
        told = f"{type(error).__name__}: {error}"[:500]
        if isinstance(error, GiveUp) or job["attempts"] >= DEAD_AFTER:
            log.error("outbox.dead", kind=job["kind"], job=job["key"], attempts=job["attempts"], error=told)
            changes: Document = {"status": "dead", "done_at": now, "next_attempt_at": now}
        else:
            own = error.seconds if isinstance(error, RetryAfter) else None
            pause = backoff_s(job["attempts"] - 1, first_s=5, cap_s=600) if own is None else own
            log.warning("outbox.failed", kind=job["kind"], job=job["key"], attempts=job["attempts"], error=told)
            changes = {"status": "pending", "next_attempt_at": now + timedelta(seconds=pause)}
        await store.finish(self._ctx, job["_id"], mine.owner, {**changes, "last_error": told})


async def measure(ctx: Context) -> None:
    """Set the outbox metrics from the store."""
    now = ctx.clock()
    ctx.metrics.outbox_jobs.clear()
    ctx.metrics.outbox_oldest_seconds.clear()
    oldest: dict[str, datetime] = {}
    for row in await store.figures(ctx):
        ctx.metrics.outbox_jobs.labels(kind=row["kind"], status=row["status"]).set(row["count"])
        if row["status"] != "dead":
            oldest[row["kind"]] = min(row["oldest"], oldest.get(row["kind"], row["oldest"]))
    for kind, since in oldest.items():
        ctx.metrics.outbox_oldest_seconds.labels(kind=kind).set(max(0.0, (now - since).total_seconds()))


async def sweep(ctx: Context, batch: int = 500) -> int:
    """Delete jobs that are kept no longer. Returns how many."""
    gone = 0
    for status, kept in KEPT.items():
        while ids := await store.finished_before(ctx, status, _OLDEST, ctx.clock() - kept, batch):
            await store.delete_many(ctx, ids)
            gone += len(ids)
    return gone
