"""Ways to try a bot besides the microphone, and what a person reads when a try cannot begin."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect
from voxctl.children import free_port

from tests.stacks import VoxUp

from .conftest import ADMIN, PATIENCE_MS, Console, Window, shell_path, sign_in

pytestmark = [pytest.mark.browser]

# Whoever answers there says no, thank you, and goodbye.
IN_A_HURRY = "+15550113"
FORBIDDEN = "+15550134"


def test_a_bot_calls_a_phone_and_the_call_can_be_followed_and_read(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto("/dashboard/bots/demo")
    page.get_by_role("button", name="Test by phone").click()
    dialog = page.get_by_role("dialog", name="Let Vox Parcels call a phone")
    dialog.get_by_label("Number to call").fill("+1 555 0113")
    dialog.get_by_label("Our number").select_option("+15550199")
    dialog.get_by_role("button", name="Call", exact=True).click()
    said = dialog.get_by_role("status").first
    expect(said).to_have_text("+1 555 0113 has answered and talks with the bot.")
    expect(said).to_contain_text("The call with +1 555 0113 is over after", timeout=90_000)
    expect(dialog.get_by_role("list", name="Transcript of the test call")).to_contain_text("goodbye", ignore_case=True)
    dialog.get_by_role("link", name="Open the call").click()
    expect(page.get_by_role("heading", name="+1 555 0113")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def test_the_program_that_is_offered_lets_the_bot_call(open_window: Callable[..., Window], console: Console) -> None:
    """As copied, in a shell; only the number is another one."""
    key = console.api("POST", "/api-keys", json={"name": "a program"}).json()["api_key"]
    calls = open_window().page
    calls.goto("/dashboard/calls")
    expect(calls.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    expect(calls.get_by_role("status", name="Loading")).to_have_count(0)
    page = open_window().page
    page.goto("/dashboard/bots/demo?tab=integration")
    program = page.get_by_label("program in curl", exact=True)
    expect(program).to_contain_text("$VOX_API_KEY")
    ran = subprocess.run(
        ["bash", "-c", program.inner_text().replace("+15550100", IN_A_HURRY)],
        env=os.environ | {"VOX_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    calls.get_by_role("button", name="1 new call: show").click()
    row = calls.get_by_role("table", name="Calls").get_by_role("row").nth(1)
    expect(row).to_contain_text("+1 555 0113")
    (call,) = console.api("GET", f"/calls?call_id={json.loads(ran.stdout)['call_id']}").json()["items"]
    assert call["bot_id"] == "demo"
    expect(row).to_contain_text("Completed", timeout=90_000)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (FORBIDDEN, "The number is on the do-not-call list"),
        ("12", "This is not a telephone number"),
    ],
)
def test_a_call_to_a_phone_that_may_not_be_made_says_why(
    number: str, told: str, open_window: Callable[..., Window], console: Console
) -> None:
    console.api("POST", "/dnc", json={"phone_numbers": [FORBIDDEN], "reason": "asked us to stop"})
    window = open_window()
    page = window.page
    page.goto("/dashboard/bots/demo?test=phone")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Number to call").fill(number)
    dialog.get_by_role("button", name="Call", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text(told)
    dialog.get_by_label("Number to call").fill(IN_A_HURRY)
    expect(dialog.get_by_role("button", name="Call", exact=True)).to_be_enabled()
    window.forgive("409", "422")


def test_who_comes_when_every_seat_is_taken_reads_how_many_there_are_whatever_refused_them(
    open_window: Callable[..., Window], stack: VoxUp, console: Console, patient_bot: str
) -> None:
    """The browser hides why a socket is refused: a full fleet and a wall in between look the same to a page."""
    watcher = open_window().page
    watcher.goto("/dashboard/fleet")
    free = watcher.get_by_role("region", name=re.compile("^Host ")).filter(has_text="1 of 1 free")
    expect(free).to_have_count(2)  # calls of other stories are over
    windows = [open_window() for _ in range(3)]
    late = windows[2].page
    nowhere = f"127.0.0.1:{free_port()}"
    leads_to(late, nowhere)
    dialog = start_a_test_call(late)
    expect(dialog.get_by_text(f"Worker unreachable at {nowhere}")).to_be_visible()

    callers = [holds_a_seat(window.page, patient_bot) for window in windows[:2]]
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while console.api("GET", "/fleet/status").json()["active_calls"] < 2:
        assert time.monotonic() < deadline, "the workers did not tell of their calls"
        late.wait_for_timeout(200)
    leads_to(late, urlsplit(stack.stack["worker_urls"][0]).netloc)
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_text("All 2 seats are busy")).to_be_visible()

    late.unroute("**/browser-call")
    with late.expect_response("**/browser-call") as refused:
        dialog.get_by_role("button", name="Try again").click()
    assert refused.value.json()["error"] == "no_capacity"
    expect(dialog.get_by_text("All 2 seats are busy")).to_be_visible()
    expect(dialog.get_by_text("Try again when a call has ended.")).to_be_visible()
    callers[0].get_by_role("button", name="Hang up").click()
    expect(callers[0].get_by_role("button", name="Call again")).to_be_visible()
    expect(free).to_have_count(1)  # its result is on disk
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("button", name="Mute")).to_be_enabled()
    for one in (dialog, callers[1]):
        one.get_by_role("button", name="Hang up").click()
    windows[2].forgive("WebSocket", "503")


@pytest.fixture
def patient_bot(console: Console) -> str:
    """Id of a bot that does not hang up on somebody who says nothing."""
    bot = console.api("POST", "/bots/demo/clone").json()["bot_id"]
    asks = {"timeout_seconds": 60, "messages": ["Are you still there?"], "max_attempts": 20}
    console.api("PUT", f"/bots/{bot}", json={"name": "Patient desk", "re_engagement": asks})
    return str(bot)


def holds_a_seat(page: Page, bot: str) -> Locator:
    """The dialog of a call whose customer is muted at once: it lasts until somebody hangs up."""
    dialog = start_a_test_call(page, bot)
    dialog.get_by_role("button", name="Mute").click()
    expect(dialog.get_by_role("button", name="Unmute")).to_be_enabled()
    return dialog


def leads_to(page: Page, host: str) -> None:
    """The next test calls of this page are given that worker, reserved by nobody: as without a registry."""
    place = {"ws_url": f"ws://{host}/ws/demo", "context_id": "of-a-test", "expires_at": "2100-01-01T00:00:00Z"}
    page.route("**/browser-call", lambda route: route.fulfill(json=place))


def start_a_test_call(page: Page, bot: str = "demo") -> Locator:
    """The dialog of it. Returns when the call is on its way."""
    page.goto(f"/dashboard/bots/{bot}?test=yes")
    dialog = page.get_by_role("dialog")
    with page.expect_response("**/browser-call"):
        dialog.get_by_role("button", name="Start the call").click()
    return dialog


@pytest.fixture
def deaf_browser(browser: Browser) -> Iterator[Browser]:
    """One whose user denies every page the microphone."""
    chromium: BrowserType = browser.browser_type
    with chromium.launch(
        executable_path=shell_path(),
        args=["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"],
    ) as deaf:
        yield deaf


def test_a_denied_microphone_takes_no_seat_and_says_what_to_change(deaf_browser: Browser, console: Console) -> None:
    page = deaf_browser.new_page(base_url=console.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, ADMIN, console.password)
    page.goto("/dashboard/bots/demo?test=yes")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Start the call").click()
    expect(dialog.get_by_text("The microphone is not allowed")).to_be_visible()
    expect(dialog.get_by_text("press the icon at the left of the address")).to_be_visible()
    expect(dialog.get_by_role("button", name="Try again")).to_be_enabled()
    assert not [url for url in asked if url.endswith("/browser-call")]
