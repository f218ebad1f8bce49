"""Rate limits: fixed windows in Redis; while Redis is away the same limits per process."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass

from redis.exceptions import RedisError
from voxkit.errors import RateLimited
from voxkit.log import get_logger

from voxbridge.context import Context

AWAY_S = 5.0  # how long Redis is left alone after a failure, so that its timeouts do not slow every request
_MEMORY_ENTRIES = 10_000
log = get_logger("voxbridge.limits")


@dataclass(frozen=True)
class Rule:
    """At most `limit` in `window_s` seconds for each subject."""

    name: str
    limit: int
    window_s: int


LOGIN_EMAIL = Rule("login_email", 10, 900)
LOGIN_ADDRESS = Rule("login_address", 30, 900)
PASSWORD_CHANGE = Rule("password_change", 5, 900)
PUBLIC_RECORDING_ADDRESS = Rule("public_recording_address", 120, 60)
PUBLIC_RECORDING_TOKEN = Rule("public_recording_token", 60, 60)
EXPORT_USER = Rule("export_user", 6, 60)
CONTACTS_ADD = Rule("contacts_add", 60, 60)
CONTACTS_EXCLUDE = Rule("contacts_exclude", 60, 60)
DNC_ADD = Rule("dnc_add", 60, 60)


@dataclass
class _Memory:
    counts: dict[str, tuple[int, float]]
    away_until: float = 0.0

    def change(self, key: str, by: int, window_s: int) -> tuple[int, float]:
        now = time.monotonic()
        count, ends = self.counts.get(key, (0, now + window_s))
        if ends <= now:
            count, ends = 0, now + window_s
        if len(self.counts) >= _MEMORY_ENTRIES:
            self.counts = {held: value for held, value in self.counts.items() if value[1] > now}
        self.counts[key] = (max(0, count + by), ends)
        return self.counts[key][0], ends - now


def _memory(ctx: Context) -> _Memory:
    memory: _Memory = ctx.caches.setdefault("limits", _Memory({}))
    return memory


def _key(rule: Rule, subject: str) -> str:
    # Hashed: an address or an email is personal, and a token is a secret.
    return f"vox:rl:{rule.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


async def _change(ctx: Context, rule: Rule, subject: str, by: int) -> tuple[int, float]:
    """(count, seconds left in the window)."""
    memory, key = _memory(ctx), _key(rule, subject)
    if time.monotonic() >= memory.away_until:
        try:
            async with ctx.redis.pipeline(transaction=True) as steps:
                steps.set(key, 0, ex=rule.window_s, nx=True)
                steps.incrby(key, by)
                steps.pttl(key)
                _, count, left_ms = await steps.execute()
            return int(count), max(left_ms, 0) / 1000
        except (RedisError, OSError) as error:
            memory.away_until = time.monotonic() + AWAY_S
            log.warning("limits.redis_away", error=type(error).__name__)
    return memory.change(key, by, rule.window_s)


async def hit(ctx: Context, rule: Rule, subject: str) -> None:
    """Count one. Raises: RateLimited with `Retry-After` when the window is full."""
    count, left_s = await _change(ctx, rule, subject, 1)
    if count > rule.limit:
        wait_s = max(1, math.ceil(left_s))
        raise RateLimited(f"Too many requests; try again in {wait_s} s.", headers={"Retry-After": str(wait_s)})


async def take_back(ctx: Context, rule: Rule, subject: str) -> None:
    """Uncount one that turned out not to count."""
    await _change(ctx, rule, subject, -1)


async def clear(ctx: Context, rule: Rule, subject: str) -> None:
    """Begin anew for this subject."""
    _memory(ctx).counts.pop(_key(rule, subject), None)
    if time.monotonic() >= _memory(ctx).away_until:
        try:
            await ctx.redis.delete(_key(rule, subject))
        except (RedisError, OSError):
            _memory(ctx).away_until = time.monotonic() + AWAY_S
