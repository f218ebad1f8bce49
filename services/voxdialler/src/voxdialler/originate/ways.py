"""The way to ring for each carrier, made once and kept as long as the process."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from voxkit.carriers import traits_of
from voxkit.contracts.carrier import CarrierCall
from voxkit.errors import Unavailable

from voxdialler.originate.accounts import Accounts
from voxdialler.originate.base import CallOrder, Originator, Traits
from voxdialler.originate.livekit_sip import LivekitSip
from voxdialler.originate.websocket_carrier import WebsocketCarrier

Document = dict[str, Any]
HangUp = Callable[[str], Awaitable[None]]


class LivekitNotConfigured(Unavailable):
    """This carrier rings over LiveKit, and LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set."""

    code = "livekit_not_configured"


class Ways:
    """One originator a carrier. `open_media`: base URL and token of sockets for calls without a pinned seat."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        open_media: Callable[[], tuple[str, str]],
        now: Callable[[], datetime],
        public_url: str = "",
        poll_s: float = 2.0,
        livekit: LivekitSip | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._accounts, self._open_media, self._now = accounts, open_media, now
        self._public_url, self._poll_s, self._monotonic = public_url.rstrip("/"), poll_s, monotonic
        self._livekit = livekit
        self._carriers: dict[str, WebsocketCarrier] = {}
        self._under_way: dict[str, HangUp] = {}

    def of(self, carrier: Document) -> Originator:
        """The way of this carrier's document. Raises: LivekitNotConfigured."""
        if carrier.get("originate") != "websocket_carrier":
            if self._livekit is None:
                raise LivekitNotConfigured()
            return self._livekit
        carrier_id = carrier["_id"]
        if carrier_id not in self._carriers:
            self._carriers[carrier_id] = self._open(carrier_id, carrier.get("rest") or {})
        return self._carriers[carrier_id]

    def take(self, carrier_id: str, call: CarrierCall) -> bool:
        """A callback of this carrier. Returns: whether it told something new."""
        carrier = self._carriers.get(carrier_id)
        return carrier.take(call) if carrier else False

    @contextmanager
    def under_way(self, attempt_id: str, hang_up: HangUp) -> Generator[None]:
        """A task follows this call; `hang_up(because)` ends it as long as nobody talks."""
        self._under_way[attempt_id] = hang_up
        try:
            yield
        finally:
            self._under_way.pop(attempt_id, None)

    async def hang_up(self, attempt_id: str, because: str) -> bool:
        """End a call that rings or waits for its bot: `excluded`, or why the dialler stops. False: none is followed."""
        hang_up = self._under_way.get(attempt_id)
        if hang_up is not None:
            await hang_up(because)
        return hang_up is not None

    async def aclose(self) -> None:
        for carrier in self._carriers.values():
            await carrier.aclose()
        if self._livekit:
            await self._livekit.aclose()
        await self._accounts.aclose()

    def _open(self, carrier_id: str, rest: Document) -> WebsocketCarrier:
        known = traits_of(rest.get("adapter") or "", rest.get("flow_url") or "")
        return WebsocketCarrier(
            carrier_id,
            partial(self._accounts.client, carrier_id),
            Traits(
                pins_seat=known.per_call_media_url,
                finds_calls=known.lookup_by_ref,
                screens=known.amd,
                needs_attach=False,
            ),
            media_url=partial(media_url, known.media_route, self._open_media),
            now=self._now,
            monotonic=self._monotonic,
            callback_url=f"{self._public_url}/carrier-events/{carrier_id}" if self._public_url else None,
            poll_s=self._poll_s,
        )


def media_url(route: str, open_media: Callable[[], tuple[str, str]], order: CallOrder) -> str:
    """The socket that the carrier connects an answered call to (O3): the reserved seat's own, or the open one."""
    if order.seat is not None:
        return order.seat.socket_url(f"{route}/{order.bot_id}")
    base, token = open_media()
    address = f"{base.replace('http', 'ws', 1).rstrip('/')}/{route}/{order.bot_id}"
    return f"{address}?token={token}" if token else address
