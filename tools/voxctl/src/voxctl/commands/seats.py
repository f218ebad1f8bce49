"""`vox seats N`: this process becomes the parent of N forked workers."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Annotated

from cyclopts import Parameter, validators

from voxctl.output import CommandError


def seats(count: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=512))], /) -> int:
    """Run N call workers forked from one preloaded parent, in the foreground.

    Settings come from the environment as for one worker; SIGTERM drains all, Ctrl-C ends their calls.

    Parameters
    ----------
    count
        Workers; seat k listens on VOXCORE_PORT + k - 1.
    """
    if importlib.util.find_spec("voxcore") is None:
        raise CommandError("voxcore is not installed here: run `make install`")
    os.environ["SEATS"] = str(count)
    sys.stdout.flush()
    # Become the parent: signals and the exit code are then its own.
    os.execv(sys.executable, [sys.executable, "-m", "voxcore.seats"])  # noqa: S606  (no shell is wanted)
