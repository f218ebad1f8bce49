"""A server that goes away and comes back: pages say so, keep what they show, and go on by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from voxctl.children import free_port as find_free_port

from .conftest import Console, Window
from .gate import Gate

pytestmark = [pytest.mark.browser]


@pytest.fixture
def gate(console: Console) -> Iterator[Gate]:
    gate = Gate(urlsplit(console.url).port or 80, find_free_port())
    gate.open()
    yield gate
    gate.end()


def test_the_console_says_that_the_server_is_away_and_recovers_without_a_reload(
    gate: Gate, open_window: Callable[..., Window]
) -> None:
    window = open_window(url=f"http://127.0.0.1:{gate.port}")
    page = window.page
    page.goto("/dashboard/fleet")
    expect(page.get_by_role("table", name="Workers").get_by_text("Healthy")).to_have_count(2)
    expect(page.get_by_text("As of")).to_be_visible()
    page.evaluate("window.notReloaded = true")

    gate.shut()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    expect(page.get_by_text("Data from")).to_be_visible()
    expect(page.get_by_role("table", name="Workers").get_by_text("Healthy")).to_have_count(2)

    gate.open()
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    expect(page.get_by_text("As of")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    expect(page.get_by_role("table", name="Workers").get_by_text("Healthy")).to_have_count(2)
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_be_hidden()
    page.get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    assert page.evaluate("window.notReloaded") is True
    window.errors[:] = [error for error in window.errors if "Failed to load resource" not in error]


def test_two_editors_of_one_bot_are_told_about_each_other(open_window: Callable[..., Window], console: Console) -> None:
    console.api("POST", "/bots/demo/clone")
    bot_id = next(bot["bot_id"] for bot in console.api("GET", "/bots").json()["items"] if "(copy)" in bot["name"])
    window = open_window()
    page = window.page
    page.goto(f"/dashboard/bots/{bot_id}/edit")
    page.get_by_label("Name", exact=True).fill("Mine")
    console.api("PUT", f"/bots/{bot_id}", json={"opening_message": "Theirs."})
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog", name="Somebody else changed this bot")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
    saved = console.api("GET", f"/bots/{bot_id}").json()
    assert (saved["name"], saved["opening_message"]) == ("Mine", "Theirs.")
    window.errors[:] = [error for error in window.errors if "409" not in error]
