"""Where recordings are: object storage first, then the worker host that still holds the file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from voxkit.errors import ConfigurationError
from voxkit.log import get_logger

from voxbridge.context import Context
from voxbridge.recordings.ranges import ByteRange, RangeNotSatisfiable, if_range_holds, parse_range, size_of
from voxbridge.settings import BridgeSettings
from voxbridge.settings.models import Minio, SystemSettings

CHUNK_BYTES = 64 * 1024
TO_HEADERS_S = 10.0
MISSING = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
Store = LocalStore | S3Store
log = get_logger("voxbridge.recordings")


async def _nothing() -> None:
    return None


@dataclass
class Found:
    """An open recording. `part`: what `chunks` brings, None = all `size` bytes. `close` frees the source."""

    size: int
    part: ByteRange | None
    chunks: AsyncIterator[bytes]
    etag: str | None = None
    last_modified: str | None = None
    close: Callable[[], Awaitable[None]] = _nothing


@dataclass(frozen=True)
class Wanted:
    """What a client asked for: its `Range` and `If-Range`; `head` = headers only."""

    range: str | None = None
    if_range: str | None = None
    head: bool = False


def s3_store(bucket: str, *, endpoint: str, access_key: str, secret_key: str, region: str) -> S3Store:
    """A bucket; without an endpoint that of the public service in `region`."""
    options: dict[str, Any] = {"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}
    return S3Store(
        bucket,
        region=region or "us-east-1",
        access_key_id=access_key,
        secret_access_key=secret_key,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "30s", "connect_timeout": "3s"},
        retry_config={"max_retries": 1},
        **options,
    )


def _of_environment(settings: BridgeSettings) -> Store | None:
    """`file:///folder` or `s3://bucket?endpoint=…&region=…`. Raises: ConfigurationError."""
    url = settings.object_store_url
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(unquote(parts.path), mkdir=True)
    if parts.scheme == "s3" and parts.netloc:
        query = parse_qs(parts.query)
        return s3_store(
            parts.netloc,
            endpoint=query.get("endpoint", [""])[0],
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            region=query.get("region", [""])[0],
        )
    raise ConfigurationError(f"OBJECT_STORE_URL: {url!r} must be file:///folder or s3://bucket?endpoint=URL")


def _of_settings(minio: Minio) -> S3Store:
    endpoint = minio.endpoint.rstrip("/")
    if "://" not in endpoint:
        endpoint = f"{'https' if minio.secure else 'http'}://{endpoint}"
    return s3_store(
        minio.bucket,
        endpoint=endpoint,
        access_key=minio.access_key,
        secret_key=minio.secret_key,
        region=minio.region,
    )


def object_store(ctx: Context, settings: SystemSettings) -> Store | None:
    """The store of the settings when they are complete, else of the environment; one client as long as they stay."""
    wanted = settings.minio.model_dump_json() if settings.minio.complete else ""
    kept: tuple[str, Store | None] | None = ctx.caches.get("object_store")
    if kept is None or kept[0] != wanted:
        made = _of_settings(settings.minio) if wanted else _of_environment(ctx.settings)
        ctx.caches["object_store"] = kept = (wanted, made)
    return kept[1]


def _http_date(value: datetime | None) -> str | None:
    return format_datetime(value.replace(microsecond=0), usegmt=True) if value else None


async def from_store(store: Store, key: str, wanted: Wanted) -> Found | None:
    """None: not there, or the store is away (logged). Raises: RangeNotSatisfiable."""
    try:
        async with asyncio.timeout(TO_HEADERS_S):
            meta = await obstore.head_async(store, key)
            size, etag, modified = meta["size"], meta["e_tag"], _http_date(meta["last_modified"])
            if etag and not etag.startswith(('"', "W/")):
                etag = f'"{etag}"'
            part = parse_range(wanted.range, size) if if_range_holds(wanted.if_range, etag, modified) else None
            if wanted.head or size == 0:
                return Found(size, part, _no_bytes(), etag, modified)
            options: Any = {"range": (part.start, part.end + 1)} if part else None
            opened = await obstore.get_async(store, key, options=options)
    except MISSING:
        return None
    except (BaseError, OSError, TimeoutError) as error:
        log.error("recording.store_failed", error=f"{type(error).__name__}: {error}".split("\n")[0][:300])
        return None
    return Found(size, part, _chunks(opened), etag, modified)


async def _no_bytes() -> AsyncIterator[bytes]:
    return
    yield b""


async def _chunks(opened: Any) -> AsyncIterator[bytes]:
    async for chunk in opened.stream(min_chunk_size=CHUNK_BYTES):
        yield bytes(chunk)


async def from_fleet(ctx: Context, hosts: list[str], key: str, wanted: Wanted) -> Found | None:
    """The first host that has the file. Raises: RangeNotSatisfiable."""
    for host in hosts:
        # With If-Range the whole is asked for: only its ETag tells whether the part may be cut.
        relayed = {"Range": wanted.range} if wanted.range and wanted.if_range is None else {}
        request = ctx.http.build_request(
            "GET",
            f"{host}/recordings/{quote(key)}",
            headers={**relayed, "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(TO_HEADERS_S, connect=2.0),
        )
        try:
            async with asyncio.timeout(TO_HEADERS_S):
                answer = await ctx.http.send(request, stream=True)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            log.warning("recording.host_failed", url=host, error=type(error).__name__)
            continue
        try:
            found = _relayed(answer, wanted)
        except RangeNotSatisfiable:
            await answer.aclose()
            raise
        if found is not None:
            return found
        await answer.aclose()
    return None


def _relayed(answer: httpx.Response, wanted: Wanted) -> Found | None:
    etag, modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    size = size_of(answer.headers.get("Content-Range"))
    if answer.status_code == 416 and size is not None:
        raise RangeNotSatisfiable(size)
    if answer.status_code == 206 and size is not None and wanted.range:
        part = parse_range(wanted.range, size)
        if part is None or answer.headers.get("Content-Range") != part.content_range:
            return None
        return Found(size, part, answer.aiter_raw(CHUNK_BYTES), etag, modified, answer.aclose)
    length = answer.headers.get("Content-Length", "")
    if answer.status_code != 200 or not length.isdigit():
        return None
    part = parse_range(wanted.range, int(length)) if if_range_holds(wanted.if_range, etag, modified) else None
    chunks = answer.aiter_raw(CHUNK_BYTES)
    return Found(int(length), part, cut(chunks, part) if part else chunks, etag, modified, answer.aclose)


async def cut(chunks: AsyncIterator[bytes], part: ByteRange) -> AsyncIterator[bytes]:
    """The bytes of `part` out of a stream of the whole."""
    position = 0
    async for chunk in chunks:
        begin, end = max(part.start - position, 0), min(part.end + 1 - position, len(chunk))
        if begin < end:
            yield chunk[begin:end]
        position += len(chunk)
        if position > part.end:
            return
