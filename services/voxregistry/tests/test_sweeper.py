"""A sweeper that counts a slow answer as a jump of the clock, or says in the wrong unit how late it is (TM2, TM3, F5).

The store is one that answers what the test says, and the monotonic clock moves only by what its answers take.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from voxregistry import pools as module
from voxregistry.metrics import Metrics
from voxregistry.pools import CHECK_EVERY_S, CLOCK_JUMP_MS, SWEEP_S, Pools
from voxregistry.store import Reply

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

START_S, START_MS = 1_000.0, 1_800_000_000_000
OTHERS = {"read": {"generation": "", "quotas": {}, "drains": {}}, "check": {"findings": [], "cursor": "0"}}


class Swept:
    """`answers` to `settle`, in order: (seconds it takes, the store's clock after it, records settled, how late)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = START_S
        self.answers: list[tuple[float, int, int, int]] = []
        self.exhausted = asyncio.Event()
        self.asked: list[str] = []
        self.metrics = Metrics()
        self.redis = SimpleNamespace(scan_iter=self._no_pools)
        self.pools = Pools(self, self.metrics, None)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now_s))

    async def _no_pools(self, match: str) -> AsyncIterator[bytes]:
        for nothing in ():
            yield nothing

    async def step(self, name: str, pool: str, args: Any) -> Reply:
        self.asked.append(name)
        if name != "settle":
            return Reply({"now_ms": 0, **OTHERS[name]}, [], [])
        if not self.answers:
            self.exhausted.set()
            await asyncio.Event().wait()
        takes_s, now_ms, settled, late_ms = self.answers.pop(0)
        self.now_s += takes_s
        return Reply({"now_ms": now_ms, "settled": settled, "late_ms": late_ms, "generation": ""}, [], [])

    async def sweeps(self, *answers: tuple[float, int, int, int]) -> None:
        self.answers = list(answers)
        running = asyncio.create_task(self.pools.run())
        async with asyncio.timeout(30):
            await self.exhausted.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def figure(self, name: str) -> float:
        found = self.metrics.registry.get_sample_value(f"voxregistry_{name}")
        assert found is not None
        return found


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> Swept:
    monkeypatch.setattr(module, "SWEEP_S", 0.0)
    return Swept(monkeypatch)


async def test_tm2_how_late_something_was_found_is_told_in_seconds(swept: Swept) -> None:
    await swept.sweeps((0, START_MS, 3, 1_500), (0, START_MS, 0, 0))
    assert (swept.figure("settle_lag_seconds_sum"), swept.figure("settle_lag_seconds_count")) == (1.5, 1)


async def test_tm2_a_full_answer_is_followed_by_another_at_once(swept: Swept) -> None:
    await swept.sweeps((0, START_MS, 64, 10), (0, START_MS, 1, 10))
    assert swept.asked[:3] == ["settle", "settle", "read"]


@pytest.mark.parametrize(
    ("store_ms", "takes_s", "jumps"),
    [
        (CLOCK_JUMP_MS, 0.0, 0),
        (CLOCK_JUMP_MS + 1, 0.0, 1),
        (-CLOCK_JUMP_MS - 1, 0.0, 1),
        (CLOCK_JUMP_MS + 1, 1.0, 0),  # so slow an answer says nothing about the clock
        (CLOCK_JUMP_MS + 1, 0.9, 1),
    ],
)
async def test_tm3_a_jump_is_more_than_two_seconds_by_an_answer_that_came_at_once(
    swept: Swept, store_ms: int, takes_s: float, jumps: int
) -> None:
    await swept.sweeps((0, START_MS, 0, 0), (takes_s, START_MS + store_ms, 0, 0))
    assert swept.figure("clock_jumps_total") == jumps


async def test_tm3_time_that_passes_on_both_clocks_is_no_jump(swept: Swept) -> None:
    await swept.sweeps((100.0, START_MS, 0, 0), (0, START_MS + 100_000, 0, 0))
    assert swept.figure("clock_jumps_total") == 0


@pytest.mark.parametrize(("takes_s", "late_s"), [(0.3, 0.05), (0.25, 0.0)])
async def test_f5_what_a_turn_takes_longer_than_its_time_is_how_late_the_process_runs(
    monkeypatch: pytest.MonkeyPatch, takes_s: float, late_s: float
) -> None:
    swept = Swept(monkeypatch)
    await swept.sweeps((takes_s, START_MS, 0, 0))
    assert swept.pools.lag_s == pytest.approx(late_s)
    assert SWEEP_S == 0.25


@pytest.mark.parametrize(("takes_s", "rest_s"), [(0.1, 0.15), (0.25, 0.0), (3.0, 0.0)])
async def test_tm2_a_turn_begins_every_quarter_of_a_second_and_at_once_when_one_took_longer(
    monkeypatch: pytest.MonkeyPatch, takes_s: float, rest_s: float
) -> None:
    swept, rests, sleep = Swept(monkeypatch), list[float](), asyncio.sleep

    async def rest(seconds: float) -> None:
        if seconds != CHECK_EVERY_S:
            rests.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", rest)
    await swept.sweeps((takes_s, START_MS, 0, 0))
    assert rests == [pytest.approx(rest_s)]
