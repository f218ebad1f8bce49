"""`vox audit`: what was done to the installation, by whom, and whether its books are whole."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import App, Parameter, validators

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.deploy.trail import Book, findings, merged, read_book
from voxctl.deploy.trail_view import shown
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import HostAway
from voxctl.output import EXIT_DONE, EXIT_FAILED, Output, escape

audit = App(name="audit", help="What was done to the installation, by whom, and how it ended.")


@audit.default
def show(
    *,
    last: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=100_000), help="How many lines.")] = 40,
    host: Annotated[str, Parameter(help="Of this host alone.")] = "",
    action: Annotated[str, Parameter(help="Only actions that begin so, like deploy.")] = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Show the audit lines of all hosts, merged by time."""
    output, known = Output(as_json=json), load_inventory(inventory, env)
    books = asyncio.run(_books(known, output))
    lines = [
        line
        for line in merged(books)
        if host in ("", line.get("host")) and str(line.get("action", "")).startswith(action)
    ][-last:]
    if output.as_json:
        for line in lines:
            output.emit("audit.line", None, **line)
    else:
        # In a pipe a reason is one line, so that `grep` finds it whole.
        width = output.console.width if output.console.is_terminal else None
        output.emit("audit.lines", shown(lines, width) if lines else "nothing was done yet")
    return EXIT_DONE


@audit.command
def verify(*, inventory: InventoryFile = DEPLOY_YML, env: Env = "", json: Json = False) -> int:
    """Check that no line was changed, added or taken out: each names the hash of the one before, here and there."""
    output, known = Output(as_json=json), load_inventory(inventory, env)
    books = asyncio.run(_books(known, output))
    found = findings(books, known.lock_host)
    for each in found:
        output.emit("audit.broken", f"[red]{escape(each)}[/]", finding=each)
    counts = {book.host: len(book.lines) for book in books}
    if not found:
        text = ", ".join(f"{name} {count} lines" for name, count in counts.items())
        output.emit("audit.whole", f"whole: {text}", lines=counts)
    whole = not found and len(books) == len(known.hosts)
    return EXIT_DONE if whole else EXIT_FAILED


async def _books(inventory: Inventory, output: Output) -> list[Book]:
    """The books of all hosts that answer; of one that does not, that is said."""
    return [
        book for book in await asyncio.gather(*(_book(inventory, name, output) for name in inventory.hosts)) if book
    ]


async def _book(inventory: Inventory, name: str, output: Output) -> Book | None:
    try:
        async with Remote(inventory, name) as host:
            return await read_book(host)
    except HostAway as error:
        output.emit("audit.missing", f"[yellow]without {name}: {escape(str(error))}[/]", host=name, reason=str(error))
        return None
