"""What a caller wishes, and what it holds: a seat, or a place in the queue."""

import secrets
import time
from dataclasses import dataclass, field
from typing import TypedDict

from voxkit.contracts.registry import Need, Priority, ReservationState, ReservationView, ReserveRequest
from voxkit.fence import FENCE_HEADER, WORKER_HEADER


def new_reservation_id() -> str:
    """`r-` and 20 random characters; an id is never used twice."""
    return f"r-{secrets.token_hex(10)}"


class Wish(TypedDict, total=False):
    """What a reserve may name; times are seconds.

    `priority`: `outbound` unless told. `hold`: from the grant to the start, 15 unless told. `wait`: in the queue, 0
    unless told. `allow_draining`: for operators.
    """

    priority: Priority
    hold: float
    wait: float
    campaign: str | None
    need: Need | None
    allow_draining: bool


def request_of(client: str, wish: Wish) -> ReserveRequest:
    """The wish as the registry reads it; a repeat of the same wish has the same fingerprint there."""
    return ReserveRequest(
        client=client,
        campaign=wish.get("campaign"),
        priority=wish.get("priority", "outbound"),
        hold_ms=round(wish.get("hold", 15) * 1000),
        wait_ms=round(wish.get("wait", 0) * 1000),
        need=wish.get("need"),
        allow_draining=wish.get("allow_draining", False),
    )


@dataclass(frozen=True)
class Grant:
    """A seat held for one start. `expires_at` is this process's monotonic clock, seconds: no wall clock matters."""

    reservation_id: str
    state: ReservationState
    worker_id: str
    host_id: str
    lb_url: str
    direct_url: str
    image_tag: str
    epoch: int
    fence: str = field(repr=False)
    expires_at: float

    def seconds_left(self) -> float:
        """Time until the seat is given to somebody else; 0.0 or less = too late."""
        return self.expires_at - time.monotonic()

    @property
    def headers(self) -> dict[str, str]:
        """What a start must carry, so that the balancer sends it to this seat and the seat takes it."""
        return {WORKER_HEADER: self.worker_id, FENCE_HEADER: self.fence}

    def socket_url(self, path: str) -> str:
        """`wss://host/ws/bot/{fence}`: a media socket to this seat, for those who cannot send headers."""
        return f"{self.lb_url.replace('http', 'ws', 1).rstrip('/')}/{path.strip('/')}/{self.fence}"


@dataclass(frozen=True)
class Waiting:
    """A place in the queue. `position` 1 is next; `eta_ms` is null while nothing is known."""

    reservation_id: str
    position: int
    waiting: int
    eta_ms: int | None


def grant_of(view: ReservationView, asked_at: float) -> Grant:
    """The seat in an answer; `asked_at` is the monotonic time before the request, so the deadline is never too late.

    A reservation that already carries a call has no fence any more; its grant has an empty one.
    """
    return Grant(
        reservation_id=view.reservation_id,
        state=view.state,
        worker_id=view.worker_id or "",
        host_id=view.host_id or "",
        lb_url=view.lb_url or "",
        direct_url=view.direct_url or "",
        image_tag=view.image_tag or "",
        epoch=view.epoch or 0,
        fence=view.fence or "",
        expires_at=asked_at + (view.expires_in_ms or 0) / 1000,
    )


def waiting_of(view: ReservationView) -> Waiting:
    """The place in the queue that an answer tells."""
    return Waiting(view.reservation_id, view.position or 1, view.waiting or 1, view.eta_ms)
