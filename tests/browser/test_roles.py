"""Who sees what: the menu, the routes and the buttons of each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

PASSWORD = "a long password for tests"
MENU = {
    "admin": ["Overview", "Bots", "Calls", "Fleet", "Users", "API keys"],
    "super_admin": ["Overview", "Bots", "Calls", "Fleet", "Users", "API keys", "Settings"],
    "supervisor": [],
    "agent": [],
}


def made(console: Console, role: str) -> str:
    email = f"{role.replace('_', '-')}@example.org"
    person = {"email": email, "name": role, "password": PASSWORD, "role": role}
    console.api("POST", "/auth/register", json=person)
    return email


@pytest.mark.parametrize("role", list(MENU))
def test_a_role_sees_its_menu_and_is_told_what_it_may_not_see(
    role: str, open_window: Callable[..., Window], console: Console
) -> None:
    page = open_window(email=made(console, role), password=PASSWORD).page
    if not MENU[role]:
        expect(page.get_by_role("heading", name="No console for this role").first).to_be_visible()
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link")).to_have_text(MENU[role])
    for name, path in (("Calls", "calls"), ("Settings", "settings/general")):
        page.goto(f"/dashboard/{path}")
        if name in MENU[role]:
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        else:
            expect(page.get_by_role("heading", name="You may not see this").first).to_be_visible()
    page.goto("/dashboard/profile")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()


def test_a_user_is_added_edited_and_deactivated(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto("/dashboard/users")
    page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Asha Rao")
    dialog.get_by_label("Email").fill("asha@example.org")
    dialog.get_by_role("button", name="Add user").click()
    row = page.get_by_role("row").filter(has_text="asha@example.org")
    expect(row).to_contain_text("Active")
    page.get_by_role("button", name="Actions for Asha Rao").click()
    page.get_by_role("menuitem", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("Inactive")


def test_an_api_key_is_shown_once(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto("/dashboard/api-keys")
    page.get_by_role("button", name="Create key").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("CRM")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    shown = page.get_by_label("API key", exact=True)
    expect(shown).to_contain_text("vx_")
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("row").filter(has_text="CRM")).to_contain_text("Active")
    expect(page.get_by_text("Your new key")).to_be_hidden()
