"""Two clients that both hold one seat: histories over HTTP, through two API processes, have a legal order (T3)."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxregistry.store import library

from .changed import faulty
from .linear import FREE, Operation, order_of, reservation, seat
from .running import Api, beat, running

pytestmark = [pytest.mark.integration]

CLIENTS = 64
SEATS = [f"h{n // 4}-{n}" for n in range(16)]
GRANTS = int(os.environ.get("VOXREGISTRY_GRANTS", "100"))
AT_MOST_S = 90.0
TOLERANCE_MS = 1_000


class History:
    """What every client saw, by seat and by reservation."""

    def __init__(self) -> None:
        self.seats: dict[str, list[Operation]] = defaultdict(list)
        self.reservations: dict[str, list[Operation]] = defaultdict(list)
        self.grants = 0

    def saw(
        self,
        began: float,
        rid: str,
        said: tuple[Any, ...],
        *at: tuple[str, tuple[Any, ...]],
        ended: float | None = None,
    ) -> None:
        ended = ended or time.monotonic()
        self.reservations[rid].append(Operation(began, ended, said))
        for name, what in at:
            self.grants += what[0] == "take"
            self.seats[name].append(Operation(began, ended, what))

    def faults(self) -> list[str]:
        """Objects that no order explains."""
        lost = [f"seat {name}" for name, seen in self.seats.items() if order_of(seen, FREE, seat) is None]
        return lost + [
            f"reservation {rid}: {[op.said for op in sorted(seen, key=lambda op: op.began)]}"
            for rid, seen in self.reservations.items()
            if order_of(seen, ("none",), reservation) is None
        ]


class GivenUp(Exception):
    """No other seat was free; the reservation was released while it waited."""


class Client:
    """Reserves, repeats, extends, replaces, confirms, releases or vanishes, as a random source has it."""

    def __init__(self, number: int, https: list[httpx.AsyncClient], history: History, seed: int) -> None:
        self.draw = random.Random(seed * 1_000 + number)
        self.https, self.history, self.number = https, history, number

    async def ask(self, method: str, path: str, **body: Any) -> tuple[float, int, dict[str, Any]]:
        http = self.draw.choice(self.https)
        began = time.monotonic()
        answer = await http.request(method, f"/v1/reservations/{path}", json=body or None)
        assert answer.status_code < 500, answer.text
        return began, answer.status_code, answer.json()

    async def run(self, grants: int, until: float) -> None:
        """Goes on until all of them together have seen so many grants: how fast the machine is does not matter."""
        for n in itertools.count():
            if self.history.grants >= grants or time.monotonic() > until:
                return
            with suppress(GivenUp):
                await self.one(f"client-{self.number:02}-{n:04}")

    async def one(self, rid: str) -> None:
        draw, hold_ms = self.draw, self.draw.choice((1_000, 30_000, 30_000))
        grants = [self.reserve(rid, hold_ms)]
        if draw.random() < 0.3:  # the answer was slow, and the caller asked again
            grants.append(self.reserve(rid, hold_ms))
        found = [grant for grant in await asyncio.gather(*grants) if grant]
        if not found:
            return
        grant = found[0]
        if draw.random() < 0.3:
            await asyncio.sleep(draw.random() * 0.01)
        if draw.random() < 0.2:
            grant = await self.extend(rid, grant) or grant
        if draw.random() < 0.2:
            grant = await self.replace(rid, grant) or grant
        if hold_ms == 1_000 and draw.random() < 0.5:
            return  # it vanishes
        if draw.random() < 0.6:
            await self.confirm(rid, grant)
        await self.release(rid, times=2 if draw.random() < 0.3 else 1)
        if draw.random() < 0.2:
            await self.confirm(rid, grant)

    async def reserve(self, rid: str, hold_ms: int) -> dict[str, Any] | None:
        began, status, body = await self.ask("PUT", rid, client=f"c{self.number % 3}", hold_ms=hold_ms)
        if status == 201:
            at = body["worker_id"]
            free_at = body["deadline_ms"] + TOLERANCE_MS
            self.history.saw(began, rid, ("granted", at), (at, ("take", rid, body["now_ms"], free_at)))
            return body
        if status == 200:
            self.history.saw(began, rid, ("repeat", body["state"], body.get("worker_id")))
            return body
        if status == 429:
            self.history.saw(began, rid, ("refused",))
        else:  # a repeat so late that its hold has lapsed
            self.over(began, rid, status, body)
        return None

    def over(self, began: float, rid: str, status: int, body: dict[str, Any]) -> None:
        if status == 404:
            self.history.saw(began, rid, ("unknown",))
        elif body.get("state") == "expired":
            self.history.saw(began, rid, ("lapsed",))
        else:
            self.history.saw(began, rid, ("over",))

    async def extend(self, rid: str, grant: dict[str, Any]) -> dict[str, Any] | None:
        began, status, body = await self.ask("POST", f"{rid}/extend", hold_ms=2_000)
        if status != 200:
            self.over(began, rid, status, body)
            return None
        at = body["worker_id"]
        self.history.saw(began, rid, ("extended", at), (at, ("hold", rid, body["deadline_ms"] + TOLERANCE_MS)))
        return body

    async def replace(self, rid: str, grant: dict[str, Any]) -> dict[str, Any] | None:
        old = grant["worker_id"]
        began, status, body = await self.ask(
            "POST", f"{rid}/replace", worker_id=old, epoch=grant["epoch"], reason="refused"
        )
        if status == 202:  # no other seat: give it up
            self.history.saw(began, rid, ("replaced", old, None), (old, ("give", rid)))
            await self.ask("DELETE", rid)
            raise GivenUp
        if status != 200:
            self.over(began, rid, status, body)
            return None
        at, free_at = body["worker_id"], body["deadline_ms"] + TOLERANCE_MS
        take = (at, ("take", rid, body["now_ms"], free_at))
        self.history.saw(began, rid, ("replaced", old, at), (old, ("give", rid)), take)
        return body

    async def confirm(self, rid: str, grant: dict[str, Any]) -> None:
        at = grant["worker_id"]
        began, status, body = await self.ask("POST", f"{rid}/confirm", worker_id=at, epoch=grant["epoch"])
        if status == 200:
            self.history.saw(began, rid, ("confirmed", at), (at, ("start", rid)))
        else:
            self.over(began, rid, status, body)

    async def release(self, rid: str, times: int) -> None:
        """Both of two answers say `released`; whichever did it, it was done before the first of them came."""

        async def once() -> tuple[float, float, dict[str, Any]]:
            began, _, body = await self.ask("DELETE", rid)
            return began, time.monotonic(), body

        answers = await asyncio.gather(*(once() for _ in range(times)))
        began, ended = min(answer[0] for answer in answers), min(answer[1] for answer in answers)
        states = {answer[2]["state"] for answer in answers}
        assert len(states) == 1, states
        if states == {"released"}:
            # Which seat it had is in the history of the reservation; the seat's own history only needs the fact.
            at = self._seat_of(rid)
            self.history.saw(began, rid, ("released",), *([(at, ("give", rid))] if at else []), ended=ended)
        else:
            self.over(began, rid, 410, answers[0][2])

    def _seat_of(self, rid: str) -> str | None:
        seats = [op.said for op in self.history.reservations[rid] if op.said[0] in ("granted", "replaced")]
        return seats[-1][-1] if seats else None


async def concurrent(apis: list[Api], seed: int, *, settle: bool = True) -> History:
    """64 clients on 16 seats until `GRANTS` are seen; workers say every 300 ms that they are idle."""
    history = History()
    https = [api.client(limits=httpx.Limits(max_connections=CLIENTS)) for api in apis]
    stop = asyncio.Event()

    async def beats() -> None:
        seq = 0
        while not stop.is_set():
            seq += 1
            body = {"workers": [beat(worker, seq=seq) for worker in SEATS]}
            answer = await https[0].put("/v1/workers", json=body)
            assert answer.status_code == 200, answer.text
            await asyncio.sleep(0.3)

    beating = asyncio.create_task(beats())

    async def all_free() -> None:
        async with asyncio.timeout(60):
            while not beating.done() and (await https[0].get("/v1/fleet")).json()["free"] < len(SEATS):
                await asyncio.sleep(0.05)

    try:
        await all_free()
        until = time.monotonic() + AT_MOST_S
        await asyncio.gather(*(Client(n, https, history, seed).run(GRANTS, until) for n in range(CLIENTS)))
        if settle:
            await all_free()
            assert (await https[1].get("/v1/check")).json() == {"ok": True, "findings": []}
    finally:
        stop.set()
        await beating
        for http in https:
            await http.aclose()
    return history


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(free_port(), tmp_path / "valkey")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


async def test_what_concurrent_clients_see_has_a_legal_order_and_no_seat_leaks(
    own_valkey: ValkeyServer, tmp_path: Path
) -> None:
    seed = int(os.environ.get("VOXREGISTRY_SEED", str(time.time_ns() // 1_000_000 % 1_000_000)))
    print(f"VOXREGISTRY_SEED={seed}")
    with running(own_valkey.uri, tmp_path) as one, running(own_valkey.uri, tmp_path) as two:
        history = await concurrent([one, two], seed)
    assert history.grants >= GRANTS, f"{history.grants} grants in {AT_MOST_S:.0f} s are too few to say anything"
    assert history.faults() == []


@pytest.mark.parametrize(
    "fault",
    [
        "a granted seat stays in the index of free ones",
        "a seat is free at the deadline, while its token is still taken",
        "a released reservation can be confirmed",
    ],
)
async def test_a_fault_in_the_library_is_seen_by_clients(own_valkey: ValkeyServer, tmp_path: Path, fault: str) -> None:
    with running(own_valkey.uri, tmp_path) as one, running(own_valkey.uri, tmp_path) as two:
        store = redis.Redis(port=own_valkey.port)
        store.execute_command("FUNCTION", "LOAD", "REPLACE", faulty(fault, test_clock=False))
        assert faulty(fault, test_clock=False) != library()
        faults: list[str] = []
        for seed in range(1, 6):
            try:
                faults = (await concurrent([one, two], seed, settle=False)).faults()
            except AssertionError as broken:  # a step that finds what cannot be stops
                faults = [str(broken)]
            store.flushall()
            store.close()
            if faults:
                break
            await asyncio.sleep(0.5)
    assert faults, f"{fault}: five runs and nobody noticed"
