"""`vox logs` and `vox exec`: what hosts say, and a command there."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter, validators

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.hosts.fleet_host import seat_places
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import PROJECT_DIR
from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import HostAway, RemoteFailed
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, CommandError, Output, escape

LOGS_WITHIN_S = 120.0
COLOURS = ("cyan", "green", "magenta", "yellow", "blue")
# `docker compose logs --timestamps`: container, time, and what it said.
LINE = re.compile(r"^(?P<container>[\w.-]+?)(?:-\d+)?\s*\| (?P<ts>\d{4}-\d\d-\d\dT[\d:.]+Z) ?(?P<text>.*)$")


def logs(
    host: str = "",
    seat: str = "",
    /,
    *,
    session: Annotated[str, Parameter(help="Lines that name this session, from all hosts.")] = "",
    last: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=100_000), help="Lines of each.")] = 200,
    since: Annotated[str, Parameter(help="Not older than this, like 15m, 2h or a time.")] = "",
    follow: Annotated[bool, Parameter(name=["--follow", "-f"], negative=(), help="Until Ctrl-C.")] = False,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Show what the services of a host said, or all lines of one call from everywhere, by time.

    Parameters
    ----------
    host
        A host of the inventory; all of them without a name.
    seat
        A seat (fleet1-3 or 3) or another service (lb, voxbridge-a) of the host.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    if since and not re.fullmatch(r"\d+[smhd]|\d{4}-\d\d-\d\d(T[\d:.]+Z?)?", since):
        raise CommandError(
            f"--since {since}: write 15m, 2h, 1d or a time like 2026-02-03T10:00:00Z", exit_code=EXIT_USAGE
        )
    names = [host] if host else list(known.hosts)
    for name in names:
        known.known(name)
    if follow and not host:
        raise CommandError("--follow needs the name of a host", exit_code=EXIT_USAGE)
    words = ["--timestamps", "--no-color", *(["--since", since] if since else [])]
    # All lines of a call, but not more than a machine can take of the rest.
    words += [] if session else ["--tail", str(last)]
    words += [service_of(known, host, seat)] if seat else []
    if follow:
        return asyncio.run(_follow(known, host, words, session, output))
    return asyncio.run(_logs(known, names, words, session, output))


async def _logs(inventory: Inventory, names: list[str], words: list[str], session: str, output: Output) -> int:
    answers = await asyncio.gather(*(_said(inventory, name, words, session) for name in names), return_exceptions=True)
    lines: list[Line] = []
    away = 0
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, CommandError):
            away += 1
            output.emit(
                "logs.missing", f"[yellow]without {name}: {escape(str(answer))}[/]", host=name, reason=str(answer)
            )
        elif isinstance(answer, BaseException):
            raise answer
        else:
            lines += answer
    for line in sorted(lines, key=lambda line: line.ts):
        line.show(output)
    if session and not lines:
        output.emit("logs.none", f"no line names {escape(session)}", session=session)
    return EXIT_FAILED if away else EXIT_DONE


async def _said(inventory: Inventory, name: str, words: list[str], session: str) -> list[Line]:
    async with Remote(inventory, name) as remote:
        if not await remote.exists(PROJECT_DIR / "compose.yaml"):
            raise RemoteFailed(f"nothing runs there yet: vox host up {name}")
        done = await remote.compose("--profile", "*", "logs", *words, timeout_s=LOGS_WITHIN_S, repeat=True)
    if not done.ok:
        raise RemoteFailed(done.words, done.code)
    found = (parsed(name, line) for line in done.out.splitlines() if session in line)
    return [line for line in found if line]


async def _follow(inventory: Inventory, name: str, words: list[str], session: str, output: Output) -> int:
    async with Remote(inventory, name) as remote:
        argv = remote.compose_words("--profile", "*", "logs", "--follow", *words)
        async for raw in remote.lines(argv):
            if session in raw and (line := parsed(name, raw)):
                line.show(output)
    return EXIT_DONE


@dataclass(frozen=True)
class Line:
    """One line of a service's log."""

    ts: str
    host: str
    service: str
    text: str

    def show(self, output: Output) -> None:
        colour = COLOURS[sum(self.service.encode()) % len(COLOURS)]
        place = f"[{colour}]{self.host} {self.service}[/]"
        text = f"[dim]{self.ts[11:23]}[/] {place} {escape(self.text)}"
        output.emit("log", text, ts=self.ts, host=self.host, service=self.service, line=self.text)


def parsed(host: str, raw: str) -> Line | None:
    """A line of Compose; None for what is none."""
    found = LINE.match(raw)
    return Line(found["ts"], host, found["container"], found["text"]) if found else None


def service_of(inventory: Inventory, host: str, word: str) -> str:
    """The compose service that is meant: `fleet1-3`, `3`, `s1`, or its own name. Raises: CommandError."""
    places = seat_places(inventory, host, inventory.hosts[host].seats) if "fleet" in inventory.known(host).roles else []
    for place in places:
        if word in (place.worker_id, place.service, place.worker_id.removeprefix(f"{host}-")):
            return place.service
    if re.fullmatch(r"\d+|s\d+", word) or word.startswith(f"{host}-"):
        seats = [place.worker_id for place in places]
        raise CommandError(f"{host} has no seat {word}: {', '.join(seats) or 'it has no seats'}", exit_code=EXIT_USAGE)
    return word


def execute(
    host: str,
    /,
    *command: Annotated[str, Parameter(allow_leading_hyphen=True)],
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Run a command on a host; its exit code is that of the command: `vox exec fleet1 -- docker ps`.

    Parameters
    ----------
    host
        A host of the inventory.
    command
        The program and its words, after `--`. No shell reads them.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    if not command:
        raise CommandError(f"no command: vox exec {host} -- docker ps", exit_code=EXIT_USAGE)
    known.known(host)

    async def go() -> int:
        async with Remote(known, host) as remote:
            try:
                done = await remote.run(command, timeout_s=600)
            except HostAway as error:
                raise CommandError(str(error)) from None
        if output.as_json:
            output.emit(
                "exec.done", None, host=host, command=shlex.join(command), code=done.code, out=done.out, err=done.err
            )
        else:
            sys.stdout.write(done.out)
            sys.stderr.write(done.err)
        return done.code

    return asyncio.run(go())
