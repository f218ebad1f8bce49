"""A refusal in the wrong order, form or with a side effect lets a balancer double a call (R1, R3, F5, R6)."""

import asyncio
import base64
import json
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import websockets
from voxcore.slot import DrainSource, Phase
from voxcore_fakes import SECRET, FakeBridge, FakeRooms, RunningWorker, running_worker
from websockets.http11 import Response

pytestmark = [pytest.mark.integration]

AUTH = {"X-VoxCore-Secret": SECRET}
ATTACH = {"room_name": "room-1", "bot_id": "demo", "to_number": "+15550100", "campaign_call_id": "cc-1"}
STARTS = {
    "/livekit/dispatch": {"room_name": "room-1", "caller_number": "+15550100", "dialed_number": "+15550199"},
    "/livekit/dialout": {"bot_id": "demo", "to_number": "+15550100"},
    "/attach": ATTACH,
    "/livekit/widget": {"bot_id": "demo", "room_name": "room-1"},
}
FULL = b'{"error":"at_capacity","message":"At capacity"}'


async def refused_socket(url: str, **options: object) -> Response:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await websockets.connect(url, proxy=None, **options)
    return refusal.value.response


def nothing_happened(run: RunningWorker, bridge: FakeBridge | None = None) -> None:
    assert run.worker.slot.phase is Phase.IDLE
    assert run.conversation.calls == []
    assert bridge is None or bridge.fetches == []


async def test_without_the_secret_every_guarded_route_answers_403_before_it_reads_anything(settings_for) -> None:
    async with running_worker(settings_for(), rooms=FakeRooms()) as run:
        for path in STARTS:
            for headers in ({}, {"X-VoxCore-Secret": "wrong"}, {"X-VoxCore-Secret": ""}):
                answer = await run.client.post(path, content=b"{no json", headers=headers)
                assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
                assert set(answer.json()) == {"error", "message"}
        for method, path in (("GET", "/recordings/a.wav"), ("GET", "/outbox"), ("POST", "/outbox/replay")):
            assert (await run.client.request(method, path)).status_code == 403
        nothing_happened(run)


async def test_every_value_of_a_rotated_secret_is_accepted(settings_for) -> None:
    async with running_worker(settings_for(voxcore_secret="new, old")) as run:
        for value in ("new", "old"):
            assert (await run.client.get("/outbox", headers={"X-VoxCore-Secret": value})).status_code == 200


@pytest.mark.parametrize("path", list(STARTS))
async def test_each_check_of_a_post_start_hides_the_ones_behind_it(path: str, settings_for) -> None:
    """Order 2.2: each request breaks every later check too; the answer names the first."""
    async with running_worker(settings_for(livekit_url="")) as run:
        bad = {"config_url": "http://evil.example/api/v1/config"}
        other = AUTH | {"X-Vox-Worker": "other-1", "X-Vox-Fence": "v1.forged"}
        run.worker.slot.drain(DrainSource.ROUTE, "test")  # step 6 would refuse as well
        big = b'{"bot_id":"' + b"x" * 70_000 + b'"}'
        cases = [
            (other, {"content": big}, 413, "too_large"),
            (other, {"content": b"{broken"}, 422, "invalid_request"),
            (other, {"json": bad}, 422, "invalid_request"),
            (other, {"json": STARTS[path] | bad}, 403, "config_url_not_allowed"),
            (other, {"json": STARTS[path]}, 503, "livekit_not_configured"),
        ]
        for headers, body, status, code in cases:
            answer = await run.client.post(path, headers=headers, **body)
            assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
            assert set(answer.json()) == {"error", "message"} | ({"detail"} if status == 422 else set())
    async with running_worker(settings_for()) as run:
        run.worker.slot.drain(DrainSource.ROUTE, "test")
        answer = await run.client.post(path, headers=other, json=STARTS[path])
        assert (answer.status_code, answer.json()["error"]) == (409, "stale_reservation")
        answer = await run.client.post(path, headers=AUTH, json=STARTS[path])
        assert (answer.status_code, answer.content, answer.headers["retry-after"]) == (429, FULL, "1")


@pytest.mark.parametrize("path", list(STARTS))
async def test_a_start_without_a_livekit_transport_gives_its_slot_back(path: str, settings_for) -> None:
    async with running_worker(settings_for()) as run:
        answer = await run.client.post(path, headers=AUTH, json=STARTS[path])
        assert (answer.status_code, answer.json()["error"]) == (503, "livekit_not_configured")
        nothing_happened(run)


async def test_a_chunked_body_over_64_kib_is_413(settings_for) -> None:
    async def chunks():
        for _ in range(70):
            yield b"x" * 1024

    async with running_worker(settings_for()) as run:
        answer = await run.client.post("/attach", headers=AUTH, content=chunks())
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_a_connected_event_over_16_kib_is_422_for_post_starts(settings_for) -> None:
    async with running_worker(settings_for()) as run:
        body = ATTACH | {"connected_event": {"note": "ä" * 3000}}  # 6 bytes each once it is encoded
        answer = await run.client.post("/attach", headers=AUTH, json=body)
        assert (answer.status_code, answer.json()["error"]) == (422, "invalid_request")
        assert answer.json()["detail"][0]["loc"] == ["body", "connected_event"]


@pytest.mark.parametrize("kind", ["ws", "exotel"])
async def test_sockets_are_refused_by_plain_http_before_the_upgrade(
    kind: str, bridge: FakeBridge, settings_for
) -> None:
    settings = settings_for(ws_media_tokens="t-1,t-2", voxbridge_config_url=bridge.config_url)
    async with running_worker(settings) as run:
        url = f"{run.ws_url}/{kind}/demo"
        response = await refused_socket(url, additional_headers={"X-Vox-Worker": "other-1"})
        assert (response.status_code, json.loads(response.body)["error"]) == (403, "forbidden")
        response = await refused_socket(f"{url}?token=wrong")
        assert response.status_code == 403
        response = await refused_socket(f"{url}?token=t-1", additional_headers={"X-Vox-Worker": "other-1"})
        assert (response.status_code, json.loads(response.body)["error"]) == (409, "stale_reservation")
        response = await refused_socket(f"{url}?token=t-1&fence=v1.forged")
        assert response.status_code == 409
        run.worker.slot.drain(DrainSource.ROUTE, "test")
        response = await refused_socket(f"{url}?token=t-1")
        assert (response.status_code, response.body) == (429, FULL)
        assert response.headers["Retry-After"] == "1"
        nothing_happened(run, bridge)


async def test_a_media_token_may_come_as_query_basic_password_or_header(bridge: FakeBridge, settings_for) -> None:
    basic = base64.b64encode(b"anyone:t-2").decode()
    ways = [("?token=t-1", {}), ("", {"Authorization": f"Basic {basic}"}), ("", {"X-Vox-Media-Token": "t-2"})]
    settings = settings_for(ws_media_tokens="t-1,t-2", voxbridge_config_url=bridge.config_url)
    async with running_worker(settings) as run:
        for query, headers in ways:
            socket = await websockets.connect(f"{run.ws_url}/ws/demo{query}", proxy=None, additional_headers=headers)
            await run.until(Phase.BUSY)
            await socket.close()
            await run.until(Phase.IDLE)


async def test_unknown_places_and_methods_are_refused_in_our_own_form(settings_for) -> None:
    async with running_worker(settings_for()) as run:
        answer = await run.client.get("/nothing", headers=AUTH)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
        answer = await run.client.get("/attach", headers=AUTH)
        assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
        for path in ("/nothing/x", "/ws/" + "x" * 65, "/ws/a%20b", "/twilio/demo"):
            response = await refused_socket(f"{run.ws_url}{path}")
            assert (response.status_code, json.loads(response.body)["error"]) == (404, "not_found")


async def test_a_second_call_is_refused_on_every_route_while_one_lives(bridge: FakeBridge, settings_for) -> None:
    rooms = FakeRooms()
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), rooms=rooms) as run:
        first = (await run.client.post("/attach", headers=AUTH, json=ATTACH)).json()
        for path, body in STARTS.items():
            other = body | ({"room_name": "room-2"} if "room_name" in body else {})
            answer = await run.client.post(path, headers=AUTH, json=other)
            assert (answer.status_code, answer.content) == (429, FULL)
        for kind in ("ws", "exotel"):
            assert (await refused_socket(f"{run.ws_url}/{kind}/demo")).status_code == 429
        again = await run.client.post("/attach", headers=AUTH, json=ATTACH)
        assert (again.status_code, again.json()) == (200, first)
        assert first["room_name"] == "room-1"
        assert len(rooms.joined) == 1


async def test_a_refusal_on_a_busy_worker_touches_no_network(bridge: FakeBridge, settings_for) -> None:
    """R2 without a stopwatch: voxbridge is asked once, for the call that runs, however many starts are refused."""
    rooms = FakeRooms()
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), rooms=rooms) as run:
        await run.client.post("/attach", headers=AUTH, json=ATTACH)
        async with asyncio.timeout(30):
            while not run.conversation.calls:
                await asyncio.sleep(0.01)
        asked = len(bridge.fetches)
        for number in range(30):
            answer = await run.client.post("/attach", headers=AUTH, json=ATTACH | {"room_name": f"r-{number}"})
            assert answer.status_code == 429
        assert (len(bridge.fetches), len(rooms.joined)) == (asked, 1) == (1, 1)


async def test_a_thousand_random_starts_on_four_workers_never_put_two_calls_on_one(
    bridge: FakeBridge, settings_for, tmp_path: Path
) -> None:
    """S1, H1."""
    dice = random.Random(4)
    async with AsyncExitStack() as stack:
        runs: list[tuple[RunningWorker, FakeRooms]] = []
        for number in range(1, 5):
            rooms = FakeRooms()
            settings = settings_for(
                voxbridge_config_url=bridge.config_url,
                voxcore_worker_id=f"test-{number}",
                outbox_dir=tmp_path / f"outbox-{number}",
            )
            runs.append((await stack.enter_async_context(running_worker(settings, rooms=rooms)), rooms))
        answers: list[int] = []

        async def caller(name: int) -> None:
            for step in range(100):
                run, rooms = dice.choice(runs)
                if dice.random() < 0.35 and rooms.media:
                    rooms.media[-1].gone.set()
                room = {"room_name": f"room-{name}-{step}"}
                path = dice.choice(["/attach", "/livekit/widget", "/livekit/dispatch", "/livekit/dialout"])
                body = STARTS[path] | (room if "room_name" in STARTS[path] else {})
                answer = await run.client.post(path, headers=AUTH, json=body)
                answers.append(answer.status_code)

        await asyncio.gather(*(caller(name) for name in range(10)))
        assert len(answers) == 1000
        assert set(answers) <= {200, 429}
        assert answers.count(200) > 20
        assert [run.conversation.most for run, _ in runs] == [1, 1, 1, 1]
        for run, rooms in runs:
            async with asyncio.timeout(60):
                while run.worker.slot.phase is not Phase.IDLE:
                    for media in rooms.media:
                        media.gone.set()
                    await asyncio.sleep(0.02)
        taken = sum(len(rooms.joined) for _, rooms in runs)
        assert taken == answers.count(200)
        async with asyncio.timeout(60):
            while len(bridge.results) < taken:
                await asyncio.sleep(0.05)
        assert len({result["call_id"] for result in bridge.results}) == taken


async def test_where_the_server_cannot_refuse_before_the_upgrade_it_closes_1013() -> None:
    from starlette.websockets import WebSocket
    from voxcore.routes.sockets import refuse
    from voxkit.errors import AtCapacity

    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    socket = WebSocket({"type": "websocket", "extensions": {}, "headers": []}, receive, send)
    await refuse(socket, AtCapacity("At capacity"))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[1]["code"] == 1013
