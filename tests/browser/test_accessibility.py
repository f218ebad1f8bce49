"""Every screen in both themes, wide and narrow: no serious finding of axe, nothing that must be scrolled sideways
(A1, A5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.stacks import ROOT

from .conftest import Window
from .screens import SCREENS

pytestmark = [pytest.mark.browser]

AXE = ROOT / "services/voxui/node_modules/axe-core/axe.min.js"
WIDE, NARROW, NARROWEST = 1440, 390, 320
PARTS = 4
DIALOGS = (
    ("/dashboard/bots/demo", "Test in browser"),
    ("/dashboard/bots/demo", "Test by phone"),
    ("/dashboard/campaigns/{campaign}", "Start"),
    ("/dashboard/campaigns/{campaign}?tab=contacts", "+1 555 0100"),
    ("/dashboard/campaigns/{campaign}?tab=integration", "Exclude numbers"),
    ("/dashboard/do-not-call", "Add numbers"),
    ("/dashboard/users", "Add user"),
    ("/dashboard/api-keys", "Create key"),
    ("/dashboard/carriers", "Guide"),
)
Theme = Literal["light", "dark"]
# In the other theme the same elements have other colours, and nothing else is different.
OPTIONS: dict[Theme, str] = {
    "light": "{ resultTypes: ['violations'] }",
    "dark": "{ resultTypes: ['violations'], runOnly: ['color-contrast'] }",
}
# The page hears of another theme in its own time; colours that are on their way to it are nobody's to judge.
PAINTED = """(dark) => document.documentElement.classList.contains('dark') === dark
  && document.getAnimations().every((one) => one.playState !== 'running')"""

# What lies outside the window is drawn late, and until then it keeps the colours of the theme before; colours on their
# way through a deep page are drawn frame by frame. Neither is looked at here.
STILL = """() => {
  if (window.isStill) return;
  window.isStill = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { content-visibility: visible !important; transition: none !important; }');
  document.adoptedStyleSheets.push(sheet);
}"""


class Judge:
    """Looks at what a page shows now, in each theme and width, and keeps what is wrong.

    `within`: selector of what axe looks at.
    """

    def __init__(self, page: Page, within: str = ":root") -> None:
        self.page = page
        self.within = within
        self.found: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        self.page.evaluate(STILL)
        # Each change is drawn, which costs more than a look: first another theme, then another width.
        self._themes(name, WIDE, ("light", "dark"))
        self._themes(name, NARROW, ("dark", "light"))
        self._width(NARROWEST)
        self._keep(f"{name}, {NARROWEST} px", self._too_wide(NARROWEST))
        self._width(WIDE)

    def _themes(self, name: str, width: int, schemes: tuple[Theme, Theme]) -> None:
        self._width(width)
        for scheme in schemes:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.wait_for_function(PAINTED, arg=scheme == "dark")
            self._keep(f"{name}, {scheme}, {width} px", self._findings(OPTIONS[scheme]))
        self._keep(f"{name}, {width} px", self._too_wide(width))

    def _width(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    def _keep(self, name: str, problems: list[str]) -> None:
        if problems:
            self.found[name] = problems

    def _findings(self, options: str) -> list[str]:
        """Serious and critical findings, each with the first elements it is about."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        violations = self.page.evaluate(f"async (within) => (await axe.run(within, {options})).violations", self.within)
        return [
            f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
            for one in violations
            if one["impact"] in ("serious", "critical")
        ]

    def _too_wide(self, width: int) -> list[str]:
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        return [f"{needed} px wide"] if needed > width else []


@pytest.fixture
def judge(open_window: Callable[..., Window]) -> Judge:
    return Judge(open_window().page)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_screen_can_be_used_by_everybody(part: int, judge: Judge, ids: dict[str, str]) -> None:
    page = judge.page
    for screen in SCREENS[part::PARTS]:
        page.goto(screen.path.format(**ids))
        expect(page.get_by_role("heading", level=1, name=screen.heading, exact=True)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        judge.look(screen.path)
    assert judge.found == {}


def test_every_part_of_a_call_can_be_used_by_everybody(judge: Judge, ids: dict[str, str]) -> None:
    page = judge.page
    page.goto(f"/dashboard/calls/{ids['call']}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        judge.look(f"call: {tab.inner_text()}")
    page.get_by_role("button", name="Show as table").click()
    judge.look("call: latency as a table")
    assert judge.found == {}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/dashboard/bots/demo/edit", ("Instructions", "Voice pipeline", "Behaviour", "Tools and integrations")),
        ("/dashboard/campaigns/new", ("Number pool", "Contacts", "Dialler", "Review")),
    ],
)
def test_every_step_of_a_wizard_can_be_used_by_everybody(path: str, steps: tuple[str, ...], judge: Judge) -> None:
    page = judge.page
    page.goto(path)
    for step in steps:
        page.get_by_role("button", name=step).click()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        judge.look(f"{path}: {step}")
    assert judge.found == {}


def test_every_dialog_can_be_used_by_everybody(judge: Judge, ids: dict[str, str]) -> None:
    page = judge.page
    for path, button in DIALOGS:
        page.goto(path.format(**ids))
        page.get_by_role("button", name=button, exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        for folded in page.get_by_role("dialog").locator("summary").all():
            folded.click()
        judge.look(f"{path}: {button}")
    page.goto("/dashboard")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    judge.look("palette")
    page.get_by_role("combobox").press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("To the next turn")
    judge.look("keys")
    assert judge.found == {}
