"""Every shared part of the console in every state, as the gallery of the development server shows it.

Not compared with stored pictures: fonts differ from machine to machine, and so would every picture. Compared is what
must be the same everywhere: no serious finding of axe (contrast among them), nothing wider than its place, and a part
that is as large and stands where it stood when the theme is the other one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from voxctl.children import free_port

from tests.stacks import ROOT

from .conftest import Console, Window
from .test_accessibility import PAINTED, Judge

pytestmark = [pytest.mark.browser]

VOXUI = ROOT / "services/voxui"
STARTS_WITHIN_S = 60
OVER = "[role=dialog], [role=menu]"
# Place and size of each state, in px; a state that its content spills out of is named on its own.
PLACES = """() => Object.fromEntries([...document.querySelectorAll('[data-state-of]')].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [one.dataset.stateOf, [x, y + scrollY, width, height].map(Math.round)];
}))"""
SPILLS = """() => [...document.querySelectorAll('[data-state-of]')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.dataset.stateOf)"""


@pytest.fixture(scope="module")
def development(console: Console) -> Iterator[str]:
    """Address of the console's development server before the stack."""
    port = free_port()
    # Node may be the wheel beside our Python, as where the console was built.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server = subprocess.Popen(
        [
            *(shutil.which("node", path=path) or "node", "node_modules/vite/bin/vite.js"),
            *("--host", "127.0.0.1", "--port", str(port), "--strictPort"),
        ],
        cwd=VOXUI,
        env=os.environ | {"VOX_DEV_API": console.url, "PATH": path},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_WITHIN_S
    try:
        while True:
            assert server.poll() is None, "the development server did not start"
            assert time.monotonic() < deadline, f"the development server did not answer in {STARTS_WITHIN_S} s"
            try:
                httpx.get(url, timeout=5).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        # The wheel's Node is started by a program of its own: both have to end.
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


@pytest.mark.parametrize("density", ["comfortable", "compact"])
def test_every_part_is_right_in_every_state(density: str, development: str, open_window: Callable[..., Window]) -> None:
    page = open_window(url=development).page
    page.add_init_script(f"localStorage.setItem('vox_density', '{density}')")
    page.goto("/dev/gallery")
    page.get_by_role("region", name="LeaveGuard").wait_for()
    assert page.evaluate("document.documentElement.dataset.density") == density
    if density == "comfortable":  # The other one only moves things, which is compared below.
        judge = Judge(page)
        judge.look("gallery")
        assert judge.found == {}
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        places = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function(PAINTED, arg=scheme == "dark")
            places.append(page.evaluate(PLACES))
        assert len(places[0]) > 100
        assert places[0] == places[1], f"{width} px: a part is of another size in the dark"
        assert page.evaluate(SPILLS) == [], f"{width} px"


def test_what_opens_over_the_page_is_right_too(development: str, open_window: Callable[..., Window]) -> None:
    page = open_window(url=development).page
    page.goto("/dev/gallery?only=Dialog,Drawer,Confirm,NumbersDialog,LeaveQuestion,Menu,ToastProvider")
    page.get_by_role("region", name="ToastProvider").wait_for()
    judge = Judge(page, OVER)
    openers = [one.inner_text() for one in page.get_by_role("button", name="Open ").all()]
    assert len(openers) == 7
    for opener in openers:
        button = page.get_by_role("button", name=opener, exact=True)
        button.click()
        page.locator(OVER).wait_for()
        judge.look(opener)
        page.keyboard.press("Escape")
        page.locator(OVER).wait_for(state="hidden")
        # Where the keyboard was before.
        expect(button).to_be_focused()
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("The bot is saved.").wait_for()
    assert judge.found == {}
