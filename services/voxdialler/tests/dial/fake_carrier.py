"""A carrier that lives longer than any dialler: scripted per number, honest about what it was asked.

It keeps every order by `client_ref` and fails the test for a number it was not told about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from voxkit.carriers import CarrierTraits, Refused, Unsure
from voxkit.clock import utc_now
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierDial

Step = tuple[float, dict[str, Any]]
RING: Step = (0.0, {"status": "ringing"})
ANSWER: Step = (0.05, {"status": "answered"})
MEDIA: Step = (0.05, {"status": "in_progress"})


def ends(result: str, after_s: float = 0.05, **fields: Any) -> Step:
    return (after_s, {"status": "completed", "result": result, **fields})


STAMPS = {
    "ringing": "ringing_at", "answered": "answered_at", "in_progress": "media_connected_at", "completed": "ended_at"
}  # fmt: skip
TALKS = (RING, ANSWER, MEDIA)
"""Rings, is answered, and the bot has the callee; the worker's result would end it."""


@dataclass
class Plan:
    """What a number does. `refuse`: the order is refused; `silent`: placed (or not) without an answer."""

    steps: Sequence[Step] = ()
    refuse: Refused | None = None
    silent: bool = False
    placed: bool = True


@dataclass
class FakeCarrier:
    """The REST client of a carrier, as `voxkit.carriers` gives it. `meanwhile`: what happens as it takes an order."""

    plans: dict[str, Plan] = field(default_factory=dict)
    traits: CarrierTraits = field(default_factory=lambda: CarrierTraits(amd=True))
    orders: list[CarrierDial] = field(default_factory=list)
    calls: dict[str, CarrierCall] = field(default_factory=dict)
    hung_up: dict[str, str] = field(default_factory=dict)
    away: bool = False
    meanwhile: Callable[[CarrierDial], Awaitable[None]] | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def place(self, dial: CarrierDial, key: str) -> CarrierAccepted:
        await asyncio.sleep(0)  # as every request does, it gives others a turn
        assert key == dial.client_ref, "the idempotency key is the attempt id"
        assert dial.client_ref not in [order.client_ref for order in self.orders], "an order came twice"
        self.orders.append(dial)
        plan = self.plans[dial.to]
        if plan.refuse:
            raise plan.refuse
        if plan.placed:
            self._begin(dial, plan)
        if plan.silent:
            raise Unsure("no answer")
        if self.meanwhile:
            await self.meanwhile(dial)
        call = self.calls[dial.client_ref]
        return CarrierAccepted(call_ref=call.call_ref, client_ref=call.client_ref, created_at=call.created_at)

    async def find(self, client_refs: Sequence[str]) -> list[CarrierCall]:
        await asyncio.sleep(0)
        if self.away:
            raise Unsure("away")
        return [self.calls[ref] for ref in client_refs if ref in self.calls]

    async def hang_up(self, call_ref: str, reason: str) -> None:
        await asyncio.sleep(0)
        ref = next(ref for ref, call in self.calls.items() if call.call_ref == call_ref)
        self.hung_up[ref] = reason
        self.step(ref, {"status": "completed", "result": "cancelled"})

    async def aclose(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def step(self, ref: str, fields: dict[str, Any]) -> None:
        """The call gets on; a step back or after the end changes nothing."""
        call = self.calls[ref]
        if call.status == "completed":
            return
        self.calls[ref] = call.model_copy(update={**fields, "seq": call.seq + 1, STAMPS[fields["status"]]: utc_now()})

    def _begin(self, dial: CarrierDial, plan: Plan) -> None:
        made = {
            "call_ref": f"c-{len(self.calls)}", "client_ref": dial.client_ref, "seq": 1, "status": "queued",
            "to": dial.to, "from": dial.from_, "created_at": utc_now(),
        }  # fmt: skip
        self.calls[dial.client_ref] = CarrierCall.model_validate(made)
        task = asyncio.create_task(self._play(dial.client_ref, plan.steps))
        self.tasks.add(task)

    async def _play(self, ref: str, steps: Sequence[Step]) -> None:
        for after_s, fields in steps:
            await asyncio.sleep(after_s)
            self.step(ref, fields)
