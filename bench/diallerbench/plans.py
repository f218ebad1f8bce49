"""What the queries of a turn cost: every `find` that a client sends is written down, and explained by the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import monitoring
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

Document = dict[str, Any]
LARGE = ("campaign_calls", "campaign_attempts")
SHAPE = ("find", "filter", "sort", "limit", "projection")


class Queries(CommandListener):
    """The queries on large collections, as they can be explained, and which of their fields they filter by."""

    def __init__(self) -> None:
        self.sent: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = event.command
        if event.command_name == "find" and command["find"] in LARGE:
            self.sent.append({name: command[name] for name in SHAPE if name in command})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        return None

    def failed(self, event: CommandFailedEvent) -> None:
        return None


@contextmanager
def listening() -> Iterator[Queries]:
    """Clients that are made inside send their commands here too."""
    queries = Queries()
    before = list(monitoring._LISTENERS.command_listeners)
    monitoring.register(queries)
    try:
        yield queries
    finally:
        monitoring._LISTENERS.command_listeners[:] = before


async def cost(db: Any, queries: list[Document], progress: Callable[[int], None] = lambda _: None) -> Document:
    """Documents examined and returned, by kind of query, and the worst ratio of one query that returns something."""
    kinds: dict[str, Document] = {}
    worst, examined, returned = 0.0, 0, 0
    for number, query in enumerate(queries):
        told = (await db.command("explain", query, verbosity="executionStats"))["executionStats"]
        read, given = told["totalDocsExamined"], told["nReturned"]
        name = f"{query['find']} by {', '.join(query['filter'])}"
        kind = kinds.setdefault(name, {"queries": 0, "examined": 0, "returned": 0, "keys_examined": 0})
        for field, value in (
            ("queries", 1), ("examined", read), ("returned", given), ("keys_examined", told["totalKeysExamined"])
        ):  # fmt: skip
            kind[field] += value
        worst = max(worst, read / max(given, 1))
        examined, returned = examined + read, returned + given
        progress(number)
    return {
        "queries": len(queries), "examined": examined, "returned": returned,
        "examined_by_returned": round(examined / max(returned, 1), 2), "worst_query": round(worst, 2), "kinds": kinds,
    }  # fmt: skip
