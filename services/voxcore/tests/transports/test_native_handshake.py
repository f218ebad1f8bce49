"""Guards the native handshake: wrong or late frames must never become a call, and an early answer must not be lost."""

import base64
from typing import Any

import pytest
from voxcore.conversation import HandshakeFailed
from voxcore.transports import ws
from voxcore.transports.base import MediaListener
from voxcore.transports.ws import NativeMedia

pytestmark = [pytest.mark.unit]

CONNECTED = {
    "event": "connected",
    "callerId": "+15550100",
    "did": "+15550199",
    "callDirection": "incoming",
    "streamId": "st-0",
    "city": "Pune",
}
START = {
    "event": "start",
    "streamId": "st-81",
    "mediaFormat": {"encoding": "LINEAR", "sampleRate": 8000, "channels": 1},
}
MEDIA = {"event": "media", "payload": base64.b64encode(bytes(320)).decode()}


async def test_w1_every_field_of_connected_is_kept_and_the_stream_id_of_start_is_binding(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START)
    await media.read_handshake(record)
    assert record.connected_event["city"] == "Pune"
    assert "event" not in record.connected_event
    assert (record.stream_id, record.connected_event["streamId"]) == ("st-81", "st-81")
    assert (record.caller_id, record.from_number, record.call_direction) == ("+15550100", "+15550199", "incoming")
    await media.close()


async def test_w1_a_missing_stream_id_in_connected_is_no_error(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends({key: value for key, value in CONNECTED.items() if key != "streamId"}, START)
    await media.read_handshake(record)
    assert record.stream_id == "st-81"
    await media.close()


async def test_w2_the_handshake_is_over_at_start_while_the_answer_is_still_awaited(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START)
    await media.read_handshake(record)
    assert await media.wait_answer(0.01) is False
    assert socket.close_code == 1008


async def test_w2_the_answer_frame_answers(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START, {"event": "answer"})
    await media.read_handshake(record)
    assert await media.wait_answer() is True
    await media.close()


async def test_w3_a_media_frame_before_the_answer_counts_as_the_answer(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START, MEDIA)
    await media.read_handshake(record)
    assert await media.wait_answer() is True
    await media.close()


@pytest.mark.parametrize("frames", [[], [CONNECTED]], ids=["connected", "start"])
async def test_w4_a_frame_that_does_not_come_closes_1008(socket, record, frames, monkeypatch):
    monkeypatch.setattr(ws, "CONNECTED_WAIT_S", 0.02)
    monkeypatch.setattr(ws, "START_WAIT_S", 0.02)
    media = NativeMedia(socket)
    socket.far_end_sends(*frames)
    with pytest.raises(HandshakeFailed) as failed:
        await media.read_handshake(record)
    assert not failed.value.gone
    assert socket.close_code == 1008


def test_w4_the_waits_are_those_of_the_protocol():
    assert (ws.CONNECTED_WAIT_S, ws.START_WAIT_S, ws.ANSWER_WAIT_S) == (10.0, 10.0, 60.0)


@pytest.mark.parametrize(
    "media_format",
    [
        {"encoding": "MULAW", "sampleRate": 8000, "channels": 1},
        {"encoding": "LINEAR", "sampleRate": 16000, "channels": 1},
        {"encoding": "LINEAR", "sampleRate": 8000, "channels": 2},
        "LINEAR",
    ],
)
async def test_w5_another_format_closes_1008_with_a_reason(socket, record, media_format: Any):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, {**START, "mediaFormat": media_format})
    with pytest.raises(HandshakeFailed):
        await media.read_handshake(record)
    assert (socket.close_code, socket.close_reason) == (1008, "unsupported_media")


async def test_w6_a_hang_up_before_start_is_a_far_end_that_left(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, {"event": "hangup-call"})
    with pytest.raises(HandshakeFailed) as failed:
        await media.read_handshake(record)
    assert failed.value.gone
    assert socket.close_code == 1000


async def test_w6_a_closed_socket_before_the_answer_is_no_answer(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START)
    await media.read_handshake(record)
    socket.far_end_closes()
    assert await media.wait_answer() is False
    assert media.far_end_left
    await media.close()


async def test_frames_in_the_wrong_order_are_a_protocol_error(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends(START)
    with pytest.raises(HandshakeFailed):
        await media.read_handshake(record)
    assert socket.close_code == 1008


async def test_pings_and_unknown_events_do_not_disturb_the_handshake(socket, record):
    media = NativeMedia(socket)
    socket.far_end_sends({"event": "ping"}, CONNECTED, {"event": "future"}, START)
    await media.read_handshake(record)
    assert socket.events == ["pong"]
    await media.close()


async def test_w10_ten_unreadable_frames_in_a_row_close_1008_and_a_good_one_begins_the_count_anew(
    socket, record, heard, until
):
    media = NativeMedia(socket)
    socket.far_end_sends(CONNECTED, START, {"event": "answer"})
    await media.read_handshake(record)
    entry, _ = media.ends()
    await media.listen(entry, MediaListener(gone=heard.on_gone, digit=heard.on_digit))
    odd = {"event": "media", "payload": base64.b64encode(b"abc").decode()}
    socket.far_end_sends(*["no json"] * 5, odd, "[]", "7", *[{"event": "media", "payload": "%%"}], {"event": "what"})
    socket.far_end_sends(*["no json"] * 9, {"event": "ping"})
    await until(lambda: "pong" in socket.events)
    assert socket.close_code is None
    socket.far_end_sends(*["no json"] * 9)
    socket.far_end_sends_bytes(b"\x00")
    await until(lambda: socket.close_code is not None)
    assert socket.close_code == 1008
    assert heard.gone == [("", True)]
    await media.close()
