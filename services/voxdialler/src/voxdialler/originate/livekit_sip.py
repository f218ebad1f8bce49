"""Calls over a LiveKit server: a room an attempt, and the callee as its SIP participant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import aiohttp
from livekit import api
from livekit.protocol.models import ParticipantInfo
from voxkit.errors import Unavailable
from voxkit.log import get_logger

from voxdialler.originate import outcomes
from voxdialler.originate.base import CallOrder, CallView, CannotTell, Refused, Traits

log = get_logger("voxdialler.livekit_sip")

ROOM_SPARE_S = 30
"""An empty room outlives the ringing by this, seconds: long enough for the callee to come in."""
DEPARTURE_S = 20
ANSWER_SPARE_S = 10
"""How much longer than the phone rings we wait for the server's word, seconds."""
LOOK_EVERY_S = 2.0
TRAITS = Traits(pins_seat=True, finds_calls=True, screens=False, needs_attach=True)
"""`screens` is false: the ear that would listen in the room is not built, so nothing is judged (A1)."""


class LivekitSip:
    """`open_api`: opens the client at its first use, inside the event loop."""

    traits = TRAITS

    def __init__(self, open_api: Callable[[], api.LiveKitAPI], *, now: Callable[[], datetime]) -> None:
        self._open_api, self._now = open_api, now
        self._api: api.LiveKitAPI | None = None
        self._dials: dict[str, asyncio.Task[CallView]] = {}

    @property
    def _server(self) -> api.LiveKitAPI:
        if self._api is None:
            self._api = self._open_api()
        return self._api

    async def place(self, order: CallOrder) -> None:
        """The room, then the request that rings; returns once it is sent. Raises: Refused: the room was not made."""
        if not order.trunk_id:
            raise Refused("not_placed", "the carrier has no outbound trunk at LiveKit; sync it", breaker=True)
        link = {
            "campaign_id": order.campaign_id,
            "campaign_call_id": order.campaign_call_id,
            "attempt_id": order.attempt_id,
        }
        try:
            await self._server.room.create_room(
                api.CreateRoomRequest(
                    name=room_of(order.attempt_id),
                    empty_timeout=order.ring_timeout_s + ROOM_SPARE_S,
                    departure_timeout=DEPARTURE_S,
                    metadata=json.dumps(link),
                )
            )
        except (api.ServerError, aiohttp.ClientError, TimeoutError) as error:
            raise Refused("not_placed", f"LiveKit made no room: {_text(error)}", breaker=True) from error
        self._dials[order.attempt_id] = asyncio.create_task(self._ring(order), name=f"ring-{order.attempt_id}")

    async def events(self, attempt_id: str) -> AsyncIterator[CallView]:
        """Ringing, then the answer or the end; after the answer, whether the callee is still in the room."""
        dialled = self._dials.pop(attempt_id, None)
        if dialled is not None:
            yield CallView(attempt_id, "ringing", ringing_at=self._now())
            view = await dialled
            yield view
            if view.status == "ended":
                return
        seen: CallView | None = None
        while True:
            try:
                view = await self.find(attempt_id)
            except CannotTell:
                # The room is empty: the callee has left, or never came.
                end = outcomes.End("rejected", outcomes.HUNG_UP_BEFORE_BOT) if seen or dialled else None
                end = end or outcomes.End("error", outcomes.DIALLER_LOST)
                yield CallView(attempt_id, "ended", ended_at=self._now(), end=end)
                return
            if view is not None and (seen is None or view.status != seen.status):
                seen = view
                yield view
            await asyncio.sleep(LOOK_EVERY_S)

    async def find(self, attempt_id: str) -> CallView | None:
        """What the room shows. Raises: CannotTell: nobody is in it; Unavailable: the server gave no answer."""
        people = await self._people(attempt_id)
        callee = next((who for who in people if who.identity.startswith("sip-")), None)
        if callee is None:
            raise CannotTell("Nobody is in the room: not dialled, not answered, or gone.")
        status = callee.attributes.get("sip.callStatus", "")
        bot = any(who.identity.startswith("bot-") for who in people)
        joined = datetime.fromtimestamp(callee.joined_at, self._now().tzinfo) if callee.joined_at else self._now()
        if status == "active":
            view = CallView(attempt_id, "answered", answered_at=joined)
            return replace(view, status="connected", connected_at=self._now()) if bot else view
        return CallView(attempt_id, "ringing", ringing_at=joined)

    async def hang_up(self, attempt_id: str, reason: str) -> None:
        """Delete the room, which ends every leg in it. Raises: Unavailable."""
        try:
            await self._server.room.delete_room(api.DeleteRoomRequest(room=room_of(attempt_id)))
        except api.ServerError as error:
            if error.code != "not_found":
                raise Unavailable(f"LiveKit did not delete the room: {_text(error)}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"LiveKit did not delete the room: {_text(error)}") from error

    async def aclose(self) -> None:
        for task in self._dials.values():
            task.cancel()
        await asyncio.gather(*self._dials.values(), return_exceptions=True)
        if self._api is not None:
            await self._api.aclose()
            self._api = None

    async def _ring(self, order: CallOrder) -> CallView:
        """The one request that rings; it lasts as long as the phone rings."""
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=order.trunk_id or "",
            sip_call_to=order.to_number,
            sip_number=order.from_number,
            room_name=room_of(order.attempt_id),
            participant_identity=f"sip-{order.to_number}",
            wait_until_answered=True,
        )
        request.ringing_timeout.FromSeconds(order.ring_timeout_s)
        request.max_call_duration.FromSeconds(order.max_call_s)
        try:
            await self._server.sip.create_sip_participant(request, timeout=order.ring_timeout_s + ANSWER_SPARE_S)
        except api.ServerError as error:
            return self._failed(order.attempt_id, error)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("livekit.no_word", error=_text(error))
            try:
                found = await self.find(order.attempt_id)
            except (CannotTell, Unavailable):
                found = None
            end = outcomes.End("error", "livekit_silent", breaker=True)
            return found or CallView(order.attempt_id, "ended", ended_at=self._now(), end=end)
        return CallView(order.attempt_id, "answered", answered_at=self._now())

    def _failed(self, attempt_id: str, error: api.ServerError) -> CallView:
        raw = error.metadata.get("sip_status_code", "")
        sip_status = int(raw) if raw.isdecimal() else None
        outcome = outcomes.of_sip(sip_status)
        end = outcomes.End(outcome, error.metadata.get("sip_status") or error.code, breaker=outcome == "error")
        return CallView(attempt_id, "ended", ended_at=self._now(), end=end, sip_status=sip_status)

    async def _people(self, attempt_id: str) -> list[ParticipantInfo]:
        try:
            answer = await self._server.room.list_participants(api.ListParticipantsRequest(room=room_of(attempt_id)))
        except api.ServerError as error:
            if error.code == "not_found":
                return []
            raise Unavailable(f"LiveKit did not list the room: {_text(error)}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"LiveKit did not list the room: {_text(error)}") from error
        return list(answer.participants)


def open_server(url: str, key: str, secret: str) -> Callable[[], api.LiveKitAPI]:
    """How to open a client that never repeats a request by itself: one that failed may have rung somebody (K1)."""
    return lambda: api.LiveKitAPI(url, key, secret, failover=False)


def room_of(attempt_id: str) -> str:
    """Never `call-…`: that prefix is for inbound calls."""
    return f"camp-{attempt_id}"


def _text(error: Any) -> str:
    return f"{type(error).__name__}: {error}"[:200]
