"""Contacts due are found in small closed ranges wherever they lie, each leased once, and given back without a trace
(L1, L2, L4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from voxdialler import lease
from voxkit.clock import utc_now

from .turns import Turns, opened

pytestmark = [pytest.mark.integration]


@pytest.fixture
async def dialler(mongodb_uri: str, mongo_db_name: str) -> AsyncIterator[Turns]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True)
    async for made in opened(client[mongo_db_name]):
        yield made
    await client.close()


async def found(dialler: Turns, campaign: Any, wanted: int) -> list[int]:
    return [row["row_no"] for row in await lease.candidates(dialler.world.ctx, campaign, wanted)]


async def test_contacts_far_apart_in_the_list_are_found_in_its_order(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    for row_no in (1, 40, 51, 52, 5_000, 5_001, 90_000):
        await dialler.world.row(campaign, f"+1555{row_no:05}", row_no=row_no)
    assert await found(dialler, campaign, 10) == [1, 40, 51, 52, 5_000, 5_001, 90_000]
    assert await found(dialler, campaign, 3) == [1, 40, 51]


async def test_times_far_apart_are_found_in_their_order_and_no_later_one(dialler: Turns) -> None:
    campaign, now = await dialler.world.campaign(), utc_now()
    for row_no, ago in enumerate((0, 0.5, 59, 61, 7_200, 86_400 * 40), 1):
        await dialler.world.row(
            campaign, f"+1555{row_no:05}", row_no=row_no, status="retry_scheduled",
            next_retry_at=now - timedelta(seconds=ago),
        )  # fmt: skip
    await dialler.world.row(
        campaign, "+155599999", row_no=99, status="retry_scheduled", next_retry_at=now + timedelta(minutes=1)
    )
    for _ in range(2):  # the second time from the mark that the first one left
        assert await found(dialler, campaign, 10) == [6, 5, 4, 3, 2, 1]


async def test_a_contact_given_back_before_the_mark_is_found_again(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    first, _ = await dialler.contacts(campaign, 2)
    order = await dialler.world.lease(campaign, first)
    assert await found(dialler, campaign, 5) == [2]
    await lease.give_back(dialler.world.ctx, order.row)
    assert await found(dialler, campaign, 5) == [1, 2]


async def test_a_contact_given_back_twice_within_a_minute_rests_for_one(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    (row,) = await dialler.contacts(campaign, 1)
    for times in (1, 2):
        order = await dialler.world.lease(campaign, await dialler.world.read(row))
        await lease.give_back(dialler.world.ctx, order.row)
        back = await dialler.world.read(row)
        assert (back["status"], back["lease_id"], back["attempt_count"], back["released_count"]) == (
            "pending", None, 0, times,
        )  # fmt: skip
    assert timedelta(seconds=50) < back["next_retry_at"] - utc_now() <= timedelta(seconds=60)
    assert await found(dialler, campaign, 5) == []


async def test_contacts_of_another_run_are_left_alone(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    await dialler.world.row(campaign, "+155500001", run_number=2)
    assert await found(dialler, campaign, 5) == []


async def test_a_contact_is_leased_once(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    (row,) = await dialler.contacts(campaign, 1)
    ctx = dialler.world.ctx
    leased = await lease.take(ctx, row, "a" * 32, "k1")
    assert leased is not None
    assert (leased["leased_from"], leased["current_carrier_id"]) == ("pending", "k1")
    assert await lease.take(ctx, row, "b" * 32, "k1") is None


async def test_a_lease_that_somebody_else_took_over_is_not_renewed(dialler: Turns) -> None:
    campaign = await dialler.world.campaign()
    mine, taken = await dialler.contacts(campaign, 2)
    for row, attempt in ((mine, "a" * 32), (taken, "b" * 32)):
        await lease.take(dialler.world.ctx, row, attempt, "k1")
    await dialler.world.db["campaign_calls"].update_one({"_id": taken["_id"]}, {"$set": {"lease_owner": "other#9"}})
    held = {mine["_id"]: "a" * 32, taken["_id"]: "b" * 32}
    assert await lease.renew(dialler.world.ctx, held) == {"a" * 32}
