"""The turn model of a call: asked as often as somebody pauses, about everything said in the turn so far."""

import asyncio

from pipecat.audio.turn.base_turn_analyzer import EndOfTurnState
from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.metrics.metrics import MetricsData


class TurnModel(LocalSmartTurnAnalyzerV3):
    """A verdict forgets nothing: the words may overrule it, and then silence, or what is said next, has to decide."""

    def __init__(self, stop_secs: float) -> None:
        super().__init__(params=SmartTurnParams(stop_secs=stop_secs), cpu_count=1)

    async def analyze_end_of_turn(self) -> tuple[EndOfTurnState, MetricsData | None]:
        heard = list(self._audio_buffer)  # audio comes in while the model thinks
        return await asyncio.get_running_loop().run_in_executor(
            self._model_executor, self._process_speech_segment, heard
        )
