"""`voxdialler`: dial running campaigns until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvicorn
from voxkit import log as logs
from voxkit.collector import keep_loaded
from voxkit.errors import ConfigurationError
from voxkit.listen import bound
from voxkit.serve import Server

from voxdialler.app import Dialler
from voxdialler.settings import DiallerSettings


async def serve(settings: DiallerSettings) -> None:
    """Until SIGTERM (ringing calls end by themselves) or SIGINT (they are hung up). Raises: ConfigurationError."""
    dialler = Dialler(settings)
    asked: asyncio.Queue[bool] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    with bound(settings.health_host, settings.health_port) as listener:
        async with dialler.running():
            config = uvicorn.Config(
                dialler.app, lifespan="off", log_config=None, access_log=False, server_header=False,
                proxy_headers=False, timeout_graceful_shutdown=1,
            )  # fmt: skip
            server = Server(config)  # ringing calls are carried to their end while it still answers
            keep_loaded()
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            for number, at_once in ((signal.SIGTERM, False), (signal.SIGINT, True)):
                loop.add_signal_handler(number, asked.put_nowait, at_once)
            at_once = await asked.get()
            stopping = asyncio.create_task(dialler.stop(at_once=at_once))
            while not stopping.done() and not at_once:
                again = asyncio.create_task(asked.get())
                await asyncio.wait({stopping, again}, return_when=asyncio.FIRST_COMPLETED)
                if again.done() and again.result():  # SIGINT after SIGTERM: at once after all
                    at_once = True
                    stopping.cancel()
                    stopping = asyncio.create_task(dialler.stop(at_once=True))
                again.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            server.should_exit = True
            await serving


def main() -> None:
    """Exit 0 after a stop, 1 with one line on stderr when it cannot start."""
    try:
        settings = DiallerSettings.load()
        logs.configure("voxdialler", level=settings.log_level, fmt=settings.log_format)
        asyncio.run(serve(settings))
    except ConfigurationError as error:
        print(f"voxdialler: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
