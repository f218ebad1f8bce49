"""Calls of a carrier that rings the callee itself and connects the answered call to a worker's media socket.

Polling is the truth and callbacks are hints (O2): every open call is read at least every 10 s, so a callback that is
lost, doubled or late changes nothing but the moment at which a step is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from voxkit.carriers import CarrierClient
from voxkit.carriers import Refused as CarrierRefused
from voxkit.carriers import Unsure as CarrierUnsure
from voxkit.contracts.carrier import CarrierCall, CarrierDial, CarrierMedia
from voxkit.errors import Unavailable, VoxError
from voxkit.log import get_logger

from voxdialler.originate import outcomes
from voxdialler.originate.base import CallOrder, CallStatus, CallView, CannotTell, Refused, Traits, Unsure

log = get_logger("voxdialler.websocket_carrier")

BATCH = 100
"""Calls read by one request."""
QUIET_AFTER_CALLBACK_S = 10.0
"""A call that just sent a callback is read this seldom: the carrier is evidently able to reach us."""
MISSING_TIMES = 3
"""An accepted call that the carrier does not show so often is gone: its switch was restarted."""
_STATUS: dict[str, CallStatus] = {
    "queued": "placed", "ringing": "ringing", "answered": "answered", "in_progress": "connected", "completed": "ended",
}  # fmt: skip

Client = Callable[[], Awaitable[CarrierClient]]
MediaBase = Callable[[CallOrder], str]


@dataclass
class _Open:
    """A call that somebody here follows."""

    due_at: float = 0.0
    seq: int = 0
    missing: int = 0
    latest: CallView | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, view: CallView, seq: int) -> bool:
        if seq <= self.seq:
            return False
        self.seq, self.latest = seq, view
        self.news.set()
        return True


class WebsocketCarrier:
    """One carrier. `client` gives the REST client with present credentials; `media_url` the socket for a call.

    `callback_url`: where the carrier may send status callbacks; null = none are asked for. Raises, from every method:
    VoxError when the credentials are not to be had.
    """

    def __init__(
        self,
        carrier_id: str,
        client: Client,
        traits: Traits,
        *,
        media_url: MediaBase,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        callback_url: str | None = None,
        poll_s: float = 2.0,
    ) -> None:
        self.carrier_id, self._client, self._traits = carrier_id, client, traits
        self._media_url, self._now, self._monotonic = media_url, now, monotonic
        self._callback_url, self._poll_s = callback_url, poll_s
        self._open: dict[str, _Open] = {}
        self._poller: asyncio.Task[None] | None = None

    @property
    def traits(self) -> Traits:
        return self._traits

    async def place(self, order: CallOrder) -> None:
        """Ask the carrier to ring. Raises: Refused, Unsure."""
        try:
            client = await self._client()
        except VoxError as error:  # no credentials: nothing was sent
            raise Refused("not_placed", str(error), code=error.wire_code, breaker=True) from error
        dial = CarrierDial.model_validate(
            {
                "client_ref": order.attempt_id,
                "to": order.to_number,
                "from": order.from_number,
                "ring_timeout_seconds": order.ring_timeout_s,
                "max_call_seconds": order.max_call_s,
                "not_after": order.not_after,
                "media": CarrierMedia(
                    url=self._media_url(order),
                    protocol="vox" if client.traits.media_route == "ws" else client.traits.media_route,
                    custom={"_context": f"ctx_{order.attempt_id}", "callDirection": "outgoing"},
                ),
                "amd": order.amd if client.traits.amd else None,
                "status_callback": self._callback_url if client.traits.status_callback else None,
            }
        )
        try:
            await client.place(dial, order.attempt_id)
        except CarrierRefused as refused:
            raise Refused(
                refused.outcome,
                str(refused),
                code=refused.code,
                breaker=refused.breaker,
                retry_after_s=refused.retry_after,
            ) from refused
        except CarrierUnsure as unsure:
            raise Unsure(str(unsure)) from unsure

    async def events(self, attempt_id: str) -> AsyncIterator[CallView]:
        """Every step that is seen from now on, the latest of several at once; ends after `ended`."""
        call = self._follow(attempt_id)
        try:
            while True:
                await call.news.wait()
                call.news.clear()
                view = call.latest
                if view is None:
                    continue
                yield view
                if view.status == "ended":
                    return
        finally:
            self._open.pop(attempt_id, None)

    async def find(self, attempt_id: str) -> CallView | None:
        """The call now. Raises: CannotTell: the carrier has no search by our id; VoxError: it gave no answer."""
        found = await self._look(attempt_id)
        return view_of(found) if found else None

    async def hang_up(self, attempt_id: str, reason: str) -> None:
        """End the call, if there is one. Raises: VoxError when the carrier gave no answer."""
        if call := await self._look(attempt_id):
            try:
                await (await self._client()).hang_up(call.call_ref, reason)
            except CarrierRefused as refused:
                raise Unavailable(f"The carrier {self.carrier_id} is not reached: {refused}") from refused

    def take(self, call: CarrierCall) -> bool:
        """A callback came. Returns: whether it told something new; repeats and old ones change nothing (O1)."""
        known = self._open.get(call.client_ref)
        if known is None:
            return False
        known.due_at = self._monotonic() + QUIET_AFTER_CALLBACK_S
        return known.tell(view_of(call), call.seq)

    async def aclose(self) -> None:
        """Follow nothing any more."""
        if self._poller:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)

    # --- polling -----------------------------------------------------------------------------------------------------

    def _follow(self, attempt_id: str) -> _Open:
        call = self._open.setdefault(attempt_id, _Open(due_at=self._monotonic() + self._poll_s))
        if self._traits.finds_calls and (self._poller is None or self._poller.done()):
            self._poller = asyncio.create_task(self._poll(), name=f"poll-{self.carrier_id}")
        return call

    async def _poll(self) -> None:
        while self._open:
            await asyncio.sleep(self._poll_s)
            due = [ref for ref, call in self._open.items() if call.due_at <= self._monotonic()]
            for start in range(0, len(due), BATCH):
                await self._read(due[start : start + BATCH])

    async def _read(self, refs: list[str]) -> None:
        try:
            found = {call.client_ref: call for call in await (await self._client()).find(refs)}
        except (VoxError, CarrierRefused) as error:
            log.warning("carrier.poll_failed", carrier_id=self.carrier_id, calls=len(refs), error=str(error))
            return
        for ref in refs:
            if (call := self._open.get(ref)) is None:
                continue
            call.due_at = self._monotonic()
            if seen := found.get(ref):
                call.missing = 0
                call.tell(view_of(seen), seen.seq)
            elif call.seq:
                call.missing += 1
                if call.missing >= MISSING_TIMES:
                    call.tell(_gone(ref, call.latest), call.seq + 1)

    async def _look(self, attempt_id: str) -> CarrierCall | None:
        client = await self._client()
        if not self._traits.finds_calls:
            raise CannotTell(f"The carrier {self.carrier_id} has no search by our id.")
        try:
            found = await client.find([attempt_id])
        except CarrierRefused as refused:  # an address that is not allowed: nothing was asked
            raise Unavailable(f"The carrier {self.carrier_id} is not reached: {refused}") from refused
        return found[0] if found else None


def view_of(call: CarrierCall) -> CallView:
    """A carrier's call as a dial reads it."""
    end = outcomes.of_carrier(call) if call.status == "completed" else None
    return CallView(
        attempt_id=call.client_ref,
        status=_STATUS[call.status],
        ringing_at=call.ringing_at,
        answered_at=call.answered_at,
        connected_at=call.media_connected_at,
        ended_at=call.ended_at,
        end=end,
        sip_status=call.sip_status,
        amd=call.amd,
    )


def _gone(attempt_id: str, latest: CallView | None) -> CallView:
    """The carrier no longer knows a call that it had shown."""
    answered = latest.answered_at if latest else None
    connected = latest.connected_at if latest else None
    end = None if connected else outcomes.End("error", "carrier_lost_call", breaker=True)
    return CallView(attempt_id, "ended", answered_at=answered, connected_at=connected, end=end)
