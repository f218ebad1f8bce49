"""What an adapter is given and what it gives: functions `stt`, `llm`, `tts` of (option, means) -> a Pipecat service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from voxkit.contracts.runtime_config import LlmOption, SttOption, TtsOption

from voxcore import metrics as figures
from voxcore.pipeline.textfilter import speakable_transform
from voxcore.pipeline.turns.state import SpeechState

if TYPE_CHECKING:
    from pipecat.services.ai_service import AIService

Option = SttOption | LlmOption | TtsOption
STAGES = ("stt", "llm", "tts")


@dataclass(frozen=True)
class Means:
    """What every adapter may use. `http` is the right session for the option's `base_url` (checked or trusted)."""

    http: aiohttp.ClientSession
    rate: int
    speech: SpeechState
    system_prompt: str = ""
    note: Callable[[str, str], None] = lambda code, message: None
    """Report a failure that the adapter got over by itself (it became a `service_error` event)."""

    def bytes_leave(self, heard_at: float) -> None:
        """Audio heard at `heard_at` goes to the recogniser now."""
        if heard_at:
            figures.added_latency.labels(direction="in").observe(self.speech.now() - heard_at)


Adapter = Callable[[Any, Means], "AIService"]
SPEAKABLE: list[Any] = [("*", speakable_transform)]


def primary(language: str) -> str:
    """`en` of `en-IN`."""
    return language.replace("_", "-").split("-")[0].lower()


def given(**values: Any) -> dict[str, Any]:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value not in (None, "")}
