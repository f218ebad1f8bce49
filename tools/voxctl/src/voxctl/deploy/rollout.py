"""Goes through the steps of a deploy or a rollback: written down first, then done, then recorded.

work = set_out(...)                            # or the journal of one that was interrupted
outcome = await Rollout(work, world, rules).run()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from voxkit.errors import VoxError

from voxctl.deploy import steps
from voxctl.deploy.look import HEARD_WITHIN_S, Look, Memory
from voxctl.deploy.outcome import Outcome, StepFailed, fault_of
from voxctl.deploy.steps import Step
from voxctl.deploy.work import InHand, Rules, Work, revert
from voxctl.deploy.world import Canary, Clock, Fault, FleetHost, Hooks, Image, Journal, SeatNow, Tags, Trail
from voxctl.output import CommandError

LOOK_EVERY_S = 0.5
AWAY_S = 120.0
"""A host that gives no answer this long stops the deploy; it can be resumed."""
TRIES = 3


@dataclass
class World:
    """Everything around a roll-out. `tell(event, text, **facts)` shows one fact to the operator."""

    hosts: Mapping[str, FleetHost]
    tags: Tags
    journal: Journal
    trail: Trail
    clock: Clock
    canary: Canary | None = None
    hooks: Hooks | None = None
    tell: Callable[..., None] = field(default=lambda *_, **__: None)
    show: Callable[[Work, Look], None] = field(default=lambda *_: None)


class Rollout:
    """One run of the tool over one journal. `stop()` lets it finish the seat in hand and no other.

    `alone`: the seats are all there is to do, so their end is the end of the deploy.
    """

    def __init__(self, work: Work, world: World, rules: Rules, *, alone: bool = True) -> None:
        self.work, self.world, self.rules, self._alone = work, world, rules, alone
        self._memory = Memory()
        self._stopping = False
        self._silent: dict[str, float] = {}
        self._failing = 0.0

    def stop(self) -> None:
        self._stopping = True

    async def run(self) -> Outcome:
        """To its end, or to where it was told to stop. Raises: CommandError: a host is away, or a hook says no."""
        self.work.stuck = {}
        await self._write()
        while True:
            look = await self._look()
            self._settle(look)
            self.world.show(self.work, look)
            step = steps.next_step(self.work, look, self.rules, self._memory)
            if step is not None:
                await self._tried(step, look)
            elif outcome := self._ended(look):
                return await self._finish(outcome)
            else:
                await self.world.clock.sleep(LOOK_EVERY_S)

    # --- looking ----------------------------------------------------------------------------------------------------

    async def _look(self) -> Look:
        while True:
            answers = await asyncio.gather(*(self._seats_of(host) for host in self.work.hosts))
            if all(answer is not None for answer in answers):
                seats = {host: answer or () for host, answer in zip(self.work.hosts, answers, strict=True)}
                return Look(seats, self.world.clock.now(), self._stopping)
            await self.world.clock.sleep(LOOK_EVERY_S)

    async def _seats_of(self, host: str) -> tuple[SeatNow, ...] | None:
        try:
            seats = tuple(await self.world.hosts[host].seats())
        except (CommandError, VoxError) as error:
            now = self.world.clock.now()
            if host not in self._silent:
                self.world.tell("deploy.host_away", f"{host} gives no answer: {error}; trying again", host=host)
            if now - self._silent.setdefault(host, now) > AWAY_S or self._stopping:
                raise CommandError(f"{host} gives no answer ({error}); {self._how_to_go_on()}") from None
            return None
        if self._silent.pop(host, None) is not None:
            self.world.tell("deploy.host_back", f"{host} answers again", host=host)
        return seats

    def _settle(self, look: Look) -> None:
        """Let go of seats that were to be stopped and are, drains and all."""
        seen = {seat.id: seat for seat in look.every}
        for id, seat in [(id, seen.get(id)) for id in self.work.in_hand]:
            gone = not (seat.running or seat.closed) if seat else not self.work.left_for_later(id)
            if gone and (seat is None or id not in self.work.goals):
                del self.work.in_hand[id]

    def _ended(self, look: Look) -> Outcome | None:
        work, rules = self.work, self.rules
        left = tuple(seat.id for seat in look.every if work.wants(seat) and not self._at_rest(seat))
        if all(steps.finished(work, look.seats[host]) for host in work.hosts):
            if work.stuck:
                why = "; ".join(f"{id}: {reason}" for id, reason in work.stuck.items())
                return Outcome("human", why, tuple(work.stuck))
            if self._unheard(look) and not self._stopping:
                return None
            if work.stage == "reverting":
                return Outcome("reverted", work.reason, fault=work.fault)
            if not work.backwards and look.now < steps.watched_until(work, rules) and not self._stopping:
                return None
            return Outcome("done")
        if work.stuck and not work.retired and not any(id not in work.stuck for id in work.in_hand):
            why = "; ".join(f"{id}: {reason}" for id, reason in work.stuck.items())
            return Outcome("human", why, left)
        held = [seat for seat in look.every if seat.id in work.in_hand]
        if self._stopping and all(seat.carries and not work.at_goal(seat) for seat in held):
            return Outcome("stopped", self._how_to_go_on(), left)
        if rules.detach and not held and all(steps.only_calls_left(work, look.seats[host]) for host in work.hosts):
            return Outcome("later", f"{len(left)} seats still carry calls on their former image", left)
        return None

    def _unheard(self, look: Look) -> bool:
        """Whether callers are still kept from a seat that is open: it and the registry hear of it a moment later."""
        self._memory.finished = self._memory.finished or look.now
        there = [seat for seat in look.every if seat.id in self.work.goals and not (seat.surge or seat.foreign)]
        return look.now - self._memory.finished < HEARD_WITHIN_S and not all(seat.admissible for seat in there)

    def _at_rest(self, seat: SeatNow) -> bool:
        return self.work.at_goal(seat) and seat.id not in self.work.in_hand

    def _how_to_go_on(self) -> str:
        back = "" if self.work.kind == "rollback" else ", or `vox rollback` goes back"
        return f"`vox deploy --resume` goes on with {self.work.id}{back}"

    # --- doing ------------------------------------------------------------------------------------------------------

    async def _tried(self, step: Step, look: Look) -> None:
        """Do it; when the way to a host breaks meanwhile, the next look shows what has come of it."""
        try:
            await self._do(step, look)
        except (CommandError, VoxError) as error:
            now = self.world.clock.now()
            self._failing = self._failing or now
            if now - self._failing > AWAY_S or self._stopping:
                raise CommandError(f"{error}; {self._how_to_go_on()}") from None
            self.world.tell("deploy.again", f"{error}; trying again")
            await self.world.clock.sleep(LOOK_EVERY_S)
        else:
            self._failing = 0.0

    async def _do(self, step: Step, look: Look) -> None:
        match step:
            case steps.Close(seat, patient):
                await self._close(seat, patient, look)
            case steps.Replace(host, images):
                await self._replace(host, dict(images), look)
            case steps.Gate(seat):
                await self._gate(seat)
            case steps.Open(seat, back):
                await self._open(seat, back=back)
            case steps.Stop(seat):
                self.work.in_hand[seat.id].step = "stopping"
                await self._write()
                await self.world.hosts[seat.host].stop(seat.id, deserted=self.work.deserted(seat))
                await self._line("seat.stop", seat, result="done")
            case steps.Surge(host):
                await self._surge(host, look)
            case steps.NoSurge(host):
                for id in self.work.surge[host]:
                    self.work.goals.pop(id, None)
                await self._write()
            case steps.Retire(tag):
                await self._retire(tag, look)
            case steps.Readmit(tag):
                await self._readmit(tag)
            case steps.Cut(seat):
                await self._cut(seat)
            case steps.Bad(seat, why):
                await self._bad(seat, why)

    async def _write(self) -> None:
        await self.world.journal.write(self.work.id, self.work.model_dump(mode="json"))

    async def _line(self, action: str, seat: SeatNow, *, result: str, **facts: Any) -> None:
        goal = self.work.goals.get(seat.id)
        await self.world.trail.line(
            action,
            result=result,
            deploy=self.work.id,
            host=seat.host,
            service="voxcore",
            seat=seat.id,
            **{"from": seat.tag, "to": goal.tag if goal else ""},
            **facts,
        )

    async def _close(self, seat: SeatNow, patient: bool, look: Look) -> None:
        held = self.work.in_hand.setdefault(seat.id, InHand(patient=patient))
        held.patient = held.patient or patient
        await self._write()
        self._memory.said[seat.id] = look.now
        await self.world.hosts[seat.host].close(seat.id, self.work.id)
        wait = f", a call of {seat.call_age_s:.0f} s is left to end" if patient and seat.carries else ""
        self.world.tell("seat.closed", f"{seat.id}  closed{wait}", seat=seat.id, host=seat.host, patient=patient)

    async def _replace(self, host: str, images: dict[str, Image], look: Look) -> None:
        seats = {seat.id: seat for seat in look.seats[host] if seat.id in images}
        deserted = all(self.work.deserted(seat) for seat in seats.values())
        for id, image in images.items():
            self.work.in_hand[id].step, self.work.in_hand[id].image = "replacing", image.ref
        await self._write()
        for seat in seats.values():
            if not await self._hook("pre-seat", seat):
                return
        refusal = ""
        try:
            await self.world.hosts[host].replace(images, deserted=deserted)
        except StepFailed as error:
            refusal = str(error)
        if not await self._replaced(images, seats, refusal):
            return
        for id, seat in seats.items():
            self.work.in_hand[id].step = "checking"
            self._memory.since.pop(id, None)
            await self._line("seat.replace", seat, result="done", digest=images[id].ref, calls_live=_calls(look))
            self.world.tell("seat.replaced", f"{id}  {seat.tag or 'nothing'} → {images[id].tag}", seat=id, host=host)

    async def _replaced(self, images: dict[str, Image], seats: Mapping[str, SeatNow], refusal: str) -> bool:
        """Whether Docker has taken the images. One refusal is enough for a new one; an old one has to get back."""
        tries = self._memory.tries
        for id, seat in seats.items():
            tries[id] = tries.get(id, 0) + 1
            if (refusal and not self.work.backwards) or tries[id] > TRIES:
                why = f"it does not start: {refusal or 'its container is gone each time'}"
                await self._bad(seat, why, fault_of(refusal))
                return False
        if refusal:
            await self.world.clock.sleep(LOOK_EVERY_S)
        return not refusal

    async def _gate(self, seat: SeatNow) -> None:
        """The synthetic call to the first seat on the new image; health and registration alone without role `check`."""
        work = self.work
        if self.world.canary is None:
            work.proven, work.unproven_why = True, "no host of role check"
            await self._write()
            await self._line("canary", seat, result="skipped", reason=work.unproven_why)
            return
        await self._write()
        said = await self.world.canary.call(seat)
        if said.good:
            work.proven = True
            await self._write()
            await self._line("canary", seat, result="done", took_s=round(said.took_s, 1))
            self.world.tell(
                "canary.passed", f"{seat.id}  has carried its check call ({said.took_s:.0f} s)", seat=seat.id
            )
            return
        now = next((each for each in await self.world.hosts[seat.host].seats() if each.id == seat.id), seat)
        crashed = now.restarts or not now.running or not now.healthy
        more = f", and its container crashed: {now.complaint or 'it was started again'}" if crashed else ""
        await self._bad(seat, f"it cannot hold its check call: {said.why}{more}")

    async def _open(self, seat: SeatNow, *, back: bool) -> None:
        if held := self.work.in_hand.get(seat.id):
            held.step = "opening"
        await self._write()
        await self.world.hosts[seat.host].open(seat.id)
        self.work.in_hand.pop(seat.id, None)
        self._memory.said.pop(seat.id, None)
        self._memory.opened[seat.id] = self.world.clock.now()
        self._memory.tries.pop(seat.id, None)
        if back:
            self.world.tell("seat.later", f"{seat.id}  has a call, comes later", seat=seat.id, host=seat.host)
            await self._write()
            return
        self.work.opened[seat.id] = self.world.clock.now()
        await self._write()
        await self._line("seat.open", seat, result="done")
        self.world.tell("seat.opened", f"{seat.id}  open on {seat.tag}", seat=seat.id, host=seat.host, tag=seat.tag)
        await self._hook("post-seat", seat)

    async def _surge(self, host: str, look: Look) -> None:
        declared = [seat.id for seat in look.seats[host] if seat.surge]
        room = min(len(declared), await self.world.hosts[host].surge_room()) if declared else 0
        regular = [seat.id for seat in look.seats[host] if not seat.surge and seat.id in self.work.goals]
        self.work.surge[host] = declared[:room]
        if regular:
            self.work.goals |= dict.fromkeys(declared[:room], self.work.goals[regular[0]])
        await self._write()

    async def _retire(self, tag: str, look: Look) -> None:
        """Its drain at the registry holds at once; at the balancers each of its seats is closed beside that."""
        work = self.work
        work.retired.append(tag)
        theirs = [seat for seat in look.every if seat.running and not work.at_goal(seat)]
        for seat in theirs:
            work.in_hand.setdefault(seat.id, InHand()).patient = True
            self._memory.said[seat.id] = look.now
        await self._write()
        await self.world.tags.retire(tag, work.reason or work.why or work.id)
        await asyncio.gather(*(self.world.hosts[seat.host].close(seat.id, work.id) for seat in theirs))
        await self.world.trail.line(
            "tag.drain", result="done", deploy=work.id, tag=tag, reason=work.reason or work.why, calls_live=_calls(look)
        )
        self.world.tell("tag.retired", f"{tag}  gets no new call", tag=tag, seats=len(theirs))

    async def _readmit(self, tag: str) -> None:
        await self.world.tags.readmit(tag)
        self.work.retired.remove(tag)
        await self._write()

    async def _cut(self, seat: SeatNow) -> None:
        """`--force-after`: the one step that ends a call."""
        self.work.forced.append(seat.id)
        await self._write()
        await self._line("call.cut", seat, result="done", session_id=seat.call, reason="--force-after")
        self.world.tell(
            "call.cut",
            f"[bold red]{seat.id}  CUTS the call {seat.call or '?'} after {seat.call_age_s:.0f} s (--force-after)[/]",
            seat=seat.id,
            session_id=seat.call,
            call_age_s=seat.call_age_s,
        )
        await self.world.hosts[seat.host].cut(seat.id)

    async def _bad(self, seat: SeatNow, why: str, fault: Fault = "release") -> None:
        """It shows that the image is no good, unless it is the fault of somebody else."""
        work = self.work
        goal = work.goals.get(seat.id)
        if fault != "hook" and not work.backwards and (trouble := await self.world.hosts[seat.host].trouble()):
            fault, why = "host", f"{why} ({seat.host}: {trouble})"
        reason = f"{seat.id} on {goal.tag if goal else work.release.tag}: {why}"
        if work.backwards:
            work.stuck[seat.id] = why
            await self._write()
            await self._line("seat.stuck", seat, result="failed", reason=reason)
            self.world.tell("seat.stuck", f"[bold red]{reason}; it stays closed[/]", seat=seat.id, reason=why)
            return
        revert(work, reason, harmful=fault == "release", fault=fault)
        self._memory = Memory()
        await self._write()
        await self._line("deploy.stop", seat, result="failed", fault=fault, reason=reason)
        self.world.tell("deploy.bad", f"[bold red]{reason}; going back[/]", seat=seat.id, reason=reason)

    async def _hook(self, name: str, seat: SeatNow) -> bool:
        """False: it said no, and the roll-out has turned round."""
        if self.world.hooks is None:
            return True
        try:
            await self.world.hooks.run(name, host=seat.host, seat=seat.id)
        except CommandError as error:
            if name.startswith("pre-") and not self.work.backwards:
                await self._bad(seat, f"the hook {name} says no: {error}", "hook")
                return False
            self.world.tell("hook.failed", f"the hook {name} failed: {error}", hook=name, seat=seat.id)
        return True

    async def _finish(self, outcome: Outcome) -> Outcome:
        work = self.work
        if outcome.ending in ("done", "reverted"):
            # No seat runs them any more; left in force they would keep a later deploy of the same tag from its calls.
            for tag in [] if work.away else list(work.retired):
                await self._readmit(tag)
            work.retire = []
            if self._alone:
                work.stage = "done" if outcome.ending == "done" else "reverted"
        elif outcome.ending == "human":
            work.stage = "stuck"
        await self._write()
        return outcome


def _calls(look: Look) -> int:
    return sum(seat.carries for seat in look.every)
