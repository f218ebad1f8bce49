"""A dialler that died leaves its last words behind; a page that believes them shows "dialling" for ever."""

from __future__ import annotations

from typing import Any

import pytest
from voxkit.clock import utc_now

from .drafts import create, done, later, office, read

pytestmark = [pytest.mark.integration]


async def shown(bridge: Any, campaign: dict[str, Any]) -> Any:
    """The state in the campaign, which is the one in the list."""
    (row,) = (await bridge.admin.get("/api/v1/campaigns")).json()["items"]
    one, listed = [live and live["state"] for live in ((await read(bridge, campaign))["live"], row["live"])]
    assert one == listed
    return one


async def written(bridge: Any, **more: Any) -> None:
    """By voxdialler, now."""
    live = {"state": "dialling", "ringing": 2, "updated_at": bridge.ctx.clock(), **more}
    await bridge.ctx.db["campaigns"].update_one({}, {"$set": {"live": live}})


async def test_a_running_campaign_says_when_nobody_has_dialled_for_it_for_twenty_seconds(bridge) -> None:
    now = utc_now()
    bridge.ctx.clock = lambda: now
    await office(bridge)
    campaign = await create(bridge, contacts=1)
    later(bridge, hours=1)
    assert await shown(bridge, campaign) is None, "a draft waits for nobody"
    await done(bridge, campaign, "start")
    later(bridge, seconds=20)
    assert await shown(bridge, campaign) is None, "it has time to be taken up"
    later(bridge, seconds=1)
    assert await shown(bridge, campaign) == "dialler_away"
    await written(bridge)
    later(bridge, seconds=20)
    assert await shown(bridge, campaign) == "dialling"
    later(bridge, seconds=1)
    assert await shown(bridge, campaign) == "dialler_away"
    assert (await read(bridge, campaign))["live"]["ringing"] == 2

    await done(bridge, campaign, "pause")
    assert await shown(bridge, campaign) == "dialling", "what was written last, while nobody has to write"
    later(bridge, hours=1)
    await done(bridge, campaign, "resume")
    later(bridge, seconds=20)
    assert await shown(bridge, campaign) == "dialling", "nobody had to write while it was paused"
    later(bridge, seconds=1)
    assert await shown(bridge, campaign) == "dialler_away"
