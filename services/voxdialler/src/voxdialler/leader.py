"""Which of several diallers works: a lease in the store that each judges by its own monotonic clock (section 4).

Document `locks/voxdialler`: `{owner, lock_id, epoch, beat, released}`. No two hosts' clocks are ever compared: the
leader stops 4 s after its last beat was sent, a standby takes over after 6 s without a change.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from pymongo.errors import DuplicateKeyError, PyMongoError
from voxkit.log import get_logger

Document = dict[str, Any]
NAME = "voxdialler"
BEAT_S = 1.0
FRESH_S = 4.0
TAKE_OVER_S = 6.0
log = get_logger("voxdialler.leader")

Former = Literal["none", "vanished", "released"]
"""What became of the leader before us: there was none, it is dead, or it handed over and still carries its calls."""


class HostLock:
    """A file that all diallers of a host share: who holds it knows that the holder before is dead (D3)."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._descriptor: int | None = None
        self.lock_id: str | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def try_hold(self) -> bool:
        """Whether it is ours from now on, while this process lives. Raises: OSError: the folder is not ours."""
        if self.held:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        written = os.read(descriptor, 64).decode("ascii", "replace").strip()
        if len(written) != 32:
            written = uuid.uuid4().hex
            os.pwrite(descriptor, written.encode(), 0)
            os.ftruncate(descriptor, len(written))
            os.fsync(descriptor)
        self._descriptor, self.lock_id = descriptor, written
        return True

    def let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Leader:
    """This process's part in it: `run` beats or waits, `is_leader` says what holds now."""

    def __init__(
        self,
        collection: Any,
        instance_id: str,
        lock: HostLock,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self._collection, self._lock, self._clock, self._sleep = collection, lock, clock, sleep
        self.owner = f"{instance_id}:{uuid.uuid4().hex}"
        self.epoch = 0
        self.takeovers = 0
        self.former: Former = "none"
        self._beat = 0
        self._leading = False
        self._stopping = False
        self._beaten_at = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0
        self._heard_at = clock()

    @property
    def is_leader(self) -> bool:
        """Ours, by a beat that was sent less than 4 s ago (D1)."""
        return self._leading and not self._stopping and self._clock() - self._beaten_at < FRESH_S

    @property
    def lease_owner(self) -> str:
        """What a contact carries while a task of ours works on it."""
        return f"{self.owner}#{self.epoch}"

    @property
    def heard_s(self) -> float:
        """Seconds since the store last answered."""
        return self._clock() - self._heard_at

    async def run(self) -> None:
        """Beat or wait, every second, until cancelled or released."""
        while not self._stopping:
            began = self._clock()
            try:
                await self.turn()
            except (PyMongoError, OSError, TimeoutError) as error:
                log.warning("leader.store_away", error=type(error).__name__)
            await self._sleep(max(0.05, BEAT_S - (self._clock() - began)))

    async def turn(self) -> None:
        """One beat, or one look at whoever beats."""
        self._try_lock()
        if self._leading:
            await self._beat_once()
        else:
            await self._look()
        self._heard_at = self._clock()

    def _try_lock(self) -> None:
        try:
            self._lock.try_hold()
        except OSError as error:
            log.warning("leader.lock_file", error=str(error))

    async def _beat_once(self) -> None:
        sent_at = self._clock()
        mine = {"_id": NAME, "owner": self.owner, "epoch": self.epoch, "beat": self._beat, "released": False}
        done = await self._collection.update_one(
            mine, {"$set": {"beat": self._beat + 1, "lock_id": self._lock.lock_id if self._lock.held else None}}
        )
        if done.modified_count == 0:
            current = await self._collection.find_one({"_id": NAME}) or {}
            if (current.get("owner"), current.get("epoch")) != (self.owner, self.epoch) or current.get("released"):
                log.warning("leader.lost", owner=current.get("owner"))
                self._leading = False
                return
            # An answer of the store was lost: it counted a beat that we did not.
            self._beat = current["beat"]
            self._beaten_at = max(self._beaten_at, sent_at) if current["beat"] > mine["beat"] else self._beaten_at
            return
        self._beat, self._beaten_at = self._beat + 1, sent_at

    async def _look(self) -> None:
        current = await self._collection.find_one({"_id": NAME})
        if current is None:
            await self._insert()
            return
        look = (current["epoch"], current["beat"])
        if look != self._seen:
            self._seen, self._seen_at = look, self._clock()
        if current.get("released"):
            await self._take(current, "released")
        elif self._is_dead_here(current) or self._clock() - self._seen_at >= TAKE_OVER_S:
            await self._take(current, "vanished")

    def _is_dead_here(self, current: Document) -> bool:
        return self._lock.held and current.get("lock_id") == self._lock.lock_id

    async def _insert(self) -> None:
        sent_at = self._clock()
        first = {
            "_id": NAME,
            "owner": self.owner,
            "lock_id": self._lock.lock_id,
            "epoch": 1,
            "beat": 1,
            "released": False,
        }
        try:
            await self._collection.insert_one(first)
        except DuplicateKeyError:
            return
        self._lead(1, 1, sent_at, "none")

    async def _take(self, current: Document, former: Former) -> None:
        sent_at = self._clock()
        epoch, beat = current["epoch"] + 1, current["beat"] + 1
        await self._collection.update_one(
            {"_id": NAME, "epoch": current["epoch"], "beat": current["beat"]},
            {"$set": {
                "owner": self.owner, "epoch": epoch, "beat": beat, "released": False,
                "lock_id": self._lock.lock_id if self._lock.held else None,
            }},
        )  # fmt: skip
        # A write whose answer was lost shows here too.
        now = await self._collection.find_one({"_id": NAME}) or {}
        if (now.get("owner"), now.get("epoch")) == (self.owner, epoch):
            self.takeovers += 1
            self._lead(epoch, beat, sent_at, former)

    def _lead(self, epoch: int, beat: int, sent_at: float, former: Former) -> None:
        self.former = former
        self.epoch, self._beat, self._beaten_at, self._leading = epoch, beat, sent_at, True
        log.info("leader.leading", epoch=epoch, former=former)

    async def release(self) -> None:
        """Hand over at once: no lease of a contact from now on; calls under way stay ours."""
        was, self._stopping = self._leading, True
        if was:
            await self._collection.update_one(
                {"_id": NAME, "owner": self.owner, "epoch": self.epoch}, {"$set": {"released": True}}
            )
        self._lock.let_go()
