"""Exotel's media stream, `/exotel/{bot_id}`: 8 kHz LINEAR16 inside `media.payload`, sequence numbers on our side."""

from typing import Any

from voxphone import pcm
from voxphone.wire.base import Audio, Flush, Wire, WireEvent, encode

ACCOUNT_SID = "voxphone"
PACKET_UNIT_BYTES = 320
PACKET_MAX_BYTES = 100_000


class ExotelWire(Wire):
    """A normal close is the bot's hang-up: this protocol has no frame for it, and no transfer."""

    closing_hangs_up = True
    _sequence = 0
    _media_chunk = 0
    _elapsed_ms = 0

    def _numbered(self, event: str, **body: Any) -> dict[str, Any]:
        self._sequence += 1
        return {"event": event, "sequence_number": self._sequence, "stream_sid": self.line.stream_id, **body}

    @property
    def _call_sid(self) -> str:
        return f"call-{self.line.stream_id}"

    def opening(self) -> list[dict[str, Any]]:
        start = {
            "stream_sid": self.line.stream_id,
            "call_sid": self._call_sid,
            "account_sid": ACCOUNT_SID,
            "from": self.line.caller,
            "to": self.line.did,
            "custom_parameters": dict(self.line.extra),
            "media_format": {"encoding": "base64", "sample_rate": str(pcm.RATE_HZ), "bit_rate": "128kbps"},
        }
        return [{"event": "connected"}, self._numbered("start", start=start)]

    def answer(self) -> list[dict[str, Any]]:
        self.answered = True  # the carrier opens the stream only after it has answered
        return []

    def media(self, frame: bytes) -> dict[str, Any]:
        self._media_chunk += 1
        stamp = str(self._elapsed_ms)
        self._elapsed_ms += pcm.FRAME_MS
        return self._numbered("media", media={"chunk": self._media_chunk, "timestamp": stamp, "payload": encode(frame)})

    def dtmf(self, digit: str) -> dict[str, Any]:
        return self._numbered("dtmf", dtmf={"duration": "100", "digit": digit})

    def hang_up(self, by: str) -> dict[str, Any]:
        reason = "callended" if by == "customer" else "stopped"
        return self._numbered("stop", stop={"call_sid": self._call_sid, "account_sid": ACCOUNT_SID, "reason": reason})

    def _event(self, message: dict[str, Any]) -> WireEvent | None:
        self._expect(message, "stream_sid", self.line.stream_id)
        match message["event"]:
            case "media":
                media = message.get("media")
                audio = self._audio(media.get("payload") if isinstance(media, dict) else None)
                if audio is None:
                    return None
                if len(audio) % PACKET_UNIT_BYTES or len(audio) > PACKET_MAX_BYTES:
                    self.faults.add("packets are a multiple of 320 bytes", f"{len(audio)} bytes")
                return Audio(audio)
            case "clear":
                return Flush()
            case "mark":
                return None
            case other:
                self.faults.add("events are those of the protocol", other)
                return None
