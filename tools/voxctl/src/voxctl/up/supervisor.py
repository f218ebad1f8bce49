"""Starts parts in the order of their needs, watches them, and ends them all together.

One dead part ends the stack: half a telephone system that looks alive is worse than none.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from voxctl.children import last_lines, signal_group, spawn

Ready = Callable[[], Awaitable[bool]]
POLL_S = 0.05
SIGNAL_AGAIN_S = 3.0  # the embedded database can miss a signal that arrives right after its port opened


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    `after`: names that must be ready first. `ready_within_s`: start to first `ready`. `stop_stage`: stages end one
    after another from 0, parts of one stage together; a part alive `stop_within_s` after its signal is killed.
    `renews`: an exit with 0 after it was ready means that it asked to be started again (a drained worker).
    `late`: nobody waits for it: `start` leaves it to `start_late`.
    """

    name: str
    argv: tuple[str, ...]
    port: int
    ready: Ready
    env: dict[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    ready_within_s: float = 90
    stop_signal: signal.Signals = signal.SIGTERM
    stop_stage: int = 0
    stop_within_s: float = 5
    renews: bool = False
    late: bool = False


class PartFailed(Exception):
    """A part ended, or never became ready. The text is one line, `log_lines` are its last words."""

    def __init__(self, message: str, log_path: Path, log_lines: list[str]) -> None:
        super().__init__(message)
        self.log_path = log_path
        self.log_lines = log_lines


class Supervisor:
    """Owns the processes of `parts`; logs go to `{logs}/{part}.log`. Use it from the main thread only.

    `on_ready(part, seconds)` is told each time a part becomes ready, `on_renewed(part)` when one is started again.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        logs: Path,
        *,
        on_ready: Callable[[Part, float], None] = lambda _part, _seconds: None,
        on_renewed: Callable[[Part], None] = lambda _part: None,
    ) -> None:
        self.parts = {part.name: part for part in parts}
        self.logs = logs
        self._on_ready = on_ready
        self._on_renewed = on_renewed
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ready: dict[str, asyncio.Event] = {name: asyncio.Event() for name in self.parts}

    @property
    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    @property
    def waiting(self) -> list[str]:
        """Parts that `start` waits for still."""
        return [name for name, event in self._ready.items() if not event.is_set() and not self.parts[name].late]

    def log_path(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    async def start(self) -> None:
        """Return when all but the late parts are ready. Raises: PartFailed (nothing is stopped yet: call `stop`)."""
        async with _FirstErrorGroup() as group:
            watching = group.create_task(self.watch())  # one that was ready may die while others still load
            await asyncio.gather(*(self._bring_up(part) for part in self.parts.values() if not part.late))
            watching.cancel()

    async def start_late(self) -> None:
        """Return when the late parts are ready too. Raises: PartFailed."""
        await asyncio.gather(*(self._bring_up(part) for part in self.parts.values() if part.late))

    async def watch(self) -> None:
        """Run until a part ends that should not. Raises: PartFailed. Renewing parts are started again here."""
        while True:
            for name, process in list(self._processes.items()):
                if (code := process.poll()) is None:
                    continue
                part = self.parts[name]
                if not (part.renews and code == 0 and self._ready[name].is_set()):
                    raise self._failed(part, _how_it_ended(code))
                self._ready[name].clear()
                self._on_renewed(part)
                await self._bring_up(part)
            await asyncio.sleep(POLL_S)

    async def stop(self) -> None:
        """End every part, stage by stage. After it no process of the stack is left."""
        alive = [part for name, part in self.parts.items() if name in self._processes]
        for stage in sorted({part.stop_stage for part in alive}):
            await asyncio.gather(*(self._end(part) for part in alive if part.stop_stage == stage))

    def kill(self) -> None:
        """SIGKILL to all at once; returns when they are gone."""
        for process in self._processes.values():
            signal_group(process, signal.SIGKILL)
        for process in self._processes.values():
            process.wait()
        self._processes.clear()

    async def _bring_up(self, part: Part) -> None:
        for need in part.after:
            await self._ready[need].wait()
        started = time.monotonic()
        try:
            process = spawn(part.argv, log_path=self.log_path(part.name), env=part.env)
        except OSError as error:
            raise self._failed(part, f"could not be started ({error.strerror}: {part.argv[0]})") from None
        self._processes[part.name] = process
        while not await part.ready():
            if (code := process.poll()) is not None:
                raise self._failed(part, f"{_how_it_ended(code)} while starting")
            if time.monotonic() - started > part.ready_within_s:
                raise self._failed(part, f"was not ready within {part.ready_within_s:.0f} s")
            await asyncio.sleep(POLL_S)
        if (code := process.poll()) is not None:  # somebody else answered on its port
            raise self._failed(part, f"{_how_it_ended(code)} while starting")
        self._ready[part.name].set()
        self._on_ready(part, time.monotonic() - started)

    async def _end(self, part: Part) -> None:
        process = self._processes[part.name]
        deadline = time.monotonic() + part.stop_within_s
        signalled = 0.0
        while process.poll() is None and time.monotonic() < deadline:
            if time.monotonic() - signalled >= SIGNAL_AGAIN_S:
                process.send_signal(part.stop_signal)
                signalled = time.monotonic()
            await asyncio.sleep(POLL_S)
        # The group, not only the process: whatever it forked goes too.
        signal_group(process, signal.SIGKILL)
        process.wait()
        self._processes.pop(part.name, None)

    def _failed(self, part: Part, what: str) -> PartFailed:
        path = self.log_path(part.name)
        return PartFailed(f"{part.name} {what}", path, last_lines(path, 12))


class _FirstErrorGroup(asyncio.TaskGroup):
    """A task group that raises its first error itself and not a group of one."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
