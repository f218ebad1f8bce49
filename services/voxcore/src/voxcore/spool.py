"""Recordings on their way from this disk to the object store (`OBJECT_STORE_URL`)."""

import asyncio
import hashlib
import os
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.store import LocalStore, S3Store
from voxkit.errors import ConfigurationError
from voxkit.log import get_logger

from voxcore import metrics
from voxcore.delivery import SCAN_S, backoff_s
from voxcore.durable import LockedFile, sync_folder

log = get_logger("voxcore.spool")

MULTIPART_OVER = 8 * 1024 * 1024
READ_BLOCK = 1024 * 1024
WAV_HEADER = 44
CHANNELS = 2
BYTES_PER_FRAME = CHANNELS * 2


class NotStored(Exception):
    """The object in the store is not the file that was sent."""


class RecordingStore:
    """The object store behind one API, whatever its kind."""

    def __init__(self, store: LocalStore | S3Store, base_url: str, folder: Path | None) -> None:
        self._store = store
        self._base_url = base_url.rstrip("/")
        self.folder = folder
        """Where objects lie when the store is a folder of this machine."""

    @classmethod
    def from_url(cls, url: str, *, access_key: str = "", secret_key: str = "") -> "RecordingStore":
        """`file:///folder` or `s3://bucket/prefix?endpoint=http://host:9000&region=…`. Raises ConfigurationError."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            folder = Path(parts.path)
            try:
                return cls(LocalStore(folder, mkdir=True), url, folder)
            except Exception as error:
                raise ConfigurationError(f"OBJECT_STORE_URL {url}: the folder cannot be used ({error})") from None
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if not parts.netloc:
            raise ConfigurationError("OBJECT_STORE_URL: an s3:// URL needs a bucket, s3://bucket?endpoint=…")
        endpoint, region, prefix = query.get("endpoint", ""), query.get("region", "us-east-1"), parts.path.strip("/")
        # The wrap is over long before a client's own patience: what fails is tried again from the spool.
        options: dict[str, Any] = {
            "region": region,
            "client_options": {"allow_http": endpoint.startswith("http://"), "connect_timeout": "5s"},
            "retry_config": {"max_retries": 1, "retry_timeout": timedelta(seconds=20)},
        }
        if prefix:
            options["prefix"] = prefix
        if endpoint:
            options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        if access_key:
            options |= {"access_key_id": access_key, "secret_access_key": secret_key}
        store = S3Store(parts.netloc, **options)
        host = (
            f"{endpoint.rstrip('/')}/{parts.netloc}"
            if endpoint
            else f"https://{parts.netloc}.s3.{region}.amazonaws.com"
        )
        return cls(store, f"{host}/{prefix}" if prefix else host, None)

    def url(self, key: str) -> str:
        """Address of an object, without signature."""
        return f"{self._base_url}/{key}"

    async def put(self, key: str, path: Path) -> None:
        """Store a file and compare what is stored, by size and SHA-256. Raises on any difference or failure."""
        size = (await asyncio.to_thread(path.stat)).st_size
        await obstore.put_async(
            self._store,
            key,
            path,
            attributes=None if self.folder else {"Content-Type": "audio/wav"},
            use_multipart=size > MULTIPART_OVER,
            chunk_size=MULTIPART_OVER,
        )
        if self.folder:
            await asyncio.to_thread(_settle, self.folder / key)
        head = await obstore.head_async(self._store, key)
        if head["size"] != size:
            raise NotStored(f"{head['size']} bytes stored of {size}")
        stored = hashlib.sha256()
        async for block in (await obstore.get_async(self._store, key)).stream(min_chunk_size=READ_BLOCK):
            stored.update(bytes(block))
        if stored.hexdigest() != await asyncio.to_thread(sha256_of, path):
            raise NotStored("the stored object differs from the file")


class Spool:
    """The folder `recordings/` of the outbox. A recorder writes `part(key)` and ends with `finish(key)`."""

    def __init__(
        self,
        folder: Path,
        store: RecordingStore | None = None,
        *,
        idle: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.store = store
        self._idle = idle
        self._monotonic = monotonic
        self._own: set[str] = set()
        self._tries: dict[str, tuple[int, float]] = {}

    def part(self, key: str) -> Path:
        """Where the recording `key` (`{session_id}.wav`) is written while its call runs: a WAV header, then frames."""
        return self.folder / f"{key}.part"

    def finish(self, key: str) -> Path:
        """Give a closed recording its name, durably. Raises FileNotFoundError when there is no part."""
        part, final = self.part(key), self.folder / key
        fd = os.open(part, os.O_RDWR)
        try:
            os.fchmod(fd, 0o600)
            os.fsync(fd)
        finally:
            os.close(fd)
        part.replace(final)
        sync_folder(self.folder)
        self._own.add(key)
        return final

    def mend(self, key: str) -> Path | None:
        """Give the part of a dead recorder a right header and finish it. None when it holds no sound."""
        part = self.part(key)
        try:
            usable = mend_wav(part)
        except FileNotFoundError:
            return None
        if not usable:
            part.unlink(missing_ok=True)
            return None
        return self.finish(key)

    def part_written_at(self, key: str) -> datetime | None:
        """When an unfinished recording was last written; None when there is none."""
        try:
            return datetime.fromtimestamp(self.part(key).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def url(self, key: str) -> str | None:
        """Address of the recording in the store; None without a store."""
        return self.store.url(key) if self.store else None

    def find(self, key: str) -> Path | None:
        """A recording on this machine: in the spool, then in a store that is a folder."""
        for folder in (self.folder, self.store.folder if self.store else None):
            if folder and (folder / key).is_file():
                return folder / key
        return None

    @property
    def own_waiting(self) -> int:
        """Recordings of this process that are not in the store yet; 0 without a store, where they stay."""
        return len(self._own) if self.store else 0

    async def upload(self, key: str) -> bool:
        """Bring one recording to the store, then delete it here. False: to be tried again, or there is no store."""
        if not self.store:
            return False
        file = await asyncio.to_thread(LockedFile.take, self.folder / key)
        if file is None:
            return not (self.folder / key).exists()
        started = self._monotonic()
        try:
            await self.store.put(key, file.path)
            await asyncio.to_thread(file.remove)
        except Exception as error:  # the store's client has its own error types; each means: later
            tries = self._tries.get(key, (0, 0.0))[0] + 1
            self._tries[key] = (tries, self._monotonic() + backoff_s(tries))
            self._observe("failed", started)
            log.warning("recording.upload_failed", error=type(error).__name__, attempt=tries)
            return False
        finally:
            file.close()
        self._own.discard(key)
        self._tries.pop(key, None)
        self._observe("stored", started)
        log.info("recording.uploaded", recording=key)
        return True

    def _observe(self, outcome: str, started: float) -> None:
        metrics.recording_uploads.labels(outcome).inc()
        metrics.recording_upload_seconds.labels(outcome).observe(self._monotonic() - started)

    async def upload_due(self) -> None:
        """One pass: own recordings always, others' while this worker is idle."""
        names = await asyncio.to_thread(lambda: sorted(path.name for path in self.folder.glob("*.wav")))
        self._own &= set(names)
        self._tries = {key: value for key, value in self._tries.items() if key in set(names)}
        for key in names:
            due = self._tries.get(key, (0, 0.0))[1] <= self._monotonic()
            if due and (key in self._own or self._idle()):
                await self.upload(key)

    async def run(self) -> None:
        """Upload what waits until cancelled. Without a store recordings stay here."""
        while self.store:
            await asyncio.sleep(SCAN_S)
            try:
                await self.upload_due()
            except OSError as error:
                log.error("recording.disk", error=str(error))


def mend_wav(path: Path) -> bool:
    """Set the sizes in the header of a WAV file that was cut off, and drop half a frame at its end.

    Returns: whether it holds sound. Raises: FileNotFoundError.
    """
    with path.open("r+b") as file:
        header = file.read(WAV_HEADER)
        size = os.fstat(file.fileno()).st_size
        if len(header) < WAV_HEADER or header[:4] != b"RIFF" or header[8:12] != b"WAVE":
            return False
        sound = (size - WAV_HEADER) // BYTES_PER_FRAME * BYTES_PER_FRAME
        file.truncate(WAV_HEADER + sound)
        file.seek(4)
        file.write(struct.pack("<I", WAV_HEADER - 8 + sound))
        file.seek(WAV_HEADER - 4)
        file.write(struct.pack("<I", sound))
        file.flush()
        os.fsync(file.fileno())
    return sound > 0


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    sync_folder(path.parent)
