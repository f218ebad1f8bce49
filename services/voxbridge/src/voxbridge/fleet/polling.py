"""Which worker host takes the next call: by polling the hosts of the setting `core_fleet`."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx
from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxbridge.context import Context
from voxbridge.fleet.errors import NoCapacity, NoFleet, NoHealthyFleet, StartUnknown
from voxbridge.fleet.models import FleetHost
from voxbridge.fleet.probe import read_answer
from voxbridge.settings.service import get_settings

KEPT_S = 1.0
MAX_HOSTS = 3
MAX_LOOKS = 3
MAX_ANSWER_BYTES = 1024 * 1024
log = get_logger("voxbridge.fleet")


@dataclass
class _Polls:
    """Last answers, the URLs that were sent a start since, and the probes under way."""

    answers: dict[str, tuple[float, FleetHost]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    flights: dict[str, asyncio.Task[FleetHost]] = field(default_factory=dict)


def _polls(ctx: Context) -> _Polls:
    polls: _Polls = ctx.caches.setdefault("fleet", _Polls())
    return polls


async def _probe(ctx: Context, url: str) -> FleetHost:
    try:
        async with asyncio.timeout(ctx.settings.fleet_health_timeout_seconds):
            async with ctx.http.stream("GET", f"{url}/health/fleet", timeout=None) as answer:
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        return FleetHost(url=url, status="unreachable")
            return read_answer(url, answer.status_code, body)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        log.warning("fleet.unreachable", url=url, error=type(error).__name__)
        return FleetHost(url=url, status="unreachable")


async def _look(ctx: Context, url: str) -> FleetHost:
    """An answer of at most 1 s ago, else of one new probe that all askers share."""
    polls = _polls(ctx)
    known = polls.answers.get(url)
    if known and time.monotonic() - known[0] < KEPT_S:
        return known[1]
    flight = polls.flights.get(url)
    if flight is None:
        flight = asyncio.create_task(_probe(ctx, url), name="fleet.probe")
        polls.flights[url] = flight

        def landed(done: asyncio.Task[FleetHost]) -> None:
            polls.flights.pop(url, None)
            if not done.cancelled() and not done.exception():
                polls.answers[url] = (time.monotonic(), done.result())
                polls.sent.discard(url)

        flight.add_done_callback(landed)
    # Shielded: one asker that goes away must not end the probe of the others.
    return await asyncio.shield(flight)


async def poll(ctx: Context) -> list[FleetHost]:
    """All hosts, in the order of the setting."""
    urls = (await get_settings(ctx)).core_fleet
    return list(await asyncio.gather(*(_look(ctx, url) for url in urls)))


async def pick_worker(ctx: Context, *, tried: Collection[str] = ()) -> str:
    """Base URL of the host with the most free workers, ties at random; one is taken off its count until the next probe.

    `tried`: hosts that refused already. Raises: NoFleet, NoHealthyFleet, NoCapacity (all 503).
    """
    polls = _polls(ctx)
    for _ in range(MAX_LOOKS):
        hosts = await poll(ctx)
        if not hosts:
            raise _counted(ctx, NoFleet())
        healthy = [host for host in hosts if host.status == "healthy"]
        if not healthy:
            raise _counted(ctx, NoHealthyFleet())
        untried = [host for host in healthy if host.url not in tried]
        free = [host for host in untried if host.total_available > 0]
        if free:
            chosen = max(free, key=lambda host: (host.total_available, random.random()))
            chosen.total_available -= 1
            polls.sent.add(chosen.url)
            ctx.metrics.fleet_picks.labels("poll", "picked").inc()
            return chosen.url
        counted_off = [host.url for host in untried if host.url in polls.sent]
        if not counted_off:
            break
        # Only our own starts made them full, and those calls may be over: refuse on the word of a probe alone.
        oldest = min(polls.answers[url][0] for url in counted_off)
        await asyncio.sleep(max(0.0, oldest + KEPT_S - time.monotonic()))
    raise _counted(ctx, NoCapacity())


def _counted(ctx: Context, refusal: VoxError) -> VoxError:
    ctx.metrics.fleet_picks.labels("poll", refusal.wire_code).inc()
    return refusal


async def start_call(ctx: Context, path: str, body: dict[str, Any], *, timeout_s: float) -> tuple[str, dict[str, Any]]:
    """POST a start to the best host: (host, answer). 429 and a refused connection move on, at most 3 hosts.

    Raises: StartUnknown: it may have started, so no second host is tried. Another refusal of the worker is relayed with
    its code. NoFleet, NoHealthyFleet, NoCapacity.
    """
    tried: list[str] = []
    while len(tried) < MAX_HOSTS:
        host = await pick_worker(ctx, tried=tried)
        tried.append(host)
        try:
            answer = await ctx.http.post(f"{host}{path}", json=body, timeout=httpx.Timeout(timeout_s, connect=2.0))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
        except httpx.HTTPError as error:
            log.warning("start.unknown", url=host, path=path, error=type(error).__name__)
            raise StartUnknown from None
        if answer.status_code == 429:
            continue
        told = _told(answer)
        if answer.status_code == 200 and told is not None:
            return host, told
        code = str(told.get("error", "")) if told else ""
        # A balancer's own 502 or 504 says nothing about the worker behind it.
        if answer.status_code < 400 or code == "outcome_unknown" or (answer.status_code in (502, 504) and not code):
            raise StartUnknown
        raise VoxError(
            str(told.get("message", "")) if told else "The worker refused the call.",
            code=code or "worker_refused",
            status=answer.status_code if told else 502,
        )
    raise _counted(ctx, NoCapacity())


def _told(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
