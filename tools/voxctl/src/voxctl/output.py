"""One way to speak: lines for people on a terminal, JSON lines with `--json`."""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from rich.console import Console, RenderableType

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_PREFLIGHT = 0, 1, 1, 2


class CommandError(Exception):
    """A command cannot go on: the text names the cause and the way out, never a stack trace."""

    def __init__(self, message: str, *, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Output:
    """`emit` is one fact: an event with data for programs, and its text for people (None: programs only)."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = Console(stderr=False, highlight=False, soft_wrap=True)

    def emit(self, event: str, text: RenderableType | None = None, /, **data: Any) -> None:
        if self.as_json:
            print(json.dumps({"event": event, **data}, ensure_ascii=False, default=str), flush=True)
        elif text is not None:
            self.console.print(text)

    def error(self, message: str) -> None:
        """One line on stderr: what went wrong and what to do."""
        if self.as_json:
            print(json.dumps({"event": "error", "message": message}, ensure_ascii=False), flush=True)
        else:
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"[bold red]{escape(message)}[/]")


def escape(text: str) -> str:
    """Text that rich prints as it is, brackets included."""
    return text.replace("[", r"\[")


def fail(output: Output, error: CommandError) -> NoReturn:
    """Print the error and leave with its exit code."""
    output.error(str(error))
    sys.exit(error.exit_code)
