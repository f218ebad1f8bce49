"""A campaign of three simulated people, run to its end: does every book say that each was called once?"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

from voxctl.api import Bridge
from voxctl.campaign.demo import CONFIG, NUMBER
from voxctl.campaign.watching import looks
from voxctl.output import CommandError

# Ending of a number -> what its contact ends as: somebody who talks and says goodbye, a busy line, a rejected call.
ENDINGS = {"13": "completed", "90": "exhausted", "92": "exhausted"}
OVER_WITHIN_S = 90
UPLOAD_WITHIN_S = 30
ACCOUNT = "voxphone"


async def rehearse(bridge: Bridge, http: httpx.AsyncClient, bot_id: str, phone_url: str, phone_token: str) -> str:
    """Run it and compare. The campaign stays, as every campaign that ran. Returns what was seen.

    Raises: CommandError: it cannot run here, did not end in time, or somebody was not dialled exactly once.
    """
    mark = f"{secrets.randbelow(100_000):05d}"
    people = {f"+1555{mark}{ending}": state for ending, state in ENDINGS.items()}
    body = {
        "name": f"Smoke test {time.strftime('%Y-%m-%d %H:%M:%S')} {mark}",
        "bot_id": bot_id,
        "number_pool": [NUMBER],
        "config": {**CONFIG, "redial_rules": {"max_attempts": 1}},
    }
    path = f"/campaigns/{(await bridge.post('/campaigns', body))['campaign_id']}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "smoke-contacts.csv"
        file.write_text("phone_number\n" + "".join(f"{number}\n" for number in people))
        await bridge.upload(f"{path}/upload", file, UPLOAD_WITHIN_S)
    began = time.monotonic()
    await bridge.post(f"{path}/start")
    try:
        await asyncio.wait_for(_until_over(bridge, path.removeprefix("/campaigns/")), OVER_WITHIN_S)
    except TimeoutError:
        await bridge.post(f"{path}/stop")
        raise CommandError(f"the campaign of three was not over within {OVER_WITHIN_S} s; it is stopped") from None
    contacts = (await bridge.get(f"{path}/calls", limit="10"))["items"]
    ended = {contact["phone_number"]: contact["status"] for contact in contacts}
    if ended != people:
        raise CommandError(f"the contacts ended as {ended}, expected {people}")
    attempts = {contact["phone_number"]: contact["attempt_count"] for contact in contacts}
    orders = await _placed(http, phone_url, phone_token, people)
    if attempts != dict.fromkeys(people, 1) or orders != attempts:
        raise CommandError(f"one dial each was due; voxbridge has {attempts}, the carrier {orders}")
    return f"3 final states, one dial each, {time.monotonic() - began:.0f} s"


async def _until_over(bridge: Bridge, campaign_id: str) -> None:
    async for _ in looks(bridge, campaign_id):
        pass


async def _placed(http: httpx.AsyncClient, phone_url: str, token: str, people: dict[str, str]) -> dict[str, int]:
    """Number -> orders that the simulated carrier has in its own book."""
    url, orders, after = f"{phone_url}/v1/accounts/{ACCOUNT}/log/orders", Counter[str](), 0
    while after is not None:
        answer = await http.get(url, params={"after": after, "limit": 1_000}, auth=(ACCOUNT, token))
        if not answer.is_success:
            raise CommandError(f"voxphone does not show its book ({answer.status_code}): check VOXPHONE_API_TOKEN")
        page = answer.json()
        orders.update(order["to"] for order in page["items"] if order["to"] in people)
        after = page["next_after"]
    return dict(orders)
