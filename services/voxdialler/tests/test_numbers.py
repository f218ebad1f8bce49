"""A carrier's rate is never exceeded, a pause it asked for is kept, and our numbers take turns (N1 to N5)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxdialler.numbers import Buckets, Channels, NumberBook, OurNumber, TokenBucket, known_numbers

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

CARRIER: dict[str, Any] = {"_id": "k1", "outbound_cps": 10, "outbound_burst": 5, "outbound_channels": 3}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class NoUsage:
    """`number_usage` that remembers nothing: what counts here is kept by the book."""

    async def update_one(self, *_: Any, **__: Any) -> None:
        return None


def numbers(*ends: str) -> list[OurNumber]:
    return [OurNumber(f"+1555010{end}", f"1555010{end}", CARRIER) for end in ends]


def test_a_bucket_starts_empty_so_a_restart_never_exceeds_the_rate() -> None:
    bucket = TokenBucket(10, 5, Clock())
    assert not bucket.take()
    assert bucket.seconds_until_token() == pytest.approx(0.1)


@given(
    cps=st.floats(0.5, 50),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=80),
    span_s=st.sampled_from((1.0, 10.0, 60.0)),
)
def test_no_span_of_time_has_more_requests_than_burst_and_rate_allow(
    cps: float, burst: int, pauses: list[float], span_s: float
) -> None:
    clock = Clock()
    bucket, sent = TokenBucket(cps, burst, clock), []
    for pause in pauses:
        clock.now += pause
        while bucket.take():
            sent.append(clock.now)
    for first in sent:
        assert sum(first <= at < first + span_s for at in sent) <= burst + cps * span_s + 1e-6


@pytest.mark.parametrize(
    ("stated", "kept"), [(7.0, 7.0), (None, 5.0), (0.0, 5.0), (-3.0, 5.0), (9_000.0, 300.0)], ids=str
)
def test_a_carrier_that_says_not_now_is_left_alone_for_as_long_as_it_says(stated: float | None, kept: float) -> None:
    clock = Clock()
    bucket = TokenBucket(10, 5, clock)
    bucket.pause(stated)
    clock.now += kept - 0.01
    assert not bucket.take()
    clock.now += 0.02
    assert bucket.take()


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = Clock()
    bucket = TokenBucket(10, 5, clock)
    bucket.pause(60)
    bucket.pause(1)
    assert bucket.paused_s == 60


def test_a_bucket_tells_how_many_requests_one_turn_can_send() -> None:
    clock = Clock()
    bucket = TokenBucket(10, 5, clock)
    assert bucket.within(2) == 20
    bucket.waiting = 12
    assert bucket.within(2) == 8
    assert bucket.within(2, ahead=15) == 5
    assert bucket.within(2, ahead=40) == 0
    bucket.pause(2)
    assert bucket.within(2) == 0


async def test_a_token_is_waited_for_but_not_longer_than_a_turn() -> None:
    clock = Clock()
    buckets = Buckets(clock, clock.sleep)
    buckets.learn([{**CARRIER, "outbound_cps": 1, "outbound_burst": 1}])
    assert await buckets.take("k1", wait_s=2)
    began = clock.now
    buckets.of("k1").pause(10)
    assert not await buckets.take("k1", wait_s=2)
    assert clock.now - began <= 2
    assert buckets.of("k1").waiting == 0


@given(delays=st.lists(st.floats(0, 2), min_size=1, max_size=60))
async def test_dials_that_the_store_holds_up_do_not_leave_in_a_crowd(delays: list[float]) -> None:
    clock, sent = Clock(), list[float]()
    buckets = Buckets(clock, clock.sleep)
    buckets.learn([CARRIER])
    admitted = list[float]()
    for _ in delays:
        while not await buckets.take("k1", wait_s=2):
            pass
        admitted.append(clock.now)
    clock.now = admitted[0]
    for back in sorted(at + delay for at, delay in zip(admitted, delays, strict=True)):
        clock.now = max(clock.now, back)
        await buckets.leave("k1")
        sent.append(clock.now)
    for first in sent:
        assert sum(first <= at < first + 1 for at in sent) <= CARRIER["outbound_burst"] + CARRIER["outbound_cps"]
    assert sent[-1] <= max(at + delay for at, delay in zip(admitted, delays, strict=True)) + max(delays) + 0.2


async def test_a_carrier_that_nobody_knows_gets_a_request_a_second() -> None:
    clock = Clock()
    buckets = Buckets(clock, clock.sleep)
    began = clock.now
    for _ in range(3):
        await buckets.leave("k2")
    assert clock.now - began == pytest.approx(3, abs=0.01)


def test_a_changed_rate_keeps_what_is_in_the_bucket_as_far_as_it_fits() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    buckets.learn([CARRIER])
    clock.now += 10
    buckets.learn([{**CARRIER, "outbound_burst": 2}])
    assert buckets.of("k1").tokens == 2


def test_channels_count_down_and_an_unknown_carrier_has_none() -> None:
    channels = Channels([CARRIER], {"k1": 2})
    assert channels.free("k1") == 1
    channels.take("k1")
    assert channels.free("k1") == 0
    channels.take("k1")
    assert channels.free("k1") == 0
    assert channels.free("nobody") == 0


def test_numbers_that_no_carrier_has_for_outbound_calls_are_skipped() -> None:
    carrier = {
        "_id": "k1",
        "dids": [
            {"number": "+15550101", "phone_key": "15550101", "direction": "both"},
            {"number": "+15550102", "phone_key": "15550102", "direction": "inbound"},
        ],
    }
    known = known_numbers(["+15550102", "+1 555 0101", "+15550109"], [carrier])
    assert [one.number for one in known] == ["+15550101"]


def test_a_thousand_first_attempts_use_all_numbers_alike() -> None:
    book, pool = NumberBook(NoUsage()), numbers("1", "2", "3", "4", "5", "6", "7")
    used = Counter(book.choose(pool, last_number=None, is_callback=False).number for _ in range(1_000))
    assert max(used.values()) - min(used.values()) <= 1


def test_a_retry_never_comes_from_the_number_that_was_not_answered() -> None:
    book, pool = NumberBook(NoUsage()), numbers("1", "2")
    for _ in range(20):
        chosen = book.choose(pool, last_number="+15550101", is_callback=False)
        assert chosen is not None
        assert chosen.number == "+15550102"


def test_the_only_number_of_a_pool_rings_again() -> None:
    only = numbers("1")
    assert NumberBook(NoUsage()).choose(only, last_number="+15550101", is_callback=False) is only[0]


def test_a_callback_comes_from_the_number_that_the_callee_knows() -> None:
    book, pool = NumberBook(NoUsage()), numbers("1", "2", "3")
    for _ in range(5):
        chosen = book.choose(pool, last_number="+15550102", is_callback=True)
        assert chosen is not None
        assert chosen.number == "+15550102"


async def test_the_number_used_longest_ago_is_next() -> None:
    book, pool = NumberBook(NoUsage()), numbers("1", "2")
    await book.used("+15550101", datetime(2026, 1, 2, tzinfo=UTC))
    await book.used("+15550102", datetime(2026, 1, 1, tzinfo=UTC))
    chosen = book.choose(pool, last_number=None, is_callback=False)
    assert chosen is not None
    assert chosen.number == "+15550102"


def test_no_usable_number_is_no_choice() -> None:
    assert NumberBook(NoUsage()).choose([], last_number=None, is_callback=False) is None
