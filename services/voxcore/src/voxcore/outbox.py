"""The outbox folder of a host: results that wait for delivery, dead letters, journals, recordings.

A result is on disk before it is sent, and a file is only ever whole: see `LockedFile.write`.
"""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ValidationError
from voxkit.clock import iso, utc_now
from voxkit.contracts.base import UtcTime
from voxkit.contracts.outbox import OutboxFile
from voxkit.errors import ConfigurationError
from voxkit.log import get_logger

from voxcore.durable import PRIVATE_FOLDER, UNFINISHED, LockedFile, file_stem, remove

log = get_logger("voxcore.outbox")

Box = Literal["results", "agent_desk"]
BOXES: tuple[Box, ...] = ("results", "agent_desk")
MAX_ITEMS = 200
UNFINISHED_AFTER_S = 10.0


class StoredFile(OutboxFile):
    """An outbox file with what the delivery table needs besides."""

    refused_since: UtcTime | None = None
    """First of the answers in a row that a person must repair (wrong secret, wrong proxy)."""
    requeued_at: UtcTime | None = None
    """When an operator moved it back from the dead letters; its age counts from here."""

    @classmethod
    def of_result(cls, session_id: str, url: str, payload: dict[str, Any]) -> Self:
        """A result that is due at once; its `result_id` is the idempotency key of every repeat."""
        now, result_id = utc_now(), payload["result_id"]
        return cls(
            session_id=session_id, result_id=result_id, url=url, created_at=now, next_attempt_at=now, payload=payload
        )

    def to_bytes(self) -> bytes:
        return self.model_dump_json().encode()


class Outbox:
    """`OUTBOX_DIR`, shared by the workers of a host."""

    def __init__(self, root: Path, *, uploads: bool = False) -> None:
        """`uploads`: recordings wait here for a store; without one they simply stay."""
        self.root = root
        self._uploads = uploads
        self._looking = threading.Lock()
        self.open = root / "open"
        self.recordings = root / "recordings"
        self.epochs = root / "epoch"
        self._seen: dict[Path, tuple[int, int, StoredFile | None]] = {}

    def prepare(self) -> None:
        """Make the folders and prove that they can be written.

        Raises: ConfigurationError: one line that says what is wrong with which folder.
        """
        folders = [self.open, self.recordings, self.epochs, *(self.box(each) for each in BOXES)]
        folders += [self.dead(each) for each in BOXES]
        try:
            self.root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            for folder in folders:
                folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
                folder.chmod(PRIVATE_FOLDER)
                probe = folder / ".probe"
                LockedFile.write(probe, b"ok").remove()
        except OSError as error:
            raise ConfigurationError(
                f"OUTBOX_DIR {self.root} cannot be written ({error.strerror}): results would be lost. "
                "Give this user the folder, free some disk, or name another one"
            ) from None

    def box(self, box: Box) -> Path:
        return self.root / box

    def dead(self, box: Box) -> Path:
        return self.root / "dead" / box

    def path_of(self, session_id: str) -> Path:
        return self.box("results") / f"{file_stem(session_id)}.json"

    def journal_of(self, session_id: str) -> Path:
        return self.open / f"{file_stem(session_id)}.jsonl"

    def put_result(self, session_id: str, url: str, payload: dict[str, Any]) -> LockedFile:
        """Persist a result; it is locked until the caller lets go. Raises OSError: it is not on disk.

        `payload["result_id"]` is the idempotency key of every repeat.
        """
        return LockedFile.write(self.path_of(session_id), StoredFile.of_result(session_id, url, payload).to_bytes())

    def has_result(self, session_id: str) -> bool:
        """Whether a result of this session waits here or lies dead."""
        name = self.path_of(session_id).name
        return any((folder / name).exists() for folder in (self.box("results"), self.dead("results")))

    def forget_unfinished(self) -> int:
        """Delete what a process was writing when it died: never whole, so it stands nowhere. Returns how many."""
        old, found = utc_now().timestamp() - UNFINISHED_AFTER_S, 0
        for path in self.root.rglob(UNFINISHED):
            # Who writes holds the lock; the age covers the instant between making a file and locking it.
            if _mtime(path) < old and (file := LockedFile.take(path)):
                file.remove()
                found += 1
        return found

    def waiting(self, box: Box) -> list[tuple[Path, StoredFile]]:
        """Every readable file that waits, without its payload; a file is read again only when it changed."""
        return self._scan(self.box(box))

    def _scan(self, folder: Path, limit: int | None = None) -> list[tuple[Path, StoredFile]]:
        with self._looking:
            paths = sorted(folder.glob("*.json"))
            present = set(paths)
            for gone in [path for path in self._seen if path.parent == folder and path not in present]:
                del self._seen[gone]
            return [(path, stored) for path in paths[:limit] if (stored := self._look(path))]

    def _look(self, path: Path) -> StoredFile | None:
        try:
            stat = path.stat()
            known = self._seen.get(path)
            if known and known[:2] == (stat.st_ino, stat.st_mtime_ns):
                return known[2]
            stored = read_stored(path.read_bytes())
        except FileNotFoundError:
            return None
        if stored is None:
            log.error("outbox.unreadable", file=path.name)
        else:
            # Only the envelope is kept: payloads of a long outage would fill the memory.
            stored = stored.model_copy(update={"payload": {}})
        self._seen[path] = (stat.st_ino, stat.st_mtime_ns, stored)
        return stored

    def bury(self, file: LockedFile, box: Box, stored: StoredFile) -> None:
        """Move a delivery to the dead letters, with what was last answered."""
        LockedFile.write(self.dead(box) / file.path.name, stored.to_bytes()).close()
        file.remove()

    def replay(self, box: Box, session_ids: list[str] | None) -> int:
        """Move dead letters back, all or those of some sessions; attempts start at 0. Returns how many."""
        wanted = None if session_ids is None else set(session_ids)
        moved = 0
        for path in sorted(self.dead(box).glob("*.json")):
            file = LockedFile.take(path)
            if file is None:
                continue
            with file:
                stored = read_stored(file.read())
                if stored is None or (wanted is not None and stored.session_id not in wanted):
                    continue
                now = utc_now()
                back = stored.model_copy(
                    update={"attempts": 0, "next_attempt_at": now, "requeued_at": now, "refused_since": None}
                )
                LockedFile.write(self.box(box) / path.name, back.to_bytes()).close()
                remove(path)
                moved += 1
        return moved

    def status(self, now: datetime | None = None) -> dict[str, Any]:
        """Counts of each box, and the items that wait or lie dead, without payloads."""
        now = now or utc_now()
        answer: dict[str, Any] = {}
        items: list[dict[str, Any]] = []
        for box in BOXES:
            pending = [stored for _, stored in self.waiting(box)]
            buried = sum(1 for _ in self.dead(box).glob("*.json"))
            answer[box] = counts(len(pending), min((each.created_at for each in pending), default=None), buried, now)
            dead = [stored for _, stored in self._scan(self.dead(box), limit=MAX_ITEMS)]
            items += [_item(box, each) for each in [*pending, *dead]]
        waiting = list(self.recordings.glob("*.wav")) if self._uploads else []
        oldest = min((datetime.fromtimestamp(_mtime(path), UTC) for path in waiting), default=None)
        answer["recordings"] = counts(len(waiting), oldest, 0, now)
        answer["items"] = items[:MAX_ITEMS]
        return answer


def counts(pending: int, oldest: datetime | None, dead: int, now: datetime) -> dict[str, int]:
    """`{"pending", "oldest_seconds", "dead"}` of one box."""
    age = int(max(0.0, (now - oldest).total_seconds())) if oldest else 0
    return {"pending": pending, "oldest_seconds": age, "dead": dead}


def read_stored(data: bytes) -> StoredFile | None:
    """The delivery in a file, None when it is none."""
    try:
        return StoredFile.model_validate_json(data)
    except (ValidationError, json.JSONDecodeError):
        return None


def _item(box: Box, stored: StoredFile) -> dict[str, Any]:
    return {
        "box": box,
        "session_id": stored.session_id,
        "attempts": stored.attempts,
        "last_status": stored.last_status,
        "last_error": stored.last_error,
        "next_attempt_at": iso(stored.next_attempt_at),
    }


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return utc_now().timestamp()
