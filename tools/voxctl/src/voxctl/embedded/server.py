"""What the embedded stores have in common: start, readiness by ping, stop, kill."""

from __future__ import annotations

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from voxctl.children import last_lines, signal_group, spawn

TERM_AGAIN_S = 3.0  # a SIGTERM sent right after the port opened can get lost
KILL_AFTER_S = 10.0


class EmbeddedServerError(Exception):
    """An embedded store cannot be had or did not start; the text says what to do."""


class EmbeddedServer(ABC):
    """One server process on 127.0.0.1:`port` with its files in `folder`; its output goes to `log_path`.

    It may be started again after `stop` or `kill`. `stop` returns only when the process is gone: not before then may
    anybody copy or delete `folder`.
    """

    name: str

    def __init__(self, port: int, folder: Path, log_path: Path | None = None) -> None:
        self.port = port
        self.folder = folder
        self.log_path = log_path or folder.parent / f"{folder.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def uri(self) -> str:
        """How a driver reaches this server."""

    @abstractmethod
    def argv(self) -> list[str]:
        """The command line. Raises: EmbeddedServerError when the program is not installed."""

    @abstractmethod
    def ping(self) -> bool:
        """True when the server answers a command of its own protocol; takes at most about a second."""

    @property
    def pid(self) -> int | None:
        """Process id; None when it was never started or has been stopped."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def prepare(self) -> None:
        """Make the folders and files that the server expects."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Start the process; `wait_ready` tells when it answers. Raises: EmbeddedServerError."""
        if self.running:
            raise EmbeddedServerError(f"{self.name} is running already (pid {self.pid})")
        argv = self.argv()
        self.prepare()
        self._process = spawn(argv, log_path=self.log_path)

    def wait_ready(self, timeout_s: float = 30.0) -> None:
        """Block until the first ping is answered. Raises: EmbeddedServerError when it dies or stays silent."""
        deadline = time.monotonic() + timeout_s
        while not self.ping():
            if self._process is None or self._process.poll() is not None:
                raise EmbeddedServerError(f"{self.name} ended while starting: {self._why()}")
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"{self.name} gave no answer on port {self.port} within {timeout_s:.0f} s")
            time.sleep(0.02)
        # An answer alone is no proof: another program may hold the port while ours died of it.
        if self._process is None or self._process.poll() is not None:
            raise EmbeddedServerError(f"port {self.port} is answered by another program: {self._why()}")

    def stop(self) -> None:
        """SIGTERM, repeated every 3 s, SIGKILL after 10 s; returns when the process is gone."""
        if self._process is None:
            return
        deadline = time.monotonic() + KILL_AFTER_S
        while self._process.poll() is None and time.monotonic() < deadline:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(TERM_AGAIN_S)
            except subprocess.TimeoutExpired:
                continue
        self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut would; returns when the process is gone. Harmless when it is not running."""
        if self._process is None:
            return
        if self._process.poll() is None:
            signal_group(self._process, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _why(self) -> str:
        said = [line for line in last_lines(self.log_path, 20) if line.strip()]
        return f"{said[-1].strip() if said else 'it said nothing'} (log: {self.log_path})"
