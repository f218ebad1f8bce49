"""A recording that nobody can hear, that the wrong people hear, or that a player cannot seek in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

pytestmark = [pytest.mark.integration]
AUDIO = bytes(range(256)) * 700  # more than two chunks of 64 KiB
ADMIN, PUBLIC = "/api/v1/recordings/s-1", "/api/v1/public/recordings/tok-1"
HOST = "http://fleet1.test:8001"


async def add_call(bridge, **fields: Any) -> None:
    now = bridge.ctx.clock()
    row = {
        "_id": "s-1",
        "status": "completed",
        "created_at": now,
        "completed_at": now,
        "recording_key": "a.wav",
        "recording_access_token": "tok-1",
    }
    await bridge.ctx.db["calls"].insert_one({**row, **fields})


@asynccontextmanager
async def stored(make_bridge, tmp_path: Path) -> AsyncIterator[Any]:
    """A voxbridge with the recording in a local object store."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.wav").write_bytes(AUDIO)
    async with make_bridge(object_store_url=f"file://{tmp_path}/store") as bridge:
        await add_call(bridge)
        yield bridge


RANGES = [
    (None, 200, AUDIO, None),
    ("bytes=0-99", 206, AUDIO[:100], f"bytes 0-99/{len(AUDIO)}"),
    ("bytes=100000-", 206, AUDIO[100_000:], f"bytes 100000-{len(AUDIO) - 1}/{len(AUDIO)}"),
    ("bytes=-256", 206, AUDIO[-256:], f"bytes {len(AUDIO) - 256}-{len(AUDIO) - 1}/{len(AUDIO)}"),
    ("bytes=179000-999999", 206, AUDIO[179_000:], f"bytes 179000-{len(AUDIO) - 1}/{len(AUDIO)}"),
    ("bytes=0-1,5-6", 200, AUDIO, None),
    ("bytes=nonsense", 200, AUDIO, None),
    (f"bytes={len(AUDIO)}-", 416, None, f"bytes */{len(AUDIO)}"),
    ("bytes=-0", 416, None, f"bytes */{len(AUDIO)}"),
]


async def check_ranges(client: httpx.AsyncClient, path: str) -> None:
    for asked, status, body, content_range in RANGES:
        headers = {"Range": asked} if asked else {}
        answer = await client.get(path, headers=headers)
        assert answer.status_code == status, (asked, answer.text[:200])
        assert answer.headers.get("Content-Range") == content_range, asked
        if body is None:
            assert answer.json()["error"] == "range_not_satisfiable"
            continue
        assert answer.content == body, asked
        assert answer.headers["Content-Type"] == "audio/wav"
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Disposition"] == "inline"
        head = await client.head(path, headers=headers)
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["Content-Length"] == str(len(body))
        assert head.headers.get("Content-Range") == content_range


async def test_ranges_on_the_object_store(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        await check_ranges(bridge.admin, ADMIN)
        await check_ranges(bridge.nobody, PUBLIC)
        whole = await bridge.admin.get(ADMIN)
        etag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
        for validator, status in ((etag, 206), (modified, 206), ('"another"', 200), (f"W/{etag}", 200)):
            part = await bridge.admin.get(ADMIN, headers={"Range": "bytes=0-9", "If-Range": validator})
            assert part.status_code == status, validator
            assert part.content == (AUDIO[:10] if status == 206 else AUDIO)


def worker(*, ranges: bool, etag: str | None = '"w"') -> Any:
    """A worker host's answer to `GET /recordings/a.wav`; without `ranges` it sends the whole whatever is asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["X-VoxCore-Secret"] == "first-service-secret"
        headers = {"Content-Type": "audio/wav", **({"ETag": etag} if etag else {})}
        asked = request.headers.get("Range", "")
        if ranges and asked.startswith("bytes=") and "," not in asked and asked != "bytes=nonsense":
            first, _, last = asked.removeprefix("bytes=").partition("-")
            begin = int(first) if first else max(0, len(AUDIO) - int(last))
            end = min(int(last), len(AUDIO) - 1) if last and first else len(AUDIO) - 1
            if begin >= len(AUDIO):
                return httpx.Response(416, headers={"Content-Range": f"bytes */{len(AUDIO)}"})
            span = f"bytes {begin}-{end}/{len(AUDIO)}"
            return httpx.Response(206, headers={**headers, "Content-Range": span}, content=AUDIO[begin : end + 1])
        return httpx.Response(200, headers=headers, content=AUDIO)

    return answer


@pytest.mark.parametrize("ranges", [True, False], ids=["the host cuts", "the host ignores ranges"])
async def test_ranges_on_the_host_that_still_has_the_file(make_bridge, ranges: bool) -> None:
    async with make_bridge(core_fleet=f"http://down.test:8001,http://empty.test:8001,{HOST}") as bridge:
        await add_call(bridge)
        with respx.mock:
            respx.get("http://down.test:8001/recordings/a.wav").mock(side_effect=httpx.ConnectError("down"))
            respx.get("http://empty.test:8001/recordings/a.wav").respond(404)
            respx.get(f"{HOST}/recordings/a.wav").mock(side_effect=worker(ranges=ranges))
            await check_ranges(bridge.admin, ADMIN)
            for validator, status in (('"w"', 206), ('"another"', 200)):
                part = await bridge.admin.get(ADMIN, headers={"Range": "bytes=0-9", "If-Range": validator})
                assert (part.status_code, part.content) == (status, AUDIO[:10] if status == 206 else AUDIO)


async def test_a_store_that_fails_is_passed_over(make_bridge, free_port) -> None:
    dead = f"s3://recordings?endpoint=http://127.0.0.1:{free_port()}"
    async with make_bridge(object_store_url=dead, s3_access_key="a", s3_secret_key="b", core_fleet=HOST) as bridge:
        await add_call(bridge)
        with respx.mock:
            respx.get(f"{HOST}/recordings/a.wav").mock(side_effect=worker(ranges=True))
            assert (await bridge.admin.get(ADMIN)).content == AUDIO


async def test_a_recording_that_is_nowhere_is_404(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        await bridge.ctx.db["calls"].update_one({"_id": "s-1"}, {"$set": {"recording_key": "gone.wav"}})
        for client, path in (
            (bridge.admin, ADMIN),
            (bridge.nobody, PUBLIC),
            (bridge.admin, "/api/v1/recordings/nobody"),
        ):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["error"]) == (404, "recording_not_found")


@pytest.mark.parametrize("key", ["../secret.txt", "/etc/passwd", "a/../../secret.txt", "..%2fsecret.txt", ".hidden"])
async def test_no_key_leads_out_of_the_store(make_bridge, tmp_path, key: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    async with stored(make_bridge, tmp_path) as bridge:
        await bridge.ctx.db["calls"].update_one({"_id": "s-1"}, {"$set": {"recording_key": key}})
        assert (await bridge.admin.get(ADMIN)).status_code == 404


async def test_the_url_names_the_file_where_a_call_has_no_key(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        change = {"$set": {"recording_url": "https://s3.example/recordings/a.wav?x=1"}, "$unset": {"recording_key": ""}}
        await bridge.ctx.db["calls"].update_one({"_id": "s-1"}, change)
        assert (await bridge.admin.get(ADMIN)).content == AUDIO


async def test_only_admins_hear_a_call_and_a_token_opens_only_its_own(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        assert (await bridge.nobody.get(ADMIN)).status_code == 401
        assert (await (await bridge.as_role("supervisor")).get(ADMIN)).status_code == 403
        heard = await bridge.nobody.get(PUBLIC)
        assert heard.headers["Cache-Control"] == "private, no-store"
        assert heard.headers["Referrer-Policy"] == "no-referrer"
        assert heard.headers["X-Robots-Tag"] == "noindex"
        unknown = await bridge.nobody.get("/api/v1/public/recordings/tok-2")
        await bridge.admin.put("/api/v1/settings/general", json={"retention": {"public_recording_days": 7}})
        assert (await bridge.nobody.get(PUBLIC)).status_code == 200
        old = bridge.ctx.clock() - timedelta(days=8)
        await bridge.ctx.db["calls"].update_one({"_id": "s-1"}, {"$set": {"completed_at": old}})
        expired = await bridge.nobody.get(PUBLIC)
        assert (unknown.status_code, expired.status_code) == (404, 404)
        assert {**unknown.json(), "request_id": ""} == {**expired.json(), "request_id": ""}


async def test_a_token_is_asked_for_sixty_times_a_minute_at_most(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        codes = [(await bridge.nobody.head(PUBLIC)).status_code for _ in range(61)]
        assert codes == [200] * 60 + [429]


async def test_an_empty_recording_is_empty_and_has_no_part(make_bridge, tmp_path) -> None:
    async with stored(make_bridge, tmp_path) as bridge:
        (tmp_path / "store" / "a.wav").write_bytes(b"")
        assert (await bridge.admin.get(ADMIN)).content == b""
        assert (await bridge.admin.get(ADMIN, headers={"Range": "bytes=0-"})).status_code == 416
