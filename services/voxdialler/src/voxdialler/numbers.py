"""Carriers' rates and channels, and which of our numbers rings next (section 10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voxkit.phone import phone_key

Document = dict[str, Any]
OUTBOUND = ("outbound", "both")
DEFAULT_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
LOOK_AGAIN_S, SHORTEST_WAIT_S = 0.05, 0.001


class TokenBucket:
    """At most `size` + `cps` × time requests. It starts empty: a restart or a takeover never exceeds the rate (N1)."""

    def __init__(self, cps: float, burst: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens, self._filled_at, self._paused_until = 0.0, clock(), float("-inf")
        self.waiting = 0
        self.cps, self._size = cps, max(1.0, burst)

    def set_rate(self, cps: float, burst: float) -> None:
        """A changed carrier; what is in the bucket stays, as far as it fits."""
        self._fill()
        self.cps, self._size = cps, max(1.0, burst)
        self._tokens = min(self._tokens, self._size)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._size, self._tokens + self.cps * (now - self._filled_at))
        self._filled_at = now

    @property
    def tokens(self) -> float:
        self._fill()
        return self._tokens

    @property
    def paused_s(self) -> float:
        return max(0.0, self._paused_until - self._clock())

    def pause(self, seconds: float | None) -> None:
        """The carrier said "not now": nothing for so long (N2); null = it did not say how long."""
        pause_s = min(LONGEST_PAUSE_S, seconds if seconds and seconds > 0 else DEFAULT_PAUSE_S)
        self._paused_until = max(self._paused_until, self._clock() + pause_s)

    def take(self) -> bool:
        """One request may be sent now."""
        self._fill()
        if self._tokens < 1 or self.paused_s:
            return False
        self._tokens -= 1
        return True

    def seconds_until_token(self) -> float:
        return max(self.paused_s, (1 - self.tokens) / self.cps)

    def within(self, seconds: float, *, ahead: int = 0) -> int:
        """How many more requests may be sent in the next `seconds`, beside those that come before them (L6).

        `ahead`: dials that want a token and may not have come here yet. A store that stood still for a moment would
        else be given the dials of the next turn on top of all those that it holds up.
        """
        free_s = seconds - self.paused_s
        return max(0, int(self.tokens + self.cps * free_s) - max(ahead, self.waiting)) if free_s > 0 else 0


class Buckets:
    """Two buckets a carrier: one whose tokens admit dials, and the same again where their requests leave.

    Between the two a dial waits for the store. Dials that were admitted one after another can come back from there
    together, and only what leaves together does the carrier see.
    """

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self._of: dict[str, TokenBucket] = {}
        self._leaving: dict[str, TokenBucket] = {}

    def learn(self, carriers: Collection[Document]) -> None:
        """The carriers as they are stored now."""
        for carrier in carriers:
            cps, burst = float(carrier.get("outbound_cps") or 1), float(carrier.get("outbound_burst") or 1)
            for buckets in (self._of, self._leaving):
                buckets.setdefault(carrier["_id"], TokenBucket(cps, burst, self._clock)).set_rate(cps, burst)

    def of(self, carrier_id: str) -> TokenBucket:
        """An unknown carrier has the smallest rate."""
        return self._of.setdefault(carrier_id, TokenBucket(1, 1, self._clock))

    def pause(self, carrier_id: str, seconds: float | None) -> None:
        self.of(carrier_id).pause(seconds)

    async def take(self, carrier_id: str, *, wait_s: float) -> bool:
        """A token, within `wait_s`."""
        bucket, until = self.of(carrier_id), self._clock() + wait_s
        bucket.waiting += 1
        try:
            while not bucket.take():
                left_s = until - self._clock()
                if left_s <= 0 or bucket.paused_s > left_s:
                    return False
                await self._sleep(min(left_s, max(LOOK_AGAIN_S, bucket.seconds_until_token())))
        finally:
            bucket.waiting -= 1
        return True

    async def leave(self, carrier_id: str) -> None:
        """Wait until the request of a dial that has its token may be sent: as long as it came too early, no longer."""
        bucket = self._leaving.setdefault(carrier_id, TokenBucket(1, 1, self._clock))
        while not bucket.take():
            await self._sleep(max(SHORTEST_WAIT_S, bucket.seconds_until_token()))


@dataclass(frozen=True)
class OurNumber:
    """A number of a campaign's pool that a carrier has, in the form in which it is dialled from."""

    number: str
    key: str
    carrier: Document


def known_numbers(pool: Sequence[str], carriers: Collection[Document]) -> list[OurNumber]:
    """Those of the pool that some carrier has for outbound calls, in the pool's order; others are skipped (N5)."""
    owned = {
        did["phone_key"]: OurNumber(did["number"], did["phone_key"], carrier)
        for carrier in carriers
        for did in carrier.get("dids") or ()
        if did.get("direction", "both") in OUTBOUND
    }
    return [owned[key] for number in pool if (key := phone_key(number)) in owned]


class NumberBook:
    """When each number was last used, in `number_usage`, and who is next."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self._used: dict[str, datetime] = {}
        self._order: dict[str, int] = {}

    async def learn(self, keys: Collection[str]) -> None:
        """What the store knows of these numbers; direct calls of voxbridge use them too."""
        async for usage in self._collection.find({"_id": {"$in": list(keys)}}):
            used_at = usage.get("last_used_at")
            if used_at is not None and used_at > self._used.get(
                usage["_id"], used_at.min.replace(tzinfo=used_at.tzinfo)
            ):
                self._used[usage["_id"]] = used_at

    async def used(self, number: str, at: datetime) -> None:
        """A call was placed from it. Never moves backwards."""
        key = phone_key(number)
        self._used[key] = max(at, self._used.get(key, at))
        await self._collection.update_one({"_id": key}, {"$max": {"last_used_at": at}}, upsert=True)

    def choose(self, usable: Sequence[OurNumber], *, last_number: str | None, is_callback: bool) -> OurNumber | None:
        """The next number of those that can be used now (N4)."""
        if not usable:
            return None
        last = phone_key(last_number) if last_number else ""
        if is_callback and (same := next((number for number in usable if number.key == last), None)):
            return self._taken(same)
        others = [number for number in usable if number.key != last] if len(usable) > 1 else list(usable)
        return self._taken(min(others or usable, key=self._age))

    def _age(self, number: OurNumber) -> tuple[int, float, str]:
        used_at = self._used.get(number.key)
        return self._order.get(number.key, 0), used_at.timestamp() if used_at else 0.0, number.key

    def _taken(self, number: OurNumber) -> OurNumber:
        # Several contacts are given numbers before the first of them rings: the order of giving counts.
        self._order[number.key] = 1 + max(self._order.values(), default=0)
        return number


class Channels:
    """How many more calls a carrier may carry at once (N2)."""

    def __init__(self, carriers: Collection[Document], active: Mapping[str, int]) -> None:
        self._free = {
            carrier["_id"]: int(carrier.get("outbound_channels") or 10) - active.get(carrier["_id"], 0)
            for carrier in carriers
        }

    def free(self, carrier_id: str) -> int:
        return max(0, self._free.get(carrier_id, 0))

    def take(self, carrier_id: str) -> None:
        self._free[carrier_id] = self._free.get(carrier_id, 0) - 1
