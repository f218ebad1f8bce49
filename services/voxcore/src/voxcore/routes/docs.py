"""What the API's description says of errors and of the secret."""

from typing import Any

from fastapi import Security
from fastapi.security import APIKeyHeader
from voxkit.contracts.errors import ErrorBody
from voxkit.secrets import SECRET_HEADER

# For the description only; `Gate` has looked before any route runs.
SECRET = Security(APIKeyHeader(name=SECRET_HEADER, scheme_name="secret", auto_error=False))

_EXAMPLES: dict[int, tuple[str, dict[str, str]]] = {
    400: ("bad key", {"error": "bad_key", "message": "A recording key looks like session-1.wav."}),
    403: ("refused", {"error": "forbidden", "message": "The header X-VoxCore-Secret is missing or wrong."}),
    404: ("not here", {"error": "not_found", "message": "There is no such recording here."}),
    409: ("meant for another worker", {"error": "stale_reservation", "message": "Reserve again."}),
    413: ("too large", {"error": "too_large", "message": "The body is larger than 65536 bytes."}),
    416: ("range outside the recording", {"error": "range_not_satisfiable", "message": "The recording has 44 bytes."}),
    422: ("not valid", {"error": "invalid_request", "message": "The request is not valid."}),
    429: ("no slot", {"error": "at_capacity", "message": "At capacity"}),
    503: ("not configured", {"error": "livekit_not_configured", "message": "LiveKit is not configured."}),
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route for these error statuses."""
    return {
        status: {
            "model": ErrorBody,
            "description": _EXAMPLES[status][0],
            "content": {"application/json": {"example": _EXAMPLES[status][1]}},
        }
        for status in statuses
    }
