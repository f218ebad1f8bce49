"""A campaign from a list with faults to its end, over the simulated telephone network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

# The last two digits say who answers: 02 leaves after one sentence, 13 is in a hurry, 00 talks for forty seconds.
FORBIDDEN = "+15550133"
WRONG_HEADER = "phone,name\n+15550100,Ana\n"
WITH_FAULTS = f"phone_number,name\n+15550100,Ana\n12,Too Short\n+15550100,Ana Again\n{FORBIDDEN},Asked Us To Stop\n"
# Who must not be called stands first: without the do-not-call list they would be the first to be dialled.
MENDED = f"phone_number,name\n{FORBIDDEN},Asked Us To Stop\n" + "".join(
    f"+155501{number}00,Ana {number}\n" for number in range(10, 16)
)
ANY_TIME = {"campaign_mode": "multi_day", "time_window": {"start": "00:00", "end": "00:00"}}


def test_a_list_with_faults_is_mended_and_the_campaign_started_watched_paused_and_stopped(
    open_window: Callable[..., Window], console: Console, tmp_path: Path
) -> None:
    page = open_window().page
    forbid(page)
    files = {}
    for name, text in (("wrong-header", WRONG_HEADER), ("with-faults", WITH_FAULTS), ("mended", MENDED)):
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text(text)

    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Name", exact=True).fill("Spring reminders")
    page.get_by_label("Bot", exact=True).select_option("demo")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("+1 555 0199").check()
    page.get_by_role("button", name="Next").click()
    choose = page.get_by_label("CSV file of contacts")
    choose.set_input_files(files["wrong-header"])
    expect(page.get_by_text("The header has no column phone_number")).to_be_visible()
    choose.set_input_files(files["with-faults"])
    expect(page.get_by_text("The header has no column phone_number")).to_be_hidden()
    expect(page.get_by_role("region", name="First rows of the file")).to_contain_text("Too Short")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Calls at a time").fill("1")
    page.get_by_label("From", exact=True).fill("00:00")
    page.get_by_label("To", exact=True).fill("00:00")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("with-faults.csv")).to_be_visible()
    page.get_by_role("button", name="Create campaign").click()

    expect(page.get_by_role("heading", name="1 contact will be called")).to_be_visible()
    left_out = page.get_by_role("table", name="Rows that were left out").get_by_role("row")
    expect(left_out.filter(has_text="Row 3")).to_contain_text("12")
    expect(page.get_by_text("On the do-not-call list")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("left out")).click()
    assert "12" in download.value.path().read_text()
    page.get_by_role("button", name="Open the campaign").click()

    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Contacts").click()
    expect(page.get_by_text("a new file replaces them")).to_be_visible()
    page.get_by_label("CSV file of contacts").set_input_files(files["mended"])
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="6 contacts will be called")).to_be_visible()
    page.get_by_role("button", name="Open the campaign").click()

    starts_pauses_and_stops(page)
    nobody_forbidden_was_called(console)


def test_a_campaign_that_is_over_is_restarted_called_off_and_run_again(
    open_window: Callable[..., Window], console: Console
) -> None:
    """A run of one person who is in a hurry; the run before stays to be compared."""
    body = {"name": "Once more", "bot_id": "demo", "number_pool": ["+15550199"], "config": ANY_TIME}
    campaign = console.api("POST", "/campaigns", json=body).json()["campaign_id"]
    file = {"file": ("one.csv", "phone_number\n+15550113\n", "text/csv")}
    console.api("POST", f"/campaigns/{campaign}/upload", files=file)
    page = open_window().page
    page.goto(f"/dashboard/campaigns/{campaign}")
    act(page, "Start", "1 contact can be called from now on")
    expect(state(page)).to_have_text("Completed", timeout=90_000)
    expect(funnel(page)).to_have_text(["Contacts1", "Attempted1", "Answered1", "Connected1", "Completed1"])

    act(page, "Restart all", "1 contact is made ready for another run")
    prepared = page.get_by_text("Run 2 is prepared for all contacts.")
    expect(prepared).to_be_visible()
    act(page, "Cancel restart", "The prepared run goes")
    expect(prepared).to_be_hidden()
    expect(state(page)).to_have_text("Completed")
    act(page, "Restart all", "1 contact is made ready for another run")
    expect(prepared).to_be_visible()
    act(page, "Start", "1 contact can be called from now on")
    expect(page.get_by_text("Run 2", exact=True)).to_be_visible()
    expect(state(page)).to_have_text("Completed", timeout=90_000)
    page.get_by_role("tab", name="Activity").click()
    former = page.get_by_role("table", name="Former runs").get_by_role("row")
    expect(former.filter(has_text="Run 1")).to_contain_text("Every contact is done")
    me = console.api("GET", "/auth/me").json()
    restarts = page.get_by_role("tabpanel").get_by_role("listitem").filter(has_text="Restart prepared")
    expect(restarts).to_have_count(2)
    expect(restarts.first).to_contain_text(f"by {me['name'] or me['email']}")
    page.get_by_role("main").get_by_role("link", name="Calls", exact=True).click()
    expect(page.get_by_role("combobox", name="Campaign", exact=True)).to_have_value(campaign)
    calls = page.get_by_role("table", name="Calls").get_by_role("row")
    expect(calls.filter(has_text="+1 555 0113")).to_have_count(2)


def funnel(page: Page) -> Locator:
    return page.get_by_role("list", name="From the list to the conversation").get_by_role("listitem")


def forbid(page: Page) -> None:
    page.goto("/dashboard/do-not-call")
    page.get_by_role("button", name="Add numbers").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill(FORBIDDEN)
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_role("table", name="Do-not-call list")).to_contain_text("+1 555 0133")


def starts_pauses_and_stops(page: Page) -> None:
    act(page, "Start", "6 contacts can be called from now on")
    expect(state(page)).to_have_text("Running")
    # Watched: what the dialler does, and the first call, show themselves without a reload.
    expect(page.locator("p").filter(has_text="Dialling")).to_be_visible()
    expect(tile(page, "In a call")).to_have_text("1 of 1")
    act(page, "Pause", "No further number is dialled")
    expect(state(page)).to_have_text("Paused")
    page.get_by_role("tab", name="Contacts").click()
    contacts = page.get_by_role("table", name="Contacts").get_by_role("row")
    expect(contacts.filter(has_text="Waiting")).to_have_count(5)
    exclude(page, "+1555011500")
    page.get_by_role("tab", name="Contacts").click()
    expect(contacts.filter(has_text="+1 55 501 1500")).to_contain_text("Excluded")
    expect(contacts.filter(has_text="Waiting")).to_have_count(4)
    page.get_by_role("tab", name="Monitor").click()
    act(page, "Resume", "can be called again")
    expect(state(page)).to_have_text("Running")
    act(page, "Stop", "manual_stopped")
    expect(state(page)).to_have_text("Completed")
    expect(page.get_by_text("Stopped by hand")).to_be_visible()
    page.get_by_role("tab", name="Contacts").click()
    expect(contacts.filter(has_text="Stopped by hand")).to_have_count(4)
    page.get_by_role("tab", name="Activity").click()
    for word in ("Started", "Paused", "Resumed", "Stopped"):
        expect(page.get_by_role("tabpanel").get_by_text(word, exact=True)).to_be_visible()


def exclude(page: Page, number: str) -> None:
    page.get_by_role("tab", name="Integration").click()
    page.get_by_role("button", name="Exclude numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone numbers").fill(number)
    dialog.get_by_label(re.compile("Reason")).fill("paid already")
    dialog.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("1 waiting contact excluded")).to_be_visible()
    expect(page.get_by_role("table", name="Excluded numbers")).to_contain_text("paid already")


def act(page: Page, name: str, consequence: str) -> None:
    """Press a button of the campaign, read what it will do, and agree."""
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(consequence)
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_be_hidden()


def state(page: Page) -> Locator:
    """The badge beside the name."""
    return page.get_by_role("main").locator("header").get_by_text(re.compile("^(Running|Paused|Completed)$"))


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("definition").filter(has=page.locator(f"xpath=preceding-sibling::dt[.='{name}']"))


def nobody_forbidden_was_called(console: Console) -> None:
    called = {call["caller_id"] for call in console.api("GET", "/calls?limit=100").json()["items"]}
    assert called
    assert FORBIDDEN not in called
