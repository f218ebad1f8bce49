"""What voxbridge says must reach the person at the terminal in words, with the way out."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import respx
from voxctl.api import Bridge, credentials
from voxctl.output import CommandError
from voxctl.settings import VoxctlSettings

pytestmark = [pytest.mark.unit]
API = "http://bridge.test/api/v1"


@pytest.fixture
def voxbridge() -> respx.MockRouter:
    with respx.mock(base_url=API) as router:
        router.post("/auth/login").respond(json={"access_token": "token-1"})
        yield router


async def test_every_request_carries_the_token_of_the_log_in(voxbridge: respx.MockRouter) -> None:
    seen = voxbridge.get("/bots/demo").respond(json={"bot_id": "demo"})
    async with Bridge(API, "a@example.com", "p") as bridge:
        assert await bridge.get("/bots/demo") == {"bot_id": "demo"}
    assert seen.calls.last.request.headers["Authorization"] == "Bearer token-1"


async def test_an_error_keeps_the_words_of_voxbridge(voxbridge: respx.MockRouter) -> None:
    voxbridge.post("/bots/nobody/browser-call").respond(404, json={"error": "not_found", "message": "There is no bot."})
    async with Bridge(API, "a@example.com", "p") as bridge:
        with pytest.raises(CommandError, match=r"404: There is no bot\."):
            await bridge.post("/bots/nobody/browser-call")


async def test_a_wrong_password_names_the_variables(voxbridge: respx.MockRouter) -> None:
    voxbridge.post("/auth/login").respond(401, json={"error": "invalid_credentials", "message": "Wrong."})
    with pytest.raises(CommandError, match="VOX_EMAIL, VOX_PASSWORD"):
        async with Bridge(API, "a@example.com", "p"):
            pass


async def test_a_bridge_that_is_away_names_the_way_out(voxbridge: respx.MockRouter) -> None:
    voxbridge.post("/auth/login").mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(CommandError, match=r"vox up.*VOX_API_URL"):
        async with Bridge(API, "a@example.com", "p"):
            pass


async def test_a_result_is_waited_for_until_the_call_is_no_longer_in_progress(voxbridge: respx.MockRouter) -> None:
    answers = [[], [{"session_id": "s1", "status": "in_progress"}], [{"session_id": "s1", "status": "completed"}]]
    voxbridge.get("/calls", params={"stream_id": "st-1"}).mock(
        side_effect=[httpx.Response(200, json={"items": items}) for items in answers]
    )
    voxbridge.get("/calls/s1").respond(json={"session_id": "s1", "status": "completed", "transcript": []})
    async with Bridge(API, "a@example.com", "p") as bridge:
        assert (await bridge.finished_call("st-1"))["transcript"] == []


async def test_a_result_that_does_not_come_is_said_to_be_kept(voxbridge: respx.MockRouter) -> None:
    voxbridge.get("/calls", params={"stream_id": "st-1"}).respond(json={"items": []})
    async with Bridge(API, "a@example.com", "p") as bridge:
        with pytest.raises(CommandError, match="its worker keeps it"):
            await bridge.finished_call("st-1", within_s=0.1)


@pytest.mark.parametrize(
    ("given", "kept", "expected"),
    [
        ({"vox_email": "x@example.com", "vox_password": "p1"}, None, ("x@example.com", "p1")),
        ({"first_admin_password": "p2"}, None, ("admin@example.com", "p2")),
        ({}, "p3\n", ("admin@example.com", "p3")),
    ],
)
def test_who_logs_in(given: dict[str, str], kept: str | None, expected: tuple[str, str], tmp_path: Path) -> None:
    if kept:
        (tmp_path / "first-admin").write_text(kept)
    settings = VoxctlSettings(vox_data_dir=str(tmp_path), _env_file=None, **given)
    assert credentials(settings) == expected
