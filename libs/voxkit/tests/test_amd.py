"""A verdict that comes a frame too early hangs up on a person; each vector of section 20 has its exact frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError
from voxkit.amd import FRAME_MS, RATE_HZ, AmdSettings, Screening, Verdict
from voxkit.contracts.amd import THOROUGH

pytestmark = [pytest.mark.unit]

Sound = NDArray[np.float64]
LOUD = 6_000.0


def silence(ms: int) -> Sound:
    return np.zeros(ms * RATE_HZ // 1000)


def noise(ms: int, level: float = LOUD, seed: int = 7) -> Sound:
    return np.random.default_rng(seed).normal(0, level, ms * RATE_HZ // 1000)


def tone(*hertz: float, ms: int, level: float = LOUD) -> Sound:
    at = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    return sum((level * np.sin(2 * np.pi * each * at) for each in hertz), start=np.zeros_like(at))


def voice(ms: int) -> Sound:
    """Like a vowel: harmonics of 140 Hz, the strongest where no beep is."""
    return tone(140, ms=ms) + tone(280, 420, 560, ms=ms, level=LOUD / 2) + tone(980, ms=ms, level=LOUD / 4)


def words(count: int, word_ms: int = 120, gap_ms: int = 80) -> Sound:
    return np.concatenate([part for _ in range(count) for part in (voice(word_ms), silence(gap_ms))])


def pcm(*parts: Sound) -> bytes:
    return np.clip(np.concatenate(parts), -32_768, 32_767).astype("<i2").tobytes()


def judged(sound: bytes, settings: AmdSettings | None = None) -> Verdict | None:
    """Frame by frame, as a carrier hears it."""
    screening = Screening(settings or AmdSettings())
    size = RATE_HZ * FRAME_MS // 1000 * 2
    for start in range(0, len(sound), size):
        if verdict := screening.feed(sound[start : start + size]):
            return verdict
    return None


@pytest.mark.parametrize(
    ("name", "sound", "verdict"),
    [
        ("silence", pcm(silence(3000)), Verdict("machine", "initial_silence", 2000)),
        ("one word of 400 ms", pcm(voice(400), silence(2000)), Verdict("human", "greeting", 1200)),
        ("a word after a breath", pcm(silence(300), voice(400), silence(2000)), Verdict("human", "greeting", 1500)),
        ("five words", pcm(words(5), silence(2000)), Verdict("machine", "max_words", 900)),
        ("four words", pcm(words(4), silence(2000)), Verdict("human", "greeting", 1520)),
        ("a voice of 2.2 s", pcm(voice(2200)), Verdict("machine", "long_greeting", 2000)),
        ("a voice that starts late", pcm(silence(100), voice(2200)), Verdict("unknown", "timeout", 2000)),
        ("a click, no word", pcm(silence(200), voice(80), silence(2000)), Verdict("machine", "initial_silence", 2000)),
        ("noise", pcm(noise(3000)), Verdict("machine", "long_greeting", 2000)),
        ("too quiet to be a voice", pcm(noise(3000, level=100)), Verdict("machine", "initial_silence", 2000)),
        ("a beep after silence", pcm(silence(500), tone(1000, ms=500)), Verdict("machine", "beep", 660)),
        ("a beep after a greeting", pcm(voice(600), silence(200), tone(1400, ms=400)), Verdict("machine", "beep", 960)),
        ("a beep one frame too short", pcm(tone(1000, ms=140), silence(2000)), Verdict("human", "greeting", 940)),
        ("ringback of North America", pcm(tone(440, 480, ms=2500)), Verdict("machine", "long_greeting", 2000)),
        ("ringback of Europe", pcm(tone(425, ms=1000), silence(2000)), Verdict("human", "greeting", 1800)),
    ],
)  # fmt: skip
def test_each_sound_has_its_verdict_and_its_frame(name: str, sound: bytes, verdict: Verdict) -> None:
    assert judged(sound) == verdict, name


LATE = (840, 850, 1000, 1050, 1300, 1400)
"""Whose first 20 ms, heard beside 20 ms of silence, fall short of a tone by their phase and this noise."""


@pytest.mark.parametrize("hertz", [840, 850, 900, 950, 1000, 1050, 1100, 1200, 1300, 1400, 1450, 1500, 1510])
def test_a_beep_is_heard_through_noise_of_a_tenth_of_its_power(hertz: int) -> None:
    """10 dB; 150 ms are eight frames, and the first counts when half of it is enough."""
    noisy = tone(hertz, ms=400) + noise(400, level=LOUD / np.sqrt(2) / np.sqrt(10), seed=hertz)
    assert judged(pcm(silence(200), noisy)) == Verdict("machine", "beep", 380 if hertz in LATE else 360)


@pytest.mark.parametrize("pair", [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477, 1633)])
def test_no_key_of_a_telephone_is_a_beep(pair: tuple[int, int]) -> None:
    assert judged(pcm(silence(200), tone(*pair, ms=300), silence(2000))) == Verdict("human", "greeting", 1300)


@pytest.mark.parametrize("hertz", [425, 620, 700, 780, 1600, 1800, 2100])
def test_a_tone_outside_the_range_is_no_beep(hertz: int) -> None:
    """2,100 Hz is a fax; 425 and 620 are tones of exchanges."""
    assert judged(pcm(silence(200), tone(hertz, ms=300), silence(2000))) == Verdict("human", "greeting", 1300)


def test_a_sweep_through_the_range_is_no_beep_and_a_slow_drift_is() -> None:
    def sweep(low: float, high: float, ms: int) -> Sound:
        at = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
        return LOUD * np.sin(2 * np.pi * (low * at + (high - low) * at**2 / (2 * at[-1])))

    assert judged(pcm(sweep(850, 1500, 1000), silence(2000))) == Verdict("human", "greeting", 1800)
    assert judged(pcm(sweep(1000, 1025, 400))) == Verdict("machine", "beep", 160)


def test_a_beep_is_not_looked_for_when_that_is_switched_off() -> None:
    off = AmdSettings(beep_detection_enabled=False)
    assert judged(pcm(tone(1000, ms=500), silence(2000)), off) == Verdict("human", "greeting", 1300)


def test_a_long_word_is_a_machine() -> None:
    assert judged(pcm(voice(900)), AmdSettings(max_word_ms=700)) == Verdict("machine", "long_word", 700)


def test_thresholds_are_rounded_up_to_whole_frames() -> None:
    """50 ms between words are three frames: a pause of two frames does not end a word."""
    short = pcm(*[part for _ in range(6) for part in (voice(120), silence(40))], silence(2000))
    assert judged(short) == Verdict("human", "greeting", 1720)
    assert judged(pcm(silence(3000)), AmdSettings(initial_silence_ms=501)) == Verdict("machine", "initial_silence", 520)


def test_the_thorough_preset_hears_a_greeting_that_begins_late() -> None:
    sound = pcm(silence(500), voice(3000))
    assert judged(sound) == Verdict("unknown", "timeout", 2000)
    assert judged(sound, AmdSettings(**THOROUGH)) == Verdict("machine", "long_greeting", 2500)


def test_a_threshold_of_zero_ends_no_call_unheard() -> None:
    zero = AmdSettings(beep_min_ms=0, max_word_ms=0, greeting_ms=0, after_greeting_silence_ms=0, min_word_ms=0)
    assert judged(pcm(silence(3000)), zero) == Verdict("machine", "initial_silence", 2000)


@given(st.lists(st.integers(1, 999), min_size=1, max_size=40))
def test_how_the_sound_is_cut_changes_nothing(sizes: list[int]) -> None:
    """Also between the two bytes of a sample."""
    sound = pcm(voice(400), silence(1000))
    screening, at = Screening(AmdSettings()), 0
    for size in [*sizes, len(sound)]:
        screening.feed(sound[at : at + size])
        at += size
    assert screening.verdict == Verdict("human", "greeting", 1200)


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100, 48_000])
def test_sound_of_another_rate_gets_the_same_verdict(rate: int) -> None:
    at = np.arange(rate // 2) / rate
    beep = (LOUD * np.sin(2 * np.pi * 1000 * at)).astype("<i2").tobytes()
    verdict = Screening(AmdSettings(), rate).feed(beep)
    assert verdict is not None
    assert (verdict.decision, verdict.cause) == ("machine", "beep")
    assert verdict.ms in (160, 180), "the filter's delay may cost one frame"


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="8000 to 192000"):
        Screening(AmdSettings(), 0)


class TestHoles:
    def test_nothing_heard_for_a_second_is_not_judged(self) -> None:
        screening = Screening(AmdSettings())
        assert screening.nothing_until(980) is None
        assert screening.nothing_until(1000) == Verdict("unknown", "no_audio", 1000)

    def test_a_hole_is_silence(self) -> None:
        """A carrier that sends nothing while nobody speaks: the word of 400 ms is over after 800 ms all the same."""
        screening = Screening(AmdSettings())
        assert screening.feed(pcm(voice(400)), at_ms=0) is None
        assert screening.nothing_until(1190) is None
        assert screening.nothing_until(1240) == Verdict("human", "greeting", 1200)

    def test_sound_behind_a_hole_stands_at_its_time(self) -> None:
        screening = Screening(AmdSettings())
        screening.feed(pcm(voice(200)), at_ms=0)
        assert screening.feed(pcm(tone(1000, ms=300)), at_ms=500) == Verdict("machine", "beep", 660)

    def test_a_hole_of_40_ms_is_how_packets_travel(self) -> None:
        screening = Screening(AmdSettings())
        for at in range(0, 1200, 20):
            screening.feed(pcm(voice(20) if at < 400 else silence(20)), at_ms=at + (40 if at > 400 else 0))
        assert screening.verdict == Verdict("human", "greeting", 1200)

    def test_a_time_far_away_costs_no_memory(self) -> None:
        screening = Screening(AmdSettings())
        screening.feed(pcm(silence(20)), at_ms=0)
        assert screening.nothing_until(1e12) == Verdict("machine", "initial_silence", 2000)


def test_a_verdict_never_changes() -> None:
    screening = Screening(AmdSettings())
    first = screening.feed(pcm(silence(2000)))
    assert screening.feed(pcm(tone(1000, ms=500))) is first


@pytest.mark.parametrize(
    "wrong", [{"total_analysis_ms": 249}, {"total_analysis_ms": 5001}, {"max_words": 0}, {"beep_min_ms": -1}]
)
def test_settings_outside_their_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        AmdSettings.model_validate(wrong)
