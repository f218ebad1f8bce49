"""`campaigns.live`: what the console shows of a campaign that is being dialled (section 17)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from voxkit.campaigns import is_connected, open_time, share
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.log import get_logger
from voxkit.zones import zone_of

from voxdialler.measures import Recent
from voxdialler.pacing import Pace

Document = dict[str, Any]
State = Literal["dialling", "idle", "waiting_retries", "outside_window", "blocked", "draining"]
Blocked = Literal[
    "no_capacity", "quota", "registry_away", "voxbridge_away", "store_away", "carrier_breaker", "campaign_breaker",
    "livekit_not_configured", "numbers_busy", "clock_skew",
]  # fmt: skip
SHOWN_STATES = ("leased", "dialling", "ringing", "amd_screening", "attaching", "in_progress")
ENDED = ("completed", "failed")
UTC_ZONE = ZoneInfo("UTC")
QUIET = timedelta(seconds=30)
PASSES_EVERY = timedelta(seconds=10)
SIGN_OF_LIFE_EVERY = timedelta(seconds=5)
log = get_logger("voxdialler.live")


@dataclass
class Finding:
    """What a turn of the loop saw of one campaign."""

    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    recent: Recent = field(default_factory=Recent)
    pace: Pace | None = None
    blocked: Blocked | None = None
    key: str | None = None
    evidence: list[Document] = field(default_factory=list[Document])
    outside: bool = False
    opens_at: datetime | None = None
    next_retry_at: datetime | None = None
    seat_grade: str = "pinned"
    is_running: bool = True
    is_endless: bool = False
    done_at: Callable[[timedelta], datetime | None] | None = None
    """When the campaign will have dialled for so long; null while it may not dial."""


def state_of(found: Finding, now: datetime) -> State:
    """One word for what the dialler does."""
    active = sum(found.counts.get(state, 0) for state in SHOWN_STATES)
    if not found.is_running:
        return "draining" if active else "idle"
    if found.blocked:
        return "blocked"
    if found.outside:
        return "outside_window"
    queued = found.counts.get("retry_scheduled", 0) + found.counts.get("callback_scheduled", 0)
    last = found.recent.last_dial_at
    if queued and not found.counts.get("pending") and not active and (last is None or now - last > QUIET):
        return "waiting_retries"
    waiting = queued + found.counts.get("pending", 0)
    return "dialling" if active or waiting else "idle"


def block_of(found: Finding, now: datetime, since: datetime | None, passes: list[Document]) -> Document:
    """The document, without `updated_at`. `since`: when the present obstacle began."""
    state, counts, recent = state_of(found, now), found.counts, found.recent
    waiting = counts.get("pending", 0) + counts.get("retry_scheduled", 0)
    rate = recent.dials_per_second_window
    known = recent.measures
    eta = None
    if rate > 0 and waiting and found.done_at and not found.is_endless:
        eta = found.done_at(timedelta(seconds=waiting / rate))
    next_at = {"waiting_retries": found.next_retry_at, "outside_window": found.opens_at}.get(state)
    return {
        "state": state,
        "next_at": next_at,
        "blocked": (
            {"reason": found.blocked, "key": found.key, "since": since, "evidence": found.evidence}
            if state == "blocked"
            else None
        ),
        "active": {name: counts.get(name, 0) for name in SHOWN_STATES},
        "ringing": counts.get("dialling", 0) + counts.get("ringing", 0),
        "in_progress": counts.get("in_progress", 0),
        "dials_per_second": recent.dials_per_second,
        "connected_per_hour": recent.connected_per_hour,
        "calls_per_minute": recent.calls_per_minute,
        "avg_ring_seconds": _rounded(known.pick_s, 1),
        "last_dial_at": recent.last_dial_at,
        "pending": counts.get("pending", 0),
        "retries_queued": counts.get("retry_scheduled", 0),
        "callbacks_queued": counts.get("callback_scheduled", 0),
        "total_connected": known.conversations,
        "eta_at": eta.replace(microsecond=0) if eta else None,
        "passes": passes,
        "pacing": pacing_of(found.pace, recent, found.seat_grade),
    }


def pacing_of(pace: Pace | None, recent: Recent, grade: str) -> Document | None:
    """The block `pacing`: what was decided in the last turn, and from which figures."""
    if pace is None:
        return None
    known = recent.measures
    return {
        "mode": pace.mode, "mode_now": pace.mode_now, "why": pace.why, "seats": pace.seats, "share": pace.share,
        "rate": pace.rate, "brake": pace.brake, "pool": pace.pool, "head": pace.head, "demand": pace.demand,
        "answer_rate": _rounded(known.answer_rate, 4), "aht_seconds": _rounded(known.aht_s, 1),
        "abandon_rate": known.abandon, "run_abandon_rate": known.run_abandon, "seat_grade": grade,
    }  # fmt: skip


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def of_run(campaign: Document, passes: list[Document], recent: Recent) -> Recent:
    """The rates of a run that is over: of all its dials, over the time for which its window was open."""
    window = CampaignConfig.model_validate(campaign.get("config") or {}).time_window
    began, ended = campaign.get("started_at"), campaign.get("completed_at")
    open_s = 0.0
    if began and ended:
        open_s = open_time(window, [zone_of(window.timezone) or UTC_ZONE], began, ended).total_seconds()
    if open_s <= 0:
        return recent
    dials, connected = (sum(one[name] for one in passes) for name in ("attempted", "connected"))
    return replace(
        recent,
        dials_per_second=round(dials / open_s, 3),
        calls_per_minute=round(dials / open_s * 60, 2),
        connected_per_hour=round(connected / open_s * 3_600, 1),
    )


class Panels:
    """Writes the blocks: on a change, at most once a second for each campaign, and only while this process leads. Of a
    campaign that runs also without one, every five seconds: by its age people see that there is a dialler.
    """

    def __init__(self, campaigns: Any, attempts: Any) -> None:
        self._campaigns, self._attempts = campaigns, attempts
        self._written: dict[str, tuple[Document, datetime]] = {}
        self._blocked_since: dict[str, tuple[str, datetime]] = {}
        self._passes: dict[str, tuple[datetime, list[Document]]] = {}

    async def begin(self) -> set[str]:
        """What another process has written since is not known here. Returns: campaigns that do not run any more and
        whose panel a former leader left as if something went on."""
        self._written.clear()
        stands = {"status": {"$in": ["paused", "completed", "failed"]}, "live.state": {"$nin": [None, "idle"]}}
        return {campaign["_id"] async for campaign in self._campaigns.find(stands, {"_id": 1})}

    async def show(self, campaign: Document, found: Finding, now: datetime) -> None:
        """Compare with what was written last, and write what differs."""
        campaign_id = campaign["_id"]
        over = campaign.get("status") in ENDED and state_of(found, now) == "idle"
        passes = await read_passes(self._attempts, campaign) if over else await self._passes_of(campaign, now)
        if over:
            found = replace(found, recent=of_run(campaign, passes, found.recent))
        block = block_of(found, now, self._since(campaign_id, found, now), passes)
        written, written_at = self._written.get(campaign_id, (None, now))
        if written == block and not (campaign.get("status") == "running" and now - written_at >= SIGN_OF_LIFE_EVERY):
            return
        await self._campaigns.update_one({"_id": campaign_id}, {"$set": {"live": {**block, "updated_at": now}}})
        self._written[campaign_id] = block, now

    def _since(self, campaign_id: str, found: Finding, now: datetime) -> datetime | None:
        if not found.blocked:
            self._blocked_since.pop(campaign_id, None)
            return None
        reason, since = self._blocked_since.get(campaign_id, ("", now))
        if reason != found.blocked:
            since = now
        self._blocked_since[campaign_id] = found.blocked, since
        return since

    async def _passes_of(self, campaign: Document, now: datetime) -> list[Document]:
        read_at, passes = self._passes.get(campaign["_id"], (None, []))
        if read_at is None or now - read_at >= PASSES_EVERY:
            passes = await read_passes(self._attempts, campaign)
            self._passes[campaign["_id"]] = now, passes
        return passes


def _may_come(number: int, one: Document, before: Document | None, stats: Mapping[str, Any]) -> int:
    waiting = {0: "callback_pending", 1: "pending"}.get(number, "retry_scheduled")
    most = int(stats.get(waiting) or 0)
    if before is None or number < 2:
        return most
    # Who spoke in the pass before needs no further try.
    return max(0, min(most, before["attempted"] - before["connected"] - one["attempted"]))


async def read_passes(attempts: Any, campaign: Document) -> list[Document]:
    """First tries, second tries … of the run; callbacks are pass 0.

    `eligible`: tries that were made and those that may still come. For further tries while the run goes on it is a
    bound from above, as how many of the waiting contacts wait for which try is not counted.
    """
    if campaign.get("started_at") is None:
        return []
    groups = await attempts.aggregate(
        [
            {"$match": {"campaign_id": campaign["_id"], "dialled_at": {"$gte": campaign["started_at"]}}},
            {"$match": {"run_number": campaign.get("run_number"), "outcome": {"$nin": [None, "not_placed"]}}},
            {"$group": {
                "_id": {"kind": "$kind", "attempt_no": "$attempt_no", "outcome": "$outcome"},
                "count": {"$sum": 1}, "first": {"$min": "$dialled_at"}, "last": {"$max": "$ended_at"},
            }},
        ]
    )  # fmt: skip
    passes: dict[int, Document] = {}
    async for group in groups:
        key = group["_id"]
        number = 0 if key.get("kind") == "callback" else int(key.get("attempt_no") or 1)
        one = passes.setdefault(
            number, {"pass": number, "attempted": 0, "connected": 0, "started_at": None, "ended_at": None}
        )
        one["attempted"] += group["count"]
        one["connected"] += group["count"] if is_connected(key.get("outcome") or "") else 0
        one["started_at"] = min(filter(None, (one["started_at"], group["first"])), default=None)
        one["ended_at"] = max(filter(None, (one["ended_at"], group["last"])), default=None)
    for number, one in sorted(passes.items()):
        one["eligible"] = one["attempted"] + _may_come(number, one, passes.get(number - 1), campaign.get("stats") or {})
        one["connect_rate"] = share(one["connected"], one["attempted"])
    return [passes[number] for number in sorted(passes)]
