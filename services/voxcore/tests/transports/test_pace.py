"""Guards real time on the wire: audio that leaves too early cannot be taken back, audio that is late is a gap."""

import asyncio
import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipecat.frames.frames import InterruptionFrame, TTSAudioRawFrame, TTSStoppedFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.workers.runner import WorkerRunner
from voxcore.transports.ends import Pace
from voxcore.transports.ws import NativeMedia

pytestmark = [pytest.mark.unit]


@given(
    durations=st.lists(st.sampled_from([0.02, 0.04, 0.06, 0.08, 0.1]), min_size=1, max_size=60),
    late=st.lists(st.floats(0, 0.3), min_size=60, max_size=60),
)
def test_w8_never_more_than_60_ms_ahead_and_never_slower_than_real_time(durations, late):
    pace, now, sent, began = Pace(), 100.0, 0.0, 100.0
    for duration, delay in zip(durations, late, strict=False):
        now += pace.wait_s(now, duration)
        pace.sent(now, duration)
        sent += duration
        assert pace.end - now <= max(0.06, duration) + 1e-9
        now += delay
    assert pace.end >= began + sent - 1e-9


def test_a_flush_forgets_what_was_ahead():
    pace = Pace()
    pace.sent(10.0, 0.06)
    pace.flushed(10.01)
    assert pace.wait_s(10.01, 0.02) == 0


async def test_w7_w9_chunks_are_numbered_padded_and_nothing_follows_an_interruption(socket, record, until):
    media = NativeMedia(socket)
    socket.far_end_sends(
        {"event": "connected", "callDirection": "incoming"},
        {"event": "start", "streamId": "s", "mediaFormat": {"encoding": "LINEAR", "sampleRate": 8000, "channels": 1}},
        {"event": "answer"},
    )
    await media.read_handshake(record)
    _, output = media.ends()
    worker = PipelineWorker(
        Pipeline([output]),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    running = asyncio.ensure_future(runner.run())
    try:
        # 50 ms: two whole chunks and half of one
        await worker.queue_frame(TTSAudioRawFrame(audio=b"\x01\x00" * 400, sample_rate=8000, num_channels=1))
        await worker.queue_frame(TTSStoppedFrame())
        await until(lambda: len(socket.sent) >= 3)
        payloads = [base64.b64decode(frame["payload"]) for frame in socket.frames]
        assert [len(payload) for payload in payloads] == [320, 320, 320]
        assert payloads[2] == b"\x01\x00" * 80 + bytes(160)
        assert [frame["chunk"] for frame in socket.frames] == [1, 2, 3]

        began = time.monotonic()
        await worker.queue_frame(TTSAudioRawFrame(audio=b"\x02\x00" * 80_000, sample_rate=8000, num_channels=1))
        await until(lambda: len(socket.sent) >= 13)
        elapsed_s = time.monotonic() - began
        assert (len(socket.sent) - 3) * 0.02 <= elapsed_s + 0.06 + 0.02
        await worker.queue_frame(InterruptionFrame())
        await until(lambda: "reverse-media-stop" in socket.events)
        count = len(socket.sent)
        assert socket.events[-1] == "reverse-media-stop"
        await asyncio.sleep(0.1)
        assert len(socket.sent) == count
    finally:
        await worker.cancel()
        await asyncio.wait_for(running, 20)
        await media.close()
