"""Provider failure (PF1 to PF3): what failed, what is tried next, and when a call is given up."""

import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory, extract_http_status_code
from voxkit.log import get_logger

from voxcore import metrics as figures
from voxcore.pipeline.providers.base import Option
from voxcore.pipeline.providers.http import Stalled
from voxcore.record import CallRecord

log = get_logger("voxcore.fallback")

Action = Literal["retry", "fallback", "give_up"]
STT_FAILURES, STT_WINDOW_S = 3, 10.0
LLM_SILENCE_S = 6.0
TTS_SILENCE_S = 4.0
MESSAGE_CHARS = 300
DEFAULT_APOLOGY = "Sorry, we have a technical problem. Please try again later."
_KEYS = re.compile(r"(?i)\b(bearer\s+)\S+|\b(?:sk|key|api|xi|pk)[-_][A-Za-z0-9_-]{8,}|\bAIza[\w-]{20,}")


@dataclass(frozen=True)
class Failure:
    """One failure of a provider: `code` is its HTTP status or a word, `final` that repeating is pointless."""

    code: str
    message: str
    transient: bool
    final: bool = False


def clean(message: str, api_key: str) -> str:
    """A provider's message without keys, at most 300 characters."""
    if len(api_key) >= 6:
        message = message.replace(api_key, "…")
    return _KEYS.sub("…", message)[:MESSAGE_CHARS]


def read_failure(error: ErrorFrame, api_key: str = "") -> Failure:
    """What an error frame of a service says."""
    exception = error.exception
    message = clean(str(error.error or exception or "unknown error"), api_key)
    if isinstance(exception, Stalled):
        return Failure("stalled", message, transient=False)
    status = extract_http_status_code(exception) if exception else None
    if status is not None:
        final = status in (401, 403)
        return Failure(str(status), message, transient=status == 429 or status >= 500, final=final)
    if error.category in (ErrorCategory.AUTHENTICATION, ErrorCategory.AUTHORIZATION):
        return Failure("unauthorized", message, transient=False, final=True)
    if error.category in (ErrorCategory.INVALID_REQUEST, ErrorCategory.QUOTA):
        return Failure(error.category.value, message, transient=False)
    return Failure("transport", message, transient=True)


class Failures:
    """Notes failures in the record; gives the call up when a stage has no candidate left."""

    def __init__(self, record: CallRecord, give_up: Callable[[str], Awaitable[None]]) -> None:
        self._record = record
        self._give_up = give_up
        self.given_up = False

    def note(self, stage: str, option: Option, failure: Failure, action: Action) -> None:
        self._record.event(
            "service_error",
            stage=stage,
            provider=option.provider,
            model=option.model,
            code=failure.code,
            message=failure.message,
            action=action,
        )
        figures.provider_errors.labels(stage=stage, provider=option.provider, action=action).inc()
        log.warning(
            "provider.failed",
            stage=stage,
            provider=option.provider,
            model=option.model,
            code=failure.code,
            action=action,
        )

    async def give_up(self, stage: str) -> None:
        """No candidate is left; only the first such stage ends the call."""
        if not self.given_up:
            self.given_up = True
            await self._give_up(stage)


class Window:
    """Counts failures in the last seconds."""

    def __init__(self, limit: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._seconds, self._now = limit, seconds, now
        self._times: deque[float] = deque()

    def full(self) -> bool:
        """Add a failure; whether the limit is reached."""
        now = self._now()
        self._times.append(now)
        while self._times and self._times[0] < now - self._seconds:
            self._times.popleft()
        return len(self._times) >= self._limit

    def clear(self) -> None:
        self._times.clear()
