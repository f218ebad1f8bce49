"""The worker: one slot, what it needs to carry a call, and how it ends."""

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import aiohttp
from voxkit.contracts.results import WorkerRef
from voxkit.errors import ConfigurationError
from voxkit.http import internal_client
from voxkit.log import get_logger
from voxkit.netguard import Allowlist

from voxcore import metrics
from voxcore.call import WRAP_BUDGET_S, WRAP_GRACE_S, Calls
from voxcore.conversation import Parts, Services
from voxcore.delivery import Courier
from voxcore.outbox import Outbox
from voxcore.persist import Persister
from voxcore.preload import preload
from voxcore.recovery import Recovery
from voxcore.settings import VoxcoreSettings
from voxcore.slot import CARRYING, DrainSource, Epochs, Move, Phase, Slot
from voxcore.spool import RecordingStore, Spool

log = get_logger("voxcore.worker")

VERSION = version("voxcore")
OWN_OUTBOX_WAIT_S = 30.0
FAST_STOP_S = 3.2
DISK_LOOK_S = 5.0
LAG_LOOK_S = 1.0
STATES = ("starting", "idle", "reserved", "busy", "wrapping", "draining")


class Worker:
    """Built inside the event loop of its process: clients and tasks belong to that loop."""

    def __init__(self, settings: VoxcoreSettings, parts: Parts, *, wrap_budget_s: float | None = None) -> None:
        """Raises ConfigurationError: the outbox or the object store cannot be used."""
        self.settings = settings
        self.exit_code = 0
        self.outbox = Outbox(settings.outbox_dir.resolve(), uploads=bool(settings.object_store_url))
        self.outbox.prepare()
        store = (
            RecordingStore.from_url(
                settings.object_store_url, access_key=settings.s3_access_key, secret_key=settings.s3_secret_key
            )
            if settings.object_store_url
            else None
        )
        self.slot = Slot(Epochs(self.outbox.epochs / settings.voxcore_worker_id))
        self.spool = Spool(self.outbox.recordings, store, idle=self.idle)
        self.reference = WorkerRef(
            worker_id=settings.voxcore_worker_id,
            host_id=settings.voxcore_host_id,
            image_tag=settings.vox_image_tag,
            version=VERSION,
        )
        self.services = Services(
            settings=settings,
            http=aiohttp.ClientSession(),
            voxbridge=internal_client(settings.secrets[0]),
            allowlist=Allowlist.parse(settings.outbound_url_allowlist),
            spool=self.spool,
            worker=self.reference,
        )
        self.courier = Courier(self.outbox, self.services.voxbridge, idle=self.idle)
        persister = Persister(
            self.outbox,
            self.services.voxbridge,
            disk_full=lambda: self.slot.drain(DrainSource.DISK, "disk_full"),
        )
        self.calls = Calls(
            self.slot,
            self.outbox,
            self.courier,
            self.services,
            parts,
            persister,
            wrap_budget_s=wrap_budget_s or WRAP_BUDGET_S + WRAP_GRACE_S,
        )
        self.recovery = Recovery(self.outbox, self.spool, found=self.courier.adopt)
        self._parts = parts
        self._tasks: list[asyncio.Task[Any]] = []
        self._calls: set[asyncio.Task[None]] = set()
        self._leaving = asyncio.Event()
        self._hurry = asyncio.Event()
        self._empty = asyncio.Event()
        self.slot.on_change(self._changed)
        self._changed()
        metrics.build_info.labels(VERSION, settings.vox_image_tag).set(1)

    def idle(self) -> bool:
        return self.slot.phase is Phase.IDLE

    def _changed(self) -> None:
        for state in STATES:
            metrics.slot_state.labels(state).set(state == self.slot.state)
        metrics.draining.set(self.slot.draining)
        if self.slot.phase in CARRYING:
            self._empty.clear()
        else:
            self._empty.set()
        limit = self.settings.recycle_after_calls
        if limit and self.calls.done >= limit and self.idle():
            self.terminate("recycle")

    # --- life -------------------------------------------------------------------------------------------------

    def start(self, *, preloaded: bool = False) -> None:
        """Begin the work beside calls, and load unless a parent has. The slot becomes idle when that is done."""
        for name, work in (
            ("courier", self.courier.run),
            ("spool", self.spool.run),
            ("recovery", self._recover),
            ("disk", self._watch_disk),
            ("lag", self._watch_lag),
        ):
            self._tasks.append(asyncio.create_task(self._always(name, work), name=name))
        if preloaded:
            self.slot.move(Move.READY)
        else:
            self._tasks.append(asyncio.create_task(self._load(), name="load"))

    async def _load(self) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[BaseException | None] = loop.create_future()

        def work() -> None:
            error: BaseException | None = None
            try:
                preload(self._parts, self.settings.preload_names, self.outbox.root)
            except BaseException as caught:
                error = caught
            with suppress(RuntimeError):  # the loop is closed: the process leaves already
                loop.call_soon_threadsafe(lambda: done.cancelled() or done.set_result(error))

        # A daemon thread: a stop while models load does not wait for them.
        threading.Thread(target=work, name="preload", daemon=True).start()
        error = await done
        if error is None:
            self.slot.move(Move.READY)
            return
        if isinstance(error, ConfigurationError):
            log.error("worker.cannot_start", error=str(error))
        else:
            log.error("worker.cannot_start", exc_info=error)
        self.exit_code = 1
        self._leaving.set()
        self._hurry.set()

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a call on its own: not cancelled with the connection that began it."""
        task = asyncio.create_task(work, name="call")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task

    async def _always(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
                return
            except Exception as error:
                log.error("worker.task_failed", task=name, exc_info=error)
                await asyncio.sleep(DISK_LOOK_S)

    async def _recover(self) -> None:
        await self.recovery.look()
        await self.recovery.run(self.idle)

    async def _watch_disk(self) -> None:
        while True:
            free_mb = (await asyncio.to_thread(shutil.disk_usage, self.outbox.root)).free // 2**20
            if free_mb < self.settings.outbox_min_free_mb:
                self.slot.drain(DrainSource.DISK, "disk_low")
            else:
                self.slot.undrain(DrainSource.DISK)
            await asyncio.sleep(DISK_LOOK_S)

    async def _watch_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_LOOK_S
            await asyncio.sleep(LAG_LOOK_S)
            metrics.loop_lag.observe(max(0.0, loop.time() - due))

    # --- end --------------------------------------------------------------------------------------------------

    def terminate(self, reason: str = "SIGTERM") -> None:
        """Drain and leave when the call and its result are done. Repeats change nothing."""
        if not self._leaving.is_set():
            log.info("worker.draining", reason=reason, phase=self.slot.phase.value)
        self.slot.drain(DrainSource.SIGNAL, reason)
        self._leaving.set()

    def stop_now(self) -> None:
        """A developer's Ctrl-C: end the call, keep its result, leave within 4 s."""
        log.info("worker.stopping", phase=self.slot.phase.value)
        self.slot.drain(DrainSource.SIGNAL, "SIGINT")
        self._leaving.set()
        self._hurry.set()
        self.calls.stop()

    @property
    def own_waiting(self) -> int:
        """Deliveries of this process that wait."""
        return len(self.courier.own)

    async def until_leaving_is_done(self) -> None:
        """Return when this process may exit: asked to leave, no call, own deliveries out or waited for long enough."""
        await self._leaving.wait()
        timer = asyncio.create_task(self._end_call_in_time())
        try:
            empty = asyncio.ensure_future(self._empty.wait())
            hurry = asyncio.ensure_future(self._hurry.wait())
            await asyncio.wait({empty, hurry}, return_when=asyncio.FIRST_COMPLETED)
            if not empty.done():
                # What is not on disk by then is in the journal, and the next start makes the result from it.
                await asyncio.wait({empty}, timeout=FAST_STOP_S)
            await self._until_delivered()
            empty.cancel()
            hurry.cancel()
        finally:
            timer.cancel()
        log.info("worker.left", exit_code=self.exit_code, own_outbox=self.own_waiting)

    async def _end_call_in_time(self) -> None:
        limit = self.settings.drain_timeout_seconds
        if limit > 0:
            await asyncio.sleep(limit)
            log.warning("worker.drain_timeout", seconds=limit)
            self.calls.stop()

    async def _until_delivered(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + OWN_OUTBOX_WAIT_S
        while (self.own_waiting or self.spool.own_waiting) and loop.time() < deadline:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), 0.1)
                return

    async def close(self) -> None:
        """Stop the work beside calls and let go of clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self.services.shared.values():
            closing = getattr(client, "aclose", None) or getattr(client, "close", None)
            if closing:
                with suppress(Exception):
                    result = closing()
                    if asyncio.iscoroutine(result):
                        await result
        await self.services.voxbridge.aclose()
        await self.services.http.close()
