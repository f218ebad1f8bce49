"""Server-sent events as the services send them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Any

from prometheus_client import Gauge
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

COMMENT_S = 15.0
"""A stream in which nothing happens says so this often, so that both sides notice a line that is gone."""
STILL_HERE = b": still here\n\n"
SLOW_READER_S = 15.0


def event(name: str, data: Mapping[str, Any], event_id: str = "") -> bytes:
    """One event; without an id the reader's last one stays."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


class EventStream(StreamingResponse):
    """Ends when the reader leaves, or takes nothing for 15 s: nobody waits for a slow reader, and no backlog grows."""

    media_type = "text/event-stream"

    def __init__(self, messages: AsyncGenerator[bytes], open_streams: Gauge, status_code: int = 200) -> None:
        # A proxy that buffers would hold events back until its buffer is full.
        super().__init__(messages, status_code, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._messages = messages
        self._open_streams = open_streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SLOW_READER_S):
                await send(message)

        # Closed here: what the generator holds must be free when its reader is left, not when it is collected.
        with self._open_streams.track_inprogress(), suppress(TimeoutError):
            async with aclosing(self._messages):
                await super().__call__(scope, receive, in_time)
