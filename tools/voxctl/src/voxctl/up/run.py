"""`vox up`: from nothing to a working stack and one spoken call, and back to nothing on Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxctl.api import Bridge, credentials
from voxctl.campaign.demo import show_demo
from voxctl.checkout import find_checkout
from voxctl.embedded import EmbeddedServerError
from voxctl.loglines import readable
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, CommandError, Output, escape
from voxctl.settings import VoxctlSettings
from voxctl.spoken_call import SpokenCall, place_and_show
from voxctl.up.data import DataFolder, load_secrets
from voxctl.up.parts import Stack, build_parts, wanted_ports
from voxctl.up.ports import check_ports
from voxctl.up.supervisor import Part, PartFailed, Supervisor

STARTING = "Starting"


@dataclass(frozen=True)
class UpOptions:
    """What the command line asks for. `once`: leave after the call and the campaign, with 0 if all went well."""

    workers: int
    port_offset: int
    call: bool = True
    once: bool = False
    campaign: bool = False
    persona: str = "friendly"
    bot: str = "demo"


async def up(settings: VoxctlSettings, options: UpOptions, output: Output) -> int:
    """Run the embedded stack until a signal, a dead part, or (`once`) the end of the call. Returns the exit code.

    Raises: CommandError: something was wrong before anything was started.
    """
    data = DataFolder(settings.data_dir)
    data.prepare()
    with contextlib.closing(data.lock()):
        stack = Stack(
            settings,
            data,
            load_secrets(data, given_secrets(settings)),
            options.workers,
            options.port_offset,
            _ui_dist(),
        )
        try:
            parts, absent = build_parts(stack)
        except EmbeddedServerError as error:
            raise CommandError(str(error), exit_code=EXIT_PREFLIGHT) from None
        check_ports(wanted_ports(stack, parts))
        for server in (stack.mongodb, stack.valkey):
            if server:
                server.prepare()
        for name in absent:
            output.emit("part.absent", f"[dim]- {name:<14} not part of this release yet[/]", part=name)
        _set_old_logs_aside(data.logs)
        async with _supervised(parts, data, output) as (supervisor, stopping):
            return await _until_the_end(supervisor, stopping, stack, options, output)


async def _until_the_end(
    supervisor: Supervisor, stopping: asyncio.Event, stack: Stack, options: UpOptions, output: Output
) -> int:
    stop_wanted = asyncio.create_task(stopping.wait())
    started = time.monotonic()
    if not await _before(stop_wanted, _start(supervisor, output)):
        return EXIT_DONE
    _announce(stack, supervisor, time.monotonic() - started, output)
    watching = asyncio.create_task(supervisor.watch())
    try:
        well = True
        for show in _shows(supervisor, stack, options, output):
            task = asyncio.create_task(show)
            await asyncio.wait({stop_wanted, watching, task}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await _cancelled(task)
                break
            well = _went_well(task, output) and well
        if options.once and not stop_wanted.done() and not watching.done():
            return EXIT_DONE if well else EXIT_FAILED
        if not stop_wanted.done() and not watching.done():
            output.emit("stack.waiting", "\nThe stack stays up. [bold]Ctrl-C[/] ends it.")
        await asyncio.wait({stop_wanted, watching}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            await watching  # raises what ended it
        return EXIT_DONE
    finally:
        await _cancelled(watching)
        stop_wanted.cancel()


def _shows(
    supervisor: Supervisor, stack: Stack, options: UpOptions, output: Output
) -> Iterator[Coroutine[Any, Any, bool]]:
    """What comes once everything is up, one after the other: the call first, then what campaigns need."""
    if options.call:
        yield _first_call(stack, options, output)
    if options.campaign or not options.once:
        yield _late_parts(supervisor, stack)
        if stack.has_campaigns:
            yield _demo_campaign(stack, options, output)


async def _late_parts(supervisor: Supervisor, stack: Stack) -> bool:
    await supervisor.start_late()
    _write_stack(stack, supervisor)
    return True


async def _demo_campaign(stack: Stack, options: UpOptions, output: Output) -> bool:
    async with Bridge(f"{stack.bridge_url}/api/v1", *credentials(stack.settings)) as bridge:
        return await show_demo(bridge, output, start=options.campaign) == EXIT_DONE


async def _first_call(stack: Stack, options: UpOptions, output: Output) -> bool:
    spoken = SpokenCall(options.bot, options.persona, stack.voice_url, stack.data)
    async with Bridge(f"{stack.bridge_url}/api/v1", *credentials(stack.settings)) as bridge:
        return await place_and_show(spoken, bridge, output)


@contextlib.asynccontextmanager
async def _supervised(
    parts: list[Part], data: DataFolder, output: Output
) -> AsyncIterator[tuple[Supervisor, asyncio.Event]]:
    """A supervisor whose parts are all gone afterwards, and the event that a signal sets. A second signal kills."""

    def ready(part: Part, seconds: float) -> None:
        ms = round(seconds * 1000)
        output.emit(
            "part.ready",
            f"[green]✓[/] {part.name:<14} {part.port:<6} {ms:>6,} ms",
            part=part.name,
            port=part.port,
            ms=ms,
        )

    def renewed(part: Part) -> None:
        output.emit("part.renewed", f"[yellow]↻[/] {part.name:<14} drained, starting it again", part=part.name)

    supervisor = Supervisor(parts, data.logs, on_ready=ready, on_renewed=renewed)
    stopping = asyncio.Event()

    def on_signal() -> None:
        if stopping.is_set():
            supervisor.kill()
        stopping.set()

    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, on_signal)
    try:
        yield supervisor, stopping
    except PartFailed as failure:
        said = "".join(f"\n  {readable(line)}" for line in failure.log_lines)
        raise CommandError(f"{failure}. Log: {failure.log_path}{said}") from None
    finally:
        data.stack_file.unlink(missing_ok=True)
        output.emit("stack.stopping", "[dim]Stopping everything[/]")
        began = time.monotonic()
        await supervisor.stop()
        output.emit("stack.stopped", f"[dim]Stopped after {time.monotonic() - began:.1f} s[/]")
        for number in signals:
            loop.remove_signal_handler(number)


async def _start(supervisor: Supervisor, output: Output) -> None:
    if output.as_json or not output.console.is_terminal:
        await supervisor.start()
        return
    with output.console.status(STARTING) as status:
        starting = asyncio.create_task(supervisor.start())
        try:
            while not starting.done():
                status.update(f"{STARTING} {', '.join(supervisor.waiting)}")
                await asyncio.wait({starting}, timeout=0.2)
            await starting
        finally:
            await _cancelled(starting)


async def _before(stop: asyncio.Task[Any], work: Any) -> bool:
    """Run `work` unless `stop` comes first; True when the work was done."""
    task = asyncio.create_task(work)
    await asyncio.wait({stop, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
        return True
    await _cancelled(task)
    return False


async def _cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel and wait; what the task had to say was read elsewhere or no longer matters."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _went_well(call: asyncio.Task[bool], output: Output) -> bool:
    try:
        return call.result()
    except CommandError as error:
        output.error(str(error))
        return False


def _announce(stack: Stack, supervisor: Supervisor, seconds: float, output: Output) -> None:
    _write_stack(stack, supervisor)
    built = stack.ui_dist is not None and stack.ui_dist.name == "dist"
    console = f"{stack.bridge_url}/" if built else f"{stack.bridge_url}/   (a placeholder: the console is not built)"
    output.emit(
        "stack.up",
        f"\n[bold]Vox is up[/] after {seconds:.1f} s\n"
        f"  API        {stack.bridge_url}/api/v1   (reference: {stack.bridge_url}/openapi.json)\n"
        f"  console    {console}\n"
        f"  telephone  {stack.phone_url}/\n"
        f"  data       {stack.data.root}   (logs: {stack.data.logs})",
        seconds=round(seconds, 3),
        api_url=f"{stack.bridge_url}/api/v1",
        data_dir=str(stack.data.root),
    )
    _show_admin(stack, output)


def _write_stack(stack: Stack, supervisor: Supervisor) -> None:
    """Tell the other commands where this stack is."""
    stack.data.write_stack(
        {
            "pid": os.getpid(),
            "api_url": f"{stack.bridge_url}/api/v1",
            "voice_url": stack.voice_url,
            "phone_url": stack.phone_url,
            "registry_url": stack.registry_url,
            "worker_urls": stack.core_urls,
            "worker": "voxcore-1",
            "dialler": stack.has_campaigns,
            "pids": supervisor.pids,
        }
    )


def _show_admin(stack: Stack, output: Output) -> None:
    """The password is printed at the first start only; afterwards its file is named."""
    email, file = stack.settings.first_admin_email, stack.data.first_admin_file
    shown = stack.data.root / "first-admin.shown"
    if not file.is_file():
        return
    if shown.exists():
        output.emit("admin", f"  admin      {email}   (password: {file})", email=email)
        return
    password = file.read_text().strip()
    line = f"  admin      {email}   password {escape(password)}   (printed once; kept in {file})"
    output.emit("admin.created", line, email=email, file=str(file))
    shown.touch()


def given_secrets(settings: VoxctlSettings) -> dict[str, str]:
    """The secrets that the operator has set; they win over the kept ones."""
    return {
        "JWT_SECRET": settings.jwt_secret,
        "SETTINGS_ENCRYPTION_KEY": settings.settings_encryption_key,
        "VOXCORE_SECRET": settings.voxcore_secret,
        "VOXPHONE_API_TOKEN": settings.voxphone_api_token,
    }


def _ui_dist() -> Path | None:
    """The built console of this checkout, else the page that stands in its place."""
    root = find_checkout()
    if root is None:
        return None
    folders = (root / "services" / "voxui" / name for name in ("dist", "placeholder"))
    return next((folder for folder in folders if (folder / "index.html").is_file()), None)


def _set_old_logs_aside(logs: Path) -> None:
    """Keep the logs of the last run beside the new ones, so that a log tells of one run."""
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
