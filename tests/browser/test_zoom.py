"""Who set their browser to letters twice as large loses nothing: no text is cut, none lies on another (A4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from .conftest import PATIENCE_MS, Console, shell_path, signed_in
from .screens import SCREENS

pytestmark = [pytest.mark.browser]

# So tall that nothing waits to be scrolled to before it is loaded.
WIDTH, HEIGHT = 1280, 6_000
STEPS = (
    ("/dashboard/bots/demo/edit", ("Instructions", "Voice pipeline", "Behaviour", "Tools and integrations")),
    ("/dashboard/campaigns/new", ("Number pool", "Contacts", "Dialler", "Review")),
)
# Buttons, links, headings and labels that are wider than their place, or lie on one another.
LOST = """() => {
  const all = document.querySelectorAll('button, a, h1, h2, h3, h4, label, legend, th, summary');
  const shown = [...all].filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width > 1 && height > 1 && !one.closest('.sr-only') && one.checkVisibility({ visibilityProperty: true });
  });
  const name = (one) => `${one.tagName.toLowerCase()} "${one.textContent.trim().slice(0, 40)}"`;
  const cut = shown
    .filter((one) => one.clientWidth > 1)
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${name(one)} needs ${one.scrollWidth} px and has ${one.clientWidth}`);
  const floats = (one) => {
    for (let at = one; at; at = at.parentElement) {
      if (['fixed', 'sticky', 'absolute'].includes(getComputedStyle(at).position)) return true;
    }
    return false;
  };
  // What a frame that scrolls leaves of it.
  const seen = (one) => {
    let { left, right, top, bottom } = one.getBoundingClientRect();
    for (let at = one.parentElement; at; at = at.parentElement) {
      if (getComputedStyle(at).overflowY === 'visible') continue;
      const frame = at.getBoundingClientRect();
      [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return { left, right, top, bottom };
  };
  const flat = shown.filter((one) => !floats(one)).map((one) => [one, seen(one)]);
  const covered = flat.flatMap(([one, a], at) =>
    flat.slice(at + 1).filter(([other, b]) =>
      !one.contains(other) && !other.contains(one) &&
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2
    ).map(([other]) => `${name(one)} lies on ${name(other)}`)
  );
  const wide = document.documentElement.scrollWidth;
  return [...cut, ...covered, ...(wide > innerWidth ? [`the page is ${wide} px wide`] : [])];
}"""


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    chromium: BrowserType = browser.browser_type
    large = ["--no-sandbox", "--blink-settings=defaultFontSize=32"]
    with chromium.launch(executable_path=shell_path(), args=large) as zoomed:
        page = zoomed.new_page(
            base_url=console.url,
            viewport={"width": WIDTH, "height": HEIGHT},
            storage_state=signed_in(console.url, console.token),
        )
        page.set_default_timeout(PATIENCE_MS)
        yield page


def test_no_screen_loses_anything_at_twice_the_letters(page: Page, ids: dict[str, str]) -> None:
    found = dict[str, list[str]]()
    for screen in SCREENS:
        page.goto(screen.path.format(**ids))
        expect(page.get_by_role("heading", level=1, name=screen.heading, exact=True)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        if lost := page.evaluate(LOST):
            found[screen.path] = lost
    assert found == {}


@pytest.mark.parametrize(("path", "steps"), STEPS)
def test_no_step_of_a_wizard_loses_anything_at_twice_the_letters(path: str, steps: tuple[str, ...], page: Page) -> None:
    found = dict[str, list[str]]()
    page.goto(path)
    for step in steps:
        page.get_by_role("button", name=step).click()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        if lost := page.evaluate(LOST):
            found[step] = lost
    assert found == {}
