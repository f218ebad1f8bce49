"""Load what calls need, once a process, before the first call."""

import ctypes
import fcntl
import os
import time
from pathlib import Path

from voxkit.collector import keep_loaded
from voxkit.errors import ConfigurationError
from voxkit.log import get_logger

from voxcore.conversation import Parts
from voxcore.durable import PRIVATE_FILE

log = get_logger("voxcore.preload")

LOCKS = (".start-1", ".start-2")
LOCK_WAIT_S = 60.0
LOCK_LOOK_S = 0.1
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # malloc.h
LARGE_BLOCK_BYTES = 2**20


def one_thread_a_library() -> None:
    """Keep numpy and onnxruntime from threads of their own: they cost twice the CPU and bring nothing to one call.

    To be called before either is imported.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def give_memory_back() -> None:
    """Keep glibc from holding what is freed: one heap instead of one a thread, large blocks back to the system at once.

    Each call has threads of its own; with a heap for each a worker grows by 20 MB over 100 calls. To be called before
    there are threads. Other C libraries have no such settings.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def trim_heap() -> None:
    """Hand free pages inside the heap back as well: a few milliseconds, for the time between two calls."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


class StartLock:
    """At most two processes of a host load at once: sixteen imports would fight for four cores.

    Waited for at most 60 s; then the process loads anyway, since a slow start is better than none.
    """

    def __init__(self, folder: Path, *, wait_s: float = LOCK_WAIT_S) -> None:
        self._folder = folder
        self._wait_s = wait_s
        self._fd = -1

    @property
    def held(self) -> bool:
        return self._fd >= 0

    def __enter__(self) -> "StartLock":
        deadline = time.monotonic() + self._wait_s
        while not self._try():
            if time.monotonic() >= deadline:
                log.warning("start.lock_not_free", waited_s=self._wait_s)
                break
            time.sleep(LOCK_LOOK_S)
        return self

    def _try(self) -> bool:
        for name in LOCKS:
            fd = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                continue
            self._fd = fd
            return True
        return False

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def preload(parts: Parts, names: list[str], outbox_dir: Path) -> None:
    """Load models and adapters.

    Raises: ConfigurationError for a name in `VOXCORE_PRELOAD` that is no adapter.
    """
    started = time.monotonic()
    with StartLock(outbox_dir):
        try:
            parts.preload(names)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        keep_loaded()
    log.info("worker.loaded", seconds=round(time.monotonic() - started, 2), adapters=names)
