"""The first minute with a new stack: what stands where nothing is yet. By its name this file runs first."""

from __future__ import annotations

import time
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


def test_somebody_new_signs_in_and_talks_to_the_demo_bot(open_window: Callable[..., Window], console: Console) -> None:
    """G1: in 4 clicks and 60 s at the most."""
    page = open_window(email=None).page
    page.add_init_script("addEventListener('click', () => (window.clicks = (window.clicks ?? 0) + 1), true)")
    page.goto("/")
    began = time.monotonic()
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password", exact=True).fill(console.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("main").get_by_role("link", name="Talk to Vox Parcels").click()
    dialog = page.get_by_role("dialog", name="Talk to Vox Parcels")
    dialog.get_by_role("button", name="Start the call").click()
    expect(dialog.get_by_role("status")).to_have_text("Vox Parcels is speaking")
    assert time.monotonic() - began <= 60
    assert 0 < page.evaluate("window.clicks") <= 4
    dialog.get_by_role("button", name="Hang up").click()
    expect(dialog.get_by_text("You hung up")).to_be_visible()
