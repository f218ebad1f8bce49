"""The dated figures of a bench."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from voxkit.clock import iso


def write(folder: Path, bench: str, kind: str, at: datetime, figures: Mapping[str, Any]) -> Path:
    """`<bench>-<kind><time>.json` in `folder`, with the machine beside the figures; says where it lies."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    report = {"bench": bench, "at": iso(at), "machine": machine, **figures}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{bench}-{kind}{at:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(path)
    return path
