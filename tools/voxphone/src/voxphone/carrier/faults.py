"""Faults on order: answers of the carrier API and status callbacks can be made to fail, for tests of its callers."""

import asyncio
import random
from collections import deque
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from voxkit.contracts.carrier import CarrierCall
from voxkit.errors import VoxError

Route = Literal["place", "read", "find", "hang_up"]
Mischief = Literal["lost", "doubled", "late", "reordered", "forged", "stale"]
WAITING_LIMIT = 1_000
SEED = 1


class _Ordered(BaseModel):
    """`times`: how often it strikes; `share`: of those that it could strike; `ending`: of the callee's number."""

    model_config = ConfigDict(extra="forbid")

    times: int = Field(default=1, ge=1, le=1_000_000)
    share: float = Field(default=1.0, gt=0, le=1)
    ending: str = Field(default="", pattern=r"^\d{0,15}$")


class Fault(_Ordered):
    """Answers of a route: with this `status`, after `delay_s`. Without a status they are right, only late.

    `after_placing`: the order is taken first, and the answer lost. `ending` goes with `place` alone: the other routes
    name no callee.
    """

    route: Route = "place"
    status: int | None = Field(default=None, ge=400, le=599)
    error: str = Field(default="injected", pattern=r"^[a-z_]{1,40}$")
    retry_after: int | None = Field(default=None, ge=1, le=3600)
    delay_s: float = Field(default=0.0, ge=0, le=60)
    after_placing: bool = False

    @model_validator(mode="after")
    def _does_something(self) -> "Fault":
        if self.status is None and not self.delay_s:
            raise ValueError("give a status, or a delay_s for an answer that is only late")
        if self.ending and self.route != "place":
            raise ValueError("ending: only orders (route place) name a callee")
        if self.after_placing and self.route != "place":
            raise ValueError("after_placing: only for route place")
        return self


class CallbackFault(_Ordered):
    """Status callbacks. `lost`: never sent. `doubled`: sent twice. `late`: `delay_s` after its time.

    `reordered`: after the next one of its call, at the latest after `delay_s`. `forged`: before it comes one with a
    false signature that says the call is over. `stale`: signed 301 s ago.
    """

    route: Literal["callback"]
    kind: Mischief
    delay_s: float = Field(default=5.0, gt=0, le=600)


AnyFault = Annotated[Fault | CallbackFault, Field(union_mode="left_to_right")]


class Faults:
    """What was ordered, first in first out for each route."""

    def __init__(self) -> None:
        self.waiting: deque[Fault | CallbackFault] = deque()
        self._chance = random.Random(SEED)

    async def strike(self, route: Route, *, to: str = "", after_placing: bool = False) -> None:
        """Raises VoxError when a fault with a status waits for this point; a late answer is awaited here."""
        for fault in self.waiting:
            if not isinstance(fault, Fault) or (fault.route, fault.after_placing) != (route, after_placing):
                continue
            if self._misses(fault, to):
                continue
            await asyncio.sleep(fault.delay_s)
            if fault.status is None:
                return
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
            raise VoxError("Injected by a test.", code=fault.error, status=fault.status, headers=headers)

    def of_callback(self, call: CarrierCall) -> CallbackFault | None:
        """What shall happen to the callback that tells this change."""
        for fault in self.waiting:
            if isinstance(fault, CallbackFault) and not self._misses(fault, call.to):
                return fault
        return None

    def _misses(self, fault: Fault | CallbackFault, to: str) -> bool:
        if not to.endswith(fault.ending) or (fault.share < 1 and self._chance.random() >= fault.share):
            return True
        fault.times -= 1
        if not fault.times:
            self.waiting.remove(fault)
        return False
