"""A key that works after it ended, opens a foreign bot, or can be read back from the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from voxbridge.api_keys.service import actor_of_key
from voxbridge.security import require_admin_or_api_key
from voxkit.errors import VoxError

pytestmark = [pytest.mark.integration]
KEYS = "/api/v1/api-keys"


async def make(bridge, **body) -> dict:
    answer = await bridge.admin.post(KEYS, json={"name": "CRM"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refusal(bridge, raw: str | None) -> tuple[int, str, str]:
    with pytest.raises(VoxError) as caught:
        await actor_of_key(bridge.ctx, raw)
    return caught.value.http_status, caught.value.wire_code, caught.value.message


async def test_the_key_is_shown_once_and_stored_as_a_hash(bridge) -> None:
    created = await make(bridge, bot_ids=["demo", "demo"])
    raw = created["api_key"]
    assert raw.startswith("vx_")
    assert len(raw) == 3 + 32
    assert created["key_prefix"] == raw[:7]
    assert (created["status"], created["bot_ids"], created["last_used_at"]) == ("active", ["demo"], None)
    listed = await bridge.admin.get(KEYS)
    assert raw not in listed.text
    assert "key_hash" not in listed.text
    stored = await bridge.ctx.db["api_keys"].find_one({"_id": created["key_id"]})
    assert raw not in str(stored)
    assert len(stored["key_hash"]) == 64


async def test_keys_are_refused_in_the_documented_order(bridge) -> None:
    raw, key_id = (key := await make(bridge))["api_key"], key["key_id"]
    assert (await actor_of_key(bridge.ctx, raw)).key_id == key_id
    assert (await refusal(bridge, None))[:2] == (401, "missing_api_key")
    assert (await refusal(bridge, ""))[:2] == (401, "missing_api_key")
    assert (await refusal(bridge, raw + "x"))[:2] == (401, "invalid_api_key")
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    await bridge.admin.patch(f"{KEYS}/{key_id}", json={"expires_at": past})
    assert await refusal(bridge, raw) == (403, "forbidden", "API key has expired")
    await bridge.admin.patch(f"{KEYS}/{key_id}", json={"is_active": False})
    assert await refusal(bridge, raw) == (403, "forbidden", "API key is inactive")
    await bridge.ctx.db["api_keys"].update_one({"_id": key_id}, {"$set": {"is_active": True, "expires_at": "soon"}})
    assert await refusal(bridge, raw) == (403, "forbidden", "API key has invalid expiry")
    assert (await bridge.admin.get(KEYS)).json()["items"][0]["status"] == "expired"
    await bridge.admin.delete(f"{KEYS}/{key_id}")
    assert (await refusal(bridge, raw))[:2] == (401, "invalid_api_key")


async def test_a_key_opens_its_bots_only(bridge) -> None:
    some = await actor_of_key(bridge.ctx, (await make(bridge, bot_ids=["demo"]))["api_key"])
    every = await actor_of_key(bridge.ctx, (await make(bridge))["api_key"])
    some.check_bot("demo")
    every.check_bot("anything")
    with pytest.raises(VoxError) as caught:
        some.check_bot("other")
    assert (caught.value.http_status, caught.value.wire_code) == (403, "bot_not_allowed")


async def test_the_gate_prefers_the_header_and_falls_back_to_an_admin(bridge) -> None:
    from fastapi import Depends

    async def who(actor=Depends(require_admin_or_api_key)) -> dict:
        return {"kind": actor.kind}

    bridge.app.add_api_route("/api/v1/who", who)
    raw = (await make(bridge))["api_key"]
    admin_header = bridge.admin.headers["Authorization"]
    agent = await bridge.as_role("agent")

    async def ask(**headers: str) -> tuple[int, str]:
        answer = await bridge.nobody.get("/api/v1/who", headers=headers)
        return answer.status_code, answer.json().get("kind") or answer.json()["error"]

    assert await ask(**{"X-API-Key": raw}) == (200, "api_key")
    assert await ask(Authorization=admin_header) == (200, "user")
    assert await ask(**{"X-API-Key": "wrong", "Authorization": admin_header}) == (401, "invalid_api_key")
    assert await ask(Authorization=agent.headers["Authorization"]) == (403, "forbidden")
    assert await ask() == (401, "missing_api_key")


async def test_use_is_noted_in_the_background_at_most_once_a_minute(bridge) -> None:
    key = await make(bridge)
    begin = bridge.ctx.clock()

    async def used_at():
        await bridge.settled()
        return (await bridge.ctx.db["api_keys"].find_one({"_id": key["key_id"]}))["last_used_at"]

    for seconds, noted in [(0, 0), (59, 0), (60, 60), (100, 60)]:
        bridge.ctx.clock = lambda at=seconds: begin + timedelta(seconds=at)
        await actor_of_key(bridge.ctx, key["api_key"])
        assert await used_at() == begin + timedelta(seconds=noted)


async def test_changes_keep_what_is_absent_and_null_clears_only_the_expiry(bridge) -> None:
    key = await make(bridge, expires_at="2030-01-01T00:00:00+05:30")
    path = f"{KEYS}/{key['key_id']}"
    assert key["expires_at"] == "2029-12-31T18:30:00.000Z"
    assert (await bridge.admin.patch(path, json={"name": "Other"})).json()["expires_at"] == key["expires_at"]
    assert (await bridge.admin.patch(path, json={"expires_at": None})).json()["expires_at"] is None
    for body in ({"name": None}, {"is_active": None}, {"bot_ids": None}, {"key_hash": "x"}, {"bot_ids": ["no good"]}):
        assert (await bridge.admin.patch(path, json=body)).status_code == 422, body


async def test_unknown_keys_are_404_and_unfit_ones_422(bridge) -> None:
    path = f"{KEYS}/{'0' * 32}"
    assert (await bridge.admin.patch(path, json={"name": "x"})).status_code == 404
    assert (await bridge.admin.delete(path)).status_code == 404
    for body in ({}, {"name": ""}, {"name": "x", "expires_at": "tomorrow"}, {"name": "x", "api_key": "vx_mine"}):
        assert (await bridge.admin.post(KEYS, json=body)).status_code == 422, body
