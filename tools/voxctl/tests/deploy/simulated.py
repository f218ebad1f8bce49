"""A fleet on virtual time: seats with calls, images that break in every way, a tool that can be killed at any step.

It judges by itself: a call that is cut without an order, or a host with more seats closed than its batch, is an error
at the moment it happens.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from voxctl.deploy.rollout import World
from voxctl.deploy.work import Rules, Work
from voxctl.deploy.world import CARRYING, Image, Phase, Release, Said, SeatNow
from voxctl.output import CommandError

from .simulated_host import BOOT_S, Host

TICK_S = 0.25
RESULT_S = 1.0
BEAT_S = 3.0

OLD = Image(tag="2026.02.03-1", ref="vox/voxcore@sha256:old")
NEW = Image(tag="2026.02.05-2", ref="vox/voxcore@sha256:new")
OLDER = Image(tag="2026.02.01-1", ref="vox/voxcore@sha256:older")
RELEASES = {image.ref: Release(tag=image.tag, refs={"voxcore": image.ref}) for image in (OLD, NEW, OLDER)}


class Killed(BaseException):
    """kill -9 of the tool: nothing of it runs after this."""


@dataclass
class Seat:
    """The truth of one seat."""

    id: str
    host: str
    surge: bool = False
    image: Image | None = None
    phase: Phase = "absent"
    until: float = 0.0
    call_began: float = 0.0
    reserved_until: float = 0.0
    restarts: int = 0
    calls: int = 0
    errors: int = 0
    made: int = 0
    balancer_closed: bool = False
    route_drain: bool = False
    drained_by: str = ""
    heard_at: float = 0.0


@dataclass
class Fleet:
    """Two hosts with a registry, a balancer each, and callers. `faults`: reference of an image -> how it breaks.

    `refusals`: host -> what its Docker says instead of making a container; `troubles`: what it says of itself.
    `load`: calls at once on average, as a share of the regular seats; `most`: never more than this share.
    """

    hosts: dict[str, int]
    seed: int = 0
    surge: int = 2
    load: float = 0.6
    most: float = 1.0
    call_s: tuple[float, float] = (5.0, 40.0)
    batch: int = 2
    faults: dict[str, str] = field(default_factory=dict)
    kill_at: int = -1
    kill_before: bool = False
    away: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.time = 1_770_000_000.0
        self.random = random.Random(self.seed)
        self.seats: dict[str, Seat] = {}
        for host, count in self.hosts.items():
            for n in range(1, count + 1):
                self.seats[f"{host}-{n}"] = Seat(f"{host}-{n}", host, image=OLD, phase="idle")
            for k in range(1, self.surge + 1):
                self.seats[f"{host}-s{k}"] = Seat(f"{host}-s{k}", host, surge=True)
        self.tag_drains: set[str] = set()
        self.troubles: dict[str, str] = {}
        self.refusals: dict[str, str] = {}
        self.journal: dict[str, str] = {}
        self.trail: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.cut: list[str] = []
        self.effects = 0
        self.served: list[tuple[float, str, str]] = []
        self.refused = 0
        self.least_open = 1.0
        self.stop_calls = False
        self.shut: dict[str, int] = {}
        self.open: float = sum(self.hosts.values())
        self.urgent = self.killed = False
        self.beside: list[Callable[[float], None]] = []

    # --- the world goes on ------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while self.time < end:
            self.time = min(end, self.time + TICK_S)
            for seat in self.seats.values():
                self._live(seat)
            if not self.stop_calls:
                self._callers()
            self._judge()
        for each in self.beside:  # what shares this clock
            each(seconds)

    def _live(self, seat: Seat) -> None:
        fault = self.faults.get(seat.image.ref if seat.image else "", "")
        if seat.phase == "starting" and self.time >= seat.until:
            if fault == "does not start":
                seat.restarts += 1
                seat.until = self.time + BOOT_S
            elif fault not in ("unhealthy", "unregistered"):
                seat.phase = "idle"
        elif seat.phase == "busy" and self.time >= seat.until:
            seat.calls += 1
            if fault == "crashes" or (fault == "crashes later" and not seat.surge):
                self._crash(seat)
                return
            seat.errors += fault == "errors"
            seat.phase, seat.until = "wrapping", self.time + RESULT_S
        elif seat.phase == "wrapping" and self.time >= seat.until:
            seat.phase = "idle"
        elif seat.phase == "reserved" and self.time >= seat.reserved_until:
            if self.random.random() < 0.8:
                self._begin(seat)
            else:
                seat.phase = "idle"

    def _crash(self, seat: Seat) -> None:
        seat.restarts += 1
        seat.phase, seat.until, seat.route_drain = "starting", self.time + BOOT_S, False

    def _callers(self) -> None:
        regular = sum(self.hosts.values())
        mean = sum(self.call_s) / 2
        if self.random.random() > self.load * regular / mean * TICK_S:
            return
        if sum(seat.phase in ("busy", "wrapping", "reserved") for seat in self.seats.values()) >= self.most * regular:
            return
        reserved = self.random.random() < 0.5
        free = [
            seat
            for seat in self.seats.values()
            if seat.phase == "idle" and not (self._drained(seat) or (seat.balancer_closed and not reserved))
        ]
        if not free:
            self.refused += 1
            return
        seat = self.random.choice(free)
        assert seat.image
        self.served.append((self.time, seat.id, seat.image.tag))
        if reserved:
            seat.phase, seat.reserved_until = "reserved", self.time + self.random.uniform(0, 6)
        else:
            self._begin(seat)

    def _begin(self, seat: Seat, seconds: float | None = None) -> None:
        seat.phase, seat.call_began = "busy", self.time
        seat.until = self.time + (seconds or self.random.uniform(*self.call_s))

    def _drained(self, seat: Seat) -> bool:
        tag = seat.image.tag if seat.image else ""
        return bool(seat.drained_by or seat.route_drain or tag in self.tag_drains)

    def _shut(self, seat: Seat) -> bool:
        """To the registry: it hears a moment later that a seat takes calls again."""
        return self._drained(seat) or self.time < seat.heard_at

    def _judge(self) -> None:
        for host, count in self.hosts.items():
            mine = [seat for seat in self.seats.values() if seat.host == host and not seat.surge]
            shut = [s for s in mine if s.balancer_closed or self._drained(s) or s.phase in ("absent", "starting")]
            ours = [seat for seat in shut if "operator" not in seat.drained_by]
            self.least_open = min(self.least_open, 1 - len(ours) / count)
            if not self.urgent and not any(seat.restarts for seat in mine):
                # What a tag's drain has closed comes back one after another; nothing is added to it meanwhile.
                most = max(1, min(self.batch, count // 5), self.shut.get(host, 0))
                assert len(ours) <= most, f"{len(ours)} of {count} seats of {host} closed: {[s.id for s in ours]}"
            self.shut[host] = len(ours)
        self._judge_fleet()

    def _judge_fleet(self) -> None:
        """Four fifths of all seats take calls, surge seats among them; a bad tag has to go whatever that leaves.

        The registry's word counts as long as nobody was killed: who goes on then does not know what it has heard.
        """
        heard = self._drained if self.killed else self._shut
        there = [
            seat.surge
            for seat in self.seats.values()
            if "operator" in seat.drained_by
            or (not (seat.balancer_closed or heard(seat)) and seat.phase not in ("absent", "starting"))
        ]
        regular = sum(self.hosts.values())
        least = min(0.8 * regular, regular - 1, self.open)
        self.open = len(there)
        if not self.urgent and not any(seat.restarts for seat in self.seats.values()):
            assert self.open >= least, f"{self.open} of {regular} seats take calls, {sum(there)} of them surge seats"

    # --- what a roll-out may do -------------------------------------------------------------------------------------

    async def effect(self, host: str = "", seconds: float = 0.05) -> None:
        """Called around each change: the place where the tool may be killed or the way to the host be lost."""
        if host in self.away:
            raise CommandError(f"{host} cannot be reached")
        self.advance(seconds)

    def begin(self) -> None:
        # Once dead, nothing of the tool goes on, not what went on beside either.
        if 0 <= self.kill_at < self.effects or (self.kill_before and self.effects == self.kill_at):
            self.killed = True
            raise Killed
        self.effects += 1

    def end(self) -> None:
        if not self.kill_before and self.effects - 1 == self.kill_at:
            self.killed = True
            raise Killed

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)  # what goes on beside has its turn

    async def write(self, deploy_id: str, state: dict[str, Any]) -> None:
        self.begin()
        self.urgent = bool(state["retire"] or state["retired"])
        self.journal.pop(deploy_id, None)  # the last one is the newest
        self.journal[deploy_id] = json.dumps(state)
        self.end()

    async def line(self, action: str, *, result: str, host: str = "", **facts: Any) -> None:
        self.begin()
        self.trail.append({"action": action, "result": result, "host": host, **facts})
        self.end()

    async def retire(self, tag: str, why: str) -> None:
        self.begin()
        self.tag_drains.add(tag)
        self.end()

    async def readmit(self, tag: str) -> None:
        self.begin()
        self.tag_drains.discard(tag)
        self.end()

    async def call(self, seat: SeatNow) -> Said:
        """The synthetic call: reserved with `allow_draining`, so it reaches a closed seat."""
        self.begin()
        truth = self.seats[seat.id]
        assert truth.phase == "idle", f"the check call met a seat that is {truth.phase}"
        assert truth.balancer_closed, "the seat could be given to a real caller before its check call"
        fault = self.faults.get(truth.image.ref if truth.image else "", "")
        self._begin(truth, 5.0)
        self.advance(5.5)
        self.end()
        if fault == "mute":
            return Said(False, "the bot said nothing within 20 s", 20.0)
        if fault == "crashes":
            return Said(False, "the line broke after 5 s", 5.0)
        return Said(True, took_s=6.0)

    def world(self, *, canary: bool = True) -> World:
        return World(
            hosts={host: Host(self, host) for host in self.hosts},
            tags=self,
            journal=self,
            trail=self,
            clock=self,
            canary=self if canary else None,
            tell=lambda event, text="", **_: self.told.append(f"{event}: {text}"),
        )

    def look(self) -> list[SeatNow]:
        return [self.seen(seat) for seat in self.seats.values()]

    def seen(self, seat: Seat) -> SeatNow:
        fault = self.faults.get(seat.image.ref if seat.image else "", "")
        up = seat.phase not in ("absent", "starting")
        drained = self._drained(seat)
        tag = (fault.removeprefix("says ") if fault.startswith("says ") else seat.image.tag) if seat.image else ""
        return SeatNow(
            id=seat.id,
            host=seat.host,
            ref=seat.image.ref if seat.image else "",
            container=f"{seat.id}.{seat.made}" if seat.image else "",
            tag=tag if up else "",
            phase=seat.phase,
            healthy=up or (fault == "unregistered" and self.time >= seat.until),
            registered=up,
            closed=seat.balancer_closed and bool(seat.drained_by),
            draining=up and drained,
            offered=not self._shut(seat),
            drained=drained and seat.phase == "idle",
            surge=seat.surge,
            call="s-1" if seat.phase in CARRYING else "",
            call_age_s=self.time - seat.call_began if seat.phase in CARRYING else 0.0,
            restarts=seat.restarts,
            calls=seat.calls,
            errors=seat.errors,
            complaint="ImportError: no module named pipecat" if fault == "does not start" else "",
        )

    def settled(self, goal: Image | dict[str, Image]) -> list[str]:
        """What is not as it should be after a finished deploy; empty when all is well."""
        found: list[str] = []
        for seat in self.seats.values():
            want = None if seat.surge else goal if isinstance(goal, Image) else goal.get(seat.id)
            if seat.image != want:
                found.append(f"{seat.id} runs {seat.image and seat.image.tag}")
            if seat.image and (seat.balancer_closed or self._shut(seat)):
                found.append(f"{seat.id} is closed")
            if seat.drained_by and not seat.image:
                found.append(f"a drain of {seat.id} is left")
        return found + [f"a drain of {tag} is left" for tag in self.tag_drains]

    def saved(self, deploy_id: str) -> Work:
        """What another machine finds."""
        return Work.model_validate(json.loads(self.journal[deploy_id]))

    def unfinished(self) -> Work | None:
        """The newest journal, as `vox` looks for it."""
        newest = self.saved(list(self.journal)[-1]) if self.journal else None
        return None if newest is None or newest.over else newest

    def rules(self, **more: Any) -> Rules:
        return Rules(batch=self.batch, watch=10, health_timeout=20, **more)
