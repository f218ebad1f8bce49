"""The end of a session: announced while it can be kept, then a sign-in that leads back to the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from .conftest import ADMIN, Console, Window

pytestmark = [pytest.mark.browser]

PASSWORD = "a long password for tests"
WARNED_BEFORE_MS = 5 * 60_000


def test_a_session_that_the_server_no_longer_knows_leads_to_the_sign_in_and_back(
    open_window: Callable[..., Window], console: Console
) -> None:
    """A new password ends every older session: here in the middle of work."""
    person = {"email": "mid-work@example.org", "name": "Mid Work", "password": PASSWORD, "role": "admin"}
    user = console.api("POST", "/auth/register", json=person).json()
    window = open_window(email=person["email"], password=PASSWORD)
    page = window.page
    page.goto("/dashboard/calls?status=failed")
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    console.api("POST", f"/users/{user['user_id']}/reset-password", json={"new_password": "another long password"})
    page.get_by_role("button", name="Clear").last.click()
    page.wait_for_url("**/login?next=*")
    page.get_by_label("Email").fill(person["email"])
    page.get_by_label("Password", exact=True).fill("another long password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    window.forgive("401")


def test_a_session_that_ends_soon_is_kept_by_the_password_and_the_form_stays(
    open_window: Callable[..., Window], console: Console
) -> None:
    window = open_window()
    page = window.page
    page.clock.install()
    page.goto("/dashboard/bots/create")
    page.get_by_label("Name", exact=True).fill("Half a bot")
    dialog = page.get_by_role("dialog", name="Your session ends soon")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward(left_ms(page.evaluate(ENDS_AT)) - WARNED_BEFORE_MS + 1_000)
    expect(dialog).to_be_visible()
    dialog.get_by_label(f"Password of {ADMIN}").fill(console.password)
    # The server lives in the present: the new session is long by its clock, and by that of the page from here on.
    page.clock.set_system_time(datetime.now(UTC))
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half a bot")


def test_a_session_that_ran_out_leads_to_the_sign_in_and_back(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.clock.install()
    page.goto("/dashboard/fleet")
    expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
    page.clock.fast_forward(left_ms(page.evaluate(ENDS_AT)) + 1_000)
    page.wait_for_url("**/login?next=%2Fdashboard%2Ffleet")
    assert page.evaluate("localStorage.getItem('vox_token')") is None


# End of the session and the clock of the page, milliseconds.
ENDS_AT = "[JSON.parse(atob(localStorage.getItem('vox_token').split('.')[1])).exp * 1000, Date.now()]"


def left_ms(ends_and_now: list[int]) -> int:
    ends, now = ends_and_now
    return int(ends - now)
