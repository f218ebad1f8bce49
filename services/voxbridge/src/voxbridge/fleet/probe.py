"""What a host's answer to `/health/fleet` says. Pure: bytes in, a host out."""

from __future__ import annotations

import json
from typing import Any

from voxbridge.fleet.models import FleetHost


def read_answer(url: str, status: int, body: bytes) -> FleetHost:
    """A healthy host only when every field is as agreed; anything else is unreachable, never half believed."""
    away = FleetHost(url=url, status="unreachable")
    if not 200 <= status < 300:
        return away
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return away
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        return away
    numbers: list[Any] = [answer.get(key) for key in ("fleet_max", "fleet_available", "fleet_calls")]
    # bool is an int in Python, and no number here.
    if not all(type(number) is int for number in numbers):
        return away
    most, free, calls = numbers
    if most < 0 or calls < 0 or not 0 <= free <= most or not isinstance(answer.get("workers"), list):
        return away
    states = [
        worker.get("state")
        for worker in answer["workers"]
        if isinstance(worker, dict) and worker.get("status") != "unreachable"
    ]
    return FleetHost(
        url=url,
        status="healthy",
        total_capacity=most,
        total_available=free,
        worker_calls=calls,
        workers=len(states),
        draining=bool(states) and all(state == "draining" for state in states),
    )
