"""The worker's word to the capacity registry: all it knows of itself, every 3 s and at once after a change.

The registry may be away, empty or wrong at any time. No call and no start waits for it; all that is lost meanwhile is
that nobody can reserve this seat.
"""

import asyncio
import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

import httpx
from pydantic import TypeAdapter, ValidationError
from voxkit.clock import utc_now
from voxkit.contracts.registry import CampaignId, HeartbeatReply, Short, WorkerBeat
from voxkit.errors import StaleReservation
from voxkit.http import backoff_s
from voxkit.log import get_logger

from voxcore import metrics
from voxcore.call import Calls
from voxcore.settings import VoxcoreSettings
from voxcore.slot import CARRYING, DrainSource, Slot
from voxcore.store_clock import StoreClock

log = get_logger("voxcore.heartbeat")

BEAT_S = 3.0
TIMEOUT_S = 2.0
CONNECT_S = 1.0
FIRST_PAUSE_S = 0.5
SURE_AFTER_S = 10.0
"""With no word of the registry for so long after a drain began, no grant is waited for any more."""
TEXT = TypeAdapter[str](Short)
CAMPAIGN = TypeAdapter[str](CampaignId)


def _fitting(form: TypeAdapter[str], value: object) -> str | None:
    """A text that the registry takes as it is; what a caller made too long is left out, not cut."""
    with suppress(ValidationError):
        return form.validate_python(value, strict=True) or None
    return None


class Truth:
    """Composes beats: one life of one worker."""

    def __init__(
        self,
        settings: VoxcoreSettings,
        version: str,
        slot: Slot,
        calls: Calls,
        *,
        protocols: list[str],
        pending: Callable[[], int],
    ) -> None:
        self.instance_id = str(uuid.uuid4())
        self._settings = settings
        self._version = version
        self._slot = slot
        self._calls = calls
        self._protocols = protocols
        self._pending = pending
        self._started_at = utc_now()
        self._seq = 0

    def beat(self) -> WorkerBeat:
        """The worker as it is now."""
        settings, slot = self._settings, self._slot
        slot.settle()
        self._seq += 1
        begun = self._calls.current if slot.phase in CARRYING else None
        record = begun.record if begun else None
        campaign_id = record.connected_event.get("_campaign_id") if record else None
        return WorkerBeat(
            worker_id=settings.voxcore_worker_id,
            instance_id=self.instance_id,
            seq=self._seq,
            host_id=settings.voxcore_host_id,
            lb_url=settings.voxcore_public_url,
            direct_url=settings.voxcore_direct_url,
            image_tag=settings.vox_image_tag,
            version=self._version,
            pid=os.getpid(),
            started_at=self._started_at,
            state=slot.state,
            phase=slot.phase.value,
            draining=slot.draining,
            call_id=_fitting(TEXT, record.call_id) if record else None,
            session_id=_fitting(TEXT, record.session_id) if record else None,
            reservation_id=slot.reservation_id,
            bot_id=_fitting(TEXT, record.bot_id) if record else None,
            campaign_id=_fitting(CAMPAIGN, campaign_id),
            call_started_at=record.started_at if record else None,
            epoch=slot.epoch,
            outbox_pending=self._pending(),
            protocols=self._protocols,
            pool=settings.voxcore_pool,
            client=settings.deployment_name or None,
        )


class Heartbeats:
    """Sends beats, one at a time, and does what the answers say."""

    def __init__(
        self,
        settings: VoxcoreSettings,
        client: httpx.AsyncClient,
        truth: Truth,
        slot: Slot,
        clock: StoreClock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{settings.registry_url}/v1/workers/{settings.voxcore_worker_id}"
        self._pool = settings.voxcore_pool
        self._client = client
        self._truth = truth
        self._slot = slot
        self._clock = clock
        self._monotonic = monotonic
        self._news = asyncio.Event()
        self._failures = 0
        self._answered_at = monotonic()
        self._known = False
        self._superseded = False
        self._drain_since: float | None = None
        self._drain_heard = False
        slot.on_change(self._changed)
        metrics.heartbeat_age.set_function(lambda: monotonic() - self._answered_at)

    def _changed(self) -> None:
        if not self._slot.draining:
            self._drain_since, self._drain_heard = None, False
        elif self._drain_since is None:
            self._drain_since = self._monotonic()
        self._news.set()

    @property
    def grants_are_known(self) -> bool:
        """Whether a draining worker knows every reservation that was granted on it before the drain.

        An answer to a beat that said `draining` tells; a registry that never heard of this process granted nothing.
        """
        if self._drain_since is None:
            return False
        long_ago = self._monotonic() - self._drain_since >= SURE_AFTER_S
        return self._drain_heard or not self._known or self._superseded or long_ago

    async def run(self) -> None:
        """Beat until another process has taken this worker's name."""
        while not self._superseded:
            self._news.clear()
            await self.beat()
            # A change is told at once; several changes during one beat are told by the next, as one.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self._pause_s())

    def _pause_s(self) -> float:
        if not self._failures:
            return BEAT_S
        return backoff_s(self._failures - 1, first_s=FIRST_PAUSE_S, cap_s=BEAT_S, jitter=0.3)

    async def beat(self) -> None:
        """One beat and what its answer asks for. Never raises for a registry that is away or wrong."""
        said = self._truth.beat()
        asked = self._clock.mark()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._client.put(
                    self._url,
                    content=said.model_dump_json(),
                    headers={"Content-Type": "application/json"},
                )
            self._known = True
            if answer.status_code == 409:
                self._superseded_by_another()
                return
            if answer.status_code != 200:
                self._failed(f"HTTP {answer.status_code}")
                return
            reply = HeartbeatReply.model_validate_json(answer.content)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._failed(type(error).__name__)
            return
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            self._known = True  # it may have heard us
            self._failed(type(error).__name__)
            return
        except ValidationError:
            self._failed("not a capacity registry")
            return
        self._heard()
        self._clock.learn(reply.now_ms, asked=asked)
        self._obey(said, reply)

    def _heard(self) -> None:
        if self._failures:
            away_s = round(self._monotonic() - self._answered_at, 1)
            log.info("registry.back", away_s=away_s, beats_missed=self._failures)
        self._failures = 0
        self._answered_at = self._monotonic()

    def _failed(self, reason: str) -> None:
        metrics.heartbeat_failures.inc()
        self._failures += 1
        if self._failures == 1:
            hint = {"hint": "VOXCORE_SECRET is not one of the registry's"} if reason == "HTTP 403" else {}
            log.warning("registry.away", address=self._url, reason=reason, **hint)

    def _superseded_by_another(self) -> None:
        self._superseded = True
        log.error(
            "registry.superseded",
            hint="another process has this VOXCORE_WORKER_ID; this one takes no more calls. Give each its own id",
        )
        self._slot.drain(DrainSource.SUPERSEDED, "superseded")

    def _obey(self, said: WorkerBeat, reply: HeartbeatReply) -> None:
        slot, held = self._slot, reply.reservation
        if (
            said.phase == "reserved"
            and said.reservation_id
            and not (held and held.reservation_id == said.reservation_id)
        ):
            # We named it and the registry does not know it as open: it is over, and its own word of that was lost.
            slot.unreserve(said.reservation_id)
        if held:
            try:
                slot.reserve(held.fence)
            except StaleReservation as refusal:
                # Granted before the call that came in between; the next beat tells the registry.
                log.info("reservation.refused", reservation_id=held.reservation_id, reason=str(refusal))
        if reply.drain:
            slot.drain(DrainSource.REGISTRY, "registry")
        else:
            slot.undrain(DrainSource.REGISTRY)
        if said.draining and slot.draining:
            self._drain_heard = True

    async def leave(self, within_s: float) -> None:
        """Say farewell, so that nothing is granted here any more. Best effort: the registry notices silence too."""
        if self._superseded or not self._known:
            return
        params = {"instance_id": self._truth.instance_id, "pool": self._pool}
        try:
            async with asyncio.timeout(within_s):
                await self._client.delete(self._url, params=params)
        except (httpx.HTTPError, TimeoutError) as error:
            log.info("registry.not_told", reason=type(error).__name__)
