"""`vox smoke`: does the running stack work from end to end?"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
from cyclopts import Parameter

from voxctl.api import Bridge, credentials
from voxctl.checkout import checkout
from voxctl.compose import Compose, ComposeLogs
from voxctl.logs import FileLogs, Logs
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, CommandError, Output, escape
from voxctl.settings import ImageSettings, VoxctlSettings
from voxctl.smoke import STEPS, WORKER, Smoke
from voxctl.up.data import DataFolder, load_secrets
from voxctl.up.run import given_secrets

LAST_LINES = 50


def smoke(
    *,
    compose: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Check the running stack from end to end, one line a step. Exit code 1 when a step fails.

    Parameters
    ----------
    compose
        The stack of compose.yaml in place of the one of `vox up`. Stops and starts voxbridge and the worker.
    json
        JSON lines instead of text.
    """
    settings, output = VoxctlSettings.load(), Output(as_json=json)
    if compose:
        return asyncio.run(_smoke_compose(settings, output))
    return asyncio.run(_smoke_embedded(settings, output))


async def _smoke_embedded(settings: VoxctlSettings, output: Output) -> int:
    data = DataFolder(settings.data_dir)
    stack = data.read_stack()
    if stack is None:
        raise CommandError(f"no stack runs with {data.root}: start one with `vox up`, or name its folder: VOX_DATA_DIR")
    known = load_secrets(data, given_secrets(settings))
    return await _smoke(stack, data.root, FileLogs(data.logs), None, credentials(settings), known, output)


async def _smoke_compose(settings: VoxctlSettings, output: Output) -> int:
    if not settings.voxcore_secret:
        raise CommandError("VOXCORE_SECRET is not set: run this where the stack's .env is", exit_code=EXIT_PREFLIGHT)
    project = Compose(checkout(), ImageSettings.load().vox_standins)
    stack = project.stack()
    who = project.admin(settings.first_admin_email, settings.first_admin_password)
    with tempfile.TemporaryDirectory(prefix="vox-smoke-") as folder:
        logs = ComposeLogs(project)
        known = {"VOXCORE_SECRET": settings.voxcore_secret, "VOXPHONE_API_TOKEN": settings.voxphone_api_token}
        return await _smoke(stack, Path(folder), logs, project, who, known, output)


async def _smoke(
    stack: dict[str, Any],
    folder: Path,
    logs: Logs,
    compose: Compose | None,
    who: tuple[str, str],
    secrets: Mapping[str, str],
    output: Output,
) -> int:
    async with (
        Bridge(str(stack["api_url"]), *who) as bridge,
        httpx.AsyncClient(timeout=10, trust_env=False) as http,
    ):
        secret = secrets["VOXCORE_SECRET"].split(",")[0].strip()
        run = Smoke(stack, folder, logs, compose, bridge, who[0], secret, http, secrets["VOXPHONE_API_TOKEN"])
        try:
            return await _all_steps(run, output)
        finally:
            if run.bot_id:
                await bridge.delete(f"/bots/{run.bot_id}")


async def _all_steps(run: Smoke, output: Output) -> int:
    left_out: dict[int, str] = {}
    for step in STEPS:
        if why := step.left_out(run):
            left_out[step.number] = why
            continue
        began = time.monotonic()
        try:
            saw = await step.run(run)
        except (CommandError, httpx.HTTPError) as error:
            service = run.stack["worker"] if step.service == WORKER else step.service
            lines = run.logs.last(service, LAST_LINES)
            output.emit(
                "smoke.failed",
                f"[red]✗[/] {step.number:>2}  {step.title}: {escape(str(error) or type(error).__name__)}\n"
                f"[dim]last {len(lines)} lines of {service}:[/]\n" + escape("\n".join(lines)),
                step=step.number,
                title=step.title,
                message=str(error),
                service=service,
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
    for number, why in sorted(left_out.items()):
        output.emit("smoke.left_out", f"[dim]- {number:>2}  left out: {why}[/]", step=number, why=why)
    return EXIT_DONE
