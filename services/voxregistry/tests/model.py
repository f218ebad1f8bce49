"""The steps of the plain model: what `model_rules` says, done to dictionaries.

Written from the rules, not from the Lua. It is slow and says little; where it and the store disagree, one is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model_rules import (
    ASIDE,
    CALL,
    CAP,
    KEEP,
    MAX_WAITING,
    OVER,
    REBUILD,
    TOLERANCE,
    TTL,
    WORD,
    Res,
    Rules,
    Seat,
)


class Model(Rules):
    """One pool. Each step settles what is due, then does its own thing, then serves the queue."""

    # --- time --------------------------------------------------------------------------------------------------------

    def _due(self) -> list[tuple[int, int, str]]:
        due: list[tuple[int, int, str]] = []
        for seat in self.seats.values():
            if seat.lost_at is not None:
                due.append((seat.lost_at + KEEP, 0, f"w:{seat.id}"))
                continue
            due.append((seat.seen + TTL, 1, seat.id))
            if seat.aside is not None and seat.aside > 0:
                due.append((seat.aside, 0, f"w:{seat.id}"))
        for r in self.reservations.values():
            at = {"waiting": r.queue_deadline, "held": r.deadline, "confirmed": r.word}.get(r.state)
            if r.state in OVER:
                at = r.lapse if r.lapse is not None else (r.over_at or 0) + KEEP
            if at is not None:
                due.append((at, 0, f"r:{r.id}"))
        return sorted(due)

    def begin(self) -> None:
        """What every step does first."""
        if not self.alive:
            self.alive = True
            self.rebuild_until = self.now + REBUILD
        while (due := self._due()) and due[0][0] <= self.now:
            _, kind, name = due[0]
            if kind == 1:
                seat = self.seats[name]
                self._part(seat, "worker_lost")
                self._end_call(seat)
                seat.lost_at, seat.phase, seat.aside, seat.since = self.now, "idle", None, self.now
            elif name.startswith("w:"):
                seat = self.seats[name[2:]]
                if seat.lost_at is not None:
                    del self.seats[seat.id]
                else:
                    seat.aside = None
            else:
                self._fall_due(self.reservations[name[2:]])
        self._serve()

    def _fall_due(self, r: Res) -> None:
        if r.state == "waiting":
            self._over(r, "expired", "queue_timeout")
            r.queue_deadline, r.order, r.moved = None, None, False
        elif r.state == "held":
            self._over(r, "expired", "not_started")
            r.lapse = (r.deadline or 0) + TOLERANCE
        elif r.state == "confirmed":
            self._over(r, "expired", "no_start")
            r.lapse = max(r.word or 0, (r.deadline or 0) + TOLERANCE)
        elif r.lapse is not None:
            self._free(r)
            r.lapse = None
        else:
            del self.reservations[r.id]
            return
        if self.seat_of(r) is None:
            r.worker = r.lapse = None

    # --- steps -------------------------------------------------------------------------------------------------------

    def heartbeat(self, b: Mapping[str, Any]) -> str:
        seat = self.seats.get(b["worker_id"])
        newborn = seat is None or seat.instance != b["instance_id"]
        if newborn:
            if (seat and b["instance_id"] in seat.old) or b["instance_id"] in self.left:
                return "superseded"
        elif seat and b["seq"] <= seat.seq:
            return "ignored"
        phase = b["phase"]
        carrying = bool(seat and not newborn and seat.lost_at is None and seat.phase in CALL)
        other = bool(
            carrying and seat and phase in CALL and seat.call_id and b.get("call_id") and seat.call_id != b["call_id"]
        )
        if seat and not newborn and seat.lost_at is None:
            back = phase == "starting" and seat.phase != "starting"
            unwrapped = seat.phase == "wrapping" and phase == "busy" and not other
            if back or unwrapped:
                self.illegal += 1
                return "illegal"
        if seat and newborn:
            self._part(seat, "worker_restarted")
            self._end_call(seat)
            seat.old = [seat.instance, *seat.old][:8]
            seat.phase, seat.aside, seat.lost_at = "none", None, None
        elif seat is None:
            seat = self.seats[b["worker_id"]] = Seat(b["worker_id"], b["instance_id"])
        assert seat is not None
        same_call = carrying and phase in CALL and not other
        if carrying and not same_call:
            self._part(seat, "call_over")
            self._end_call(seat)
        if seat.lost_at is not None:
            seat.phase = "none"
        seat.lost_at, seat.instance, seat.seq, seat.seen = None, b["instance_id"], b["seq"], self.now
        seat.host, seat.tag, seat.protocols = b["host_id"], b["image_tag"], tuple(b["protocols"])
        seat.draining, seat.epoch, seat.outbox = b["draining"], b["epoch"], b["outbox_pending"]
        if seat.aside == -1:
            seat.aside = None
        held = None if carrying else self.reservations.get(seat.rid or "")
        if phase in CALL:
            if held and b.get("reservation_id") != held.id:
                self._part(seat, "seat_taken")
            if not same_call or b.get("reservation_id") != seat.named:
                if seat.rid and seat.rid != b.get("reservation_id"):
                    self._part(seat, "call_over")
                self._count(seat, b)
            seat.call_at = self.now if seat.call_at is None else seat.call_at
            seat.call_id = b.get("call_id") or seat.call_id
            self._phase(seat, phase)
        elif held:
            unwanted = held.state == "held" and held.adopted
            came_and_went = held.state == "confirmed" and b["epoch"] > (held.epoch or 0)
            if phase == "idle" and (unwanted or came_and_went):
                self._part_over(seat, held, "not_wanted" if unwanted else "call_over")
                self._phase(seat, "idle")
        elif phase == "reserved":
            self._phase(seat, self._adopt(seat, b))
        else:
            self._phase(seat, phase)
        self._serve()
        return "ok"

    def _part_over(self, seat: Seat, r: Res, reason: str) -> None:
        self._unbind(seat)
        self._over(r, "ended", reason)

    def _count(self, seat: Seat, b: Mapping[str, Any]) -> None:
        rid = b.get("reservation_id")
        r = self.reservations.get(rid) if rid else None
        if rid and r is None:
            r = self.reservations[rid] = Res(rid, None, "direct", born=self.now, adopted=True)
        seat.named = rid
        if r and r.state == "active" and r.worker != seat.id:
            self.doubled += 1
        if r and r.state not in ("active", "ended"):
            if r.worker != seat.id:
                self._free(r)
            r.state, r.reason, r.worker, r.call_id, r.over_at, r.lapse = (
                "active",
                None,
                seat.id,
                b.get("call_id"),
                None,
                None,
            )
            r.epoch = b["epoch"] if r.epoch is None else r.epoch
            r.queue_deadline, r.order, r.moved = None, None, False
            seat.rid, seat.client, seat.campaign = r.id, r.client, r.campaign
        else:
            seat.rid = None
            seat.client = r.client if r else b.get("client") or "direct"
            seat.campaign = r.campaign if r else b.get("campaign_id")

    def _adopt(self, seat: Seat, b: Mapping[str, Any]) -> str:
        rid = b.get("reservation_id")
        if not rid or rid in self.reservations:
            return "idle"
        self.reservations[rid] = Res(
            rid, None, "direct", state="held", born=self.now, granted=self.now, deadline=self.now + CAP,
            adopted=True, worker=seat.id, epoch=b["epoch"],
        )  # fmt: skip
        seat.rid, seat.client, seat.campaign = rid, "direct", None
        return "reserved"

    def leave(self, a: Mapping[str, Any]) -> str:
        seat = self.seats.get(a["worker_id"])
        if seat is None:
            return "unknown"
        if seat.instance != a["instance_id"]:
            return "superseded"
        self.left.add(seat.instance)
        self._part(seat, "worker_left")
        self._end_call(seat)
        del self.seats[seat.id]
        return "ok"

    def reserve(self, a: Mapping[str, Any]) -> str:
        if self.now < self.rebuild_until:
            return "rebuilding"
        r = self.reservations.get(a["reservation_id"])
        if r and r.fp is None:
            r.fp, r.client, r.campaign, r.priority = a["fp"], a["client"], a.get("campaign"), a["priority"]
            r.hold, r.need, r.adopted = a["hold_ms"], a.get("need") or {}, False
            if r.state == "held":
                r.deadline = min(self.now + r.hold, r.deadline or 0)
            seat = self.seat_of(r)
            if seat:
                seat.client, seat.campaign = r.client, r.campaign
        if r:
            if r.fp != a["fp"]:
                return "id_reused"
            return "over" if r.state in OVER else "repeat"
        why = self.refusal(a["client"], a.get("campaign"), a["priority"])
        seat = None if why else self.choose(a.get("need") or {})
        new = Res(
            a["reservation_id"], a["fp"], a["client"], a.get("campaign"), a["priority"], a["hold_ms"],
            a.get("need") or {}, born=self.now,
        )  # fmt: skip
        if seat:
            self.reservations[new.id] = new
            self._hold(new, seat)
            return "granted"
        if a["wait_ms"] == 0:
            return why or "no_idle_seat"
        if sum(r.state == "waiting" for r in self.reservations.values()) >= MAX_WAITING:
            return "queue_full"
        self.reservations[new.id] = new
        self.arrivals += 1
        new.state, new.queue_deadline, new.order = "waiting", self.now + a["wait_ms"], self.arrivals
        self._join_queues()
        return "waiting"

    def confirm(self, a: Mapping[str, Any]) -> str:
        r = self.reservations.get(a["reservation_id"])
        if r is None:
            return "unknown"
        if r.state in OVER or (r.state == "waiting" and not r.moved):
            return "over"
        if r.state == "active":
            return "ok"
        if r.worker != a["worker_id"]:
            self._free(r)
            r.worker, r.order, r.moved, r.queue_deadline = a["worker_id"], None, False, None
            seat = self.seats.get(a["worker_id"])
            if seat and seat.phase == "idle" and seat.lost_at is None:
                self._bind(r, seat)
            r.epoch = a["epoch"]
        if r.state != "confirmed":
            r.word = self.now + WORD
        r.call_id = a.get("call_id") or r.call_id
        r.state, r.reason, r.lapse = "confirmed", None, None
        return "ok"

    def extend(self, a: Mapping[str, Any]) -> str:
        r = self.reservations.get(a["reservation_id"])
        if r is None:
            return "unknown"
        if r.state != "held":
            return "over"
        seat = self.seat_of(r)
        assert seat is not None
        r.deadline, r.epoch = min(self.now + a["hold_ms"], (r.granted or 0) + CAP), seat.epoch
        return "ok"

    def replace(self, a: Mapping[str, Any]) -> str:
        r = self.reservations.get(a["reservation_id"])
        if r is None:
            return "unknown"
        if r.state == "waiting":
            return "unchanged"
        if r.state not in ("held", "confirmed"):
            return "over"
        if (r.worker, r.epoch) != (a["worker_id"], a["epoch"]) or (a["reason"] == "taken" and r.state != "held"):
            return "unchanged"
        until = max(r.deadline or 0, min(self.now + r.hold, (r.granted or 0) + CAP))
        if a["reason"] == "taken":
            until = r.deadline or 0
        seat = self._free(r)
        if seat:
            seat.aside = -1 if a["reason"] in ("refused", "taken") else self.now + ASIDE
        self._move(r, until)
        self._serve()
        return "granted" if r.state == "held" else "waiting"

    def release(self, a: Mapping[str, Any]) -> str:
        r = self.reservations.get(a["reservation_id"])
        if r is None:
            return "unknown"
        if r.state == "active":
            return "active"
        if r.state in OVER:
            return "over"
        self._free(r)
        r.order, r.moved, r.queue_deadline = None, False, None
        self._over(r, "released", "released")
        return "released"

    def drain(self, a: Mapping[str, Any]) -> str:
        self.drains.setdefault(a["selector"], self.now)
        return "ok"

    def undrain(self, a: Mapping[str, Any]) -> str:
        self.drains.pop(a["selector"], None)
        return "ok"

    def set_quota(self, a: Mapping[str, Any]) -> str:
        if a.get("doc"):
            self.quotas[a["client"]] = {"max": None, "min": 0, "weight": 1, "campaigns": {}, **a["doc"]}
        else:
            self.quotas.pop(a["client"], None)
        return "ok"

    def configure(self, a: Mapping[str, Any]) -> str:
        self.placement, self.headroom = a["placement"], a["inbound_headroom"]
        return "ok"

    def step(self, name: str, args: Mapping[str, Any]) -> str:
        """One step: settle, act, serve."""
        self.begin()
        act = {"quota": self.set_quota, "settle": lambda _: "ok"}.get(name) or getattr(self, name)
        result = act(args)
        self._serve()
        return result
