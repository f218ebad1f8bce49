"""A whole deploy or rollback: services, seats, dialler in their order, over one journal, under one lock.

    async with hold(site.lock_host, owner):
        outcome = await Whole(site, work, rules).run()

Whatever goes bad, all of it goes back: a release is good as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from voxctl.deploy import service_work
from voxctl.deploy.rollout import Ending, Outcome, Rollout, World
from voxctl.deploy.service_work import HANDED_OVER, ServiceRules, ServiceWork
from voxctl.deploy.services import Replicas, ServiceRoll, ServiceWorld
from voxctl.deploy.work import Rules, Work, revert
from voxctl.deploy.world import Trail

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
        self._current: ServiceRoll | Rollout | None = None
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        if self._current:
            self._current.stop()

    async def run(self) -> Outcome:
        """To its end. Raises: CommandError: a host is away; what is done stands in the journal."""
        if self.work.stage == "reverting":
            return await self._back(self.work.reason)
        before = [place for place in self.places if place[1] != HANDED_OVER]
        dialler = [place for place in self.places if place[1] == HANDED_OVER]
        later: Outcome | None = None
        back = self.work.kind == "rollback"
        parts = [dialler, None, before[::-1]] if back else [before, None, dialler]
        for part in parts:
            outcome = await (self._seats() if part is None else self._services(part))
            if outcome.ending == "later":
                later = outcome
            elif outcome.ending != "done":
                return await self._wrong(outcome)
        if self.work.kind == "deploy" and (why := await self._gone_bad()):
            return await self._back(why)
        if later:
            return later
        self.work.stage = "done"
        await self._write()
        return Outcome("done")

    async def _wrong(self, outcome: Outcome) -> Outcome:
        if outcome.ending == "reverted" or (outcome.ending == "human" and self.work.kind == "deploy"):
            back = await self._back(outcome.reason)
            return outcome if outcome.ending == "human" else back
        if outcome.ending == "human":
            self.work.stage = "stuck"
            await self._write()
        return outcome

    # --- seats ------------------------------------------------------------------------------------------------------

    async def _seats(self) -> Outcome:
        if not self.work.hosts:
            return Outcome("done")
        roll = self._current = Rollout(self.work, self.world, self.rules, alone=False)
        if self._stopping:
            roll.stop()
        return await roll.run()

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
            outcome = await roll.run(watch=False)
            if outcome.ending != "done":
                return Outcome(ENDINGS[outcome.ending], outcome.reason)
        return Outcome("done")

    async def _roll(self, host: str, service: str) -> ServiceRoll:
        replicas = self.site.replicas(host, service)
        key = f"{host}/{service}"
        known = self.work.services.get(key)
        image = self.work.release.image(service)
        if known is None or (known.deploy != self.work.id):
            known = service_work.set_out(self.work.id, host, service, image, await replicas.now(), known)
            self.work.services[key] = known
            await self._write()

        async def write(work: ServiceWork) -> None:
            self.work.services[key] = work
            await self._write()

        world = ServiceWorld(write, self.site.trail, self.world.clock, self.site.tell)
        rules = ServiceRules.model_validate({"health_timeout": self.rules.health_timeout, "watch": self.rules.watch})
        roll = self._current = ServiceRoll(known, replicas, world, rules)
        return roll

    async def _gone_bad(self) -> str:
        for host, service in self.places:
            if f"{host}/{service}" in self.work.services and (
                why := await (await self._roll(host, service)).seen_bad()
            ):
                return f"{service} on {host}: {why}"
        return ""

    async def _back(self, reason: str) -> Outcome:
        """Everything that this deploy has changed goes back to what ran before it, the last first."""
        work = self.work
        if work.stage != "reverting":
            revert(work, reason)
            await self._write()
        worst = Outcome("reverted", reason)
        seats = await self._seats()
        if seats.ending != "reverted":
            worst = seats if work.hosts else worst
        for host, service in reversed(self.places):
            known = work.services.get(f"{host}/{service}")
            if known is None or known.deploy != work.id or known.stage == "reverted":
                continue
            outcome = await (await self._roll(host, service)).turn_back(reason)
            if outcome.ending == "human":
                worst = Outcome("human", f"{reason}; {service} on {host} cannot go back: {outcome.reason}")
        work.stage = "reverted" if worst.ending == "reverted" else "stuck"
        await self._write()
        return worst

    async def _write(self) -> None:
        await self.world.journal.write(self.work.id, self.work.model_dump(mode="json"))
