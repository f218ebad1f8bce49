"""Files on a slow line: how much of them is there is seen, and an upload that is stopped leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

NUMBERS = 2_000
SLOW_BYTES_S = 15_000


def line(page: Page, bytes_s: int) -> None:
    """-1: as fast as it can."""
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": bytes_s, "uploadThroughput": bytes_s},
    )


def numbers(begin: str) -> str:
    return "phone_number,name\n" + "".join(f"{begin}{one:06},Somebody With A Name\n" for one in range(NUMBERS))


@pytest.fixture
def campaign(console: Console) -> str:
    body = {"name": "Long list", "bot_id": "demo", "number_pool": ["+15550199"]}
    return str(console.api("POST", "/campaigns", json=body).json()["campaign_id"])


def test_contacts_on_a_slow_line_show_how_far_they_are_and_can_be_stopped_and_sent_again(
    campaign: str, open_window: Callable[..., Window], console: Console, tmp_path: Path
) -> None:
    file = tmp_path / "long.csv"
    file.write_text(numbers("+1555200"))
    page = open_window().page
    page.goto(f"/dashboard/campaigns/{campaign}/edit")
    page.get_by_role("button", name="Contacts").click()
    page.get_by_label("CSV file of contacts").set_input_files(file)
    expect(page.get_by_role("region", name="First rows of the file")).to_be_visible()
    save = page.get_by_role("button", name="Save changes")
    line(page, SLOW_BYTES_S)
    if save.is_enabled():
        save.click()
    bar = page.get_by_role("progressbar", name="Contacts on their way")
    expect(page.get_by_text(re.compile(r"[1-9]\d? %, \d+ kB of \d+ kB"))).to_be_visible()
    assert 0 < int(bar.get_attribute("aria-valuenow") or 0) < 100
    page.get_by_role("button", name="Cancel upload").click()
    expect(page.get_by_role("heading", name="The upload was cancelled")).to_be_visible()
    stored = console.api("GET", f"/campaigns/{campaign}").json()
    assert (stored["upload"]["state"], stored["stats"]["total_calls"]) == ("none", 0)

    line(page, -1)
    page.get_by_role("button", name="Upload it again").click()
    expect(page.get_by_role("heading", name=f"{NUMBERS:,} contacts will be called")).to_be_visible()


def test_an_export_on_a_slow_line_shows_how_much_has_come(open_window: Callable[..., Window], console: Console) -> None:
    console.api("POST", "/dnc/upload", files={"file": ("many.csv", numbers("+1555300"), "text/csv")})
    page = open_window().page
    page.goto("/dashboard/do-not-call")
    expect(page.get_by_role("table", name="Do-not-call list")).to_be_visible()
    line(page, SLOW_BYTES_S)
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Export CSV").click()
        expect(page.get_by_text(re.compile(r"\d kB$"))).to_be_visible()
    assert len(download.value.path().read_text().splitlines()) > NUMBERS
    expect(page.get_by_text(re.compile(r"\d kB$"))).to_be_hidden()
