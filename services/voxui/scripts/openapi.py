"""Writes voxbridge's description of its API to `openapi.json`, from which `npm run gen` makes the console's client."""

from __future__ import annotations

import json
from pathlib import Path

from voxbridge.app import description

TARGET = Path(__file__).resolve().parents[1] / "openapi.json"


def text() -> str:
    """What the file says while it is of today."""
    return json.dumps(description(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
