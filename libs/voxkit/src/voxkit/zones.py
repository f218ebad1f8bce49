"""Time zones by their IANA names."""

from zoneinfo import ZoneInfo


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None
