"""The HTTP server of a process that decides itself when it stops."""

from collections.abc import Generator
from contextlib import contextmanager

import uvicorn


class Server(uvicorn.Server):
    """uvicorn that leaves signals alone: `should_exit` stops it, once calls, long polls or streams are seen to."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
