"""What an operator sees while a part of the stack is dead, and while two releases carry the calls.

Each part is killed, kept away, and started again; the page says what is missing, keeps what it shows, and goes on
without a reload. BROWSER_OUTAGE_S=20 keeps it away for at least that long.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.faults.plant import ADMIN_EMAIL
from tests.stacks import ROOT

from .conftest import PATIENCE_MS, signed_in
from .held import Held

pytestmark = [pytest.mark.browser]

AWAY_FOR_S = float(os.environ.get("BROWSER_OUTAGE_S", "0"))
IN_A_HURRY = "+15550113"
OPENING = "Hello, this is Vox Parcels"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    held = Held(tmp_path_factory.mktemp("operations"), ROOT / "services/voxui/dist")
    yield held
    held.close()


@pytest.fixture(scope="module")
def token(held: Held) -> str:
    password = (held.plant.stack.data.root / "first-admin").read_text().strip()
    who = {"email": ADMIN_EMAIL, "password": password}
    answer = httpx.post(f"{held.plant.stack.bridge_url}/api/v1/auth/login", json=who, timeout=30)
    return str(answer.json()["access_token"])


@pytest.fixture(scope="module")
def api(held: Held, token: str) -> Callable[..., Any]:
    def ask(method: str, path: str, **more: Any) -> Any:
        url = f"{held.plant.stack.bridge_url}/api/v1{path}"
        answer = httpx.request(method, url, headers={"Authorization": f"Bearer {token}"}, timeout=30, **more)
        return answer.raise_for_status().json()

    return ask


@pytest.fixture(scope="module")
def bot(held: Held) -> str:
    return str(held.run(held.plant.make_bot()))


@pytest.fixture
def page(held: Held, token: str, browser: Browser) -> Iterator[Page]:
    url = held.plant.stack.bridge_url
    context = browser.new_context(
        base_url=url, storage_state=signed_in(url, token), viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


@contextmanager
def without(part: str, held: Held, page: Page) -> Iterator[None]:
    """The part is dead inside, and back afterwards; the page was not loaded anew."""
    page.evaluate("window.notReloaded = true")
    held.kill(part)
    killed_at = time.monotonic()
    try:
        yield
        time.sleep(max(0.0, AWAY_FOR_S - (time.monotonic() - killed_at)))
    finally:
        held.start(part)
    assert page.evaluate("window.notReloaded") is True


def test_voxbridge(held: Held, page: Page) -> None:
    page.goto("/dashboard/fleet")
    workers = page.get_by_role("table", name="Workers")
    expect(workers).to_contain_text("Healthy")
    with without("voxbridge", held, page):
        expect(page.get_by_text("The server does not answer")).to_be_visible()
        expect(workers).to_contain_text("Healthy")
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    expect(page.get_by_text("As of")).to_be_visible()


def test_the_database(held: Held, page: Page, bot: str) -> None:
    page.goto("/dashboard/bots")
    listed = page.get_by_role("link", name="fault").first
    expect(listed).to_be_visible()
    with without("secantusdb", held, page):
        page.get_by_role("link", name="Calls", exact=True).click()
        expect(page.get_by_text("The server does not answer")).to_be_visible()
        late = page.context.new_page()
        late.goto("/dashboard/calls")
        expect(late.get_by_text("The console opens as soon as it does")).to_be_visible()
    expect(page.get_by_text("The server does not answer")).to_be_hidden()
    for one in (page, late):
        expect(one.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
        expect(one.get_by_role("status", name="Loading")).to_have_count(0)
    page.get_by_role("link", name="Bots").click()
    expect(listed).to_be_visible()


@pytest.mark.parametrize("part", ["voxregistry", "valkey"])
def test_what_knows_the_seats(part: str, held: Held, page: Page) -> None:
    page.goto("/dashboard/fleet")
    host = page.get_by_role("region", name="Host local-1")
    expect(host).to_contain_text("1 of 1 free")
    with without(part, held, page):
        expect(page.get_by_text("The registry of seats gives no answer")).to_be_visible()
        expect(page.get_by_role("table", name="Workers")).to_contain_text("Healthy")
    expect(host).to_contain_text("1 of 1 free")
    expect(page.get_by_text("The registry of seats gives no answer")).to_be_hidden()


def test_a_worker(held: Held, page: Page) -> None:
    page.goto("/dashboard/fleet")
    host = page.get_by_role("region", name="Host local-1")
    expect(host).to_contain_text("1 of 1 free")
    with without("voxcore-1", held, page):
        expect(host).to_contain_text("0 of 1 free")
        expect(page.get_by_role("list", name="Legend")).to_contain_text("Lost")
    expect(host).to_contain_text("1 of 1 free")


def test_the_dialler(held: Held, page: Page, bot: str, api: Callable[..., Any]) -> None:
    opens = datetime.now(UTC) + timedelta(hours=6)
    window = {"start": f"{opens:%H:00}", "end": f"{opens + timedelta(hours=2):%H:00}", "timezone": "UTC"}
    config = {"time_window": window, "campaign_mode": "multi_day"}
    body = {"name": "Later", "bot_id": bot, "number_pool": ["+15550199"], "config": config}
    campaign = api("POST", "/campaigns", json=body)["campaign_id"]
    api("POST", f"/campaigns/{campaign}/upload", files={"file": ("one.csv", f"phone_number\n{IN_A_HURRY}\n")})
    api("POST", f"/campaigns/{campaign}/start")
    page.goto(f"/dashboard/campaigns/{campaign}")
    says = page.get_by_role("main").locator("p")
    expect(says.filter(has_text="Outside the window")).to_be_visible()
    with without("voxdialler", held, page):
        expect(says.filter(has_text="No sign of life from the dialler since")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Nobody is dialled now; calls under way go on")).to_be_visible()
    expect(says.filter(has_text="Outside the window")).to_be_visible()


def test_the_speech_service(held: Held, page: Page, bot: str) -> None:
    page.goto(f"/dashboard/bots/{bot}?test=yes")
    dialog = page.get_by_role("dialog")
    with without("voxvoice", held, page):
        dialog.get_by_role("button", name="Start the call").click()
        expect(dialog.get_by_text("The call broke off")).to_be_visible()
        expect(dialog.get_by_text("Voice failed").last).to_contain_text("Nothing else could take over")
    dialog.get_by_role("button", name="Call again").click()
    dialog.get_by_role("button", name="Mute").click()
    expect(dialog.get_by_text("fault is speaking")).to_be_visible()
    expect(dialog.get_by_text("fault is speaking")).to_be_hidden()
    dialog.get_by_role("button", name="Hang up").click()
    expect(dialog.get_by_role("list", name="Transcript of the test call")).to_contain_text(OPENING)


def test_the_carrier(held: Held, page: Page, bot: str) -> None:
    page.goto(f"/dashboard/bots/{bot}?test=phone")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Number to call").fill(IN_A_HURRY)
    with without("voxphone", held, page):
        dialog.get_by_role("button", name="Call", exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text("The carrier cannot be reached")
    dialog.get_by_role("button", name="Call", exact=True).click()
    expect(dialog.get_by_role("status").first).to_contain_text("has answered and talks with the bot")


def test_two_releases_side_by_side(held: Held, page: Page, api: Callable[..., Any]) -> None:
    """As a deploy does it: the new seats are there, the old image is drained."""
    held.run(held.plant.until_free("voxcore-1"))
    page.goto("/dashboard/fleet")
    old, new = (page.get_by_role("region", name=f"Host {name}") for name in ("local-1", "next-host"))
    expect(old).to_contain_text("1 of 1 free")
    held.enter(held.plant.seats("next-host", 1, {"VOX_IMAGE_TAG": "1.1.0"}))
    expect(new).to_contain_text("1 of 1 free")
    expect(page.get_by_text("1.1.0: 1 seat, dev: 1 seat")).to_be_visible()
    page.get_by_role("button", name="Drain …").click()
    page.get_by_role("menuitem", name="Image dev (1 seat)").click()
    dialog = page.get_by_role("dialog", name="Drain image dev?")
    dialog.get_by_label("Reason").fill("1.1.0 takes over")
    dialog.get_by_role("button", name="Drain", exact=True).click()
    expect(old).to_contain_text("0 of 1 free")
    expect(new).to_contain_text("1 of 1 free")
    drain = page.get_by_role("table", name="Drains").get_by_role("row").filter(has_text="1.1.0 takes over")
    expect(drain).to_contain_text("Image dev")
    drain.get_by_role("button", name="Lift").click()
    page.get_by_role("dialog").get_by_role("button", name="Lift the drain").click()
    expect(old).to_contain_text("1 of 1 free")
