"""Analytics on the wire. Shares are 0 to 1, null where nothing is to be divided by; times are in UTC."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from voxkit.contracts.base import UtcTime

from voxbridge.analytics.periods import Interval

_FIGURES = {
    "total_calls": 1280, "connected_calls": 840, "connect_rate": 0.66, "failed_calls": 90, "voicemail_calls": 110,
    "transferred_calls": 41, "total_minutes": 1630.5, "avg_duration_seconds": 104.2, "avg_response_ms": 812,
    "p95_response_ms": 1340,
}  # fmt: skip
_RANGE = {"from": "2026-06-05T00:00:00.000Z", "to": "2026-06-06T00:00:00.000Z", "timezone": "UTC"}


class Figures(BaseModel):
    total_calls: int
    connected_calls: int = Field(description="Calls in which both sides spoke.")
    connect_rate: float | None = Field(description="Of the calls that ended.")
    failed_calls: int
    voicemail_calls: int
    transferred_calls: int
    total_minutes: float
    avg_duration_seconds: float | None = Field(description="Of the connected calls.")
    avg_response_ms: int | None
    p95_response_ms: int | None = Field(description="Of the calls' average response times.")


class FleetFigures(BaseModel):
    total_capacity: int
    active_calls: int
    available: int


class Overview(Figures):
    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={"examples": [{
            **_RANGE, **_FIGURES, "active_calls": 3, "running_campaigns": 1,
            "fleet": {"total_capacity": 8, "active_calls": 3, "available": 5}, "previous": _FIGURES,
        }]},
    )  # fmt: skip
    from_: UtcTime = Field(alias="from")
    to: UtcTime
    timezone: str
    active_calls: int = Field(description="Calls that have begun and not ended, of these bots and campaigns.")
    running_campaigns: int
    fleet: FleetFigures | None = Field(description="null: it gave no answer in time.")
    previous: Figures = Field(description="The period before, as long as this one has lasted so far.")


class CallBucket(BaseModel):
    start: UtcTime
    calls: int
    connected: int
    failed: int
    avg_duration_seconds: float | None


class CallsOverTime(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{
        "timezone": "UTC", "interval": "hour",
        "buckets": [{"start": _RANGE["from"], "calls": 12, "connected": 8, "failed": 1, "avg_duration_seconds": 96.0}],
    }]})  # fmt: skip
    timezone: str
    interval: Interval
    buckets: list[CallBucket] = Field(description="Every hour or day of the range, the empty ones included.")


class DispositionCount(BaseModel):
    disposition: str = Field(description="`none`: the calls have none.")
    count: int
    share: float


class Dispositions(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{"disposition": "Order Status", "count": 412, "share": 0.32}]}]}
    )
    items: list[DispositionCount] = Field(description="Most frequent first.")


class DisconnectReasonCount(BaseModel):
    disconnected_by: str
    count: int
    share: float


class DisconnectReasons(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [{"disconnected_by": "customer", "count": 700, "share": 0.55}]}]}
    )
    items: list[DisconnectReasonCount]


class LatencyBucket(BaseModel):
    start: UtcTime
    p50_ms: int | None
    p95_ms: int | None
    calls: int = Field(description="Calls with a measured response time.")


class LatencyOverTime(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{
        "timezone": "UTC", "interval": "hour",
        "buckets": [{"start": _RANGE["from"], "p50_ms": 780, "p95_ms": 1290, "calls": 10}],
    }]})  # fmt: skip
    timezone: str
    interval: Interval
    buckets: list[LatencyBucket]
