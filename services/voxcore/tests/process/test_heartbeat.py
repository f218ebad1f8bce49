"""A worker that the registry hears wrongly, or that waits for it, loses calls or seats (H1 to H3, F3, F14)."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from structlog.testing import capture_logs
from voxcore import metrics
from voxcore.call import Begun, Calls
from voxcore.heartbeat import BEAT_S, Heartbeats, Truth
from voxcore.record import CallRecord
from voxcore.slot import DrainSource, Epochs, Move, Phase, Slot
from voxcore.store_clock import StoreClock
from voxkit.fence import Fence, make_fence

pytestmark = [pytest.mark.unit]

T0 = 1_769_850_000_000
SECRET = "test-secret"
Answer = Callable[[dict[str, Any]], httpx.Response | Exception]


class Watch:
    """A monotonic clock that the test moves, in seconds."""

    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        return self.s


class Plant:
    """Heartbeats against a registry that answers as it is told."""

    def __init__(self, settings_for: Callable[..., Any], folder: Any) -> None:
        self.watch = Watch()
        self.clock = StoreClock(wall_ms=lambda: T0, monotonic_ms=lambda: round(self.watch.s * 1000))
        self.slot = Slot(
            Epochs(folder / "w-1", now_ms=lambda: T0), worker_id="w-1", secrets=(SECRET,), now_ms=self.clock.now_ms
        )
        self.slot.move(Move.READY)
        self.heard: list[dict[str, Any]] = []
        self.asked: list[httpx.Request] = []
        self.answer: Answer = lambda beat: self.ok()
        settings = settings_for(registry_url="http://registry.test/", voxcore_worker_id="w-1")
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._serve))
        self.calls = cast("Calls", SimpleNamespace(current=None))
        self.truth = Truth(settings, "1", self.slot, self.calls, protocols=["ws"], pending=lambda: 0)
        self.beats = Heartbeats(settings, client, self.truth, self.slot, self.clock, monotonic=self.watch)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        beat = httpx.Response(200, content=request.content).json() if request.content else {}
        self.heard.append(beat)
        answer = self.answer(beat)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ok(self, **more: Any) -> httpx.Response:
        body = {"now_ms": self.clock.now_ms(), "ttl_ms": 9000, "reservation": None, "drain": False, "generation": "g"}
        return httpx.Response(200, json=body | more)

    def held(self, rid: str, *, epoch: int | None = None, hold_ms: int = 15_000) -> dict[str, Any]:
        deadline_ms = self.clock.now_ms() + hold_ms
        fence = make_fence(Fence("w-1", epoch or self.slot.epoch, rid, deadline_ms), SECRET)
        return {"reservation_id": rid, "fence": fence, "deadline_ms": deadline_ms}


@pytest.fixture
def plant(settings_for: Callable[..., Any], tmp_path: Any) -> Plant:
    return Plant(settings_for, tmp_path)


# --- the answers ----------------------------------------------------------------------------------------------------


async def test_a_reservation_in_the_answer_holds_the_slot_as_post_reserve_does(plant: Plant) -> None:
    """H2."""
    held = plant.held("r-first-one")
    plant.answer = lambda beat: plant.ok(reservation=held)
    await plant.beats.beat()
    assert (plant.slot.phase, plant.slot.reservation_id) == (Phase.RESERVED, "r-first-one")
    await plant.beats.beat()
    assert plant.heard[-1]["phase"] == "reserved"
    assert plant.heard[-1]["reservation_id"] == "r-first-one"
    assert plant.slot.phase is Phase.RESERVED


async def test_an_answer_that_was_overtaken_by_a_call_changes_nothing(plant: Plant) -> None:
    """The reservation it names was granted before the call that the slot carries, or has carried since."""
    held = plant.held("r-first-one")
    plant.answer = lambda beat: plant.ok(reservation=held)
    plant.slot.take()
    await plant.beats.beat()
    assert (plant.slot.phase, plant.slot.reservation_id) == (Phase.BUSY, None)
    for move in (Move.CALL_OVER, Move.RESULT_ON_DISK):
        plant.slot.move(move)
    await plant.beats.beat()
    assert plant.slot.phase is Phase.IDLE


async def test_a_reservation_that_the_registry_no_longer_knows_is_let_go_though_its_word_was_lost(plant: Plant) -> None:
    plant.slot.reserve(plant.held("r-first-one")["fence"])
    await plant.beats.beat()
    assert plant.slot.phase is Phase.IDLE


async def test_an_answer_to_a_beat_from_before_the_reservation_does_not_let_it_go(plant: Plant) -> None:
    def overtaken(beat: dict[str, Any]) -> httpx.Response:
        plant.slot.reserve(plant.held("r-first-one")["fence"])
        return plant.ok()

    plant.answer = overtaken
    await plant.beats.beat()
    assert plant.slot.phase is Phase.RESERVED


async def test_a_drain_of_the_registry_is_lifted_by_the_registry_alone(plant: Plant) -> None:
    """H2: `false` lifts only a drain that came this way."""
    plant.slot.drain(DrainSource.ROUTE, "operator")
    plant.answer = lambda beat: plant.ok(drain=True)
    await plant.beats.beat()
    assert set(plant.slot.drain_reasons) == {DrainSource.ROUTE, DrainSource.REGISTRY}
    plant.answer = lambda beat: plant.ok()
    await plant.beats.beat()
    assert set(plant.slot.drain_reasons) == {DrainSource.ROUTE}


async def test_a_superseded_worker_says_so_drains_and_is_silent_from_then_on(plant: Plant) -> None:
    plant.answer = lambda beat: httpx.Response(409, json={"error": "superseded", "message": "A newer process."})
    with capture_logs() as logs:
        await asyncio.wait_for(plant.beats.run(), 5)
        await plant.beats.leave(1)
    assert plant.slot.drain_reasons == {DrainSource.SUPERSEDED: "superseded"}
    assert [entry["event"] for entry in logs].count("registry.superseded") == 1
    assert len(plant.asked) == 1


@pytest.mark.parametrize(
    ("campaign_id", "told"), [("spring-1", "spring-1"), ("a b", None), ("c" * 65, None), ("", None), (7, None)]
)
async def test_a_callers_words_that_the_registry_would_refuse_do_not_cost_the_beat(
    campaign_id: object, told: str | None, plant: Plant
) -> None:
    record = CallRecord(call_id="c-1", bot_id="demo", transport="ws", session_id="s" * 129)
    record.connected_event = {"_campaign_id": campaign_id}
    plant.slot.take()
    plant.calls.current = cast("Begun", SimpleNamespace(record=record))
    await plant.beats.beat()
    (beat,) = plant.heard
    assert (beat["call_id"], beat["bot_id"], beat["session_id"]) == ("c-1", "demo", None)
    assert beat["campaign_id"] == told


# --- away -----------------------------------------------------------------------------------------------------------

FAILURES: dict[str, httpx.Response | Exception] = {
    "refused": httpx.ConnectError("refused"),
    "silent": httpx.ReadTimeout("silent"),
    "store away": httpx.Response(503, json={"error": "store_unavailable", "message": ""}),
    "another secret": httpx.Response(403, json={"error": "forbidden", "message": ""}),
    "something else": httpx.Response(200, text="<html>hello</html>"),
}


@pytest.mark.parametrize("kind", list(FAILURES))
async def test_an_outage_is_one_line_and_one_when_it_ends_and_changes_nothing_else(kind: str, plant: Plant) -> None:
    """H3."""
    await plant.beats.beat()
    before = metrics.heartbeat_failures._value.get()
    plant.answer = lambda beat: FAILURES[kind]
    with capture_logs() as logs:
        for _ in range(4):
            plant.watch.s += 5
            await plant.beats.beat()
        plant.answer = lambda beat: plant.ok()
        await plant.beats.beat()
    told = [entry for entry in logs if entry["event"].startswith("registry.")]
    assert [entry["event"] for entry in told] == ["registry.away", "registry.back"]
    assert told[1]["beats_missed"] == 4
    assert ("VOXCORE_SECRET" in told[0].get("hint", "")) == (kind == "another secret")
    assert metrics.heartbeat_failures._value.get() == before + 4
    assert plant.slot.available == 1


async def test_the_pause_grows_with_jitter_and_never_past_one_beat(plant: Plant) -> None:
    assert plant.beats._pause_s() == BEAT_S
    plant.answer = lambda beat: httpx.ConnectError("refused")
    pauses: list[list[float]] = []
    for _ in range(6):
        await plant.beats.beat()
        pauses.append([plant.beats._pause_s() for _ in range(50)])
    for drawn, nominal in zip(pauses, (0.5, 1.0, 2.0, 3.0, 3.0, 3.0), strict=True):
        assert nominal * 0.7 <= min(drawn) < max(drawn) <= nominal * 1.3


async def test_changes_during_a_beat_are_told_by_the_next_one_as_one(plant: Plant) -> None:
    """One in flight, the newest wins."""
    arrived, go = asyncio.Event(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        plant.heard.append(httpx.Response(200, content=request.content).json())
        arrived.set()
        if len(plant.heard) == 1:
            await go.wait()
        return plant.ok()

    plant.beats._client = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    running = asyncio.create_task(plant.beats.run())
    await arrived.wait()
    arrived.clear()
    for step in (plant.slot.take, lambda: plant.slot.move(Move.CALL_OVER)):
        step()
        await asyncio.sleep(0)
    assert len(plant.heard) == 1
    go.set()
    await asyncio.wait_for(arrived.wait(), 5)
    assert [beat["phase"] for beat in plant.heard] == ["idle", "wrapping"]
    assert [beat["seq"] for beat in plant.heard] == [1, 2]
    running.cancel()


# --- who may still hold a reservation -------------------------------------------------------------------------------


async def test_a_drained_worker_waits_for_one_answer_after_the_drain_or_ten_seconds(plant: Plant) -> None:
    """Section 11: `drained`."""
    plant.answer = lambda beat: httpx.ReadTimeout("silent")
    await plant.beats.beat()
    assert not plant.beats.grants_are_known  # no drain
    plant.slot.drain(DrainSource.ROUTE, "test")
    await plant.beats.beat()
    plant.watch.s += 9.9
    assert not plant.beats.grants_are_known
    plant.watch.s += 0.1
    assert plant.beats.grants_are_known
    plant.slot.undrain(DrainSource.ROUTE)
    plant.slot.drain(DrainSource.ROUTE, "again")
    assert not plant.beats.grants_are_known
    plant.answer = lambda beat: plant.ok()
    await plant.beats.beat()
    assert plant.beats.grants_are_known


async def test_a_registry_that_never_heard_of_the_worker_granted_nothing_on_it(plant: Plant) -> None:
    plant.answer = lambda beat: httpx.ConnectError("refused")
    await plant.beats.beat()
    plant.slot.drain(DrainSource.SIGNAL, "SIGTERM")
    assert plant.beats.grants_are_known
    await plant.beats.leave(1)
    assert [request.method for request in plant.asked] == ["PUT"]


async def test_farewell_names_this_life_and_a_dead_registry_does_not_hold_it_up(plant: Plant) -> None:
    await plant.beats.beat()
    await plant.beats.leave(1)
    last = plant.asked[-1]
    assert (last.method, last.url.path) == ("DELETE", "/v1/workers/w-1")
    assert dict(last.url.params) == {"instance_id": plant.truth.instance_id, "pool": "default"}
    plant.answer = lambda beat: httpx.ConnectError("refused")
    await plant.beats.leave(1)


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off_ms", [3_600_000, -3_600_000])
async def test_a_clock_that_is_an_hour_off_is_right_after_one_answer(off_ms: int, plant: Plant) -> None:
    """F3, F14."""
    store_ms = T0 + off_ms
    plant.answer = lambda beat: plant.ok(now_ms=store_ms)
    await plant.beats.beat()
    assert plant.clock.now_ms() == store_ms


def test_a_slow_answer_does_not_spoil_what_a_fast_one_taught() -> None:
    now = [0]
    clock = StoreClock(wall_ms=lambda: T0, monotonic_ms=lambda: now[0])
    asked = clock.mark()
    now[0] += 10
    clock.learn(T0 + 5_005, asked=asked)  # the store is 5 s ahead
    assert clock.now_ms() == T0 + 5_010
    asked = clock.mark()
    now[0] += 30_000  # stopped in the middle of the answer
    clock.learn(T0 + 5_020, asked=asked)
    assert clock.now_ms() == T0 + 5_000 + now[0]


def test_a_store_whose_clock_was_set_is_believed() -> None:
    now = [0]
    clock = StoreClock(wall_ms=lambda: T0, monotonic_ms=lambda: now[0])
    for told in (T0, T0 + 60_000, T0 - 60_000):
        asked = clock.mark()
        now[0] += 4
        clock.learn(told, asked=asked)
        assert abs(clock.now_ms() - told) <= 4
