"""What a dial needs of a way to ring somebody: place once, follow, find again, hang up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.registry import Grant

from voxdialler.originate.outcomes import End

CallStatus = Literal["placed", "ringing", "answered", "connected", "ended"]
"""Steps may be skipped, never reversed."""


@dataclass(frozen=True)
class Traits:
    """What a way of ringing can do.

    `pins_seat`: a call can be sent to one seat. `finds_calls`: `find` knows for sure whether a call exists.
    `screens`: an answering machine is told from a person. `needs_attach`: the bot is brought to the callee by us;
    otherwise the carrier connects the callee to the bot.
    """

    pins_seat: bool
    finds_calls: bool
    screens: bool
    needs_attach: bool


@dataclass(frozen=True)
class CallOrder:
    """One call to place. `attempt_id` names it everywhere; the same order is never placed twice.

    `seat`: the seat that waits for the callee, null when none is pinned. `amd`: screening settings for a carrier that
    screens, null = no screening. `not_after`: a carrier that gets it later refuses it; known when it is sent.
    """

    attempt_id: str
    campaign_id: str
    campaign_call_id: str
    bot_id: str
    carrier_id: str
    to_number: str
    from_number: str
    ring_timeout_s: int
    max_call_s: int
    trunk_id: str | None = None
    seat: Grant | None = field(default=None, repr=False)
    amd: dict[str, Any] | None = None
    not_after: datetime | None = None


@dataclass(frozen=True)
class CallView:
    """A call as carrier or room show it; each event of a call is the whole view, so a lost one costs nothing.

    `end` and `sip_status` stand with `ended`. An ended call without `end`: the bot had the callee, and the worker's
    result tells how it went.
    """

    attempt_id: str
    status: CallStatus
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None
    sip_status: int | None = None
    amd: dict[str, Any] | None = None


class Refused(Exception):
    """The carrier did not take the order. `outcome` `not_placed`: proved that nobody was rung, the attempt is free."""

    def __init__(
        self,
        outcome: AttemptOutcome,
        message: str,
        *,
        code: str = "",
        sip_status: int | None = None,
        breaker: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome: AttemptOutcome = outcome
        self.code, self.sip_status = code, sip_status
        self.breaker, self.retry_after_s = breaker, retry_after_s


class Unsure(Exception):
    """The order was sent and nobody knows whether it arrived. It is never sent again; `find` tells."""


class CannotTell(Exception):
    """Whether there is such a call cannot be said, now or ever."""


class Originator(Protocol):
    """A way to ring. Every method may be called again for an attempt that another process began."""

    @property
    def traits(self) -> Traits: ...

    async def place(self, order: CallOrder) -> None:
        """Line 8 of a dial; returns when the call was accepted. Raises: Refused, Unsure."""
        ...

    def events(self, attempt_id: str) -> AsyncIterator[CallView]:
        """The call at each step from now on; ends after `ended`."""
        ...

    async def find(self, attempt_id: str) -> CallView | None:
        """The call now; None = provably no such call. Raises: CannotTell."""
        ...

    async def hang_up(self, attempt_id: str, reason: str) -> None:
        """End the call in whatever state it is. May be repeated; never raises for a call that is over."""
        ...
