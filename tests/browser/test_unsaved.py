"""What is typed into a form outlives a reload, without its secrets; who leaves it is asked, wherever the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

PLANTED = "planted-secret-4711"
KEPT = "JSON.stringify(sessionStorage)"


@dataclass(frozen=True)
class Form:
    """`opener` is pressed first; what it opens is a dialog, unless `opens_page`."""

    path: str
    field: str
    text: str
    opener: str = ""
    opens_page: bool = False
    secret: str = ""


FORMS = (
    Form("/dashboard/settings/general", "Zone", "Asia/Kolkata"),
    Form("/dashboard/settings/storage", "Bucket", "recordings-two", secret="Secret key"),
    Form("/dashboard/settings/fleet", "Public socket address", "wss://calls.example.com"),
    Form("/dashboard/carriers/create", "Name", "Second carrier", secret="API token"),
    Form("/dashboard/carriers/{carrier}", "Name", "First carrier", opener="Edit", opens_page=True),
    Form("/dashboard/carriers/{carrier}", "Number", "+1 555 0177", opener="Add number"),
    Form("/dashboard/profile", "Name", "Ada Lovelace", secret="New password"),
    Form("/dashboard/users", "Email", "grace@example.org", opener="Add user", secret="Password"),
    Form("/dashboard/do-not-call", "Phone numbers", "+1 555 0188", opener="Add numbers"),
    Form("/dashboard/api-keys", "Name", "Billing", opener="Create key"),
    Form("/dashboard/fleet", "Weight", "7", opener="Change the quota of *"),
    Form("/dashboard/campaigns/{campaign}?tab=integration", "Reason", "Paid already", opener="Exclude numbers"),
    Form("/dashboard/campaigns/new", "Name", "Autumn"),
    Form("/dashboard/bots/create", "Name", "Half a bot"),
)


@pytest.fixture(scope="module", autouse=True)
def quota(console: Console) -> None:
    console.api("PUT", "/fleet/quotas", json={"client": "main", "weight": 2})


def opened(page: Page, form: Form) -> Locator:
    """Where the form is: its dialog, or the page."""
    if form.opener:
        name = re.compile(form.opener.replace("*", "")) if "*" in form.opener else form.opener
        page.get_by_role("button", name=name, exact="*" not in form.opener).first.click()
    return page.get_by_role("dialog") if form.opener and not form.opens_page else page.get_by_role("main")


def field(form: Form, place: Locator) -> Locator:
    return place.get_by_label(re.compile(f"^{re.escape(form.field)}( \\(optional\\))?$")).first


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.path}: {form.field}")
def test_what_was_typed_is_back_after_a_reload_and_nothing_secret_was_kept(
    form: Form, open_window: Callable[..., Window], ids: dict[str, str]
) -> None:
    page = open_window().page
    page.goto(form.path.format(**ids))
    place = opened(page, form)
    typed = field(form, place)
    typed.click()
    typed.press("Control+a")
    typed.press_sequentially(form.text)
    if form.secret:
        secret = place.get_by_label(form.secret, exact=True)
        secret.fill(PLANTED)
        secret.blur()
    asked: list[Dialog] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog)
        dialog.accept()

    page.on("dialog", agree)
    page.reload()
    assert [dialog.type for dialog in asked] == ["beforeunload"]
    assert form.text in page.evaluate(KEPT)
    assert PLANTED not in page.evaluate(KEPT)

    place = opened(page, form)
    expect(field(form, place)).to_have_value(form.text)
    expect(place.get_by_text("Your unsaved changes are back")).to_be_visible()
    leave(page, form)
    question = page.get_by_role("dialog", name="Leave without saving?")
    question.get_by_role("button", name="Stay").click()
    expect(field(form, place)).to_have_value(form.text)
    place.get_by_role("button", name="Throw them away").click()
    expect(field(form, place)).not_to_have_value(form.text)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('vox_draft'))") == []
    leave(page, form)
    expect(question).to_be_hidden()
    expect(place.get_by_text("Your unsaved changes are back")).to_be_hidden()


def leave(page: Page, form: Form) -> None:
    if form.opener and not form.opens_page:
        page.keyboard.press("Escape")
    else:
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit log").click()


def test_the_sign_out_asks_too_and_leaves_nothing_behind(open_window: Callable[..., Window]) -> None:
    window = open_window()
    page = window.page
    page.goto("/dashboard/profile")
    page.get_by_label("Name", exact=True).fill("Somebody else")
    sign_out(page)
    question = page.get_by_role("dialog", name="Leave without saving?")
    question.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Somebody else")
    sign_out(page)
    question.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/login")
    assert "Somebody else" not in page.evaluate(KEPT)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Account of")).click()
    page.get_by_role("menuitem", name="Sign out").click()
