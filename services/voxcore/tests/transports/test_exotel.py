"""Guards the carrier's stream: packets it accepts, metadata it gives, the stop frame that ends a call."""

import base64
import json

import numpy as np
import pytest
from pipecat.frames.frames import OutputAudioRawFrame
from voxcore.conversation import HandshakeFailed
from voxcore.transports.base import MediaListener
from voxcore.transports.exotel import ExotelMedia

pytestmark = [pytest.mark.unit]

START = {
    "event": "start",
    "sequence_number": 1,
    "stream_sid": "es-1",
    "start": {
        "stream_sid": "es-1",
        "call_sid": "cs-9",
        "account_sid": "acc-1",
        "from": "+15550100",
        "to": "+15550199",
        "custom_parameters": {"order": "77"},
        "media_format": {"encoding": "base64", "sample_rate": "8000"},
    },
}


def media_frame(pcm: bytes) -> dict[str, object]:
    return {"event": "media", "stream_sid": "es-1", "media": {"payload": base64.b64encode(pcm).decode()}}


async def begun(socket, record, heard) -> ExotelMedia:
    media = ExotelMedia(socket)
    socket.far_end_sends({"event": "connected"}, START)
    await media.read_handshake(record)
    assert await media.wait_answer()
    entry, _ = media.ends()
    await media.listen(entry, MediaListener(gone=heard.on_gone, digit=heard.on_digit))
    return media


@pytest.mark.parametrize("first", [[{"event": "connected"}], []], ids=["with connected", "without"])
async def test_the_handshake_maps_the_carriers_fields(socket_with, record, first):
    socket = socket_with("token=secret&fence=f&campaign=c1&sample-rate=8000")
    media = ExotelMedia(socket)
    socket.far_end_sends(*first, START)
    await media.read_handshake(record)
    assert (record.stream_id, record.caller_id, record.from_number) == ("es-1", "+15550100", "+15550199")
    event = record.connected_event
    assert (event["call_sid"], event["account_sid"], event["order"], event["campaign"]) == ("cs-9", "acc-1", "77", "c1")
    assert "token" not in event
    assert "fence" not in event
    await media.close()


async def test_the_customer_of_an_outgoing_call_is_the_number_that_was_called(socket_with, record):
    socket = socket_with("callDirection=outgoing")
    media = ExotelMedia(socket)
    socket.far_end_sends(START)
    await media.read_handshake(record)
    assert (record.caller_id, record.from_number, record.call_direction) == ("+15550199", "+15550100", "outgoing")
    await media.close()


@pytest.mark.parametrize(
    "frame",
    [
        {"event": "connected", "callerId": "+1", "streamId": "st"},
        {"event": "start", "streamSid": "MZ1", "start": {"streamSid": "MZ1"}},
        {"event": "start", "start": {"streamId": "x"}},
        "no json",
    ],
)
async def test_frames_of_another_carrier_close_1008(socket, record, frame):
    media = ExotelMedia(socket)
    socket.far_end_sends(frame)
    with pytest.raises(HandshakeFailed):
        await media.read_handshake(record)
    assert socket.close_code == 1008


@pytest.mark.parametrize(
    ("query", "rate", "chunk_ms", "packets"),
    [("", 8000, 200, 1), ("sample-rate=16000", 16000, 100, 1), ("sample-rate=24000", 16000, 200, 3)],
)
async def test_packets_are_3200_bytes_at_every_rate(socket_with, record, heard, query, rate, chunk_ms, packets):
    socket = socket_with(query)
    media = await begun(socket, record, heard)
    assert (media.rate, media.chunk_ms) == (rate, chunk_ms)
    for _ in range(3):
        chunk = bytes(rate * chunk_ms // 1000 * 2)
        await media.send_audio(OutputAudioRawFrame(audio=chunk, sample_rate=rate, num_channels=1))
    sizes = [len(base64.b64decode(frame["media"]["payload"])) for frame in socket.frames]
    assert sizes == [3200] * packets * 3
    await media.close()


async def test_a_24_khz_stream_is_heard_at_16_khz(socket_with, record, heard):
    media = await begun(socket_with("sample-rate=24000"), record, heard)
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(2400) / 24000)).astype("<i2").tobytes()
    frames = [await media.serializer.deserialize(json.dumps(media_frame(tone))) for _ in range(10)]
    samples = sum(len(frame.audio) // 2 for frame in frames)
    assert abs(samples - 16_000) <= 160  # at most 10 ms held back
    await media.close()


async def test_a_recorded_call_is_answered_frame_by_frame(socket, record, heard, until):
    media = await begun(socket, record, heard)
    socket.far_end_sends(media_frame(bytes(3200)), {"event": "dtmf", "stream_sid": "es-1", "dtmf": {"digit": "7"}})
    socket.far_end_sends({"event": "mark", "stream_sid": "es-1", "mark": {"name": "m"}})
    await media.send_audio(OutputAudioRawFrame(audio=bytes(3200), sample_rate=8000, num_channels=1))
    await media.flush_output()
    socket.far_end_sends({"event": "stop", "stream_sid": "es-1", "stop": {"call_sid": "cs-9", "reason": "callended"}})
    await until(lambda: heard.gone)
    silence = base64.b64encode(bytes(3200)).decode()
    assert socket.sent == [
        f'{{"event": "media", "stream_sid": "es-1", "media": {{"payload": "{silence}"}}}}',
        '{"event": "clear", "stream_sid": "es-1"}',
    ]
    assert heard.digits == ["7"]
    assert heard.gone == [("callended", False)]
    await media.hang_up("customer")
    assert socket.close_code == 1000


@pytest.mark.parametrize("cause", ["bot", "error"])
async def test_our_hang_up_is_the_close_alone(socket, record, heard, cause):
    media = await begun(socket, record, heard)
    await media.hang_up(cause)
    assert socket.sent == []
    assert socket.close_code == 1000


async def test_a_far_end_that_leaves_unnoticed_does_not_make_the_hang_up_fail(socket, record, heard):
    media = await begun(socket, record, heard)
    socket.cut = True
    await media.hang_up("bot")
    assert socket.close_code is None


@pytest.mark.parametrize("cause", ["outside_hours", "error"])
async def test_a_call_without_a_configuration_is_closed_1000(socket, record, heard, cause):
    media = await begun(socket, record, heard)
    await media.reject(cause)
    assert socket.close_code == 1000


async def test_no_transfer_is_offered(socket, record, heard):
    media = await begun(socket, record, heard)
    assert not media.transfer_methods
    assert (await media.transfer("2001", "")).done is False
    await media.close()
