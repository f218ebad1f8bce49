"""A caller that starts a call twice, or gives up too early, because an error promised the wrong thing."""

from __future__ import annotations

import pytest
from voxkit.errors import VoxError
from voxkit.registry import (
    QueueFull,
    QueueTimeout,
    QuotaExceeded,
    RegistryAway,
    ReservationIdReused,
    ReservationOver,
    StartFailed,
    StartUnknown,
)

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("error", "code", "status", "retryable"),
    [
        (QuotaExceeded(), "quota_exceeded", 429, True),
        (QueueTimeout(), "queue_timeout", 429, True),
        (QueueFull(), "queue_full", 429, True),
        (RegistryAway(), "registry_unavailable", 503, True),
        (ReservationOver(), "reservation_over", 410, False),
        (ReservationIdReused(), "id_reused", 409, False),
        (StartUnknown(), "start_unknown", 502, False),
        (StartFailed(422, {"error": "invalid_bot"}), "invalid_bot", 422, False),
        (StartFailed(503, {}), "start_failed", 503, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, VoxError) else None,
)
def test_an_error_says_on_the_wire_what_it_is_and_whether_a_repeat_may_help(
    error: VoxError, code: str, status: int, retryable: bool
) -> None:
    assert (error.wire_code, error.http_status, error.retryable) == (code, status, retryable)
    assert error.message
