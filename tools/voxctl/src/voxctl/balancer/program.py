"""The HAProxy program: found, new enough, and asked whether a configuration is valid."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from voxctl.output import EXIT_PREFLIGHT, CommandError

OLDEST = (3, 0, 4)
"""`retry-on 429` came with it; an older one cannot look for the free seat."""
CHECK_WITHIN_S = 30


def haproxy_command(given: str = "") -> list[str]:
    """The command that runs HAProxy (`haproxy`, or `docker exec vox-lb haproxy`), if it is new enough.

    Raises: CommandError.
    """
    command = shlex.split(given or os.environ.get("VOX_HAPROXY", "") or "haproxy")
    try:
        said = subprocess.run([*command, "-v"], capture_output=True, text=True, timeout=CHECK_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise CommandError(
            f"`{command[0]}` does not run: install HAProxy 3.0.4 or newer, or name it in VOX_HAPROXY "
            "(in a container: docker exec vox-lb haproxy)",
            exit_code=EXIT_PREFLIGHT,
        ) from None
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said.stdout)
    version = tuple(int(part) for part in found.groups()) if found else (0, 0, 0)
    if version < OLDEST:
        raise CommandError(
            f"HAProxy {'.'.join(map(str, version))} is too old: `retry-on 429` came with 3.0.4; install 3.0.4 or newer",
            exit_code=EXIT_PREFLIGHT,
        )
    return command


def check_file(command: Sequence[str], path: Path) -> None:
    """`haproxy -c` on a file. Raises: CommandError with HAProxy's own words."""
    done = subprocess.run(
        [*command, "-c", "-f", str(path)], capture_output=True, text=True, timeout=CHECK_WITHIN_S, check=False
    )
    if done.returncode:
        alerts = [line.split(" : ", 1)[-1] for line in done.stderr.splitlines() if "[ALERT]" in line]
        raise CommandError(
            f"HAProxy refuses {path}: {'; '.join(alerts[:3]) or done.stderr[-300:]}", exit_code=EXIT_PREFLIGHT
        )
