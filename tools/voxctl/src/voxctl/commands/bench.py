"""`vox bench WHAT`: runs a script of `bench/`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

from cyclopts import Parameter

from voxctl.checkout import checkout
from voxctl.output import CommandError

SCRIPTS = {"deploy": "deploy_soak"}
"""Where the figure's name is not the script's."""


def bench(
    what: str,
    /,
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True)],
) -> int:
    """Measure, and write dated JSON to bench/results/.

    Parameters
    ----------
    what
        A script of bench/: call, registry, haproxy and others.
    arguments
        Passed on to the script; its own help: vox bench call -- --help
    """
    folder = checkout() / "bench"
    script = folder / f"{SCRIPTS.get(what, what)}.py"
    if not what.isidentifier() or not script.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")))
        raise CommandError(f"there is no bench '{what}' in {folder}; there are: {known or 'none yet'}")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(script), *arguments])  # noqa: S606  (no shell is wanted)
