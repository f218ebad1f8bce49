"""Step 11 of the smoke test: a campaign passes only when every contact was dialled once, by every book."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.campaign.rehearsal import ENDINGS, rehearse
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]


class Control:
    """A voxbridge whose campaign is over at once. `attempts` and `states` say how its contacts ended."""

    def __init__(self, attempts: int = 1, states: dict[str, str] = ENDINGS) -> None:
        self.attempts, self.states = attempts, states
        self.people: list[str] = []

    async def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return {"campaign_id": "c1"}

    async def upload(self, path: str, file: Path, within_s: float) -> None:
        self.people = file.read_text().split()[1:]

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        if path.endswith("/calls"):
            return {"items": [self.contact(number) for number in self.people]}
        return {"status": "completed", "stats": {"in_flight": 0}}

    def contact(self, number: str) -> dict[str, Any]:
        return {"phone_number": number, "status": self.states[number[-2:]], "attempt_count": self.attempts}


async def rehearsed(control: Any, orders: Callable[[list[str]], list[str]]) -> str:
    def book(request: httpx.Request) -> httpx.Response:
        items = [{"to": number} for number in orders(control.people)]
        return httpx.Response(200, json={"items": items, "next_after": None})

    async with httpx.AsyncClient(transport=httpx.MockTransport(book)) as http:
        return await rehearse(control, http, "bot", "http://phone", "token")


async def test_three_contacts_that_were_dialled_once_pass() -> None:
    assert (await rehearsed(Control(), list)).startswith("3 final states, one dial each")


@pytest.mark.parametrize(
    ("control", "orders", "why"),
    [
        (Control(), lambda people: [*people, people[0]], "one dial each was due"),
        (Control(), lambda people: people[:2], "one dial each was due"),
        (Control(attempts=2), list, "one dial each was due"),
        (Control(states={**ENDINGS, "13": "exhausted"}), list, "the contacts ended as"),
    ],
    ids=["carrier was asked twice", "carrier was not asked", "two attempts", "the talk did not complete"],
)
async def test_whatever_a_book_has_otherwise_fails(control: Control, orders: Any, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        await rehearsed(control, orders)
