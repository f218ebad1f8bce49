"""A LiveKit server's API, in this process: rooms, participants, and callees who answer, refuse or stay silent.

It speaks the server's own wire (Twirp with protocol buffers), so the real client library is what is tested.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room

REFUSALS = {"busy": (486, "Busy Here"), "no_answer": (480, "Temporarily Unavailable"), "trunk": (503, "Unavailable")}


class FakeLiveKit:
    """`callees`: number → `answers`, a key of REFUSALS, or `drops` (the connection is cut without an answer)."""

    def __init__(self) -> None:
        self.callees: dict[str, str] = {}
        self.rooms: dict[str, list[ParticipantInfo]] = {}
        self.made: list[api.CreateRoomRequest] = []
        self.dials: list[api.CreateSIPParticipantRequest] = []
        self.deleted: list[str] = []
        self.url = ""

    def join(self, room: str, identity: str, **attributes: str) -> None:
        """Somebody enters a room."""
        info = ParticipantInfo(identity=identity, joined_at=int(time.time()))
        for name, value in attributes.items():
            info.attributes[f"sip.{name}"] = value
        self.rooms.setdefault(room, []).append(info)

    def leave(self, room: str) -> None:
        self.rooms[room] = []

    async def create_room(self, request: web.Request) -> web.Response:
        wish = api.CreateRoomRequest.FromString(await request.read())
        self.made.append(wish)
        self.rooms.setdefault(wish.name, [])
        return answer(Room(name=wish.name))

    async def delete_room(self, request: web.Request) -> web.Response:
        room = api.DeleteRoomRequest.FromString(await request.read()).room
        if self.rooms.pop(room, None) is None:
            return refusal("not_found", 404, "no such room")
        self.deleted.append(room)
        return answer(api.DeleteRoomResponse())

    async def list_participants(self, request: web.Request) -> web.Response:
        room = api.ListParticipantsRequest.FromString(await request.read()).room
        return answer(api.ListParticipantsResponse(participants=self.rooms.get(room, [])))

    async def create_sip_participant(self, request: web.Request) -> web.Response:
        wish = api.CreateSIPParticipantRequest.FromString(await request.read())
        self.dials.append(wish)
        will = self.callees[wish.sip_call_to]
        await asyncio.sleep(0.02)
        if will in REFUSALS:
            code, phrase = REFUSALS[will]
            return refusal("unavailable", 503, phrase, sip_status_code=str(code), sip_status=phrase)
        self.join(wish.room_name, wish.participant_identity, callStatus="active")
        if will == "drops":
            assert request.transport is not None
            request.transport.close()
        return answer(api.SIPParticipantInfo(room_name=wish.room_name))

    @asynccontextmanager
    async def running(self, free_port: Callable[[], int]) -> AsyncIterator[FakeLiveKit]:
        app = web.Application()
        room, sip = "/twirp/livekit.RoomService", "/twirp/livekit.SIP"
        app.router.add_post(f"{room}/CreateRoom", self.create_room)
        app.router.add_post(f"{room}/DeleteRoom", self.delete_room)
        app.router.add_post(f"{room}/ListParticipants", self.list_participants)
        app.router.add_post(f"{sip}/CreateSIPParticipant", self.create_sip_participant)
        runner = web.AppRunner(app)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()


def answer(message: Any) -> web.Response:
    return web.Response(body=message.SerializeToString(), content_type="application/protobuf")


def refusal(code: str, status: int, msg: str, **meta: str) -> web.Response:
    return web.json_response({"code": code, "msg": msg, "meta": meta}, status=status)
