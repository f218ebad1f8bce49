"""How every wire shape behaves: unknown fields are ignored, because two image versions talk during a deploy."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, StringConstraints

from voxkit.clock import iso

BOT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class WireModel(BaseModel):
    """Readers ignore fields they do not know; writers never rename one."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, protected_namespaces=())


def _as_utc(value: datetime) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:  # the first and the last hours of the calendar
        raise ValueError("is out of the range of times") from None


UtcTime = Annotated[datetime, AfterValidator(_as_utc), PlainSerializer(iso, return_type=str, when_used="json")]
"""A time: aware UTC inside, `2026-01-31T09:15:02.123Z` in JSON."""

BotId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
WorkerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]
