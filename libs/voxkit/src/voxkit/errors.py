"""Errors of Vox: a type that knows its wire code, its HTTP status and whether a repeat can help.

Services raise these and no HTTP exception; `voxkit.web` turns them into `{"error": code, "message": text}`.
"""

from typing import Any, ClassVar


class VoxError(Exception):
    """Base of every expected error.

    `code` is the stable name on the wire, `status` the HTTP status, `retryable` whether the same request may succeed
    later without a change. `extra` adds keys to the error body, `headers` adds response headers.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        status: int | None = None,
        detail: Any = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)
        self.message = str(self)
        self.wire_code = code or self.code
        self.http_status = status or self.status
        self.detail = detail
        self.extra = extra or {}
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The wire form without `detail`: `{"error": …, "message": …, **extra}`."""
        return {"error": self.wire_code, "message": self.message, **self.extra}


class BadRequest(VoxError):
    """The request is malformed."""

    code, status = "bad_request", 400


class Unauthorized(VoxError):
    """Credentials are missing or not valid."""

    code, status = "unauthorized", 401


class Forbidden(VoxError):
    """The credentials do not allow this."""

    code, status = "forbidden", 403


class NotFound(VoxError):
    """There is no such thing here."""

    code, status = "not_found", 404


class Conflict(VoxError):
    """The state does not allow this."""

    code, status = "conflict", 409


class TooLarge(VoxError):
    """The body is too large."""

    code, status = "too_large", 413


class Invalid(VoxError):
    """A value is not valid."""

    code, status = "validation_failed", 422


class RateLimited(VoxError):
    """Too many requests; wait and try again."""

    code, status, retryable = "rate_limited", 429, True


class AtCapacity(VoxError):
    """At capacity"""

    code, status, retryable = "at_capacity", 429, True


class StaleReservation(VoxError):
    """The reservation is no longer valid; reserve again."""

    code, status = "stale_reservation", 409


class Upstream(VoxError):
    """A service behind this one failed."""

    code, status, retryable = "upstream_failed", 502, True


class Unavailable(VoxError):
    """A part that this needs is away."""

    code, status, retryable = "unavailable", 503, True


class StoreUnavailable(Unavailable):
    """The database is away; try again."""

    code = "store_unavailable"


class ConfigurationError(Exception):
    """A setting is missing or wrong: one line that says what and how to mend it. The process exits with 1."""
