"""The first stories without a mouse: sign-in, a bot, a test call, the list of calls, a campaign (A2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import ADMIN, Console, Window
from .keyboard import act_on, leaves_the_page, press_tab, tab_to, write_into

pytestmark = [pytest.mark.browser]

NO_MOUSE = """for (const kind of ['pointerdown', 'mousedown', 'touchstart']) {
  addEventListener(kind, () => { throw new Error('a story without a mouse used one'); }, true);
}"""


@pytest.fixture
def page(open_window: Callable[..., Window]) -> Page:
    """Signed in; a press of the mouse fails the story."""
    page = open_window().page
    page.add_init_script(NO_MOUSE)
    return page


def test_somebody_signs_in_after_a_typing_error_and_skips_the_menu(
    open_window: Callable[..., Window], console: Console
) -> None:
    window = open_window(email=None)
    page = window.page
    page.add_init_script(NO_MOUSE)
    page.goto("/login")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(ADMIN)
    write_into(page, "Password", "not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    leaves_the_page(page)
    write_into(page, "Password", console.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    act_on(page, "Skip to the content")
    expect(page.get_by_role("main")).to_be_focused()
    act_on(page, "Bots")
    expect(page.get_by_role("heading", name="Bots", exact=True)).to_be_visible()
    window.forgive("401")


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/bots/create", "/dashboard/campaigns/new"])
def test_tab_gets_through_a_page_and_out_of_it_both_ways(path: str, page: Page) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    leaves_the_page(page)


def test_a_bot_is_made_mended_and_talked_to(page: Page) -> None:
    page.goto("/dashboard/bots")
    act_on(page, "New bot")
    expect(page.get_by_role("heading", name="New bot")).to_be_visible()
    write_into(page, "Name", "Keyboard desk")
    write_into(page, "Opening message", "Hello, this is the keyboard desk.")
    act_on(page, "Next")
    write_into(page, "System prompt", "You are kind. When the customer says goodbye, call end_call.")
    act_on(page, "Create bot")
    expect(page.get_by_role("heading", name="Keyboard desk")).to_be_visible()
    act_on(page, "Edit")
    write_into(page, "Name", "Keyboard hotline")
    act_on(page, "Save changes")
    expect(page.get_by_role("heading", name="Keyboard hotline")).to_be_visible()

    act_on(page, "Test in browser")
    dialog = page.get_by_role("dialog", name="Talk to Keyboard hotline")
    expect(dialog).to_be_visible()
    stays_inside(page)
    act_on(page, "Start the call")
    expect(dialog.get_by_role("status")).to_have_text("Keyboard hotline is speaking")
    act_on(page, "Mute", "Space")
    expect(dialog.get_by_role("button", name="Unmute")).to_be_focused()
    act_on(page, "Keypad")
    act_on(page, "5")
    act_on(page, "Hang up")
    expect(dialog.get_by_text("You hung up")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Test in browser")).to_be_focused()


def stays_inside(page: Page) -> None:
    """A dialog keeps the focus until it is closed."""
    for _ in range(8):
        press_tab(page)
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")


def test_a_call_is_found_saved_and_listened_to(page: Page, spoken_call: str) -> None:
    page.goto("/dashboard/calls")
    rows = page.get_by_role("table", name="Calls").get_by_role("row")
    expect(rows.filter(has_text="Completed").first).to_be_visible()
    tab_to(page, "Status")
    page.keyboard.type("Failed")
    expect(page.get_by_text("No call fits these filters")).to_be_visible()
    act_on(page, "Clear filters")
    expect(rows.filter(has_text="Completed").first).to_be_visible()
    tab_to(page, "Time range")
    page.keyboard.type("Last 7")
    tab_to(page, "Export CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "Vox Parcels" in download.value.path().read_text()

    page.goto(f"/dashboard/calls/{spoken_call}")
    play = page.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_enabled()
    act_on(page, "Play")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(play).to_be_visible()
    tabs = page.get_by_role("tab")
    act_on(page, tabs.first.text_content() or "", "ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")


def test_a_campaign_is_made(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "by-keyboard.csv"
    file.write_text("phone_number,name\n+15550102,Chandra\n")
    page.goto("/dashboard/campaigns")
    act_on(page, "New campaign")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    write_into(page, "Name", "By keyboard")
    bot = page.get_by_label("Bot", exact=True)
    expect(bot).to_contain_text("Vox Parcels")  # who types before there are choices chooses nothing
    tab_to(page, "Bot")
    page.keyboard.type("Vox Parcels")
    expect(bot).to_have_value("demo")
    act_on(page, "Next")
    expect(page.get_by_label("+1 555 0199")).to_be_visible()
    act_on(page, "+1 555 0199demo", "Space")
    act_on(page, "Next")
    tab_to(page, "Choose a file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    expect(page.get_by_text(re.compile("by-keyboard.csv"))).to_be_visible()
    act_on(page, "Next")
    write_into(page, "Calls at a time", "2")
    act_on(page, "Next")
    act_on(page, "Create campaign")
    expect(page.get_by_role("heading", name="1 contact will be called")).to_be_visible()
    act_on(page, "Open the campaign")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()
