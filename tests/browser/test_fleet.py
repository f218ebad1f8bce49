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
    open_window: Callable[..., Window],
) -> None:
    page = open_window().page
    page.goto("/dashboard/fleet")
    page.evaluate("window.notReloaded = true")
    host = page.get_by_role("region", name=f"Host {HOST}")
    other = page.get_by_role("region", name="Host local-1")
    expect(host).to_contain_text("1 of 1 free")
    page.get_by_role("button", name=f"Drain host {HOST}").click()
    dialog = page.get_by_role("dialog", name=f"Drain host {HOST}?")
    expect(dialog).to_contain_text("1 seat gets no new call from now on. No call is under way there.")
    dialog.get_by_label("Reason").fill("new memory")
    dialog.get_by_role("button", name="Drain", exact=True).click()
    expect(host).to_contain_text("0 of 1 free")
    expect(other).to_contain_text("1 of 1 free")
    drain = page.get_by_role("table", name="Drains").get_by_role("row").filter(has_text="new memory")
    expect(drain).to_contain_text(f"Host {HOST}")
    drain.get_by_role("button", name="Lift").click()
    page.get_by_role("dialog").get_by_role("button", name="Lift the drain").click()
    expect(host).to_contain_text("1 of 1 free")
    assert page.evaluate("window.notReloaded") is True
