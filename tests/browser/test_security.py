"""What the browser refuses to do for a page that is not ours, or a script that got into ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Console, Window

pytestmark = [pytest.mark.browser]

WAYS = {
    "script": "const made = document.createElement('script'); made.textContent = 'window.taken = true'; "
    "document.body.append(made)",
    "handler": "const made = document.createElement('div'); "
    "made.innerHTML = '<img src=data:, onerror=\"window.taken = true\">'; document.body.append(made)",
    "text": "setTimeout('window.taken = true')",
}
STRANGER = "<!doctype html><title>Stranger</title><iframe src='{url}/login' width=900 height=700></iframe>"


def test_a_script_that_got_into_the_page_does_not_run(open_window: Callable[..., Window]) -> None:
    window = open_window()
    page = window.page
    page.goto("/dashboard/bots")
    for way in WAYS.values():
        with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
            page.evaluate(f"() => {{ {way} }}")
    assert page.evaluate("window.taken") is None
    window.forgive("Content Security Policy")


def test_no_other_page_can_frame_the_console(open_window: Callable[..., Window], console: Console) -> None:
    window = open_window(email=None)
    page = window.page
    page.route("http://stranger.test/", lambda route: route.fulfill(
        content_type="text/html", body=STRANGER.format(url=console.url)
    ))  # fmt: skip
    page.goto("http://stranger.test/")
    (framed,) = page.frames[1:]
    assert framed.url == "chrome-error://chromewebdata/"
    assert framed.get_by_label("Email").count() == 0
    window.forgive("frame")


def test_the_page_may_use_the_microphone_and_nothing_else_of_the_device(open_window: Callable[..., Window]) -> None:
    page = open_window().page
    page.goto("/dashboard/bots")
    allowed = "(feature) => document.featurePolicy.allowsFeature(feature)"
    assert {name: page.evaluate(allowed, name) for name in ("microphone", "camera", "geolocation")} == {
        "microphone": True,
        "camera": False,
        "geolocation": False,
    }
