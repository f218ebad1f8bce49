"""What replacing one service on one host has set out to do and how far it is, and what is seen of its replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from voxctl.deploy.world import Fault, Image

HANDED_OVER = "voxdialler"


@dataclass(frozen=True)
class ReplicaNow:
    """One replica at one moment, put together from Docker, its own `/health` and the edge.

    `ready`: the edge's check passes; of a dialler: it leads. `open`: the edge gives it new requests. `requests`: those
    that it is answering now, streams left out. `beside`: a second place, where something runs only during a deploy.
    `container` is another one after each replacement. `left`: a container that does not run lies there. `restarts`
    counts restarts of its present container. `complaint`: what is wrong, in one line. `version`: what its image was
    built as; of one that does not tell its tag, as voxui, it is all that is known before the first deploy.
    """

    id: str
    ref: str = ""
    container: str = ""
    tag: str = ""
    healthy: bool = False
    ready: bool = False
    open: bool = True
    requests: int = 0
    beside: bool = False
    left: bool = False
    restarts: int = 0
    complaint: str = ""
    version: str = ""

    @property
    def running(self) -> bool:
        return bool(self.ref)

    @property
    def serves(self) -> bool:
        return self.running and self.healthy and self.ready and self.open


class ServiceRules(BaseModel):
    """Seconds. `drain`: how long requests in progress are waited for. `pause`: a replica serves this long before the
    next one leaves, so that one that crashes in its first moments is not alone. `lead`: until a new dialler leads.
    """

    health_timeout: float = 60
    watch: float = 120
    drain: float = 75
    pause: float = 10
    lead: float = 4
    settle: float = Field(180, description="How long ringing phones of the former dialler may take.")


Holding = Literal["closing", "checking", "opening", "stopping", "leaving"]
Stage = Literal["rolling", "reverting", "done", "reverted", "stuck"]


class ServiceWork(BaseModel):
    """Journal of one service on one host: what cannot be seen. `before`: replica -> what a revert goes back to."""

    deploy: str
    host: str
    service: str
    target: Image
    before: dict[str, Image]
    outdated: list[str] = Field(default_factory=list, description="Containers to be made anew on the image they have.")
    in_hand: dict[str, Holding] = Field(default_factory=dict)
    opened: dict[str, float] = Field(default_factory=dict, description="Replica -> Unix time at which it was opened.")
    signalled_at: float = Field(default=0, description="When the former dialler was told to go, Unix time.")
    stage: Stage = "rolling"
    reason: str = ""
    fault: Fault = "release"

    @property
    def backwards(self) -> bool:
        return self.stage == "reverting"

    def goal(self, replica: ReplicaNow) -> Image | None:
        """What it is to run; None: nothing that is known. A place beside runs it only while it is needed."""
        if not self.backwards:
            return self.target
        return self.before.get(replica.id) or next(iter(self.before.values()), None)

    def at_goal(self, replica: ReplicaNow) -> bool:
        goal = self.goal(replica)
        return goal is not None and replica.ref == goal.ref and replica.container not in self.outdated


def set_out(
    deploy: str,
    host: str,
    service: str,
    target: Image,
    replicas: Sequence[ReplicaNow],
    former: ServiceWork | None = None,
    *,
    anew: bool = False,
) -> ServiceWork:
    """What it takes to have `target` there. An unfinished work of the same place (`former`) hands over what it has in
    hand, and what ran before it: an unproven image is no place to return to. `anew`: what runs it is replaced as well.
    """
    before: Mapping[str, Image] = {
        each.id: Image(tag=each.tag, ref=each.ref) for each in replicas if each.running and not each.beside
    }
    return ServiceWork(
        deploy=deploy,
        host=host,
        service=service,
        target=target,
        before={**before, **former.before} if former else dict(before),
        in_hand=dict(former.in_hand) if former else {},
        signalled_at=former.signalled_at if former else 0,
        outdated=[each.container for each in replicas if anew and each.container],
    )


def revert(work: ServiceWork, reason: str, fault: Fault = "release") -> None:
    """Turn round. What is in hand is judged anew: one that cannot serve is put back first, and waits for nobody."""
    work.stage, work.reason, work.fault = "reverting", reason, fault
    work.outdated = []
    work.in_hand = {id: step for id, step in work.in_hand.items() if step == "leaving"}
