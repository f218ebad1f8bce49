"""The first minute with a new stack: what stands where nothing is yet. By its name this file runs first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import ADMIN, Console, Window

pytestmark = [pytest.mark.browser]

NOTHING = {
    "/dashboard/calls": "No calls yet",
    "/dashboard/bots/demo?tab=calls": "No calls yet",
    "/dashboard/do-not-call": "Nobody is on the list.",
    "/dashboard/api-keys": "No keys yet",
    "/dashboard/settings/delivery": "Nothing is waiting",
}


def test_a_wrong_password_is_refused_in_one_sentence_and_the_right_one_leads_back_to_the_page(
    open_window: Callable[..., Window], console: Console
) -> None:
    window = open_window(email=None)
    page = window.page
    page.goto("/dashboard/users")
    expect(page).to_have_url(f"{console.url}/login?next=%2Fdashboard%2Fusers")
    expect(page.get_by_label("Email")).to_be_focused()
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Email or password is wrong, or the account is not active.")
    window.forgive("401")

    page.get_by_label("Password", exact=True).fill(console.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()


@pytest.mark.parametrize("path", NOTHING)
def test_a_screen_without_data_says_what_it_is_for(path: str, open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto(path)
    expect(page.get_by_role("heading", name=NOTHING[path], exact=True)).to_be_visible()


def test_the_overview_leads_from_nothing_to_a_spoken_call(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto("/dashboard")
    page.get_by_role("main").get_by_role("link", name="Talk to Vox Parcels").click()
    expect(page.get_by_role("dialog", name="Talk to Vox Parcels")).to_be_visible()
