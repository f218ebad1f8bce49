"""`vox smoke`: does the running stack work from end to end?"""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import httpx
from cyclopts import Parameter

from voxctl.api import Bridge, credentials
from voxctl.output import EXIT_DONE, EXIT_FAILED, CommandError, Output, escape
from voxctl.settings import VoxctlSettings
from voxctl.smoke import LEFT_OUT, STEPS, Smoke, words_of
from voxctl.up.data import DataFolder, load_secrets
from voxctl.up.run import given_secrets


def smoke(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Check the running stack from end to end, one line a step. Exit code 1 when a step fails.

    Parameters
    ----------
    json
        JSON lines instead of text.
    """
    return asyncio.run(_smoke(VoxctlSettings.load(), Output(as_json=json)))


async def _smoke(settings: VoxctlSettings, output: Output) -> int:
    data = DataFolder(settings.data_dir)
    stack = data.read_stack()
    if stack is None:
        raise CommandError(f"no stack runs with {data.root}: start one with `vox up`, or name its folder: VOX_DATA_DIR")
    email, password = credentials(settings)
    secret = load_secrets(data, given_secrets(settings))["VOXCORE_SECRET"].split(",")[0].strip()
    async with (
        Bridge(str(stack["api_url"]), email, password) as bridge,
        httpx.AsyncClient(timeout=10, trust_env=False) as http,
    ):
        run = Smoke(stack, data, bridge, email, secret, http)
        try:
            return await _all_steps(run, output)
        finally:
            if run.bot_id:
                await bridge.delete(f"/bots/{run.bot_id}")


async def _all_steps(run: Smoke, output: Output) -> int:
    for step in STEPS:
        began = time.monotonic()
        try:
            saw = await step.run(run)
        except (CommandError, httpx.HTTPError) as error:
            lines = words_of(run, step.service)
            output.emit(
                "smoke.failed",
                f"[red]✗[/] {step.number:>2}  {step.title}: {escape(str(error) or type(error).__name__)}\n"
                f"[dim]last {len(lines)} lines of {step.service}:[/]\n" + escape("\n".join(lines)),
                step=step.number,
                title=step.title,
                message=str(error),
                service=step.service,
                log=lines,
            )
            return EXIT_FAILED
        seconds = time.monotonic() - began
        output.emit(
            "smoke.passed",
            f"[green]✓[/] {step.number:>2}  {step.title}  [dim]{escape(saw)}, {seconds:.1f} s[/]",
            step=step.number,
            title=step.title,
            saw=saw,
            seconds=round(seconds, 3),
        )
    for number, why in LEFT_OUT.items():
        output.emit("smoke.left_out", f"[dim]- {number:>2}  left out: {why}[/]", step=number, why=why)
    return EXIT_DONE
