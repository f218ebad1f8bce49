"""Guards the recording: two channels that stay aligned, on disk while the call runs, readable whatever happens."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from voxcore.pipeline.recorder import WireRecorder
from voxcore.spool import mend_wav

pytestmark = [pytest.mark.unit]

RATE = 8000


def pcm(value: int, seconds: float) -> bytes:
    return np.full(int(seconds * RATE), value, dtype="<i2").tobytes()


def channels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with wave.open(io.BytesIO(path.read_bytes())) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def heard_at(channel: np.ndarray, value: int) -> tuple[float, float]:
    """(first, last + 1) moment of a value, seconds."""
    at = np.flatnonzero(channel == value)
    return at[0] / RATE, (at[-1] + 1) / RATE


def test_both_sides_stand_where_they_were_on_the_wire(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    for step in range(100):  # 2 s in frames of 20 ms, the bot speaks from 0.5 s to 1.0 s
        recorder.inbound(pcm(7 if 50 <= step < 60 else 1, 0.02))
        if 25 <= step < 50:
            recorder.outbound(pcm(5, 0.02))
    assert recorder.close()
    customer, bot = channels(tmp_path / "a.part")
    assert len(customer) == len(bot) == 2 * RATE
    assert heard_at(customer, 7) == (1.0, 1.2)
    first, last = heard_at(bot, 5)
    assert abs(first - 0.5) <= 0.04
    assert abs(last - 1.0) <= 0.04


def test_a_barge_in_cuts_the_bot_back_to_what_can_have_been_heard(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    recorder.inbound(pcm(1, 1.0))
    recorder.outbound(pcm(5, 0.06))  # the lead
    recorder.inbound(pcm(1, 0.01))
    recorder.flush()
    recorder.inbound(pcm(1, 0.5))
    recorder.outbound(pcm(6, 0.02))
    recorder.inbound(pcm(1, 0.5))
    assert recorder.close()
    customer, bot = channels(tmp_path / "a.part")
    assert len(customer) == 2 * RATE + 80
    assert heard_at(bot, 5) == (1.0, 1.05)  # 10 ms played, 40 ms of grace
    assert heard_at(bot, 6) == (1.51, 1.53)


def test_speech_behind_speech_is_not_overlaid(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    recorder.inbound(pcm(1, 0.1))
    recorder.outbound(pcm(5, 0.06))
    recorder.outbound(pcm(6, 0.06))
    recorder.inbound(pcm(1, 0.4))
    recorder.close()
    _, bot = channels(tmp_path / "a.part")
    assert heard_at(bot, 5) == (0.1, 0.16)
    assert heard_at(bot, 6) == (0.16, 0.22)


def test_a_far_end_that_sends_nothing_does_not_fill_the_memory_nor_lose_the_bot(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    for _ in range(500):
        recorder.outbound(pcm(5, 0.02))
    assert (tmp_path / "a.part").stat().st_size >= 8 * RATE * 4
    recorder.close()
    _, bot = channels(tmp_path / "a.part")
    assert np.count_nonzero(bot == 5) == 10 * RATE


def test_at_most_a_second_waits_for_the_disk(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    for _ in range(150):
        recorder.inbound(pcm(1, 0.02))
        on_disk_s = ((tmp_path / "a.part").stat().st_size - 44) / 4 / RATE
        assert recorder.seconds - on_disk_s <= 1.0
    recorder.close()


def test_a_recording_that_was_never_closed_lacks_only_its_sizes(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    recorder.inbound(pcm(3, 2.0))
    assert mend_wav(tmp_path / "a.part")
    customer, _ = channels(tmp_path / "a.part")
    assert len(customer) == 2 * RATE
    recorder.close()


def test_a_call_without_audio_is_an_empty_but_right_file(tmp_path):
    recorder = WireRecorder(tmp_path / "a.part", RATE)
    assert recorder.close()
    assert recorder.close()
    assert len(channels(tmp_path / "a.part")[0]) == 0
