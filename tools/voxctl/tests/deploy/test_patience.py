"""A registry that gives no answer for a moment is asked again; one that is away is named, and nothing is begun."""

from __future__ import annotations

import pytest
from voxctl.deploy.site import REGISTRY_AWAY_S, patiently
from voxctl.output import CommandError
from voxkit.errors import VoxError
from voxkit.registry import RegistryAway

from .simulated import Fleet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


class Registry:
    """Gives no answer until then."""

    def __init__(self, clock: Fleet, away_s: float, error: VoxError | None = None) -> None:
        self.clock, self.until = clock, clock.now() + away_s
        self.error = error or RegistryAway("no answer (TimeoutError)", extra={"why": "TimeoutError"})
        self.asked = 0

    async def fleet(self) -> str:
        self.asked += 1
        if self.clock.now() < self.until:
            raise self.error
        return "ok"


@pytest.fixture
def clock() -> Fleet:
    return Fleet({"fleet1": 1}, load=0)


async def test_a_moment_without_an_answer_is_waited_for(clock: Fleet) -> None:
    assert await patiently(Registry(clock, 4).fleet, clock) == "ok"


async def test_a_registry_that_is_away_ends_the_command_before_anything_is_changed(clock: Fleet) -> None:
    began = clock.now()
    with pytest.raises(CommandError, match=r"gave no answer for 15 s \(TimeoutError\): look at voxregistry") as told:
        await patiently(Registry(clock, 1_000).fleet, clock)
    assert told.value.exit_code == 2
    assert clock.now() - began == pytest.approx(REGISTRY_AWAY_S, abs=1)


async def test_what_it_refuses_is_not_asked_again(clock: Fleet) -> None:
    registry = Registry(clock, 1_000, VoxError("it is not your secret"))
    with pytest.raises(VoxError, match="not your secret"):
        await patiently(registry.fleet, clock)
    assert registry.asked == 1
