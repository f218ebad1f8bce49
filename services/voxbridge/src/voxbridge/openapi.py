"""What every route documents: the error body and its codes."""

from __future__ import annotations

from typing import Any

from voxkit.contracts.errors import ErrorBody

_TEXTS = {
    400: "Malformed request",
    401: "No valid credentials",
    403: "Not allowed",
    404: "No such thing",
    409: "The state does not allow it",
    413: "Body too large (`too_large`)",
    415: "Unsupported media type",
    416: "Range beyond the end",
    422: "Not valid (`validation_failed`)",
    429: "Too many requests (`rate_limited`, with `Retry-After`)",
    500: "Unexpected (`internal_error`)",
    502: "A service behind failed",
    503: "A part is away (`store_unavailable`)",
    504: "A service behind was too slow",
}


def responses(*further: int, gated: bool = True, entity: bool = False, body: bool = False) -> dict[int | str, Any]:
    """`responses=` of a route. Always 422, 500 and 503; `gated` adds 401 and 403, `entity` (a path with `{id}`) 404,
    `body` 413; `further` are the codes of its own."""
    codes = {422, 500, 503, *further}
    codes |= {401, 403} if gated else set()
    codes |= {404} if entity else set()
    codes |= {413} if body else set()
    return {code: {"model": ErrorBody, "description": _TEXTS[code]} for code in sorted(codes)}
