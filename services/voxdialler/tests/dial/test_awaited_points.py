"""R1 at every wait: killed after any answer of the store, the carrier, the registry or LiveKit, a contact settles.

`test_crashes` ends a dial at the lines of the contract, by name. Here the places are found in the source: a line that
is added and waits for somebody is one of them by itself, and fails the last test until a dial passes it.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from voxdialler import attach, attempts, checks, dial, follow, rows, screening, seats, settle
from voxdialler.context import DialOrder
from voxdialler.originate import livekit_sip, websocket_carrier
from voxdialler.originate.ways import Ways
from voxkit.clock import utc_now
from voxkit.contracts.campaigns import FREED

from .awaits import Killed, Place, Point, Watched, awaits_of
from .endings import settles_once
from .fake_carrier import ANSWER, RING, TALKS, Plan
from .test_crashes import PLANS
from .world import CARRIER, TRUNK

pytestmark = [pytest.mark.faults]
MODULES = (attach, attempts, checks, dial, follow, rows, screening, seats, settle, livekit_sip, websocket_carrier)
TWICE = 2
"""A line in a loop is an end of its own the second time too; what follows is the same question once more."""
NOT_OF_A_DIAL = {
    "dial.prepare: ctx.buckets.take": "waits for a token: nobody is asked anything",
    "follow._Follow.run: limit": "a limit of time, which does not wait",
    "follow._Follow.hang_up: _hang_up": "asked for by the loop, in a task of its own",
    "follow._Follow._out_of_time: self._answered": "of a call that was adopted, in recovery",
    "follow._Follow._out_of_time: self._step": "as in `run`, when the last question finds what nobody had told",
    "originate.livekit_sip.LivekitSip.events: self.find": "of a call that was adopted, see test_livekit_sip",
    "originate.livekit_sip.LivekitSip.events: asyncio.sleep": "of a call that was adopted, see test_livekit_sip",
    "originate.livekit_sip.LivekitSip._ring: self._server.sip.create_sip_participant": "in a task of its own",
    "originate.livekit_sip.LivekitSip._ring: self.find": "in a task of its own",
    "originate.livekit_sip.LivekitSip.aclose: asyncio.gather": "the end of the process",
    "dial.place: ctx.buckets.leave": "behind other dials only; the crash point before it leaves the same",
    "originate.livekit_sip.LivekitSip.aclose: self._api.aclose": "the end of the process",
    "originate.websocket_carrier.WebsocketCarrier._poll: asyncio.sleep": "in a task of its own, and only asks",
    "originate.websocket_carrier.WebsocketCarrier._poll: self._read": "in a task of its own, and only asks",
    "originate.websocket_carrier.WebsocketCarrier._read: (await self._client()).find": "in a task of its own",
    "originate.websocket_carrier.WebsocketCarrier._read: self._client": "in a task of its own, and only asks",
    "originate.websocket_carrier.WebsocketCarrier.aclose: asyncio.gather": "the end of the process",
}
"""Waits that no dial passes by itself, and why none needs to."""
Document = dict[str, Any]
Act = Callable[[Any, Document], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """A dial over the carrier with this plan, or over LiveKit to a callee who does that (`FakeLiveKit.callees`), with
    these answers of workers. `before`: what happens to the contact once it is leased; `meanwhile`: while the carrier
    takes the order; `pinned`: a seat is reserved
    before; `talks`: a conversation may be its end."""

    plan: Plan | None = None
    callee: str = ""
    workers: tuple[httpx.Response | httpx.TransportError, ...] = ()
    before: Act | None = None
    meanwhile: Act | None = None
    pinned: bool = True
    talks: bool = False


async def is_listed(world: Any, row: Document) -> None:
    await world.db["dnc"].insert_one({"_id": row["phone_key"], "expires_at": None})


async def is_full(world: Any, row: Document) -> None:
    world.seats.free = 0


async def is_held_for_a_moment(world: Any, row: Document) -> None:
    world.seats.left_s = 5.0


async def has_no_registry(world: Any, row: Document) -> None:
    world.ctx.registry = None
    world.ctx.capacity.seats = SimpleNamespace(hosts=[("http://fleet.test", 5)])
    world.ctx.http = world.seats.http


async def has_no_livekit(world: Any, row: Document) -> None:
    world.ctx.originators = Ways(world.ctx.accounts, open_media=lambda: ("", ""), now=utc_now)


async def is_adopted(world: Any, row: Document) -> None:
    """Another dialler took the contact while this one was frozen."""
    await world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": {"lease_owner": "another#9"}})


async def has_a_result(world: Any, row: Document) -> None:
    """voxbridge was told of the conversation by its worker before the carrier's answer came here."""
    attempt = {"outcome": "customer", "ended_at": utc_now()}
    await world.db["campaign_attempts"].update_many({"campaign_call_id": row["_id"]}, {"$set": attempt})
    settled = {**dict.fromkeys(FREED), "status": "completed", "last_outcome": "customer"}
    await world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": settled})


async def is_at_a_worker(world: Any, row: Document) -> None:
    session_id = str(uuid.UUID(hex=(await world.read(row))["lease_id"]))
    await world.db["calls"].insert_one({"_id": session_id})


REFUSED = (httpx.Response(403, json={"error": "forbidden"}),)
SILENT = (httpx.ReadTimeout("late"), httpx.ReadTimeout("late"))
KINDS = {
    **{name: Kind(plan, talks=name.startswith("talks")) for name, plan in PLANS.items()},
    "rings for ever": Kind(Plan((RING,))),
    "answered, and no media comes": Kind(Plan((RING, ANSWER))),
    "answered, and only the worker tells": Kind(Plan((RING, ANSWER)), before=is_at_a_worker, talks=True),
    "on the do-not-call list": Kind(Plan(TALKS), before=is_listed),
    "no seat": Kind(Plan(TALKS), before=is_full),
    "adopted by another": Kind(Plan(TALKS), before=is_adopted),
    "the result comes first": Kind(Plan(TALKS), meanwhile=has_a_result),
    "LiveKit: talks": Kind(callee="answers", talks=True),
    "LiveKit is not set any more": Kind(callee="answers", before=has_no_livekit),
    "LiveKit: busy": Kind(callee="busy"),
    "LiveKit: the connection is cut": Kind(callee="drops", talks=True),
    "LiveKit: the worker refuses": Kind(callee="answers", workers=REFUSED),
    "LiveKit: the worker does not answer": Kind(callee="answers", workers=SILENT, talks=True),
    "LiveKit: the seat is held for a moment": Kind(callee="answers", before=is_held_for_a_moment, talks=True),
    "LiveKit: no seat was reserved": Kind(callee="answers", pinned=False, talks=True),
    "LiveKit, no registry": Kind(callee="answers", before=has_no_registry, pinned=False, talks=True),
}


class Dials:
    """Dials of one kind, each of a contact of its own."""

    def __init__(self, world: Any, livekit: Any, name: str) -> None:
        self._world, self._livekit, self._name, self._kind, self._made = world, livekit, name, KINDS[name], 0

    async def order(self) -> tuple[DialOrder, Document]:
        world, kind = self._world, self._kind
        self._made += 1
        campaign = await world.campaign(f"{self._name} {self._made}")
        number = f"+1555{list(KINDS).index(self._name):03}{self._made:03}"
        row = await world.row(campaign, number, kind.plan)
        world.seats.free, world.seats.left_s, world.seats.answers = 100, 60.0, list(kind.workers)
        if kind.callee:
            world.ctx.buckets.learn([{**TRUNK, "outbound_cps": 100_000}])
            self._livekit.callees[number] = kind.callee
        carrier = dict(TRUNK if kind.callee else CARRIER)
        order = await world.lease(campaign, row, carrier=carrier, pinned=kind.pinned)
        if kind.before:
            await kind.before(world, row)
        meanwhile = kind.meanwhile
        world.carrier.meanwhile = (lambda _: meanwhile(world, row)) if meanwhile else None
        return order, row

    def rung(self, order: DialOrder) -> list[str]:
        """Orders and requests that made this contact's phone ring."""
        over_carrier = [one.client_ref for one in self._world.carrier.orders if one.client_ref == order.attempt_id]
        room = f"camp-{order.attempt_id}"
        return [*over_carrier, *(one.room_name for one in self._livekit.dials if one.room_name == room)]

    async def waits(self) -> list[tuple[Point, int]]:
        """Every wait of such a dial of a new process, in order: where, and which time."""
        self._world.restart()
        order, _ = await self.order()
        watched = Watched(dial.run(self._world.ctx, order))
        await self._world.run(order, watched)
        self._world.seats.held.clear()
        return [(point, time) for point, times in watched.seen.items() for time in range(1, min(times, TWICE) + 1)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order without an answer is believed lost, and a silent call given up, after a moment."""
    monkeypatch.setattr(dial, "PROOF_AFTER_S", 0.2)
    monkeypatch.setattr(follow, "LATE_S", 0.5 - 45)
    monkeypatch.setattr(follow, "MEDIA_WITHIN_S", 0.3)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_dial_that_is_killed_after_any_wait_settles_once(world, livekit, kind) -> None:
    dials = Dials(world, livekit, kind)
    waits = await dials.waits()
    killed = 0
    for point, time in waits:
        order, row = await dials.order()
        try:
            await world.run(order, Watched(dial.run(world.ctx, order), point, time))
        except Killed:
            killed += 1
        await world.ctx.originators.aclose()
        await settles_once(world, row, dials.rung(order), killed_at=(point, time), talks=KINDS[kind].talks)
    # An answer that is there already is not waited for, and a carrier may have to be asked once or twice.
    assert killed >= 0.9 * len(waits) > 0


async def test_every_wait_of_a_dial_is_one_that_these_dials_pass(world, livekit) -> None:
    passed: set[Place] = set()
    for name in KINDS:
        passed |= {place for point, _ in await Dials(world, livekit, name).waits() for place in point}
    missed = {
        wait
        for module in MODULES
        for wait, lines in awaits_of(module)
        if not any((module.__name__.removeprefix("voxdialler."), line) in passed for line in lines)
    }
    assert not (unseen := missed - set(NOT_OF_A_DIAL)), f"no dial of these passes {sorted(unseen)}"
    assert not (stale := set(NOT_OF_A_DIAL) - missed), f"a dial passes {sorted(stale)}, or it is gone"
