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
from voxcore.worker import SOCKETS, Worker

log = get_logger("voxcore.sockets")

TRY_AGAIN_LATER = 1013


def router(worker: Worker) -> APIRouter:
    """`/ws/{bot_id}` and the carriers' sockets, each also with the fence of a reservation as last segment."""
    routes = APIRouter()
    for kind in SOCKETS:
        _add(routes, worker, kind)
    return routes


def _add(routes: APIRouter, worker: Worker, kind: str) -> None:
    @routes.websocket(f"/{kind}/{{bot_id}}")
    async def plain(socket: WebSocket, bot_id: str) -> None:
        await _start(worker, socket, kind, bot_id)

    @routes.websocket(f"/{kind}/{{bot_id}}/{{fence}}")
    async def fenced(socket: WebSocket, bot_id: str, fence: str) -> None:
        await _start(worker, socket, kind, bot_id, fence)


async def _start(worker: Worker, socket: WebSocket, kind: str, bot_id: str, in_path: str | None = None) -> None:
    try:
        with checks.refusals_counted(f"/{kind}"):
            begun = _taken(worker, socket, kind, bot_id, in_path)
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


def _taken(worker: Worker, socket: WebSocket, kind: str, bot_id: str, in_path: str | None) -> Begun:
    """The checks and the slot, without an await. Raises VoxError."""
    if in_path is None:
        # A fence in the path says as much as a media token: only our registry signs it, and it is judged below.
        checks.media_token(socket.headers, socket.query_params, worker.settings.media_tokens)
    if not BOT_ID.fullmatch(bot_id):
        raise NotFound("There is no such bot: an id has 1 to 64 letters, digits, - or _.")
    checks.addressed_here(socket.headers, worker.settings)
    fence = checks.fence_of(socket.headers, socket.query_params, in_path)

    async def connect() -> MediaTransport:
        return worker.calls.parts.socket_media(kind, socket, worker.services)

    record = CallRecord(call_id=str(uuid.uuid4()), bot_id=bot_id, transport=kind)
    begun = Begun(record=record, config_url=worker.settings.voxbridge_config_url, connect=connect)
    worker.calls.take(begun, fence)
    return begun


async def refuse(socket: WebSocket, refusal: VoxError) -> None:
    """Answer instead of the upgrade; where the server cannot, accept and close."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(error_response(refusal, with_detail=False))
        return
    await socket.accept()
    busy = isinstance(refusal, AtCapacity)
    await socket.close(TRY_AGAIN_LATER if busy else 1008, refusal.wire_code)
