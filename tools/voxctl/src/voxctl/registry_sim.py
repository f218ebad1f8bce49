"""A busy hour of a fleet on the registry's real functions: the store is real, the clock and the workers are not.

Every seat is in use: it is reserved before each dial, one answer in three dials after 20 s of ringing, then 90 s of
talk and 3 s of wrapping. Workers beat every 3 s and at once on every change. Events happen in the order of a virtual
clock; how fast the machine works through them does not matter to the rates, only to the time it takes.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import redis
from voxregistry.store import Limits, library

POOL_SEATS = 10_000
HOST_SEATS = 16
RING_MS, TALK_MS, WRAP_MS, BEAT_MS, THINK_MS = 20_000, 90_000, 3_000, 3_000, 200
ANSWERED = 1 / 3
SLICE_MS = 50
START_MS = 1_800_000_000_000
LIMITS = Limits(
    ttl=9_000, hold=180_000, waiting=10_000, rebuild=0, quota={"max": None, "min": 0, "weight": 1, "campaigns": {}}
)


@dataclass
class Seat:
    """One worker, and the caller that uses it. `step` is where the pair is in its round."""

    pool: int
    number: int
    seq: int = 0
    epoch: int = 1
    phase: str = "idle"
    rid: str | None = None
    call: str | None = None

    def beat(self) -> dict[str, Any]:
        self.seq += 1
        host = self.number // HOST_SEATS
        own = {"call_id": self.call, "reservation_id": self.rid} if self.call else {}
        return {
            "worker_id": f"h{host}-{self.number}", "instance_id": "one", "seq": self.seq, "host_id": f"h{host}",
            "lb_url": f"https://h{host}.example.com", "direct_url": f"http://10.0.0.1:8088/seats/h{host}-{self.number}",
            "image_tag": "2026.01.31-1", "version": "0.1.0", "phase": self.phase, "epoch": self.epoch,
            "outbox_pending": 0, "protocols": ["ws", "exotel", "livekit"], **own,
        }  # fmt: skip


@dataclass
class Figures:
    """What a run of `seconds` virtual seconds came to. CPU in seconds of the store's processor, memory in bytes."""

    seats: int
    seconds: float
    counts: Counter[str] = field(default_factory=Counter)
    store_cpu_s: float = 0.0
    memory_seats: int = 0
    memory_end: int = 0
    reserve_ms: list[float] = field(default_factory=list)

    def rate(self, name: str) -> float:
        """Of these in a virtual second."""
        return self.counts[name] / self.seconds

    def as_dict(self) -> dict[str, Any]:
        """Rounded, for JSON and tables."""
        steps = sum(self.counts[name] for name in ("heartbeat", "reserve", "confirm", "release"))
        late = sorted(self.reserve_ms) or [0.0]
        return {
            "seats": self.seats,
            "hosts": -(-self.seats // HOST_SEATS),
            "pools": -(-self.seats // POOL_SEATS),
            "virtual_s": self.seconds,
            "beats_per_s": round(self.rate("heartbeat"), 1),
            "reservations_per_s": round(self.rate("reserve"), 1),
            "caller_requests_per_s": round(self.rate("reserve") + self.rate("confirm") + self.rate("release"), 1),
            "notifications_per_s": round(self.rate("notes"), 1),
            "refused_per_s": round(self.rate("refused"), 2),
            "store_cpu_percent": round(self.store_cpu_s / self.seconds * 100, 1),
            "step_us": round(self.store_cpu_s / max(steps, 1) * 1e6, 1),
            "seat_kb": round(self.memory_seats / self.seats / 1024, 2),
            "memory_mb": round(self.memory_end / 1024 / 1024, 1),
            "reserve_p50_ms": round(late[len(late) // 2], 2),
            "reserve_p99_ms": round(late[int(len(late) * 0.99)], 2),
        }


class Simulation:
    """A fleet on an empty store; `run` lets virtual time pass."""

    def __init__(self, store: redis.Redis, seats: int, seed: int = 1) -> None:
        self._store, self._draw = store, random.Random(seed)
        self._limits = json.dumps(asdict(LIMITS))
        self._now = START_MS
        self._due: list[tuple[int, int, str, Seat]] = []
        self._order = itertools.count()
        self._ids = itertools.count()
        self._pools = -(-seats // POOL_SEATS)
        self.seats = [Seat(n // POOL_SEATS, n) for n in range(seats)]
        store.flushall()
        store.execute_command("FUNCTION", "LOAD", "REPLACE", library(test_clock=True))
        self.figures = Figures(seats, 0.0)

    def run(self, seconds: float) -> Figures:
        """Bring everybody up somewhere in its round, then simulate so many virtual seconds."""
        empty = self._memory()
        self._set_clock()
        # A round takes 150 s on average; everybody begins somewhere in it.
        round_ms = round(RING_MS / ANSWERED + TALK_MS)
        for seat in self.seats:
            self._after(self._draw.randrange(BEAT_MS), "beat", seat)
            at_ms = self._draw.randrange(round_ms)
            if at_ms < TALK_MS:
                seat.rid, seat.phase = f"sim-{next(self._ids):012d}", "busy"
                seat.call = f"call-{seat.rid}"
                self._after(at_ms, "over", seat)
            else:
                self._after(at_ms % RING_MS, "dial", seat)
        self._send([("heartbeat", seat.pool, seat.beat()) for seat in self.seats])
        self.figures.memory_seats = self._memory() - empty
        self._pass(RING_MS)
        self.figures.counts.clear()
        before = self._cpu()
        self._pass(round(seconds * 1000))
        self.figures.seconds, self.figures.store_cpu_s = seconds, self._cpu() - before
        self.figures.memory_end = self._memory() - empty
        return self.figures

    def _pass(self, ms: int) -> None:
        until = self._now + ms
        while self._now < until:
            self._now += SLICE_MS
            self._set_clock()
            batch: list[tuple[str, int, dict[str, Any]]] = []
            while self._due and self._due[0][0] <= self._now:
                _, _, what, seat = heapq.heappop(self._due)
                batch += getattr(self, f"_{what}")(seat)
            self._send(batch)

    def _after(self, ms: int, what: str, seat: Seat) -> None:
        heapq.heappush(self._due, (self._now + ms, next(self._order), what, seat))

    # --- the round of a seat; each part says what is sent ------------------------------------------------------------

    def _beat(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        self._after(BEAT_MS, "beat", seat)
        yield "heartbeat", seat.pool, seat.beat()

    def _dial(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Some seat is reserved; the ring goes on as long as it is held."""
        seat_id = f"sim-{next(self._ids):012d}"
        self._after(RING_MS, "answered" if self._draw.random() < ANSWERED else "unanswered", seat)
        seat.rid = seat_id
        yield "reserve", seat.pool, {
            "reservation_id": seat_id, "fp": "0123456789abcdef", "client": "sim", "campaign": "64b7f0c2a1d3e4f5",
            "priority": "outbound", "hold_ms": 75_000, "wait_ms": 0,
            "need": json.dumps({"worker_id": f"h{seat.number // HOST_SEATS}-{seat.number}"}),
        }  # fmt: skip

    def _unanswered(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        yield "release", seat.pool, {"reservation_id": seat.rid}
        seat.rid = None
        self._after(THINK_MS, "dial", seat)

    def _answered(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        seat.phase, seat.call = "busy", f"call-{seat.rid}"
        self._after(TALK_MS, "over", seat)
        worker = f"h{seat.number // HOST_SEATS}-{seat.number}"
        yield "heartbeat", seat.pool, seat.beat()
        yield "confirm", seat.pool, {"reservation_id": seat.rid, "worker_id": worker, "epoch": seat.epoch}

    def _over(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        seat.phase = "wrapping"
        self._after(WRAP_MS, "idle", seat)
        yield "heartbeat", seat.pool, seat.beat()

    def _idle(self, seat: Seat) -> Iterator[tuple[str, int, dict[str, Any]]]:
        seat.phase, seat.call, seat.rid, seat.epoch = "idle", None, None, seat.epoch + 1
        self._after(THINK_MS, "dial", seat)
        yield "heartbeat", seat.pool, seat.beat()

    # --- the store ---------------------------------------------------------------------------------------------------

    def _set_clock(self) -> None:
        self._store.mset({f"vox1:{{p{pool}}}:clock": self._now for pool in range(self._pools)})

    def _send(self, batch: list[tuple[str, int, dict[str, Any]]]) -> None:
        for at in range(0, len(batch), 200):
            pipeline = self._store.pipeline(transaction=False)
            part = batch[at : at + 200]
            for name, pool, args in part:
                self.figures.counts[name] += 1
                pipeline.execute_command(*self._command(name, pool, args))
            for (name, _, _), raw in zip(part, pipeline.execute(), strict=True):
                self.figures.counts["notes"] += raw.count(b'"call":')
                if name == "reserve" and b'"granted"' not in raw:
                    self.figures.counts["refused"] += 1
        # One reserve in each slice alone: what a caller would wait for on a store that has nothing else to do.
        if batch and len(self.figures.reserve_ms) < 2_000:
            probe = {"reservation_id": f"probe-{next(self._ids):08d}", "fp": "x", "client": "probe", "priority": "test",
                     "hold_ms": 1_000, "wait_ms": 0, "need": '{"host_id":"none"}'}  # fmt: skip
            began = time.perf_counter()
            self._store.execute_command(*self._command("reserve", 0, probe))
            self.figures.reserve_ms.append((time.perf_counter() - began) * 1000)

    def _command(self, name: str, pool: int, args: dict[str, Any]) -> tuple[Any, ...]:
        return "FCALL", f"vox1_{name}", 1, f"vox1:{{p{pool}}}:meta", self._limits, json.dumps(args)

    def _memory(self) -> int:
        return int(self._store.info("memory")["used_memory"])

    def _cpu(self) -> float:
        cpu = self._store.info("cpu")
        return float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"])
