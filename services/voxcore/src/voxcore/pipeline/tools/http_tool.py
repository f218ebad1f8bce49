"""Sending a custom tool's request: addresses checked, time and size bounded, one result shape for the LLM."""

import asyncio
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import httpx
from voxkit.errors import Invalid
from voxkit.log import get_logger

from voxcore.pipeline.tools.request import HttpCall

log = get_logger("voxcore.tools")

READ_LIMIT = 64 * 1024
LLM_LIMIT = 8_000
Status = Literal["success", "failure", "timeout", "missing_info", "blocked"]


@dataclass(frozen=True)
class HttpOutcome:
    """What came back. `data` is parsed JSON where it was JSON and short enough, else text."""

    status: Status
    http_status: int | None = None
    data: Any = None
    truncated: bool = False
    bytes: int = 0
    duration_ms: int = 0


async def send(
    client: httpx.AsyncClient, call: HttpCall, *, timeout_s: float, clock: Callable[[], float] = time.monotonic
) -> HttpOutcome:
    """Send a request once; a GET once more when the connection failed. Never raises for what the far end does.

    `timeout_s` is over everything: resolving, connecting, both tries and reading.
    """
    started = clock()

    def done(outcome: HttpOutcome) -> HttpOutcome:
        return HttpOutcome(
            outcome.status,
            outcome.http_status,
            outcome.data,
            outcome.truncated,
            outcome.bytes,
            round((clock() - started) * 1000),
        )

    try:
        async with asyncio.timeout(timeout_s):
            return done(await _tries(client, call))
    except (TimeoutError, httpx.TimeoutException):
        return done(HttpOutcome("timeout"))
    except Invalid as error:  # the guard: address or form of the URL
        log.warning("tool.blocked", host=call.host, reason=error.wire_code)
        return done(HttpOutcome("blocked"))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # The type only: an error's text may hold the URL with its query.
        log.warning("tool.unreachable", host=call.host, error_type=type(error).__name__)
        return done(HttpOutcome("failure"))


async def _tries(client: httpx.AsyncClient, call: HttpCall) -> HttpOutcome:
    try:
        return await _once(client, call)
    except (httpx.NetworkError, httpx.RemoteProtocolError):
        if call.method != "GET":
            raise
    return await _once(client, call)


async def _once(client: httpx.AsyncClient, call: HttpCall) -> HttpOutcome:
    headers = [(name.encode(), value) for name, value in call.headers.items()]
    request = client.build_request(call.method, call.url, headers=headers, content=call.body)
    response = await client.send(request, stream=True)
    try:
        raw = bytearray()
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > READ_LIMIT:
                break
    finally:
        await response.aclose()
    cut = len(raw) > READ_LIMIT
    body, unpacked_cut = _unpacked(bytes(raw[:READ_LIMIT]), response.headers.get("content-encoding", ""))
    data, text_cut = for_llm(body.decode(response.charset_encoding or "utf-8", errors="replace"))
    return HttpOutcome(
        "success" if response.is_success else "failure",
        response.status_code,
        data,
        cut or unpacked_cut or text_cut,
        min(len(raw), READ_LIMIT),
    )


def _unpacked(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """(body, whether it was cut) of a server that packs although we asked it not to."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body, False
    try:
        plain = zlib.decompressobj(wbits=47).decompress(body, READ_LIMIT + 1)
    except zlib.error:
        return b"", True
    return plain[:READ_LIMIT], len(plain) > READ_LIMIT


def for_llm(text: str) -> tuple[Any, bool]:
    """(data for the LLM, whether it was cut): JSON as it is, unless it is too long; else the first 8,000 characters."""
    if len(text) <= READ_LIMIT:
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        else:
            compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            if len(compact) <= LLM_LIMIT:
                return data, False
            text = compact
    return text[:LLM_LIMIT], len(text) > LLM_LIMIT
