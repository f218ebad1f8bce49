"""Somebody new to Vox makes a bot, talks to it, and finds the call with everything in it; a colleague watches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Console, Window
from .ear import heard_words, listen

pytestmark = [pytest.mark.browser]


def test_a_bot_made_by_the_wizard_talks_in_the_browser_and_its_call_can_be_heard_and_read(
    open_window: Callable[..., Window], console: Console
) -> None:
    page = open_window().page
    colleague = open_window().page
    colleague.goto("/dashboard/calls")
    expect(colleague.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    listen(page)
    page.goto("/dashboard")
    make_bot(page)
    expect(page.get_by_role("heading", name="Parcel desk")).to_be_visible()

    page.get_by_role("button", name="Test in browser").click()
    dialog = page.get_by_role("dialog", name="Talk to Parcel desk")
    dialog.get_by_role("button", name="Start the call").click()
    expect(dialog.get_by_role("status")).to_have_text("Parcel desk is speaking")
    opens_while_it_runs(colleague)
    # Three sounds of the bot: the greeting, the answer that the customer breaks off, the goodbye; then it hangs up.
    expect(dialog.get_by_text("after your last word")).to_be_visible()
    expect(dialog.get_by_text("The bot hung up")).to_be_visible(timeout=60_000)
    said = dialog.get_by_role("list", name="Transcript of the test call")
    expect(said).to_contain_text("How can I help you?", timeout=60_000)
    expect(said).to_contain_text("open", ignore_case=True)
    expect(said.get_by_text("You", exact=True).first).to_be_visible()
    words = heard_words(page, console.voice_url)
    for said_by_the_bot in ("how can i help you", "open", "thank you for calling"):
        assert said_by_the_bot in words, words
    assert "do for you" not in words, f"the bot went on while the customer spoke: {words}"

    # The page of the colleague filled itself: nobody reloaded it.
    expect(colleague.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    expect(colleague.get_by_role("list", name="Transcript")).to_contain_text("How can I help you?")
    dialog.get_by_role("link", name="Open the call").click()
    expect(page.get_by_role("heading", name="browser")).to_be_visible()
    expect(page.get_by_role("list", name="Events")).to_contain_text("Interruption")
    plays_from_a_line(page)
    expect(page.get_by_role("list", name="Latency of each turn")).to_be_visible()
    is_found_in_the_list(page)


def opens_while_it_runs(page: Page) -> None:
    """The call announces itself in the list of somebody else, and its page says that it is running."""
    page.get_by_role("button", name="1 new call: show").click()
    row = page.get_by_role("table", name="Calls").get_by_role("row").filter(has_text="Parcel desk")
    expect(row).to_contain_text("Live")
    row.get_by_role("link").first.click()
    expect(page.get_by_text("The call is running.")).to_be_visible()


def make_bot(page: Page) -> None:
    page.get_by_role("link", name="Bots").click()
    page.get_by_role("link", name="New bot").click()
    page.get_by_role("button", name="Create bot").click()
    expect(page.get_by_text("Give the bot a name")).to_be_visible()

    page.get_by_label("Name", exact=True).fill("Parcel desk")
    page.get_by_label("Opening message").fill("Hello, this is the parcel desk. How can I help you?")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("System prompt").fill(
        "You are the telephone assistant of a parcel company.\n"
        "Say where a parcel is. When the customer says goodbye, say goodbye and call end_call."
    )
    page.get_by_role("button", name="Behaviour").click()
    expect(page.get_by_role("switch", name="End the call")).to_be_checked()
    page.get_by_role("button", name="Create bot").click()


def plays_from_a_line(page: Page) -> None:
    """A click on a line of the transcript plays the recording from there, and marks that line."""
    transcript = page.get_by_role("list", name="Transcript")
    line = transcript.get_by_role("button").filter(has_text="Customer").first
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    line.click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(line).to_have_attribute("aria-current", "true")
    position = page.get_by_role("slider", name="Position in the recording")
    at_the_line = int(position.get_attribute("aria-valuenow") or 0)
    assert at_the_line >= 3, "the customer speaks after the greeting of three seconds"
    page.wait_for_function(
        "([start]) => Number(document.querySelector('[role=slider]').getAttribute('aria-valuenow')) > start",
        arg=[at_the_line],
    )
    position.press("Home")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def is_found_in_the_list(page: Page) -> None:
    page.get_by_role("link", name="Calls").first.click()
    calls = page.get_by_role("table", name="Calls")
    expect(calls.get_by_role("row").filter(has_text="Parcel desk")).to_have_count(1)
    page.get_by_label("Status").select_option("failed")
    expect(page.get_by_text("No call fits these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(calls.get_by_role("row").filter(has_text="Parcel desk")).to_have_count(1)
    page.get_by_label("Time range").select_option("7d")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    assert "Parcel desk" in download.value.path().read_text()
