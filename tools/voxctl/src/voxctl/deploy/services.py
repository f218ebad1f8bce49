"""Replaces voxregistry, voxbridge, voxui and voxdialler without a refused request: written down first, then done.

work = set_out(deploy, host, "voxbridge", image, await replicas.now())      # or the journal of one that was interrupted
outcome = await ServiceRoll(work, replicas, world, rules).run()
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from voxctl.deploy import service_steps as steps
from voxctl.deploy.outcome import fault_of
from voxctl.deploy.service_steps import Look, Memory, Step
from voxctl.deploy.service_work import HANDED_OVER, ReplicaNow, ServiceRules, ServiceWork, revert
from voxctl.deploy.world import Clock, Fault, Image, Trail
from voxctl.output import CommandError

LOOK_EVERY_S = 0.25
AWAY_S = 120.0
"""A host that gives no answer this long stops the work; it can be resumed."""


class Refused(CommandError):
    """Docker, or the program itself, refused a step: its text is the reason. No answer at all is another error."""


class Replicas(Protocol):
    """The replicas of one service on one host. Every method may raise CommandError; each change may be repeated."""

    async def now(self) -> Sequence[ReplicaNow]:
        """All places that the inventory gives the service there, running or not, in the order to replace them."""
        ...

    async def led_elsewhere(self) -> bool:
        """Whether a dialler of another host leads; False for every other service."""
        ...

    async def close(self, replica: str) -> None:
        """The edge gives it nothing new."""
        ...

    async def open(self, replica: str) -> None:
        """The edge gives it requests again. Of a dialler: from now on it is the one that starts with the host."""
        ...

    async def replace(self, replica: str, image: Image) -> None:
        """Its image in seats.env first, then its container. Raises: Refused: it cannot be made."""
        ...

    async def signal(self, replica: str) -> None:
        """SIGTERM; does not wait for its end."""
        ...

    async def stop(self, replica: str) -> None:
        """SIGTERM, its end within its grace, and the container is gone."""
        ...

    async def trouble(self) -> str:
        """What of the host itself keeps any image from running there, in words; empty: nothing that is known."""
        ...


@dataclass
class ServiceWorld:
    """Around it: `write` has the work on disk when it returns; `tell(event, text, **facts)` shows one fact."""

    write: Callable[[ServiceWork], Awaitable[None]]
    trail: Trail
    clock: Clock
    tell: Callable[..., None] = field(default=lambda *_, **__: None)


@dataclass(frozen=True)
class ServiceOutcome:
    """`done`, `reverted` (exit 4: the former image is back), `human` (exit 6: it is not), `stopped` (to be resumed)."""

    ending: str
    reason: str = ""


class ServiceRoll:
    """One run of the tool over the journal of one service on one host."""

    def __init__(self, work: ServiceWork, replicas: Replicas, world: ServiceWorld, rules: ServiceRules) -> None:
        self.work, self.replicas, self.world, self.rules = work, replicas, world, rules
        self._memory = Memory()
        self._stopping = False
        self._failing_since: float | None = None

    def stop(self) -> None:
        """Finish the replica in hand and begin with no other."""
        self._stopping = True

    async def run(self, *, watch: bool = True) -> ServiceOutcome:
        """To its end. Without `watch` the caller looks again later (`seen_bad`). Raises: CommandError."""
        await self.world.write(self.work)
        while True:
            try:
                look = await self._look()
                step = steps.next_step(self.work, look, self.rules, self._memory)
                if self._stopping and not self.work.in_hand and not steps.finished(self.work, look):
                    return ServiceOutcome("stopped", f"`vox deploy --resume` goes on with {self.work.deploy}")
                if step is not None:
                    if outcome := await self._do(step):
                        return outcome
                elif steps.finished(self.work, look) and self._watched(look, watch):
                    return await self._finish()
                else:
                    await self.world.clock.sleep(LOOK_EVERY_S)
                self._failing_since = None
            except CommandError as error:
                await self._failed(error)

    async def seen_bad(self) -> tuple[str, Fault]:
        """What has gone bad with a replica since it was opened, and whose fault it is; empty: nothing.

        An unwell one is looked at again.
        """
        began = self.world.clock.now()
        while True:
            look = await self._look()
            if bad := steps.gone_bad(self.work, look, self.rules, self._memory):
                why, fault = await self._blamed(bad.replica, bad.why)
                return f"{bad.replica.id}: {why}", fault
            if not self._memory.unwell or look.now - began > 2 * steps.UNWELL_S:
                return "", "release"
            await self.world.clock.sleep(1.0)

    async def turn_back(self, reason: str, fault: Fault) -> ServiceOutcome:
        """To what ran before, for a reason found elsewhere: another service of the release was bad."""
        revert(self.work, reason, fault)
        self._memory = Memory()
        return await self.run()

    async def _look(self) -> Look:
        # When it began: what is seen is as old as that, and a host that answers slowly makes nobody late.
        began = self.world.clock.now()
        led = await self.replicas.led_elsewhere() if self.work.service == HANDED_OVER else False
        return Look(await self.replicas.now(), began, led)

    def _watched(self, look: Look, watch: bool) -> bool:
        return self.work.backwards or not watch or look.now >= steps.watched_until(self.work, self.rules)

    async def _failed(self, error: CommandError) -> None:
        now = self.world.clock.now()
        if self._failing_since is None:
            self._failing_since = now
            self.world.tell("service.again", f"{self.work.host}: {error}; trying again", host=self.work.host)
        if now - self._failing_since > AWAY_S or self._stopping:
            raise CommandError(f"{error}; `vox deploy --resume` goes on with {self.work.deploy}") from None
        await self.world.clock.sleep(LOOK_EVERY_S * 4)

    # --- doing ------------------------------------------------------------------------------------------------------

    async def _do(self, step: Step) -> ServiceOutcome | None:
        id = step.replica.id
        match step:
            case steps.Close(replica):
                self.work.in_hand.setdefault(id, "stopping" if replica.beside else "closing")
                await self.world.write(self.work)
                self._memory.said[id] = self.world.clock.now()
                await self.replicas.close(id)
                self._tell("closed", step, f"closed, {replica.requests} requests in progress")
            case steps.Replace(_, image):
                await self._replace(step.replica, image)
            case steps.Open(replica):
                self.work.in_hand[id] = "opening"
                await self.world.write(self.work)
                await self.replicas.open(id)
            case steps.Release(replica):
                await self._release(replica)
            case steps.Signal(replica):
                self.work.in_hand[id] = "leaving"
                self._memory.said[id] = self.work.signalled_at = self.world.clock.now()
                await self.world.write(self.work)
                await self.replicas.signal(id)
                self.work.signalled_at = self.world.clock.now()  # its four seconds begin when it has heard of it
                await self.world.write(self.work)
                await self._line("service.handover", replica, result="begun")
                self._tell("signalled", step, "told to hand over")
            case steps.Stop(_):
                self.work.in_hand.setdefault(id, "stopping")
                await self.world.write(self.work)
                await self.replicas.stop(id)
                self.work.in_hand.pop(id, None)
                self._memory.forget(id)
                await self.world.write(self.work)
                self._tell("stopped", step, "stopped")
            case steps.Bad(replica, why):
                return await self._bad(replica, why)
        return None

    async def _replace(self, replica: ReplicaNow, image: Image) -> None:
        self.work.in_hand[replica.id] = "checking"
        self.work.opened.pop(replica.id, None)
        await self.world.write(self.work)
        self._memory.tries[replica.id] = self._memory.tries.get(replica.id, 0) + 1
        if self.work.service != HANDED_OVER:
            await self.replicas.close(replica.id)  # it gets requests when we have judged it, not when it is up
        try:
            await self.replicas.replace(replica.id, image)
            self._memory.refused.pop(replica.id, None)
        except Refused as refusal:
            self._memory.refused[replica.id] = str(refusal)
        self._memory.since[replica.id, "checking"] = self.world.clock.now()
        await self._line("service.replace", replica, result="done", digest=image.ref, to=image.tag)
        text = f"{replica.id}  {replica.tag or 'nothing'} → {image.tag}"
        self.world.tell("service.replaced", text, replica=replica.id, host=self.work.host)

    async def _release(self, replica: ReplicaNow) -> None:
        if self.work.service == HANDED_OVER:
            await self.replicas.open(replica.id)
            self.work.in_hand.clear()
        self.work.in_hand.pop(replica.id, None)
        self._memory.forget(replica.id)
        self.work.opened[replica.id] = self.world.clock.now()
        await self.world.write(self.work)
        await self._line("service.open", replica, result="done")
        text = f"{replica.id}  open on {replica.tag or replica.ref}"
        self.world.tell("service.opened", text, replica=replica.id, host=self.work.host)

    async def _bad(self, replica: ReplicaNow, why: str) -> ServiceOutcome | None:
        work = self.work
        goal = work.goal(replica)
        if not work.backwards:
            why, work.fault = await self._blamed(replica, why)
        reason = f"{replica.id} on {goal.tag if goal and goal.tag else replica.tag}: {why}"
        if work.backwards:
            work.stage = "stuck"
            await self.world.write(work)
            await self._line("service.stuck", replica, result="failed", reason=reason)
            self.world.tell(
                "service.stuck", f"[bold red]{reason}; it stays as it is[/]", replica=replica.id, reason=why
            )
            return ServiceOutcome("human", f"{work.reason}; going back failed too: {reason}")
        if not work.before:
            work.stage, work.reason = "stuck", reason
            await self.world.write(work)
            await self._line("service.stop", replica, result="failed", reason=reason)
            return ServiceOutcome("human", f"{reason}; nothing ran here before, so there is nothing to go back to")
        revert(work, reason, work.fault)
        self._memory = Memory()
        await self.world.write(work)
        await self._line("service.stop", replica, result="failed", fault=work.fault, reason=reason)
        self.world.tell("service.bad", f"[bold red]{reason}; going back[/]", replica=replica.id, reason=why)
        return None

    async def _blamed(self, replica: ReplicaNow, why: str) -> tuple[str, Fault]:
        """Why a replica is bad, and whether that speaks about its image or about its host."""
        if trouble := await self.replicas.trouble():
            return f"{why} ({self.work.host}: {trouble})", "host"
        return why, fault_of(self._memory.refused.get(replica.id, ""))

    async def _finish(self) -> ServiceOutcome:
        self.work.stage = "reverted" if self.work.backwards else "done"
        await self.world.write(self.work)
        return ServiceOutcome(self.work.stage, self.work.reason)

    def _tell(self, event: str, step: Step, text: str) -> None:
        self.world.tell(f"service.{event}", f"{step.replica.id}  {text}", replica=step.replica.id, host=self.work.host)

    async def _line(self, action: str, replica: ReplicaNow, *, result: str, **facts: str) -> None:
        goal = self.work.goal(replica)
        known = {"from": replica.tag, "to": goal.tag if goal else ""}
        await self.world.trail.line(
            action,
            result=result,
            deploy=self.work.deploy,
            host=self.work.host,
            service=self.work.service,
            seat=replica.id,
            **(known | facts),
        )
