"""Deliver what waits in the outbox until somebody has it, and no faster than the other side can bear."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path

import httpx
from voxkit.clock import utc_now
from voxkit.log import get_logger

from voxcore import metrics
from voxcore.durable import LockedFile
from voxcore.outbox import BOXES, Box, Outbox, StoredFile, read_stored

log = get_logger("voxcore.delivery")

FIRST_S, CAP_S = 5.0, 300.0
KEEP_TRYING = timedelta(days=7)
KEEP_TRYING_REFUSED = timedelta(hours=24)
CONNECT_S, TOTAL_S = 3.0, 15.0
AT_ONCE = 4
SCAN_S = 5.0
REPAIRABLE = frozenset({401, 403, 404, 405, 409, 410})
HOPELESS = frozenset({400, 413, 415, 422})


class Outcome(StrEnum):
    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True)
class Verdict:
    """What an answer means for a delivery; `after_s` is the pause before the next try, without jitter."""

    outcome: Outcome
    after_s: float = 0.0
    refused: bool = False


def judge(status: int | None, *, attempts: int, age: timedelta, refused_for: timedelta, retry_after_s: float | None):
    """The delivery table. `status` None is a transport error; `attempts` counts this one; ages as of now.

    `refused_for` is how long answers that a person must repair have come in a row.
    """
    if status is not None and 200 <= status < 300:
        return Verdict(Outcome.DELIVERED)
    if status in HOPELESS:
        return Verdict(Outcome.DEAD)
    if status is not None and (status in REPAIRABLE or 300 <= status < 400):
        gone = refused_for >= KEEP_TRYING_REFUSED or age >= KEEP_TRYING
        return Verdict(Outcome.DEAD if gone else Outcome.RETRY, CAP_S, refused=True)
    if age >= KEEP_TRYING:
        return Verdict(Outcome.DEAD)
    if retry_after_s is not None:
        return Verdict(Outcome.RETRY, min(retry_after_s, CAP_S))
    return Verdict(Outcome.RETRY, backoff_s(attempts))


def backoff_s(attempts: int) -> float:
    """Pause after the `attempts`-th try: 5, 10, 20, 40, 80, 160, then always 300 s."""
    return FIRST_S * 2 ** (attempts - 1) if attempts <= 6 else CAP_S


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds of a `Retry-After` in either form, None without a readable one."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None


async def post_once(client: httpx.AsyncClient, stored: StoredFile) -> tuple[int | None, str | None, httpx.Headers]:
    """One try: (status or None, error or None, headers of the answer)."""
    try:
        async with asyncio.timeout(TOTAL_S):
            answer = await client.post(
                stored.url,
                json=stored.payload,
                headers={"Idempotency-Key": stored.result_id},
                timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
            )
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return None, type(error).__name__, httpx.Headers()
    return answer.status_code, None if answer.is_success else f"HTTP {answer.status_code}", answer.headers


class Courier:
    """Delivers own files always, and the due files of others while this worker is idle."""

    def __init__(
        self,
        outbox: Outbox,
        client: httpx.AsyncClient,
        *,
        idle: Callable[[], bool],
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._idle = idle
        self._now = now
        self._jitter = jitter
        self._kick = asyncio.Event()
        self.own: set[Path] = set()

    def adopt(self, path: Path) -> None:
        """Call a file our own and try it at once."""
        self.own.add(path)
        self.wake()

    def wake(self) -> None:
        """Look for due files now."""
        self._kick.set()

    async def run(self) -> None:
        """Deliver until cancelled: at once after `adopt`, else every 5 s."""
        while True:
            self._kick.clear()
            try:
                await self.deliver_due()
            except OSError as error:
                log.error("delivery.disk", error=str(error))
            try:
                await asyncio.wait_for(self._kick.wait(), SCAN_S)
            except TimeoutError:
                continue

    async def deliver_due(self) -> None:
        """One pass over what is due, oldest first, four at a time."""
        due = await asyncio.to_thread(self._due)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(path: Path, box: Box) -> None:
            async with gate:
                await self._deliver(path, box)

        await asyncio.gather(*(one(path, box) for path, box in due))
        await asyncio.to_thread(self._count)

    def _due(self) -> list[tuple[Path, Box]]:
        now, others = self._now(), self._idle()
        found: list[tuple[datetime, Path, Box]] = []
        present: set[Path] = set()
        for box in BOXES:
            for path, stored in self._outbox.waiting(box):
                present.add(path)
                if stored.next_attempt_at <= now and (others or path in self.own):
                    found.append((stored.created_at, path, box))
        self.own &= present
        return [(path, box) for _, path, box in sorted(found)]

    def _count(self) -> None:
        now = self._now()
        status = self._outbox.status(now)
        for box in (*BOXES, "recordings"):
            metrics.outbox_pending.labels(box).set(status[box]["pending"])
            metrics.outbox_oldest.labels(box).set(status[box]["oldest_seconds"])
            metrics.outbox_dead.labels(box).set(status[box]["dead"])

    async def _deliver(self, path: Path, box: Box) -> None:
        file = await asyncio.to_thread(LockedFile.take, path)
        if file is None:
            return  # somebody else has it
        try:
            stored = read_stored(await asyncio.to_thread(file.read))
            # Between look and lock another worker may have tried it.
            if stored is None or stored.next_attempt_at > self._now():
                return
            if box == "results" and not await asyncio.to_thread(self._journal_is_gone, stored.session_id):
                return
            await self._try(file, box, stored)
        finally:
            file.close()

    def _journal_is_gone(self, session_id: str) -> bool:
        """The result stands in for the journal: delivered with the journal left, it would be recovered once more.

        False while a live worker holds the journal: it is about to delete it itself.
        """
        path = self._outbox.journal_of(session_id)
        if not path.exists():
            return True
        journal = LockedFile.take(path)
        if journal is None:
            return not path.exists()
        journal.remove()
        return True

    async def _try(self, file: LockedFile, box: Box, stored: StoredFile) -> None:
        status, error, headers = await post_once(self._client, stored)
        now = self._now()
        refused_since = stored.refused_since or now
        verdict = judge(
            status,
            attempts=stored.attempts + 1,
            age=now - (stored.requeued_at or stored.created_at),
            refused_for=now - refused_since,
            retry_after_s=retry_after(headers, now),
        )
        metrics.outbox_deliveries.labels(box, verdict.outcome.value).inc()
        tell = log.info if verdict.outcome is Outcome.DELIVERED else log.warning
        tell(
            "result.delivery" if box == "results" else "agent_desk.delivery",
            session_id=stored.session_id,
            outcome=verdict.outcome.value,
            status=status,
            error=error,
            attempt=stored.attempts + 1,
        )
        if verdict.outcome is Outcome.DELIVERED:
            await asyncio.to_thread(file.remove)
            self.own.discard(file.path)
            return
        after = stored.model_copy(
            update={
                "attempts": stored.attempts + 1,
                "last_status": status,
                "last_error": error,
                "next_attempt_at": now + timedelta(seconds=verdict.after_s * self._jitter()),
                "refused_since": refused_since if verdict.refused else None,
            }
        )
        if verdict.outcome is Outcome.DEAD:
            await asyncio.to_thread(self._outbox.bury, file, box, after)
            self.own.discard(file.path)
        else:
            await asyncio.to_thread(file.rewrite, after.to_bytes())
