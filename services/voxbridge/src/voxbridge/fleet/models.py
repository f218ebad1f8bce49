"""Shapes of the fleet on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from voxkit.contracts.registry import ClientQuota, DrainReply, DrainView, FleetView, QuotaView, SeatView, Selector

from voxbridge.models import StrictModel


class FleetHost(BaseModel):
    """One worker host as its last probe or the registry told; numbers are 0 while it is unreachable."""

    url: str
    status: Literal["healthy", "unreachable"]
    total_capacity: int = 0
    total_available: int = 0
    worker_calls: int = 0
    workers: int = Field(default=0, description="Worker processes that answered there.")
    draining: bool = Field(default=False, description="Every worker of the host is draining.")


class FleetStatus(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "total_capacity": 4, "active_calls": 1, "available": 3, "source": "poll", "seats": [], "fleet": None,
            "workers": [{"url": "http://core-1:8000", "status": "healthy", "total_capacity": 4, "total_available": 3,
                         "worker_calls": 1, "workers": 4, "draining": False}],
        }]}
    )  # fmt: skip

    total_capacity: int
    active_calls: int
    available: int
    source: Literal["registry", "poll"] = Field(description="Where the figures come from.")
    workers: list[FleetHost]
    seats: list[SeatView] = Field(default_factory=list, description="Every seat, while the registry answers.")
    fleet: FleetView | None = Field(default=None, description="The registry's figures; those of several pools summed.")


class DrainBody(StrictModel):
    """Grant none of these seats from now on; calls that run end by themselves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"selector": "host:fleet1", "reason": "new image"}]})

    selector: Selector = Field(description="`worker:{id}`, `host:{id}`, `tag:{image_tag}` or `pool`.")
    reason: str = Field(default="", max_length=256)


class UndrainBody(StrictModel):
    """Lift exactly this drain."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"selector": "host:fleet1"}]})

    selector: Selector


class QuotaBody(StrictModel, ClientQuota):
    """The whole limits of one client: what is left out is back at its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"client": "main", "max": 40, "min": 10, "weight": 2, "campaigns": {"spring": {"max": 20, "min": 2}}}
            ]
        }
    )


class DrainDone(DrainReply):
    """`seats`: how many the drain holds, or held until it was lifted."""


class DrainShown(DrainView):
    pool: str


class QuotaShown(QuotaView):
    pool: str


class QuotasShown(BaseModel):
    """Limits are per pool."""

    items: list[QuotaShown]
    overcommitted: bool = Field(description="In some pool more is kept than there are seats.")
