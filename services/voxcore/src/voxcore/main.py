"""`voxcore`, `python -m voxcore`: one worker process, or with SEATS the parent of several."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn
import uvloop
from voxkit.errors import ConfigurationError
from voxkit.listen import bound
from voxkit.log import get_logger
from voxkit.serve import Server

from voxcore.app import create_app
from voxcore.conversation import Parts, lazy_product_parts
from voxcore.logs import configure_logs
from voxcore.preload import give_memory_back, one_thread_a_library
from voxcore.settings import VoxcoreSettings
from voxcore.worker import Worker

log = get_logger("voxcore.main")

CLOSE_WITHIN_S = 2
MAX_FRAME_BYTES = 64 * 1024
PING_S = 20.0


def listening_socket(settings: VoxcoreSettings) -> socket.socket:
    """The bound socket of this worker. Raises ConfigurationError: the address is taken or not ours."""
    if settings.voxcore_socket:
        path = Path(settings.voxcore_socket)
        sock = socket.socket(socket.AF_UNIX)
        try:
            _remove_stale(path)
            sock.bind(str(path))
            path.chmod(0o660)
        except OSError as error:
            sock.close()
            raise ConfigurationError(f"VOXCORE_SOCKET {path}: {error.strerror}; name another path") from None
    else:
        sock = bound(settings.voxcore_host, settings.voxcore_port, names="VOXCORE_HOST and VOXCORE_PORT")
    sock.listen(128)
    return sock


def _remove_stale(path: Path) -> None:
    """Remove the socket file of a process that is gone; one that still answers is somebody's."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)


def server_for(worker: Worker) -> uvicorn.Server:
    """The HTTP server of a worker; it knows no signals, its `should_exit` stops it."""
    config = uvicorn.Config(
        create_app(worker),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,  # audio does not shrink, and each frame would cost CPU
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        timeout_graceful_shutdown=CLOSE_WITHIN_S,
    )
    return Server(config)


async def serve(settings: VoxcoreSettings, parts: Parts, sock: socket.socket, *, preloaded: bool = False) -> int:
    """Run a worker until it has left. Returns its exit code. Raises ConfigurationError before anything is served."""
    worker = Worker(settings, parts)
    server = server_for(worker)
    loop = asyncio.get_running_loop()
    with suppress(RuntimeError, ValueError):  # not the main thread: whoever embeds the worker stops it by its methods
        loop.add_signal_handler(signal.SIGTERM, worker.terminate)
        loop.add_signal_handler(signal.SIGINT, worker.stop_now)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    worker.start(preloaded=preloaded)
    where = settings.voxcore_socket or f"{settings.voxcore_host}:{sock.getsockname()[1]}"
    log.info("worker.listening", address=where, pid=os.getpid())
    leaving = asyncio.create_task(worker.until_leaving_is_done())
    try:
        # The server learns of the stop only now: until here health, recordings and metrics answer.
        await asyncio.wait({leaving, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        await asyncio.wait({serving}, timeout=CLOSE_WITHIN_S + 1)
        leaving.cancel()
        await worker.close()
    return worker.exit_code


def run_worker(settings: VoxcoreSettings, parts: Parts, *, preloaded: bool = False) -> int:
    """One worker process from the bound socket to its exit code. Raises ConfigurationError."""
    sock = listening_socket(settings)
    if settings.voxcore_port == 0 and not settings.voxcore_socket:
        settings = settings.on_port(sock.getsockname()[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings, parts, sock, preloaded=preloaded))


def main(parts: Parts | None = None) -> int:
    """Entry point; `parts` None: the product's. Returns 0 after a stop that was asked for, 1 when it cannot start."""
    one_thread_a_library()
    give_memory_back()
    try:
        settings = VoxcoreSettings.load()
        configure_logs(settings)
        if settings.seats > 1:
            from voxcore.seats import run_parent

            return run_parent(settings, parts)
        return run_worker(settings, parts or lazy_product_parts())
    except ConfigurationError as error:
        print(f"voxcore cannot start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
