"""A pool in a real store, driven step by step on a virtual clock, with the plain model beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import redis
from pydantic_core import to_json
from voxregistry.store import Limits, library

from .model import Model
from .model_rules import CAP, MAX_WAITING, OVER, REBUILD, TTL, UNITS

CHECK = ("check", {"cursor": "0", "limit": 10**9})
START_MS = 1_800_000_000_000
QUOTA = {"max": None, "min": 0, "weight": 1, "campaigns": {}}
LIMITS = Limits(ttl=TTL, hold=CAP, waiting=MAX_WAITING, rebuild=REBUILD, quota=QUOTA)

# Everything the store holds of a pool, in one call; not part of the product.
DUMP = """#!lua name=voxtest
redis.register_function('voxtest_dump', function(keys, args)
  local out = { w = {}, r = {} }
  for _, key in ipairs(redis.call('KEYS', args[1] .. '*')) do
    local kind, id = key:sub(#args[1] + 1):match('^([wr]):(.*)$')
    if kind then
      local flat, record = redis.call('HGETALL', key), {}
      for i = 1, #flat, 2 do record[flat[i]] = flat[i + 1] end
      out[kind][id] = record
    end
  end
  return cjson.encode(out)
end)
"""


Fields: TypeAlias = Callable[[Mapping[str, str]], tuple[str, ...]]
"""The fields of a record that the rules speak of."""


class Disagreement(AssertionError):
    """The store and the rules do not say the same."""


def load(store: redis.Redis, source: str | None = None) -> None:
    """Put the library (or a changed one) and the dump function into a store."""
    store.execute_command("FUNCTION", "LOAD", "REPLACE", source or library(test_clock=True))
    store.execute_command("FUNCTION", "LOAD", "REPLACE", DUMP)


class Pool:
    """`step` runs one step in store and model, compares the answers, every record, and every index."""

    def __init__(self, store: redis.Redis, name: str, *, now: int = START_MS) -> None:
        self.store, self.name, self.now = store, name, now
        self.prefix = f"vox1:{{{name}}}:"
        self.model = Model(now)
        self.limits = to_json(LIMITS)
        self.steps = 0
        self.set_clock(now)

    def set_clock(self, now: int) -> None:
        self.now = self.model.now = now
        self.store.set(f"{self.prefix}clock", now)  # at once: not every step of a test is compared

    def tick(self, ms: int) -> None:
        self.set_clock(self.now + ms)

    def wipe(self) -> None:
        self.clear()
        self.model.wipe()
        self.set_clock(self.now)

    def clear(self) -> None:
        keys = self.store.keys(f"{self.prefix}*")
        if keys:
            self.store.delete(*keys)

    def _command(self, name: str, args: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        verb = "FCALL_RO" if name == "check" else "FCALL"
        return verb, f"vox1_{name}", 1, f"{self.prefix}meta", self.limits, to_json(args or {})

    def call(self, name: str, args: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The step in the store alone: `{out, notes, events}`."""
        return json.loads(self.store.execute_command(*self._command(name, args)))

    def step(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Run, compare, answer what the store said. Raises: Disagreement."""
        self.steps += 1
        sent = {**args, "need": json.dumps(args["need"])} if args.get("need") else args
        pipeline = self.store.pipeline(transaction=False)
        for command in (self._command(name, sent), ("FCALL", "voxtest_dump", 0, self.prefix), self._command(*CHECK)):
            pipeline.execute_command(*command)
        try:
            said, dump, check = (json.loads(raw) for raw in pipeline.execute())
        except redis.ResponseError as error:
            raise Disagreement(f"{name} {dict(args)} broke: {error}") from None
        expected = self.model.step(name, args)
        if said["out"]["result"] != expected:
            raise Disagreement(f"{name} {dict(args)}: the store says {said['out']}, the rules say {expected}")
        if undated := [event for event, data in said["events"] or [] if data.get("now_ms") != self.now]:
            raise Disagreement(f"{name} {dict(args)}: {undated} happened now, and say another time")
        self._compare(dump, said["out"].get("view"))
        if check["out"]["findings"]:
            raise Disagreement(f"indexes that the records do not imply: {check['out']['findings']}")
        return said

    def findings(self) -> list[str]:
        return self.call(*CHECK)["out"]["findings"] or []

    def dump(self) -> dict[str, dict[str, dict[str, str]]]:
        raw = json.loads(self.store.execute_command("FCALL", "voxtest_dump", 0, self.prefix))
        return {kind: raw[kind] or {} for kind in ("w", "r")}

    def _compare(self, dump: Mapping[str, dict[str, dict[str, str]]], view: Mapping[str, Any] | None) -> None:
        """Every record of the store against the model, and the promise P1 from the records alone."""
        seats, reservations = dump["w"] or {}, dump["r"] or {}
        held = [r["worker"] for r in reservations.values() if r["state"] in ("held", "active")]
        if len(held) != len(set(held)):
            raise Disagreement(f"a seat is granted twice: {sorted(held)}")
        self._same("seats", {key: self._seat(key) for key in self.model.seats}, self._stored(seats, seat_fields))
        self._same(
            "reservations",
            {key: self._reservation(key) for key in self.model.reservations},
            self._stored(reservations, reservation_fields),
        )
        if view and view["state"] == "waiting":
            waiting = self.model.reservations[view["reservation_id"]]
            self._same("position", self.model.position(waiting), view["position"])

    @staticmethod
    def _same(what: str, rules: object, store: object) -> None:
        if rules != store:
            if isinstance(rules, dict) and isinstance(store, dict):
                keys = sorted(key for key in {*rules, *store} if rules.get(key) != store.get(key))
                detail = "; ".join(f"{key}: rules {rules.get(key)}, store {store.get(key)}" for key in keys)
            else:
                detail = f"rules {rules}, store {store}"
            raise Disagreement(f"{what}: {detail}")

    @staticmethod
    def _stored(records: dict[str, dict[str, str]], fields: Fields) -> dict[str, dict[str, str]]:
        return {
            key: {name: record[name] for name in fields(record) if name in record} for key, record in records.items()
        }

    def _seat(self, key: str) -> dict[str, str]:
        s = self.model.seats[key]
        live = s.lost_at is None
        drained = " ".join(f"{name}={self.model.drains[name]}" for name in self.model.drained_by(s)) if live else None
        values: dict[str, Any] = {
            "instance": s.instance, "seq": s.seq, "host": s.host, "image_tag": s.tag, "phase": s.phase, "rid": s.rid,
            "lost_ms": s.lost_at, "seen_ms": s.seen, "since_ms": s.since, "epoch": s.epoch, "client": s.client,
            "campaign": s.campaign, "call_id": s.call_id, "call_ms": s.call_at, "aside_until_ms": s.aside,
            "self_draining": 1 if s.draining else None, "drained_by": drained or None, "outbox_pending": s.outbox,
            "named": s.named,
        }  # fmt: skip
        return {name: str(value) for name, value in values.items() if value is not None}

    def _reservation(self, key: str) -> dict[str, str]:
        r = self.model.reservations[key]
        values: dict[str, Any] = {
            "state": r.state, "reason": r.reason, "client": r.client, "campaign": r.campaign, "priority": r.priority,
            "worker": r.worker, "order": r.order, "moved": 1 if r.moved else None, "born_ms": r.born, "fp": r.fp,
            "granted_ms": r.granted, "adopted": 1 if r.adopted else None, "call_id": r.call_id,
            "deadline_ms": r.deadline if r.state in UNITS or r.lapse else None,
            "queue_deadline_ms": r.queue_deadline,
            "word_ms": r.word if r.state == "confirmed" else None, "epoch": r.epoch if r.state in UNITS else None,
            "lapse_ms": r.lapse if r.state in OVER else None, "over_ms": r.over_at if r.state in OVER else None,
        }  # fmt: skip
        return {name: str(value) for name, value in values.items() if value is not None}


ALWAYS = ("state", "reason", "client", "campaign", "priority", "worker", "order", "moved",
          "queue_deadline_ms", "born_ms", "fp", "granted_ms", "adopted", "call_id")  # fmt: skip
# What was once agreed and no longer counts is not compared.
COUNTING = {
    "waiting": ALWAYS,
    "held": (*ALWAYS, "deadline_ms", "epoch"),
    "confirmed": (*ALWAYS, "deadline_ms", "epoch", "word_ms"),
    "active": (*ALWAYS, "deadline_ms", "epoch"),
    **dict.fromkeys(OVER, (*ALWAYS, "lapse_ms", "over_ms")),
}
SEAT_FIELDS = ("instance", "seq", "host", "image_tag", "phase", "rid", "lost_ms", "seen_ms", "since_ms", "epoch",
               "client", "campaign", "call_id", "call_ms", "aside_until_ms", "self_draining", "drained_by",
               "outbox_pending", "named")  # fmt: skip
LOST_FIELDS = tuple(name for name in SEAT_FIELDS if name != "drained_by")


def seat_fields(record: Mapping[str, str]) -> tuple[str, ...]:
    return LOST_FIELDS if "lost_ms" in record else SEAT_FIELDS


def reservation_fields(record: Mapping[str, str]) -> tuple[str, ...]:
    fields = COUNTING[record["state"]]
    return (*fields, "deadline_ms") if "lapse_ms" in record and "deadline_ms" not in fields else fields
