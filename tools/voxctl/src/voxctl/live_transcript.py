"""Both sides of a call, line by line in the order in which they began.

What the callee says is known when it begins; what the bot said is known when it has been transcribed. So a line of the
callee waits a moment: the bot's line before it may still be on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voxphone.report import Moment

HOLD_S = 3.0
Show = Callable[[float, str, str], None]
SOUNDS = {"say": "{}", "greeting": "{}", "noise": "({} noise)", "beep": "(beep, {})"}


class LiveTranscript:
    """Give every moment of a call to `hear`, and call `flush` at its end; `show(at_s, who, text)` is told each line."""

    def __init__(self, show: Show, hold_s: float = HOLD_S) -> None:
        self._show = show
        self._hold_s = hold_s
        self._held: list[tuple[float, str]] = []

    def hear(self, moment: Moment) -> None:
        match moment.kind:
            case "bot_said" if moment.text:
                started_s = float(moment.data.get("started_s", moment.at_s))
                self._release(until_s=started_s)
                self._show(started_s, "bot", moment.text)
            case "caller_says":
                text = SOUNDS.get(str(moment.data.get("sound")), "{}").format(moment.text)
                self._hold(moment.at_s, text)
            case "dtmf":
                self._hold(moment.at_s, f"(presses {moment.text})")

    def flush(self) -> None:
        """Show what is still held."""
        self._release(until_s=float("inf"))

    def _hold(self, at_s: float, text: str) -> None:
        self._held.append((at_s, text))
        asyncio.get_running_loop().call_later(self._hold_s, self._release, at_s)

    def _release(self, until_s: float) -> None:
        due = [line for line in self._held if line[0] <= until_s]
        self._held = [line for line in self._held if line[0] > until_s]
        for at_s, text in due:
            self._show(at_s, "caller", text)
