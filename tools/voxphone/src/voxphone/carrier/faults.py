"""Faults on order: the next answers of the carrier API can be made to fail, for tests of those who call it."""

import asyncio
from collections import deque
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from voxkit.errors import VoxError

Route = Literal["place", "read", "find", "hang_up"]


class Fault(BaseModel):
    """`times` answers of a route with this status. `after_placing`: the order is taken first, and the answer lost."""

    model_config = ConfigDict(extra="forbid")

    route: Route = "place"
    status: int = Field(ge=400, le=599)
    error: str = Field("injected", pattern=r"^[a-z_]{1,40}$")
    times: int = Field(1, ge=1, le=10_000)
    retry_after: int | None = Field(None, ge=1, le=3600)
    delay_s: float = Field(0.0, ge=0, le=60)
    after_placing: bool = False


class Faults:
    """What was ordered, first in first out for each route."""

    def __init__(self) -> None:
        self.waiting: deque[Fault] = deque()

    async def strike(self, route: Route, *, after_placing: bool = False) -> None:
        """Raises VoxError when a fault waits for this point."""
        for fault in self.waiting:
            if fault.route == route and fault.after_placing == after_placing:
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                await asyncio.sleep(fault.delay_s)
                headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
                raise VoxError("Injected by a test.", code=fault.error, status=fault.status, headers=headers)
