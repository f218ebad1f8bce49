"""`voxphone`: serve the simulated telephone network until a signal comes."""

import asyncio
import logging
import sys

import uvicorn
from voxkit.errors import ConfigurationError
from voxkit.listen import bound
from voxkit.log import configure, get_logger

from voxphone.app import create_app
from voxphone.errors import PhoneError
from voxphone.settings import ServiceSettings

log = get_logger("voxphone")


async def serve(settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT; calls under way are hung up then."""
    app = create_app(settings)
    listener = bound(settings.host, settings.port, names="VOXPHONE_PORT")
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
