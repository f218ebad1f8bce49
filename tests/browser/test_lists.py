"""Long lists: their header stays in sight, their order stands in the address, their columns are each person's own
(U7)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import ADMIN, Console, Window, sign_in

pytestmark = [pytest.mark.browser]

PATH = "/dashboard/do-not-call"
PASSWORD = "a long password for tests"
ROWS = 50
WIDE, MIDDLE, PHONES = 1440, 800, (390, 360)


@pytest.fixture
def page(open_window: Callable[..., Window], console: Console) -> Page:
    """The do-not-call list with more than a page of numbers."""
    numbers = [f"+49305550{number:03d}" for number in range(ROWS + 10)]
    console.api("POST", "/dnc", json={"phone_numbers": numbers, "reason": "asked by letter, which is in the file"})
    page = open_window().page
    page.goto(PATH)
    expect(page.get_by_role("row")).to_have_count(1 + ROWS)
    return page


def top_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def test_the_header_stays_while_the_page_scrolls_and_hides_nothing_that_has_the_focus(page: Page) -> None:
    header = page.get_by_role("columnheader", name="When")
    page.get_by_role("button", name="Next page").focus()
    page.wait_for_function("scrollY > 900")
    assert top_of(header) == pytest.approx(0, abs=1)
    covered = """(bottom) => {
      const focused = document.activeElement;
      return focused.closest('tbody') !== null && focused.getBoundingClientRect().top < bottom;
    }"""
    bottom = header.evaluate("(cell) => cell.getBoundingClientRect().bottom")
    for _ in range(ROWS):  # two controls a row: up to the middle of the list
        page.keyboard.press("Shift+Tab")
        assert not page.evaluate(covered, bottom)


def test_a_table_that_is_wider_than_its_place_scrolls_by_itself_with_its_header(page: Page) -> None:
    page.set_viewport_size({"width": MIDDLE, "height": 900})
    frame = page.get_by_role("region", name="Do-not-call list")
    expect(frame).to_be_visible()
    frame.evaluate("(frame) => frame.scrollTo(frame.scrollWidth, 900)")
    last = page.get_by_role("columnheader", name="Actions")
    expect(last).to_be_in_viewport()
    assert top_of(last) == pytest.approx(top_of(frame), abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= MIDDLE
    page.set_viewport_size({"width": WIDE, "height": 900})
    expect(frame).to_be_hidden()


def test_the_order_stands_in_the_address_also_where_rows_are_cards(page: Page) -> None:
    when = page.get_by_role("columnheader", name="When")
    expect(when).to_have_attribute("aria-sort", "descending")
    when.get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"\?sort=created_at$"))
    page.reload()
    expect(when).to_have_attribute("aria-sort", "ascending")
    for width in PHONES:
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.get_by_label("Order of: Do-not-call list")).to_have_value("created_at")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Order of: Do-not-call list").select_option("When, newest first")
    expect(page).to_have_url(re.compile(f"{PATH}$"))


def test_columns_that_somebody_hid_stay_hidden_for_this_person_alone(page: Page, console: Console) -> None:
    reason = page.get_by_role("columnheader", name="Reason")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitemcheckbox", name="Reason").click()
    page.keyboard.press("Escape")
    expect(reason).to_have_count(0)
    page.reload()
    expect(page.get_by_role("row")).to_have_count(1 + ROWS)
    expect(reason).to_have_count(0)

    other = {"email": "columns@example.org", "name": "Cem", "password": PASSWORD, "role": "admin"}
    console.api("POST", "/auth/register", json=other)
    for email, password, shown in ((other["email"], PASSWORD, 1), (ADMIN, console.password, 0)):
        page.evaluate("localStorage.removeItem('vox_token')")
        sign_in(page, email, password)
        page.goto(PATH)
        expect(page.get_by_role("row")).to_have_count(1 + ROWS)
        expect(reason).to_have_count(shown)
