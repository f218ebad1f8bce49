"""`vox sim WHAT`: real functions on a virtual clock, at sizes that no single machine could run."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import redis
from cyclopts import Parameter
from rich.table import Table

from voxctl.children import free_port
from voxctl.embedded import EmbeddedServerError, ValkeyServer
from voxctl.output import EXIT_DONE, CommandError, Output

SIZES = {1_000: 60.0, 10_000: 20.0, 100_000: 10.0}
ROWS = (
    ("hosts of 16 seats", "hosts", ""), ("pools", "pools", ""), ("heartbeats", "beats_per_s", "/s"),
    ("reservations", "reservations_per_s", "/s"), ("requests of callers", "caller_requests_per_s", "/s"),
    ("words to workers", "notifications_per_s", "/s"), ("reserves refused", "refused_per_s", "/s"),
    ("CPU of the store", "store_cpu_percent", "% of a core"), ("a step, mean", "step_us", "us"),
    ("memory of a seat", "seat_kb", "KB"), ("memory after the run", "memory_mb", "MB"),
    ("a reserve alone, p50", "reserve_p50_ms", "ms"), ("a reserve alone, p99", "reserve_p99_ms", "ms"),
)  # fmt: skip


def sim(
    what: Literal["registry", "pacing"],
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
    sizes: Annotated[str, Parameter(help="Comma list of numbers of seats.")] = ",".join(map(str, SIZES)),
    seconds: Annotated[float, Parameter(help="Virtual seconds that are measured; 0: fewer the larger the fleet.")] = 0,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Simulate on the real functions and a virtual clock: a busy hour of a fleet, or a day of a campaign.

    Parameters
    ----------
    what
        registry: message rates, memory and latency of the capacity registry.
        pacing: seat use, abandoned calls and dials of a campaign's day; its own options: vox sim pacing -- --help.
    json
        JSON lines instead of a table.
    """
    from voxctl.registry_sim import Simulation

    if what == "pacing":
        return pacing([*arguments, *(["--json"] if json else [])])
    if arguments:
        raise CommandError(f"vox sim registry takes no {' '.join(arguments)}")
    output = Output(as_json=json)
    try:
        wanted = [int(size) for size in sizes.split(",")]
    except ValueError:
        raise CommandError(f"--sizes {sizes}: expected numbers with commas, like 1000,10000") from None
    if not all(0 < size <= 200_000 for size in wanted):
        raise CommandError("--sizes: each fleet has between 1 and 200000 seats")
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="vox-sim-") as folder:
        server = ValkeyServer(free_port(), Path(folder) / "valkey")
        try:
            server.start()
            server.wait_ready()
            with redis.Redis(port=server.port) as store:
                for size in wanted:
                    figures = Simulation(store, size).run(seconds or SIZES.get(size, 20.0)).as_dict()
                    output.emit("sim.registry", **figures)
                    found.append(figures)
        except EmbeddedServerError as error:
            raise CommandError(str(error)) from None
        finally:
            server.stop()
    if not json:
        output.console.print(table(found))
    return EXIT_DONE


def pacing(arguments: list[str]) -> int:
    """The dialler's own simulator, a program of its package. Raises: CommandError: it is not installed here."""
    if importlib.util.find_spec("voxdialler") is None:
        raise CommandError("voxdialler is not installed here, and its functions are what is simulated: make install")
    command = [sys.executable, "-m", "voxdialler.simulation", *arguments]
    return subprocess.run(command, check=False).returncode


def table(found: list[dict[str, Any]]) -> Table:
    """One column a size."""
    shown = Table(title=f"{what_is(found)}: every seat in use, 90 s of talk, one answer in three dials")
    shown.add_column("")
    for figures in found:
        shown.add_column(f"{figures['seats']:,} seats", justify="right")
    for title, key, unit in ROWS:
        shown.add_row(title, *(f"{figures[key]:,} {unit}".strip() for figures in found))
    return shown


def what_is(found: list[dict[str, Any]]) -> str:
    """How long was simulated."""
    return "A busy hour (" + ", ".join(f"{figures['virtual_s']:g} s" for figures in found) + " of it)"
