"""Services and dialler through `vox deploy` on real hosts: whole images, the rendered edge, requests all the time.

A deploy of everything while a campaign dials is in test_campaign_hosts.py; what else can happen to services is here.
"""

from __future__ import annotations

import asyncio
import json

import pytest

from .town import release
from .users import users_of
from .village import LEADS_WITHIN_S, Village

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1200), pytest.mark.full]

BROKEN = "import sys; sys.exit('no such setting: JWT')"
MUTE = """
import http.server, json, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": "ok", "image_tag": os.environ["VOX_IMAGE_TAG"]}).encode()
        self.send_response(503 if self.path == "/ready" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("0.0.0.0", 8090), Page).serve_forever()
"""
"""A dialler that is well and never leads."""


async def test_everything_is_deployed_and_rolled_back_and_no_request_is_refused(village: Village) -> None:
    """There and all the way back: services, seats of both hosts, and the dialler by leader hand-over."""
    tag = village.build(2)
    async with users_of(village) as users:
        ran = await asyncio.to_thread(village.vox, "deploy", tag, "--yes")
        assert ran.code == 0, ran.text[-3000:]
        assert await village.at_rest(tag) == []
        assert users.led[-1][1] == ("voxdialler-b",)
        ran = await asyncio.to_thread(village.vox, "rollback", "--yes")
        assert ran.code == 0, ran.text[-3000:]
        assert await village.at_rest(release(1)) == []
        assert users.led[-1][1] == ("voxdialler-a",)
    assert users.dark_s <= LEADS_WITHIN_S


async def test_one_service_alone_is_replaced_and_nothing_else(village: Village) -> None:
    (present,) = set((await village.tags()).values())
    tag = village.build(3)
    async with users_of(village):
        ran = await asyncio.to_thread(village.vox, "deploy", tag, "--service", "voxui", "--yes")
        assert ran.code == 0, ran.text[-3000:]
    tags = await village.tags()
    assert {id for id, each in tags.items() if each == tag} <= {"voxui-a"}
    assert {each for id, each in tags.items() if not id.startswith("voxui")} == {present}
    ran = await asyncio.to_thread(village.vox, "deploy", present, "--service", "voxui", "--yes")
    assert ran.code == 0, ran.text[-3000:]


async def test_a_bridge_that_does_not_start_is_stopped_at_its_first_replica_and_no_seat_is_touched(
    village: Village,
) -> None:
    """What was replaced before it (the registry) goes back with it; the audit says why."""
    (present,) = set((await village.tags()).values())
    broken = f"ENTRYPOINT {json.dumps(['python', '-c', BROKEN])}"
    tag = village.build(4, {"voxbridge": broken})
    async with users_of(village):
        ran = await asyncio.to_thread(village.vox, "deploy", tag, "--yes")
        assert ran.code == 4, ran.text[-3000:]
        (ended,) = ran.all("deploy.ended")
        assert "no such setting: JWT" in ended["reason"]
        assert ran.all("seat.replaced") == []
        assert await village.at_rest(present) == []
    lines = (await asyncio.to_thread(village.vox, "audit")).text
    assert "no such setting: JWT" in lines


async def test_a_dialler_that_does_not_lead_takes_everything_back_in_batches(village: Village) -> None:
    """It is healthy and leads nothing, which shows last of all: seats go back without a tag that is drained at once."""
    (present,) = set((await village.tags()).values())
    tag = village.build(5, {"voxdialler": f"ENTRYPOINT {json.dumps(['python', '-c', MUTE])}"})
    async with users_of(village):
        ran = await asyncio.to_thread(village.vox, "deploy", tag, "--yes", timeout_s=600)
        assert ran.code == 4, ran.text[-3000:]
        assert "dialler" in ran.all("deploy.ended")[0]["reason"]
        assert ran.all("tag.retired") == []
        assert await village.at_rest(present) == []
