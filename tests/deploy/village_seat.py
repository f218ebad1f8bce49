"""The seat of `village.py`: `seat.py` that reads what a carrier says first, so that a call belongs to its campaign."""

from __future__ import annotations

import json
import sys
from typing import Any

import seat  # noqa: F401  (beside it in the image: a seat that is to be bad becomes so here)
import seats
from voxcore.record import CallRecord


class CarriedMedia(seats.EchoMedia):
    """A far end that is a carrier: `connected` and `start`, no sound, and `hangup-call` at the end."""

    async def read_handshake(self, record: CallRecord) -> None:
        connected, start = await self._frame(), await self._frame()
        record.connected_event.update({key: value for key, value in connected.items() if key != "event"})
        record.connected_event.setdefault("transport", self.kind)
        record.call_direction = "outgoing" if connected.get("callDirection") == "outgoing" else "incoming"
        record.caller_id, record.from_number = str(connected.get("callerId") or ""), str(connected.get("did") or "")
        record.stream_id = str(start.get("streamId") or connected.get("streamId") or record.call_id)
        record.connected_event["streamId"] = record.stream_id

    async def listen(self) -> None:
        while (await self._frame()).get("event") not in ("hangup-call", ""):
            pass
        self.gone.set()

    async def _frame(self) -> dict[str, Any]:
        """The next text frame; `event` is empty when the far end has left."""
        assert self._socket is not None
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return {"event": ""}
            if message.get("text"):
                return dict(json.loads(message["text"]))


seats.EchoMedia = CarriedMedia

if __name__ == "__main__":
    sys.exit(seats.run())
