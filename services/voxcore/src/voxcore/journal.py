"""The traces of a live call on disk, from which a killed worker's call still becomes one result."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voxkit.log import get_logger

from voxcore.durable import LockedFile

log = get_logger("voxcore.journal")


class FileJournal:
    """`open/{session_id}.jsonl`, locked while the call lives. First line: what is known at the start, fsynced."""

    def __init__(self, file: LockedFile) -> None:
        self.file = file
        self._torn = False
        self._failed = False
        os.lseek(file.fd, 0, os.SEEK_END)

    @classmethod
    def begin(cls, path: Path, head: dict[str, Any]) -> "FileJournal":
        """Write the first line durably. Raises OSError: the disk is full or gone."""
        return cls(LockedFile.write(path, _line("start", head)))

    def write(self, kind: str, data: dict[str, Any]) -> None:
        """Append one line, handed to the system without fsync. A failure is logged once and never raised."""
        line = _line(kind, data)
        try:
            # After a torn line the next one begins anew, so that a full disk costs lines, not the rest of the file.
            written = os.write(self.file.fd, b"\n" + line if self._torn else line)
            self._torn = written < len(line)
            self._failed = False
        except OSError as error:
            self._torn = True
            if not self._failed:
                self._failed = True
                log.error("journal.write_failed", error=error.strerror)

    def delete(self) -> None:
        """The result is on disk: nothing is left to recover. Raises OSError."""
        self.file.remove()


def _line(kind: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"kind": kind, "data": data}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class JournalContent:
    """What a journal tells of its call."""

    def __init__(self, head: dict[str, Any], last_write: datetime) -> None:
        self.head = head
        self.last_write = last_write
        self.fields: dict[str, Any] = {}
        self.transcript: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.disconnected_by: str | None = None


def read_journal(file: LockedFile) -> JournalContent | None:
    """Read a journal; torn lines are skipped. None when even the first line is no journal's."""
    lines = [_parsed(line) for line in file.read().splitlines()]
    if not lines or lines[0] is None or lines[0][0] != "start":
        return None
    content = JournalContent(lines[0][1], datetime.fromtimestamp(os.fstat(file.fd).st_mtime, UTC))
    for entry in lines[1:]:
        match entry:
            case ("transcript", data):
                content.transcript.append(data)
            case ("event", data):
                content.events.append(data)
            case ("field", data):
                content.fields.update(data)
            case ("end", data):
                content.disconnected_by = content.disconnected_by or data.get("disconnected_by")
            case _:
                continue
    return content


def _parsed(line: bytes) -> tuple[str, dict[str, Any]] | None:
    try:
        entry = json.loads(line)
        kind, data = entry["kind"], entry["data"]
    except (ValueError, KeyError, TypeError):
        return None
    return (kind, data) if isinstance(data, dict) else None
