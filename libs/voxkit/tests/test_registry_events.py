"""A reader of events that misses one across a restart, or stops for ever at the first mistake (section 15)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from voxkit.registry import RegistryClient

from .registry_world import World

pytestmark = [pytest.mark.unit]

EVENTS = "/v1/events"
FIRST = (
    'id: 1-0\nevent: hello\ndata: {"generation": "g1"}\n\n'
    ": still here\n\n"
    'event: worker.state\ndata: {"worker_id": "h1-1"}\n\n'
    'id: 2-0\nevent: reservation.held\ndata:{"worker_id": "h1-1"}\n\n'
)
SECOND = "id: 3-0\nevent: reset\n\n"


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many failures in a row came before each pause."""
    seen: list[int] = []

    def pause(failures: int, **limits: float) -> float:
        assert limits == {"first_s": 0.2, "cap_s": 5}
        seen.append(failures)
        return 0.0

    monkeypatch.setattr("voxkit.registry.sse.backoff_s", pause)
    return seen


async def test_events_go_on_after_the_last_one_across_restarts_and_errors(
    world: World, registry: RegistryClient, pauses: list[int]
) -> None:
    world.on(
        "GET", EVENTS, httpx.Response(200, text=FIRST), httpx.ConnectError("restarting"),
        httpx.Response(503, text="event: of-something-between\n\n"),
        httpx.Response(200, text=SECOND),
    )  # fmt: skip
    found: list[tuple[str, str, dict[str, Any]]] = []
    async for event in registry.events(types="worker.state", client="main"):
        found.append((event.id, event.event, event.data))
        if event.event == "reset":
            break
    assert found == [
        ("1-0", "hello", {"generation": "g1"}),
        ("", "worker.state", {"worker_id": "h1-1"}),
        ("2-0", "reservation.held", {"worker_id": "h1-1"}),
        ("3-0", "reset", {}),
    ]
    assert dict(world.seen[0].url.params) == {"pool": "default", "types": "worker.state", "client": "main"}
    assert [request.headers.get("Last-Event-ID") for request in world.seen] == [None, "2-0", "2-0", "2-0"]
    assert pauses == [0, 1, 2]  # what was read starts the count anew


async def test_a_reader_may_name_where_it_was(world: World, registry: RegistryClient, pauses: list[int]) -> None:
    world.on("GET", EVENTS, httpx.Response(200, text=SECOND))
    async for event in registry.events(last_event_id="2-5"):
        assert event.event == "reset"
        break
    assert world.seen[0].headers["Last-Event-ID"] == "2-5"
    limits = world.seen[0].extensions["timeout"]
    assert (limits["connect"], limits["read"]) == (2, 40)  # the registry writes a comment every 15 s
