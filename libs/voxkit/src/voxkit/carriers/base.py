"""What every carrier's client can be asked, whatever the carrier's own API looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from voxkit.contracts.base import WireModel
from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierDial
from voxkit.errors import Unavailable

Adapter = Literal["voxphone", "exotel", "twilio", "plivo", "telnyx"]
MediaRoute = Literal["ws", "exotel", "twilio", "plivo", "telnyx"]


class CarrierAccess(WireModel):
    """`rest` of a carrier in clear: what opens its API. Never logged."""

    adapter: Adapter
    base_url: str = Field(max_length=500)
    account_sid: str = Field(default="", max_length=128)
    api_key: str = Field(default="", max_length=256, repr=False)
    api_token: str = Field(default="", max_length=256, repr=False)
    flow_url: str = Field(default="", max_length=500)


@dataclass(frozen=True)
class CarrierTraits:
    """What a carrier can do (O5). `media_route`: the worker's socket that speaks its protocol.

    `per_call_media_url`: each call may be sent to a socket of its own. `lookup_by_ref`: its calls are found by our id.
    `not_after`: an order that arrives late is refused. `hang_up`: its API can end a call; else the worker does, by
    closing the socket.
    """

    media_route: MediaRoute = "ws"
    per_call_media_url: bool = True
    idempotency: bool = True
    lookup_by_ref: bool = True
    status_callback: bool = True
    amd: bool = True
    not_after: bool = True
    hang_up: bool = True


UNREACHABLE = "carrier_unreachable"
"""`Refused.code` when no connection to the carrier was made."""


class Refused(Exception):
    """The carrier did not take the order. `outcome` `not_placed`: proved that nobody was rung.

    `retry_after`: seconds that the carrier wants to be left alone, null = it named none. `breaker`: it speaks against
    the carrier or our account, not against the number.
    """

    def __init__(
        self,
        outcome: AttemptOutcome,
        message: str,
        *,
        code: str = "",
        breaker: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome: AttemptOutcome = outcome
        self.code, self.breaker, self.retry_after = code, breaker, retry_after


class Unsure(Unavailable):
    """The carrier gave no answer that can be read. Of an order nobody knows whether it was taken."""

    code = "carrier_unavailable"


class CarrierClient(Protocol):
    """One account at one carrier."""

    @property
    def traits(self) -> CarrierTraits: ...

    async def place(self, dial: CarrierDial, key: str) -> CarrierAccepted:
        """Ring somebody; `key` makes a repeat harmless where the carrier knows keys. Raises: Refused, Unsure."""
        ...

    async def get(self, call_ref: str) -> CarrierCall | None:
        """A call by the carrier's own name for it; None = there is none. Raises: Unsure."""
        ...

    async def find(self, client_refs: Sequence[str]) -> list[CarrierCall]:
        """At most 100 calls by our names for them; one that is missing was never placed.

        Raises: Unsure: no answer, or no carrier to ask by our names (`lookup_by_ref` is false).
        """
        ...

    async def hang_up(self, call_ref: str, reason: str) -> None:
        """End a call; one that is over already is no error. Raises: Unsure."""
        ...

    async def health(self) -> bool:
        """Whether the carrier answers and lets us in."""
        ...

    async def aclose(self) -> None: ...
