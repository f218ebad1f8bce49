"""Far more callers than seats: who is starved, overtaken, left waiting, or let in over its quota (P-7, QE1 to QE4).

200 callers on 50 seats over a real process. What is judged is the store's own record of events, in its own order and by
its own clock, so the speed of the machine decides nothing but how long this takes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from voxctl.embedded import ValkeyServer
from voxkit.contracts.registry import ClientQuota
from voxkit.registry import QueueTimeout, RegistryClient, new_reservation_id

from .running import SECRET, Api, beat, running

pytestmark = [pytest.mark.integration]

SEATS = [f"h{n // 10}-{n}" for n in range(50)]
CALLERS = {"aa": 90, "bb": 90, "capped": 20}
CAP = 5
GRANTS = 1_000
WAIT_MS = 60_000
Store = tuple[ValkeyServer, redis.Redis]
Event = tuple[str, dict[str, Any]]


@asynccontextmanager
async def full_house(store: Store, folder: Path, kept: int = 0) -> AsyncIterator[tuple[Api, dict[str, RegistryClient]]]:
    """A registry with 50 seats, and a client for each deployment; `kept`: seats kept for each of them."""
    with running(store[0].uri, folder, HEARTBEAT_TTL_MS="60000") as api:
        clients = {name: RegistryClient(api.url, SECRET, client=name) for name in CALLERS}
        async with api.client() as http:
            await http.put("/v1/workers", json={"workers": [beat(seat, seq=1) for seat in SEATS]})
        for name, cap in (("aa", 40), ("bb", 40), ("capped", CAP)):
            await clients[name].put_quota(ClientQuota(client=name, max=cap, min=kept))
        try:
            yield api, clients
        finally:
            for client in clients.values():
                await client.aclose()


def history(store: Store) -> list[Event]:
    """All that happened to reservations, in the store's order."""
    entries = store[1].xrange("vox1:{default}:events")
    events = [event for _, fields in entries for event in json.loads(fields[b"e"])]
    return [(name.removeprefix("reservation."), data) for name, data in events if name.startswith("reservation.")]


@pytest.mark.parametrize("seed", [int(os.environ.get("VOXREGISTRY_SEED", "50"))])
async def test_two_hundred_callers_share_fifty_seats_fairly_and_by_priority(
    own_store: Store, tmp_path: Path, seed: int
) -> None:
    draw, grants = random.Random(seed), itertools.count(1)
    done, told = asyncio.Event(), defaultdict[str, asyncio.Event](asyncio.Event)

    async def listen(registry: RegistryClient) -> None:
        async for event in registry.events(types="reservation.held,reservation.expired"):
            told[event.data.get("reservation_id", event.event)].set()

    async def caller(http: httpx.AsyncClient, client: str, number: int) -> None:
        priority = "inbound" if number % 9 == 1 and client != "capped" else "outbound"
        body = {"client": client, "priority": priority, "hold_ms": 60_000, "wait_ms": WAIT_MS}
        for turn in itertools.count():
            rid = f"r-{client}-{number:02}-{turn:04}"
            while (answer := await http.put(f"/v1/reservations/{rid}", json=body)).status_code == 503:
                await asyncio.sleep(0.2)  # shed: the same id again
            if answer.json()["state"] == "waiting":
                await told[rid].wait()
            if next(grants) >= GRANTS * 1.6:
                done.set()
            await asyncio.sleep(draw.random() * 0.05)  # the call
            await http.delete(f"/v1/reservations/{rid}")

    async with full_house(own_store, tmp_path, kept=2) as (api, clients), api.client() as http:
        listener = asyncio.create_task(listen(clients["aa"]))
        async with asyncio.timeout(30):
            await told["hello"].wait()
        callers = [asyncio.create_task(caller(http, name, n)) for name, many in CALLERS.items() for n in range(many)]
        async with asyncio.timeout(120):
            await done.wait()
        for task in (listener, *callers):
            task.cancel()
        await asyncio.gather(listener, *callers, return_exceptions=True)
        events = history(own_store)

    waiting: dict[str, dict[str, Any]] = {}
    in_use: Counter[str] = Counter()
    served: list[str] = []
    for what, data in events:
        rid, client = data["reservation_id"], data["client"]
        if what == "waiting":
            waiting[rid] = data
        elif what == "held":
            in_use[client] += 1
            assert in_use["capped"] <= CAP
            assert sum(in_use.values()) <= len(SEATS)
            asked = waiting.pop(rid, None)
            if asked is not None:
                assert data["now_ms"] <= asked["now_ms"] + WAIT_MS, "served after its deadline"
            if asked is not None and data["priority"] == "outbound":
                overtaken = [r for r in waiting.values() if r["priority"] == "inbound"]
                assert not overtaken, f"{rid} was let in before {overtaken}"
                both = {r["client"] for r in waiting.values()} >= {"aa", "bb"}
                if both and client in ("aa", "bb"):
                    served.append(client)
        elif what in ("released", "expired", "ended"):
            in_use[client] -= rid not in waiting
            waiting.pop(rid, None)
    shares = Counter(served[:GRANTS])
    print(f"seed {seed}: {dict(shares)} of {len(served)} grants from the queue, {len(events)} events")
    assert len(served) >= GRANTS, "too few grants from the queue to say anything"
    assert abs(shares["aa"] - shares["bb"]) < 0.05 * shares.total(), shares


async def test_who_waits_sees_its_place_fall_and_nobody_waits_past_its_deadline(
    own_store: Store, tmp_path: Path
) -> None:
    async with full_house(own_store, tmp_path) as (api, clients):
        ours, theirs = clients["aa"], clients["bb"]
        held = [await client.reserve(new_reservation_id(), hold=120) for client in (ours, theirs) for _ in range(25)]
        places: dict[int, list[int]] = {n: [] for n in range(12)}
        order: list[int] = []

        async def waiter(number: int) -> None:
            rid = f"r-waiter-{number:02}"
            await ours.reserve(rid, hold=60, wait=60, on_waiting=lambda place: places[number].append(place.position))
            order.append(number)

        async def gives_up(number: int) -> None:
            with pytest.raises(QueueTimeout):
                await theirs.reserve(f"r-gives-up-{number:02}", priority="test", wait=1)

        waiters: list[asyncio.Task[None]] = []
        for number in places:
            waiters.append(asyncio.create_task(waiter(number)))
            async with asyncio.timeout(30):
                while not places[number]:
                    await asyncio.sleep(0.01)
        assert [first for first, *_ in places.values()] == list(range(1, 13))
        await asyncio.gather(*(gives_up(number) for number in range(8)))
        for number, grant in zip(places, held, strict=False):
            await ours.release(grant)
            async with asyncio.timeout(30):
                await waiters[number]
                while any(seen[-1] != place for place, seen in enumerate(list(places.values())[number + 1 :], 1)):
                    await asyncio.sleep(0.01)  # everybody behind it hears of it
        assert order == list(places)  # first come, first served
        assert [places[n] for n in places] == [list(range(n + 1, 0, -1)) for n in places]  # one step at a time, to 1
        async with api.client() as http:
            assert (await http.get("/v1/check")).json() == {"ok": True, "findings": []}
        asked = {data["reservation_id"]: data["now_ms"] for what, data in history(own_store) if what == "waiting"}
        lapsed = {d["reservation_id"]: d["now_ms"] for what, d in history(own_store) if what == "expired"}
    assert len(lapsed) == 8
    assert all(lapsed[rid] >= asked[rid] + 1_000 for rid in lapsed)
    assert (
        max(lapsed[rid] - asked[rid] for rid in lapsed) < 1_000 + 3_000
    )  # a sweep is due every 250 ms, on a busy machine
