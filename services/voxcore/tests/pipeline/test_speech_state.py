"""Guards the moment from which the bot's first sound is measured: a later sentence counted against the next answer."""

import pytest
from voxcore.pipeline.turns.state import SpeechState

pytestmark = [pytest.mark.unit]


def test_only_the_first_bytes_of_an_answer_count():
    clock = iter([1.0, 2.0, 3.0])
    speech = SpeechState(now=lambda: next(clock))
    speech.voice_comes()
    speech.voice_comes()
    assert speech.voice_bytes_at == 1.0


def test_a_sentence_that_comes_while_the_bot_speaks_is_nobodys_first():
    speech = SpeechState(now=lambda: 1.0, bot_speaking=True)
    speech.voice_comes()
    assert speech.voice_bytes_at == 0.0
