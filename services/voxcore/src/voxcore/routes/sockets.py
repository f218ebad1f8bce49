"""Starts by WebSocket: every refusal is a plain HTTP answer before the upgrade."""

import asyncio
import uuid

from fastapi import APIRouter, WebSocket
from voxkit.contracts.base import BOT_ID
from voxkit.errors import AtCapacity, NotFound, VoxError
from voxkit.log import get_logger
from voxkit.web import error_response

from voxcore.call import Begun
from voxcore.conversation import MediaTransport
from voxcore.record import CallRecord
from voxcore.routes import checks
from voxcore.worker import Worker

log = get_logger("voxcore.sockets")

TRY_AGAIN_LATER = 1013


def router(worker: Worker) -> APIRouter:
    """`/ws/{bot_id}` and `/exotel/{bot_id}`."""
    routes = APIRouter()

    @routes.websocket("/ws/{bot_id}")
    async def native(socket: WebSocket, bot_id: str) -> None:
        await _start(worker, socket, "ws", bot_id)

    @routes.websocket("/exotel/{bot_id}")
    async def exotel(socket: WebSocket, bot_id: str) -> None:
        await _start(worker, socket, "exotel", bot_id)

    return routes


async def _start(worker: Worker, socket: WebSocket, kind: str, bot_id: str) -> None:
    try:
        with checks.refusals_counted(f"/{kind}"):
            begun = _taken(worker, socket, kind, bot_id)
    except VoxError as refusal:
        await refuse(socket, refusal)
        return
    try:
        await socket.accept()
    except (RuntimeError, OSError):
        # The far end left before the upgrade: nothing has begun.
        worker.calls.refuse()
        return
    # A task of its own: the result is kept whatever the server does with the connection's task.
    await asyncio.shield(worker.keep(worker.calls.carry(begun)))


def _taken(worker: Worker, socket: WebSocket, kind: str, bot_id: str) -> Begun:
    """The checks and the slot, without an await. Raises VoxError."""
    checks.media_token(socket.headers, socket.query_params, worker.settings.media_tokens)
    if not BOT_ID.fullmatch(bot_id):
        raise NotFound("There is no such bot: an id has 1 to 64 letters, digits, - or _.")
    checks.addressed_here(socket.headers, socket.query_params, worker.settings)

    async def connect() -> MediaTransport:
        return worker.calls.parts.socket_media(kind, socket, worker.services)

    record = CallRecord(call_id=str(uuid.uuid4()), bot_id=bot_id, transport=kind)
    begun = Begun(record=record, config_url=worker.settings.voxbridge_config_url, connect=connect)
    worker.calls.take(begun)
    return begun


async def refuse(socket: WebSocket, refusal: VoxError) -> None:
    """Answer instead of the upgrade; where the server cannot, accept and close."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(error_response(refusal, with_detail=False))
        return
    await socket.accept()
    busy = isinstance(refusal, AtCapacity)
    await socket.close(TRY_AGAIN_LATER if busy else 1008, refusal.wire_code)
