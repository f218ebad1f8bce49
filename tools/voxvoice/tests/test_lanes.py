"""A person waits for a final: it must not stand behind files and interims, and nobody may wait for ever."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from voxvoice.lanes import LaneClosed, Lanes, Urgency

pytestmark = [pytest.mark.unit]
WAIT_S = 30


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    lanes = Lanes()
    yield lanes
    lanes.close()


class Blocker:
    """Holds a lane until released, so that a queue can form."""

    def __init__(self, lanes: Lanes, lane: str) -> None:
        self.release, started = threading.Event(), threading.Event()

        def work() -> None:
            started.set()
            self.release.wait(WAIT_S)

        self.done = lanes.submit(lane, Urgency.FINAL, work)
        assert started.wait(WAIT_S)


def test_the_most_urgent_goes_first_and_equals_in_order(lanes: Lanes) -> None:
    blocker, order = Blocker(lanes, "whisper"), []
    jobs: list[Future[None]] = [
        lanes.submit("whisper", urgency, lambda name=name: order.append(name))
        for name, urgency in [
            ("file", Urgency.FILE),
            ("interim", Urgency.INTERIM),
            ("final 1", Urgency.FINAL),
            ("final 2", Urgency.FINAL),
        ]
    ]
    assert lanes.depth("whisper") == 4
    blocker.release.set()
    for job in jobs:
        job.result(WAIT_S)
    assert order == ["final 1", "final 2", "interim", "file"]


def test_an_interim_waits_while_speech_waits_to_be_synthesized(lanes: Lanes) -> None:
    speaking = Blocker(lanes, "piper")
    sentence = lanes.submit("piper", Urgency.FIRST_SENTENCE, lambda: None)
    interim = lanes.submit("whisper", Urgency.INTERIM, lambda: sentence.running() or sentence.done())
    final = lanes.submit("whisper", Urgency.FINAL, lambda: "final")
    assert final.result(WAIT_S) == "final"
    assert not interim.done()
    speaking.release.set()
    assert interim.result(WAIT_S) is True


def test_cancelled_work_leaves_the_queue(lanes: Lanes) -> None:
    blocker = Blocker(lanes, "whisper")
    job = lanes.submit("whisper", Urgency.FINAL, lambda: pytest.fail("ran"))
    assert job.cancel()
    assert lanes.depth("whisper") == 0
    blocker.release.set()
    assert lanes.submit("whisper", Urgency.FINAL, lambda: 1).result(WAIT_S) == 1


def test_an_error_reaches_its_caller_and_the_lane_lives_on(lanes: Lanes) -> None:
    with pytest.raises(ZeroDivisionError):
        lanes.submit("piper", Urgency.FIRST_SENTENCE, lambda: 1 // 0).result(WAIT_S)
    assert lanes.submit("piper", Urgency.FIRST_SENTENCE, lambda: 1).result(WAIT_S) == 1


def test_a_closed_lane_takes_nothing_and_drops_what_waits() -> None:
    lanes = Lanes()
    blocker = Blocker(lanes, "whisper")
    waiting = lanes.submit("whisper", Urgency.FINAL, lambda: 1)
    blocker.release.set()
    lanes.close(WAIT_S)
    assert waiting.cancelled() or waiting.result(0) == 1
    with pytest.raises(LaneClosed):
        lanes.submit("whisper", Urgency.FINAL, lambda: 1)
