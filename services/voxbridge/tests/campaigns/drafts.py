"""A campaign made through the API, with a bot, a number and contacts, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ..campaign_rows import add_bot, add_row
from ..conftest import ADMIN_EMAIL, ADMIN_PASSWORD

Document = dict[str, Any]
URL = "/api/v1/campaigns"
NUMBER = "+15550199"
ALWAYS = {"campaign_mode": "multi_day", "time_window": {"start": "00:00", "end": "00:00"}}
MONDAY = datetime(2030, 6, 3, 10, 0, tzinfo=UTC)


async def add_carrier(bridge: Any, **directions: str) -> None:
    """A carrier with `NUMBER`, and numbers named by their digits: `add_carrier(bridge, **{"15550200": "inbound"})`."""
    numbers = {"15550199": "both", **directions}
    dids = [
        {"did_id": f"d{key}", "number": f"+{key}", "phone_key": key, "direction": way} for key, way in numbers.items()
    ]
    await bridge.ctx.db["carriers"].insert_one({"_id": "k1", "name": "Voxphone", "dids": dids})


async def at(bridge: Any, moment: datetime) -> None:
    """Stop the clock of the process at a moment to come, and log in there."""
    bridge.ctx.clock = lambda: moment
    bridge.admin = await bridge.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)


def later(bridge: Any, **by: float) -> None:
    """Move the clock on; it stands still from then."""
    moment = bridge.ctx.clock() + timedelta(**by)
    bridge.ctx.clock = lambda: moment


async def create(bridge: Any, *, contacts: int = 0, **fields: Any) -> Document:
    """A draft of the bot `bot-a`; `config` defaults to a window that is always open."""
    body = {"name": "Autumn", "bot_id": "bot-a", "number_pool": [NUMBER], "config": ALWAYS} | fields
    answer = await bridge.admin.post(URL, json=body)
    assert answer.status_code == 201, answer.text
    campaign = answer.json()
    for at_row in range(contacts):
        await add_row(bridge, {"_id": campaign["campaign_id"], "run_number": 1}, f"+155501{at_row:04d}")
    return campaign


async def office(bridge: Any) -> None:
    """A bot and a carrier."""
    await add_bot(bridge)
    await add_carrier(bridge)


async def act(bridge: Any, campaign: Document, action: str, **body: Any) -> httpx.Response:
    return await bridge.admin.post(f"{URL}/{campaign['campaign_id']}/{action}", json=body or None)


async def done(bridge: Any, campaign: Document, action: str, **body: Any) -> Document:
    answer = await act(bridge, campaign, action, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(bridge: Any, campaign: Document) -> Document:
    answer = await bridge.admin.get(f"{URL}/{campaign['campaign_id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def rows_of(bridge: Any, campaign: Document) -> list[Document]:
    """The contacts in the order of their rows."""
    found = bridge.ctx.db["campaign_calls"].find({"campaign_id": campaign["campaign_id"]})
    return await found.sort([("row_no", 1)]).to_list()


async def set_rows(bridge: Any, campaign: Document, *statuses: str, **fields: Any) -> None:
    """Give the contacts these states, in the order of their rows."""
    for row, status in zip(await rows_of(bridge, campaign), statuses, strict=False):
        await bridge.ctx.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": {"status": status, **fields}})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]
