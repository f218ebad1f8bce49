"""What a deploy or a rollback has set out to do and how far it is: the content of `deploy/<id>.json`.

It is written before each step and says only what cannot be seen: the goal, what ran before, and which seats this deploy
has in hand. What really runs is looked at anew each time, so that a machine that finds this file can go on with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from voxctl.deploy.service_work import ServiceWork
from voxctl.deploy.world import Fault, Image, Release, SeatNow

Kind = Literal["deploy", "rollback"]
Stage = Literal["rolling", "reverting", "done", "reverted", "stuck"]
OVER: frozenset[Stage] = frozenset({"done", "reverted"})


class Rules(BaseModel):
    """The part of `rolling:` in the inventory that the seats need, and what the command line adds. Seconds."""

    batch: int = Field(default=2, ge=1)
    parallel_hosts: int = Field(default=1, ge=1)
    health_timeout: float = 60
    watch: float = 120
    force_after: float | None = None
    starved: float = Field(default=60, description="Without an idle old seat this long, busy ones are drained.")
    detach: bool = False

    def batch_of(self, seats: int) -> int:
        """Seats of a host that may be closed at once: `batch`, at most 20 % of them, at least one."""
        return max(1, min(self.batch, seats // 5))


class InHand(BaseModel):
    """A seat that this deploy has closed. `patient`: it had a call then, and its end is waited for.

    `image`: what this deploy puts it on. On that image it has not been open yet, so nobody can be in it.
    """

    step: Literal["closing", "replacing", "checking", "opening", "stopping"] = "closing"
    patient: bool = False
    image: str = ""


class Work(BaseModel):
    """The whole journal of one deploy or rollback."""

    id: str
    kind: Kind
    env: str = "development"
    who: str = ""
    why: str = ""
    started_at: float
    release: Release
    hosts: list[str] = Field(description="Fleet hosts in the order in which they are taken.")
    goals: dict[str, Image] = Field(description="Seat -> what it is to run; a seat without a goal is to be stopped.")
    before: dict[str, Image] = Field(description="Seat -> what it ran when the deploy began: what a revert goes to.")
    anew: bool = Field(default=False, description="What runs the image already is made anew: its settings changed.")
    outdated: list[str] = Field(default_factory=list, description="Containers of seats that are to be made anew.")
    surge: dict[str, list[str]] = Field(default_factory=dict, description="Host -> surge seats started for this.")
    in_hand: dict[str, InHand] = Field(default_factory=dict)
    opened: dict[str, float] = Field(default_factory=dict, description="Seat -> Unix time at which it was opened.")
    proven: bool = Field(default=False, description="The image has carried its synthetic call, or needs none.")
    unproven_why: str = Field(default="", description="Why no synthetic call was asked for.")
    retire: list[str] = Field(
        default_factory=list, description="Tags that harm callers: out as soon as others can come."
    )
    retired: list[str] = Field(default_factory=list, description="Tags that are drained now.")
    retire_now: bool = False
    forced: list[str] = Field(default_factory=list, description="Seats whose call was cut.")
    stuck: dict[str, str] = Field(default_factory=dict, description="Seat -> why it cannot come back.")
    away: dict[str, str] = Field(default_factory=dict, description="Host left for later -> why; of a rollback alone.")
    services: dict[str, ServiceWork] = Field(default_factory=dict, description="`host/service` -> how far it is.")
    stage: Stage = "rolling"
    reason: str = Field(default="", description="Why it was stopped.")
    fault: Fault = "release"

    @property
    def over(self) -> bool:
        return self.stage in OVER

    @property
    def backwards(self) -> bool:
        """Towards something that has run before: a bad seat there is no reason to go elsewhere."""
        return self.kind == "rollback" or self.stage == "reverting"

    @property
    def urgent(self) -> bool:
        """A tag that harms callers is on its way out: every host at once, and more seats than a batch."""
        return bool(self.retire or self.retired)

    def at_goal(self, seat: SeatNow) -> bool:
        goal = self.goals.get(seat.id)
        return seat.ref == goal.ref and seat.container not in self.outdated if goal else not seat.running

    def deserted(self, seat: SeatNow) -> bool:
        """Nobody is in this seat for certain: by its own word, or because it has never been open to callers."""
        held = self.in_hand.get(seat.id)
        return not seat.running or seat.drained or (held is not None and held.image == seat.ref)

    def left_for_later(self, seat: str) -> bool:
        """Whether the seat is on a host that was left as it was: what is in hand there stays in hand."""
        return seat.rpartition("-")[0] in self.away

    def wants(self, seat: SeatNow) -> bool:
        """Whether the seat is this deploy's business: a regular one, or a surge seat that somebody has started."""
        return not seat.surge or seat.running or seat.id in self.goals or seat.id in self.in_hand


@dataclass(frozen=True)
class Order:
    """Who wants which release and why. `id` names the journal; `started_at` is Unix time."""

    id: str
    release: Release
    started_at: float
    env: str = "development"
    who: str = ""
    why: str = ""


def set_out(
    order: Order, image: Image, seats: Sequence[SeatNow], *, unproven_why: str = "", former: Work | None = None
) -> Work:
    """A deploy of `image` onto these seats. An unfinished one (`former`) hands over what it has in hand and drained.

    What a revert goes back to is what ran before the first of them: an unproven image is no place to return to.
    `unproven_why`: why the first seat needs no synthetic call.
    """
    return _work("deploy", order, image, seats, former, unproven_why)


def renew(order: Order, image: Image, seats: Sequence[SeatNow], *, former: Work | None = None) -> Work:
    """Every seat anew on the image that it has, for settings or secrets that its host has got. No synthetic call."""
    work = _work("deploy", order, image, seats, former, "the release runs already")
    work.anew = True
    work.outdated = [seat.container for seat in seats if seat.running and seat.container]
    return work


def go_back(
    order: Order,
    image: Image,
    seats: Sequence[SeatNow],
    *,
    bad: Collection[str] = (),
    now: bool = False,
    away: Mapping[str, str] | None = None,
    former: Work | None = None,
) -> Work:
    """A rollback of all seats to `image`, in batches as a deploy does. A release that was good needs no synthetic call.

    `bad`: tags that harm callers. They get no new call from the moment on in which the first seat on `image` is there;
    `now`: before that. `away`: hosts that give no answer; they are taken by the next run (`take_in`).
    """
    work = _work("rollback", order, image, seats, former, "the release was good before")
    work.away = dict(away or {})
    if former:
        work.in_hand |= {id: held for id, held in former.in_hand.items() if work.left_for_later(id)}
    others = {seat.tag for seat in seats if seat.running and seat.ref != image.ref}
    work.retire = sorted((others & set(bad)) - {"", image.tag})
    work.retire_now = now
    return work


def take_in(work: Work, host: str, seats: Sequence[SeatNow]) -> None:
    """A host that was left for later answers: its seats (none: it has only services) go where the others went."""
    goal = next(iter(work.goals.values()))
    del work.away[host]
    work.hosts += [host] if seats else []
    work.goals |= {seat.id: goal for seat in seats if not seat.surge}
    work.before |= {seat.id: Image(tag=seat.tag, ref=seat.ref) for seat in seats if seat.running and not seat.surge}


def _work(
    kind: Kind, order: Order, image: Image, seats: Sequence[SeatNow], former: Work | None, unproven_why: str
) -> Work:
    known = {seat.id for seat in seats}
    before = {seat.id: Image(tag=seat.tag, ref=seat.ref) for seat in seats if seat.running and not seat.surge}
    return Work(
        id=order.id,
        kind=kind,
        env=order.env,
        who=order.who,
        why=order.why,
        started_at=order.started_at,
        release=order.release,
        hosts=list(dict.fromkeys(seat.host for seat in seats)),
        goals={seat.id: image for seat in seats if not seat.surge},
        before={**before, **former.before} if former else before,
        proven=bool(unproven_why),
        unproven_why=unproven_why,
        in_hand={id: held for id, held in former.in_hand.items() if id in known} if former else {},
        retired=former.retired if former else [],
        services=dict(former.services) if former else {},
    )


def revert(work: Work, reason: str, *, harmful: bool = True, fault: Fault = "release") -> None:
    """Turn round: what is on the new image goes back to what it ran before, surge seats go.

    `harmful`: a seat is what went bad, so no caller gets to its tag any more. For a reason found elsewhere (a service,
    a hook, a full disk) seats go back in batches: their callers have nothing to fear but too few seats.
    """
    work.stage, work.reason, work.fault = "reverting", reason, fault
    work.goals = dict(work.before)
    work.surge, work.outdated = {}, []
    tag = work.release.tag
    # Drained by its tag unless seats that stay run the same one.
    stays = {image.tag for image in work.before.values()}
    work.retire = [tag] if harmful and tag not in stays else []
    work.retire_now = True
