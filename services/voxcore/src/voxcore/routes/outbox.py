"""What waits for delivery on this host, and a second chance for what was given up."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from voxcore.outbox import Box
from voxcore.routes.docs import SECRET, refusals
from voxcore.worker import Worker


class BoxCounts(BaseModel):
    pending: int
    oldest_seconds: int
    dead: int


class OutboxItem(BaseModel):
    box: Box
    session_id: str
    attempts: int
    last_status: int | None
    last_error: str | None
    next_attempt_at: str


class OutboxStatus(BaseModel):
    """Counts of each box, and at most 200 items without their payloads."""

    results: BoxCounts
    agent_desk: BoxCounts
    recordings: BoxCounts
    items: list[OutboxItem]


class Replay(BaseModel):
    """Which dead letters go back; `session_ids` null means all of the box."""

    box: Box = Field(examples=["results"])
    session_ids: list[str] | None = Field(default=None, max_length=1000, examples=[None])


class Replayed(BaseModel):
    replayed: int = Field(description="How many deliveries wait again.")


def router(worker: Worker) -> APIRouter:
    """`/outbox` and `/outbox/replay`."""
    routes = APIRouter(tags=["outbox"], dependencies=[SECRET])

    @routes.get("/outbox", operation_id="get_outbox", response_model=OutboxStatus, responses=refusals(403, 413))
    async def status() -> dict[str, Any]:
        return await asyncio.to_thread(worker.outbox.status)

    @routes.post(
        "/outbox/replay", operation_id="replay_outbox", response_model=Replayed, responses=refusals(403, 413, 422)
    )
    async def replay(body: Replay) -> Replayed:
        moved = await asyncio.to_thread(worker.outbox.replay, body.box, body.session_ids)
        worker.courier.wake()
        return Replayed(replayed=moved)

    return routes
