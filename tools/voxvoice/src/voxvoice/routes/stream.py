"""`WS /v1/audio/transcriptions/stream`: PCM in, interims and finals out."""

import asyncio
import contextlib
import json
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxvoice.errors import BadValue, body_of, response_of
from voxvoice.limits import MIB, check_key
from voxvoice.routes.audio import check_stt
from voxvoice.server import Server
from voxvoice.stream import TranscriptStream
from voxvoice.tts import MAX_RATE_HZ, MIN_RATE_HZ

router = APIRouter()
log = get_logger("voxvoice")
MOST_AUDIO_HELD = 64 * MIB


@router.websocket("/audio/transcriptions/stream")
async def stream(socket: WebSocket, model: str = "", language: str = "", sample_rate: str = "16000") -> None:
    """Refused with an HTTP status before the upgrade when key, model, language or rate do not fit."""
    server: Server = socket.app.state.server
    try:
        check_key(socket, server.settings.voxvoice_api_key)
        speech = server.ready()
        check_stt(model, language)
        rate_hz = _rate(sample_rate)
    except VoxError as error:
        await socket.send_denial_response(response_of(error))
        return
    await socket.accept()
    transcript = TranscriptStream(speech, rate_hz, socket.send_json)
    worker = asyncio.create_task(transcript.work())
    reader = asyncio.create_task(_read(socket, transcript))
    try:
        await asyncio.wait({worker, reader}, return_when=asyncio.FIRST_COMPLETED)
        if reader.done():
            reader.result()
        elif (error := worker.exception()) is not None:
            log.error("stt.stream_failed", exc_info=error)
            await socket.close(1011, "transcription failed")
    except WebSocketDisconnect:
        pass
    finally:
        for task in (worker, reader):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


def _rate(given: str) -> int:
    rate_hz = int(given) if given.isascii() and given.isdigit() else 0
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise BadValue(f"sample_rate '{given}' is not a whole number from {MIN_RATE_HZ} to {MAX_RATE_HZ}.")
    return rate_hz


async def _read(socket: WebSocket, transcript: TranscriptStream) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if (pcm := message.get("bytes")) is not None:
            transcript.add(pcm)
            if transcript.held_bytes > MOST_AUDIO_HELD:
                await socket.close(1009, "too much audio without a finalize")
                return
        elif _kind(message.get("text")) == "finalize":
            transcript.finalize()
        else:
            unknown = BadValue('Text messages are JSON objects; the only one known is {"type":"finalize"}.')
            await socket.send_json({"type": "error", **body_of(unknown)})


def _kind(text: Any) -> str | None:
    try:
        message = json.loads(text)
    except (TypeError, ValueError):
        return None
    return message.get("type") if isinstance(message, dict) else None
