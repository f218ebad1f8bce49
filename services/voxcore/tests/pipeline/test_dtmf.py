"""Guards keypad tones that a menu must recognise, and digits of the customer that must not get lost or doubled."""

import asyncio

import numpy as np
import pytest
from voxcore.pipeline import dtmf
from voxcore.pipeline.dtmf import Keypad, tones

pytestmark = [pytest.mark.unit]

FREQUENCIES = (697, 770, 852, 941, 1209, 1336, 1477)


def goertzel(samples: np.ndarray, rate: int, frequency: float) -> float:
    """Power of one frequency."""
    coefficient = 2 * np.cos(2 * np.pi * frequency / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    return last * last + before * before - coefficient * before * last


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("key", list(dtmf.FREQUENCIES))
def test_each_key_holds_its_two_frequencies_and_no_other(key, rate):
    samples = np.frombuffer(tones(key, rate), dtype="<i2")[: int(0.16 * rate)] / 32768
    power = {frequency: goertzel(samples, rate, frequency) for frequency in FREQUENCIES}
    loudest = sorted(power, key=power.__getitem__, reverse=True)
    assert set(loudest[:2]) == set(dtmf.FREQUENCIES[key])
    assert power[loudest[1]] > 100 * power[loudest[2]]


def test_tones_are_160_ms_on_80_ms_off_and_w_waits_half_a_second():
    assert len(tones("1", 8000)) == int(0.24 * 8000) * 2
    assert len(tones("1w#", 8000)) == int((0.24 + 0.5 + 0.24) * 8000) * 2
    off = np.frombuffer(tones("1", 8000), dtype="<i2")[int(0.16 * 8000) :]
    assert not off.any()
    assert tones("", 8000) == b""


def test_a_character_without_a_tone_is_refused():
    with pytest.raises(ValueError, match="'A' has no tone"):
        tones("1A", 8000)


class Turns:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.stops = 0

    async def give(self, text: str) -> None:
        self.texts.append(text)

    async def stop_bot(self) -> None:
        self.stops += 1


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Turns:
    assert dtmf.TURN_AFTER_S == 1.5
    monkeypatch.setattr(dtmf, "TURN_AFTER_S", 0.05)
    return Turns()


async def nothing() -> None:
    return


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_digits_outside_a_collection_become_one_turn_after_the_last_key(turns):
    keypad = Keypad(turns.give, turns.stop_bot)
    for digit in "42":
        await keypad.press(digit)
    async with asyncio.timeout(10):
        while not turns.texts:
            await asyncio.sleep(0.01)
    assert turns.texts == ["[keypad: 42]"]
    assert turns.stops == 0


async def collected(keypad: Keypad, pressed: str, *, played, **asked):
    task = asyncio.ensure_future(
        keypad.collect(
            **{"min_digits": 1, "max_digits": 16, "timeout_seconds": 5.0, "finish_on_key": "#", **asked}, played=played
        )
    )
    while not keypad.collecting:
        await asyncio.sleep(0)
    for digit in pressed:
        await keypad.press(digit)
    return await asyncio.wait_for(task, 20)


@pytest.mark.parametrize(
    ("pressed", "asked", "status", "digits"),
    [
        ("123#", {}, "success", "123"),
        ("12345", {"max_digits": 4}, "success", "1234"),
        ("12", {"timeout_seconds": 0.05}, "success", "12"),
        ("12", {"min_digits": 3, "timeout_seconds": 0.05}, "timeout", "12"),
        ("", {"timeout_seconds": 0.05}, "timeout", ""),
        ("1#", {"min_digits": 2}, "timeout", "1"),
        ("1#2*", {"finish_on_key": "*"}, "success", "1#2"),
    ],
)
async def test_digits_are_collected_until_the_end_key_the_length_or_the_timeout(turns, pressed, asked, status, digits):
    answer = await collected(Keypad(turns.give, turns.stop_bot), pressed, played=nothing(), **asked)
    assert (answer.status, answer.digits) == (status, digits)
    assert turns.texts == []


async def test_the_first_key_stops_a_bot_that_still_speaks(turns):
    answer = await collected(Keypad(turns.give, turns.stop_bot), "77#", played=for_ever())
    assert (answer.digits, turns.stops) == ("77", 1)


async def test_keys_pressed_just_before_the_question_count(turns):
    keypad = Keypad(turns.give, turns.stop_bot)
    await keypad.press("9")
    answer = await collected(keypad, "1#", played=nothing())
    assert answer.digits == "91"
    await asyncio.sleep(0.1)
    assert turns.texts == []
