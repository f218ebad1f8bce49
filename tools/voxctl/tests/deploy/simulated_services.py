"""A simulated host on virtual time, for deploys of services: containers that start, turn healthy, crash or lie, an edge
that finds them a second later, a dialler's lease. It keeps the one promise for itself: it writes down each moment in
which nobody served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from voxctl.deploy.service_work import ReplicaNow, ServiceRules, ServiceWork, set_out
from voxctl.deploy.services import Refused, ServiceOutcome, ServiceRoll, ServiceWorld
from voxctl.deploy.world import Image
from voxctl.output import CommandError

OLD = Image(tag="2026.02.03-1", ref="vox/x@sha256:old")
NEW = Image(tag="2026.02.05-1", ref="vox/x@sha256:new")
START_S, EDGE_S, RINGS_S, REQUEST_S = 3.0, 1.0, 40.0, 2.0


class Killed(BaseException):
    """kill -9 of the tool: nothing of it runs on."""


@dataclass
class Container:
    image: Image
    at: float
    kind: str = ""
    opened: float | None = None
    leaving: float | None = None
    leads: bool = False


@dataclass
class Host:
    """Containers of one service by their place, and what the edge was told of them."""

    service: str = "voxbridge"
    places: tuple[str, ...] = ("a", "b")
    beside: frozenset[str] = frozenset()
    kind: str = ""
    """What the new image is: empty = good."""
    old_kind: str = ""
    now_s: float = 1000.0
    containers: dict[str, Container] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    dark: list[float] = field(default_factory=list)
    two_led: list[float] = field(default_factory=list)
    kill_at: int = -1
    deeds: int = 0
    saved: ServiceWork | None = None
    trail: list[dict[str, Any]] = field(default_factory=list)
    away_until: float = 0.0
    elsewhere: bool = False
    full: str = ""
    """What it says of its disk; then its Docker makes no container."""
    rings_s: float = RINGS_S
    """How long phones of a dialler ring on after it was told to go."""

    def __post_init__(self) -> None:
        for place in self.places:
            if place not in self.beside and not (self.dials and place == "b"):
                self.containers[place] = Container(OLD, self.now_s - 100, opened=self.now_s - 90, leads=self.dials)

    @property
    def dials(self) -> bool:
        return self.service == "voxdialler"

    # --- the host itself ---------------------------------------------------------------------------------------------

    def _healthy(self, one: Container) -> bool:
        return one.kind not in ("sick", "dead") and self.now_s - one.at >= START_S

    def _restarts(self, one: Container) -> int:
        return int(one.kind == "crash" and one.opened is not None and self.now_s - one.opened > 5)

    def _ready(self, one: Container) -> bool:
        if self.dials:
            return one.leads and one.leaving is None
        return self._healthy(one) and self.now_s - one.at >= START_S + EDGE_S and not self._restarts(one)

    def pass_time(self, seconds: float) -> None:
        """In small steps, so that no dark moment falls between two looks."""
        until = self.now_s + seconds
        while self.now_s < until - 1e-9:
            self.now_s += min(0.1, until - self.now_s)
            for place in list(self.containers):
                left = self.containers[place].leaving
                if left is not None and self.now_s - left >= self.rings_s:
                    del self.containers[place]
            if self.dials:
                self._elect()
            elif not any(self._ready(one) and place not in self.closed for place, one in self.containers.items()):
                self.dark.append(self.now_s)

    def _elect(self) -> None:
        led = [one for one in self.containers.values() if one.leads and one.leaving is None]
        if not led and not self.elsewhere:
            self.dark.append(self.now_s)
            fit = [
                one
                for one in self.containers.values()
                if one.leaving is None
                and one.kind not in ("mute", "sick", "dead")
                and self.now_s - one.at >= START_S + 1
            ]
            if fit:
                fit[0].leads = True
        if len(led) > 1:
            self.two_led.append(self.now_s)

    def _deed(self) -> None:
        if self.now_s < self.away_until:
            raise CommandError("the host gives no answer")
        self.deeds += 1
        if self.deeds == self.kill_at:
            raise Killed

    # --- what a roll sees and does -----------------------------------------------------------------------------------

    async def now(self) -> Sequence[ReplicaNow]:
        if self.now_s < self.away_until:
            raise CommandError("the host gives no answer")
        found = []
        for place in self.places:
            one = self.containers.get(place)
            if one is None or one.kind == "dead":
                lies = one is not None
                found.append(ReplicaNow(place, beside=place in self.beside, open=place not in self.closed, left=lies))
                continue
            requests = int(place in self.closed and self.now_s - self.closed[place] < REQUEST_S)
            found.append(
                ReplicaNow(
                    place,
                    ref=one.image.ref,
                    container=f"{place}@{one.at:.1f}",
                    tag=("other" if one.kind == "liar" else one.image.tag) if self._healthy(one) else "",
                    healthy=self._healthy(one),
                    ready=self._ready(one),
                    open=place not in self.closed,
                    requests=requests,
                    beside=place in self.beside,
                    restarts=self._restarts(one),
                )
            )
        return found

    async def led_elsewhere(self) -> bool:
        return self.elsewhere

    async def close(self, replica: str) -> None:
        self._deed()
        self.closed.setdefault(replica, self.now_s)

    async def open(self, replica: str) -> None:
        self._deed()
        self.closed.pop(replica, None)
        self.containers[replica].opened = self.now_s

    async def replace(self, replica: str, image: Image) -> None:
        self._deed()
        kind = self.kind if image.tag == NEW.tag else self.old_kind
        if kind == "refused":
            self.containers.pop(replica, None)
            raise Refused("exec format error")
        if self.full:
            raise Refused("no space left on device")
        self.pass_time(0.5)  # the stop of what ran
        self.containers[replica] = Container(image, self.now_s, kind)

    async def signal(self, replica: str) -> None:
        self._deed()
        if self.containers[replica].leaving is None:
            self.containers[replica].leaving = self.now_s

    async def stop(self, replica: str) -> None:
        self._deed()
        self.containers.pop(replica, None)
        self.closed.pop(replica, None)

    async def trouble(self) -> str:
        return self.full

    # --- around it ---------------------------------------------------------------------------------------------------

    async def write(self, work: ServiceWork) -> None:
        self._deed()
        self.saved = ServiceWork.model_validate_json(work.model_dump_json())

    async def line(self, action: str, *, result: str, host: str = "", **facts: Any) -> None:
        self.trail.append({"action": action, "result": result, "host": host, **facts})

    async def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)

    async def rolled(self, *, resumed: bool = False) -> ServiceOutcome:
        """One run of the tool, from the journal or from nothing."""
        work = self.saved if resumed else None
        work = work or set_out("d1", "api1", self.service, NEW, await self.now())
        clock = Clock(self)
        world = ServiceWorld(self.write, self, clock)
        return await ServiceRoll(work, self, world, ServiceRules()).run()

    def refs(self) -> dict[str, str]:
        return {place: one.image.ref for place, one in sorted(self.containers.items()) if one.leaving is None}


@dataclass
class Clock:
    host: Host

    def now(self) -> float:
        return self.host.now_s

    async def sleep(self, seconds: float) -> None:
        self.host.pass_time(seconds)
