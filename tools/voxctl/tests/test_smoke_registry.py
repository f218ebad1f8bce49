"""Step 5 of the smoke test believes only a registry that shows what the workers say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl import smoke
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]


def run_of(seats: list[dict[str, Any]], status: str = "ok") -> smoke.Smoke:
    """A run against one worker that says `local-1`, image `2026.11.28-1`, and a registry that shows `seats`."""
    told: dict[str, Any] = {
        "/health": {"worker_id": "local-1", "image_tag": "2026.11.28-1"},
        "/v1/workers": {"items": seats},
        "/v1/fleet": {"status": status},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=told[request.url.path])

    stack = {"registry_url": "http://registry", "worker_urls": ["http://worker"]}
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    nobody: Any = None
    return smoke.Smoke(stack, Path(), nobody, None, nobody, "", "secret", http, "token")


def seat(**said: str) -> dict[str, str]:
    return {"worker_id": "local-1", "state": "idle", "image_tag": "2026.11.28-1"} | said


async def test_a_worker_that_is_shown_as_it_is_passes() -> None:
    assert await smoke.the_registry_shows_the_workers(run_of([seat()])) == "1 idle, image 2026.11.28-1"


@pytest.mark.parametrize(
    ("seats", "status", "why"),
    [
        ([seat(image_tag="2026.11.27-1")], "ok", "with image 2026.11.27-1"),
        ([seat(state="lost")], "ok", "'local-1': 'lost'"),
        ([seat(worker_id="somebody-else")], "ok", "'local-1': 'unknown'"),
        ([seat()], "rebuilding", "registry rebuilding"),
    ],
)
async def test_another_image_state_worker_or_an_empty_store_fails_it(
    monkeypatch: pytest.MonkeyPatch, seats: list[dict[str, str]], status: str, why: str
) -> None:
    monkeypatch.setattr(smoke, "SEEN_WITHIN_S", 0)
    with pytest.raises(CommandError, match=why):
        await smoke.the_registry_shows_the_workers(run_of(seats, status))
