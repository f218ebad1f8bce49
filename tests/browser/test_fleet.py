"""The seats of the fleet as they are: free, taken out of service, free again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

HOST = "local-2"


@pytest.fixture
def in_service_afterwards(console: Console) -> Iterator[None]:
    yield
    if any(drain["selector"] == f"host:{HOST}" for drain in console.api("GET", "/fleet/drains").json()["items"]):
        console.api("POST", "/fleet/undrain", json={"selector": f"host:{HOST}"})


@pytest.mark.usefixtures("in_service_afterwards")
def test_a_host_that_is_drained_is_seen_without_a_reload_and_free_again_afterwards(
    open_window: Callable[..., Window], console: Console
) -> None:
    page = open_window().page
    page.goto("/dashboard/fleet")
    page.evaluate("window.notReloaded = true")
    host = page.get_by_role("region", name=f"Host {HOST}")
    other = page.get_by_role("region", name="Host local-1")
    expect(host).to_contain_text("1 of 1 free")
    console.api("POST", "/fleet/drain", json={"selector": f"host:{HOST}", "reason": "new memory"})
    expect(host).to_contain_text("0 of 1 free")
    expect(other).to_contain_text("1 of 1 free")
    console.api("POST", "/fleet/undrain", json={"selector": f"host:{HOST}"})
    expect(host).to_contain_text("1 of 1 free")
    assert page.evaluate("window.notReloaded") is True
