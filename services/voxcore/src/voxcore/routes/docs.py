"""What the API's description says of errors and of the secret."""

from typing import Any

from fastapi import Security
from fastapi.security import APIKeyHeader
from voxkit.contracts.errors import ErrorBody
from voxkit.secrets import SECRET_HEADER

# For the description only; `Gate` has looked before any route runs.
SECRET = Security(APIKeyHeader(name=SECRET_HEADER, scheme_name="secret", auto_error=False))

_EXAMPLES: dict[int, tuple[str, str, str]] = {
    400: ("bad key", "bad_key", "A recording key looks like session-1.wav."),
    403: ("refused", "forbidden", "The header X-VoxCore-Secret is missing or wrong."),
    404: ("not here", "not_found", "There is no such recording here."),
    409: (
        "meant for another worker, or the fence is not good",
        "stale_reservation",
        "The reservation has lapsed; reserve again.",
    ),
    413: ("too large", "too_large", "The body is larger than 65536 bytes."),
    416: ("range outside the recording", "range_not_satisfiable", "The recording has 44 bytes."),
    422: ("not valid", "invalid_request", "The request is not valid."),
    429: ("no slot", "at_capacity", "At capacity"),
    503: ("not configured", "livekit_not_configured", "LiveKit is not configured."),
}


def described(meaning: str, error: str, message: str) -> dict[str, Any]:
    """One entry of `responses=`: an error body and when it comes."""
    return {
        "model": ErrorBody,
        "description": meaning,
        "content": {"application/json": {"example": {"error": error, "message": message}}},
    }


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route for these error statuses."""
    return {status: described(*_EXAMPLES[status]) for status in statuses}
