"""What a function of the language model may do to the call it runs in.

The factory turns each `ToolSpec` into a function of the LLM, times it, writes its result as a `tool` entry of the
transcript and counts it in the usage. A handler writes its own events (`tool_call`, `custom_tool_result`, …) to
`host.record`.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from voxkit.contracts.runtime_config import RuntimeConfig

from voxcore.record import CallRecord

if TYPE_CHECKING:
    from voxcore.conversation import MediaTransport


@dataclass(frozen=True)
class ToolInvocation:
    """One call of a function by the LLM. `spoken` is what it said in the same response before, "" for nothing."""

    name: str
    tool_call_id: str
    arguments: dict[str, Any]
    spoken: str = ""


@dataclass(frozen=True)
class ToolAnswer:
    """What goes back to the LLM. `run_llm` false: the bot says nothing of its own after it (hang-up, transfer done)."""

    data: dict[str, Any]
    run_llm: bool = True


Handler = Callable[[ToolInvocation], Awaitable[ToolAnswer]]


@dataclass(frozen=True)
class ToolSpec:
    """A function offered to the LLM: `parameters` is a JSON schema of type object."""

    name: str
    description: str
    handler: Handler
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}, "required": []})


@dataclass(frozen=True)
class Digits:
    """What `collect_digits` gathered; on `timeout` the digits are what came."""

    status: Literal["success", "timeout"]
    digits: str


class ToolHost(Protocol):
    """The call, as a tool sees it."""

    @property
    def config(self) -> RuntimeConfig: ...

    @property
    def record(self) -> CallRecord: ...

    @property
    def transport(self) -> "MediaTransport": ...

    @property
    def customer_turn(self) -> int:
        """Number of the customer's last turn, 0 before the first; a limit per customer turn is counted against it."""
        ...

    async def say_and_wait(self, text: str) -> bool:
        """Speak a text and return when its last audio has been played. False when the customer cut it off.

        The text goes into the conversation as the bot's own words. Empty text returns True at once.
        """
        ...

    async def wait_until_played(self) -> None:
        """Return when the words the bot has already generated are played (at once when it is silent)."""
        ...

    async def end_call(self, cause: str, **data: Any) -> None:
        """Hang up after the words already generated are played. Customer speech does not cancel it.

        `cause` is a value of `disconnected_by`; the first cause of a call stays. Returns at once: answer the LLM
        with `run_llm=False` afterwards.
        """
        ...

    async def wait_for_silence(self, seconds: float, max_seconds: float) -> bool:
        """Wait until the far end has been silent for `seconds`; False when `max_seconds` passed first."""
        ...

    async def collect_digits(
        self, *, min_digits: int = 1, max_digits: int = 16, timeout_seconds: float = 8.0, finish_on_key: str = "#"
    ) -> Digits:
        """Gather keypad digits. The first key stops the bot; the timeout runs from the last key or word of the bot."""
        ...

    async def send_dtmf(self, digits: str) -> None:
        """Send tones to the far end: `0-9*#`, `w` = 500 ms pause; 160 ms on, 80 ms off. Returns when they are out."""
        ...

    def idle_pause(self) -> AbstractContextManager[None]:
        """`with host.idle_pause():` re-engagement rests meanwhile. The factory holds it around every handler."""
        ...
