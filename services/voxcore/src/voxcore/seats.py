"""Forked seats: a parent loads everything once and forks one worker process per seat.

To balancer, registry and callers these are ordinary workers. The parent starts no thread and no event loop, opens no
connection and carries no call: what it holds when it forks is all that its seats share.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from voxkit.errors import ConfigurationError
from voxkit.log import get_logger
from voxkit.orphans import end_with_parent

from voxcore.conversation import Parts
from voxcore.logs import configure_logs
from voxcore.main import run_worker
from voxcore.outbox import Outbox
from voxcore.preload import give_memory_back, one_thread_a_library, preload
from voxcore.settings import VoxcoreSettings

log = get_logger("voxcore.seats")

LIVED_LONG_S = 10.0
MAX_PAUSE_S = 30.0
OOM_SCORE = 500
STOPS = frozenset({signal.SIGTERM, signal.SIGINT})
LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def seat_id(first: str, seat: int) -> str:
    """The worker id of seat 1 … n: the first one's, with its last number raised."""
    if not LAST_NUMBER.search(first):
        raise ConfigurationError(f"VOXCORE_WORKER_ID {first!r}: with SEATS it needs a number, for example fleet1-1")
    return LAST_NUMBER.sub(lambda match: str(int(match[1]) + seat - 1), first)


def seat_settings(settings: VoxcoreSettings, seat: int) -> VoxcoreSettings:
    """What seat `seat` (from 1 on) is told: its own id and port, both filled into URLs and socket path.

    Raises ConfigurationError: the id has no number, or all seats would share one socket path.
    """
    worker_id = seat_id(settings.voxcore_worker_id, seat)
    port = settings.voxcore_port + seat - 1
    if settings.voxcore_socket and not {"{worker_id}", "{port}"} & set(re.findall(r"\{\w+\}", settings.voxcore_socket)):
        raise ConfigurationError("VOXCORE_SOCKET: with SEATS it needs {worker_id} or {port}, one path for each seat")

    def filled(text: str) -> str:
        return text.replace("{worker_id}", worker_id).replace("{port}", str(port))

    def url(text: str) -> str:
        local = f"http://localhost:{settings.voxcore_port}"
        return filled(f"http://localhost:{port}" if text == local else text)

    return settings.model_copy(
        update={
            "voxcore_worker_id": worker_id,
            "voxcore_port": port,
            "seats": 1,
            "voxcore_workers": max(settings.voxcore_workers, settings.seats),
            "voxcore_public_url": url(settings.voxcore_public_url),
            "voxcore_direct_url": url(settings.voxcore_direct_url),
            "voxcore_socket": filled(settings.voxcore_socket),
        }
    )


def pause_s(short_lives: int) -> float:
    """How long to wait before a seat is forked again, after so many short lives in a row: 0, 1, 2, 4 … 30 s."""
    return 0.0 if short_lives == 0 else min(MAX_PAUSE_S, 2.0 ** (short_lives - 1))


@dataclass
class Seat:
    number: int
    settings: VoxcoreSettings
    pid: int = 0
    born: float = 0.0
    short_lives: int = 0
    fork_at: float = 0.0


@dataclass
class Parent:
    """Keeps its seats alive until it is told to stop."""

    seats: list[Seat]
    run_seat: Callable[[VoxcoreSettings], int]
    monotonic: Callable[[], float] = time.monotonic
    stopping: bool = field(default=False, init=False)

    def run(self) -> int:
        """Fork, watch, pass signals on. Returns 0 after the last seat has ended."""
        watched = STOPS | {signal.SIGCHLD}
        # Blocked and waited for: no handler runs in the middle of a fork, and no thread is needed.
        signal.pthread_sigmask(signal.SIG_BLOCK, watched)
        while True:
            self._fork_due()
            if self.stopping and not any(seat.pid for seat in self.seats):
                return 0
            got = signal.sigtimedwait(watched, self._wait_s())
            if got and got.si_signo in STOPS:
                self._pass_on(got.si_signo)
            self._reap()

    def _wait_s(self) -> float:
        due = [seat.fork_at for seat in self.seats if not seat.pid]
        return 60.0 if self.stopping or not due else max(0.0, min(due) - self.monotonic())

    def _fork_due(self) -> None:
        parent = os.getpid()
        for seat in self.seats:
            if not seat.pid and not self.stopping and seat.fork_at <= self.monotonic():
                seat.born = self.monotonic()
                seat.pid = os.fork()
                if seat.pid == 0:
                    _live_as_seat(parent, seat.settings, self.run_seat)
                log.info("seat.forked", seat=seat.number, seat_worker_id=seat.settings.voxcore_worker_id, pid=seat.pid)

    def _pass_on(self, signum: int) -> None:
        self.stopping = True
        log.info("parent.stopping", signal=signal.Signals(signum).name)
        for seat in self.seats:
            if seat.pid:
                with suppress(ProcessLookupError):
                    os.kill(seat.pid, signum)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for seat in self.seats:
                if seat.pid == pid:
                    self._ended(seat, status)

    def _ended(self, seat: Seat, status: int) -> None:
        lived = self.monotonic() - seat.born
        seat.pid = 0
        seat.short_lives = seat.short_lives + 1 if lived < LIVED_LONG_S else 0
        seat.fork_at = self.monotonic() + pause_s(seat.short_lives)
        log.warning("seat.ended", seat=seat.number, code=os.waitstatus_to_exitcode(status), lived_s=round(lived, 1))


def _live_as_seat(parent: int, settings: VoxcoreSettings, run_seat: Callable[[VoxcoreSettings], int]) -> None:
    """The forked process: becomes an ordinary worker and never returns."""
    code = 1
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS | {signal.SIGCHLD})
        # A seat whose parent is gone drains: SIGTERM is what the system then sends it.
        end_with_parent(parent, signal.SIGTERM)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
        configure_logs(settings)
        code = run_seat(settings)
    except ConfigurationError as error:
        print(f"voxcore cannot start: {error}", file=sys.stderr)
    except BaseException as error:
        log.error("seat.failed", exc_info=error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Nothing of the parent's is cleaned up here: its exit handlers are the parent's.
        os._exit(code)


def run_parent(settings: VoxcoreSettings, parts: Parts | None = None) -> int:
    """Load once, then fork and keep `SEATS` seats. Returns the exit code. Raises ConfigurationError."""
    seats = [Seat(number, seat_settings(settings, number)) for number in range(1, settings.seats + 1)]
    outbox = Outbox(settings.outbox_dir.resolve())
    outbox.prepare()
    if parts is None:
        from voxcore.conversation import product_parts

        parts = product_parts()
    preload(parts, settings.preload_names, outbox.root)
    loaded = parts
    return Parent(seats, lambda own: run_worker(own, loaded, preloaded=True)).run()


def main() -> int:
    """`python -m voxcore.seats [N]`: N seats, else as many as `SEATS` says."""
    one_thread_a_library()
    give_memory_back()
    try:
        given = {"seats": int(sys.argv[1])} if len(sys.argv) > 1 and sys.argv[1].isdigit() else {}
        settings = VoxcoreSettings.load(**given)
        configure_logs(settings)
        return run_parent(settings)
    except ConfigurationError as error:
        print(f"voxcore cannot start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
