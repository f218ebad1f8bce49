"""What is measured. Each function returns its lines."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field

import redis.asyncio
from callbench.figures import Goal, Line, single, spread
from voxregistry.store import Limits, Reply, Store, connect

from registrybench.plant import EPOCH, SECRET, Plant
from registrybench.wire import Wire

RESERVE = json.dumps({"client": "bench", "hold_ms": 15_000}).encode()
LIMITS = Limits(
    ttl=9_000, hold=180_000, waiting=10_000, rebuild=0, quota={"max": None, "min": 0, "weight": 1, "campaigns": {}}
)
_numbers = itertools.count()


def new_id() -> str:
    return f"bench-{next(_numbers):010d}"


@dataclass
class Run:
    """What the clients saw, milliseconds."""

    requests: list[float] = field(default_factory=list)
    cycles: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


async def cycle(wire: Wire, run: Run, due: float) -> None:
    """Reserve, confirm, release; the cycle counts from when it was due, whether or not a client was free then."""
    rid = new_id()
    body = b""
    for method, path, wanted in (("PUT", "", 201), ("POST", "/confirm", 200), ("DELETE", "", 200)):
        sent = time.perf_counter()
        status, answer = await wire.ask(method, f"/v1/reservations/{rid}{path}", RESERVE if method == "PUT" else body)
        run.requests.append((time.perf_counter() - sent) * 1000)
        if status != wanted:
            run.errors[f"{method}{path} {status} {answer[:80].decode()}"] += 1
            return
        if method == "PUT":
            grant = json.loads(answer)
            body = json.dumps({"worker_id": grant["worker_id"], "epoch": grant["epoch"], "call_id": rid}).encode()
        else:
            body = b""
    run.cycles.append((time.perf_counter() - due) * 1000)


async def open_loop(plant: Plant, *, clients: int, rate: float, seconds: float) -> tuple[Run, float]:
    """Cycles begin at `rate` a second whatever the answers take. Returns the run and how long it took."""
    wires = [await Wire.open(plant.port, SECRET) for _ in range(clients)]
    run, started = Run(), time.perf_counter()
    numbers = itertools.count()

    async def client(wire: Wire) -> None:
        while True:
            due = started + next(numbers) / rate
            if due > started + seconds:
                return
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            await cycle(wire, run, due)

    await asyncio.gather(*map(client, wires))
    took = time.perf_counter() - started
    for wire in wires:
        wire.close()
    return run, took


async def cycles(plant: Plant, *, clients: int, rate: float, seconds: float) -> list[Line]:
    """Cycles over HTTP at a fixed rate, and what they cost."""
    before = plant.cpu()
    run, took = await open_loop(plant, clients=clients, rate=rate, seconds=seconds)
    cost = {part: used - before[part] for part, used in plant.cpu().items()}
    done = len(run.cycles)
    name = f"cycles_{rate:g}"
    what = f"at {rate:g} cycles a second"
    note = "; ".join(f"{count} x {text}" for text, count in run.errors.most_common(3))
    goal = {"p99": 20.0} if rate >= 2_000 else {"p50": 3.0}
    lines = [
        single(
            f"{name}_rate",
            f"cycles done {what}",
            done / took,
            "/s",
            goal=Goal(rate * 0.98, at_most=False),
            count=done,
        ),
        single(f"{name}_errors", f"errors {what}", sum(run.errors.values()), "", goal=Goal(0), note=note),
        spread(f"{name}_ms", f"whole cycle {what}", run.cycles, shares=(0.5, 0.95, 0.99), goals=goal),
        spread(f"{name}_request_ms", f"one request {what}", run.requests, shares=(0.5, 0.95, 0.99)),
    ]
    for part, used in cost.items():
        lines.append(single(f"{name}_cpu_{part}", f"CPU of a cycle {what}: {part}", used / max(done, 1) * 1e6, "us"))
    return lines


async def steps(plant: Plant, *, count: int = 6_000, batch: int = 50) -> list[Line]:
    """The store alone: time of its own processor for each step, in pipelines of 50."""
    store = Store(connect(plant.valkey.uri), LIMITS)
    inside = redis.asyncio.Redis(port=plant.valkey.port)
    lines: list[Line] = []
    rids = [new_id() for _ in range(count)]
    seats: dict[str, str] = {}

    async def used() -> float:
        cpu = await inside.info("cpu")
        return cpu["used_cpu_user"] + cpu["used_cpu_sys"]

    def reserve(rid: str) -> tuple[str, dict[str, object]]:
        return "reserve", {"reservation_id": rid, "fp": "x", "client": "bench", "priority": "outbound",
                           "hold_ms": 15_000, "wait_ms": 0}  # fmt: skip

    def confirm(rid: str) -> tuple[str, dict[str, object]]:
        return "confirm", {"reservation_id": rid, "worker_id": seats[rid], "epoch": EPOCH}

    def release(rid: str) -> tuple[str, dict[str, object]]:
        return "release", {"reservation_id": rid}

    def step(name: str, args: dict[str, object]) -> Awaitable[Reply]:
        return store.step(name, "default", args)

    known = len(plant.seqs)

    def heartbeat(rid: str) -> tuple[str, dict[str, object]]:
        return "heartbeat", plant.beat(int(rid[-6:]) % known)

    spent: dict[str, float] = {}
    wall: dict[str, float] = {}
    for first in range(0, count, 500):
        part = rids[first : first + 500]
        for make in (reserve, confirm, release, heartbeat):
            began, cpu = time.perf_counter(), await used()
            for at in range(0, len(part), batch):
                replies = await asyncio.gather(*(step(*make(rid)) for rid in part[at : at + batch]))
                if make is reserve:
                    seats.update(
                        {rid: reply.out["view"]["worker_id"] for rid, reply in zip(part[at:], replies, strict=False)}
                    )
            spent[make.__name__] = spent.get(make.__name__, 0.0) + await used() - cpu
            wall[make.__name__] = wall.get(make.__name__, 0.0) + time.perf_counter() - began
    for name, seconds in spent.items():
        goal = Goal(50.0) if name in ("reserve", "heartbeat") else None
        lines.append(
            single(
                f"step_{name}_us", f"store CPU of a step: {name}", seconds / count * 1e6, "us", goal=goal, count=count
            )
        )
    mean = sum(spent.values()) / (count * len(spent))
    lines.append(
        single("steps_per_second", "steps a second of store CPU", 1 / mean, "/s", goal=Goal(20_000, at_most=False))
    )
    await store.close()
    await inside.aclose()
    return lines


async def queue(plant: Plant, *, rounds: int = 200) -> list[Line]:
    """A seat comes free: how long until the long poll of the one who waits is answered."""
    holder, waiter = await Wire.open(plant.port, SECRET), await Wire.open(plant.port, SECRET)
    took: list[float] = []
    body = {"client": "bench", "hold_ms": 60_000}
    need = {"need": {"worker_id": "h0-0"}}
    for _ in range(rounds):
        first, second = new_id(), new_id()
        status, _ = await holder.json("PUT", f"/v1/reservations/{first}", {**body, **need})
        assert status == 201, status
        status, answer = await waiter.json("PUT", f"/v1/reservations/{second}", {**body, **need, "wait_ms": 10_000})
        assert status == 202, answer
        poll = asyncio.create_task(
            waiter.json("GET", f"/v1/reservations/{second}?wait_ms=9000&state=waiting&position=1")
        )
        await asyncio.sleep(0.02)
        began = time.perf_counter()
        await holder.ask("DELETE", f"/v1/reservations/{first}")
        _, answer = await poll
        took.append((time.perf_counter() - began) * 1000)
        assert answer["state"] == "held", answer
        await holder.ask("DELETE", f"/v1/reservations/{second}")
    holder.close()
    waiter.close()
    return [spread("queue_grant_ms", "seat freed -> long poll answered", took, shares=(0.5, 0.99), goals={"p99": 50.0})]


async def leak(plant: Plant, *, seats: int) -> list[Line]:
    """Every seat reserved by a holder that vanishes: how late the last one is free again."""
    wire = await Wire.open(plant.port, SECRET)
    deadlines: list[int] = []
    for _ in range(seats):
        status, grant = await wire.json("PUT", f"/v1/reservations/{new_id()}", {"client": "gone", "hold_ms": 3_000})
        assert status == 201, grant
        deadlines.append(grant["deadline_ms"])
    last = max(deadlines)
    while True:
        _, view = await wire.json("GET", "/v1/fleet")
        if view["free"] == seats:
            break
        await asyncio.sleep(0.02)
    wire.close()
    late = (view["now_ms"] - last) / 1000
    goal = Goal(1.05)
    return [single("leak_s", f"last of {seats} abandoned seats free after its deadline", late, "s", goal=goal)]


async def silent(plant: Plant, *, seats: range) -> list[Line]:
    """Workers that say nothing any more: how long until the last is no longer counted as alive."""
    wire = await Wire.open(plant.port, SECRET)
    await plant.beats(wire, seats)
    began = time.perf_counter()
    while True:
        _, view = await wire.json("GET", "/v1/fleet")
        if view["lost"] == len(seats):
            break
        await asyncio.sleep(0.02)
    wire.close()
    return [single("dead_s", f"{len(seats)} silent workers noticed", time.perf_counter() - began, "s", goal=Goal(10.0))]


async def wiped(plant: Plant, *, seats: int, calls: int) -> list[Line]:
    """The store is emptied under calls: how long until seats, calls and every index are right again."""
    wire = await Wire.open(plant.port, SECRET)
    for seat in range(calls):
        plant.beat(seat, phase="busy", call_id=f"call-{seat}", client="bench")
    async with plant.beating(range(seats)):
        await asyncio.sleep(4)
        inside = redis.asyncio.Redis(port=plant.valkey.port)
        await inside.flushall()
        began = time.perf_counter()
        while True:
            _, view = await wire.json("GET", "/v1/fleet")
            if view.get("status") == "ok" and (view["busy"], view["free"]) == (calls, seats - calls):
                break
            if time.perf_counter() - began > 30:
                raise RuntimeError(f"not right again: {view}")
            await asyncio.sleep(0.02)
        took = time.perf_counter() - began
        _, checked = await wire.json("GET", "/v1/check")
        _, quotas = await wire.json("GET", "/v1/quotas")
        await inside.aclose()
    wire.close()
    right = checked["ok"] and isinstance(quotas["items"], list)
    return [
        single("wiped_s", f"emptied store right again, {seats} seats, {calls} calls", took, "s", goal=Goal(5.0)),
        single("wiped_findings", "what check found then", 0 if right else len(checked["findings"]), "", goal=Goal(0)),
    ]


async def memory(plant: Plant, *, seats: int, kept: int) -> list[Line]:
    """Memory of a pool of this size after ten busy minutes."""
    inside = redis.asyncio.Redis(port=plant.valkey.port)
    store = Store(connect(plant.valkey.uri), LIMITS)
    pool = "memory"
    before = (await inside.info("memory"))["used_memory"]
    for first in range(0, seats, 500):
        await asyncio.gather(
            *(store.step("heartbeat", pool, plant.beat(n)) for n in range(first, min(first + 500, seats)))
        )
    alone = (await inside.info("memory"))["used_memory"]
    for done in range(0, kept, 500):
        rids = [new_id() for _ in range(500)]
        ask = {
            "fp": "0123456789abcdef",
            "client": "bench",
            "campaign": "64b7f0c2a1d3e4f5a6b7c8d9",
            "priority": "outbound",
            "hold_ms": 15_000,
            "wait_ms": 0,
        }
        await asyncio.gather(*(store.step("reserve", pool, {**ask, "reservation_id": rid}) for rid in rids))
        await asyncio.gather(*(store.step("release", pool, {"reservation_id": rid}) for rid in rids))
        if done % 5_000 == 0:  # they would be lost after 9 s
            await asyncio.gather(*(store.step("heartbeat", pool, plant.beat(n)) for n in range(seats)))
    after = (await inside.info("memory"))["used_memory"]
    await store.close()
    await inside.aclose()
    mb = 1024 * 1024
    return [
        single(
            "memory_mb",
            f"memory of {seats} seats, {kept} kept reservations",
            (after - before) / mb,
            "MB",
            goal=Goal(250.0),
        ),
        single("memory_seat_kb", "memory of a seat", (alone - before) / seats / 1024, "KB", goal=Goal(3.0)),
        single(
            "memory_reservation_kb",
            "memory of a kept reservation, events included",
            (after - alone) / kept / 1024,
            "KB",
        ),
    ]
