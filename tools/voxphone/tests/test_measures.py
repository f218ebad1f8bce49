"""Figures computed from the wrong end of a word would praise or blame a worker for nothing."""

import json
from datetime import UTC, datetime

import pytest
from voxphone import measure, pcm
from voxphone.callee import Mark
from voxphone.ear import Stretch
from voxphone.wire import ExotelWire, VoxWire
from voxphone.wire.base import Audio, Flush, Line, encode

pytestmark = [pytest.mark.unit]

FRAME = pcm.tone(400, 0.02, -20).astype("<i2").tobytes()


def mark(first, last, over=False, kind="say"):
    return Mark(kind, "words", first, last, over)


def test_percentiles_are_nearest_rank():
    values = list(range(1, 101))
    assert [measure.percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0, 0.0)] == [50, 95, 99, 100, 1]
    with pytest.raises(ValueError, match="no values"):
        measure.percentile([], 0.5)


def test_latency_runs_from_the_last_own_frame_to_the_first_heard_one():
    turn = measure.turns([mark(0, 49)], [Stretch(80, 120)], [1.5], 200)[0]
    assert turn.latency_ms == 620
    assert turn.wire_latency_ms == pytest.approx(520)


def test_a_bot_that_speaks_at_the_end_of_the_callers_turn_has_no_latency():
    assert measure.turns([mark(50, 60, over=True)], [Stretch(40, 120)], [0.8], 200)[0].latency_ms is None


def test_an_answer_after_the_next_turn_is_not_the_answer_to_this_one():
    first, second = measure.turns([mark(0, 49), mark(100, 149)], [Stretch(170, 180)], [], 200)
    assert first.latency_ms is None
    assert second.latency_ms == 420


def test_a_turn_that_the_end_of_the_call_cut_is_marked():
    turn = measure.turns([mark(10, -1)], [], [], 30)[0]
    assert turn.cut_short
    assert turn.ended_s == 0.62


def test_a_barge_in_counts_from_the_first_own_frame():
    found = measure.barge_ins([mark(50, 90, over=True)], [Stretch(10, 70)], [1.4], 200)
    assert [(b.stopped, b.stop_frame_ms, b.silent_ms) for b in found] == [(True, 400, 420)]


@pytest.mark.parametrize("flushes", [[], [0.5], [5.0]])
def test_a_stop_before_the_word_or_long_after_the_bots_end_is_no_reaction(flushes):
    found = measure.barge_ins([mark(50, 60, over=True)], [Stretch(10, 100)], flushes, 200)
    assert [b.stopped for b in found] == [False]


def test_a_stop_in_a_pause_between_two_sentences_is_a_reaction():
    found = measure.barge_ins([mark(30, 110, over=True)], [Stretch(10, 100)], [2.333], 200)
    assert [(b.stopped, b.stop_frame_ms) for b in found] == [(True, 1733)]


def test_intervals_are_taken_inside_a_run_of_chunks_only():
    arrivals = measure.Arrivals()
    for at in (0.0, 0.02, 0.041, 0.059, 1.0, 1.02):
        arrivals.add(at, FRAME)
    assert arrivals.runs == 2
    assert arrivals.intervals_ms == pytest.approx([20, 21, 18, 20])
    assert arrivals.offsets_ms == pytest.approx([0, 1, -2, 0], abs=1e-6)
    assert arrivals.onsets_s == [0.0, 1.0]


def test_audio_sent_faster_than_the_clock_is_a_lead():
    arrivals = measure.Arrivals()
    for at in (0.0, 0.0, 0.0, 0.02):
        arrivals.add(at, FRAME)
    assert arrivals.lead_max_ms == pytest.approx(60)


def test_the_histogram_keeps_what_lies_outside_in_its_ends():
    counts = measure.histogram([-100, 0, 0.4, 99], reach_ms=2)
    assert counts == [1, 0, 2, 0, 1]


# --- what a worker may send ---------------------------------------------------------------------------------------

LINE = Line("+15550100", "+15550199", "st-1")


def reverse_media(**changed):
    frame = {
        "event": "reverse-media", "chunk": 1, "did": "+15550199", "payload": encode(FRAME), "streamId": "st-1",
        "timestamp": "2026-01-31 09:15:02", "callerId": "+15550100", "chunk_durn_ms": 20, "callDirection": "incoming",
        "encoding": "LINEAR", "RevMediaQ": 0, "source": "ai",
    }  # fmt: skip
    return json.dumps(frame | changed)


def vox():
    wire = VoxWire(LINE, now=lambda: datetime(2026, 1, 31, 9, 15, 3, tzinfo=UTC))
    wire.answer()
    return wire


def test_a_right_frame_is_audio_without_a_fault():
    wire = vox()
    assert wire.read(reverse_media()) == Audio(FRAME)
    assert wire.faults.found == {}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"chunk": 2}, "chunk rises by one from 1"),
        ({"streamId": "st-2"}, "reverse-media.streamId is right"),
        ({"callerId": ""}, "reverse-media.callerId is right"),
        ({"encoding": "PCMU"}, "reverse-media.encoding is right"),
        ({"chunk_durn_ms": 40}, "chunk_durn_ms is the length"), ({"chunk_durn_ms": 30}, "chunk_durn_ms is the length"),
        ({"timestamp": "2026-01-31T09:15:02Z"}, "timestamp has the form 2026-01-31 09:15:02"),
        ({"timestamp": "2026-01-31 14:45:02"}, "timestamp is UTC"), ({"RevMediaQ": "0"}, "RevMediaQ is a number"),
        ({"source": "bot"}, "reverse-media.source is right"), ({"did": None}, "reverse-media.did is right"),
        ({"callDirection": "outgoing"}, "reverse-media.callDirection is right"),
        ({"payload": "%%"}, "payload is base64 text"),
        ({"payload": encode(FRAME + b"x")}, "payload is a whole number of samples"),
    ],
)  # fmt: skip
def test_each_wrong_field_is_a_fault_of_its_own(changed, rule):
    wire = vox()
    wire.read(reverse_media(**changed))
    assert rule in wire.faults.found


@pytest.mark.parametrize(
    "raw", [b"\x00", "not json", "[]", "{}", '{"event": 5}', '{"event":"other"}', "x" * 70_000, "[" * 9999]
)
def test_an_unreadable_frame_is_a_fault_and_no_exception(raw):
    for wire in (vox(), ExotelWire(LINE)):
        assert wire.read(raw) is None
        assert wire.faults.found


def test_audio_before_the_answer_and_frames_after_the_hang_up_are_faults():
    wire = VoxWire(LINE)
    wire.read(reverse_media())
    assert "no audio before the answer" in wire.faults.found
    ids = {"streamId": "st-1", "callerId": "+15550100", "source": "ai", "message": "m", "reason": "bot"}
    wire = vox()
    wire.read(json.dumps({"event": "reverse-hangup-call"} | ids))
    wire.read(reverse_media())
    assert "nothing follows the hang-up" in wire.faults.found


def test_exotel_audio_comes_in_multiples_of_320_bytes():
    wire = ExotelWire(LINE)
    wire.answer()

    def media(size):
        return json.dumps({"event": "media", "stream_sid": "st-1", "media": {"payload": encode(bytes(size))}})

    assert wire.read(media(3200)) == Audio(bytes(3200))
    assert wire.read(json.dumps({"event": "clear", "stream_sid": "st-1"})) == Flush()
    assert wire.faults.found == {}
    wire.read(media(322))
    assert "packets are a multiple of 320 bytes" in wire.faults.found
