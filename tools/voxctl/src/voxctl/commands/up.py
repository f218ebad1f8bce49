"""`vox up`: the embedded stack."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import Parameter

from voxctl.output import Output
from voxctl.settings import VoxctlSettings
from voxctl.up.run import UpOptions
from voxctl.up.run import up as run_up


def up(
    *,
    workers: int | None = None,
    call: bool = True,
    persona: str = "friendly",
    once: Annotated[bool, Parameter(negative=())] = False,
    campaign: Annotated[bool, Parameter(negative=())] = False,
    port_offset: int | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Start the whole of Vox on this machine, place one call to the demo bot, stay up until Ctrl-C.

    Parameters
    ----------
    workers
        Call workers; each carries one call (VOX_WORKERS, 2).
    call
        Place the demo call.
    persona
        Who calls the demo bot.
    once
        Leave after the call: 0 when it went well, 1 when not.
    campaign
        Run the demo campaign after the call, and show it until it is over.
    port_offset
        Added to every port, for a second stack here (VOX_PORT_OFFSET, 0).
    json
        JSON lines instead of text.
    """
    given = {"vox_workers": workers, "vox_port_offset": port_offset}
    settings = VoxctlSettings.load(**{name: value for name, value in given.items() if value is not None})
    options = UpOptions(settings.vox_workers, settings.vox_port_offset, call, once, campaign, persona)
    return asyncio.run(run_up(settings, options, Output(as_json=json)))
