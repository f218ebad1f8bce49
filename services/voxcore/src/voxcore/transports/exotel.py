"""Exotel's media stream, `/exotel/{bot_id}`: JSON text frames, 16-bit PCM at 8, 16 or 24 kHz in base64."""

import asyncio
from typing import Any

from pipecat.frames.frames import AudioRawFrame, Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.serializers.exotel import ExotelFrameSerializer
from starlette.websockets import WebSocket
from voxkit.log import get_logger

from voxcore.record import CallRecord
from voxcore.transports.base import FarEndLeft, SocketMedia, Unreadable
from voxcore.transports.ends import Pace
from voxcore.transports.resample import QuickResampler
from voxcore.transports.ws import read_object, read_pcm

log = get_logger("voxcore.transport.exotel")

HANDSHAKE_WAIT_S = 10.0
PACKET_BYTES = 3200
PACKET_MULTIPLE = 320
CARRIER_RATES = (8000, 16000, 24000)
SECRET_QUERY = frozenset({"token", "fence"})


class VoxExotelSerializer(ExotelFrameSerializer):
    """Pipecat's serializer, which reads `stop` besides, resamples without delay and sends whole packets."""

    def __init__(self, stream_sid: str, call_sid: str | None, *, carrier_rate: int, rate: int) -> None:
        super().__init__(
            stream_sid, call_sid, ExotelFrameSerializer.InputParams(exotel_sample_rate=carrier_rate, sample_rate=rate)
        )
        self.carrier_rate = carrier_rate
        self._sample_rate = rate
        self._in, self._out = QuickResampler(), QuickResampler()
        self._held = b""
        self.unknown = 0

    async def packets(self, frame: AudioRawFrame) -> list[str]:
        """The media frames of one chunk, 3,200 bytes of audio each (the chunk is a whole number of them)."""
        pcm = frame.audio
        if frame.sample_rate != self.carrier_rate:
            pcm = self._carrier_audio(frame)
        texts: list[str] = []
        for start in range(0, len(pcm), PACKET_BYTES):
            packet = pcm[start : start + PACKET_BYTES]
            packet += bytes(-len(packet) % PACKET_MULTIPLE)
            out = OutputAudioRawFrame(audio=packet, sample_rate=self.carrier_rate, num_channels=1)
            texts.append(str(await super().serialize(out)))
        return texts

    def _carrier_audio(self, frame: AudioRawFrame) -> bytes:
        """A chunk at the carrier's rate, exactly as long: a stream begins a few samples short, which are repeated."""
        size = len(frame.audio) // 2 * self.carrier_rate // frame.sample_rate * 2
        pcm = self._held + self._out.process(frame.audio, frame.sample_rate, self.carrier_rate)
        if len(pcm) < size:
            pcm += (pcm[-2:] or bytes(2)) * ((size - len(pcm)) // 2)
        self._held = pcm[size:]
        return pcm[:size]

    async def deserialize(self, data: str | bytes) -> Frame | None:
        message = read_object(data)
        match message.get("event"):
            case "media":
                media = message.get("media")
                pcm = read_pcm(media.get("payload") if isinstance(media, dict) else None)
                pcm = self._in.process(pcm, self.carrier_rate, self._sample_rate)
                return InputAudioRawFrame(audio=pcm, sample_rate=self._sample_rate, num_channels=1)
            case "dtmf":
                return await super().deserialize(data)
            case "stop":
                stop = message.get("stop")
                return FarEndLeft(by=str(stop.get("reason") or "") if isinstance(stop, dict) else "")
            case "connected" | "start" | "mark" | "clear":
                return None
            case _:
                self.unknown += 1
                return None


class ExotelMedia(SocketMedia):
    """A call over Exotel's stream. The carrier's flow goes on to its hang-up step when the socket closes."""

    kind = "exotel"

    def __init__(self, socket: WebSocket) -> None:
        super().__init__(socket)
        asked = socket.query_params.get("sample-rate") or socket.query_params.get("sample_rate") or "8000"
        self.carrier_rate = int(asked) if asked.isdigit() and int(asked) in CARRIER_RATES else 8000
        self.rate = min(self.carrier_rate, 16000)
        # Whole packets of 3,200 bytes: one is 200 ms at 8 kHz, 100 ms at 16 kHz; at 24 kHz three are 200 ms.
        self.chunk_ms = 100 if self.carrier_rate == 16000 else 200
        # A packet leaves 40 ms before its predecessor is played, else every hiccup of the host is a gap in the voice.
        self.pace = Pace(lead_s=self.chunk_ms / 1000 + 0.04)

    async def read_handshake(self, record: CallRecord) -> None:
        start = await self._read_start()
        custom = start.get("custom_parameters")
        custom = custom if isinstance(custom, dict) else {}
        query = {key: value for key, value in self.socket.query_params.items() if key not in SECRET_QUERY}
        stream_sid = str(start.get("stream_sid") or "")
        record.stream_id = stream_sid or record.call_id
        caller, did = str(start.get("from") or ""), str(start.get("to") or "")
        direction = custom.get("callDirection") or query.get("callDirection")
        if direction == "outgoing":  # the customer is whoever we called
            record.call_direction, caller, did = "outgoing", did, caller
        record.caller_id, record.from_number = caller, did
        record.connected_event.update(query)
        record.connected_event.update(custom)
        for key, value in (
            ("call_sid", start.get("call_sid")),
            ("account_sid", start.get("account_sid")),
            ("callerId", caller),
            ("did", did),
            ("callDirection", record.call_direction),
            ("streamId", record.stream_id),
            ("transport", self.kind),
        ):
            if value not in (None, ""):
                record.connected_event.setdefault(key, value)
        self.serializer = VoxExotelSerializer(
            stream_sid, start.get("call_sid"), carrier_rate=self.carrier_rate, rate=self.rate
        )
        self.start_reading()

    async def audio_texts(self, frame: OutputAudioRawFrame) -> list[str]:
        assert isinstance(self.serializer, VoxExotelSerializer)
        return await self.serializer.packets(frame)

    async def _read_start(self) -> dict[str, Any]:
        """Read `connected` (some flows send none) and `start`; frames of another carrier close 1008."""
        deadline = asyncio.get_running_loop().time() + HANDSHAKE_WAIT_S
        while True:
            text = await self.receive_text(max(0.0, deadline - asyncio.get_running_loop().time()))
            try:
                message = read_object(text)
            except Unreadable:
                await self.fail_handshake("not a frame of this carrier")
                raise
            event, start = message.get("event"), message.get("start")
            if event == "connected" and "streamId" not in message and "callerId" not in message:
                continue
            if event == "start" and isinstance(start, dict) and (start.get("stream_sid") or message.get("stream_sid")):
                start.setdefault("stream_sid", message.get("stream_sid"))
                return start
            await self.fail_handshake("not a frame of this carrier")
