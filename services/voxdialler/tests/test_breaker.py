"""Breakers open on the failures of section 16, try once, close on a success, and say which calls did it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voxdialler.breaker import EVIDENCE, RULES, Breakers

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


class Kept:
    """The collection `breakers`."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    async def update_one(self, where: dict[str, Any], change: dict[str, Any], *, upsert: bool) -> None:
        assert upsert
        self.documents.setdefault(where["_id"], {"_id": where["_id"]}).update(change["$set"])

    def find(self, where: dict[str, Any]) -> Any:
        assert where == {}

        async def all_of_them() -> Any:
            for document in list(self.documents.values()):
                yield document

        return all_of_them()


class World:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, 9, tzinfo=UTC)
        self.kept, self.tripped = Kept(), list[str]()
        self.breakers = self.started()

    def started(self) -> Breakers:
        return Breakers(self.kept, lambda: self.now, self.tripped.append)

    def fail(self, key: str, times: int = 1, **more: Any) -> None:
        for _ in range(times):
            self.breakers.failed(key, "error", "503", **more)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("key", "failures"), [("carrier:k1", 5), ("livekit", 5), ("voxbridge", 2), ("registry", 3), ("attach", 3)]
)
def test_a_breaker_opens_after_so_many_failures_in_a_row(world: World, key: str, failures: int) -> None:
    world.fail(key, failures - 1)
    world.breakers.succeeded(key)
    world.fail(key, failures - 1)
    assert world.breakers.allows(key)
    world.fail(key)
    assert not world.breakers.allows(key)
    assert world.tripped == [key.partition(":")[0]]


@pytest.mark.parametrize(("key", "at_least"), [("carrier:k1", 10), ("campaign:c1", 5)])
def test_a_breaker_opens_when_more_than_half_of_the_last_two_minutes_failed(
    world: World, key: str, at_least: int
) -> None:
    half = at_least // 2
    for _ in range(half):
        world.fail(key)
        world.breakers.succeeded(key)
    world.breakers.succeeded(key)
    assert world.breakers.allows(key)
    world.fail(key, 1)
    world.breakers.succeeded(key) if key.startswith("carrier") else None
    world.fail(key, 3)
    assert not world.breakers.allows(key)


def test_failures_older_than_the_window_count_for_nothing(world: World) -> None:
    world.fail("campaign:c1", 4)
    world.later(121)
    world.fail("campaign:c1", 4)
    assert world.breakers.allows("campaign:c1")


@pytest.mark.parametrize(
    ("key", "pauses"),
    [("carrier:k1", [30, 60, 120, 240, 300, 300]), ("livekit", [15, 30, 60, 120, 120]),
     ("registry", [5, 10, 20, 40, 60, 60]), ("campaign:c1", [60, 120, 240, 480, 900, 900])],
)  # fmt: skip
def test_the_pause_doubles_with_each_failed_probe_up_to_its_longest(world: World, key: str, pauses: list[int]) -> None:
    world.fail(key, 5)
    for pause in pauses:
        world.later(pause - 1)
        assert not world.breakers.allows(key)
        world.later(1)
        assert world.breakers.allows(key)
        world.breakers.begin(key)
        world.fail(key)


def test_one_probe_at_a_time_and_its_success_closes(world: World) -> None:
    world.fail("carrier:k1", 5)
    world.later(30)
    assert world.breakers.allows("carrier:k1")
    world.breakers.begin("carrier:k1")
    assert not world.breakers.allows("carrier:k1")
    world.breakers.succeeded("carrier:k1")
    assert world.breakers.of("carrier:k1").state == "closed"
    world.fail("carrier:k1", 5)
    world.later(30)
    assert world.breakers.allows("carrier:k1"), "the first pause again"


def test_a_probe_that_was_not_made_leaves_room_for_another(world: World) -> None:
    world.fail("carrier:k1", 5)
    world.later(30)
    assert world.breakers.allows("carrier:k1")
    world.breakers.begin("carrier:k1")
    world.breakers.end("carrier:k1")
    assert world.breakers.allows("carrier:k1")


def test_voxbridge_is_asked_all_the_time_and_its_next_answer_closes(world: World) -> None:
    world.fail("voxbridge", 2)
    world.later(3_600)
    assert not world.breakers.allows("voxbridge")
    world.breakers.succeeded("voxbridge")
    assert world.breakers.allows("voxbridge")


def test_a_wrong_secret_opens_at_once(world: World) -> None:
    world.fail("attach", at_once=True)
    assert not world.breakers.allows("attach")


def test_the_evidence_names_the_last_calls_and_no_more_text_than_fits(world: World) -> None:
    for number in range(4):
        world.breakers.failed("carrier:k1", "error", "x" * 900, attempt_id=f"a{number}")
    world.breakers.failed("carrier:k1", "error", "last", attempt_id="a4")
    evidence = world.breakers.of("carrier:k1").evidence
    assert [one["attempt_id"] for one in evidence] == ["a0", "a1", "a2", "a3", "a4"]
    assert all(len(one["message"]) <= 200 for one in evidence)
    world.fail("carrier:k1", 100)
    assert len(world.breakers.of("carrier:k1").evidence) <= EVIDENCE


async def test_an_open_breaker_survives_a_restart_with_its_evidence(world: World) -> None:
    world.fail("carrier:k1", 5, attempt_id="a1")
    await world.breakers.write_changed()
    world.breakers = world.started()
    await world.breakers.load()
    assert not world.breakers.allows("carrier:k1")
    assert world.breakers.open_keys() == ["carrier:k1"]
    assert world.breakers.of("carrier:k1").evidence[-1]["attempt_id"] == "a1"
    world.later(30)
    assert world.breakers.allows("carrier:k1")


async def test_a_closed_breaker_is_closed_after_a_restart_too(world: World) -> None:
    world.fail("voxbridge", 2)
    await world.breakers.write_changed()
    world.breakers.succeeded("voxbridge")
    await world.breakers.write_changed()
    world.breakers = world.started()
    await world.breakers.load()
    assert world.breakers.open_keys() == []


def test_every_kind_that_opens_has_a_rule() -> None:
    assert set(RULES) == {"carrier", "livekit", "voxbridge", "registry", "attach", "campaign"}
