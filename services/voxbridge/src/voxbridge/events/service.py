"""Who may open a stream, on what, and how it goes on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import suppress

from voxkit.errors import Forbidden, RateLimited, Unauthorized
from voxkit.sse import COMMENT_S, STILL_HERE, event

from voxbridge.actors import RANKS, Actor
from voxbridge.auth.tokens import actor_of_token
from voxbridge.context import Context
from voxbridge.events.bus import hub_of
from voxbridge.queries import words, wrong

TOPICS = ("calls", "campaigns", "fleet", "settings")
MAX_TOPICS = 10
STREAMS_OF_USER = 20
STREAMS = 500
LISTENING_WAIT_S = 1.0
SIGNAL = "events"
_ONE = re.compile(r"campaign:[A-Za-z0-9_-]{1,64}")
_ROLE = "admin"


def topics_of(text: str) -> frozenset[str]:
    """Raises: Invalid."""
    asked = words(text)
    if not asked:
        raise wrong("topics", f"names none of {', '.join(TOPICS)}, campaign:{{campaign_id}}")
    if len(asked) > MAX_TOPICS:
        raise wrong("topics", f"holds {len(asked)}; {MAX_TOPICS} are allowed")
    if unknown := [topic for topic in asked if topic not in TOPICS and not _ONE.fullmatch(topic)]:
        raise wrong("topics", f"holds {unknown[0]!r}; there are {', '.join(TOPICS)}, campaign:{{campaign_id}}")
    return frozenset(asked)


def check_room(ctx: Context, actor: Actor) -> None:
    """Raises: RateLimited `too_many_streams`."""
    readers = hub_of(ctx).readers
    own = sum(reader.user_id == actor.user_id for reader in readers)
    if own < STREAMS_OF_USER and len(readers) < STREAMS:
        return
    whose = f"You have {own} event streams open" if own >= STREAMS_OF_USER else f"{len(readers)} event streams are open"
    raise RateLimited(
        f"{whose}, the most that is allowed; close other tabs. Pages go on without, a little later.",
        code="too_many_streams",
        headers={"Retry-After": "30"},
    )


async def stream(
    ctx: Context, actor: Actor, token: str, topics: frozenset[str], last_event_id: str
) -> AsyncGenerator[bytes]:
    """Events until the reader leaves, the process ends or the token is good no longer."""
    hub = hub_of(ctx)
    with hub.reading(topics, actor.user_id, last_event_id) as reader:
        ctx.signals.wake(SIGNAL)
        with suppress(TimeoutError):
            # What other processes tell is heard from here on; without Redis a page still hears this one.
            async with asyncio.timeout(LISTENING_WAIT_S):
                await hub.listening.wait()
        yield event("hello", {"topics": sorted(topics)}, hub.last_id)
        checked = asyncio.get_running_loop().time()
        while not reader.ended:
            yield await reader.take(COMMENT_S) or STILL_HERE
            if asyncio.get_running_loop().time() - checked >= COMMENT_S:
                checked = asyncio.get_running_loop().time()
                try:
                    if (await actor_of_token(ctx, token)).rank < RANKS[_ROLE]:
                        return
                except (Unauthorized, Forbidden):
                    return
