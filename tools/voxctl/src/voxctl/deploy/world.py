"""What a roll-out sees and does, as protocols. Adapters stand in `seats.py` and `canary.py`, simulated ones in tests.

Everything that changes something may be repeated: after a crash nobody knows whether the last step had its effect.
Times are seconds. `now()` is Unix time, so that what one machine wrote another one can read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

Phase = Literal["absent", "starting", "idle", "reserved", "busy", "wrapping", "lost"]
"""The registry's phases, `lost` included; `absent` = no container, or one that nothing is known of yet."""
CARRYING = frozenset({"busy", "wrapping"})
Verdict = Literal["good", "bad", "open"]
Fault = Literal["release", "host", "hook"]
"""Whose trouble stopped a deploy. A host with a full disk, or an operator's own program, says nothing of a release."""


class Image(BaseModel):
    """What a seat runs, or is to run. `ref` stands in `seats.env`: `registry/vox/voxcore@sha256:…`, or a local name."""

    model_config = ConfigDict(frozen=True)

    tag: str
    ref: str


class Release(BaseModel):
    """One line of `releases.json`: a tag with what it stood for when it was deployed, and how that went."""

    tag: str
    revision: str = Field(default="", description="Full git SHA.")
    refs: dict[str, str] = Field(default_factory=dict, description="Image name (voxcore, …) to its pinned reference.")
    # `schema` is a method of every model.
    schema_version: int = 0
    schema_min: int = Field(default=0, description="Oldest schema of the database that it can work with.")
    verdict: Verdict = Field(default="open", description="`open`: not decided yet, or interrupted.")
    reason: str = ""
    left: bool = Field(default=False, description="A rollback has left it: none goes there unless it is named.")
    at: str = Field(default="", description="When the verdict fell, ISO 8601 UTC.")

    def image(self, name: str) -> Image:
        """Raises: KeyError: the release has no such image."""
        return Image(tag=self.tag, ref=self.refs[name])


@dataclass(frozen=True)
class SeatNow:
    """One seat at one moment, put together from the registry, Docker and the balancer.

    `closed`: the balancer gives it no new call. `draining`: it says so itself. `offered`: the registry does not say
    so. `drained`: it says itself that it drains, with no call, no reservation and no result left to deliver.
    `foreign`: somebody else than a deploy drained it; such a seat stays so. `restarts` counts restarts of its
    present container, `errors` of its first `calls` calls those that ended as `error`. `container` is another one
    after each replacement. `complaint`: what its container says of itself when it does not run or is not healthy,
    in one line.
    """

    id: str
    host: str
    ref: str = ""
    container: str = ""
    tag: str = ""
    phase: Phase = "absent"
    healthy: bool = False
    registered: bool = False
    closed: bool = False
    draining: bool = False
    offered: bool = True
    drained: bool = False
    foreign: str = ""
    surge: bool = False
    call: str = ""
    call_age_s: float = 0.0
    restarts: int = 0
    calls: int = 0
    errors: int = 0
    complaint: str = ""

    @property
    def carries(self) -> bool:
        return self.phase in CARRYING

    @property
    def running(self) -> bool:
        return bool(self.ref)

    @property
    def admissible(self) -> bool:
        """Whether a new call may come here now, or could if the one that it has were over."""
        there = self.running and self.registered and self.offered
        return there and not (self.closed or self.draining or self.foreign)


class FleetHost(Protocol):
    """The seats of one host. Every method may raise HostAway; each change may be repeated."""

    name: str

    async def seats(self) -> Sequence[SeatNow]:
        """All seats that the inventory gives the host, surge seats included, running or not."""
        ...

    async def surge_room(self) -> int:
        """Surge seats that fit into free memory now."""
        ...

    async def trouble(self) -> str:
        """What of the host itself keeps any image from running there, in words; empty: nothing that is known."""
        ...

    async def close(self, seat: str, why: str) -> None:
        """No new call: balancer first, then the seat's own drain and the registry's."""
        ...

    async def open(self, seat: str) -> None:
        """Lift what `close` did, here and at the registry; the balancer last."""
        ...

    async def replace(self, images: dict[str, Image], *, deserted: bool) -> None:
        """Seats onto these images: `seats.env` first, then their containers. Only for seats without a call.

        `deserted`: it is certain that nobody is in them; a process that then does not heed its end is killed.
        """
        ...

    async def stop(self, seat: str, *, deserted: bool) -> None:
        """Stop and remove a surge seat without a call; `deserted` as for `replace`."""
        ...

    async def cut(self, seat: str) -> None:
        """End the call of a seat as `error` (SIGINT). Only `--force-after` asks for it."""
        ...


class Tags(Protocol):
    """Drains of a whole tag at the registry; without one, of each of its seats."""

    async def retire(self, tag: str, why: str) -> None: ...

    async def readmit(self, tag: str) -> None: ...


@dataclass(frozen=True)
class Said:
    """How the synthetic call went; `why` names what was missing, in words for an operator."""

    good: bool
    why: str = ""
    took_s: float = 0.0


class Canary(Protocol):
    """One synthetic spoken call to this very seat, closed as it is. None: there is no host of role `check`."""

    async def call(self, seat: SeatNow) -> Said: ...


class Journal(Protocol):
    """`deploy/<id>.json` on `lock_host`; on disk when `write` returns."""

    async def write(self, deploy_id: str, state: dict[str, Any]) -> None: ...


class Trail(Protocol):
    """One audit line on `lock_host` and on the host touched."""

    async def line(self, action: str, *, result: str, host: str = "", **facts: Any) -> None: ...


class Hooks(Protocol):
    """The operator's own programs. Raises: HookFailed of a `pre-*` that does not end with 0."""

    async def run(self, name: str, *, host: str = "", seat: str = "") -> None: ...


class Clock(Protocol):
    def now(self) -> float:
        """Unix time, seconds."""
        ...

    async def sleep(self, seconds: float) -> None: ...
