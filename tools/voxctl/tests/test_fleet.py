"""What `vox fleet` understands, waits for and shows; the commands themselves run against a real registry elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console
from voxctl.fleet.access import told
from voxctl.fleet.draining import Progress, until_empty
from voxctl.fleet.selectors import drain_of, matches, selector_of
from voxctl.fleet.views import Picture, duration, natural, seat_table, shown
from voxctl.output import CommandError
from voxkit.contracts.registry import DrainView, FleetView, Quotas, QuotaView, SeatView
from voxkit.errors import Forbidden
from voxkit.registry import RegistryAway, RegistryClient

pytestmark = [pytest.mark.unit]


def seat(worker_id: str, host_id: str, tag: str = "v1", **said: Any) -> SeatView:
    body: dict[str, Any] = {
        "worker_id": worker_id, "host_id": host_id, "image_tag": tag, "state": "idle", "phase": "idle",
        "draining": False, "since_ms": 1_000, "age_ms": 400, "epoch": 1, "outbox_pending": 0,
    }  # fmt: skip
    return SeatView.model_validate({**body, **said})


def drain(selector: str, *, seats: int = 2, drained: int = 0, busy: int = 0) -> DrainView:
    return DrainView(
        selector=selector, reason="", by="", since_ms=0, seats=seats, drained=drained, busy=busy,
        free_of_calls=seats - busy,
    )  # fmt: skip


FLEET = [seat("f1-1", "f1"), seat("f1-2", "f1", "v2"), seat("f2-1", "f2", "v2"), seat("solo", "solo"), seat("v1", "f2")]


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("all", "pool"),
        ("pool", "pool"),
        ("f1-2", "worker:f1-2"),
        ("f1", "host:f1"),
        ("v2", "tag:v2"),
        ("solo", "worker:solo"),
        ("host:later", "host:later"),
        ("tag:2026.02.05-2", "tag:2026.02.05-2"),
    ],
)
def test_a_name_is_understood_as_what_has_it(text: str, selector: str) -> None:
    assert selector_of(text, FLEET) == selector


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f3", "hosts: f1, f2, solo"),
        ("v1", "worker:v1 (1 seats), tag:v1 (3 seats)"),
        ("tag:bad name", "can be the name of no tag"),
        ("host:", "can be the name of no host"),
    ],
)
def test_a_name_of_nothing_or_of_several_things_is_refused_with_what_there_is(text: str, words: str) -> None:
    with pytest.raises(CommandError) as refused:
        selector_of(text, FLEET)
    assert words in str(refused.value)


def test_a_selector_means_the_seats_that_carry_its_name() -> None:
    assert [one.worker_id for one in FLEET if matches("tag:v2", one)] == ["f1-2", "f2-1"]
    assert [one.worker_id for one in FLEET if matches("host:f1", one)] == ["f1-1", "f1-2"]
    assert all(matches("pool", one) for one in FLEET)


def test_a_drain_is_lifted_by_the_name_it_was_set_with() -> None:
    drains = [drain("host:f1"), drain("worker:f2"), drain("tag:f2"), drain("pool")]
    assert drain_of("f1", drains) == "host:f1"
    assert drain_of("all", drains) == "pool"
    assert drain_of("tag:f2", drains) == "tag:f2"
    with pytest.raises(CommandError, match="worker:f2, tag:f2"):
        drain_of("f2", drains)
    with pytest.raises(CommandError, match="there are: host:f1"):
        drain_of("f9", drains)


class Told(RegistryClient):
    """A registry that says one thing after another, a second apart; the last one for ever."""

    def __init__(self, answers: Sequence[list[DrainView] | RegistryAway]) -> None:
        self.answers = list(answers)
        self.now = 0.0

    async def drains(self) -> list[DrainView]:
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, RegistryAway):
            raise said
        return said

    async def pause(self, seconds: float) -> None:
        self.now += seconds

    async def emptied(self, timeout_s: float | None = None) -> tuple[str, list[Progress]]:
        seen: list[Progress] = []
        verdict, _ = await until_empty(
            self, "host:f1", seen.append, timeout_s=timeout_s, monotonic=lambda: self.now, pause=self.pause
        )
        return verdict, seen


def with_host(**said: int) -> list[DrainView]:
    return [drain("pool"), drain("host:f1", **said)]


@pytest.mark.asyncio
async def test_the_wait_ends_when_the_last_seat_is_empty_and_not_when_the_last_call_is_over() -> None:
    verdict, seen = await Told([with_host(busy=2), with_host(busy=0, drained=1), with_host(drained=2)]).emptied()
    assert verdict == "empty"
    assert [(now.drain.busy, now.drain.drained) for now in seen] == [(2, 0), (0, 1), (0, 2)]


@pytest.mark.asyncio
async def test_a_registry_that_is_away_or_emptied_for_a_moment_ends_no_wait() -> None:
    away = [RegistryAway("no")] * 30
    verdict, seen = await Told([with_host(busy=1), *away, [], [], [], [], with_host(drained=2)]).emptied()
    assert verdict == "empty"
    assert any(now.away for now in seen)


@pytest.mark.asyncio
async def test_a_drain_that_somebody_lifts_ends_the_wait() -> None:
    assert (await Told([with_host(busy=1), []]).emptied())[0] == "lifted"


@pytest.mark.asyncio
async def test_a_wait_lasts_as_long_as_it_was_told_registry_or_not() -> None:
    for answers in ([with_host(busy=1)], [RegistryAway("no")]):
        registry = Told(answers)
        assert (await registry.emptied(timeout_s=20))[0] == "timeout"
        assert registry.now == 20


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RegistryAway("no", extra={"why": "ConnectError"}), "gives no answer at http://r (ConnectError)"),
        (Forbidden(), "VOXCORE_SECRET must be one of its own"),
    ],
)
def test_an_error_of_the_registry_says_what_to_do(error: Exception, words: str) -> None:
    with pytest.raises(CommandError) as refused, told("http://r"):
        raise error
    assert words in str(refused.value)
    assert refused.value.exit_code == 2


def text_of(renderable: Any) -> str:
    console = Console(width=160, color_system=None)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_every_state_of_a_seat_can_be_told_without_colours() -> None:
    seats = [
        seat("f1-10", "f1"),
        seat("f1-2", "f1", state="busy", phase="busy"),
        seat("f1-1", "f1", state="draining", phase="busy", draining=True),
        seat("f2-1", "f2", state="lost"),
        seat("f2-2", "f2", state="draining", draining=True),
    ]
    fleet = FleetView(
        pool="default", generation="g", status="ok", seats=5, free=1, idle=1, reserved=0, busy=1, wrapping=0,
        starting=0, draining=2, lost=1, waiting=3, waiting_by={"inbound": 1, "outbound": 2}, longest_wait_ms=2_000,
        refusals={"no_idle_seat": 4},
    )  # fmt: skip
    quotas = Quotas(items=[QuotaView(client="main", max=4, used=2)], overcommitted=True)
    text = text_of(shown(Picture(fleet, seats, [drain("host:f1", busy=1)], quotas)))
    assert "5 seats: 1 free, 1 busy, 2 draining, 1 lost" in text
    assert "waiting 3 (1 inbound, 2 outbound; longest 2.0 s)" in text
    assert "4 no_idle_seat" in text
    assert "◆●○" in text, "in the order of their numbers"
    assert "✕◇" in text
    assert "draining with a call" in text
    assert "0 of 2" in text
    assert "more seats are kept" in text
    assert "draining (busy)" in text_of(seat_table(seats, 5_000))


def test_durations_and_numbers_read_as_people_write_them() -> None:
    assert [duration(ms) for ms in (None, -5, 4_200, 200_000, 7_500_000)] == [
        "-", "0.0 s", "4.2 s", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert sorted(["a-10", "a-9", "b", "a"], key=natural) == ["a", "a-9", "a-10", "b"]
