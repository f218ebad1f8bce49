"""A call that costs next to nothing: a caller who says nothing, on a real worker with its whole pipeline."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import websockets

ANSWERED_WITHIN_S = 60.0


class LightCall:
    """An answered call over `/ws/{bot_id}`. `lost` is set when it ended and nobody here had hung up."""

    def __init__(self, socket: websockets.ClientConnection, stream: str) -> None:
        self.stream = stream
        self.hung_up = False
        self.lost = False
        self.heard = asyncio.Event()
        self._socket = socket
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def placed(cls, url: str, stream: str, **connected: Any) -> LightCall:
        """Raises: websockets.InvalidStatus: it was refused. TimeoutError: the bot said nothing."""
        socket = await websockets.connect(url, proxy=None, open_timeout=30, max_size=None)
        call = cls(socket, stream)
        hello = {"event": "connected", "callerId": "+15550100", "did": "+15550199", "callDirection": "incoming"}
        format_ = {"encoding": "LINEAR", "sampleRate": 8000, "channels": 1}
        for frame in (
            {**hello, "streamId": stream, **connected},
            {"event": "start", "streamId": stream, "mediaFormat": format_},
            {"event": "answer"},
        ):
            await socket.send(json.dumps(frame))
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            await call.heard.wait()
        return call

    async def hang_up(self) -> None:
        self.hung_up = True
        with suppress(websockets.ConnectionClosed):
            await self._socket.send(json.dumps({"event": "hangup-call", "disconnectedBy": "customer"}))
        await self._listening

    async def _listen(self) -> None:
        with suppress(websockets.ConnectionClosed):
            async for frame in self._socket:
                if json.loads(frame)["event"] == "reverse-media":
                    self.heard.set()
        self.lost = not self.hung_up
