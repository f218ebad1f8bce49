"""The loop: every two seconds one turn that leases as many contacts as can be dialled now (section 3)."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.errors import PyMongoError
from voxkit.contracts.campaigns import HELD, CampaignConfig
from voxkit.log import get_logger

from voxdialler import dial, lease, recovery, seats
from voxdialler.context import Context, DialOrder
from voxdialler.conversations import Conversations
from voxdialler.gates import Gates
from voxdialler.live import SHOWN_STATES, Finding
from voxdialler.measures import Book, with_run
from voxdialler.pacing import fair_share, pace, want
from voxdialler.plan import Candidate, Slots, Turns, assign, done_at, numbers_of, opening_of
from voxdialler.world import Reader, World

Document = dict[str, Any]
log = get_logger("voxdialler.loop")

RENEW_EVERY_S, RENEW_AGAIN_S = 15.0, 2.0
PANELS_EVERY_S = 1.0
MARKS_LIVE_S = 60.0
NEXT_DUE_EVERY_S = 30.0
RESTART_S = (1, 2, 4, 8, 16, 30)


class Loop:
    """One a process. `run` and `keep_leases` go on until `stopping` is set."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.gates = Gates(ctx)
        self.reader = Reader(ctx)
        self.book = Book(ctx.db["campaign_attempts"], ctx.settings.metrics_window_seconds)
        self._turns = Turns()
        self._scanned_at = self._shown_at = self._marked_at = float("-inf")
        self._next_due: dict[str, tuple[float, datetime | None]] = {}
        self._epoch = 0
        self._panels: asyncio.Task[None] | None = None
        self._conversations = Conversations(ctx)
        self._looking: asyncio.Task[None] | None = None
        self._shown: set[str] = set()
        self.stopping = False
        self.ticks = 0
        self.ticked_at = ctx.monotonic()
        self.tick_ms: deque[float] = deque(maxlen=300)
        self.findings: dict[str, Finding] = {}
        self.stale_rows = 0
        self.carriers: list[Document] = []
        self.channels: Counter[str] = Counter()

    async def run(self) -> None:
        """Turn after turn; a failure outside of a campaign restarts the loop after a pause (T2)."""
        failures = 0
        while not self.stopping:
            began = self._ctx.monotonic()
            try:
                await self.tick()
            except Exception as error:
                away = isinstance(error, PyMongoError)
                log.error("loop.failed", error=str(error)[:200], exc_info=None if away else error)
                await self._ctx.sleep(RESTART_S[min(failures, len(RESTART_S) - 1)])
                failures += 1
                continue
            failures = 0
            # A late turn is followed at once by the next one; turns that were missed are not made up.
            await self._ctx.sleep(max(0.0, self._ctx.settings.tick_seconds - (self._ctx.monotonic() - began)))

    async def keep_leases(self) -> None:
        """Renew the leases of all tasks here, as leader or not: one who hands over still carries its calls (L2)."""
        ctx = self._ctx
        while True:
            await ctx.sleep(RENEW_EVERY_S if await self._renew() else RENEW_AGAIN_S)

    async def _renew(self) -> bool:
        ctx = self._ctx
        held, asked_at = ctx.tasks.contacts(), ctx.monotonic()
        try:
            ctx.tasks.renewed(await lease.renew(ctx, held), asked_at)
        except PyMongoError as error:
            log.warning("leases.not_renewed", error=type(error).__name__, held=len(held))
            return False
        return True

    async def tick(self) -> None:
        """One turn. Raises: PyMongoError while the store is away."""
        ctx, began = self._ctx, self._ctx.monotonic()
        ctx.metrics.leader.set(ctx.leader.is_leader)
        if not ctx.leader.is_leader:
            self.findings = {}
            self.ticked_at = ctx.monotonic()
            return
        if self._epoch != ctx.leader.epoch:
            await self._begin_to_lead()
        with ctx.metrics.store_seconds.labels("read_world").time():
            world = await self.reader.read()
        await self.gates.look(self.reader.settings)
        self.findings = await self._dial(world)
        await self._hang_up_excluded(world)
        await self._upkeep()
        self._show(world, self.findings)
        self.ticks += 1
        self.ticked_at = ctx.monotonic()
        self.tick_ms.append((self.ticked_at - began) * 1000)
        ctx.metrics.ticks.inc()
        ctx.metrics.tick_seconds.observe(self.ticked_at - began)
        self._measure(world)

    async def _begin_to_lead(self) -> None:
        ctx, epoch = self._ctx, self._ctx.leader.epoch
        await ctx.breakers.load()
        ctx.marks.forget()
        self.reader.forget()
        self._shown = await ctx.panels.begin()
        self._conversations = Conversations(ctx)
        vanished = ctx.leader.former == "vanished"
        if vanished:
            ctx.metrics.takeovers.inc()
        await self._recover(vanished_before=epoch if vanished else None)
        self._epoch = epoch

    def _measure(self, world: World) -> None:
        ctx = self._ctx
        self.carriers, self.channels = world.carriers, world.by_carrier()
        for state in SHOWN_STATES:
            ctx.metrics.active_calls.labels(state).set(sum(counted[state] for counted in world.counts.values()))
        for carrier in world.carriers:
            ctx.metrics.bucket_tokens.labels(carrier["_id"]).set(ctx.buckets.of(carrier["_id"]).tokens)
            ctx.metrics.channels_used.labels(carrier["_id"]).set(self.channels[carrier["_id"]])
        for kind, count in ctx.breakers.open_by_kind().items():
            ctx.metrics.breaker_open.labels(kind).set(count)

    # --- dialling ---------------------------------------------------------------------------------------------

    async def _dial(self, world: World) -> dict[str, Finding]:
        ctx = self._ctx
        await self.book.learn([campaign["_id"] for campaign in world.running], world.now)
        findings = {campaign_id: self._finding(world, campaign) for campaign_id, campaign in world.campaigns.items()}
        running = [campaign for campaign in world.running if not self.stopping]
        if closed := self.gates.closed():
            for campaign in running:
                found = findings[campaign["_id"]]
                found.blocked, found.key = closed
                found.evidence = ctx.breakers.of("voxbridge").evidence if closed[0] == "voxbridge_away" else []
            return findings
        slots, left = self._slots(world), self._slots(world)
        ready: dict[str, Candidate] = {}
        for campaign in running:
            async with self._contained(campaign["_id"]):
                candidate = await self._look_at(world, campaign, findings[campaign["_id"]], slots)
                if candidate:
                    ready[candidate.id] = candidate
        order = self._turns.order(list(ready))
        self._turns.turn += 1
        self._share(world, ready, findings, order)
        assign([ready[campaign_id] for campaign_id in order], slots)
        all_leased = asyncio.Event()
        try:
            for campaign_id in order:
                async with self._contained(campaign_id):
                    await self._begin(ready[campaign_id], findings[campaign_id], left, all_leased)
        finally:
            all_leased.set()
        return findings

    def _slots(self, world: World) -> Slots:
        ctx, leased = self._ctx, world.by_carrier("leased")
        tick_s = ctx.settings.tick_seconds
        return Slots.of(world.carriers, world.by_carrier(), leased, ctx.buckets, ctx.breakers, tick_s)

    @asynccontextmanager
    async def _contained(self, campaign_id: str) -> AsyncGenerator[None]:
        """A failure inside is this campaign's own: the others are dialled (T2). The store's is everybody's."""
        try:
            yield
        except PyMongoError:
            raise
        except Exception as error:
            log.error("campaign.failed", campaign_id=campaign_id, exc_info=error)
            self._ctx.breakers.failed(f"campaign:{campaign_id}", "exception", f"{type(error).__name__}: {error}")

    def _finding(self, world: World, campaign: Document) -> Finding:
        stats = campaign.get("stats") or {}
        counted = dict(world.counts.get(campaign["_id"], {}))
        waiting = {
            "pending": int(stats.get("pending") or 0),
            "retry_scheduled": int(stats.get("retry_scheduled") or 0),
            "callback_scheduled": int(stats.get("callback_pending") or 0),
        }
        recent = self.book.of(campaign["_id"])
        return Finding(
            counts={**counted, **waiting},
            recent=replace(recent, measures=with_run(recent.measures, stats)),
            is_running=campaign.get("status") == "running",
            is_endless=bool((campaign.get("config") or {}).get("always_on")),
        )

    async def _look_at(self, world: World, campaign: Document, found: Finding, slots: Slots) -> Candidate | None:
        """A campaign with contacts to dial now, or what keeps it from that, in `found`."""
        ctx, key = self._ctx, f"campaign:{campaign['_id']}"
        config = CampaignConfig.model_validate(campaign.get("config") or {})
        bot = world.bots.get(campaign["bot_id"])
        opening = opening_of(campaign, config, bot, world.now)
        if not opening.is_open:
            found.outside, found.opens_at = True, opening.opens_at
            return None
        found.done_at = partial(done_at, campaign, config, bot, world.now)
        if not ctx.breakers.allows(key):
            found.blocked, found.key, found.evidence = "campaign_breaker", key, ctx.breakers.of(key).evidence
            return None
        numbers, why = numbers_of(campaign, world.carriers, livekit=bool(ctx.settings.livekit_url))
        usable = [number for number in numbers if ctx.breakers.allows(f"carrier:{number.carrier['_id']}")]
        if not usable:
            found.blocked = why
            if numbers:
                key = f"carrier:{numbers[0].carrier['_id']}"
                found.blocked, found.key, found.evidence = "carrier_breaker", key, ctx.breakers.of(key).evidence
            return None
        one = Candidate(campaign, config, usable)
        wanted = want(config.pacing_mode, world.load_of(campaign, config))
        if config.pacing_mode == "predictive":
            wanted = int(wanted * ctx.settings.max_overdial)
        room = sum(slots.free[carrier] for carrier in one.carriers(slots))
        one.asked = max(1, min(wanted, room))  # one is asked for even without room: is there work at all?
        with ctx.metrics.store_seconds.labels("candidates").time():
            one.due = await lease.candidates(ctx, campaign, one.asked)
        if not one.due:
            found.next_retry_at = await self._when_due(campaign["_id"])
            return None
        return one

    async def _when_due(self, campaign_id: str) -> datetime | None:
        """When the next contact is due, looked up now and then only."""
        now = self._ctx.monotonic()
        read_at, when = self._next_due.get(campaign_id, (float("-inf"), None))
        if now - read_at >= NEXT_DUE_EVERY_S or (when is not None and when <= self._ctx.now()):
            when = await lease.next_due(self._ctx, campaign_id)
            self._next_due[campaign_id] = now, when
        return when

    def _share(self, world: World, ready: dict[str, Candidate], findings: dict[str, Finding], order: list[str]) -> None:
        """Free seats among the campaigns, then each one's demand (P3 to P6)."""
        ctx = self._ctx
        loads = {one.id: world.load_of(one.campaign, one.config) for one in ready.values()}
        wants = {one.id: one.wish(want(one.config.pacing_mode, loads[one.id])) for one in ready.values()}
        shares = fair_share(wants, self._budget(world), order)
        for one in ready.values():
            found, load, share = findings[one.id], loads[one.id], shares[one.id]
            cps = {number.carrier["_id"]: ctx.buckets.of(number.carrier["_id"]).cps for number in one.numbers}
            one.pace = found.pace = pace(
                one.config.pacing_mode, load, share, found.recent.measures, sum(cps.values()), ctx.settings.rules,
                by_fallback=ctx.capacity.by_fallback,
            )  # fmt: skip
            found.seat_grade = seats.grade(ctx, [number.carrier for number in one.numbers])
            if share == 0 and wants[one.id] > 0 and load.active == 0:
                found.blocked = "no_capacity"

    def _budget(self, world: World) -> int:
        """Free seats, less those that dials under way will need and the view cannot show yet."""
        ctx = self._ctx
        pinning = {carrier["_id"] for carrier in world.carriers if seats.pins(ctx, carrier)}
        unseen = 0
        for row in world.active:
            if row["status"] not in HELD:
                continue
            # With a seat reserved first, only the moment between lease and reservation is not seen.
            unseen += row["status"] == "leased" or row.get("current_carrier_id") not in pinning
        return max(0, (ctx.capacity.free or 0) - unseen)

    async def _begin(self, one: Candidate, found: Finding, slots: Slots, all_leased: asyncio.Event) -> None:
        """Lease what was assigned, and dial it when the turn has leased all."""
        ctx = self._ctx
        # While calls are under way a full carrier is no obstacle, it is the rate that it was given.
        if one.blocked and not found.blocked and not any(found.counts.get(state) for state in SHOWN_STATES):
            found.blocked = one.blocked
        wanted = one.assigned
        if ctx.breakers.of(f"campaign:{one.id}").state == "half_open":
            wanted = min(1, wanted)
        if ctx.capacity.was_refused(f"quota:{one.id}"):
            wanted, found.blocked = min(1, wanted), "quota"
        for row in one.due[:wanted]:
            if not ctx.leader.is_leader or not await self._begin_one(one, row, slots, all_leased):
                break
            self._turns.serve(one.id)

    async def _begin_one(self, one: Candidate, row: Document, slots: Slots, all_leased: asyncio.Event) -> bool:
        """Returns: whether a further one may be tried."""
        ctx = self._ctx
        last = await lease.last_number(ctx, row) if len(one.numbers) > 1 and row.get("attempt_count") else None
        usable = [number for number in one.numbers if slots.free.get(number.carrier["_id"], 0) > 0]
        number = ctx.numbers.choose(usable, last_number=last, is_callback=row["status"] == "callback_scheduled")
        if number is None:
            return False
        attempt_id = uuid.uuid4().hex
        with ctx.metrics.store_seconds.labels("lease").time():
            leased = await lease.take(ctx, row, attempt_id, number.carrier["_id"])
        if leased is None:
            return True
        slots.take(number.carrier["_id"])
        pinned = one.pace.mode_now == "reserved" and seats.pins(ctx, number.carrier)
        order = DialOrder(one.campaign, leased, attempt_id, number.number, number.carrier, pinned)
        log.info("lease.taken", attempt_id=attempt_id, campaign_id=one.id, campaign_call_id=row["_id"])
        ctx.tasks.start(attempt_id, row["_id"], self._dial_after(all_leased, order))
        return True

    async def _dial_after(self, all_leased: asyncio.Event, order: DialOrder) -> None:
        """A turn that begins its dials one by one has its own last leases wait behind what those ask the store."""
        await all_leased.wait()
        await dial.run(self._ctx, order)

    # --- upkeep -----------------------------------------------------------------------------------------------

    async def _hang_up_excluded(self, world: World) -> None:
        """A number that was excluded while it rings is not rung any longer (section 15)."""
        for row in world.active:
            if row.get("exclude_requested") and row["status"] in ("ringing", "dialling") and row.get("lease_id"):
                await self._ctx.originators.hang_up(row["lease_id"], "excluded")

    async def _upkeep(self) -> None:
        ctx = self._ctx
        now = ctx.monotonic()
        if now - self._scanned_at >= ctx.settings.stale_scan_seconds:
            await self._recover()
        if now - self._marked_at >= MARKS_LIVE_S:
            ctx.marks.forget()
            self._marked_at = now
        await ctx.breakers.write_changed()

    async def _recover(self, *, vanished_before: int | None = None) -> None:
        """Find contacts that nobody works on, and begin to bring each to its end."""
        ctx = self._ctx
        seen = await recovery.look(ctx, vanished_before=vanished_before)
        self.stale_rows = len(seen.orphans)
        ctx.metrics.stale_rows.set(self.stale_rows)
        await self._adopt(seen.orphans)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_for_lost(seen.talking), name="lost conversations")
        self._scanned_at = ctx.monotonic()

    async def _adopt(self, found: list[Document]) -> None:
        ctx = self._ctx
        for row in found:
            adopted = await recovery.adopt(ctx, row)
            if adopted:
                attempt_id = adopted.get("lease_id") or adopted.get("current_attempt_id") or uuid.uuid4().hex
                ctx.tasks.start(attempt_id, adopted["_id"], recovery.recover(ctx, adopted))

    async def _look_for_lost(self, talking: list[Document]) -> None:
        """Beside the turn: the registry may take its time to name a large fleet."""
        try:
            lost = await self._conversations.lost(talking)
            if self._ctx.leader.is_leader:
                await self._adopt(lost)
        except PyMongoError as error:
            log.warning("conversations.not_adopted", error=type(error).__name__)

    def _show(self, world: World, findings: dict[str, Finding]) -> None:
        """Hand the panels to a writer of their own: a slow store must not hold up the next turn."""
        if self._ctx.monotonic() - self._shown_at < PANELS_EVERY_S or (self._panels and not self._panels.done()):
            return
        self._shown_at = self._ctx.monotonic()
        self._panels = asyncio.create_task(self._write_panels(world, findings), name="panels")

    async def _write_panels(self, world: World, findings: dict[str, Finding]) -> None:
        gone = self._shown - set(findings)
        try:
            if gone:  # its last call is over: the panel must not go on showing it
                async for campaign in self._ctx.db["campaigns"].find({"_id": {"$in": list(gone)}}):
                    await self._show_one(campaign, self._finding(world, campaign), world)
            for campaign_id, found in findings.items():
                await self._show_one(world.campaigns[campaign_id], found, world)
            self._shown = set(findings)
        except PyMongoError as error:
            log.warning("panels.not_written", error=type(error).__name__)

    async def _show_one(self, campaign: Document, found: Finding, world: World) -> None:
        if self._ctx.leader.is_leader:
            await self._ctx.panels.show(campaign, found, world.now)
