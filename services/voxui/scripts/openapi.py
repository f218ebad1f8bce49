"""Writes voxbridge's description of its API to `openapi.json`, from which `npm run gen` makes the console's client."""

from __future__ import annotations

import json
from pathlib import Path

from voxbridge.app import create_app
from voxbridge.settings.environment import BridgeSettings

TARGET = Path(__file__).resolve().parents[1] / "openapi.json"


def description() -> str:
    """The document as text. Nothing is connected: a description needs no store, and these secrets open nothing."""
    settings = BridgeSettings(_env_file=None, jwt_secret="j" * 40, settings_encryption_key="k", voxcore_secret="s")
    return json.dumps(create_app(settings).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(description(), encoding="utf-8")
