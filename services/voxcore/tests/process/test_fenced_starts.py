"""A start that brings a fence, on every route and in every way it may travel (section 8, F5, F6, R4, 2.3)."""

import asyncio
import json
import time
from collections.abc import Callable

import httpx
import pytest
import websockets
from voxcore import metrics
from voxcore.slot import DrainSource, Move, Phase
from voxcore_fakes import SECRET, FakeBridge, FakeRooms, RunningWorker, running_worker
from voxkit.fence import FENCE_HEADER, WORKER_HEADER, Fence, make_fence

pytestmark = [pytest.mark.integration]

AUTH = {"X-VoxCore-Secret": SECRET}
STARTS = {
    "/livekit/dispatch": {"room_name": "room-1", "caller_number": "+15550100", "dialed_number": "+15550199"},
    "/livekit/dialout": {"bot_id": "demo", "to_number": "+15550100"},
    "/attach": {"room_name": "room-1", "bot_id": "demo"},
    "/livekit/widget": {"bot_id": "demo", "room_name": "room-1"},
}
SOCKETS = ("ws", "exotel")


def fence_for(run: RunningWorker, rid: str = "r-first-one", *, secret: str = SECRET, hold_ms: int = 30_000) -> str:
    deadline_ms = run.worker.clock.now_ms() + hold_ms
    return make_fence(Fence(run.worker.settings.voxcore_worker_id, run.worker.slot.epoch, rid, deadline_ms), secret)


def stale(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["error"]) == (409, "stale_reservation")
    assert set(answer.json()) == {"error", "message"}


async def refused_socket(url: str, **options: object) -> tuple[int, str]:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await websockets.connect(url, proxy=None, **options)
    response = refusal.value.response
    return response.status_code, json.loads(response.body)["error"]


# --- POST -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", list(STARTS))
@pytest.mark.parametrize("way", ["header", "query"])
async def test_a_post_start_takes_its_seat_and_its_repeat_gets_the_first_answer(
    path: str, way: str, bridge: FakeBridge, settings_for: Callable
) -> None:
    """R4: known by the reservation, whatever the room is called the second time."""
    rooms = FakeRooms()
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), rooms=rooms) as run:
        token = fence_for(run)
        headers = AUTH | {WORKER_HEADER: "test-1"} | ({FENCE_HEADER: token} if way == "header" else {})
        params = {"fence": token} if way == "query" else {}
        answers = []
        for number in (1, 2):
            body = STARTS[path] | ({"room_name": f"room-{number}"} if "room_name" in STARTS[path] else {})
            answers.append(await run.client.post(path, headers=headers, params=params, json=body))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert (len(rooms.joined), run.worker.slot.reservation_id) == (1, "r-first-one")
        other = AUTH | {FENCE_HEADER: fence_for(run, "r-another-one")}
        stale(await run.client.post(path, headers=other, json=STARTS[path]))
        plain = await run.client.post(path, headers=AUTH, json=STARTS[path] | {"room_name": "room-3"})
        assert plain.status_code == 429


async def test_the_answers_of_each_state(bridge: FakeBridge, settings_for: Callable) -> None:
    """The table: without a fence, a good one, a bad one. Refusals change nothing."""
    rooms = FakeRooms()
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), rooms=rooms) as run:
        slot = run.worker.slot

        async def ask(token: str | None) -> int:
            headers = AUTH | ({FENCE_HEADER: token} if token is not None else {})
            room = f"room-{time.monotonic_ns()}"
            answer = await run.client.post("/attach", headers=headers, json=STARTS["/attach"] | {"room_name": room})
            if answer.status_code == 409:
                stale(answer)
            return answer.status_code

        async def over() -> None:
            for media in rooms.media:
                media.gone.set()
            await run.until(Phase.IDLE)

        bad = fence_for(run, secret="forged")
        assert [await ask(bad), await ask(""), await ask("nonsense")] == [409, 409, 409]
        assert await ask(None) == 200
        assert [await ask(None), await ask(fence_for(run)), await ask(bad)] == [429, 409, 409]
        await over()
        mine = fence_for(run)
        slot.reserve(mine)
        assert [await ask(None), await ask(fence_for(run, "r-another-one")), await ask(bad)] == [429, 409, 409]
        assert slot.phase is Phase.RESERVED
        assert [await ask(mine), await ask(mine), await ask(None)] == [200, 200, 429]
        await over()
        slot.drain(DrainSource.ROUTE, "test")
        assert [await ask(None), await ask(bad), await ask(fence_for(run))] == [429, 409, 200]
        assert len(rooms.joined) == 3


async def test_a_worker_that_is_starting_refuses_a_fence_with_409(settings_for: Callable) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        run.worker.slot._phase = Phase.STARTING
        for headers, status in ((AUTH, 429), (AUTH | {FENCE_HEADER: fence_for(run)}, 409)):
            answer = await run.client.post("/attach", headers=headers, json=STARTS["/attach"])
            assert answer.status_code == status
        run.worker.slot.move(Move.READY)


@pytest.mark.parametrize("path", list(STARTS))
async def test_a_start_that_names_another_worker_is_409_with_and_without_a_fence(
    path: str, settings_for: Callable
) -> None:
    """F5."""
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        for more in ({}, {FENCE_HEADER: fence_for(run)}):
            stale(await run.client.post(path, headers=AUTH | {WORKER_HEADER: "test-2"} | more, json=STARTS[path]))
        assert run.worker.slot.phase is Phase.IDLE


async def test_two_different_fences_on_one_start_are_none(settings_for: Callable) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        one, two = fence_for(run), fence_for(run, "r-another-one")
        headers = AUTH | {FENCE_HEADER: one}
        stale(await run.client.post("/attach", headers=headers, params={"fence": two}, json=STARTS["/attach"]))
        same = await run.client.post(
            "/livekit/widget", headers=headers, params={"fence": one}, json=STARTS["/livekit/widget"]
        )
        assert same.status_code == 200


async def test_every_value_of_a_rotated_secret_opens_the_seat(bridge: FakeBridge, settings_for: Callable) -> None:
    settings = settings_for(voxcore_secret=f"{SECRET},older", voxbridge_config_url=bridge.config_url)
    async with running_worker(settings, rooms=FakeRooms()) as run:
        stale(await run.client.post(
            "/attach", headers=AUTH | {FENCE_HEADER: fence_for(run, secret="oldest")}, json=STARTS["/attach"]
        ))  # fmt: skip
        for secret in ("older", SECRET):
            answer = await run.client.post("/reserve", headers=AUTH, json={"fence": fence_for(run, secret=secret)})
            assert answer.status_code == 200


async def test_refusals_are_counted_by_reason_and_no_fence_reaches_the_figures(settings_for: Callable) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:

        def count(reason: str) -> float:
            return metrics.fence_refused.labels(reason)._value.get()

        other = make_fence(Fence("test-2", run.worker.slot.epoch, "r-first-one", 2**46), SECRET)
        past = make_fence(Fence("test-1", 1, "r-first-one", 2**46), SECRET)
        cases = {
            "mac": fence_for(run, secret="forged"), "worker": other, "epoch": past,
            "deadline": fence_for(run, hold_ms=-5_000),
        }  # fmt: skip
        for reason, token in cases.items():
            before = count(reason)
            stale(await run.client.post("/attach", headers=AUTH | {FENCE_HEADER: token}, json=STARTS["/attach"]))
            assert count(reason) == before + 1, reason
        before = count("reservation")
        run.worker.slot.reserve(fence_for(run))
        stale(await run.client.post("/reserve", headers=AUTH, json={"fence": fence_for(run, "r-another-one")}))
        assert count("reservation") == before + 1
        page = (await run.client.get("/metrics")).text
        assert "r-first-one" not in page


# --- sockets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SOCKETS)
@pytest.mark.parametrize("way", ["path", "query", "header"])
async def test_a_socket_brings_its_fence_in_each_way_and_a_second_one_is_409(
    kind: str, way: str, bridge: FakeBridge, settings_for: Callable
) -> None:
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        token = fence_for(run)
        url = f"{run.ws_url}/{kind}/demo" + {"path": f"/{token}", "query": f"?fence={token}", "header": ""}[way]
        options = {"additional_headers": {FENCE_HEADER: token}} if way == "header" else {}
        assert await refused_socket(f"{run.ws_url}/{kind}/demo/v1.forged") == (409, "stale_reservation")
        socket = await websockets.connect(url, proxy=None, **options)
        assert run.worker.slot.reservation_id == "r-first-one"
        assert await refused_socket(url, **options) == (409, "stale_reservation")
        assert await refused_socket(f"{run.ws_url}/{kind}/demo") == (429, "at_capacity")
        await socket.close()
        await run.until(Phase.IDLE)
        assert await refused_socket(url, **options) == (409, "stale_reservation")


@pytest.mark.parametrize("kind", SOCKETS)
async def test_a_fence_in_the_path_counts_as_a_media_token_and_a_bad_one_as_nothing(
    kind: str, bridge: FakeBridge, settings_for: Callable
) -> None:
    """2.3: only our registry signs it. Elsewhere than in the path the token is still asked for."""
    settings = settings_for(ws_media_tokens="t-1", voxbridge_config_url=bridge.config_url)
    async with running_worker(settings) as run:
        base, token = f"{run.ws_url}/{kind}/demo", fence_for(run)
        assert await refused_socket(f"{base}?fence={token}") == (403, "forbidden")
        assert await refused_socket(f"{base}/{fence_for(run, secret='forged')}") == (409, "stale_reservation")
        assert await refused_socket(f"{base}/{token}", additional_headers={WORKER_HEADER: "test-2"}) == (
            409,
            "stale_reservation",
        )
        assert run.worker.slot.phase is Phase.IDLE
        socket = await websockets.connect(f"{base}/{token}", proxy=None)
        await socket.close()
        await run.until(Phase.IDLE)


# --- the seat's own routes ------------------------------------------------------------------------------------------


async def test_reserve_answers_the_same_when_repeated_and_unreserve_always_200(settings_for: Callable) -> None:
    """F6."""
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        token = fence_for(run)
        answers = [await run.client.post("/reserve", headers=AUTH, json={"fence": token}) for _ in range(2)]
        expected = {
            "status": "reserved", "worker_id": "test-1", "epoch": run.worker.slot.epoch,
            "deadline_ms": int(token.split(".")[4]),
        }  # fmt: skip
        assert [(answer.status_code, answer.json()) for answer in answers] == [(200, expected)] * 2
        assert (await run.client.get("/health")).json()["state"] == "reserved"
        stale(await run.client.post("/reserve", headers=AUTH, json={"fence": fence_for(run, "r-another-one")}))
        for rid, phase in (("r-another-one", Phase.RESERVED), ("r-first-one", Phase.IDLE), ("r-first-one", Phase.IDLE)):
            answer = await run.client.post("/unreserve", headers=AUTH, json={"reservation_id": rid})
            assert (answer.status_code, answer.json(), run.worker.slot.phase) == (200, {"status": "ok"}, phase)


async def test_the_hold_ends_at_its_deadline_for_those_who_only_look(settings_for: Callable) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        answer = await run.client.post("/reserve", headers=AUTH, json={"fence": fence_for(run, hold_ms=300)})
        assert answer.status_code == 200
        await run.until(Phase.IDLE)
        assert (await run.client.get("/health")).json()["state"] == "idle"


@pytest.mark.parametrize("path", ["/reserve", "/unreserve", "/drain", "/undrain"])
async def test_the_seats_routes_want_the_secret_and_a_valid_body(path: str, settings_for: Callable) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        for headers in ({}, {"X-VoxCore-Secret": "wrong"}):
            answer = await run.client.post(path, headers=headers, json={})
            assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
        if path != "/undrain":
            answer = await run.client.post(
                path, headers=AUTH, content=b'{"fence": 7, "reservation_id": "x", "reason": 7}'
            )
            assert (answer.status_code, answer.json()["error"]) == (422, "invalid_request")
        assert (run.worker.slot.phase, run.worker.slot.draining) == (Phase.IDLE, False)


async def test_a_drain_lets_the_call_end_and_says_when_nothing_is_left(
    bridge: FakeBridge, settings_for: Callable
) -> None:
    """Section 11."""
    bridge.result_statuses = [503]
    rooms = FakeRooms()
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), rooms=rooms) as run:
        call = (await run.client.post("/attach", headers=AUTH, json=STARTS["/attach"])).json()

        async def drain(**body: str) -> dict:
            answer = await run.client.post("/drain", headers=AUTH, **({"json": body} if body else {}))
            assert answer.status_code == 200
            return answer.json()

        busy = {
            "status": "draining",
            "phase": "busy",
            "call_id": call["call_id"],
            "outbox_pending": 0,
            "drained": False,
        }
        assert [await drain(reason="deploy 42"), await drain()] == [busy, busy]
        assert run.worker.slot.drain_reasons == {DrainSource.ROUTE: "deploy 42"}
        rooms.media[0].gone.set()
        await run.until(Phase.IDLE)
        waiting = await drain()
        assert (waiting["phase"], waiting["call_id"], waiting["drained"]) == ("idle", None, False)
        assert waiting["outbox_pending"] == 1
        async with asyncio.timeout(30):  # the second try is 5 s after the first
            while not (await drain())["drained"]:
                await asyncio.sleep(0.05)
        assert [result["call_id"] for result in bridge.results] == [call["call_id"]]
        answer = await run.client.post("/undrain", headers=AUTH)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "state": "idle"})


async def test_undrain_lifts_only_the_route_and_never_a_stop(settings_for: Callable) -> None:
    """D1, D2."""
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        slot = run.worker.slot
        await run.client.post("/drain", headers=AUTH)
        slot.drain(DrainSource.DISK, "disk_low")
        slot.drain(DrainSource.REGISTRY, "registry")
        answer = await run.client.post("/undrain", headers=AUTH)
        assert answer.json() == {"status": "ok", "state": "draining"}
        assert set(slot.drain_reasons) == {DrainSource.DISK, DrainSource.REGISTRY}
        slot.undrain(DrainSource.DISK)
        slot.undrain(DrainSource.REGISTRY)
        assert slot.available == 1
        await run.client.post("/drain", headers=AUTH)
        slot.drain(DrainSource.SIGNAL, "SIGTERM")
        answer = await run.client.post("/undrain", headers=AUTH)
        assert (answer.status_code, answer.json()["error"]) == (409, "terminating")
        assert set(slot.drain_reasons) == {DrainSource.ROUTE, DrainSource.SIGNAL}
