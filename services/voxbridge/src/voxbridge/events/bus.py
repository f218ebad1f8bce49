"""Events between the processes of a deployment, over one Redis channel; what is lost on the way costs a look later."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError
from voxkit.log import get_logger

from voxbridge.context import Context
from voxbridge.events.hub import Hub

Document = dict[str, Any]
CHANNEL = "vox:events"
LISTEN_S = 1.0
log = get_logger("voxbridge.events")


def hub_of(ctx: Context) -> Hub:
    hub: Hub = ctx.caches.setdefault("event_hub", Hub())
    return hub


def publish(ctx: Context, name: str, topics: Collection[str], data: Document) -> None:
    """Tell the streams of this process now, those of the others over Redis. Never fails, never waits."""
    hub_of(ctx).tell(name, topics, data)
    ctx.background.start(_send(ctx, name, list(topics), data), name="events.publish")


async def _send(ctx: Context, name: str, topics: list[str], data: Document) -> None:
    text = json.dumps({"origin": hub_of(ctx).identity, "event": name, "topics": topics, "data": data}, default=str)
    try:
        await ctx.redis.publish(CHANNEL, text)
    except (RedisError, OSError) as error:
        log.warning("events.not_published", event_name=name, error=type(error).__name__)


class Listener:
    """Hears the other processes while a stream is open here. After Redis was away everybody is told `reset`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._was_away = False

    async def run(self) -> None:
        """Until nobody reads any more."""
        hub = hub_of(self._ctx)
        if not hub.topics() or hub.stopping:
            return
        try:
            await self._listen(hub)
        except (RedisError, OSError) as error:
            if not self._was_away:
                log.warning("events.redis_away", error=type(error).__name__)
            self._was_away = True
        finally:
            hub.listening.clear()

    async def _listen(self, hub: Hub) -> None:
        channel = self._ctx.redis.pubsub(ignore_subscribe_messages=True)
        try:
            await channel.subscribe(CHANNEL)
            # Nothing was heard until now: whoever waits for the first look may take it, others look again.
            if self._was_away:
                self._was_away = False
                hub.interrupted()
            else:
                hub.begin()
            hub.listening.set()
            while hub.topics() and not hub.stopping:
                heard = await channel.get_message(timeout=LISTEN_S)
                if heard and heard.get("type") == "message":
                    _hear(hub, heard["data"])
        finally:
            with suppress(RedisError, OSError):
                await channel.aclose()


def _hear(hub: Hub, text: Any) -> None:
    """An event of another process; what an older or newer release says otherwise is not for us."""
    try:
        told = json.loads(text)
        origin, name, topics, data = told["origin"], told["event"], told["topics"], told["data"]
    except (ValueError, TypeError, KeyError):
        return
    # Our own events come back over the channel; they are told already.
    if origin != hub.identity and isinstance(name, str) and isinstance(topics, list) and isinstance(data, dict):
        hub.tell(name, [str(topic) for topic in topics], data)
