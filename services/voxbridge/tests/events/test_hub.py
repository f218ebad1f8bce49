"""A reader that misses something and is not told, or a backlog that grows for one that does not read."""

from __future__ import annotations

import pytest
from voxbridge.events.hub import HELD, LINGER_S, WAITING, Hub

pytestmark = [pytest.mark.unit]
CALLS = frozenset({"calls"})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def heard(reader) -> list[str]:
    text = (await reader.take(0.0)).decode()
    return [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]


async def test_a_reader_hears_its_topics_and_no_other() -> None:
    hub = Hub()
    with hub.reading(CALLS, "u", "") as reader:
        hub.tell("call.started", ("calls",), {})
        hub.tell("fleet.changed", ("fleet",), {})
        hub.tell("campaign.updated", ("campaigns", "campaign:1"), {})
        assert await heard(reader) == ["call.started"]


async def test_a_reader_that_comes_back_hears_what_it_missed() -> None:
    hub = Hub()
    with hub.reading(CALLS, "u", ""):
        hub.tell("call.started", ("calls",), {})
    last = hub.last_id
    hub.tell("call.completed", ("calls",), {})
    with hub.reading(CALLS, "u", last) as again:
        assert await heard(again) == ["call.completed"]
    with hub.reading(CALLS, "u", hub.last_id) as again:
        assert await heard(again) == []


@pytest.mark.parametrize("last_id", ["nonsense", "0123456789ab-1", "-", "²-²"])
async def test_an_id_that_is_not_known_here_is_answered_by_reset(last_id: str) -> None:
    hub = Hub()
    with hub.reading(CALLS, "u", last_id) as reader:
        assert await heard(reader) == ["reset"]


async def test_reset_when_more_was_missed_than_is_held_or_the_topic_was_not_watched() -> None:
    clock = Clock()
    hub = Hub(clock)
    with hub.reading(CALLS, "u", ""):
        hub.tell("call.started", ("calls",), {})
        last = hub.last_id
        for _ in range(HELD + 1):
            hub.tell("call.started", ("calls",), {})
        with hub.reading(CALLS, "u", last) as late:
            assert await heard(late) == ["reset"]
        with hub.reading(frozenset({"calls", "fleet"}), "u", hub.last_id) as wider:
            assert await heard(wider) == ["reset"]
    last, clock.now = hub.last_id, LINGER_S + 1
    with hub.reading(CALLS, "u", last) as late:
        assert await heard(late) == ["reset"]


async def test_a_reader_that_takes_nothing_loses_its_backlog_and_is_told_so() -> None:
    hub = Hub()
    with hub.reading(CALLS, "u", "") as reader:
        for _ in range(WAITING + 1):
            hub.tell("call.started", ("calls",), {})
        assert await heard(reader) == ["reset"]
        hub.tell("call.completed", ("calls",), {})
        assert await heard(reader) == ["call.completed"]


async def test_everybody_asks_again_after_an_interruption() -> None:
    hub = Hub()
    with hub.reading(CALLS, "u", "") as reader:
        hub.tell("call.started", ("calls",), {})
        before = hub.last_id
        hub.interrupted()
        assert await heard(reader) == ["reset"]
        with hub.reading(CALLS, "u", before) as again:
            assert await heard(again) == ["reset"]
