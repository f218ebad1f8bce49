"""Every screen while its data are on the way, when they do not come, and once they do (U1).

What stands on a screen that has nothing to show is visited in `test_a_new_stack.py`; first states that a stack of
`vox up` can never have (no bot, no carrier, no campaign) are tested in the components of `services/voxui`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Window
from .network import Network
from .screens import SCREENS

pytestmark = [pytest.mark.browser]

# Reads are tried four times, with 1, 2 and 4 s between.
RETRY_STEP_MS = 4_000
PARTS = 4
# In one step: a view that asks by itself in between must not take a button away from under the pointer.
TRY_ALL_AGAIN = """() => {
  const buttons = [...document.querySelectorAll('[role=alert] button')].filter((one) => one.innerText === 'Try again');
  buttons.forEach((one) => one.click());
  return buttons.length;
}"""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_screen_shows_that_it_loads_that_it_failed_and_comes_back(
    part: int, open_window: Callable[..., Window], ids: dict[str, str]
) -> None:
    window = open_window()
    page = window.page
    page.clock.install()
    network = Network(page)
    for screen in [one for one in SCREENS if one.loads][part::PARTS]:
        network.hold()
        page.goto(screen.path.format(**ids))
        expect(page.get_by_role("status", name="Loading").first, screen.path).to_be_visible()
        network.fail()
        problem = page.get_by_role("alert").filter(has_text="could not be loaded").first
        after_all_tries(page, lambda shown=problem: shown.is_visible())
        expect(problem, screen.path).to_be_visible()
        expect(page.get_by_role("button", name="Try again").first, screen.path).to_be_enabled()
        # Nothing is answered until each box is tried again: what comes back then came by its button.
        network.hold()
        assert page.evaluate(TRY_ALL_AGAIN) > 0, screen.path
        network.open()
        expect(page.get_by_role("heading", level=1, name=screen.heading, exact=True), screen.path).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="could not be loaded"), screen.path).to_have_count(0)
        expect(page.get_by_role("status", name="Loading"), screen.path).to_have_count(0)
    window.forgive("500")


def after_all_tries(page: Page, over: Callable[[], bool]) -> None:
    """Lets the pauses between tries pass at once: the clock of the page runs ahead, each try is a real request."""
    for _ in range(60):
        if over():
            return
        page.clock.fast_forward(RETRY_STEP_MS)
        page.wait_for_timeout(20)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dashboard/bots/nobody", "This bot does not exist"),
        ("/dashboard/calls/00000000-0000-4000-8000-000000000000", "This call does not exist"),
        ("/dashboard/campaigns/00000000000000000000dead", "This campaign does not exist"),
        ("/dashboard/carriers/nobody", "This carrier does not exist"),
        ("/dashboard/nothing-here", "There is nothing at this address"),
    ],
)
def test_what_is_not_there_is_named_with_a_way_back(path: str, said: str, open_window: Callable[..., Window]) -> None:
    window = open_window()
    window.page.goto(path)
    expect(window.page.get_by_role("heading", name=said)).to_be_visible()
    window.page.get_by_role("main").get_by_role("link").last.click()
    expect(window.page.get_by_role("heading", name=said)).to_be_hidden()
    window.forgive("404")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dashboard/bots?q=nobody-has-this-name", "No bot fits"),
        ("/dashboard/calls?phone=999999", "No call fits these filters"),
        ("/dashboard/campaigns?q=nobody-has-this-name", "No campaign fits these filters"),
        ("/dashboard/campaigns/{campaign}?tab=contacts&phone=%2B15559999", "No contact fits these filters"),
        ("/dashboard/do-not-call?q=%2B999", "No number fits"),
        ("/dashboard/audit-log?action=nobody.did_this", "No entry fits these filters"),
        ("/dashboard/users?q=nobody-has-this-name", "Nobody fits"),
    ],
)
def test_filters_that_fit_nothing_are_cleared_by_a_button(
    path: str, said: str, open_window: Callable[..., Window], ids: dict[str, str]
) -> None:
    page = open_window().page
    page.goto(path.format(**ids))
    expect(page.get_by_role("heading", name=said)).to_be_visible()
    page.get_by_role("button", name="Clear").last.click()
    expect(page.get_by_role("heading", name=said)).to_be_hidden()
