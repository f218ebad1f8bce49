"""`voxregistry`: serve until SIGTERM; SIGHUP reads `REGISTRY_CONFIG` again. `WEB_PROCESSES` of them share one port.

`voxregistry relay` is the other program of this package: it gathers the heartbeats of one host (`relay.py`).
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time

import uvicorn
from voxkit import log as logs
from voxkit.collector import keep_loaded
from voxkit.errors import ConfigurationError
from voxkit.listen import bound
from voxkit.orphans import end_with_parent
from voxkit.serve import Server

from voxregistry.settings import RegistrySettings, RelaySettings

STOP_WITHIN_S = 4
BORN_AGAIN_S = 1.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log = logs.get_logger("voxregistry.main")


async def serve(settings: RegistrySettings, listener: socket.socket) -> None:
    """One API process, until SIGTERM or SIGINT. Raises: ConfigurationError."""
    from voxregistry.app import Registry

    registry = Registry(settings)
    config = uvicorn.Config(
        registry, lifespan="off", log_config=None, access_log=False, server_header=False, proxy_headers=False,
        http="httptools", ws="none", backlog=2048, timeout_keep_alive=75, timeout_graceful_shutdown=STOP_WITHIN_S,
    )  # fmt: skip
    server = Server(config)

    def stop() -> None:
        registry.stop()
        server.should_exit = True

    def reload() -> None:
        try:
            registry.reload()
        except ConfigurationError as error:
            log.error("config.not_read", error=str(error))

    loop = asyncio.get_running_loop()
    for number, handler in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, reload)):
        loop.add_signal_handler(number, handler)
    async with registry.running():
        keep_loaded()
        await server.serve(sockets=[listener])


def run(settings: RegistrySettings, listener: socket.socket) -> int:
    """The body of one API process; returns its exit code."""
    import uvloop

    for number in SIGNALS:  # a child begins with its parent's
        signal.signal(number, signal.SIG_DFL)
    logs.configure("voxregistry", level=settings.log_level, fmt=settings.log_format)
    try:
        uvloop.run(serve(settings, listener))
    except ConfigurationError as error:
        print(f"voxregistry: {error}", file=sys.stderr)
        return 1
    return 0


def run_several(settings: RegistrySettings, listener: socket.socket) -> int:
    """A parent that only forks, forwards signals, and replaces a process that dies."""
    with tempfile.TemporaryDirectory(prefix="voxregistry-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # read when prometheus_client is imported, in the children
        children: dict[int, float] = {}
        parent = os.getpid()
        stopping = False

        def forward(number: int, _: object) -> None:
            nonlocal stopping
            stopping = stopping or number != signal.SIGHUP
            for pid in children:
                os.kill(pid, number)

        def born() -> None:
            pid = os.fork()
            if pid == 0:  # pragma: no cover - the child's first lines, which no tracer sees
                end_with_parent(parent, signal.SIGTERM)
                os._exit(run(settings, listener))
            children[pid] = time.monotonic()

        for number in SIGNALS:
            signal.signal(number, forward)
        for _ in range(settings.processes):
            born()
        worst = 0
        while children:
            pid, status = os.wait()
            lived = time.monotonic() - children.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if stopping or code == 1:
                worst = max(worst, code)  # below zero: it was gone before it could stop by itself
                if code == 1 and not stopping:  # it cannot start; neither can the others
                    forward(signal.SIGTERM, None)
                continue
            print(f"voxregistry: a process ended with {code}; starting another one", file=sys.stderr)
            time.sleep(max(0.0, BORN_AGAIN_S - lived))
            born()
        return worst


def relay() -> None:
    """The relay of one host, until SIGTERM. Raises: ConfigurationError."""
    from voxregistry.relay import serve_relay

    settings = RelaySettings.load()
    listener = bound(settings.host, settings.port)
    logs.configure("voxregistry-relay", level=settings.log_level, fmt=settings.log_format)
    asyncio.run(serve_relay(settings, listener))


def main() -> None:
    """Exit 0 after a stop, 1 with one line on stderr when it cannot start."""
    try:
        if sys.argv[1:] == ["relay"]:
            relay()
            return
        if sys.argv[1:]:
            raise ConfigurationError(
                f"there is no {' '.join(sys.argv[1:])!r}; it is `voxregistry` or `voxregistry relay`"
            )
        settings = RegistrySettings.load()
        listener = bound(settings.host, settings.port)
    except ConfigurationError as error:
        print(f"voxregistry: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(run(settings, listener) if settings.processes == 1 else run_several(settings, listener))


if __name__ == "__main__":  # pragma: no branch
    main()
