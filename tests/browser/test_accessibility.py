"""Every screen in both themes, wide and narrow: no serious finding of axe, nothing that must be scrolled sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.stacks import ROOT

from .conftest import Window

pytestmark = [pytest.mark.browser]

AXE = ROOT / "services/voxui/node_modules/axe-core/axe.min.js"
SCREENS = {
    "/login": "Sign in",
    "/dashboard": "Overview",
    "/dashboard/bots": "Bots",
    "/dashboard/bots/demo": "Vox Parcels",
    "/dashboard/bots/demo?tab=calls": "Vox Parcels",
    "/dashboard/bots/demo?tab=integration": "Vox Parcels",
    "/dashboard/bots/create": "New bot",
    "/dashboard/bots/demo/edit": "Edit Vox Parcels",
    "/dashboard/calls": "Calls",
    "/dashboard/fleet": "Fleet",
    "/dashboard/users": "Users",
    "/dashboard/api-keys": "API keys",
    "/dashboard/settings/general": "Settings",
    "/dashboard/settings/providers": "Settings",
    "/dashboard/settings/storage": "Settings",
    "/dashboard/settings/fleet": "Settings",
    "/dashboard/settings/dialler": "Settings",
    "/dashboard/settings/delivery": "Settings",
    "/dashboard/settings/about": "Settings",
    "/dashboard/profile": "Profile",
    "/dashboard/nothing-here": "Not found",
}
STEPS = ("Instructions", "Voice pipeline", "Behaviour", "Tools and integrations")


def findings(page: Page) -> list[str]:
    """Serious and critical findings, each with the first elements it is about."""
    page.evaluate(AXE.read_text())
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_a_screen_can_be_used_by_everybody(
    scheme: str, width: int, open_window: Callable[..., Window], spoken_call: str
) -> None:
    page = open_window(color_scheme=scheme, reduced_motion="reduce").page
    page.set_viewport_size({"width": width, "height": 800})
    found: dict[str, list[str]] = {}
    for path, heading in SCREENS.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        judge(page, path, width, found)
    page.goto(f"/dashboard/calls/{spoken_call}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    for tab in page.get_by_role("tab").all():
        tab.click()
        judge(page, f"call: {tab.inner_text()}", width, found)
    page.get_by_role("button", name="Show as table").click()
    judge(page, "call: latency as a table", width, found)
    page.goto("/dashboard/bots/demo/edit")
    for step in STEPS:
        page.get_by_role("button", name=step).click()
        judge(page, f"edit: {step}", width, found)
    page.goto("/dashboard/bots/demo?test=yes")
    expect(page.get_by_role("dialog")).to_be_visible()
    judge(page, "test call", width, found)
    assert found == {}


def judge(page: Page, name: str, width: int, found: dict[str, list[str]]) -> None:
    problems = findings(page)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        problems.append(f"{wide} px wide on a screen of {width}")
    if problems:
        found[name] = problems
