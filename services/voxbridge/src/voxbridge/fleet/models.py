"""Shapes of the fleet on the wire."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class FleetHost(BaseModel):
    """One worker host as its last probe told; numbers are 0 while it is unreachable."""

    url: str
    status: Literal["healthy", "unreachable"]
    total_capacity: int = 0
    total_available: int = 0
    worker_calls: int = 0
    workers: int = Field(0, description="Worker processes that answered there.")
    draining: bool = Field(False, description="Every worker of the host is draining.")


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
    source: Literal["registry", "poll"]
    workers: list[FleetHost]
    seats: list[dict[str, Any]] = Field(default_factory=list)
    fleet: dict[str, Any] | None = None
