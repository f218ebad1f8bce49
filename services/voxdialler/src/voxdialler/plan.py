"""Who dials how much in this turn, and from which numbers: decisions only, nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from voxkit.campaigns import after_open, hours_open, is_open, next_open
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.zones import zone_of

from voxdialler.breaker import Breakers
from voxdialler.live import Blocked
from voxdialler.numbers import Buckets, Channels, OurNumber, known_numbers
from voxdialler.pacing import Pace

Document = dict[str, Any]
UTC_ZONE = ZoneInfo("UTC")
NOTHING = Pace(0, "reserved", "reserved", "", 0)


@dataclass
class Slots:
    """How many calls each carrier may begin in this turn: tokens, channels and breakers together."""

    free: dict[str, int]

    @classmethod
    def of(
        cls,
        carriers: Sequence[Document],
        active: Mapping[str, int],
        leased: Mapping[str, int],
        buckets: Buckets,
        breakers: Breakers,
        tick_s: float,
    ) -> Slots:
        """`active`: contacts with a channel of each carrier; `leased`: of them, those whose phone does not ring yet."""
        channels = Channels(carriers, active)
        free: dict[str, int] = {}
        for carrier in carriers:
            carrier_id, key = carrier["_id"], f"carrier:{carrier['_id']}"
            room = min(
                channels.free(carrier_id), buckets.of(carrier_id).within(tick_s, ahead=leased.get(carrier_id, 0))
            )
            if not breakers.allows(key):
                room = 0
            elif breakers.of(key).state == "half_open":
                room = min(room, 1)  # one probe at a time (B1)
            free[carrier_id] = room
        return cls(free)

    def take(self, carrier_id: str) -> None:
        self.free[carrier_id] -= 1


@dataclass
class Candidate:
    """A campaign that may dial now. `numbers`: those that can ring; `due`: its next contacts, of `asked`."""

    campaign: Document
    config: CampaignConfig
    numbers: list[OurNumber]
    pace: Pace = NOTHING
    asked: int = 0
    due: list[Document] = field(default_factory=list[Document])
    assigned: int = 0
    blocked: Blocked | None = None

    @property
    def id(self) -> str:
        return self.campaign["_id"]

    def wish(self, seats: int) -> int:
        """How many seats it could use: not more than it has contacts for."""
        return seats if len(self.due) >= self.asked else min(seats, len(self.due))

    def carriers(self, slots: Slots) -> list[str]:
        """Carriers of its numbers with room, the emptiest first."""
        ids = {number.carrier["_id"] for number in self.numbers}
        return sorted((one for one in ids if slots.free.get(one, 0) > 0), key=lambda one: -slots.free[one])


def assign(candidates: Sequence[Candidate], slots: Slots) -> None:
    """One dial at a time, campaigns in turn, until demand or carriers are exhausted (N3)."""
    hungry = [one for one in candidates if one.pace.demand > 0]
    while hungry:
        still: list[Candidate] = []
        for one in hungry:
            carriers = one.carriers(slots)
            if not carriers:
                if one.assigned == 0:
                    one.blocked = "numbers_busy"
                continue
            slots.take(carriers[0])
            one.assigned += 1
            if one.assigned < one.pace.demand:
                still.append(one)
        hungry = still


@dataclass(frozen=True)
class Opening:
    """Whether a campaign may dial at this hour. `opens_at`: when next, null when never or not known."""

    is_open: bool
    opens_at: datetime | None = None


def opening_of(campaign: Document, config: CampaignConfig, bot: Document | None, now: datetime) -> Opening:
    """The campaign's window, its run of one day, and the bot's active hours (W3, W7). With the callees' own zones only
    the bot's hours are looked at here; the dial looks at each callee's."""
    zone, (hours, bot_zone) = zone_of(config.time_window.timezone) or UTC_ZONE, _hours_of(bot)
    if config.campaign_mode == "single_day" and (run := campaign.get("run_window")):
        if run.get("opens_at") and now < run["opens_at"]:
            return Opening(False, run["opens_at"])
        if run.get("closes_at") and now >= run["closes_at"]:
            return Opening(False)
    window_open = config.time_window.use_callee_timezone or is_open(config.time_window, [zone], now)
    if window_open and hours_open(hours, bot_zone, now):
        return Opening(True)
    return Opening(False, next_open(config.time_window, [zone], now, (hours, bot_zone)))


def _hours_of(bot: Document | None) -> tuple[Document | None, ZoneInfo]:
    known = bot or {}
    return known.get("active_hours"), zone_of(known.get("timezone") or "UTC") or UTC_ZONE


def done_at(
    campaign: Document, config: CampaignConfig, bot: Document | None, now: datetime, need: timedelta
) -> datetime | None:
    """When a campaign will have dialled for `need` of time, by its own zone's clock. None: not within its run, or
    further ahead than anybody can tell."""
    zone = zone_of(config.time_window.timezone) or UTC_ZONE
    at = after_open(config.time_window, [zone], now, need, _hours_of(bot))
    until = (campaign.get("run_window") or {}).get("closes_at") if config.campaign_mode == "single_day" else None
    return None if at is None or (until is not None and at > until) else at


def numbers_of(
    campaign: Document, carriers: Sequence[Document], *, livekit: bool
) -> tuple[list[OurNumber], Blocked | None]:
    """The numbers that could ring, or why there are none: synced carriers whose way of ringing is configured (N3)."""
    known = known_numbers(campaign.get("number_pool") or (), carriers)
    ready = [
        number
        for number in known
        if number.carrier.get("originate") == "websocket_carrier"
        or (livekit and number.carrier.get("lk_sync_status") == "synced")
    ]
    if ready:
        return ready, None
    over_livekit = known and all(number.carrier.get("originate") == "livekit_sip" for number in known)
    return [], "livekit_not_configured" if over_livekit and not livekit else "numbers_busy"


@dataclass
class Turns:
    """Who was served when: the longest not served comes first, then by id (P3)."""

    served: dict[str, int] = field(default_factory=dict[str, int])
    turn: int = 0

    def order(self, ids: Sequence[str]) -> list[str]:
        return sorted(ids, key=lambda one: (self.served.get(one, 0), one))

    def serve(self, campaign_id: str) -> None:
        self.served[campaign_id] = self.turn
