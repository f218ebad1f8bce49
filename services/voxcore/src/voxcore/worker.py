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
from voxcore.heartbeat import CONNECT_S, TIMEOUT_S, Heartbeats, Truth
from voxcore.outbox import Outbox
from voxcore.persist import Persister
from voxcore.preload import preload
from voxcore.recovery import Recovery
from voxcore.settings import VoxcoreSettings
from voxcore.slot import CARRYING, DrainSource, Epochs, Move, Phase, Slot
from voxcore.spool import RecordingStore, Spool
from voxcore.store_clock import StoreClock

log = get_logger("voxcore.worker")

VERSION = version("voxcore")
OWN_OUTBOX_WAIT_S = 30.0
FAST_STOP_S = 3.2
FAREWELL_S = 0.5
LOOK_AGAIN_S = 0.1
DISK_LOOK_S = 5.0
LAG_LOOK_S = 1.0
SOCKETS = ("ws", "exotel")
"""Kinds of media socket that this image takes: its routes, and `protocols` of the heartbeat."""
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
        self.clock = StoreClock()
        self.slot = Slot(
            Epochs(self.outbox.epochs / settings.voxcore_worker_id),
            worker_id=settings.voxcore_worker_id,
            secrets=settings.secrets,
            now_ms=self.clock.now_ms,
        )
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
        self._hold_timer: asyncio.TimerHandle | None = None
        self._registry_client = internal_client(settings.secrets[0], connect_s=CONNECT_S, total_s=TIMEOUT_S)
        self.heartbeats = self._heartbeats() if settings.registry_url else None
        self.slot.on_change(self._changed)
        self._changed()
        metrics.build_info.labels(VERSION, settings.vox_image_tag).set(1)

    def _heartbeats(self) -> Heartbeats:
        rooms = self.settings.livekit_url and self._parts.room_media
        protocols = [*SOCKETS, "livekit"] if rooms else [*SOCKETS]
        truth = Truth(
            self.settings, VERSION, self.slot, self.calls, protocols=protocols, pending=lambda: self.own_waiting
        )
        return Heartbeats(self.settings, self._registry_client, truth, self.slot, self.clock)

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
        self._watch_hold()
        limit = self.settings.recycle_after_calls
        if limit and self.calls.done >= limit and self.idle():
            self.terminate("recycle")

    def _watch_hold(self) -> None:
        """Let go of a reservation at its deadline, for those who look; a start looks at the clock itself."""
        if self._hold_timer:
            self._hold_timer.cancel()
            self._hold_timer = None
        until_ms = self.slot.held_until_ms
        if until_ms is not None:
            left_s = max(0.001, (until_ms - self.clock.now_ms()) / 1000)
            self._hold_timer = asyncio.get_running_loop().call_later(left_s, self._hold_may_be_over)

    def _hold_may_be_over(self) -> None:
        self.slot.settle()
        if self.slot.held_until_ms is not None:
            self._watch_hold()

    # --- life -------------------------------------------------------------------------------------------------

    def start(self, *, preloaded: bool = False) -> None:
        """Begin the work beside calls, and load unless a parent has. The slot becomes idle when that is done."""
        work_beside: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("courier", self.courier.run),
            ("spool", self.spool.run),
            ("recovery", self._recover),
            ("disk", self._watch_disk),
            ("lag", self._watch_lag),
        ]
        if self.heartbeats:
            work_beside.append(("heartbeat", self.heartbeats.run))
        for name, work in work_beside:
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
        """Results and recordings of this process that are not where they belong yet."""
        return len(self.courier.own) + self.spool.own_waiting

    @property
    def unclaimed(self) -> bool:
        """Whether a draining worker has no call, and nobody holds a reservation for one on it."""
        free = self.slot.phase not in CARRYING and self.slot.phase is not Phase.RESERVED
        return free and (self.heartbeats is None or self.heartbeats.grants_are_known)

    @property
    def drained(self) -> bool:
        """Whether nothing is left here: the process may be replaced."""
        return self.slot.draining and self.unclaimed and not self.own_waiting

    async def until_leaving_is_done(self) -> None:
        """Return when this process may exit: asked to leave, no call, own deliveries out or waited for long enough."""
        await self._leaving.wait()
        timer = asyncio.create_task(self._end_call_in_time())
        try:
            while True:
                await self._until_unclaimed()
                await self._until_delivered()
                # An operator may be given a draining seat while its last result is on the way.
                if self.unclaimed or self._hurry.is_set():
                    break
            self.slot.close()
        finally:
            timer.cancel()
        log.info("worker.left", exit_code=self.exit_code, own_outbox=self.own_waiting)

    async def _until_unclaimed(self) -> None:
        """No call, and no reservation whose holder may still start: a callee may be ringing. Or there is a hurry."""
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            while not (self.unclaimed or hurry.done()):
                empty = asyncio.ensure_future(self._empty.wait())
                await asyncio.wait({empty, hurry}, return_when=asyncio.FIRST_COMPLETED)
                empty.cancel()
                if not (self.unclaimed or hurry.done()):
                    await asyncio.wait({hurry}, timeout=LOOK_AGAIN_S)
            if hurry.done() and not self._empty.is_set():
                # What is not on disk by then is in the journal, and the next start makes the result from it.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._empty.wait(), FAST_STOP_S)
        finally:
            hurry.cancel()

    async def _end_call_in_time(self) -> None:
        limit = self.settings.drain_timeout_seconds
        if limit > 0:
            await asyncio.sleep(limit)
            log.warning("worker.drain_timeout", seconds=limit)
            self.calls.stop()

    async def _until_delivered(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + OWN_OUTBOX_WAIT_S
        while self.own_waiting and loop.time() < deadline:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), LOOK_AGAIN_S)
                return

    async def close(self) -> None:
        """Stop the work beside calls and let go of clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._hold_timer:
            self._hold_timer.cancel()
        if self.heartbeats:
            await self.heartbeats.leave(FAREWELL_S)
        await self._registry_client.aclose()
        for client in self.services.shared.values():
            closing = getattr(client, "aclose", None) or getattr(client, "close", None)
            if closing:
                with suppress(Exception):
                    result = closing()
                    if asyncio.iscoroutine(result):
                        await result
        await self.services.voxbridge.aclose()
        await self.services.http.close()
