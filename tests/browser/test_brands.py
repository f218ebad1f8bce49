"""B4: one build serves every brand. What differs is told at run time; the files are the same, byte for byte."""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from starlette.responses import PlainTextResponse
from voxbridge.console import console_app
from voxbridge.context import Context
from voxbridge.settings import BridgeSettings
from voxctl.children import free_port

from tests.stacks import ROOT

from .conftest import Window

pytestmark = [pytest.mark.browser]

DIST = ROOT / "services/voxui/dist"
ACME = {
    "voxui_brand_name": "Acme Calls",
    "voxui_brand_powered_by": "Run by Acme",
    "voxui_primary_color": "#b91c1c",
    "voxui_bg_color": "#fff7ed",
    "voxui_brand_theme": "/brand/theme.css",
}
SECRETS = dict.fromkeys(("jwt_secret", "settings_encryption_key", "voxcore_secret"), "x" * 40)
ELSEWHERE = "https://elsewhere.example"
LOOK = """() => {
  const style = (one) => getComputedStyle(document.querySelector(one));
  const logo = document.querySelector('img[src*="/brand/logo"]');
  return {
    page: style('html').backgroundColor,
    button: style('button[type=submit]').backgroundColor,
    heading: style('h1').letterSpacing,
    logo: logo && [logo.naturalWidth, logo.naturalHeight],
  };
}"""


def png(width: int, height: int) -> bytes:
    """A red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves the built console as voxbridge does, with these settings; each has a data folder of its own."""
    running = list[tuple[uvicorn.Server, threading.Thread]]()

    def start(brand: dict[str, bytes] | None = None, **settings: Any) -> str:
        port = free_port()
        data = tmp_path / str(port)
        (data / "brand").mkdir(parents=True)
        for name, content in (brand or {}).items():
            (data / "brand" / name).write_bytes(content)
        given = BridgeSettings(voxui_dist=str(DIST), vox_data_dir=str(data), **SECRETS, **settings)
        ctx = cast("Context", SimpleNamespace(settings=given))
        app = console_app(ctx, PlainTextResponse("no API here", status_code=404))
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        url = f"http://127.0.0.1:{port}"
        while not server.started:
            assert thread.is_alive(), "the console's server did not start"
        return url

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


def shown(page: Page, url: str) -> dict[str, Any]:
    page.goto(f"{url}/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page.evaluate(LOOK) | {"title": page.title(), "text": page.locator("body").inner_text()}


def test_two_brands_come_from_one_build(serve: Callable[..., str], open_window: Callable[..., Window]) -> None:
    plain = serve()
    acme = serve({"logo.png": png(40, 24), "theme.css": b"h1 { letter-spacing: 7px }"}, **ACME)
    seen = {url: shown(open_window(email=None, url=url).page, url) for url in (plain, acme)}
    ours, theirs = seen[plain], seen[acme]
    # Vox itself need not say who made it.
    assert ("Vox" in ours["title"], "Vox" in ours["text"], "Run by" in ours["text"]) == (True, True, False)
    assert ("Acme Calls" in theirs["title"], "Vox" in theirs["title"]) == (True, False)
    assert ("Run by Acme" in theirs["text"], "Vox" in theirs["text"]) == (True, False)
    assert theirs["button"] == "rgb(185, 28, 28)"
    assert theirs["page"] == "rgb(255, 247, 237)"
    assert theirs["logo"] == [40, 24]
    assert theirs["heading"] == "7px"
    for what in ("title", "button", "page", "logo", "heading"):
        assert ours[what] != theirs[what], what

    files = [file.relative_to(DIST).as_posix() for file in DIST.rglob("*") if file.is_file()]
    assert len(files) > 20
    for file in files:
        if not file.startswith("brand/"):
            assert sha(f"{plain}/{file}") == sha(f"{acme}/{file}"), file
    assert sha(f"{plain}/config.js") != sha(f"{acme}/config.js")


def sha(url: str) -> str:
    return hashlib.sha256(httpx.get(url).raise_for_status().content).hexdigest()


def test_a_theme_and_a_logo_of_another_host_are_refused_by_name_and_never_asked_for(
    serve: Callable[..., str], open_window: Callable[..., Window]
) -> None:
    """The policy of the page would stop both; a check that let them pass would leave a page without its brand."""
    url = serve(voxui_brand_theme=f"{ELSEWHERE}/theme.css", voxui_brand_logo=f"{ELSEWHERE}/logo.png")
    page = open_window(email=None, url=url).page
    asked, warned = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: warned.append(said.text) if said.type == "warning" else None)
    shown(page, url)
    assert [one for one in asked if one.startswith(ELSEWHERE)] == []
    for name in ("theme", "logo"):
        assert len([one for one in warned if f"config: {name} " in one]) == 1, warned
