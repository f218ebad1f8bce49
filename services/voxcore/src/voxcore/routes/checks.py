"""The checks of a start, in their order, without network and without side effect until the slot is taken."""

import base64
import binascii
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from voxkit.errors import Forbidden, VoxError
from voxkit.fence import FENCE_HEADER, WORKER_HEADER, FenceRefused
from voxkit.log import get_logger
from voxkit.secrets import matches_any

from voxcore import metrics
from voxcore.config import MAX_EVENT_BYTES, allowed_config_url, encoded_size
from voxcore.record import CallRecord
from voxcore.settings import VoxcoreSettings

log = get_logger("voxcore.starts")


class InvalidStart(VoxError):
    """The body is not valid."""

    code, status = "invalid_request", 422


class ConfigUrlNotAllowed(VoxError):
    """This config URL is not allowed here; add it to CONFIG_URL_ALLOWLIST."""

    code, status = "config_url_not_allowed", 403


class LivekitNotConfigured(VoxError):
    """LiveKit is not configured on this worker; set LIVEKIT_URL."""

    code, status = "livekit_not_configured", 503


@contextmanager
def refusals_counted(route: str) -> Generator[None]:
    """One metric and one log line for each start that is refused inside."""
    try:
        yield
    except VoxError as error:
        metrics.starts_refused.labels(route, error.wire_code).inc()
        reason = {"reason": fence_counted(error)} if isinstance(error, FenceRefused) else {}
        log.info("start.refused", route=route, error=error.wire_code, **reason)
        raise


def fence_counted(refusal: FenceRefused) -> str:
    """Count a fence that was refused; which part of the check it failed."""
    metrics.fence_refused.labels(refusal.reason).inc()
    return refusal.reason


def media_token(headers: Mapping[str, str], query: Mapping[str, str], tokens: tuple[str, ...]) -> None:
    """Refuse a carrier's socket that brings none of the tokens: header, query `token`, or password of HTTP Basic.

    Raises: Forbidden.
    """
    if not tokens:
        return
    candidates = (headers.get("x-vox-media-token"), query.get("token"), _basic_password(headers.get("authorization")))
    if not any(matches_any(candidate, tokens) for candidate in candidates):
        raise Forbidden("The media token is missing or wrong.")


def _basic_password(header: str | None) -> str | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def event_size(record: CallRecord) -> None:
    """Raises InvalidStart: `connected_event` is over 16 KiB as the config fetch would send it."""
    size = encoded_size(record.connected_event)
    if size > MAX_EVENT_BYTES:
        message = f"connected_event is {size} bytes encoded; at most {MAX_EVENT_BYTES} are possible"
        raise InvalidStart(
            "The request is not valid.",
            detail=[{"loc": ["body", "connected_event"], "msg": message, "type": "too_large"}],
        )


def config_url(given: str | None, settings: VoxcoreSettings) -> str:
    """The config URL of a start. Raises ConfigUrlNotAllowed."""
    if given is None:
        return settings.voxbridge_config_url
    if not allowed_config_url(given, settings.voxbridge_config_url, settings.config_url_allowlist):
        raise ConfigUrlNotAllowed()
    return given


def livekit_configured(settings: VoxcoreSettings) -> None:
    """Raises LivekitNotConfigured."""
    if not settings.livekit_url:
        raise LivekitNotConfigured()


def addressed_here(headers: Mapping[str, str], settings: VoxcoreSettings) -> None:
    """Refuse a start that names another worker, with or without a fence. Raises FenceRefused."""
    named = headers.get(WORKER_HEADER)
    if named is not None and named != settings.voxcore_worker_id:
        raise FenceRefused("worker", f"The start names another worker, this is {settings.voxcore_worker_id}.")


def fence_of(headers: Mapping[str, str], query: Mapping[str, str], in_path: str | None = None) -> str | None:
    """The fence of a start, None without one: last path segment, header or query `fence`.

    Raises FenceRefused: two places name different fences, and so perhaps different seats.
    """
    given = {each for each in (in_path, headers.get(FENCE_HEADER), query.get("fence")) if each is not None}
    if len(given) > 1:
        raise FenceRefused("mac", "The start brings two different fences.")
    return given.pop() if given else None
