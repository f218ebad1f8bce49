"""A deploy of everything through `vox deploy` on real hosts, while a campaign dials and people work: nobody notices."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.api import Bridge
from voxctl.campaign.demo import BOT, CONFIG, NUMBER
from voxctl.campaign.watching import looks

from .users import users_of
from .village import EMAIL, LEADS_WITHIN_S, PASSWORD, PHONE_TOKEN, SEATS, TALK_S, Village

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1200), pytest.mark.full]

AT_ONCE = SEATS
"""Of twice as many seats: under the 70 % up to which nobody may be refused."""
MARK = int.from_bytes(os.urandom(2)) % 1000
PEOPLE = [f"+15557{MARK:03d}{number:04d}" for number in range(40)]
BEGINS_WITHIN_S, OVER_WITHIN_S = 90.0, 600.0


@asynccontextmanager
async def bridge_of(village: Village) -> AsyncIterator[Bridge]:
    async with Bridge(f"http://{village.address}:8088/api/v1", EMAIL, PASSWORD) as bridge:
        yield bridge


async def begun(bridge: Bridge, folder: Path) -> str:
    """The campaign of forty, running. Its id."""
    config = {**CONFIG, "concurrency_limit": AT_ONCE, "amd": {"enabled": False}, "redial_rules": {"max_attempts": 1}}
    body = {"name": "During a deploy", "bot_id": BOT, "number_pool": [NUMBER], "config": config}
    id = str((await bridge.post("/campaigns", body))["campaign_id"])
    file = folder / "people.csv"
    file.write_text("phone_number\n" + "".join(f"{number}\n" for number in PEOPLE))
    await bridge.upload(f"/campaigns/{id}/upload", file, 30)
    await bridge.post(f"/campaigns/{id}/start")
    return id


async def processed(bridge: Bridge, id: str) -> int:
    return int((await bridge.get(f"/campaigns/{id}"))["stats"]["processed"])


async def first_called(village: Village, bridge: Bridge, id: str) -> None:
    deadline = time.monotonic() + BEGINS_WITHIN_S
    while not await processed(bridge, id):
        if time.monotonic() > deadline:
            campaign = await bridge.get(f"/campaigns/{id}")
            said = {key: campaign[key] for key in ("status", "stats", "live")}
            logs = [
                village.lab["one"].sh(f"docker logs --tail 15 {name} 2>&1 || true")
                for name in ("vox-one-voxdialler-a-1", "vox-one-voxdialler-b-1")
            ]
            raise AssertionError(f"nobody was called: {said}\n{await orders(village)}\n{'---'.join(logs)}")
        await asyncio.sleep(0.3)


async def orders(village: Village) -> list[dict[str, Any]]:
    """The carrier's own book of these people."""
    async with httpx.AsyncClient(base_url=village.phone_url, auth=("voxphone", PHONE_TOKEN), trust_env=False) as client:
        answer = await client.get("/v1/accounts/voxphone/log/orders", params={"limit": 1000})
        answer.raise_for_status()
        return [order for order in answer.json()["items"] if order["to"] in PEOPLE]


async def test_a_campaign_does_not_notice_a_deploy(village: Village, tmp_path: Path) -> None:
    """Section 12 whole: registry, bridges, console, seats of both hosts, and the dialler that is at work.

    No request is refused, the registry forgets nobody, one dialler leads; each person is called once, and has one whole
    call with its result.
    """
    tag = village.build(20)
    async with bridge_of(village) as bridge:
        id = await begun(bridge, tmp_path)
        await first_called(village, bridge, id)
        async with users_of(village) as users:
            ran = await asyncio.to_thread(village.vox, "deploy", tag, "--yes", timeout_s=600)
            assert ran.code == 0, ran.text[-3000:]
        assert users.dark_s <= LEADS_WITHIN_S
        done = await processed(bridge, id)
        async with asyncio.timeout(OVER_WITHIN_S):
            async for _ in looks(bridge, id):
                pass
        campaign = await bridge.get(f"/campaigns/{id}")
        contacts = (await bridge.get(f"/campaigns/{id}/calls", limit="200"))["items"]
        calls = (await bridge.get("/calls", campaign_id=id, limit="200"))["items"]
    replaced = [each["replica"] for each in ran.all("service.replaced")]
    assert {"voxregistry-a", "voxbridge-a", "voxbridge-b", "voxui-a"} <= set(replaced)
    assert "dialler" in replaced[-1]
    services = [ran.events.index(each) for each in ran.all("service.opened") if "dialler" not in each["replica"]]
    seats = [ran.events.index(each) for each in ran.all("seat.replaced")]
    assert max(services) < min(seats)
    print(f"{done} of {len(PEOPLE)} people were called during the deploy")
    assert done >= 8, "hardly anybody was called meanwhile: the test would be worth nothing"
    assert await village.at_rest(tag) == []
    assert (campaign["status"], campaign["completion_reason"]) == ("completed", "all_contacts_done")
    assert Counter(each["phone_number"] for each in contacts) == Counter(PEOPLE)
    # Nobody says a word here, which counts as not reached: with one attempt allowed that is all there is.
    assert {(each["status"], each["attempt_count"]) for each in contacts} == {("exhausted", 1)}
    placed = await orders(village)
    assert Counter(each["to"] for each in placed) == Counter(PEOPLE), "somebody was dialled twice, or never"
    # Whole calls: as long as the person stays, ended by the person, and a result of each.
    ends = Counter((each["status"], each["disconnected_by"]) for each in calls)
    assert ends == {("completed", "customer"): len(PEOPLE)}
    assert min(stay_s(each) for each in calls) >= TALK_S - 0.5


def stay_s(call: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(call[name]) for name in ("started_at", "ended_at"))
    return (ended - began).total_seconds()
