"""A host of the simulated fleet, as the roll-out sees it: each change takes time, and may be cut in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voxctl.deploy.outcome import StepFailed
from voxctl.deploy.world import Image, SeatNow
from voxctl.output import CommandError

if TYPE_CHECKING:
    from .simulated import Fleet, Seat

BOOT_S = 3.0
HEARD_S = 0.25


@dataclass
class Host:
    """A `FleetHost` with room for so many surge seats."""

    fleet: Fleet
    name: str
    room: int = 2

    async def seats(self) -> Sequence[SeatNow]:
        await self.fleet.effect(self.name)
        return [self.fleet.seen(seat) for seat in self.fleet.seats.values() if seat.host == self.name]

    async def surge_room(self) -> int:
        await self.fleet.effect(self.name)
        return self.room

    async def trouble(self) -> str:
        await self.fleet.effect(self.name)
        return self.fleet.troubles.get(self.name, "")

    async def close(self, seat: str, why: str) -> None:
        await self.fleet.effect(self.name)
        truth = self.fleet.seats[seat]
        # Three things, one after another: the tool may die between any two.
        self.fleet.begin()
        truth.balancer_closed = True
        self.fleet.end()
        self.fleet.begin()
        if truth.phase not in ("absent", "starting"):
            truth.route_drain = True
        self.fleet.end()
        self.fleet.begin()
        truth.drained_by = truth.drained_by or f"deploy {why}"
        self.fleet.end()

    async def open(self, seat: str) -> None:
        await self.fleet.effect(self.name)
        truth = self.fleet.seats[seat]
        self.fleet.begin()
        if truth.drained_by.startswith("deploy"):
            truth.drained_by = ""
        self.fleet.end()
        self.fleet.begin()
        truth.route_drain = False
        self.fleet.end()
        self.fleet.begin()
        truth.balancer_closed = False
        truth.heard_at = self.fleet.time + HEARD_S
        self.fleet.end()

    async def replace(self, images: dict[str, Image], *, deserted: bool) -> None:
        await self.fleet.effect(self.name, 1.0)
        for seat, image in images.items():
            truth = self.fleet.seats[seat]
            await self._ended(truth, deserted)
            self.fleet.begin()
            if self.fleet.faults.get(image.ref) == "refused":
                raise StepFailed("exec /usr/bin/python: exec format error")
            if refusal := self.fleet.refusals.get(self.name):
                raise StepFailed(refusal)
            if truth.phase in ("busy", "wrapping", "reserved"):
                self.fleet.cut.append(f"{seat} was replaced while {truth.phase}")
            self._fresh(truth, image)
            self.fleet.end()

    async def _ended(self, truth: Seat, deserted: bool) -> None:
        """A process that hangs does not hear SIGTERM either: without a time limit its grace is as long as a call."""
        if truth.image and self.fleet.faults.get(truth.image.ref) == "unhealthy":
            await self.fleet.sleep(20 if deserted else 120)
            if not deserted:
                raise CommandError(f"{self.name}: `docker compose up` had no end within 120 s")

    def _fresh(self, truth: Seat, image: Image | None) -> None:
        truth.image, truth.phase = image, "starting" if image else "absent"
        truth.until = self.fleet.time + BOOT_S
        truth.restarts = truth.calls = truth.errors = 0
        truth.made += 1
        truth.route_drain = False

    async def stop(self, seat: str, *, deserted: bool) -> None:
        await self.fleet.effect(self.name, 1.0)
        truth = self.fleet.seats[seat]
        await self._ended(truth, deserted)
        self.fleet.begin()
        if truth.phase in ("busy", "wrapping", "reserved"):
            self.fleet.cut.append(f"{seat} was stopped while {truth.phase}")
        self._fresh(truth, None)
        truth.drained_by = ""
        self.fleet.end()

    async def cut(self, seat: str) -> None:
        await self.fleet.effect(self.name)
        truth = self.fleet.seats[seat]
        self.fleet.begin()
        truth.phase, truth.until = "starting", self.fleet.time + BOOT_S
        truth.route_drain = False
        self.fleet.end()
