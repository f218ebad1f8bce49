"""Sessions: their end is announced while they can be kept, and a sign-in leads back; who guesses must wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Locator, expect

from .conftest import ADMIN, Console, Window

pytestmark = [pytest.mark.browser]

PASSWORD = "a long password for tests"
WARNED_BEFORE_MS = 5 * 60_000
# Of one email, in a window of this length.
FAILURES_ALLOWED, WINDOW_S = 10, 900


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
    window = open_window()
    page = window.page
    page.clock.install()
    page.goto("/dashboard/fleet")
    expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
    page.clock.fast_forward(left_ms(page.evaluate(ENDS_AT)) + 1_000)
    page.wait_for_url("**/login?next=%2Fdashboard%2Ffleet")
    assert page.evaluate("localStorage.getItem('vox_token')") is None
    # The page goes with its clock, and what it asked in that moment is refused.
    window.forgive("401")


def test_who_fails_to_sign_in_too_often_sees_how_long_to_wait_and_the_button_waits_too(
    open_window: Callable[..., Window], console: Console
) -> None:
    wrong = {"email": "guess@example.org", "password": "a wrong guess"}
    for _ in range(FAILURES_ALLOWED):
        assert httpx.post(f"{console.api_url}/auth/login", json=wrong, timeout=30).status_code == 401
    window = open_window(email=None)
    page = window.page
    page.clock.install()
    page.goto("/login")
    page.get_by_label("Email").fill(wrong["email"])
    page.get_by_label("Password", exact=True).fill(wrong["password"])
    button = page.get_by_role("button", name="Sign in")
    button.click()
    told = page.get_by_role("alert")
    expect(told).to_have_text(re.compile(r"^Too many requests\. Try again in \d+ s\.$"))
    expect(button).to_be_disabled()

    before = seconds_in(told)
    assert before <= WINDOW_S
    page.clock.fast_forward(5_000)
    expect(told).not_to_contain_text(f"in {before} s")
    assert before - 60 < seconds_in(told) <= before - 5
    expect(button).to_be_disabled()
    page.clock.fast_forward(before * 1_000)
    expect(told).to_contain_text("You can try again now.")
    expect(button).to_be_enabled()
    window.forgive("429")


def seconds_in(told: Locator) -> int:
    (number,) = re.findall(r"\d+", told.inner_text())
    return int(number)


# End of the session and the clock of the page, milliseconds.
ENDS_AT = "[JSON.parse(atob(localStorage.getItem('vox_token').split('.')[1])).exp * 1000, Date.now()]"


def left_ms(ends_and_now: list[int]) -> int:
    ends, now = ends_and_now
    return int(ends - now)
