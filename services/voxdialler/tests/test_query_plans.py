"""The queries of a turn read no more than twice what they return, however many contacts wait (T1).

Every query that the turn sends is written down and explained by the server afterwards: none can be forgotten here. The
full size, 500,000 contacts, is `vox bench dialler --parts plans`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent
from voxbridge.campaigns.store import INDEXES as OF_CAMPAIGNS
from voxbridge.contacts.store import INDEXES as OF_CONTACTS
from voxbridge.stores import make_indexes
from voxkit.clock import utc_now

from .turns import Turns, opened

pytestmark = [pytest.mark.integration]
CAMPAIGNS, CONTACTS = 4, 100
OF_CONTACTS_AND_ATTEMPTS = ("campaign_calls", "campaign_attempts")
SHAPE = ("find", "filter", "sort", "limit", "projection")


class Queries(CommandListener):
    """Every `find` of the client on the large collections. `sent`: as it can be explained."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = event.command
        if event.command_name == "find" and command["find"] in OF_CONTACTS_AND_ATTEMPTS:
            self.sent.append({name: command[name] for name in SHAPE if name in command})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        return None

    def failed(self, event: CommandFailedEvent) -> None:
        return None


@pytest.fixture
async def watched(mongodb_uri: str, mongo_db_name: str) -> AsyncIterator[tuple[Turns, Queries]]:
    queries = Queries()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True, event_listeners=[queries])
    await make_indexes(client[mongo_db_name], [*OF_CAMPAIGNS, *OF_CONTACTS])
    async for made in opened(client[mongo_db_name]):
        yield made, queries
    await client.close()


async def filled(dialler: Turns) -> None:
    """Campaigns whose contacts wait, were called, are called again later, or asked for a call."""
    now, rows = utc_now(), []
    for number in range(CAMPAIGNS):
        campaign = await dialler.world.campaign(f"c{number}", concurrency_limit=5)
        for row_no in range(1, CONTACTS + 1):
            state = ("completed", "pending", "retry_scheduled", "exhausted", "pending")[row_no % 5]
            due = now + timedelta(seconds=(row_no - CONTACTS / 2) * 60) if state == "retry_scheduled" else None
            key = f"1555{number}{row_no:05}"
            rows.append(
                {
                    "_id": f"{number}-{row_no}", "campaign_id": campaign["_id"], "run_number": 1, "row_no": row_no,
                    "phone_number": f"+{key}", "phone_key": key, "variables": {}, "status": state,
                    "status_changed_at": now, "next_retry_at": due, "attempt_count": 0, "lease_id": None,
                }
            )  # fmt: skip
    await dialler.world.db["campaign_calls"].insert_many(rows)


async def explained(dialler: Turns, query: dict[str, Any]) -> tuple[int, int]:
    """(documents examined, documents returned)."""
    told = await dialler.world.db.command("explain", query, verbosity="executionStats")
    stats = told["executionStats"]
    return stats["totalDocsExamined"], stats["nReturned"]


async def queries_of_a_turn(dialler: Turns, queries: Queries) -> int:
    queries.sent.clear()
    await dialler.tick()
    return len(queries.sent)


async def test_a_turn_reads_no_more_than_twice_what_it_returns(watched: tuple[Turns, Queries]) -> None:
    dialler, queries = watched
    await filled(dialler)
    dialler.fleet.seats_left = 0  # nobody is dialled: the contacts stay as they are until the queries are explained
    queries.sent.clear()
    await dialler.tick()
    sent = list(queries.sent)
    assert len(sent) >= CAMPAIGNS, "the turn looked for nobody"
    examined = returned = 0
    for query in sent:
        read, given = await explained(dialler, query)
        assert read <= 2 * max(given, 1), (query, read, given)
        examined, returned = examined + read, returned + given
    assert returned >= CAMPAIGNS
    assert examined <= 2 * returned


async def test_the_number_of_queries_does_not_depend_on_how_many_wait(watched: tuple[Turns, Queries]) -> None:
    dialler, queries = watched
    await filled(dialler)
    dialler.fleet.seats_left = 0
    few = await queries_of_a_turn(dialler, queries)
    calls = dialler.world.db["campaign_calls"]
    found = await calls.find({}).to_list()
    further = [{**row, "_id": f"{row['_id']}-more", "row_no": row["row_no"] + CONTACTS} for row in found]
    await calls.insert_many(further)
    dialler.loop = dialler._loop()
    dialler.world.ctx.marks.forget()
    assert await queries_of_a_turn(dialler, queries) == few
