"""Files that survive a crash at any instant, and the locks that say whose they are.

A lock (`flock`) lives on the open file and dies with its process, so a dead worker's files are free for its neighbours.
"""

import fcntl
import hashlib
import os
import re
import secrets
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
UNFINISHED = ".*.tmp"
"""Names of files that are still being written, as a glob."""
_SAFE = re.compile(r"[A-Za-z0-9_-]{1,128}")


def file_stem(session_id: str) -> str:
    """The name a session has on disk: the id itself where that is safe, else its SHA-256."""
    return session_id if _SAFE.fullmatch(session_id) else hashlib.sha256(session_id.encode()).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename or a deletion in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte. Raises OSError: disk full and the like; part of the data may stand in the file."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def remove(path: Path) -> None:
    """Delete durably; a file that is already gone is fine."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


class LockedFile:
    """A file of ours: nobody else who asks for its lock gets it until `close` or the end of this process."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.fd = fd

    @classmethod
    def take(cls, path: Path) -> "LockedFile | None":
        """Lock an existing file. None: it is gone, somebody else holds it, or it was replaced meanwhile."""
        try:
            fd = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between open and lock the file may have been deleted or replaced: the lock would guard a ghost.
            if os.stat(path).st_ino == os.fstat(fd).st_ino:
                return cls(path, fd)
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        return None

    @classmethod
    def write(cls, path: Path, data: bytes) -> "LockedFile":
        """Write a whole file durably and keep it locked: temporary file, fsync, rename, fsync of the folder.

        Raises: OSError; then no file of this name has appeared or changed.
        """
        # By chance: a process is number 1 in each container that shares this folder.
        temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.tmp"
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            write_all(fd, data)
            os.fsync(fd)
            os.replace(temporary, path)
        except BaseException:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        try:
            sync_folder(path.parent)
        except BaseException:
            os.close(fd)
            raise
        return cls(path, fd)

    def read(self) -> bytes:
        os.lseek(self.fd, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self.fd), "rb") as file:
            return file.read()

    def rewrite(self, data: bytes) -> None:
        """Replace the content durably; the lock goes over to the new file without a gap."""
        fresh = LockedFile.write(self.path, data)
        os.close(self.fd)
        self.fd = fresh.fd

    def remove(self) -> None:
        """Delete durably and let go."""
        try:
            remove(self.path)
        finally:
            self.close()

    def close(self) -> None:
        """Let go; safe to repeat."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> "LockedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
