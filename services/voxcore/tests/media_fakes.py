"""A far end without a network: what it sends is given by the test, what we send is kept."""

import asyncio
import json
from typing import Any

from starlette.datastructures import QueryParams
from starlette.websockets import WebSocketDisconnect, WebSocketState


class FakeSocket:
    """Stands in for an accepted Starlette WebSocket."""

    def __init__(self, query: str = "") -> None:
        self.query_params = QueryParams(query)
        self.application_state = WebSocketState.CONNECTED
        self.client_state = WebSocketState.CONNECTED
        self.sent: list[str] = []
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.cut = False
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def far_end_sends(self, *frames: Any) -> None:
        """Objects become JSON text; text goes as it is."""
        for frame in frames:
            text = frame if isinstance(frame, str) else json.dumps(frame)
            self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def far_end_sends_bytes(self, data: bytes) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "bytes": data})

    def far_end_closes(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1005})

    @property
    def frames(self) -> list[dict[str, Any]]:
        """What we have sent, as objects."""
        return [json.loads(text) for text in self.sent]

    @property
    def events(self) -> list[str]:
        return [frame["event"] for frame in self.frames]

    async def receive(self) -> dict[str, Any]:
        if self.application_state != WebSocketState.CONNECTED:
            raise RuntimeError("receive after close")
        return await self._incoming.get()

    async def send_text(self, text: str) -> None:
        self._lost_when_cut()
        self.sent.append(text)

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        self._lost_when_cut()
        self.application_state = WebSocketState.DISCONNECTED
        self.close_code, self.close_reason = code, reason
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": code})

    def _lost_when_cut(self) -> None:
        if self.cut:  # as Starlette does when the server finds the connection closed
            self.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(1006)


class Heard:
    """A listener that keeps what the transport reports."""

    def __init__(self) -> None:
        self.gone: list[tuple[str, bool]] = []
        self.digits: list[str] = []

    async def on_gone(self, said: str, lost: bool) -> None:
        self.gone.append((said, lost))

    async def on_digit(self, digit: str) -> None:
        self.digits.append(digit)
