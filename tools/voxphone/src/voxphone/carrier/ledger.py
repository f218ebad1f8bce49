"""The carrier's own book: every order that came, every call, and what a caller of the API can be held to."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voxkit.contracts.base import UtcTime, WireModel
from voxkit.contracts.carrier import CarrierCall, CarrierDial

from voxphone.carrier.population import Callee
from voxphone.phone import PhoneCall
from voxphone.target import CallTarget

KEPT = timedelta(hours=24)
ORDERS_KEPT = 200_000
OVERLAPS_KEPT = 1_000
PLACED, REPEATED = "placed", "repeated"


@dataclass
class Ordered:
    """One accepted order and its call."""

    dial: CarrierDial
    key: str
    body: str
    target: CallTarget
    view: CarrierCall
    callee: Callee
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    hang_up_reason: str = ""
    phone: PhoneCall | None = None

    @property
    def over(self) -> bool:
        return self.view.status == "completed"


class Order(WireModel):
    """One `POST …/calls` with a valid body. `answer`: `placed`, `repeated`, or the error code of its refusal."""

    no: int
    at: UtcTime
    client_ref: str
    to: str
    answer: str
    call_ref: str | None = None


class Overlap(WireModel):
    """A call that was placed while the same number was in another one."""

    at: UtcTime
    to: str
    client_ref: str
    other_client_ref: str


class Counts(WireModel):
    """What the carrier has counted since it started."""

    orders: int
    answers: dict[str, int]
    calls: int
    answered: int
    active: int
    results: dict[str, int]
    most_calls_of_one_client_ref: int
    overlapping_calls: int
    overlaps: list[Overlap]


class Ledger:
    """Calls by all their names, and the counts. Looking up one call never walks through the others."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_ref: dict[str, Ordered] = {}
        self._by_client_ref: dict[str, Ordered] = {}
        self._by_key: dict[str, Ordered] = {}
        self._in_call: dict[str, list[Ordered]] = {}
        self._ended: deque[Ordered] = deque()
        self._times_called: Counter[str] = Counter()
        self._calls_of_ref: Counter[str] = Counter()
        self._orders: deque[Order] = deque(maxlen=ORDERS_KEPT)
        self._answers: Counter[str] = Counter()
        self._results: Counter[str] = Counter()
        self._answered = self._active = self._overlapping = 0
        self._overlaps: deque[Overlap] = deque(maxlen=OVERLAPS_KEPT)

    @property
    def active(self) -> int:
        """Calls that hold a channel."""
        return self._active

    def by_key(self, key: str) -> Ordered | None:
        return self._by_key.get(key)

    def by_ref(self, call_ref: str) -> Ordered | None:
        return self._by_ref.get(call_ref)

    def by_client_ref(self, client_ref: str) -> Ordered | None:
        return self._by_client_ref.get(client_ref)

    def times_called(self, number: str) -> int:
        return self._times_called[number]

    def other_call_of(self, call: Ordered) -> Ordered | None:
        """An earlier call of the same number that is not over."""
        return next((other for other in self._in_call.get(call.dial.to, ()) if other is not call), None)

    def open(self, call: Ordered) -> None:
        """Enter a call that was just accepted."""
        view = call.view
        self._by_ref[view.call_ref] = self._by_client_ref[view.client_ref] = self._by_key[call.key] = call
        self._calls_of_ref[view.client_ref] += 1
        self._times_called[view.to] += 1
        self._active += 1
        self._in_call.setdefault(view.to, []).append(call)
        if other := self.other_call_of(call):
            self._overlapping += 1
            refs = {"client_ref": view.client_ref, "other_client_ref": other.view.client_ref}
            self._overlaps.append(Overlap(at=self._now(), to=view.to, **refs))

    def close(self, call: Ordered) -> None:
        """A call is over: its channel and its number are free again."""
        self._active -= 1
        self._results[call.view.result or "none"] += 1
        self._answered += call.view.answered_at is not None
        self._ended.append(call)
        self._in_call[call.dial.to].remove(call)
        if not self._in_call[call.dial.to]:
            del self._in_call[call.dial.to]

    def note(self, dial: CarrierDial, answer: str, call_ref: str | None = None) -> None:
        """Write down an order and how it was answered."""
        self._answers[answer] += 1
        no = self._answers.total()
        at = self._now()
        self._orders.append(
            Order(no=no, at=at, client_ref=dial.client_ref, to=dial.to, answer=answer, call_ref=call_ref)
        )

    def orders(self, client_refs: set[str], after: int, limit: int) -> list[Order]:
        """Orders in the order they came; of these references alone unless the set is empty."""
        found: list[Order] = []
        for order in self._orders:
            if order.no > after and (not client_refs or order.client_ref in client_refs):
                found.append(order)
                if len(found) == limit:
                    break
        return found

    def counts(self) -> Counts:
        return Counts(
            orders=self._answers.total(),
            answers=dict(sorted(self._answers.items())),
            calls=self._calls_of_ref.total(),
            answered=self._answered,
            active=self._active,
            results=dict(sorted(self._results.items())),
            most_calls_of_one_client_ref=max(self._calls_of_ref.values(), default=0),
            overlapping_calls=self._overlapping,
            overlaps=list(self._overlaps),
        )

    def forget_old(self) -> None:
        """Calls are readable for 24 hours after their end; the counts stay."""
        limit = self._now() - KEPT
        while self._ended and (ended_at := self._ended[0].view.ended_at) and ended_at < limit:
            call = self._ended.popleft()
            del self._by_ref[call.view.call_ref], self._by_client_ref[call.view.client_ref], self._by_key[call.key]
