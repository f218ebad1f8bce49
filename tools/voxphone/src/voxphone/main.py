"""`voxphone`: serve the simulated telephone network until a signal comes."""

import asyncio
import logging
import socket
import sys

import uvicorn
from voxkit.errors import ConfigurationError
from voxkit.log import configure, get_logger

from voxphone.app import create_app
from voxphone.errors import PhoneError
from voxphone.settings import ServiceSettings

log = get_logger("voxphone")


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening address of our own. Raises: ConfigurationError: it is taken or does not exist."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what uses it or set VOXPHONE_PORT"
        ) from error
    return listener


async def serve(settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT; calls under way are hung up then."""
    app = create_app(settings)
    listener = bound_socket(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    log.info("server.listening", host=host, port=port)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    await uvicorn.Server(config).serve(sockets=[listener])


def main() -> None:
    """Console script. Exit status 1 with one line on stderr when it cannot start."""
    try:
        settings = ServiceSettings.load()
        configure("voxphone", level=settings.log_level, fmt=settings.log_format)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        asyncio.run(serve(settings))
    except KeyboardInterrupt:
        return
    except (ConfigurationError, PhoneError) as error:
        print(f"voxphone: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
