"""What a backup says of itself, and which of many backups are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

STAMP = "%Y%m%dT%H%M%SZ"
MANIFEST = "manifest.json"
DAILY, WEEKLY, MONTHLY = 7, 5, 12


class Dumped(BaseModel):
    """One collection. `sha256` and `bytes` are of the encrypted file, `indexes` as `index_information` gives them."""

    model_config = ConfigDict(extra="forbid")

    file: str
    count: int
    bytes: int
    sha256: str
    indexes: dict[str, Any]


class Manifest(BaseModel):
    """One backup."""

    model_config = ConfigDict(extra="forbid")

    created: datetime
    database: str
    schema_version: int
    snapshot: bool
    """Whether all collections are of one moment: only a replica set can say that."""
    collections: dict[str, Dumped]


def stamps_of(names: Iterable[str]) -> list[str]:
    """Stamps of whole backups, oldest first: the manifest is written last, so one without is not whole."""
    return sorted(name.split("/")[0] for name in names if name.endswith(f"/{MANIFEST}"))


def outdated(stamps: Iterable[str]) -> list[str]:
    """Stamps that are in none of: the newest of 7 days, of 5 weeks, of 12 months. The newest of all always stays."""
    newest_first = sorted(stamps, reverse=True)
    kept: set[str] = set(newest_first[:1])
    for form, most in (("%Y-%m-%d", DAILY), ("%G-%V", WEEKLY), ("%Y-%m", MONTHLY)):
        seen: dict[str, str] = {}
        for stamp in newest_first:
            moment = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
            seen.setdefault(moment.strftime(form), stamp)
        kept |= set(list(seen.values())[:most])
    return sorted(set(newest_first) - kept)
