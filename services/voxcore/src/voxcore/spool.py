"""Recordings on their way from this disk to the object store (`OBJECT_STORE_URL`)."""

from pathlib import Path


class Spool:
    """The folder `recordings/` of the outbox. A recorder writes `part(key)` and ends with `finish(key)`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def part(self, key: str) -> Path:
        """Where the recording `key` (`{session_id}.wav`) is written while its call runs."""
        return self.folder / f"{key}.part"
