"""How a deploy looks while it runs: every seat as one sign, and a line for each thing that happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.text import Text

from voxctl.deploy.look import Look
from voxctl.deploy.work import Work
from voxctl.deploy.world import SeatNow
from voxctl.fleet.views import natural
from voxctl.output import Output

# Told apart without colours too: filled = on the new image; a dot = in a call.
SIGNS = {
    "new": ("■", "green"),
    "new, in a call": ("▣", "green"),
    "old": ("□", "dim"),
    "old, in a call": ("◉", "cyan"),
    "in hand": ("◐", "yellow"),
    "stuck": ("✕", "bold red"),
    "not running": ("·", "dim"),
}


def sign_of(work: Work, seat: SeatNow) -> str:
    """Key of `SIGNS`."""
    if seat.id in work.stuck:
        return "stuck"
    if seat.id in work.in_hand:
        return "in hand"
    if not seat.running:
        return "not running"
    side = "new" if work.at_goal(seat) else "old"
    return f"{side}, in a call" if seat.carries else side


def picture(work: Work, seats: Mapping[str, Sequence[SeatNow]]) -> Group:
    """One line a host, one sign a seat, and what the signs mean."""
    lines: list[Text] = []
    used: set[str] = set()
    for host, each in seats.items():
        shown = sorted((seat for seat in each if not seat.surge or seat.running), key=lambda seat: natural(seat.id))
        done = sum(work.at_goal(seat) and seat.id not in work.in_hand for seat in shown if not seat.surge)
        line = Text(f"{host:<12} {done:>3}/{sum(not seat.surge for seat in shown):<3} ")
        for seat in shown:
            name = sign_of(work, seat)
            used.add(name)
            line.append(*SIGNS[name])
        lines.append(line)
    legend = Text(style="dim")
    for name, (mark, style) in SIGNS.items():
        if name in used:
            legend.append(mark, style).append(f" {name}  ")
    return Group(*lines, legend)


class View:
    """Lines and a live picture on a terminal, JSON lines with `--json`, lines alone in a pipe."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._live: Live | None = None
        self._last: dict[str, str] = {}

    def say(self, event: str, text: str | None = None, /, **data: Any) -> None:
        self.output.emit(event, text, **data)

    @contextmanager
    def live(self) -> Iterator[None]:
        if self.output.as_json or not self.output.console.is_terminal:
            yield
            return
        with Live(console=self.output.console, refresh_per_second=4, transient=True) as self._live:
            yield
        self._live = None

    def show(self, work: Work, look: Look) -> None:
        if self._live is not None:
            self._live.update(picture(work, look.seats))
        if self.output.as_json:
            now = {seat.id: sign_of(work, seat) for each in look.seats.values() for seat in each}
            for id, name in now.items():
                if self._last.get(id) != name:
                    self.output.emit("seat.state", seat=id, state=name)
            self._last = now
