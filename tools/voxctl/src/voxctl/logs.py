"""What the services of a stack said, wherever that is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from voxctl.children import last_lines
from voxctl.loglines import is_error, readable


class Logs(Protocol):
    """The logs of a running stack."""

    def mark(self) -> None:
        """Only what is said from now on counts for `errors`."""

    def errors(self) -> list[str]:
        """`service: line` of every line at ERROR or above since the mark."""
        ...

    def last(self, service: str, count: int) -> list[str]:
        """The last lines of a service, oldest first, as people read them."""
        ...


@dataclass
class FileLogs:
    """The log files of the embedded stack, one a service."""

    folder: Path
    marks: dict[Path, int] = field(default_factory=dict)

    def mark(self) -> None:
        self.marks = {log: log.stat().st_size for log in self.folder.glob("*.log")}

    def errors(self) -> list[str]:
        found: list[str] = []
        for log in sorted(self.folder.glob("*.log")):
            with log.open("rb") as lines:
                lines.seek(self.marks.get(log, 0))
                found += [
                    f"{log.stem}: {text.strip()[:300]}"
                    for line in lines
                    if is_error(text := line.decode("utf-8", "replace"))
                ]
        return found

    def last(self, service: str, count: int) -> list[str]:
        return [readable(line) for line in last_lines(self.folder / f"{service}.log", count)]
