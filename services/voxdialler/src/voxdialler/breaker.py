"""Circuit breakers: what failed lately is left alone for a while, then tried once (section 16).

`closed` → `open` → `half_open` → `closed` or `open` again. Kept in the collection `breakers`, so a restart does not
hammer a dead carrier. The evidence answers "which calls did it".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from voxkit.log import get_logger

Document = dict[str, Any]
State = Literal["closed", "open", "half_open"]
Clock = Callable[[], datetime]
log = get_logger("voxdialler.breaker")

EVIDENCE = 20
MESSAGE_CHARS = 200


@dataclass(frozen=True)
class Rule:
    """When a breaker opens: after `in_row` failures, or when more than half of at least `at_least` results within
    `window_s` failed (0 = that does not count). `first_s`, `longest_s`: the pause before a probe, doubled each time."""

    in_row: int = 0
    at_least: int = 0
    window_s: float = 120
    first_s: float = 30
    longest_s: float = 300
    probed: bool = True
    """False: it is asked all the time anyway, and closes with the first answer."""


RULES: dict[str, Rule] = {
    "carrier": Rule(in_row=5, at_least=10, first_s=30, longest_s=300),
    "livekit": Rule(in_row=5, first_s=15, longest_s=120),
    "voxbridge": Rule(in_row=2, first_s=0, longest_s=0, probed=False),
    "registry": Rule(in_row=3, first_s=5, longest_s=60),
    "attach": Rule(in_row=3, first_s=5, longest_s=60),
    "campaign": Rule(at_least=5, first_s=60, longest_s=900),
}
"""By the first part of a key (`carrier:5b1c…`)."""


@dataclass(frozen=True)
class Failure:
    """One of the failures that opened a breaker. `attempt_id` null: no call, the thing itself did not answer."""

    at: datetime
    code: str
    message: str
    attempt_id: str | None = None

    def document(self) -> Document:
        return {
            "attempt_id": self.attempt_id, "at": self.at, "code": self.code, "message": self.message[:MESSAGE_CHARS],
        }  # fmt: skip


@dataclass
class Breaker:
    """One key. It never asks the time itself."""

    key: str
    rule: Rule
    state: State = "closed"
    opened_at: datetime | None = None
    retry_at: datetime | None = None
    trips: int = 0
    in_row: int = 0
    probing: bool = False
    evidence: list[Document] = field(default_factory=list)
    results: deque[tuple[datetime, bool]] = field(default_factory=deque)

    def allows(self, now: datetime) -> bool:
        """Whether it may be tried now; while half open, one probe at a time (B1)."""
        if self.state == "open" and self.rule.probed and self.retry_at is not None and now >= self.retry_at:
            self.state, self.probing = "half_open", False
        return self.state == "closed" or (self.state == "half_open" and not self.probing)

    def begin(self) -> None:
        """What is tried now is the probe, if one is due."""
        if self.state == "half_open":
            self.probing = True

    def end(self) -> None:
        """The probe was not made after all."""
        self.probing = False

    def succeeded(self, now: datetime) -> bool:
        """Returns: whether this closed it."""
        self.in_row = 0
        self._remember(now, ok=True)
        if self.state == "closed" or (self.state == "open" and self.rule.probed):
            return False
        self._close()
        return True

    def failed(self, failure: Failure, *, at_once: bool = False) -> bool:
        """Returns: whether this opened it."""
        self.in_row += 1
        self._remember(failure.at, ok=False)
        if self.state == "open":
            return False
        self.evidence = [*self.evidence, failure.document()][-EVIDENCE:]
        if self.state == "half_open" or at_once or self._is_bad():
            self._open(failure.at)
            return True
        return False

    def _is_bad(self) -> bool:
        if self.rule.in_row and self.in_row >= self.rule.in_row:
            return True
        failures = sum(not ok for _, ok in self.results)
        return bool(self.rule.at_least) and len(self.results) >= self.rule.at_least and failures * 2 > len(self.results)

    def _remember(self, now: datetime, *, ok: bool) -> None:
        if ok and self.state == "closed" and self.in_row == 0 and not self.rule.at_least:
            self.evidence = []
        self.results.append((now, ok))
        since = now - timedelta(seconds=self.rule.window_s)
        while self.results and self.results[0][0] < since:
            self.results.popleft()

    def _open(self, now: datetime) -> None:
        pause_s = min(self.rule.longest_s, self.rule.first_s * 2 ** min(self.trips, 20))
        self.state, self.opened_at, self.probing = "open", now, False
        self.retry_at = now + timedelta(seconds=pause_s)
        self.trips += 1

    def _close(self) -> None:
        self.state, self.opened_at, self.retry_at, self.probing = "closed", None, None, False
        self.trips, self.in_row, self.evidence = 0, 0, []
        self.results.clear()

    def document(self, now: datetime) -> Document:
        return {
            "state": self.state, "opened_at": self.opened_at, "retry_at": self.retry_at, "trips": self.trips,
            "evidence": self.evidence, "updated_at": now,
        }  # fmt: skip


class Breakers:
    """All breakers of the process. `collection`: where they are kept; changes are written by `write_changed`."""

    def __init__(self, collection: Any, now: Clock, tripped: Callable[[str], None] = lambda kind: None) -> None:
        self._collection, self._now, self._tripped = collection, now, tripped
        self._known: dict[str, Breaker] = {}
        self._changed: set[str] = set()

    async def load(self) -> None:
        """Read what was open when the last process ended (B3)."""
        async for stored in self._collection.find({}):
            breaker = self.of(stored["_id"])
            if stored.get("state") in ("open", "half_open"):
                breaker.state = "open"
                breaker.opened_at, breaker.retry_at = stored.get("opened_at"), stored.get("retry_at") or self._now()
                breaker.trips, breaker.evidence = stored.get("trips") or 1, stored.get("evidence") or []

    def of(self, key: str) -> Breaker:
        if key not in self._known:
            self._known[key] = Breaker(key, RULES[key.partition(":")[0]])
        return self._known[key]

    def allows(self, key: str) -> bool:
        return self.of(key).allows(self._now())

    def begin(self, key: str) -> None:
        self.of(key).begin()

    def end(self, key: str) -> None:
        self.of(key).end()

    def succeeded(self, key: str) -> None:
        if self.of(key).succeeded(self._now()):
            self._changed.add(key)
            log.info("breaker.closed", breaker=key)

    def failed(
        self, key: str, code: str, message: str, *, attempt_id: str | None = None, at_once: bool = False
    ) -> None:
        breaker = self.of(key)
        if breaker.failed(Failure(self._now(), code, message, attempt_id), at_once=at_once):
            self._changed.add(key)
            self._tripped(key.partition(":")[0])
            told = [f"{one.get('attempt_id')} {one.get('code')}: {one.get('message')}" for one in breaker.evidence]
            log.warning("breaker.opened", breaker=key, retry_at=str(breaker.retry_at), evidence=told)

    def open_by_kind(self) -> dict[str, int]:
        """How many of each kind are not closed."""
        kinds = dict.fromkeys(RULES, 0)
        for key in self.open_keys():
            kinds[key.partition(":")[0]] += 1
        return kinds

    def open_keys(self) -> list[str]:
        """Those that let nothing pass now, or only a probe."""
        return sorted(key for key, breaker in self._known.items() if breaker.state != "closed")

    async def write_changed(self) -> None:
        """Store what opened or closed since the last time; a failure keeps it for the next one."""
        for key in list(self._changed):
            await self._collection.update_one({"_id": key}, {"$set": self.of(key).document(self._now())}, upsert=True)
            self._changed.discard(key)
