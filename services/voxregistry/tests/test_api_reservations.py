"""A status, a code or a field that workers and callers do not find where the API promises it (11.1, 11.2)."""

from __future__ import annotations

import asyncio
import time

import pytest
from voxkit.fence import check_fence, read_fence

from .running import EPOCH, SECRET, beat
from .served import Start

pytestmark = [pytest.mark.integration]


# --- workers ---------------------------------------------------------------------------------------------------------


async def test_a_heartbeat_is_answered_with_the_clock_the_ttl_and_what_is_reserved(start: Start) -> None:
    on = await start()
    status, body = await on.beat("h1-1")
    assert (status, body["ttl_ms"], body["reservation"], body["drain"]) == (200, 9_000, None, False)
    assert len(body["generation"]) == 16
    granted = await on.grant("r-first-1")
    _, body = await on.beat("h1-1")
    assert body["reservation"] == {
        "reservation_id": "r-first-1", "fence": granted["fence"], "deadline_ms": granted["deadline_ms"],
    }  # fmt: skip


async def test_the_beats_of_a_host_are_answered_one_by_one(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.beat("h1-1", instance_id="second-life")
    beats = [beat("h1-1", seq=9), beat("h1-2", seq=1), beat("h1-3", "busy", seq=1, call_id="c")]
    status, body = await on.ask("PUT", "/v1/workers", {"workers": beats})
    assert status == 200
    assert [(result["worker_id"], result["status"]) for result in body["results"]] == [
        ("h1-1", 409), ("h1-2", 200), ("h1-3", 200),
    ]  # fmt: skip
    assert (body["ttl_ms"], len(body["generation"])) == (9_000, 16)


async def test_a_superseded_worker_and_a_foreign_path_are_told_so(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.beat("h1-1", instance_id="second-life")
    status, body = await on.beat("h1-1")
    assert (status, body["error"]) == (409, "superseded")
    status, body = await on.beat("h1-1", worker_id="h1-2")
    assert (status, body["error"]) == (422, "invalid_request")


async def test_a_worker_says_farewell(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    status, body = await on.ask("DELETE", "/v1/workers/h1-1?instance_id=other")
    assert (status, body["error"]) == (409, "superseded")
    assert await on.ask("DELETE", "/v1/workers/h1-1?instance_id=h1-1-life1") == (200, {"status": "ok"})
    assert (await on.ask("GET", "/v1/workers/h1-1"))[0] == 404
    assert await on.ask("DELETE", "/v1/workers/h1-1?instance_id=h1-1-life1") == (200, {"status": "unknown"})


async def test_the_pool_of_a_worker_is_its_own_word_before_the_query(start: Start) -> None:
    on = await start()
    await on.beat("h1-1", pool="blue")
    assert (await on.ask("GET", "/v1/fleet?pool=blue"))[1]["free"] == 1
    assert (await on.ask("GET", "/v1/fleet"))[1]["free"] == 0
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1?pool=blue", {"client": "main"})
    assert (status, body["pool"]) == (201, "blue")
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1?pool=Not%20one", {"client": "main"})
    assert (status, body["error"], body["detail"][0]["loc"]) == (422, "invalid_request", ["pool"])


# --- reservations ----------------------------------------------------------------------------------------------------


async def test_a_grant_carries_a_fence_that_its_worker_takes(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    body = await on.grant("r-first-1", hold_ms=20_000)
    fence = read_fence(body["fence"], [SECRET])
    assert (fence.worker_id, fence.epoch, fence.reservation_id) == ("h1-1", EPOCH, "r-first-1")
    assert body["expires_in_ms"] == 20_000
    assert fence.deadline_ms == body["deadline_ms"] == body["now_ms"] + 20_000
    assert abs(body["now_ms"] - time.time() * 1_000) < 60_000, "milliseconds since 1970, by the store's clock"
    check_fence(body["fence"], [SECRET], worker_id="h1-1", floor=EPOCH, epoch=EPOCH, now_ms=body["now_ms"])
    assert (body["lb_url"], body["host_id"], body["image_tag"], body["pool"]) == ("http://h1", "h1", "v1", "default")


async def test_f12_a_repeat_gives_the_same_seat_and_the_same_fence(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    first = await on.grant("r-first-1")
    status, again = await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main"})
    assert status == 200
    assert again["fence"] == first["fence"]


async def test_the_whole_life_of_a_reservation(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    grant = await on.grant("r-first-1")
    at = {"worker_id": "h1-1", "epoch": grant["epoch"]}
    status, longer = await on.ask("POST", "/v1/reservations/r-first-1/extend", {"hold_ms": 60_000})
    assert status == 200
    assert longer["fence"] != grant["fence"]
    status, body = await on.ask("POST", "/v1/reservations/r-first-1/confirm", {**at, "call_id": "call-1"})
    assert (status, body["state"], body["call_id"]) == (200, "confirmed", "call-1")
    await on.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    status, body = await on.ask("GET", "/v1/reservations/r-first-1")
    assert (status, body["state"], body["worker_id"]) == (200, "active", "h1-1")
    assert "fence" not in body
    assert await on.ask("DELETE", "/v1/reservations/r-first-1") == (200, {"state": "active"})
    await on.beat("h1-1", epoch=EPOCH + 1)
    assert await on.ask("DELETE", "/v1/reservations/r-first-1") == (200, {"state": "ended"})
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main"})
    assert (status, body["error"], body["state"], body["reason"]) == (410, "reservation_over", "ended", "call_over")
    assert await on.ask("DELETE", "/v1/reservations/r-unknown") == (200, {"state": "unknown"})


async def test_a_replacement_is_another_seat_or_a_place_in_the_queue(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.beat("h2-1")
    grant = await on.grant("r-first-1")
    body = {"worker_id": grant["worker_id"], "epoch": EPOCH, "reason": "refused"}
    status, other = await on.ask("POST", "/v1/reservations/r-first-1/replace", body)
    assert (status, {grant["worker_id"], other["worker_id"]}) == (200, {"h1-1", "h2-1"})
    status, same = await on.ask("POST", "/v1/reservations/r-first-1/replace", body)
    assert (status, same["fence"]) == (200, other["fence"])
    body["worker_id"] = other["worker_id"]
    status, waiting = await on.ask("POST", "/v1/reservations/r-first-1/replace", body)
    assert (status, waiting["state"], waiting["position"]) == (202, "waiting", 1)


@pytest.mark.parametrize("step", ["confirm", "extend", "replace"])
async def test_a_message_about_an_unknown_reservation_is_404_and_one_that_is_over_410(start: Start, step: str) -> None:
    on = await start()
    await on.beat("h1-1")
    body = {"worker_id": "h1-1", "epoch": EPOCH, "reason": "refused", "hold_ms": 1_000}
    status, said = await on.ask("POST", f"/v1/reservations/r-nobody1/{step}", body)
    assert (status, said["error"]) == (404, "unknown")
    await on.grant("r-first-1")
    await on.ask("DELETE", "/v1/reservations/r-first-1")
    status, said = await on.ask("POST", f"/v1/reservations/r-first-1/{step}", body)
    assert (status, said["error"], said["state"], said["reason"]) == (410, "reservation_over", "released", "released")


async def test_what_is_refused_says_why_and_when_to_come_back(start: Start) -> None:
    on = await start(max_waiting=1)
    answer = await on.http.put("/v1/reservations/r-first-1", json={"client": "main"})
    assert (answer.status_code, answer.json()["error"], answer.json()["reason"]) == (429, "at_capacity", "no_idle_seat")
    assert answer.headers["Retry-After"] == "1"
    await on.beat("h1-1")
    await on.ask("PUT", "/v1/quotas", {"client": "other", "min": 1})
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main"})
    assert (status, body["error"], body["reason"]) == (429, "at_capacity", "kept_for_others")
    await on.ask("PUT", "/v1/quotas", {"client": "main", "max": 0, "campaigns": {"spring": {"max": 0}}})
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main"})
    assert (status, body["error"], body["scope"], body["limit"], body["used"]) == (
        429,
        "quota_exceeded",
        "client",
        0,
        0,
    )
    await on.ask("PUT", "/v1/quotas", {"client": "main", "campaigns": {"spring": {"max": 0}}})
    status, body = await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main", "campaign": "spring"})
    assert (status, body["error"], body["scope"]) == (429, "quota_exceeded", "campaign")
    assert (await on.ask("PUT", "/v1/reservations/r-wait-01", {"client": "main", "wait_ms": 9_000}))[0] == 202
    status, body = await on.ask("PUT", "/v1/reservations/r-wait-02", {"client": "main", "wait_ms": 9_000})
    assert (status, body["error"]) == (429, "queue_full")
    status, body = await on.ask("PUT", "/v1/reservations/r-wait-01", {"client": "other", "wait_ms": 9_000})
    assert (status, body["error"]) == (409, "id_reused")


async def test_while_rebuilding_reserves_and_scale_wait_outside(start: Start) -> None:
    on = await start(rebuild_ms=600_000)
    await on.beat("h1-1")
    answer = await on.http.put("/v1/reservations/r-first-1", json={"client": "main"})
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "rebuilding", "1")
    assert (await on.ask("GET", "/v1/scale"))[1]["error"] == "rebuilding"
    assert (await on.ask("GET", "/v1/fleet"))[1]["status"] == "rebuilding"


async def test_a_need_is_part_of_what_a_repeat_must_say_again(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1", need={"host_id": "h1"}, campaign="spring", priority="inbound")
    same = {"client": "main", "campaign": "spring", "priority": "inbound"}
    assert (await on.ask("PUT", "/v1/reservations/r-first-1", {**same, "need": {"host_id": "h1"}}))[0] == 200
    assert (await on.ask("PUT", "/v1/reservations/r-first-1", same))[0] == 409


async def test_an_operator_reserves_a_draining_seat(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.ask("POST", "/v1/drain", {"selector": "pool"})
    assert (await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "vox"}))[0] == 429
    await on.grant("r-first-1", allow_draining=True)


async def test_a_long_poll_is_answered_as_soon_as_the_seat_is_there(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1")
    await on.ask("PUT", "/v1/reservations/r-second1", {"client": "main", "wait_ms": 30_000})
    poll = asyncio.create_task(on.ask("GET", "/v1/reservations/r-second1?wait_ms=30000&state=waiting&position=1"))
    await on.until(lambda: on.registry.pools.of("default").listeners)
    await on.ask("DELETE", "/v1/reservations/r-first-1")
    async with asyncio.timeout(10):
        status, body = await poll
    assert (status, body["state"]) == (200, "held")
    assert on.registry.pools.of("default").listeners == {}


async def test_a_long_poll_is_answered_when_the_position_changes_and_at_its_end(start: Start) -> None:
    on = await start()
    for rid in ("r-first-1", "r-second1"):
        await on.ask("PUT", f"/v1/reservations/{rid}", {"client": "main", "wait_ms": 30_000})
    assert (await on.ask("GET", "/v1/reservations/r-second1?wait_ms=30"))[1]["position"] == 2
    poll = asyncio.create_task(on.ask("GET", "/v1/reservations/r-second1?wait_ms=30000"))
    await on.until(lambda: on.registry.pools.of("default").listeners)
    await on.ask("DELETE", "/v1/reservations/r-first-1")
    async with asyncio.timeout(10):
        assert (await poll)[1]["position"] == 1
    # What the caller knew is not true any more when it asks: answered at once.
    async with asyncio.timeout(5):
        assert (await on.ask("GET", "/v1/reservations/r-second1?wait_ms=30000&state=waiting&position=2"))[0] == 200
    assert (await on.ask("GET", "/v1/reservations/r-nobody1"))[0] == 404


async def test_stopping_answers_the_long_polls_and_says_not_ready(start: Start) -> None:
    on = await start()
    await on.ask("PUT", "/v1/reservations/r-first-1", {"client": "main", "wait_ms": 30_000})
    poll = asyncio.create_task(on.ask("GET", "/v1/reservations/r-first-1?wait_ms=30000"))
    await on.until(lambda: on.registry.pools.of("default").listeners)
    on.registry.stop()
    async with asyncio.timeout(5):
        assert (await poll)[1]["state"] == "waiting"
    assert (await on.ask("GET", "/ready"))[0] == 503
