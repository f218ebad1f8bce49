"""What changes elsewhere is seen at once, over one stream a page, and a tab that nobody looks at asks for nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Request, expect

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

# Between the answer of the API that made a change, and the change on somebody else's screen.
SEEN_WITHIN_S = 2.0
HOST = "local-1"

# Writes down when a text comes to stand in a part of the page, by the clock of this machine.
WATCH = """(part, text) => {
  window.seenAt = new Promise((seen) => {
    const watch = new MutationObserver(() => {
      if (!part.textContent.includes(text)) return;
      watch.disconnect();
      seen(Date.now() / 1000);
    });
    watch.observe(part, { subtree: true, childList: true, characterData: true });
  });
}"""
HIDDEN = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => hidden ? 'hidden' : 'visible' });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}"""


def seconds_until_seen(part: Locator, change: Callable[[], Any], text: str) -> float:
    """From the answer to a change until `text` stands in this part of a page, which nobody touches."""
    expect(part).not_to_contain_text(text)
    part.evaluate(WATCH, text)
    change()
    changed_at = time.time()
    return max(0.0, float(part.page.evaluate("window.seenAt")) - changed_at)


def test_the_seat_map_shows_a_change_of_a_seat_within_two_seconds(
    open_window: Callable[..., Window], console: Console
) -> None:
    page = open_window().page
    page.goto("/dashboard/fleet")
    host = page.get_by_role("region", name=f"Host {HOST}")
    expect(host).to_contain_text("1 of 1 free")
    expect(page.get_by_text("As of")).to_be_visible()
    took = []
    try:
        for _ in range(3):
            took.append(seconds_until_seen(host, lambda: drain(console), "0 of 1 free"))
            took.append(seconds_until_seen(host, lambda: undrain(console), "1 of 1 free"))
    finally:
        undrain(console)
    assert statistics.median(took) <= SEEN_WITHIN_S, took


def drain(console: Console) -> None:
    console.api("POST", "/fleet/drain", json={"selector": f"host:{HOST}", "reason": "seen live"})


def undrain(console: Console) -> None:
    console.api("POST", "/fleet/undrain", json={"selector": f"host:{HOST}"})


def test_the_monitor_of_a_campaign_shows_a_change_within_two_seconds(
    open_window: Callable[..., Window], console: Console
) -> None:
    campaign = outside_its_window(console)
    page = open_window().page
    page.goto(f"/dashboard/campaigns/{campaign}")
    expect(page.locator("p").filter(has_text="Not started")).to_be_visible()
    do = {name: f"/campaigns/{campaign}/{name}" for name in ("start", "pause", "resume", "stop")}
    console.api("POST", do["start"])
    expect(page.locator("p").filter(has_text="Outside the window")).to_be_visible()
    main, took = page.get_by_role("main"), []
    for _ in range(3):
        took.append(seconds_until_seen(main, lambda: console.api("POST", do["pause"]), "Paused: nobody is dialled"))
        console.api("POST", do["resume"])
        expect(page.locator("p").filter(has_text="Outside the window")).to_be_visible()
    took.append(seconds_until_seen(main, lambda: console.api("POST", do["stop"]), "Stopped by hand"))
    assert statistics.median(took) <= SEEN_WITHIN_S, took


def outside_its_window(console: Console) -> str:
    """A campaign that dials nobody for hours."""
    opens = datetime.now(UTC) + timedelta(hours=6)
    window = {"start": f"{opens:%H:00}", "end": f"{opens + timedelta(hours=2):%H:00}", "timezone": "UTC"}
    body = {
        "name": "Seen live", "bot_id": "demo", "number_pool": ["+15550199"],
        "config": {"time_window": window, "campaign_mode": "multi_day"},
    }  # fmt: skip
    campaign: str = console.api("POST", "/campaigns", json=body).json()["campaign_id"]
    file = {"file": ("one.csv", "phone_number\n+15550113\n", "text/csv")}
    console.api("POST", f"/campaigns/{campaign}/upload", files=file)
    return campaign


def test_a_hidden_tab_has_no_stream_and_asks_for_nothing_until_it_is_looked_at_again(
    open_window: Callable[..., Window], console: Console
) -> None:
    page = open_window().page
    page.clock.install()
    page.goto("/dashboard/fleet")
    host = page.get_by_role("region", name=f"Host {HOST}")
    expect(host).to_contain_text("1 of 1 free")
    expect(page.get_by_text("As of")).to_be_visible()

    with page.expect_event("requestfailed", is_stream):  # the page hangs up
        page.evaluate(HIDDEN, True)
    asked: list[str] = []
    # The code of other screens is fetched once, whenever there is time.
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    try:
        drain(console)
        for _ in range(10):
            page.clock.fast_forward(30_000)
        assert asked == []
        expect(host).to_contain_text("1 of 1 free")

        with page.expect_request(is_stream):
            page.evaluate(HIDDEN, False)
        expect(host).to_contain_text("0 of 1 free")
    finally:
        undrain(console)
    expect(host).to_contain_text("1 of 1 free")


def is_stream(request: Request) -> bool:
    return "/events/stream" in request.url
