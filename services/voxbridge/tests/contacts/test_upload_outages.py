"""A contacts file that is lost, doubled or half there because its database stood still or died while it was loaded."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from voxbridge import bulk
from voxbridge.contacts import store, upload

from .campaigns import add_draft, campaign_of, rows_of

pytestmark = [pytest.mark.integration]
NUMBERS = [f"+4930{n:07d}" for n in range(50)]
FILE = "phone_number\n" + "\n".join(NUMBERS)
OLD = "phone_number\n+4940123456\n+4940123457\n"


@pytest.fixture
async def bridge(make_bridge, own_mongo, monkeypatch) -> AsyncIterator[Any]:
    """With a campaign of two contacts; a write of many may take a second, and ten contacts are a batch."""
    async with make_bridge(mongodb_uri=own_mongo.uri) as running:
        await add_draft(running)
        assert (await send(running, OLD)).status_code == 200
        monkeypatch.setattr(store, "BATCH", 10)
        monkeypatch.setattr(store, "WRITE_S", 1.0)
        monkeypatch.setattr(bulk, "WRITE_S", 1.0)
        yield running


async def send(bridge: Any, data: str) -> httpx.Response:
    files = {"file": ("list.csv", data.encode(), "text/csv")}
    return await bridge.admin.post("/api/v1/campaigns/c1/upload", files=files)


def before(monkeypatch: pytest.MonkeyPatch, step: str, number: int, act: Callable[[], None]) -> None:
    """Act just before the step of a load is made for the `number`th time."""
    real, made = getattr(store, step), 0

    async def made_later(*given: Any) -> Any:
        nonlocal made
        made += 1
        if made == number:
            act()
        return await real(*given)

    monkeypatch.setattr(store, step, made_later)


def when_tried_again(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> list[int]:
    """Act in the first pause of a load; returns how often it had to wait, by failures before."""
    pauses: list[int] = []

    def pause(failures: int, **_: float) -> float:
        if not pauses:
            act()
        pauses.append(failures)
        return 0.05

    monkeypatch.setattr(upload, "backoff_s", pause)
    return pauses


STEPS = [("delete_rows", 1), ("drop_rejects", 1), ("excluded_keys", 2), ("insert_rows", 3), ("go_on", 4)]


@pytest.mark.parametrize(("step", "number"), STEPS)
async def test_a_store_that_stands_still_for_a_while_costs_a_load_nothing_but_time(
    bridge, own_mongo, monkeypatch, step: str, number: int
) -> None:
    before(monkeypatch, step, number, lambda: os.kill(own_mongo.pid, signal.SIGSTOP))
    pauses = when_tried_again(monkeypatch, lambda: os.kill(own_mongo.pid, signal.SIGCONT))
    answer = await send(bridge, FILE)
    assert answer.status_code == 200, answer.text
    assert pauses, "the store did not stand still long enough to be noticed"
    assert (answer.json()["inserted"], answer.json()["suppressed"]) == (50, 0)
    assert [row["phone_number"] for row in await rows_of(bridge)] == NUMBERS
    assert (await campaign_of(bridge))["stats"]["total_calls"] == 50


async def test_a_store_that_dies_and_comes_back_costs_a_load_nothing_but_time(bridge, own_mongo, monkeypatch) -> None:
    before(monkeypatch, "insert_rows", 3, own_mongo.kill)

    def revive() -> None:
        own_mongo.start()
        own_mongo.wait_ready(60)

    when_tried_again(monkeypatch, revive)
    answer = await send(bridge, FILE + "\nnobody\n")
    assert answer.status_code == 200, answer.text
    assert [row["phone_number"] for row in await rows_of(bridge)] == NUMBERS
    report = await bridge.admin.get("/api/v1/campaigns/c1/upload-report.csv")
    assert report.text.split("\r\n")[1].startswith("52,nobody,")


async def test_a_store_that_does_not_come_back_ends_the_load_and_no_part_of_it_is_shown(
    bridge, own_mongo, monkeypatch
) -> None:
    before(monkeypatch, "insert_rows", 3, lambda: os.kill(own_mongo.pid, signal.SIGSTOP))
    monkeypatch.setattr(upload, "TRY_S", 0.0)
    answer = await send(bridge, FILE)
    assert (answer.status_code, answer.json()["error"]) == (503, "store_unavailable")
    os.kill(own_mongo.pid, signal.SIGCONT)
    assert 0 < len(await rows_of(bridge)) < 50
    await shows_nothing(bridge)

    now = bridge.ctx.clock()
    bridge.ctx.clock = lambda: now + timedelta(minutes=6)
    await upload.fail_silent_loads(bridge.ctx)  # it could not be said at once
    assert (await campaign_of(bridge))["upload"]["state"] == "failed"
    await shows_nothing(bridge)

    monkeypatch.setattr(upload, "TRY_S", 150.0)
    assert (await send(bridge, FILE)).status_code == 200
    assert [row["phone_number"] for row in await rows_of(bridge)] == NUMBERS


async def shows_nothing(bridge: Any) -> None:
    """Neither contacts nor figures of them, and no contact joins them."""
    for asked in ({}, {"status": "pending"}, {"phone": NUMBERS[0]}):
        assert (await bridge.admin.get("/api/v1/campaigns/c1/calls", params=asked)).json()["items"] == []
    assert (await bridge.admin.get("/api/v1/campaigns/c1")).json()["stats"]["total_calls"] == 0
    added = await bridge.admin.post("/api/v1/campaigns/c1/contacts", json={"contacts": [{"phone_number": NUMBERS[0]}]})
    assert (added.status_code, added.json()["error"]) == (409, "upload_in_progress")


async def test_a_load_whose_contacts_were_met_by_a_deletion_that_came_late_is_not_called_ready(
    bridge, own_mongo, monkeypatch
) -> None:
    """A request that nobody waits for any more is carried out all the same when the store wakes up."""
    real, made = store.insert_rows, 0

    async def lose_one(ctx: Any, rows: Any) -> Any:
        nonlocal made
        made += 1
        if made == 4:
            await ctx.db["campaign_calls"].delete_one({"phone_key": NUMBERS[0][1:]})
        return await real(ctx, rows)

    before(monkeypatch, "go_on", 2, lambda: os.kill(own_mongo.pid, signal.SIGSTOP))
    when_tried_again(monkeypatch, lambda: os.kill(own_mongo.pid, signal.SIGCONT))
    monkeypatch.setattr(store, "insert_rows", lose_one)
    answer = await send(bridge, FILE)
    assert (answer.status_code, answer.json()["error"]) == (503, "store_unavailable")
    assert "upload the file again" in answer.json()["message"]
    assert (await campaign_of(bridge))["upload"]["state"] == "failed"
