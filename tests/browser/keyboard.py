"""A person without a mouse: goes by Tab, and must always see where they are."""

from __future__ import annotations

from playwright.sync_api import Page

# Tells what has the focus, and what had it before and looks the same without it.
_FOCUSED = """() => {
  const ring = (one) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(one);
    return [outlineStyle, outlineWidth, outlineColor, boxShadow].join(' ');
  };
  const at = document.activeElement;
  const last = window.lastFocused;
  const unseen = last && last.one !== at && last.one.isConnected && ring(last.one) === last.ring ? last.label : null;
  window.lastFocused = null;
  if (at === document.body) return { label: 'the browser itself', unseen };
  const label = (at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent).trim();
  window.lastFocused = { one: at, ring: ring(at), label };
  return { label, unseen };
}"""
# Of one page: more than any has.
ROUND = 150


def press_tab(page: Page, key: str = "Tab") -> str:
    """Name of what has the focus now. Fails when nothing showed where it was before."""
    page.keyboard.press(key)
    at = page.evaluate(_FOCUSED)
    assert at["unseen"] is None, f"{at['unseen']} looks the same with the focus and without it"
    return str(at["label"])


def tab_to(page: Page, label: str) -> None:
    """Presses Tab until that control has the focus; at most one round of the page."""
    passed = list[str]()
    for _ in range(ROUND):
        passed.append(press_tab(page))
        if passed[-1] == label:
            return
    raise AssertionError(f"Tab never reached {label!r}: {passed}")


def act_on(page: Page, label: str, key: str = "Enter") -> None:
    tab_to(page, label)
    page.keyboard.press(key)


def write_into(page: Page, label: str, text: str) -> None:
    """Writes into a field, over what stands there."""
    tab_to(page, label)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def leaves_the_page(page: Page) -> None:
    """From anywhere on the page Tab gets out of it, and Shift+Tab too: nothing holds the focus."""
    for key in ("Tab", "Shift+Tab"):
        passed = list[str]()
        while not passed or passed[-1] != "the browser itself":
            assert len(passed) < ROUND, f"{key} never left the page: {passed[-20:]}"
            passed.append(press_tab(page, key))
