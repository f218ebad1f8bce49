"""Shapes of the capacity registry's API. Times are Unix milliseconds of its store's clock (`…_ms`)."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from voxkit.contracts.base import UtcTime, WireModel, WorkerId

Priority = Literal["inbound", "callback", "outbound", "test"]
SeatPhase = Literal["starting", "idle", "reserved", "busy", "wrapping"]
SeatState = Literal["starting", "idle", "reserved", "busy", "wrapping", "draining", "lost"]
ReservationState = Literal["waiting", "held", "confirmed", "active", "ended", "released", "expired"]
ReplaceReason = Literal["refused", "unreachable", "timeout"]
HeartbeatStatus = Literal[200, 409]

Pool = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
HostId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]
ClientName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]
CampaignId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ReservationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$")]
InstanceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Selector = Annotated[
    str, StringConstraints(pattern=r"^(pool|worker:[a-z0-9-]{1,48}|host:[a-z0-9-]{1,48}|tag:[A-Za-z0-9._-]{1,128})$")
]
# Below 10^14 a number passes through the store without rounding.
Count = Annotated[int, Field(ge=0, lt=100_000_000_000_000)]
MOST = 1_000_000
"""Units in a quota at most."""
Short = Annotated[str, StringConstraints(max_length=128)]
Url = Annotated[str, StringConstraints(max_length=512)]


# --- workers ---------------------------------------------------------------------------------------------------------


class Heartbeat(WireModel):
    """`PUT /v1/workers/{worker_id}`: everything a worker knows of itself. One beat is the full truth."""

    worker_id: WorkerId
    instance_id: InstanceId = Field(description="New at every boot.")
    seq: Count = Field(description="Rises with every beat of this instance; an older one changes nothing.")
    host_id: HostId
    lb_url: Url = Field(description="Where callers reach the host's balancer.")
    direct_url: Url = Field(description="Where the registry reaches this one seat.")
    image_tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,128}$")] = ""
    version: Short = ""
    phase: SeatPhase
    draining: bool = False
    call_id: Short | None = None
    session_id: Short | None = None
    reservation_id: ReservationId | None = None
    bot_id: Short | None = None
    campaign_id: CampaignId | None = None
    epoch: Count
    outbox_pending: Count = 0
    protocols: list[Short] = Field(default_factory=list[str], max_length=32)
    pool: Pool | None = Field(default=None, description="Wins over `?pool=`; neither: `default`.")
    client: ClientName | None = Field(default=None, description="Counts a call without a reservation; null = `direct`.")


class WorkerBeat(Heartbeat):
    """A heartbeat as a worker writes it: with what people read in a capture and the registry does not need."""

    pid: int
    started_at: UtcTime
    state: SeatState
    call_started_at: UtcTime | None = None
    capacity: Literal[1] = 1


class HeldReservation(WireModel):
    """The open reservation of a seat; has the effect of `POST /reserve` at the worker."""

    reservation_id: str
    fence: str
    deadline_ms: int


class HeartbeatReply(WireModel):
    """The answer to one beat. `now_ms` lets the worker learn the offset of its clock."""

    now_ms: int
    ttl_ms: int
    reservation: HeldReservation | None = None
    drain: bool = False
    generation: str = ""


class HeartbeatBatch(WireModel):
    """`PUT /v1/workers`: the beats of one host."""

    workers: list[Heartbeat] = Field(min_length=1, max_length=64)


class HeartbeatResult(WireModel):
    worker_id: str
    status: HeartbeatStatus
    reservation: HeldReservation | None = None
    drain: bool = False


class HeartbeatResults(WireModel):
    now_ms: int
    ttl_ms: int
    generation: str = ""
    results: list[HeartbeatResult]


class SeatView(WireModel):
    """One seat as an operator sees it."""

    worker_id: str
    host_id: str
    state: SeatState
    phase: SeatPhase
    draining: bool
    image_tag: str
    call_id: str | None = None
    session_id: str | None = None
    bot_id: str | None = None
    reservation_id: str | None = None
    client: str | None = None
    campaign: str | None = None
    since_ms: int
    age_ms: int = Field(description="Since the last heartbeat, milliseconds.")
    epoch: int
    outbox_pending: int


class SeatPage(WireModel):
    items: list[SeatView]
    cursor: str | None = Field(default=None, description="Ask on with it; null = that was the last page.")


# --- reservations ----------------------------------------------------------------------------------------------------


class Need(WireModel):
    """What a seat must have; absent = anything."""

    protocols: list[Short] | None = Field(default=None, max_length=32)
    host_id: HostId | None = None
    worker_id: WorkerId | None = None
    image_tag: Short | None = None
    exclude_workers: list[WorkerId] | None = Field(default=None, max_length=64)
    exclude_hosts: list[HostId] | None = Field(default=None, max_length=64)


class ReserveRequest(WireModel):
    """`PUT /v1/reservations/{id}`. The same id with the same body may be sent again at any time."""

    client: ClientName
    campaign: CampaignId | None = None
    priority: Priority = "outbound"
    hold_ms: int = Field(default=15_000, ge=1000, le=180_000, description="From the grant to the start, milliseconds.")
    wait_ms: int = Field(default=0, ge=0, le=60_000, description="In the queue at most, milliseconds; 0 = do not wait.")
    need: Need | None = None
    allow_draining: bool = Field(default=False, description="Operators only: a draining seat will do.")


class ReservationView(WireModel):
    """A reservation in any state. `fence`, `deadline_ms` and the seat's fields stand with `held` and `confirmed`.

    `position`, `waiting`, `eta_ms` and `queue_deadline_ms` stand with `waiting`; `reason` with what is over.
    """

    reservation_id: str
    state: ReservationState
    pool: str = "default"
    now_ms: int
    generation: str
    reason: str | None = None
    worker_id: str | None = None
    host_id: str | None = None
    lb_url: str | None = None
    direct_url: str | None = None
    image_tag: str | None = None
    epoch: int | None = None
    fence: str | None = None
    deadline_ms: int | None = None
    expires_in_ms: int | None = None
    call_id: str | None = None
    position: int | None = None
    waiting: int | None = None
    eta_ms: int | None = None
    queue_deadline_ms: int | None = None


class ConfirmRequest(WireModel):
    """The seat named here answered 200 to the start."""

    worker_id: WorkerId
    epoch: Count
    call_id: Short | None = None


class ExtendRequest(WireModel):
    hold_ms: int = Field(ge=1000, le=180_000)


class ReplaceRequest(WireModel):
    """The seat named here did not take the start; another one, please."""

    worker_id: WorkerId
    epoch: Count
    reason: ReplaceReason


class ReleaseReply(WireModel):
    state: Literal["released", "active", "ended", "expired", "unknown"]


# --- operators -------------------------------------------------------------------------------------------------------


class DrainRequest(WireModel):
    selector: Selector
    reason: str = Field(default="", max_length=256)
    by: str = Field(default="", max_length=128)


class DrainReply(WireModel):
    selector: str
    seats: int


class DrainView(WireModel):
    """A drain and how far it is. `drained` seats are safe to replace; `eta_ms` is null under 20 known call lengths."""

    selector: str
    reason: str
    by: str
    since_ms: int
    seats: int
    free_of_calls: int
    drained: int
    busy: int
    oldest_call_ms: int | None = None
    eta_ms: int | None = None


class CampaignQuota(WireModel):
    max: int | None = Field(default=None, ge=0, le=MOST, description="Units at most; null = no cap.")
    min: int = Field(default=0, ge=0, le=MOST, description="Units kept for it.")


class CampaignQuotaPatch(WireModel):
    """An absent field stays as it is."""

    max: int | None = Field(default=None, ge=0, le=MOST)
    min: int | None = Field(default=None, ge=0, le=MOST)


class Quota(WireModel):
    """The limits of one client."""

    max: int | None = Field(default=None, ge=0, le=MOST, description="Units at most; null = no cap.")
    min: int = Field(default=0, ge=0, le=MOST, description="Units kept for it.")
    weight: int = Field(default=1, ge=1, le=100, description="Share of the queue against other clients.")
    campaigns: dict[CampaignId, CampaignQuota] = Field(default_factory=dict, max_length=200)


class ClientQuota(Quota):
    client: ClientName


class CampaignQuotaView(CampaignQuota):
    used: int = 0


class QuotaView(WireModel):
    client: str
    max: int | None = None
    min: int = 0
    weight: int = 1
    used: int = 0
    campaigns: dict[str, CampaignQuotaView] = Field(default_factory=dict)


class Quotas(WireModel):
    items: list[QuotaView]
    overcommitted: bool = Field(description="More is kept than there are seats.")


class HostView(WireModel):
    host_id: str
    lb_url: str
    seats: int
    free: int
    busy: int
    draining: int
    tags: dict[str, int]


class FleetView(WireModel):
    """`GET /v1/fleet`. `free` = seats that a reserve could be given now."""

    pool: str
    generation: str
    status: Literal["ok", "rebuilding"]
    now_ms: int = 0
    seats: int
    free: int
    idle: int
    reserved: int
    busy: int
    wrapping: int
    starting: int
    draining: int
    lost: int
    waiting: int
    waiting_by: dict[str, int]
    longest_wait_ms: int
    refusals: dict[str, int] = Field(description="Of the last full minute, by reason.")
    hosts: list[HostView] = Field(default_factory=list[HostView])


class ScaleView(WireModel):
    """For an autoscaler: never a low number in doubt."""

    desired: int
    seats: int
    free: int
    waiting: int
    needed: int


class CheckView(WireModel):
    ok: bool
    findings: list[str]


class RegistryEvent(WireModel):
    """One event of `GET /v1/events`. `data` holds ids only."""

    id: str
    event: str
    data: dict[str, Any] = Field(default_factory=dict)
