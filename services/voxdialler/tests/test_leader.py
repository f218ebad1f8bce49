"""One dialler works, others stand by; nobody compares clocks of two hosts (D1 to D4, D6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import AutoReconnect
from voxdialler.leader import HostLock, Leader

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


class Clock:
    """The monotonic clock of one host; its zero means nothing to others."""

    def __init__(self, start: float) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now


class Host:
    """A dialler on a host of its own, whose seconds pass when the test says so."""

    def __init__(self, locks: Any, lock_file: Path, name: str, start: float) -> None:
        self.clock, self.lock = Clock(start), HostLock(str(lock_file))
        self.leader = Leader(locks, name, self.lock, clock=self.clock)

    async def turn(self, after_s: float = 1.0) -> bool:
        self.clock.now += after_s
        await self.leader.turn()
        return self.leader.is_leader


@pytest.fixture
async def locks(mongodb_uri: str, mongo_db_name: str) -> AsyncIterator[Any]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True)
    yield client[mongo_db_name]["locks"]
    await client.close()


@pytest.fixture
def host(locks: Any, tmp_path: Path) -> Callable[..., Host]:
    """Hosts with clocks an hour apart; `file` is shared by diallers of one host."""
    made: list[Host] = []

    def make(name: str, file: str = "") -> Host:
        made.append(Host(locks, tmp_path / f"{file or name}.lock", name, 3_600.0 * len(made)))
        return made[-1]

    return make


async def test_the_first_leads_and_the_second_stands_by_as_long_as_the_first_beats(host) -> None:
    first, second = host("a"), host("b")
    assert await first.turn()
    for _ in range(20):
        assert not await second.turn()
        assert await first.turn()
    assert second.leader.epoch == 0


async def test_a_standby_takes_over_after_six_seconds_of_its_own_clock_and_not_before(host) -> None:
    first, second = host("a"), host("b")
    await first.turn()
    await second.turn()
    for _ in range(5):
        assert not await second.turn()
    assert await second.turn()
    assert (second.leader.former, second.leader.epoch) == ("vanished", 2)


async def test_a_leader_stops_before_anybody_may_take_over(host) -> None:
    first, second = host("a"), host("b")
    await first.turn()
    await second.turn()
    first.clock.now += 3.9
    assert first.leader.is_leader
    first.clock.now += 0.2
    assert not first.leader.is_leader
    assert not await second.turn(4.1)


async def test_a_frozen_leader_learns_with_its_next_beat_that_it_was_replaced(host) -> None:
    first, second = host("a"), host("b")
    await first.turn()
    await second.turn()
    assert await second.turn(6)
    assert not await first.turn(30)
    for _ in range(3):
        assert await second.turn()
        assert not await first.turn()


async def test_a_leader_without_a_rival_goes_on_after_its_store_was_away(host) -> None:
    first = host("a")
    await first.turn()
    first.clock.now += 20
    assert not first.leader.is_leader
    assert await first.turn()
    assert first.leader.epoch == 1


async def test_two_standbys_never_both_take_over(host) -> None:
    first, second, third = host("a"), host("b"), host("c")
    await first.turn()
    await second.turn()
    await third.turn()
    assert sorted([await second.turn(6), await third.turn(6)]) == [False, True]


async def test_a_released_lease_is_taken_at_the_next_look(host) -> None:
    first, second = host("a"), host("b")
    await first.turn()
    await second.turn()
    await first.leader.release()
    assert not first.leader.is_leader
    assert await second.turn()
    assert second.leader.former == "released"


async def test_a_restart_on_the_same_host_takes_over_at_once(host) -> None:
    first = host("a", file="shared")
    await first.turn()
    first.lock.let_go()  # as the system does when the process is killed
    again = host("a", file="shared")
    assert await again.turn()
    assert (again.leader.former, again.leader.epoch) == ("vanished", 2)


async def test_a_second_process_of_a_host_waits_as_long_as_the_first_lives(host) -> None:
    first, second = host("a", file="shared"), host("b", file="shared")
    await first.turn()
    for _ in range(4):
        assert not await second.turn()
        assert await first.turn()


async def test_a_beat_whose_answer_was_lost_counts_as_a_beat(host, locks) -> None:
    first = host("a")
    await first.turn()

    class Deaf:
        def __getattr__(self, name: str) -> Any:
            return getattr(locks, name)

        async def update_one(self, *args: Any) -> None:
            await locks.update_one(*args)
            raise AutoReconnect("the answer was lost")

    first.leader._collection = Deaf()
    with pytest.raises(AutoReconnect):
        await first.turn()
    first.leader._collection = locks
    assert await first.turn()
    assert await first.turn()
