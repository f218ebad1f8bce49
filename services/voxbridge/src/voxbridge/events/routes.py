"""`/events`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from voxkit.sse import EventStream

from voxbridge.actors import Actor
from voxbridge.context import Context, get_context
from voxbridge.events import service
from voxbridge.openapi import responses
from voxbridge.security import require_admin

router = APIRouter(prefix="/events", tags=["events"])
_STREAM: dict[int | str, Any] = {
    200: {
        "description": "`call.started`, `call.completed`, `campaign.updated`, `fleet.changed`, `settings.changed`; "
        "`reset`: something was missed, fetch again.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


# Not EventStream: its media type would be that of the errors too, which are JSON.
@router.get(
    "/stream", operation_id="events_stream", response_class=StreamingResponse, responses={**_STREAM, **responses(429)}
)
async def stream(
    request: Request,
    topics: Annotated[
        str,
        Query(
            max_length=1_000,
            description="At most ten of `calls`, `campaigns`, `fleet`, `settings`, `campaign:{campaign_id}`.",
            examples=["calls,fleet"],
        ),
    ],
    ctx: Annotated[Context, Depends(get_context)],
    actor: Annotated[Actor, Depends(require_admin)],
    last_event_id: Annotated[str, Header(max_length=64, description="Go on after this event.")] = "",
) -> EventStream:
    """Server-sent events. A comment line every 15 s; it ends with the token. 429 `too_many_streams`."""
    asked = service.topics_of(topics)
    service.check_room(ctx, actor)
    token = request.headers.get("Authorization", "").partition(" ")[2]
    return EventStream(service.stream(ctx, actor, token, asked, last_event_id), ctx.metrics.event_streams)
