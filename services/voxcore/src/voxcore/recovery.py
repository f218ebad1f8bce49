"""Make results of the calls whose worker died: their journals are there and nobody holds them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voxkit.log import get_logger

from voxcore import metrics
from voxcore.durable import LockedFile
from voxcore.journal import JournalContent, read_journal
from voxcore.outbox import Outbox
from voxcore.payload import recovered_payload
from voxcore.spool import Spool

log = get_logger("voxcore.recovery")

EVERY_S = 30.0


class Recovery:
    """Looks for journals of the dead at boot, and every 30 s while this worker is idle."""

    def __init__(self, outbox: Outbox, spool: Spool, *, found: Callable[[Path], None]) -> None:
        self._outbox = outbox
        self._spool = spool
        self._found = found

    async def run(self, idle: Callable[[], bool]) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            if idle():
                await self.look()

    async def look(self) -> int:
        """One pass. Returns how many calls became a result."""
        recovered = 0
        try:
            await asyncio.to_thread(self._outbox.forget_unfinished)
        except OSError as error:
            log.error("recovery.disk", error=error.strerror)
        for path in await asyncio.to_thread(lambda: sorted(self._outbox.open.glob("*.jsonl"))):
            try:
                result = await asyncio.to_thread(self._recover, path)
            except OSError as error:
                log.error("recovery.disk", error=error.strerror)
                return recovered
            if result:
                recovered += 1
                metrics.journals_recovered.inc()
                self._found(result)
        return recovered

    def _recover(self, path: Path) -> Path | None:
        """The result file made of a journal; None when it is alive, was none, or has its result already."""
        journal = LockedFile.take(path)
        if journal is None:
            return None
        with journal:
            content = read_journal(journal)
            if content is None:
                # Its first line is written whole or not at all, so this is no journal of ours: leave it for a person.
                path.rename(path.with_suffix(".unreadable"))
                log.error("recovery.unreadable", file=path.name)
                return None
            session_id = str(content.head["session_id"])
            if self._outbox.has_result(session_id):
                journal.remove()
                return None
            payload = self._payload(content)
            with self._outbox.put_result(session_id, str(content.head["webhook_url"]), payload) as result:
                journal.remove()
                log.warning("call.recovered", session_id=session_id, disconnected_by=payload["disconnected_by"])
                return result.path

    def _payload(self, content: JournalContent) -> dict[str, Any]:
        key = content.head.get("recording_key")
        # In a quiet stretch of the call only the recording was still being written.
        heard = self._spool.part_written_at(key) if key else None
        payload = recovered_payload(content, max(filter(None, (content.last_write, heard))))
        if key and (self._spool.mend(key) or self._spool.find(key)):
            payload["recording_key"] = key
            if url := self._spool.url(key):
                payload["recording_url"] = url
        return payload
