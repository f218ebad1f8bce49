"""The audit file of a host: one JSON line an action, each with the hash of the line before it. It holds no secret."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from voxkit.clock import utc_now


def record(path: Path, action: str, *, result: str, **facts: Any) -> None:
    """Append one line. Two at once write one after the other, so that the chain holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines = file.read().splitlines()
        line = {
            "ts": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "id": os.urandom(6).hex(),
            "who": os.environ.get("VOX_ACTOR") or getpass.getuser(),
            "env": os.environ.get("VOX_ENV", "development"),
            "action": action,
            "result": result,
            **facts,
            "prev": hashlib.sha256(lines[-1]).hexdigest() if lines else "",
        }
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def broken_at(path: Path) -> int | None:
    """`broken_in` of a file."""
    return broken_in(path.read_bytes())


def broken_in(text: bytes) -> int | None:
    """Number of the first line (from 1 on) that does not name the hash of the line before; None: the chain holds."""
    before = ""
    for number, raw in enumerate(text.splitlines(), 1):
        try:
            named = json.loads(raw).get("prev")
        except (ValueError, AttributeError):
            return number
        if named != before:
            return number
        before = hashlib.sha256(raw).hexdigest()
    return None
