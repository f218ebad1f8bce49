"""Server-sent events of the registry, across its restarts."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from voxkit.contracts.registry import RegistryEvent
from voxkit.http import backoff_s

SILENT_S = 40.0  # the registry writes a comment every 15 s


async def read_events(
    http: httpx.AsyncClient, url: str, params: dict[str, str], last_event_id: str | None = None
) -> AsyncIterator[RegistryEvent]:
    """Every event after `last_event_id` (none: from now on); connects again for ever, without a gap."""
    failures = 0
    while True:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        try:
            timeout = httpx.Timeout(SILENT_S, connect=2)
            async with http.stream("GET", url, params=params, headers=headers, timeout=timeout) as response:
                response.raise_for_status()
                async for event in _parsed(response.aiter_lines()):
                    failures = 0
                    last_event_id = event.id or last_event_id
                    yield event
        except (httpx.TransportError, httpx.HTTPStatusError):
            pass
        await asyncio.sleep(backoff_s(failures, first_s=0.2, cap_s=5))
        failures += 1


async def _parsed(lines: AsyncIterator[str]) -> AsyncIterator[RegistryEvent]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            data: Any = json.loads(fields.get("data") or "{}")
            yield RegistryEvent(id=fields.get("id", ""), event=fields["event"], data=data)
            fields = {}
        else:
            fields = {}
