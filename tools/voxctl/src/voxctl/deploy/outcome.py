"""How a roll-out ended, and whose trouble it was: only what speaks about an image marks its release as bad."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from voxctl.deploy.world import Fault
from voxctl.output import CommandError

EXIT_LATER, EXIT_REVERTED, EXIT_HUMAN, EXIT_STOPPED = 5, 4, 6, 130

Ending = Literal["done", "later", "reverted", "human", "stopped"]
EXITS: Mapping[Ending, int] = {
    "done": 0,
    "later": EXIT_LATER,
    "reverted": EXIT_REVERTED,
    "human": EXIT_HUMAN,
    "stopped": EXIT_STOPPED,
}
OF_THE_IMAGE = re.compile(
    r"exec format error|(?<![/\w])exec(: | /)|unable to find (user|group)|cannot mkdir|match the specified platform",
    re.IGNORECASE,
)
"""Docker came as far as what the image brings: its program, its user, its folder, its processor."""


class StepFailed(CommandError):
    """Docker or the seat refused the step: its text is the reason. What gives no answer at all is another error."""


@dataclass(frozen=True)
class Outcome:
    """How it ended; `reason` in words for an operator, `fault`: whose trouble that was."""

    ending: Ending
    reason: str = ""
    left: tuple[str, ...] = ()
    fault: Fault = "release"

    @property
    def exit_code(self) -> int:
        return EXITS[self.ending]


def fault_of(refusal: str) -> Fault:
    """Whose trouble it is when Docker refuses to start a container. In doubt its host's: a disk, memory, a network."""
    return "release" if not refusal or OF_THE_IMAGE.search(refusal) else "host"
