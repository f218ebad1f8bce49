"""A browser before the console of a whole stack. Debian's Chromium; its microphone plays a recorded customer."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright
from voxctl.children import free_port as find_free_port
from xdist.scheduler import LoadScopeScheduling

from tests.stacks import ROOT, VoxUp, vox_up

from .customer import write_customer

ADMIN = "admin@example.com"
# Patient: other work may run on the same machine.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


# Files that keep a processor busy; the others wait, for as long as calls last. With `-n 2` each half has a process and
# a stack of its own, and only one of them needs a call of the past.
BUSY = frozenset(
    f"test_{name}.py" for name in ("accessibility", "gallery", "keyboard", "roles", "states", "unsaved", "zoom")
)


class Halves(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "busy" if Path(nodeid.partition("::")[0]).name in BUSY else "waiting"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Halves(config, log)


@dataclass
class Console:
    """Where the console is, and what signs in to it."""

    url: str
    api_url: str
    voice_url: str
    password: str
    token: str

    def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = httpx.request(
            method, self.api_url + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=30, **more
        )
        answer.raise_for_status()
        return answer


# The same engine without a window around each page, which nobody sees here and which costs twice as much as the page.
SHELL = "chromium-headless-shell"


def chromium_path() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail(f"Chromium is not installed: apt-get install {SHELL}, or name it in CHROMIUM")
    return found


def shell_path() -> str:
    return os.environ.get("CHROMIUM") or shutil.which(SHELL) or chromium_path()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoxUp]:
    if not (ROOT / "services/voxui/dist/index.html").is_file():
        pytest.fail("The console is not built: make ui")
    with vox_up(tmp_path_factory.mktemp("browser"), find_free_port, "--no-call", workers=2) as running:
        running.wait_for("stack.waiting")
        yield running


@pytest.fixture(scope="session")
def console(stack: VoxUp) -> Console:
    api_url = stack.stack["api_url"]
    password = (stack.data / "first-admin").read_text().strip()
    answer = httpx.post(f"{api_url}/auth/login", json={"email": ADMIN, "password": password}, timeout=30)
    parts = urlsplit(api_url)
    return Console(
        url=f"{parts.scheme}://{parts.netloc}",
        api_url=api_url,
        voice_url=stack.stack["voice_url"],
        password=password,
        token=answer.json()["access_token"],
    )


@pytest.fixture(scope="session")
def spoken_call(stack: VoxUp) -> str:
    """Id of a call with everything that one can have: a recording, a transcript, a tool, an analysis."""
    done = stack.vox("call", "demo", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = [said for said in map(json.loads, done.stdout.splitlines()) if said["event"] == "call.result"]
    return str(result["session_id"])


@pytest.fixture(scope="session")
def ids(console: Console, spoken_call: str) -> dict[str, str]:
    """Ids that the paths of `screens.SCREENS` name."""
    (campaign,) = [one for one in console.api("GET", "/campaigns").json()["items"] if one["name"] == "Demo campaign"]
    (carrier,) = console.api("GET", "/carriers").json()["items"]
    return {"call": spoken_call, "campaign": campaign["campaign_id"], "carrier": carrier["carrier_id"]}


@pytest.fixture(scope="session")
def browser(console: Console, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    customer = write_customer(console.voice_url, tmp_path_factory.mktemp("customer") / "customer.wav")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shell_path(),
            args=[
                "--no-sandbox",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={customer}%noloop",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """A page of its own session, and what it wrote to the console of the browser."""

    page: Page
    errors: list[str]

    def forgive(self, *words: str) -> None:
        """Messages that belong to the story: the browser itself writes a line for each refused request."""
        self.errors[:] = [error for error in self.errors if not any(word in error for word in words)]


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture
def open_window(
    browser: Browser, console: Console, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """Opens a window; `email=None` does not sign in, the administrator is signed in already, everybody else signs in
    by the form. A message of the browser that a test did not expect fails it. A test that fails leaves its traces.
    """
    contexts: list[tuple[BrowserContext, Window]] = []

    def open_one(email: str | None = ADMIN, password: str = "", url: str = "", **options: Any) -> Window:
        base = url or console.url
        if email == ADMIN:
            options["storage_state"] = signed_in(base, console.token)
        context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900}, **options)
        context.tracing.start(snapshots=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        window = Window(page, [])
        page.on("console", lambda said: window.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: window.errors.append(str(error)))
        contexts.append((context, window))
        if email not in (None, ADMIN):
            sign_in(page, email, password)
        return window

    yield open_one
    for number, (context, window) in enumerate(contexts):
        failed = window.errors or request.node.stash.get(_FAILED, False)
        context.tracing.stop(**({"path": tmp_path / f"trace-{number}.zip"} if failed else {}))
        context.close()
        assert window.errors == [], f"the browser's console says {window.errors}; traces in {tmp_path}"


def signed_in(origin: str, token: str) -> StorageState:
    """What a browser keeps of somebody who has signed in."""
    return {"cookies": [], "origins": [{"origin": origin, "localStorage": [{"name": "vox_token", "value": token}]}]}


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
