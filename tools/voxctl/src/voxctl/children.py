"""Child processes that cannot outlive us: own process group, killed by the kernel when their parent dies."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from voxkit.orphans import end_with_parent


def leash() -> Callable[[], None]:
    """Make a `preexec_fn` that ties the child to the thread calling us now.

    SIGKILL and not SIGTERM: a worker understands SIGTERM as "finish your call first", and an orphan must not linger.
    Outside Linux there is no such signal; there the child only gets its own process group.
    """
    parent = os.getpid()

    def in_child() -> None:
        os.setsid()
        end_with_parent(parent, signal.SIGKILL)

    return in_child


def spawn(
    argv: Sequence[str], *, log_path: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a leashed child whose stdout and stderr are appended to `log_path`. Call it from the main thread.

    `env` replaces the environment; None inherits ours. Raises: FileNotFoundError when the program is not there.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            preexec_fn=leash(),
        )


def signal_group(process: subprocess.Popen[bytes], sig: signal.Signals) -> None:
    """Send `sig` to the child and whatever it forked; a child that is gone is no error."""
    try:
        os.killpg(process.pid, sig)
    except ProcessLookupError:
        return


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_run_of_ports(count: int) -> int:
    """First of `count` neighbouring ports that are free now, below those that the system gives to connections."""
    while True:
        first = random.randrange(20_000, 32_000)
        with ExitStack() as held, suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def last_lines(path: Path, count: int) -> list[str]:
    """The last `count` lines of a log, oldest first; empty when there is none. Reads at most 256 KiB."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 262_144))
            return log.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
