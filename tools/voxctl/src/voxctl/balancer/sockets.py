"""The two sockets of a running HAProxy: of its newest process (servers, certificates), of its master (processes)."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voxctl.output import CommandError

ANSWER_WITHIN_S = 10.0
MOST_OLD_GENERATIONS = 3
LOOK_AGAIN_S = 0.2


class BalancerAway(CommandError):
    """No HAProxy answers on this socket."""


@dataclass(frozen=True)
class Generations:
    """Processes of one HAProxy: the one that takes new calls, and old ones that still carry some."""

    current: int
    old: tuple[int, ...]


class Balancer:
    """A running HAProxy, by the folder of its sockets (`admin.sock`, `master.sock`)."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir

    @property
    def running(self) -> bool:
        """Whether a master answers."""
        try:
            self.generations()
        except BalancerAway:
            return False
        return True

    def admin(self, command: str) -> str:
        """One command to the newest process; its answer without blank ends. Raises BalancerAway."""
        return self._say("admin.sock", command)

    def change(self, command: str) -> None:
        """A command that answers nothing, or one line of praise, when it worked. Raises CommandError."""
        answer = self.admin(command)
        if answer and not re.match(
            r"(New server registered|Server deleted|Transaction created|Done|Committing)", answer
        ):
            raise CommandError(f"HAProxy refused `{command}`: {answer.splitlines()[0]}")

    def generations(self) -> Generations:
        """The processes of now. Raises BalancerAway."""
        sections: dict[str, list[int]] = {"workers": [], "old workers": []}
        section = ""
        for line in self._say("master.sock", "show proc;quit").splitlines():
            if line.startswith("# "):
                section = line[2:].strip()
            elif section in sections and line[:1].isdigit():
                sections[section].append(int(line.split()[0]))
        if not sections["workers"]:
            raise BalancerAway(f"HAProxy in {self.run_dir} has no process that takes calls")
        return Generations(sections["workers"][0], tuple(sections["old workers"]))

    def reload(self, *, wait_s: float = 0) -> None:
        """Read the configuration anew without dropping a call: live sockets stay in the process that took them.

        Refuses while three old generations live, after waiting for `wait_s`; keeps addresses and drains of servers.
        Raises: CommandError.
        """
        deadline = time.monotonic() + wait_s
        while len(old := self.generations().old) >= MOST_OLD_GENERATIONS:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{len(old)} old processes of the balancer still carry calls ({', '.join(map(str, old))}): "
                    "reload when one of them has ended, or give --wait"
                )
            time.sleep(LOOK_AGAIN_S)
        self.save_state()
        answer = self._say("master.sock", "reload")
        if "Success=1" not in answer:
            raise CommandError(f"HAProxy did not take the configuration: {_last_alert(answer)}")

    def save_state(self) -> None:
        """Write what the newest process knows of its servers where the next one reads it."""
        new = self.run_dir / "servers.state.new"
        new.write_text(self.admin("show servers state") + "\n")
        new.replace(self.run_dir / "servers.state")

    def states(self, backend: str) -> dict[str, str]:
        """Server name -> `UP`, `DOWN`, `DRAIN`, `MAINT`, … of one backend, as its statistics tell it."""
        return {name: row["status"].split()[0] for name, row in self.statistics(backend).items()}

    def proven(self, backend: str, server: str) -> bool:
        """Whether its last check has passed (`is_proven`)."""
        return is_proven(self.statistics(backend).get(server, {}))

    def statistics(self, backend: str) -> dict[str, dict[str, str]]:
        """Server name -> column -> value of one backend (`show stat`)."""
        return statistics_of(self.admin("show stat"), backend)

    def _say(self, name: str, command: str) -> str:
        path = self.run_dir / name
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(ANSWER_WITHIN_S)
                link.connect(str(path))
                link.sendall(f"{command}\n".encode())
                return b"".join(_read(link)).decode(errors="replace").strip()
        except OSError as error:
            raise BalancerAway(f"no HAProxy answers at {path}: {error.strerror or error}") from None


def statistics_of(answer: str, backend: str) -> dict[str, dict[str, str]]:
    """Server name -> column -> value of one backend, from what `show stat` answered."""
    header, *rows = (line.split(",") for line in answer.removeprefix("# ").splitlines())
    columns = (dict(zip(header, row, strict=False)) for row in rows)
    return {
        row["svname"]: row
        for row in columns
        if row.get("pxname") == backend and row["svname"] not in ("FRONTEND", "BACKEND")
    }


def is_proven(row: Mapping[str, str]) -> bool:
    """Whether a check of this server has passed and it is not down: HAProxy calls a new one UP before its first.

    `* L7OK`: it has passed, and the next one is under way, which on a busy machine is most of the time.
    """
    passed = row.get("check_status", "").removeprefix("* ") == "L7OK"
    return passed and row.get("status", "").split()[0] in ("UP", "DRAIN")


def _read(link: socket.socket) -> Iterable[bytes]:
    while chunk := link.recv(65536):
        yield chunk


def _last_alert(answer: str) -> str:
    alerts = [line for line in answer.splitlines() if "[ALERT]" in line]
    return alerts[0] if alerts else answer[-300:]
