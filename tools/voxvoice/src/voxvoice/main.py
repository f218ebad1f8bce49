"""`voxvoice`: serve the local models until a signal comes."""

import asyncio
import contextlib
import logging
import os
import signal
import sys

import uvicorn
from voxkit.errors import ConfigurationError
from voxkit.listen import bound
from voxkit.log import configure, get_logger
from voxkit.serve import Server

from voxvoice.app import build_app
from voxvoice.dialogue.files import DialogueError
from voxvoice.models import ModelError
from voxvoice.settings import VoxvoiceSettings

log = get_logger("voxvoice")
STOP_WITHIN_S = 3.0


async def serve(settings: VoxvoiceSettings) -> str | None:
    """Serve until SIGTERM or SIGINT. Returns: the reason when the models could not be loaded."""
    listener = bound(settings.host, settings.port, names="VOXVOICE_PORT")
    stop = asyncio.Event()
    app = build_app(settings, on_fatal=stop)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws_max_size=2**20,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    server = Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    host, port = listener.getsockname()[:2]
    log.info("server.listening", host=host, port=port)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, STOP_WITHIN_S - 0.5)
    listener.close()
    return app.state.failure


def main() -> None:
    """Console script. Exit status 1 with one line on stderr when it cannot start."""
    try:
        settings = VoxvoiceSettings.load()
        configure("voxvoice", level=settings.log_level, fmt=settings.log_format)
        for chatty in ("uvicorn.error", "faster_whisper"):  # a line a start and a line a transcription
            logging.getLogger(chatty).setLevel(logging.WARNING)
        failure = asyncio.run(serve(settings))
    except (ConfigurationError, DialogueError, ModelError) as error:
        failure = str(error)
    if failure:
        print(f"voxvoice: {failure}", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    # A model in the middle of a sentence runs in native code that cannot be interrupted; nothing here needs saving.
    os._exit(1 if failure else 0)


if __name__ == "__main__":
    main()
