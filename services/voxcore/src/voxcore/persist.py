"""Keep a result: on disk first. While the disk is full it is held in memory and delivered from there."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from voxkit.log import get_logger

from voxcore.delivery import backoff_s, post_once
from voxcore.journal import FileJournal
from voxcore.outbox import Outbox, StoredFile

log = get_logger("voxcore.persist")


class Persister:
    """Writes results, in the one order that neither loses nor repeats one."""

    def __init__(
        self,
        outbox: Outbox,
        client: httpx.AsyncClient,
        *,
        disk_full: Callable[[], None],
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._disk_full = disk_full
        self._sleep = sleep

    async def keep(
        self, session_id: str, url: str, payload: dict[str, Any], journal: FileJournal | None
    ) -> Path | None:
        """Persist a result, then delete the journal. Returns its file; None when it was delivered without one.

        Comes back only when the result is safe: with the disk full that may be a long time, and the slot stays taken.
        """
        payload = plain(payload)
        tries = 0
        while True:
            try:
                return await asyncio.to_thread(self._write, session_id, url, payload, journal)
            except OSError as error:
                self._disk_full()
                log.error("result.not_on_disk", session_id=session_id, error=error.strerror, attempt=tries + 1)
            if await self._delivered(session_id, url, payload):
                await asyncio.to_thread(_forget, journal)
                return None
            tries += 1
            await self._sleep(backoff_s(tries))

    def _write(self, session_id: str, url: str, payload: dict[str, Any], journal: FileJournal | None) -> Path:
        # The lock is held until the journal is gone: a neighbour that delivered the result in between would leave a
        # journal that is recovered into a second one.
        with self._outbox.put_result(session_id, url, payload) as file:
            _forget(journal)
            return file.path

    async def _delivered(self, session_id: str, url: str, payload: dict[str, Any]) -> bool:
        stored = StoredFile.of_result(session_id, url, payload)
        status, error, _ = await post_once(self._client, stored)
        log.info("result.delivery", session_id=session_id, status=status, error=error, from_memory=True)
        return status is not None and 200 <= status < 300


def plain(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as JSON can carry it: whatever a provider's reply held, the result must not fail over it."""
    text = json.dumps(payload, ensure_ascii=False, default=str)
    return json.loads(text.encode("utf-8", "replace"))


def _forget(journal: FileJournal | None) -> None:
    if journal is None:
        return
    try:
        journal.delete()
    except OSError as error:
        # The result is safe and the lock is gone with the file: whoever delivers it deletes the journal first.
        log.error("journal.not_deleted", error=error.strerror)
