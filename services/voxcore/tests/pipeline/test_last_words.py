"""Guards the words that are being said when a call ends: a customer who spoke and is filed as silent, a late slot."""

import asyncio
import base64
import time

import numpy as np
import pytest
from voxcore.pipeline import closing
from voxcore.pipeline.vad import InlineSilero

pytestmark = [pytest.mark.unit]

VOICE = (8000 * np.sin(2 * np.pi * 200 * np.arange(160) / 8000)).astype("<i2").tobytes()
SILENCE = bytes(320)


@pytest.fixture(autouse=True)
def every_sound_is_a_voice(monkeypatch):
    monkeypatch.setattr(InlineSilero, "voice_confidence", lambda _self, window: 0.99 if any(window) else 0.0)


def hear(call, sound: bytes, seconds: float) -> None:
    payload = base64.b64encode(sound).decode()
    call.socket.far_end_sends(*[{"event": "media", "payload": payload}] * round(seconds / 0.02))


async def talking(line, until, **fields):
    """A call in which the customer is in the middle of a sentence."""
    call = line(**{"opening_message": "", **fields})
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    hear(call, VOICE, 1.0)
    await until(lambda: call.events("user_started"))
    return call, held


async def test_words_cut_by_the_customers_own_hang_up_are_read_and_not_answered(line, provider, until):
    provider.text = "I ordered a pair of shoes"
    call, held = await talking(line, until)
    call.hang_up()
    await held
    (entry,) = call.record.transcript
    assert (entry.role, entry.content, entry.interrupted) == ("user", "I ordered a pair of shoes", True)
    assert entry.end_ms >= entry.start_ms
    assert call.record.disconnected_by == "customer"
    assert provider.asked("llm") == []


async def test_words_cut_by_a_lost_socket_are_read(line, until):
    call, held = await talking(line, until)
    call.socket.far_end_closes()
    await held
    assert call.said("user") == ["hello there"]
    assert call.events("transport_lost") == [{}]


async def test_words_cut_by_the_process_are_read(line, until):
    call, held = await talking(line, until)
    call.call.stop.request()
    await held
    assert call.said("user") == ["hello there"]
    assert call.record.disconnected_by == "error"


async def test_a_segment_that_is_being_read_at_the_end_is_waited_for(line, provider, until):
    provider.faults["stt"] = ["stall"]
    call, held = await talking(line, until)
    hear(call, SILENCE, 0.6)
    await until(lambda: provider.asked("stt"))
    call.hang_up()
    await until(lambda: call.record.disconnected_by)
    provider.release.set()
    await held
    assert call.said("user") == ["hello there"]
    assert provider.asked("llm") == []


async def test_words_of_a_turn_that_was_held_open_are_noted_as_cut(line, provider, until):
    provider.text = "I would like to start, um"
    call, held = await talking(line, until, turn={"mode": "vad", "vad_stop_secs": 5})
    hear(call, SILENCE, 0.6)
    await until(lambda: provider.asked("stt"))
    call.hang_up()
    await held
    (entry,) = call.record.transcript
    assert (entry.content, entry.interrupted) == ("I would like to start, um", True)
    assert provider.asked("llm") == []


async def test_words_said_while_the_bot_speaks_its_opening_are_noted(line, provider, until):
    provider.speech_s = 2.0
    provider.text = "I am not at home"
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: call.heard_s > 0.1)
    while not provider.asked("stt"):  # the growing segment is read while the bot speaks
        hear(call, VOICE, 0.04)
        await asyncio.sleep(0.01)
    call.hang_up()
    await held
    assert len(provider.asked("stt")) == 2
    assert call.said("user") == ["I am not at home"]
    assert [entry.interrupted for entry in call.record.transcript if entry.role == "user"] == [True]


async def test_without_a_final_text_in_time_the_latest_interim_text_counts(line, provider, until, monkeypatch):
    monkeypatch.setattr(closing, "LAST_WORDS_S", 0.3)
    stream = {"provider": "openai_compatible", "base_url": provider.base_url, "base_url_trusted": True}
    provider.silent_finals = True
    call, held = await talking(line, until, stt={**stream, "extra": {"stream": True}})
    await until(lambda: provider.stream_messages)
    call.hang_up()
    await held
    assert call.said("user") == [provider.text[:5]]


async def test_a_recogniser_that_does_not_answer_holds_the_end_up_for_a_moment_only(line, provider, until, monkeypatch):
    assert closing.LAST_WORDS_S == 1.5
    monkeypatch.setattr(closing, "LAST_WORDS_S", 0.2)
    provider.faults["stt"] = ["stall"] * 3
    call, held = await talking(line, until)
    call.hang_up()
    await asyncio.wait_for(held, 20)
    assert call.said("user") == []
    assert not provider.release.is_set()


async def test_nobody_is_waited_for_when_nobody_was_speaking(line, provider, until, monkeypatch):
    monkeypatch.setattr(closing, "LAST_WORDS_S", 60.0)
    call = line(opening_message="")
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    hear(call, SILENCE, 1.0)
    began = time.monotonic()
    call.hang_up()
    await held
    assert time.monotonic() - began < 30
    assert provider.asked("stt") == []
