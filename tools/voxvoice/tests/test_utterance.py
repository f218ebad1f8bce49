"""A streaming caller's words must neither be dropped with the silence nor come back in the next utterance."""

import pytest
from voxvoice.utterance import COMMIT_S, Due, Utterance

pytestmark = [pytest.mark.unit]
RATE = 8000


def at(seconds: float) -> int:
    return int(seconds * RATE)


def add(utterance: Utterance, seconds: float) -> None:
    utterance.add(bytes(2 * at(seconds)))


def hear(utterance: Utterance, *speech: tuple[float, float]) -> None:
    """Search all the new audio; speech in seconds since the connection began."""
    utterance.heard(utterance.window()[1], [(at(start), at(end)) for start, end in speech])


def test_audio_is_searched_in_steps_and_silence_is_let_go() -> None:
    utterance = Utterance(RATE)
    add(utterance, 0.1)
    assert utterance.due() is Due.NOTHING
    add(utterance, 4.9)
    assert utterance.due() is Due.LISTEN
    hear(utterance)
    assert utterance.due() is Due.NOTHING
    assert utterance.held_bytes == 2 * at(1)
    assert utterance.end == at(5)


def test_an_interim_is_due_only_after_new_speech() -> None:
    utterance = Utterance(RATE)
    add(utterance, 1)
    hear(utterance, (0.5, 1.0))
    assert utterance.due() is Due.READ
    assert utterance.read(at(1), at(1), "hello") == "hello"
    assert utterance.due() is Due.NOTHING
    add(utterance, 0.2)
    hear(utterance, (0.9, 1.2))
    assert utterance.due() is Due.NOTHING  # 0.2 s are not yet worth it
    add(utterance, 0.2)
    hear(utterance, (0.9, 1.4))
    assert utterance.due() is Due.READ
    assert utterance.read(at(1.4), at(1.4), "hello") is None  # nothing new in it


def test_the_end_of_speech_is_read_once_more_and_is_then_complete() -> None:
    utterance = Utterance(RATE)
    add(utterance, 1)
    hear(utterance, (0.5, 1.0))
    utterance.read(at(1), at(1), "hell")
    assert not utterance.complete
    add(utterance, 0.3)
    hear(utterance)
    assert utterance.due() is Due.READ
    utterance.read(at(1), at(1.3), "hello")
    assert utterance.complete
    assert utterance.due() is Due.NOTHING


def test_a_skipped_interim_waits_for_more_speech_and_is_never_taken_for_a_reading() -> None:
    utterance = Utterance(RATE)
    add(utterance, 1)
    hear(utterance, (0.5, 1.0))
    utterance.skip()
    assert utterance.due() is Due.NOTHING
    assert not utterance.complete
    add(utterance, 0.4)
    hear(utterance, (0.5, 1.4))
    assert utterance.due() is Due.READ


def test_a_final_keeps_the_audio_that_came_after_it() -> None:
    utterance = Utterance(RATE)
    add(utterance, 2)
    hear(utterance, (0.5, 1.9))
    utterance.read(at(1.9), at(2), "first")
    add(utterance, 0.5)
    hear(utterance, (2.1, 2.5))
    utterance.restart(at(2))
    assert (utterance.first, utterance.end) == (at(2), at(2.5))
    assert (utterance.read_text, utterance.speech_end) == ("", None)
    assert utterance.window() == (at(2), at(2.5))


def test_long_speech_is_kept_as_text_in_parts() -> None:
    utterance = Utterance(RATE)
    for second in range(int(COMMIT_S) + 2):
        add(utterance, 1)
        hear(utterance, (second, second + 1))
        utterance.read(utterance.speech_end, utterance.heard_to, "partial")
    assert utterance.due() is Due.COMMIT
    assert utterance.part() == (0, at(COMMIT_S))
    utterance.commit(at(20), "the first part")
    assert utterance.first == at(20)
    assert utterance.joined("and the rest") == "the first part and the rest"
    assert utterance.read(utterance.speech_end, utterance.heard_to, "more") == "the first part more"


def test_a_sample_split_between_two_messages_is_put_together() -> None:
    utterance = Utterance(RATE)
    utterance.add(b"\x00")
    assert utterance.end == 0
    utterance.add(b"\x40\x00")
    assert utterance.end == 1
    assert utterance.audio(0, 1).tolist() == [0.5]
