"""Random steps: all that workers, holders and operators may send, sensible or not, in any order, twice or late."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .pool import Pool

WORKERS = tuple(f"{host}-{n}" for host in ("h1", "h2") for n in (1, 2, 3))
CLIENTS = ("main", "other")
CAMPAIGNS = (None, None, "camp-a", "camp-b")
TICKS = (0, 1, 999, 1000, 1001, 2999, 3000, 5000, 8999, 9000, 9001, 20_000, 181_000, 601_000)
SELECTORS = ("pool", "host:h1", "worker:h2-1", "tag:new")
PRIORITIES = ("inbound", "callback", "outbound", "outbound", "test")
NEEDS = ({"host_id": "h1"}, {"worker_id": "h2-2"}, {"image_tag": "new"}, {"protocols": ["ws", "sip"]},
         {"exclude_workers": ["h1-1", "h1-2"]}, {"exclude_hosts": ["h2"]})  # fmt: skip


class Hand:
    """Draws steps with one random source and remembers what it sent, to send it again."""

    def __init__(self, pool: Pool, draw: random.Random) -> None:
        self.pool, self.draw = pool, draw
        self.instances: dict[str, int] = dict.fromkeys(WORKERS, 1)
        self.seqs: dict[str, int] = dict.fromkeys(WORKERS, 0)
        self.epochs: dict[str, int] = dict.fromkeys(WORKERS, 100)
        self.calls = 0
        self.ids = 0
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def one(self) -> None:
        """One step, compared; the clock may move first."""
        if self.draw.random() < 0.25:
            ms = self.draw.choice(TICKS[:8] if self.draw.random() < 0.9 else TICKS)
            self.pool.tick(ms)
            if ms > 100_000:
                self.settle()  # without a limit: a step settles 64 records, and such a leap may bring more
        (move,) = self.draw.choices(MOVES, WEIGHTS)
        move(self)

    def run(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        self.sent = [*self.sent[-20:], (name, args)]
        return self.pool.step(name, args)

    def rid(self) -> str:
        """One of the last reservation ids, mostly one that is open, or one that nobody has used."""
        known = self.pool.model.reservations.values()
        open_ids = [r.id for r in known if r.state in ("waiting", "held", "confirmed", "active")]
        if open_ids and self.draw.random() < 0.7:
            return self.draw.choice(open_ids)
        return f"reserv-{self.draw.randint(max(0, self.ids - 8), self.ids + 1):06}"

    # --- workers -----------------------------------------------------------------------------------------------------

    def beat(self, worker: str | None = None, **said: Any) -> dict[str, Any]:
        """A heartbeat; what is not given is a likely or an unlikely truth."""
        draw, w = self.draw, worker or self.draw.choice(WORKERS)
        seat = self.pool.model.seats.get(w)
        phase = draw.choice(("idle", "idle", "reserved", "busy", "busy", "wrapping", "starting"))
        if draw.random() < 0.05:
            self.instances[w] += 1
        self.seqs[w] += 1
        if phase == "idle" and draw.random() < 0.5:
            self.epochs[w] += 1
        rid = None
        if phase in ("reserved", "busy", "wrapping"):
            likely = seat.rid if seat else None
            rid = likely if likely and draw.random() < 0.7 else draw.choice((None, self.rid()))
        call = None
        if phase in ("busy", "wrapping"):
            if seat and seat.call_id and draw.random() < 0.7:
                call = seat.call_id
            elif draw.random() < 0.9:
                self.calls += 1
                call = f"call-{self.calls}"
        args: dict[str, Any] = {
            "worker_id": w,
            "instance_id": f"{w}.{self.instances[w]}",
            "seq": self.seqs[w],
            "host_id": w[:2],
            "lb_url": "http://lb",
            "direct_url": f"http://{w}",
            "image_tag": draw.choice(("old", "old", "new")),
            "version": "1",
            "phase": phase,
            "draining": draw.random() < 0.08,
            "epoch": self.epochs[w],
            "outbox_pending": draw.choice((0, 0, 0, 1)),
            "protocols": ["ws", "sip"] if w.endswith("1") else ["ws"],
            **said,
        }
        if draw.random() < 0.1:
            args["seq"] = draw.randint(0, args["seq"])
        if draw.random() < 0.05:
            args["instance_id"] = f"{w}.{draw.randint(1, self.instances[w])}"
        optional = {"reservation_id": rid, "call_id": call, "client": draw.choice((None, None, "main")),
                    "campaign_id": draw.choice((None, None, "camp-a"))}  # fmt: skip
        for name, value in optional.items():
            if value is not None and name not in args:
                args[name] = value
        return self.run("heartbeat", args)

    def honest(self) -> None:
        """All workers say that they are idle: most random walks need seats to be of any use."""
        for w in WORKERS:
            seat = self.pool.model.seats.get(w)
            if seat is None or seat.phase in ("idle", "starting", "busy", "wrapping") or self.draw.random() < 0.2:
                self.beat(w, phase="idle", draining=False, image_tag="old", outbox_pending=0)

    def leave(self) -> None:
        w = self.draw.choice(WORKERS)
        self.run("leave", {"worker_id": w, "instance_id": f"{w}.{self.draw.randint(1, self.instances[w])}"})

    # --- holders -----------------------------------------------------------------------------------------------------

    def reserve(self) -> None:
        draw = self.draw
        if draw.random() < 0.7:
            self.ids += 1
            n = self.ids
        else:
            n = int(self.rid()[-6:])
        fixed = n % 3  # most ids keep one fingerprint, so that repeats are repeats
        args: dict[str, Any] = {
            "reservation_id": f"reserv-{n:06}",
            "client": CLIENTS[n % 2],
            "priority": PRIORITIES[n % 5],
            "hold_ms": (1_000, 15_000, 180_000)[fixed],
            "wait_ms": (0, 20_000, 60_000)[draw.choice((fixed, 1))],
            "fp": f"fp-{n}",
        }
        if campaign := CAMPAIGNS[n % 4]:
            args["campaign"] = campaign
        if n % 5 == 4:
            args["need"] = NEEDS[n % len(NEEDS)]
        if draw.random() < 0.05:
            args["fp"] = "another"
        self.run("reserve", args)

    def _about(self) -> tuple[str, str, int]:
        """A reservation with the seat it has, had or never had."""
        rid = self.rid()
        known = self.pool.model.reservations.get(rid)
        if known and known.worker and self.draw.random() < 0.8:
            return rid, known.worker, known.epoch or 0
        w = self.draw.choice(WORKERS)
        return rid, w, self.epochs[w]

    def confirm(self) -> None:
        rid, worker, epoch = self._about()
        self.run("confirm", {"reservation_id": rid, "worker_id": worker, "epoch": epoch})

    def extend(self) -> None:
        self.run("extend", {"reservation_id": self.rid(), "hold_ms": self.draw.choice((1_000, 60_000, 180_000))})

    def replace(self) -> None:
        rid, worker, epoch = self._about()
        reason = self.draw.choice(("refused", "unreachable", "timeout", "taken"))
        self.run("replace", {"reservation_id": rid, "worker_id": worker, "epoch": epoch, "reason": reason})

    def release(self) -> None:
        self.run("release", {"reservation_id": self.rid()})

    # --- operators, time, accidents ----------------------------------------------------------------------------------

    def drain(self) -> None:
        self.run("drain", {"selector": self.draw.choice(SELECTORS), "reason": "", "by": ""})

    def undrain(self) -> None:
        self.run("undrain", {"selector": self.draw.choice(SELECTORS)})

    def quota(self) -> None:
        draw = self.draw
        args: dict[str, Any] = {"client": draw.choice(CLIENTS)}
        if draw.random() < 0.7:
            limits = {"camp-a": {"max": draw.choice((None, 1, 2)), "min": draw.choice((0, 1))}}
            args["doc"] = {
                "max": draw.choice((None, None, 1, 3)),
                "min": draw.choice((0, 0, 1, 2)),
                "weight": draw.choice((1, 1, 3)),
                "campaigns": limits if draw.random() < 0.5 else {},
            }
        self.run("quota", args)

    def configure(self) -> None:
        self.run(
            "configure",
            {"placement": self.draw.choice(("pack", "spread")), "inbound_headroom": self.draw.choice((0, 0, 1))},
        )

    def settle(self) -> None:
        self.run("settle", {"limit": 1_000_000})

    def again(self) -> None:
        """A message that was delivered twice or late."""
        if self.sent:
            name, args = self.draw.choice(self.sent)
            self.run(name, args)

    def wipe(self) -> None:
        self.pool.wipe()
        if self.draw.random() < 0.7:
            self.settle()
            self.honest()
            self.pool.tick(4_000)


MOVES: tuple[Callable[[Hand], object], ...] = (
    Hand.beat, Hand.honest, Hand.leave, Hand.reserve, Hand.confirm, Hand.extend, Hand.replace, Hand.release, Hand.drain,
    Hand.undrain, Hand.quota, Hand.configure, Hand.settle, Hand.again, Hand.wipe,
)  # fmt: skip
WEIGHTS = (30, 3, 1, 30, 12, 5, 8, 8, 1, 2, 2, 1, 3, 8, 0.3)
