"""What a panel says of the end: an hour of work at half past five is not done at half past six when the phones rest at
six."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from voxdialler.live import Finding, Panels, block_of, of_run, read_passes
from voxdialler.measures import Recent
from voxdialler.plan import done_at
from voxkit.contracts.campaigns import CampaignConfig

pytestmark = [pytest.mark.unit]
HALF_PAST_FIVE = datetime(2026, 6, 8, 17, 30, tzinfo=UTC)
TOMORROW = HALF_PAST_FIVE.replace(hour=0, minute=0) + timedelta(days=1)
HOURS = {"enabled": True, "start_time": "11:00", "end_time": "20:00", "days": ["mon", "tue"]}


def told_end(
    *, pending: int = 1_800, mode: str = "multi_day", bot: dict[str, Any] | None = None, always_on: bool = False
) -> datetime | None:
    """`eta_at` of a campaign that dials one contact in two seconds from 09:00 to 18:00."""
    window = {"start": "09:00", "end": "18:00", "timezone": "UTC"}
    config = CampaignConfig.model_validate({"campaign_mode": mode, "time_window": window, "always_on": always_on})
    campaign = {"_id": "c1", "run_window": {"closes_at": HALF_PAST_FIVE.replace(hour=18, minute=0)}}
    found = Finding(
        counts={"pending": pending},
        recent=Recent(dials_per_second_window=0.5),
        done_at=partial(done_at, campaign, config, bot, HALF_PAST_FIVE),
        is_endless=always_on,
    )
    return block_of(found, HALF_PAST_FIVE, None, [])["eta_at"]


def test_the_end_is_counted_in_the_time_in_which_is_dialled() -> None:
    assert told_end(pending=600) == HALF_PAST_FIVE + timedelta(minutes=20)
    assert told_end() == TOMORROW.replace(hour=9, minute=30)
    assert told_end(bot={"active_hours": HOURS, "timezone": "UTC"}) == TOMORROW.replace(hour=11, minute=30)


def test_an_end_that_will_not_be_reached_is_not_told() -> None:
    """A run of one day is cut off before; a campaign that is always on has no end."""
    assert told_end(mode="single_day") is None
    assert told_end(mode="single_day", pending=600) == HALF_PAST_FIVE + timedelta(minutes=20)
    assert told_end(always_on=True) is None
    assert told_end(pending=0) is None


def test_the_rates_of_a_run_that_is_over_count_the_time_for_which_its_window_was_open() -> None:
    """From half past five until the next morning at ten: an hour and a half of work."""
    campaign = {
        "config": {"campaign_mode": "multi_day", "time_window": {"start": "09:00", "end": "18:00", "timezone": "UTC"}},
        "started_at": HALF_PAST_FIVE,
        "completed_at": TOMORROW.replace(hour=10),
    }
    passes = [{"attempted": 1_000, "connected": 300}, {"attempted": 80, "connected": 60}]
    whole = of_run(campaign, passes, Recent(last_dial_at=TOMORROW))
    assert (whole.dials_per_second, whole.calls_per_minute, whole.connected_per_hour) == (0.2, 12.0, 240.0)
    assert whole.last_dial_at == TOMORROW


def test_a_run_that_ended_before_its_window_opened_has_no_rate() -> None:
    config = {"time_window": {"start": "09:00", "end": "18:00", "timezone": "UTC"}}
    campaign = {"config": config, "started_at": TOMORROW, "completed_at": TOMORROW + timedelta(hours=1)}
    assert of_run(campaign, [], Recent()) == Recent()


class Attempts:
    """The grouped attempts of a run, as the store gives them."""

    def __init__(self, *groups: tuple[int, str, int]) -> None:
        self._groups = groups

    async def aggregate(self, pipeline: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        async def each() -> AsyncIterator[dict[str, Any]]:
            for number, outcome, count in self._groups:
                key = {"kind": "retry" if number > 1 else "initial", "attempt_no": number, "outcome": outcome}
                yield {"_id": key, "count": count, "first": HALF_PAST_FIVE, "last": TOMORROW}

        return each()


@pytest.mark.parametrize(
    ("stats", "eligible"),
    [
        ({"pending": 30, "retry_scheduled": 0}, [100, 20]),
        ({"pending": 30, "retry_scheduled": 5}, [100, 25]),
        # Of 70 first tries 40 were no conversation and 20 had their second try: no more than 20 can still come.
        ({"pending": 0, "retry_scheduled": 900}, [70, 40]),
        ({"pending": 0, "retry_scheduled": 0}, [70, 20]),
    ],
)
async def test_a_pass_tells_how_many_tries_may_still_come(stats: dict[str, int], eligible: list[int]) -> None:
    """Contacts that are not dialled again, as excluded ones, are not waited for."""
    campaign = {"_id": "c1", "started_at": HALF_PAST_FIVE, "run_number": 1, "stats": {"total_calls": 150, **stats}}
    passes = await read_passes(Attempts((1, "no_answer", 40), (1, "customer", 30), (2, "bot", 20)), campaign)
    assert [one["eligible"] for one in passes] == eligible


class Campaigns:
    """Keeps when a panel was written."""

    def __init__(self) -> None:
        self.written: list[datetime] = []

    async def update_one(self, where: dict[str, Any], change: dict[str, Any]) -> None:
        assert where == {"_id": "c1"}
        self.written.append(change["$set"]["live"]["updated_at"])


@pytest.mark.parametrize(("status", "after_s"), [("running", [0, 5, 10]), ("paused", [0])])
async def test_a_panel_that_says_the_same_is_a_sign_of_life_while_the_campaign_runs(
    status: str, after_s: list[int]
) -> None:
    campaigns = Campaigns()
    panels = Panels(campaigns, Attempts())
    seconds = [HALF_PAST_FIVE + timedelta(seconds=second) for second in range(13)]
    for second in seconds:
        found = Finding(is_running=status == "running", outside=True)
        await panels.show({"_id": "c1", "status": status}, found, second)
    assert campaigns.written == [seconds[each] for each in after_s]
