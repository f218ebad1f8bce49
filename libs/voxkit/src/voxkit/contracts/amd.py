"""Settings of the screening for answering machines: stored by voxbridge, applied by voxdialler or by the carrier."""

from typing import Annotated, Literal

from pydantic import Field

from voxkit.contracts.base import WireModel

Millis = Annotated[int, Field(ge=0, le=30_000)]


class AmdSettings(WireModel):
    """All times in milliseconds; `silence_threshold` is a mean absolute 16-bit sample. `voxkit.amd` holds the rules."""

    enabled: bool = False
    beep_detection_enabled: bool = True
    total_analysis_ms: Annotated[int, Field(ge=250, le=5_000)] = 2000
    initial_silence_ms: Millis = 2000
    greeting_ms: Millis = 2000
    after_greeting_silence_ms: Millis = 800
    min_word_ms: Millis = 100
    between_words_silence_ms: Millis = 50
    max_words: Annotated[int, Field(ge=1, le=100)] = 4
    silence_threshold: Annotated[int, Field(ge=0, le=32_767)] = 256
    max_word_ms: Millis = 5000
    beep_min_ms: Millis = 150
    action_on_machine: Literal["teardown", "continue"] = "teardown"
    action_on_unknown: Literal["teardown", "continue"] = "continue"


THOROUGH = {"total_analysis_ms": 4000}
"""Preset for lists with many machines: time enough to hear a greeting that does not begin at once."""
