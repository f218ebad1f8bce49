"""Guards the voice detector of a call: numbers that differ from the library's, a state that a reset leaves behind."""

import numpy as np
import pytest
from pipecat.audio.vad.silero import SileroOnnxModel, SileroVADAnalyzer
from voxcore.pipeline.vad import InlineSilero, SileroWindow
from voxkit.contracts.runtime_config import Vad

pytestmark = [pytest.mark.unit]


def windows(rate: int, count: int = 60) -> list[bytes]:
    """Tones with noise that come and go, one window of the model each."""
    samples = 512 if rate == 16000 else 256
    at = np.arange(count * samples) / rate
    noise = np.random.default_rng(7).normal(0, 300, at.size)
    sound = 9000 * np.sin(2 * np.pi * 180 * at) * (np.sin(2 * np.pi * 1.5 * at) > 0) + noise
    pcm = sound.astype(np.int16)
    return [pcm[start : start + samples].tobytes() for start in range(0, pcm.size, samples)]


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_window_is_judged_as_the_library_judges_it(rate):
    theirs: SileroOnnxModel = SileroVADAnalyzer(sample_rate=rate)._model
    ours = SileroWindow(theirs.session, rate)
    for number, window in enumerate(windows(rate)):
        if number == 40:
            theirs.reset_states()
            ours.reset_states()
        floats = np.frombuffer(window, np.int16).astype(np.float32) / 32768.0
        assert ours.confidence(window) == pytest.approx(float(theirs(floats, rate).item()), abs=1e-6)


async def test_silence_is_quiet_whatever_the_batch():
    detector = InlineSilero(Vad())
    detector.set_sample_rate(8000)
    for length in (320, 640, 100, 1000):
        state = await detector.analyze_audio(bytes(length))
        assert state.name == "QUIET"
    await detector.cleanup()
