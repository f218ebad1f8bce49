"""`voxbridge`: serve the API until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvicorn
from voxkit import log as logs
from voxkit.errors import ConfigurationError
from voxkit.listen import bound

from voxbridge.app import create_app
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
            await uvicorn.Server(config).serve(sockets=[listener])


def main() -> None:
    """Exit 0 after a stop, 1 with one line on stderr when it cannot start."""
    try:
        settings = BridgeSettings.load()
        logs.configure("voxbridge", level=settings.log_level, fmt=settings.log_format)
        asyncio.run(serve(settings))
    except ConfigurationError as error:
        print(f"voxbridge: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
