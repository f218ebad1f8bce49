"""The registry as plain Python: dictionaries, no index, every count taken by looking at everything.

Written from the rules, not from the Lua. It is slow and says little; where it and the store disagree, one is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TTL, CAP, REBUILD, MAX_WAITING = 9_000, 180_000, 4_000, 6
KEEP, TOLERANCE, WORD, ASIDE = 600_000, 1_000, 9_000, 10_000
TICK = 720_720
PRIORITIES = ("inbound", "callback", "outbound", "test")
OVER = ("released", "expired", "ended")
UNITS = ("held", "confirmed", "active")
CALL = ("busy", "wrapping")


@dataclass
class Seat:
    id: str
    instance: str
    host: str = ""
    tag: str = ""
    protocols: tuple[str, ...] = ()
    old: list[str] = field(default_factory=list)
    seq: int = -1
    phase: str = "none"
    lost_at: int | None = None
    seen: int = 0
    since: int = 0
    epoch: int = 0
    rid: str | None = None
    client: str | None = None
    campaign: str | None = None
    named: str | None = None
    call_id: str | None = None
    call_at: int | None = None
    draining: bool = False
    outbox: int = 0
    aside: int | None = None  # -1 = until the next beat


@dataclass
class Res:
    id: str
    fp: str | None
    client: str
    campaign: str | None = None
    priority: str = "outbound"
    hold: int = CAP
    need: Mapping[str, Any] = field(default_factory=dict)
    state: str = "none"
    reason: str | None = None
    born: int = 0
    granted: int | None = None
    deadline: int | None = None
    queue_deadline: int | None = None
    word: int | None = None
    lapse: int | None = None
    over_at: int | None = None
    order: int | None = None
    moved: bool = False
    adopted: bool = False
    worker: str | None = None
    epoch: int | None = None
    call_id: str | None = None


class Rules:
    """What a pool holds, and what follows from it: who may have a seat, which one, who is next."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.wipe()

    def wipe(self) -> None:
        """The store was emptied."""
        self.alive = False
        self.rebuild_until = 0
        self.seats: dict[str, Seat] = {}
        self.reservations: dict[str, Res] = {}
        self.left: set[str] = set()
        self.drains: dict[str, int] = {}
        self.quotas: dict[str, dict[str, Any]] = {}
        self.vt: dict[str, int] = {}
        self.vt_of: dict[tuple[str, str], int] = {}
        self.queue_vt: dict[tuple[str, str], int] = {}
        self.arrivals = 0
        self.placement, self.headroom = "pack", 0
        self.lengths: list[tuple[int, int]] = []
        self.illegal = self.doubled = 0

    # --- what can be seen --------------------------------------------------------------------------------------------

    def drained_by(self, seat: Seat) -> list[str]:
        names = ["pool", f"worker:{seat.id}", f"host:{seat.host}", f"tag:{seat.tag}"]
        return [name for name in names if name in self.drains]

    def grantable(self, seat: Seat) -> bool:
        return (
            seat.phase == "idle"
            and seat.lost_at is None
            and self.now - seat.seen < TTL
            and not seat.draining
            and not self.drained_by(seat)
            and seat.aside is None
        )

    def free(self) -> list[Seat]:
        return [seat for seat in self.seats.values() if self.grantable(seat)]

    def units(self, client: str, campaign: str | None = None) -> int:
        holders: list[tuple[str, str | None]] = [
            (r.client, r.campaign) for r in self.reservations.values() if r.state in UNITS
        ]
        holders += [
            (s.client or "", s.campaign)
            for s in self.seats.values()
            if s.phase in CALL and s.lost_at is None and s.rid is None
        ]
        return sum(c == client and (campaign is None or k == campaign) for c, k in holders)

    def quota(self, client: str) -> dict[str, Any]:
        return self.quotas.get(client, {"max": None, "min": 0, "weight": 1, "campaigns": {}})

    def kept(self, client: str, extra: tuple[str, str | None] | None = None) -> int:
        quota = self.quota(client)
        more = 1 if extra and extra[0] == client else 0
        own = max(0, quota["min"] - self.units(client) - more)
        campaigns = 0
        for name, limit in quota["campaigns"].items():
            here = 1 if extra == (client, name) else 0
            campaigns += max(0, limit["min"] - self.units(client, name) - here)
        return max(own, campaigns)

    def refusal(self, client: str, campaign: str | None, priority: str) -> str | None:
        quota = self.quota(client)
        if quota["max"] is not None and self.units(client) >= quota["max"]:
            return "quota_client"
        limit = quota["campaigns"].get(campaign)
        if limit and limit["max"] is not None and self.units(client, campaign) >= limit["max"]:
            return "quota_campaign"
        idle = len(self.free())
        if idle == 0:
            return "no_idle_seat"
        wanted = sum(self.kept(c) for c in self.quotas) + (0 if priority == "inbound" else self.headroom)
        if self.kept(client, (client, campaign)) < self.kept(client) or idle - 1 >= wanted:
            return None
        return "kept_for_others"

    @staticmethod
    def fits(seat: Seat, need: Mapping[str, Any]) -> bool:
        return (
            need.get("worker_id", seat.id) == seat.id
            and need.get("host_id", seat.host) == seat.host
            and need.get("image_tag", seat.tag) == seat.tag
            and seat.id not in need.get("exclude_workers", ())
            and seat.host not in need.get("exclude_hosts", ())
            and set(need.get("protocols", ())) <= set(seat.protocols)
        )

    def choose(self, need: Mapping[str, Any]) -> Seat | None:
        free = self.free()
        sizes = {seat.host: sum(other.host == seat.host for other in free) for seat in free}
        sign = 1 if self.placement == "pack" else -1
        fitting = [seat for seat in free if self.fits(seat, need)]
        return min(fitting, key=lambda s: (sign * sizes[s.host], s.host, s.since, s.id), default=None)

    def seat_of(self, r: Res) -> Seat | None:
        seat = self.seats.get(r.worker or "")
        return seat if seat and seat.rid == r.id else None

    def waiting(self) -> Iterator[Res]:
        """In the order in which they are asked whether a seat will do: first all of the client that is behind."""
        waiting = [r for r in self.reservations.values() if r.state == "waiting"]
        yield from sorted((r for r in waiting if r.moved), key=lambda r: r.order or 0)
        for priority in PRIORITIES:
            here = [r for r in waiting if not r.moved and r.priority == priority]
            yield from sorted(here, key=lambda r: (self.queue_vt[priority, r.client], r.client, r.order or 0))

    def served(self) -> Iterator[Res]:
        """In the order in which they would be served if a seat would do for each."""
        waiting = list(self.waiting())
        yield from (r for r in waiting if r.moved)
        for priority in PRIORITIES:
            tagged: list[tuple[int, str, Res]] = []
            here = [r for r in waiting if not r.moved and r.priority == priority]
            for client in {r.client for r in here}:
                start, tick = self.queue_vt[priority, client], self.tick(client)
                tagged += [(start + i * tick, client, r) for i, r in enumerate(r for r in here if r.client == client)]
            yield from (r for _, _, r in sorted(tagged, key=lambda t: t[:2]))

    def position(self, r: Res) -> int:
        return [each.id for each in self.served()].index(r.id) + 1

    def tick(self, client: str) -> int:
        return TICK // self.quota(client)["weight"]

    # --- moves -------------------------------------------------------------------------------------------------------

    def _phase(self, seat: Seat, phase: str) -> None:
        if seat.phase != phase:
            seat.phase, seat.since = phase, self.now

    @staticmethod
    def _unbind(seat: Seat) -> None:
        seat.rid = seat.client = seat.campaign = seat.named = None

    def _hold(self, r: Res, seat: Seat) -> None:
        r.state, r.reason = "held", None
        r.granted = self.now if r.granted is None else r.granted
        r.deadline = min(self.now + r.hold, r.granted + CAP)
        r.queue_deadline, r.order, r.moved, r.lapse = None, None, False, None
        self._bind(r, seat)

    def _bind(self, r: Res, seat: Seat) -> None:
        self._phase(seat, "reserved")
        seat.rid, seat.client, seat.campaign = r.id, r.client, r.campaign
        r.worker, r.epoch = seat.id, seat.epoch

    def _free(self, r: Res) -> Seat | None:
        seat = self.seat_of(r)
        if seat:
            self._unbind(seat)
            self._phase(seat, "idle")
        r.worker = None
        return seat

    def _over(self, r: Res, state: str, reason: str | None) -> None:
        r.state, r.reason, r.over_at = state, reason, self.now

    def _move(self, r: Res, until: int) -> None:
        self.arrivals += 1
        r.state, r.reason, r.worker, r.moved, r.order, r.queue_deadline = (
            "waiting",
            None,
            None,
            True,
            self.arrivals,
            until,
        )

    def _part(self, seat: Seat, cause: str) -> None:
        r = self.reservations.get(seat.rid or "")
        self._unbind(seat)
        if r is None:
            return
        if r.state == "held":
            self._move(r, r.deadline or 0)
        elif r.state in ("confirmed", "active"):
            self._over(r, "ended", cause)
        else:
            r.worker = r.lapse = None

    def _end_call(self, seat: Seat) -> None:
        if seat.call_at is not None:
            self.lengths.insert(0, (self.now, self.now - seat.call_at))
        seat.call_at = seat.call_id = None

    def _join_queues(self) -> None:
        """A client is in a queue as long as something of it waits there."""
        present = {(r.priority, r.client) for r in self.reservations.values() if r.state == "waiting" and not r.moved}
        for key in [key for key in self.queue_vt if key not in present]:
            del self.queue_vt[key]
        for key in present - set(self.queue_vt):
            self.queue_vt[key] = max(self.vt.get(key[0], 0), self.vt_of.get(key, 0))

    def _serve(self) -> None:
        self._join_queues()
        while self.now >= self.rebuild_until and self._serve_one():
            self._join_queues()

    def _serve_one(self) -> bool:
        for r in list(self.waiting()):
            seat = None if self.refusal(r.client, r.campaign, r.priority) else self.choose(r.need)
            if seat is None:
                continue
            key, moved = (r.priority, r.client), r.moved
            self._hold(r, seat)
            if not moved:
                tag = self.queue_vt[key]
                self.vt[r.priority] = max(tag, self.vt.get(r.priority, 0))
                self.vt_of[key] = self.queue_vt[key] = tag + self.tick(r.client)
            return True
        return False
