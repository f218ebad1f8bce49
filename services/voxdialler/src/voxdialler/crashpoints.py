"""Places at which a test may end the process at once, as kill -9 would: `VOX_CRASH_AT=dial.7`."""

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

_AT = os.environ.get("VOX_CRASH_AT", "")
_watching: list[Callable[[str], None]] = []


def crashpoint(name: str) -> None:
    """Nothing, unless `VOX_CRASH_AT` names this place: then the process is killed here."""
    if name == _AT:
        os.kill(os.getpid(), signal.SIGKILL)
    for watch in _watching:
        watch(name)


@contextmanager
def watched(watch: Callable[[str], None]) -> Generator[None]:
    """Call `watch` with the name of every place that is passed; what it raises ends the task there and then."""
    _watching.append(watch)
    try:
        yield
    finally:
        _watching.remove(watch)
