"""Fetch the configuration of a call, and decide what each answer means for it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from pydantic import ValidationError
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.log import get_logger

from voxcore.record import CallRecord

log = get_logger("voxcore.config")

CONNECT_S, TOTAL_S, PAUSE_S = 2.0, 8.0, 0.3
TRIES = 2
MAX_BYTES = 1024 * 1024
MAX_EVENT_BYTES = 16 * 1024
OUTSIDE_HOURS = "outside_active_hours:"
KEPT_KEYS = frozenset({
    "_campaign_session_id", "_campaign_id", "_campaign_call_id", "_campaign_attempt", "_campaign_run_number",
    "_skip_prefetch", "_skip_post_push", "_mock_crm", "_context", "custom_field", "CustomField",
    "sip_candidate_headers",
})  # fmt: skip
OWN_KEYS = frozenset({"callerId", "did", "callDirection", "streamId", "transport", "call_id", "room_name"})


class Found(StrEnum):
    """What the answer to a config fetch is."""

    OK = "ok"
    UNUSABLE = "unusable"
    UNKNOWN = "unknown"
    """403 or 404: this bot is not ours to run."""
    OUTSIDE_HOURS = "outside_hours"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class ConfigAnswer:
    """`config` with OK; `session_id` and `webhook_url` with UNUSABLE, as far as they could be read."""

    found: Found
    status: int | None = None
    config: RuntimeConfig | None = None
    session_id: str | None = None
    webhook_url: str | None = None
    reason: str = ""

    def cause(self, transport: str) -> str:
        """The `disconnected_by` of a call that got this answer."""
        return "outside_hours" if self.found is Found.OUTSIDE_HOURS and transport != "widget" else "error"


def base_of(config_url: str) -> str:
    """voxbridge's address: the config URL without `/config`."""
    return config_url.rstrip("/").removesuffix("/config")


def allowed_config_url(url: str, default: str, allowlist: str) -> bool:
    """Whether a start may name this config URL: scheme, host and port exactly, the path by segments."""
    entries = [default, *(part.strip() for part in allowlist.split(",") if part.strip())]
    return any(_begins_with(url, entry) for entry in entries)


def _begins_with(url: str, entry: str) -> bool:
    try:
        given, allowed = urlsplit(url), urlsplit(entry)
        same = (given.scheme, given.hostname, _port(given)) == (allowed.scheme, allowed.hostname, _port(allowed))
    except ValueError:
        return False
    if not same or given.scheme not in ("http", "https") or given.username or given.query or given.fragment:
        return False
    segments, wanted = given.path.strip("/").split("/"), allowed.path.strip("/").split("/")
    if not given.path.rstrip("/").endswith("/config") or {".", ".."} & set(segments):
        return False
    return wanted == [""] or segments[: len(wanted)] == wanted


def _port(parts: Any) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def complete_event(record: CallRecord, room_name: str | None = None) -> None:
    """Give `connected_event` what it always holds; values the start gave win."""
    always = {
        "callerId": record.caller_id,
        "did": record.from_number,
        "callDirection": record.call_direction,
        "streamId": record.stream_id,
        "transport": record.transport,
    }
    if room_name is not None:
        always |= {"call_id": record.call_id, "room_name": room_name}
    record.connected_event = {**always, **record.connected_event}


def encoded(event: Mapping[str, Any]) -> str:
    """The event as compact JSON; half a surrogate pair, which no URL can carry, becomes a question mark."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def encoded_size(event: Mapping[str, Any]) -> int:
    """Length of the event in the query of the fetch, bytes."""
    return len(quote(encoded(event), safe=""))


def shrink_event(event: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The event within 16 KiB, and the names of what it lost: extra fields, the largest first."""
    kept, lost = dict(event), []
    extra = sorted(set(event) - KEPT_KEYS - OWN_KEYS, key=lambda key: encoded_size({key: event[key]}), reverse=True)
    for key in extra:
        if encoded_size(kept) <= MAX_EVENT_BYTES:
            break
        del kept[key]
        lost.append(key)
    return kept, lost


async def fetch_config(client: httpx.AsyncClient, config_url: str, record: CallRecord) -> ConfigAnswer:
    """Ask voxbridge for the configuration: 8 s in all, one retry on a transport error or a 5xx other than 503."""
    url = f"{config_url.rstrip('/')}/{quote(record.bot_id, safe='')}"
    params = {
        "caller_id": record.caller_id,
        "stream_id": record.stream_id,
        "connected_event": encoded(record.connected_event),
    }
    last = ConfigAnswer(Found.UNAVAILABLE, reason="no answer within 8 s")
    try:
        async with asyncio.timeout(TOTAL_S):
            for attempt in range(1, TRIES + 1):
                try:
                    status, body = await _get(client, url, params)
                    last = judge(status, body)
                    if last.found is not Found.UNAVAILABLE or status < 500 or status == 503:
                        return last
                except httpx.HTTPError as error:
                    last = ConfigAnswer(Found.UNAVAILABLE, reason=type(error).__name__)
                if attempt < TRIES:
                    await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        pass
    return last


async def _get(client: httpx.AsyncClient, url: str, params: dict[str, str]) -> tuple[int, bytes | None]:
    """Status and body; the body is None when it is over 1 MiB."""
    timeout = httpx.Timeout(TOTAL_S, connect=CONNECT_S)
    async with client.stream("GET", url, params=params, timeout=timeout) as answer:
        body = bytearray()
        async for block in answer.aiter_bytes():
            body += block
            if len(body) > MAX_BYTES:
                return answer.status_code, None
        return answer.status_code, bytes(body)


def judge(status: int, body: bytes | None) -> ConfigAnswer:
    """What an answer means. Bodies are never logged: they hold provider keys."""
    if status == 200:
        return _read(body)
    if status in (403, 404):
        return ConfigAnswer(Found.UNKNOWN, status, reason=f"HTTP {status}")
    if status == 503 and _detail(body).startswith(OUTSIDE_HOURS):
        return ConfigAnswer(Found.OUTSIDE_HOURS, status, reason="outside active hours")
    return ConfigAnswer(Found.UNAVAILABLE, status, reason=f"HTTP {status}")


def _read(body: bytes | None) -> ConfigAnswer:
    if body is None:
        return ConfigAnswer(Found.UNUSABLE, 200, reason="larger than 1 MiB")
    try:
        raw = json.loads(body)
    except ValueError:
        return ConfigAnswer(Found.UNUSABLE, 200, reason="not JSON")
    try:
        return ConfigAnswer(Found.OK, 200, config=RuntimeConfig.model_validate(raw))
    except ValidationError as error:
        # Field names and kinds of error only; the values may be keys.
        fields = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        known = raw if isinstance(raw, dict) else {}
        return ConfigAnswer(
            Found.UNUSABLE,
            200,
            session_id=_text(known.get("session_id")),
            webhook_url=_text(known.get("webhook_url")),
            reason=f"not usable: {', '.join(fields)}"[:300],
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _detail(body: bytes | None) -> str:
    try:
        detail = json.loads(body or b"").get("detail")
    except (ValueError, AttributeError):
        return ""
    return detail if isinstance(detail, str) else ""
