"""A scenario file played on the virtual clock: who calls when, for how long, and what goes wrong meanwhile.

Every step goes to the real store and to the plain model, so a played scenario has also shown that both agree.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from .pool import QUOTA
from .workers import Fleet

BEAT_MS = 3_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Arrivals(_Strict):
    """Callers that come one after the other; all times are seconds. `talk_s`: from the grant to the free seat."""

    from_s: float = 0
    every_s: float
    count: int
    client: str = "main"
    campaign: str | None = None
    priority: Literal["inbound", "callback", "outbound", "test"] = "outbound"
    wait_s: float = Field(default=0, le=60)
    talk_s: float


class Failure(_Strict):
    """What happens at one moment. A host that dies takes its calls with it; one that is back has new processes."""

    at_s: float
    host_dies: str = ""
    host_back: str = ""
    store_emptied: bool = False
    drain: str = ""
    undrain: str = ""


class Expected(_Strict):
    """Of one client: counts, and waits of those who got a seat. `cut`: calls that a dead host ended."""

    granted: int
    refused: dict[str, int] = {}
    timed_out: int = 0
    cut: int = 0
    longest_wait_s: float = 0
    mean_wait_s: float = 0


class Scenario(_Strict):
    """One file. `hosts`: seats of each. `most_in_use`: seats in the hands of callers at the busiest moment."""

    about: str
    hosts: dict[str, int]
    quotas: dict[str, dict[str, Any]] = {}
    arrivals: list[Arrivals]
    failures: list[Failure] = []
    expect: dict[str, Expected]
    most_in_use: int


def read(path: Path) -> Scenario:
    """The scenario of a file. Raises: ValidationError."""
    return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))


@dataclass
class Outcome:
    """What became of the callers of one client."""

    granted: int = 0
    refused: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    timed_out: int = 0
    cut: int = 0
    waits_ms: list[int] = field(default_factory=list)

    def told(self) -> Expected:
        waits = self.waits_ms or [0]
        return Expected(
            granted=self.granted, refused=dict(self.refused), timed_out=self.timed_out, cut=self.cut,
            longest_wait_s=round(max(waits) / 1000, 3), mean_wait_s=round(sum(waits) / len(waits) / 1000, 3),
        )  # fmt: skip


@dataclass
class _Caller:
    """One who wants a seat. `asked_ms`: when it came, on the clock of the pool."""

    batch: Arrivals
    asked_ms: int
    state: Literal["new", "waiting", "talking", "gone"] = "new"


class Play:
    """Plays a scenario until nobody talks, waits or comes any more."""

    def __init__(self, scenario: Scenario, fleet: Fleet) -> None:
        self.scenario, self.fleet, self.pool = scenario, fleet, fleet.pool
        self.start_ms = self.pool.now
        self.outcomes: dict[str, Outcome] = defaultdict(Outcome)
        self.callers: dict[str, _Caller] = {}
        self.calls: dict[str, str] = {}  # worker -> the reservation whose call it carries
        self.lives: dict[str, int] = {}
        self.dead: set[str] = set()
        self.most_in_use = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._to_come = 0

    def run(self) -> dict[str, Expected]:
        """What became of everybody, by client."""
        for client, document in self.scenario.quotas.items():
            self._step("quota", client=client, doc=QUOTA | document)
        for host, seats in self.scenario.hosts.items():
            for number in range(seats):
                self.lives[f"{host}-{number:02}"] = 1
        for worker in self.lives:
            self._beats(worker)
        for batch in self.scenario.arrivals:
            for number in range(batch.count):
                self._at(batch.from_s + number * batch.every_s, partial(self._comes, batch))
        for failure in self.scenario.failures:
            self._at(failure.at_s, partial(self._fails, failure))
        while self._to_come or self.calls or any(caller.state == "waiting" for caller in self.callers.values()):
            ms, _, act = heapq.heappop(self._due)
            self.pool.set_clock(ms)
            act()
        return {client: outcome.told() for client, outcome in self.outcomes.items()}

    # --- time --------------------------------------------------------------------------------------------------------

    def _later(self, ms: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (ms, next(self._numbers), act))

    def _at(self, at_s: float, act: Callable[[], None]) -> None:
        """Something that the file says: it is waited for."""
        self._to_come += 1

        def once() -> None:
            self._to_come -= 1
            act()

        self._later(self.start_ms + round(at_s * 1000), once)

    def _step(self, name: str, **args: Any) -> dict[str, Any]:
        """One step, and what it tells whoever waits."""
        out = self.fleet.step(name, **args)
        for event, data in self.fleet.events:
            rid = data.get("reservation_id", "")
            caller = self.callers.get(rid)
            if caller is None:
                continue
            if event == "reservation.held" and caller.state in ("new", "waiting"):
                self._later(self.pool.now, partial(self._starts, rid, data["worker_id"]))
            elif event == "reservation.expired":
                caller.state = "gone"
                self.outcomes[caller.batch.client].timed_out += 1
            elif event == "reservation.ended" and data["reason"] in ("worker_lost", "worker_restarted"):
                self.outcomes[caller.batch.client].cut += 1
        return out

    # --- callers -----------------------------------------------------------------------------------------------------

    def _comes(self, batch: Arrivals) -> None:
        rid = f"r-caller-{len(self.callers):04}"
        self.callers[rid] = _Caller(batch, self.pool.now)
        self._asks(rid)

    def _asks(self, rid: str) -> None:
        """Reserve; who is told to come again in a second does so."""
        caller = self.callers[rid]
        batch = caller.batch
        out = self._step(
            "reserve", reservation_id=rid, fp=f"fp-{rid}", client=batch.client, campaign=batch.campaign,
            priority=batch.priority, hold_ms=15_000, wait_ms=round(batch.wait_s * 1000),
        )  # fmt: skip
        if out["result"] == "waiting":
            caller.state = "waiting"
        elif out["result"] == "rebuilding":
            self._at((self.pool.now - self.start_ms) / 1000 + 1, partial(self._asks, rid))
        elif out["result"] != "granted":
            caller.state = "gone"
            self.outcomes[batch.client].refused[out["result"]] += 1

    def _starts(self, rid: str, worker: str) -> None:
        caller = self.callers[rid]
        assert worker not in self.calls, f"{worker} is granted to {rid} while it carries {self.calls[worker]}"
        caller.state = "talking"
        outcome = self.outcomes[caller.batch.client]
        outcome.granted += 1
        outcome.waits_ms.append(self.pool.now - caller.asked_ms)
        self.calls[worker] = rid
        self.most_in_use = max(self.most_in_use, len(self.calls))
        self.fleet.confirm(rid, worker)
        self._says(worker)
        self._later(self.pool.now + round(caller.batch.talk_s * 1000), partial(self._hangs_up, worker, rid))

    def _hangs_up(self, worker: str, rid: str) -> None:
        if self.calls.get(worker) == rid:  # else its host died first
            del self.calls[worker]
            self._says(worker, up=True)

    # --- workers -----------------------------------------------------------------------------------------------------

    def _beats(self, worker: str) -> None:
        if worker not in self.dead:
            self._says(worker)
        self._later(self.pool.now + BEAT_MS, partial(self._beats, worker))

    def _says(self, worker: str, *, up: bool = False) -> None:
        rid = self.calls.get(worker)
        batch = self.callers[rid].batch if rid else None
        self._step(
            "heartbeat",
            **self.fleet.said(
                worker, "busy" if rid else "idle", up=up, instance_id=f"{worker}.{self.lives[worker]}",
                reservation_id=rid, call_id=rid and f"call-{rid}", client=batch and batch.client,
                campaign_id=batch and batch.campaign,
            ),
        )  # fmt: skip

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def _fails(self, failure: Failure) -> None:
        for worker in self._of(failure.host_dies):
            self.dead.add(worker)
            self.calls.pop(worker, None)
        for worker in self._of(failure.host_back):
            self.dead.discard(worker)
            self.lives[worker] += 1
        if failure.store_emptied:
            self.pool.wipe()
            for rid, caller in self.callers.items():
                if caller.state == "waiting":  # its client sees a new generation, and repeats what it still wants
                    caller.state = "new"
                    self._at((self.pool.now - self.start_ms) / 1000 + 1, partial(self._asks, rid))
        if failure.drain:
            self._step("drain", selector=failure.drain, reason="scenario", by="test")
        if failure.undrain:
            self._step("undrain", selector=failure.undrain)

    def _of(self, host: str) -> list[str]:
        return [worker for worker in self.lives if host and worker.startswith(f"{host}-")]
