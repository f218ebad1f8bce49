"""A request between services must carry its secret and id, and be repeated only where a repeat can help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from voxkit.http import backoff_s, get_with_retry, internal_client, is_transient, request_id

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


class FakeService:
    """Answers the statuses (or raises the errors) of its script; the clock is a list of pauses."""

    def __init__(self, *script: int | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def get(self, tries: int = 2, retry_on: Callable[[int], bool] = is_transient) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.handle)) as client:
            return await get_with_retry(client, "http://s/", tries=tries, retry_on=retry_on, sleep=self.sleep)


async def test_a_success_is_not_repeated() -> None:
    service = FakeService(200)
    assert (await service.get()).status_code == 200
    assert service.pauses == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_a_transient_status_is_repeated(status: int) -> None:
    service = FakeService(status, 200)
    assert (await service.get()).status_code == 200
    assert service.pauses == [0.3]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 422])
async def test_a_final_status_is_not_repeated(status: int) -> None:
    assert (await FakeService(status).get()).status_code == status


async def test_a_broken_connection_is_repeated_and_the_last_error_counts() -> None:
    service = FakeService(httpx.ConnectError("a"), 200)
    assert (await service.get()).status_code == 200
    with pytest.raises(httpx.ReadTimeout):
        await FakeService(httpx.ConnectError("a"), httpx.ReadTimeout("b")).get()


async def test_the_last_answer_counts_and_pauses_grow() -> None:
    service = FakeService(503, 503, 500)
    assert (await service.get(tries=3)).status_code == 500
    assert service.pauses == [0.3, 0.6]


async def test_the_caller_may_say_what_is_worth_a_repeat() -> None:
    service = FakeService(503)
    assert (await service.get(retry_on=lambda status: False)).status_code == 503


@pytest.mark.parametrize(
    ("attempts", "low", "high"), [(0, 4, 6), (1, 8, 12), (4, 64, 96), (6, 240, 360), (2000, 240, 360)]
)
def test_the_backoff_doubles_to_its_cap_within_its_jitter(attempts: int, low: float, high: float) -> None:
    for _ in range(50):
        assert low <= backoff_s(attempts, first_s=5, cap_s=300) <= high


async def test_the_internal_client_sends_the_secret_and_the_current_request_id() -> None:
    client = internal_client("planted")
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    token = request_id.set("req-12345678")
    try:
        response = await client.get(url)
        own = await client.get(url, headers={"X-Request-Id": "own-12345678"})
    finally:
        request_id.reset(token)
        await client.aclose()
        server.close()
    assert response.status_code == own.status_code == 302
    assert b"X-VoxCore-Secret: planted" in heads[0]
    assert b"req-12345678" in heads[0]
    assert b"own-12345678" in heads[1]
    assert b"req-12345678" not in heads[1]
