"""What every part of the dialler works with: one object a process, made by `app.opened`, handed on as `ctx`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
from prometheus_client import CollectorRegistry
from pymongo.asynchronous.database import AsyncDatabase
from voxkit.clock import utc_now
from voxkit.registry import RegistryClient

if TYPE_CHECKING:
    from voxdialler.breaker import Breakers
    from voxdialler.capacity import Capacity
    from voxdialler.leader import Leader
    from voxdialler.lease import Marks
    from voxdialler.live import Panels
    from voxdialler.metrics import Metrics
    from voxdialler.numbers import Buckets, NumberBook
    from voxdialler.originate.accounts import Accounts
    from voxdialler.originate.ways import Ways
    from voxdialler.settings import DiallerSettings
    from voxdialler.tasks import Tasks

Document = dict[str, Any]


@dataclass(frozen=True)
class DialOrder:
    """One leased contact to dial. `campaign`, `row`, `carrier`: their documents; `from_number`: ours.

    `pinned`: a seat is reserved before the dial.
    """

    campaign: Document
    row: Document
    attempt_id: str
    from_number: str
    carrier: Document
    pinned: bool = True


@dataclass
class Context:
    """The process. `registry` null: no registry is configured; `monotonic`: seconds of this host's own clock."""

    settings: DiallerSettings
    db: AsyncDatabase[Document]
    http: httpx.AsyncClient
    registry: RegistryClient | None
    prometheus: CollectorRegistry
    metrics: Metrics
    breakers: Breakers
    buckets: Buckets
    numbers: NumberBook
    leader: Leader
    tasks: Tasks
    marks: Marks
    capacity: Capacity
    panels: Panels
    accounts: Accounts
    originators: Ways
    monotonic: Callable[[], float]
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Any] = asyncio.sleep
    started_at: datetime = field(default_factory=utc_now)

    @property
    def lease_owner(self) -> str:
        """What a contact carries while a task here works on it: `owner#epoch`."""
        return self.leader.lease_owner

    def may_dial(self, attempt_id: str) -> bool:
        """Whether a call may be placed for this attempt: the leader's beat and the contact's lease are both fresh."""
        return self.leader.is_leader and self.tasks.is_fresh(attempt_id)

    def works_on(self, attempt_id: str | None) -> bool:
        """Whether a task here has this attempt."""
        return self.tasks.works_on(attempt_id)
