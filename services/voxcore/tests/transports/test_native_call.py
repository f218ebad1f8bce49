"""Guards the native frames of a whole call, byte for byte, and the ends of a call in their order."""

import asyncio
import base64
import time
from datetime import UTC, datetime

import pytest
from pipecat.frames.frames import OutputAudioRawFrame
from voxcore.transports import base, ends
from voxcore.transports import ws as native
from voxcore.transports.base import MediaListener
from voxcore.transports.ws import NativeMedia, VoxFrameSerializer

pytestmark = [pytest.mark.unit]

HANDSHAKE = [
    {
        "event": "connected",
        "callerId": "+15550100",
        "did": "+15550199",
        "callDirection": "incoming",
        "streamId": "st-81",
    },
    {"event": "start", "streamId": "st-81", "mediaFormat": {"encoding": "LINEAR", "sampleRate": 8000, "channels": 1}},
    {"event": "answer"},
]


def pcm(value: int, samples: int = 160) -> bytes:
    return value.to_bytes(2, "little") * samples


async def begun(socket, record, heard, chunk_ms: int = 20) -> NativeMedia:
    media = NativeMedia(socket, chunk_ms=chunk_ms)
    socket.far_end_sends(*HANDSHAKE)
    await media.read_handshake(record)
    assert await media.wait_answer()
    entry, _ = media.ends()
    await media.listen(entry, MediaListener(gone=heard.on_gone, digit=heard.on_digit))
    return media


async def test_a_whole_call_is_sent_frame_by_frame_as_the_protocol_says(socket, record, heard, until):
    media = await begun(socket, record, heard)
    media.serializer = VoxFrameSerializer(record, chunk_ms=20, now=lambda: datetime(2026, 1, 31, 9, 15, 2, tzinfo=UTC))
    media._wire = media.serializer
    for value in (1, 2):
        await media.send_audio(OutputAudioRawFrame(audio=pcm(value), sample_rate=8000, num_channels=1))
    await media.flush_output()
    await media.send_audio(OutputAudioRawFrame(audio=pcm(3), sample_rate=8000, num_channels=1))
    ended = asyncio.ensure_future(media.hang_up("bot"))
    await until(lambda: "reverse-hangup-call" in socket.events)
    socket.far_end_sends({"event": "hangup-call", "disconnectedBy": "ai"})
    await ended

    def chunk(number: int, value: int) -> str:
        payload = base64.b64encode(pcm(value)).decode()
        return (
            f'{{"event":"reverse-media","chunk":{number},"did":"+15550199","payload":"{payload}",'
            '"timestamp":"2026-01-31 09:15:02","streamId":"st-81","callerId":"+15550100","chunk_durn_ms":20,'
            '"callDirection":"incoming","encoding":"LINEAR","RevMediaQ":0,"source":"ai"}'
        )

    stop = '{"event":"reverse-media-stop","callerId":"+15550100","streamId":"st-81"}'
    hang_up = (
        '{"event":"reverse-hangup-call","streamId":"st-81","callerId":"+15550100","source":"ai",'
        '"message":"Call completed","reason":"bot"}'
    )
    assert socket.sent == [chunk(1, 1), chunk(2, 2), stop, chunk(3, 3), stop, hang_up]
    assert socket.close_code == 1000
    assert heard.gone == []  # we ended the call ourselves


async def test_w12_a_quarter_second_lies_between_the_last_audio_and_the_stop_frame(socket, record, heard, until):
    media = await begun(socket, record, heard)
    await media.send_audio(OutputAudioRawFrame(audio=pcm(1, 1600), sample_rate=8000, num_channels=1))
    sent_at = time.monotonic()
    ended = asyncio.ensure_future(media.hang_up("timeout"))
    await until(lambda: "reverse-media-stop" in socket.events)
    assert time.monotonic() - sent_at >= 0.2 + 0.25 - 0.01  # the audio is 0.2 s long
    socket.far_end_closes()
    await ended
    assert socket.frames[-1]["reason"] == "timeout"


async def test_a_far_end_that_does_not_react_to_the_hang_up_is_closed_after_three_seconds(
    socket, record, heard, monkeypatch
):
    assert base.HANG_UP_WAIT_S == 3.0
    monkeypatch.setattr(base, "HANG_UP_WAIT_S", 0.05)
    media = await begun(socket, record, heard)
    await media.hang_up("bot")
    await media.hang_up("bot")
    assert socket.events == ["reverse-media-stop", "reverse-hangup-call"]
    assert socket.close_code == 1000


async def test_a_far_end_that_hangs_up_is_answered_with_1000_and_reported_once(socket, record, heard, until):
    media = await begun(socket, record, heard)
    socket.far_end_sends({"event": "hangup-call", "disconnectedBy": "network"})
    socket.far_end_closes()
    await until(lambda: heard.gone)
    await media.hang_up("customer")
    assert heard.gone == [("network", False)]
    assert socket.sent == []
    assert socket.close_code == 1000


async def test_a_lost_socket_is_told_from_a_hang_up(socket, record, heard, until):
    media = await begun(socket, record, heard)
    socket.far_end_closes()
    await until(lambda: heard.gone)
    assert heard.gone == [("", True)]
    await media.close()


async def test_a_far_end_that_leaves_unnoticed_ends_the_hang_up_at_once_and_not_as_an_error(socket, record, heard):
    media = await begun(socket, record, heard)
    socket.cut = True
    async with asyncio.timeout(base.HANG_UP_WAIT_S / 2):
        await media.hang_up("bot")
    assert socket.sent == []
    assert not await media.send("anything")


@pytest.mark.parametrize(("cause", "code"), [("outside_hours", 1000), ("error", 1011)])
async def test_a_call_without_a_configuration_is_rejected_with_its_reason(socket, record, cause, code):
    media = NativeMedia(socket)
    socket.far_end_sends(*HANDSHAKE)
    await media.read_handshake(record)
    await media.reject(cause)
    await media.reject(cause)
    assert [(frame["event"], frame["reason"]) for frame in socket.frames] == [("reverse-hangup-call", cause)]
    assert socket.close_code == code


async def test_digits_and_pings_are_understood(socket, record, heard, until):
    media = await begun(socket, record, heard)
    socket.far_end_sends({"event": "dtmf", "digit": "5"}, {"event": "dtmf", "digit": "x"}, {"event": "ping"})
    await until(lambda: "pong" in socket.events)
    assert heard.digits == ["5"]
    await media.close()


async def test_a_transfer_is_done_when_the_far_end_hangs_up(socket, record, heard, until):
    media = await begun(socket, record, heard)
    asked = asyncio.ensure_future(media.transfer("2001", "asked for a person"))
    await until(lambda: socket.sent)
    assert socket.sent == [
        '{"event":"reverse-call-transfer","streamId":"st-81","callerId":"+15550100","transferTo":"2001",'
        '"source":"ai","reason":"asked for a person"}'
    ]
    assert media.transferring
    socket.far_end_sends({"event": "hangup-call", "disconnectedBy": "transfer"})
    assert (await asked).done
    await media.close()


async def test_a_transfer_fails_by_the_far_ends_word_or_by_silence(socket, record, heard, until, monkeypatch):
    assert native.TRANSFER_WAIT_S == 15.0
    media = await begun(socket, record, heard)
    asked = asyncio.ensure_future(media.transfer("2001", ""))
    await until(lambda: socket.sent)
    socket.far_end_sends({"event": "transfer-failed", "reason": "busy"})
    assert (await asked).failed_reason == "busy"
    monkeypatch.setattr(native, "TRANSFER_WAIT_S", 0.02)
    assert (await media.transfer("2001", "")).failed_reason == "no_ack"
    assert not media.transferring
    await media.close()


async def test_w9_a_barge_in_stops_the_far_end_once_and_is_silent_when_the_bot_said_nothing(socket, record, heard):
    media = await begun(socket, record, heard)
    await media.flush_output()
    assert socket.sent == []
    await media.send_audio(OutputAudioRawFrame(audio=pcm(1), sample_rate=8000, num_channels=1))
    await media.flush_output()
    await media.flush_output()
    assert socket.events == ["reverse-media", "reverse-media-stop"]
    await media.close()


async def test_audio_goes_on_in_short_batches_only_while_somebody_waits_for_it(
    socket, record, heard, until, monkeypatch
):
    batches = []

    async def feed(self, audio: bytes, rate: int) -> None:
        batches.append(len(audio) // 2)

    monkeypatch.setattr(ends.WireInput, "feed", feed)
    media = await begun(socket, record, heard)
    frames = [{"event": "media", "payload": base64.b64encode(pcm(n)).decode()} for n in range(4)]
    socket.far_end_sends(*frames)
    await until(lambda: len(batches) == 2)
    media.quick_input = True
    socket.far_end_sends(*frames)
    await until(lambda: len(batches) == 6)
    assert batches == [320, 320, 160, 160, 160, 160]
    await media.close()


async def test_a_line_is_quiet_by_its_audio_and_not_by_the_clock_after_a_hold_up(socket, record, heard, until):
    def says(value: int, seconds: float) -> list[dict[str, str]]:
        payload = base64.b64encode(pcm(value)).decode()
        return [{"event": "media", "payload": payload}] * round(seconds / 0.02)

    media = await begun(socket, record, heard)
    socket.far_end_sends(*says(9000, 0.2), *says(0, 0.4))
    await until(lambda: media.quiet_s == pytest.approx(0.4))
    media.heard_at -= 1.5  # nothing was read for so long
    assert media.quiet_s == pytest.approx(0.4)
    socket.far_end_sends(*says(9000, 0.04))
    await until(lambda: media.quiet_s == 0)
    media.heard_at -= 3.5  # a line that sends no silence
    assert media.quiet_s == pytest.approx(1.5, abs=0.2)
