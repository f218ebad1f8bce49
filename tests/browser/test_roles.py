"""Who sees what: the menu, the routes and the buttons of each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Console, Window
from .screens import SCREENS

pytestmark = [pytest.mark.browser]

PASSWORD = "a long password for tests"
EVERYDAY = ["Overview", "Bots", "Calls", "Campaigns", "Do-not-call", "Fleet", "Carriers", "Users", "API keys"]
MENU = {"super_admin": [*EVERYDAY, "Settings", "Audit log"], "admin": EVERYDAY, "supervisor": [], "agent": []}
# Screens besides those of the menu that not every admin may open.
SUPER_ADMIN_ONLY = ("/dashboard/carriers/create", "/dashboard/settings", "/dashboard/audit-log")


def made(console: Console, role: str) -> str:
    email = f"{role.replace('_', '-')}@example.org"
    person = {"email": email, "name": role, "password": PASSWORD, "role": role}
    console.api("POST", "/auth/register", json=person)
    return email


def may_open(role: str, path: str) -> bool:
    if path in ("/dashboard/profile", "/dashboard/nothing-here"):
        return True
    return role == "super_admin" or (role == "admin" and not path.startswith(SUPER_ADMIN_ONLY))


@pytest.mark.parametrize("role", list(MENU))
def test_a_role_sees_its_menu_and_opens_its_screens_and_no_others(
    role: str, open_window: Callable[..., Window], console: Console, ids: dict[str, str]
) -> None:
    page = open_window(email=made(console, role), password=PASSWORD).page
    if not MENU[role]:
        expect(page.get_by_role("heading", name="No console for this role").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(MENU[role])
    for screen in SCREENS[1:] if role in ("admin", "agent") else SCREENS[-3:]:
        page.goto(screen.path.format(**ids))
        heading = screen.heading if may_open(role, screen.path) else "You may not see this"
        expect(page.get_by_role("heading", level=1, name=heading, exact=True), screen.path).to_be_visible()
    for button, path in (
        ("Add carrier", "/dashboard/carriers"),
        ("Delete", "/dashboard/carriers/{carrier}"),
        ("Add number", "/dashboard/carriers/{carrier}"),
    ):
        if role in ("super_admin", "admin"):
            page.goto(path.format(**ids))
            expect(page.get_by_role("table").first).to_be_visible()
            shown = page.get_by_role("main").get_by_text(button, exact=True)
            expect(shown).to_have_count(1 if role == "super_admin" else 0)


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
