"""`voxbridge`: serve the API until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn
from voxkit import log as logs
from voxkit.collector import keep_loaded
from voxkit.errors import ConfigurationError
from voxkit.listen import bound

from voxbridge.analytics.recount import mark_everything
from voxbridge.app import create_app
from voxbridge.context import Context
from voxbridge.events.bus import hub_of
from voxbridge.settings import BridgeSettings

STOP_WITHIN_S = 30


async def serve(settings: BridgeSettings) -> None:
    """Start in order, listen last, stop within 30 s of SIGTERM. Raises: ConfigurationError."""
    app = create_app(settings)
    with bound(settings.host, settings.port) as listener:
        async with app.router.lifespan_context(app):
            # uvicorn raises the signal again when it has stopped; by then ours must not kill what is being put away.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: None)
            config = uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=STOP_WITHIN_S - 5,
            )
            keep_loaded()
            await Server(config, before_shutdown=hub_of(app.state.ctx).stop).serve(sockets=[listener])


class Server(uvicorn.Server):
    """Event streams never end by themselves: they are told when the server begins to stop, so that it can."""

    def __init__(self, config: uvicorn.Config, *, before_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._before_shutdown = before_shutdown

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_shutdown()
        await super().shutdown(sockets)


async def recount(settings: BridgeSettings) -> int:
    """Mark every call to be counted again by the running voxbridge. Returns the number of buckets of 15 minutes."""
    ctx: Context = create_app(settings).state.ctx
    try:
        return await mark_everything(ctx)
    finally:
        await ctx.mongo.close()
        await ctx.redis.aclose()
        await ctx.http.aclose()


def main() -> None:
    """`voxbridge`, or `voxbridge recount`. Exit 0 after a stop, 1 with one line on stderr when it cannot start."""
    try:
        if sys.argv[1:] not in ([], ["recount"]):
            raise ConfigurationError(
                f"there is no {' '.join(sys.argv[1:])!r}; it is `voxbridge` or `voxbridge recount`"
            )
        settings = BridgeSettings.load()
        if sys.argv[1:]:
            marked = asyncio.run(recount(settings))
            print(f"{marked} quarter hours with calls are counted again within a few minutes")
            return
        logs.configure("voxbridge", level=settings.log_level, fmt=settings.log_format)
        asyncio.run(serve(settings))
    except ConfigurationError as error:
        print(f"voxbridge: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
