"""Time as Vox writes it: UTC, milliseconds, `Z`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Aware UTC time cut to milliseconds, the resolution of the store."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def iso(value: datetime) -> str:
    """`2026-01-31T09:15:02.123Z`; a naive value is taken as UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{aware.microsecond // 1000:03d}Z"


def parse_iso(text: str) -> datetime:
    """Aware UTC time from ISO 8601. Raises ValueError."""
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
