"""A sentence cut in the wrong place is heard; a cache without a bound eats the host."""

import numpy as np
import pytest
from voxvoice.tts import LONGEST_PIECE, SpokenCache, split_sentences, trimmed

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Mr. Smith pays $4.50 at 5 p.m. today.", ["Mr. Smith pays $4.50 at 5 p.m. today."]),
        ("Call at 5 p.m. Thank you.", ["Call at 5 p.m.", "Thank you."]),
        ("No. Order No. 7 is here.", ["No.", "Order No. 7 is here."]),
        ("Wait... what?! Yes!", ["Wait...", "what?!", "Yes!"]),
        ("no full stop", ["no full stop"]),
        ("One\n\nTwo", ["One", "Two"]),
        ("It was I. Then you.", ["It was I.", "Then you."]),
        (" ... ", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_speaker_would_pause(text: str, pieces: list[str]) -> None:
    assert split_sentences(text) == pieces


def test_a_long_sentence_is_cut_and_nothing_is_lost() -> None:
    text = "we deliver to many towns, " * 20 + "x" * 400
    pieces = split_sentences(text)
    assert max(len(piece) for piece in pieces) <= LONGEST_PIECE + 1
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_silence_around_the_voice_is_cut() -> None:
    audio = np.zeros(22050, np.float32)
    audio[8000:9000] = 0.5
    assert len(trimmed(audio, 22050)) == pytest.approx(1000 + 0.08 * 22050, abs=3)
    assert len(trimmed(np.zeros(100, np.float32), 22050)) == 0


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache = SpokenCache(limit_bytes=250)
    for name in ("a", "b"):
        cache.put((name, 1.0, 8000), bytes(100))
    assert cache.get(("a", 1.0, 8000)) == bytes(100)
    cache.put(("c", 1.0, 8000), bytes(100))
    assert cache.get(("b", 1.0, 8000)) is None
    assert cache.get(("a", 1.0, 8000)) is not None
    assert cache.held_bytes == 200


def test_the_cache_tells_speed_and_rate_apart_and_skips_long_texts() -> None:
    cache = SpokenCache()
    cache.put(("a", 1.0, 8000), b"1")
    assert cache.get(("a", 1.0, 16000)) is None
    assert cache.get(("a", 2.0, 8000)) is None
    cache.put(("a" * 1000, 1.0, 8000), b"1")
    assert cache.held_bytes == 1
    cache.put(("a", 1.0, 8000), b"22")
    assert cache.held_bytes == 2
