"""Free seats of the fleet: the registry's view, asked once a turn; in its absence the hosts', where that is allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import httpx
from pydantic import ValidationError
from voxkit.contracts.health import FleetHealth
from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.registry import RegistryClient

VALID_S = 6.0
log = get_logger("voxdialler.capacity")
Source = Literal["registry", "poll", "none"]


@dataclass(frozen=True)
class Seats:
    """What was seen last. `seen_at`: monotonic; `hosts`: free seats by host, of polling only."""

    source: Source = "none"
    total: int = 0
    free: int = 0
    seen_at: float = float("-inf")
    hosts: tuple[tuple[str, int], ...] = ()


class Capacity:
    """`look` once a turn; `free` is what may be counted on now, null while nothing is known."""

    def __init__(
        self,
        registry: RegistryClient | None,
        http: httpx.AsyncClient,
        *,
        fallback: bool,
        poll_s: float,
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry, self._http = registry, http
        self._fallback = fallback or registry is None
        self._poll_s, self._timeout_s, self._clock = poll_s, timeout_s, clock
        self.seats = Seats()
        self._refused: set[str] = set()
        self._refused_before: set[str] = set()

    @property
    def free(self) -> int | None:
        """Seats to count on: all that the registry calls free, half of what polling shows (it is never exact)."""
        if self._clock() - self.seats.seen_at > max(VALID_S, 2 * self._poll_s if self.by_fallback else 0):
            return None
        return self.seats.free // 2 if self.by_fallback else self.seats.free

    @property
    def by_fallback(self) -> bool:
        return self.seats.source == "poll"

    @property
    def age_s(self) -> float | None:
        age = self._clock() - self.seats.seen_at
        return round(age, 1) if age < float("inf") else None

    async def look(self, hosts: Sequence[str]) -> bool:
        """Ask once. Returns: whether the registry answered, or is not there to be asked."""
        self._refused_before, self._refused = self._refused, set()
        heard = True
        if self._registry is not None:
            try:
                view = await self._registry.fleet()
                self.seats = Seats("registry", view.seats, view.free if view.status == "ok" else 0, self._clock())
                return True
            except (VoxError, httpx.HTTPError, TimeoutError) as error:
                log.warning("registry.away", error=str(error))
                heard = False
        if self._fallback and (not self.by_fallback or self._clock() - self.seats.seen_at >= self._poll_s):
            await self._poll(hosts)
        return heard

    async def _poll(self, hosts: Sequence[str]) -> None:
        answers = await asyncio.gather(*(self._ask(host) for host in hosts))
        known = [(host, answer) for host, answer in zip(hosts, answers, strict=True) if answer is not None]
        if not known:
            return
        self.seats = Seats(
            "poll",
            sum(answer.fleet_max for _, answer in known),
            sum(answer.fleet_available for _, answer in known),
            self._clock(),
            tuple((host, answer.fleet_available) for host, answer in known),
        )

    async def _ask(self, host: str) -> FleetHealth | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._http.get(f"{host}/health/fleet", timeout=None)
            return FleetHealth.model_validate_json(answer.content) if answer.status_code == 200 else None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValidationError) as error:
            log.warning("fleet.unreachable", url=host, error=type(error).__name__)
            return None

    def refused(self, scope: str) -> None:
        """A reservation was refused: no more of this scope are asked for in this turn (P2)."""
        self._refused.add(scope)

    def is_refused(self, scope: str) -> bool:
        """In this turn."""
        return scope in self._refused

    def was_refused(self, scope: str) -> bool:
        """In the turn before: one reservation tries whether that is over."""
        return scope in self._refused_before
