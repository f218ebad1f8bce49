"""Guards the early sign of a pause: a turn model that is asked late, at every gap between words, or never."""

import pytest
from voxcore.pipeline.vad import InlineSilero
from voxkit.contracts.runtime_config import Vad

pytestmark = [pytest.mark.unit]


class Scripted(InlineSilero):
    """Hears a voice when the test says so."""

    def __init__(self) -> None:
        self.pauses = 0
        self.voice = False
        super().__init__(Vad(), self._count)
        self.set_sample_rate(8000)

    def _count(self) -> None:
        self.pauses += 1

    def voice_confidence(self, buffer: bytes) -> float:
        return 0.99 if self.voice else 0.0

    async def hear(self, *, voice: bool, seconds: float) -> None:
        self.voice = voice
        for _ in range(round(seconds / 0.02)):
            await self.analyze_audio(bytes(320))


async def test_a_pause_is_told_once_between_its_begin_and_the_stop():
    vad = Scripted()
    await vad.hear(voice=True, seconds=1)
    await vad.hear(voice=False, seconds=0.16)
    assert vad.pauses == 0
    await vad.hear(voice=False, seconds=0.16)
    assert vad.pauses == 1
    await vad.hear(voice=False, seconds=1)
    assert vad.pauses == 1


async def test_gaps_between_words_are_no_pauses_and_do_not_add_up():
    vad = Scripted()
    for _ in range(4):
        await vad.hear(voice=True, seconds=0.4)
        await vad.hear(voice=False, seconds=0.14)
    assert vad.pauses == 0


async def test_every_pause_of_a_turn_is_told():
    vad = Scripted()
    for _ in range(3):
        await vad.hear(voice=True, seconds=0.4)
        await vad.hear(voice=False, seconds=0.3)
    assert vad.pauses == 3
