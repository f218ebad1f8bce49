"""The native protocol of `/ws/{bot_id}`: JSON text frames, 8 kHz PCM16 in a top-level payload."""

from datetime import UTC, datetime, timedelta
from typing import Any

from voxphone import pcm
from voxphone.wire.base import Audio, BotHangUp, Caption, Flush, Pong, TransferAsked, Wire, WireEvent, encode

CHUNK_LENGTHS_MS = (20, 40, 60, 80, 100)
CLOCK_TOLERANCE = timedelta(minutes=5)


class VoxWire(Wire):
    """Checks every field of what the worker sends; a wrong one is a fault in the report, not an exception."""

    def connected(self) -> dict[str, Any]:
        """The first frame; fields of `extra` stand beside the fixed ones and win over all but `event`."""
        line = self.line
        fixed = {
            "callerId": line.caller,
            "did": line.did,
            "callDirection": line.direction,
            "streamId": line.stream_id,
        }
        return {"event": "connected", **fixed, **{k: v for k, v in line.extra.items() if k != "event"}}

    def opening(self) -> list[dict[str, Any]]:
        audio = {"encoding": "LINEAR", "sampleRate": pcm.RATE_HZ, "channels": 1}
        return [self.connected(), {"event": "start", "streamId": self.line.stream_id, "mediaFormat": audio}]

    def answer(self) -> list[dict[str, Any]]:
        self.answered = True
        return [{"event": "answer"}]

    def media(self, frame: bytes) -> dict[str, Any]:
        return {"event": "media", "payload": encode(frame)}

    def dtmf(self, digit: str) -> dict[str, Any]:
        return {"event": "dtmf", "digit": digit}

    def hang_up(self, by: str) -> dict[str, Any]:
        return {"event": "hangup-call", "disconnectedBy": by}

    def transfer_failed(self, reason: str) -> dict[str, Any]:
        return {"event": "transfer-failed", "reason": reason}

    def ping(self) -> dict[str, Any]:
        return {"event": "ping"}

    def _event(self, message: dict[str, Any]) -> WireEvent | None:
        match message["event"]:
            case "reverse-media":
                return self._reverse_media(message)
            case "reverse-media-stop":
                self._ids(message)
                return Flush()
            case "reverse-hangup-call":
                self._ids(message)
                self._expect(message, "source", "ai")
                self._text(message, "reason", "message")
                self._hung_up = True
                return BotHangUp(str(message.get("reason", "")), str(message.get("message", "")))
            case "reverse-call-transfer":
                self._ids(message)
                self._expect(message, "source", "ai")
                self._text(message, "transferTo", "reason")
                return TransferAsked(str(message.get("transferTo", "")), str(message.get("reason", "")))
            case "pong":
                return Pong()
            case "caption":
                return Caption(
                    str(message.get("role", "")), str(message.get("text", "")), message.get("final") is not False
                )
            case other:
                self.faults.add("events are those of the protocol", other)
                return None

    def _reverse_media(self, message: dict[str, Any]) -> WireEvent | None:
        audio = self._audio(message.get("payload"))
        if audio is None:
            return None
        if message.get("chunk") != self.chunks:
            self.faults.add("chunk rises by one from 1", f"{message.get('chunk')!r} instead of {self.chunks}")
            if isinstance(message.get("chunk"), int):
                self.chunks = message["chunk"]  # one gap is one fault, not one for every later chunk
        self._ids(message)
        connected = self.connected()
        self._expect(message, "did", connected["did"])
        self._expect(message, "callDirection", connected["callDirection"])
        self._expect(message, "encoding", "LINEAR")
        self._expect(message, "source", "ai")
        if not isinstance(message.get("RevMediaQ"), int):
            self.faults.add("RevMediaQ is a number", repr(message.get("RevMediaQ")))
        length_ms = len(audio) * 1000 // (2 * pcm.RATE_HZ)
        if message.get("chunk_durn_ms") not in CHUNK_LENGTHS_MS or message.get("chunk_durn_ms") != length_ms:
            self.faults.add("chunk_durn_ms is the length", f"{message.get('chunk_durn_ms')!r} for {length_ms} ms")
        self._timestamp(message.get("timestamp"))
        return Audio(audio)

    def _timestamp(self, text: Any) -> None:
        try:
            stamp = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except (TypeError, ValueError):
            self.faults.add("timestamp has the form 2026-01-31 09:15:02", repr(text))
            return
        if abs(self._now() - stamp) > CLOCK_TOLERANCE:
            self.faults.add("timestamp is UTC", str(text))

    def _ids(self, message: dict[str, Any]) -> None:
        self._expect(message, "streamId", self.line.stream_id)
        self._expect(message, "callerId", self.connected()["callerId"])

    def _text(self, message: dict[str, Any], *names: str) -> None:
        for name in names:
            if not isinstance(message.get(name), str):
                self.faults.add(f"{message['event']}.{name} is text", repr(message.get(name)))
