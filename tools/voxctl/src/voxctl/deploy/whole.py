"""A whole deploy or rollback: services, seats, dialler in their order, over one journal, under one lock.

    async with hold(site.lock_host, owner):
        outcome = await Whole(site, work, rules).run()

Whatever goes bad, all of it goes back: a release is good as a whole or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from voxctl.deploy import service_work
from voxctl.deploy.outcome import Ending, Outcome
from voxctl.deploy.rollout import Rollout, World
from voxctl.deploy.service_work import HANDED_OVER, ServiceRules, ServiceWork
from voxctl.deploy.services import Replicas, ServiceRoll, ServiceWorld
from voxctl.deploy.work import Rules, Work, revert
from voxctl.deploy.world import Fault, Trail

ENDINGS: Mapping[str, Ending] = {"reverted": "reverted", "human": "human", "stopped": "stopped"}
"""How a service can end but done, as the whole does then."""


class Parts(Protocol):
    """What of an installation the services need: `Site` has it."""

    @property
    def trail(self) -> Trail: ...

    def tell(self, event: str, text: str | None = None, /, **facts: Any) -> None: ...

    def replicas(self, host: str, service: str) -> Replicas: ...


class Whole:
    """One run of the tool over one journal. `stop()` finishes what is in hand and begins nothing else."""

    def __init__(
        self, site: Parts, work: Work, rules: Rules, *, places: Sequence[tuple[str, str]], world: World
    ) -> None:
        """`places`: (host, service) of the services that are meant, in the order of a deploy."""
        self.site, self.work, self.rules = site, work, rules
        self.places = list(places)
        self.world = world
        self._current: set[ServiceRoll | Rollout] = set()
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        for roll in self._current:
            roll.stop()

    async def run(self) -> Outcome:
        """To its end. Raises: CommandError: a host is away; what is done stands in the journal."""
        if self.work.stage == "reverting":
            return await self._back(self.work.reason, self.work.fault)
        if self.work.kind == "rollback":
            return await self._rolled_back()
        later: Outcome | None = None
        for places in (self._before, None, self._dialler):
            outcome = await (self._seats() if places is None else self._services(places))
            if outcome.ending == "later":
                later = outcome
            elif outcome.ending != "done":
                return await self._wrong(outcome)
        if gone := await self._gone_bad():
            return await self._back(*gone)
        return later or await self._done()

    @property
    def _before(self) -> list[tuple[str, str]]:
        return [place for place in self.places if place[1] != HANDED_OVER]

    @property
    def _dialler(self) -> list[tuple[str, str]]:
        return [place for place in self.places if place[1] == HANDED_OVER]

    async def _rolled_back(self) -> Outcome:
        """The other way round. Seconds count, and a dialler may wait minutes for its phones: seats go beside it."""
        first = await _side_by_side(self, self._services(self._dialler), self._seats())
        for outcome in first:
            if outcome.ending != "done":
                return await self._stuck(outcome)
        outcome = await self._services(self._before[::-1])
        return await self._done() if outcome.ending == "done" else await self._stuck(outcome)

    async def _done(self) -> Outcome:
        if self.work.away:
            why = "; ".join(f"{host} gave no answer ({reason})" for host, reason in self.work.away.items())
            return Outcome("later", f"{why}: the same command again takes it", tuple(self.work.away))
        self.work.stage = "done"
        await self._write()
        return Outcome("done")

    async def _stuck(self, outcome: Outcome) -> Outcome:
        """Of a rollback: what cannot go back stays as it is, and nothing else is brought back to what was left."""
        if outcome.ending == "stopped":
            return outcome
        self.work.stage = "stuck"
        await self._write()
        return Outcome("human", outcome.reason, outcome.left)

    async def _wrong(self, outcome: Outcome) -> Outcome:
        """Of a deploy: one part has gone bad, or was told to stop."""
        if outcome.ending not in ("reverted", "human"):
            return outcome
        back = await self._back(outcome.reason, outcome.fault)
        return outcome if outcome.ending == "human" else back

    # --- seats ------------------------------------------------------------------------------------------------------

    async def _seats(self) -> Outcome:
        if not self.work.hosts:
            return Outcome("done")
        roll = Rollout(self.work, self.world, self.rules, alone=False)
        self._current.add(roll)
        if self._stopping:
            roll.stop()
        try:
            return await roll.run()
        finally:
            self._current.discard(roll)

    # --- services ---------------------------------------------------------------------------------------------------

    async def _services(self, places: Sequence[tuple[str, str]]) -> Outcome:
        for host, service in places:
            if service not in self.work.release.refs:
                continue
            roll = await self._roll(host, service)
            if roll.work.stage == "done":
                continue
            if self._stopping:
                return Outcome("stopped", f"`vox deploy --resume` goes on with {self.work.id}")
            # Whether it stays well is looked at again when all is done, not waited for here.
            self._current.add(roll)
            try:
                outcome = await roll.run(watch=False)
            finally:
                self._current.discard(roll)
            if outcome.ending != "done":
                return Outcome(ENDINGS[outcome.ending], outcome.reason, fault=roll.work.fault)
        return Outcome("done")

    async def _roll(self, host: str, service: str) -> ServiceRoll:
        replicas = self.site.replicas(host, service)
        key = f"{host}/{service}"
        known = self.work.services.get(key)
        image = self.work.release.image(service)
        if known is None or (known.deploy != self.work.id):
            now, anew = await replicas.now(), self.work.anew
            known = service_work.set_out(self.work.id, host, service, image, now, known, anew=anew)
            self.work.services[key] = known
            await self._write()

        async def write(work: ServiceWork) -> None:
            self.work.services[key] = work
            await self._write()

        world = ServiceWorld(write, self.site.trail, self.world.clock, self.site.tell)
        rules = ServiceRules.model_validate({"health_timeout": self.rules.health_timeout, "watch": self.rules.watch})
        return ServiceRoll(known, replicas, world, rules)

    async def _gone_bad(self) -> tuple[str, Fault] | None:
        for host, service in self.places:
            if f"{host}/{service}" not in self.work.services:
                continue
            why, fault = await (await self._roll(host, service)).seen_bad()
            if why:
                return f"{service} on {host}: {why}", fault
        return None

    async def _back(self, reason: str, fault: Fault) -> Outcome:
        """Everything that this deploy has changed goes back to what ran before it. A service that is bad does not wait
        for the calls on the seats, nor bad seats for a service."""
        work = self.work
        if work.stage != "reverting":
            revert(work, reason, harmful=False, fault=fault)
            await self._write()
        services, seats = await _side_by_side(self, self._services_back(reason, fault), self._seats())
        worst = Outcome("reverted", reason, fault=fault)
        if work.hosts and seats.ending != "reverted":
            worst = seats
        if services.ending == "human":
            worst = services
        if worst.ending != "stopped":
            work.stage = "reverted" if worst.ending == "reverted" else "stuck"
        await self._write()
        return worst

    async def _services_back(self, reason: str, fault: Fault) -> Outcome:
        """The last one first. One that cannot go back keeps no other from it."""
        worst = Outcome("done")
        for host, service in reversed(self.places):
            known = self.work.services.get(f"{host}/{service}")
            if known is None or known.deploy != self.work.id or known.stage == "reverted":
                continue
            outcome = await (await self._roll(host, service)).turn_back(reason, fault)
            if outcome.ending == "human":
                worst = Outcome("human", f"{reason}; {service} on {host} cannot go back: {outcome.reason}")
        return worst

    async def _write(self) -> None:
        await self.world.journal.write(self.work.id, self.work.model_dump(mode="json"))


async def _side_by_side(whole: Whole, *parts: Coroutine[Any, Any, Outcome]) -> list[Outcome]:
    """All of them to their end. When one raises, the others finish what they have in hand before that is told."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        _, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        if running:
            whole.stop()
            await asyncio.wait(running)
        return [task.result() for task in tasks]
    finally:
        # Told to stop at once (Ctrl-C twice): so are they.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
