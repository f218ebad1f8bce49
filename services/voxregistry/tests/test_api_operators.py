"""A figure, a quota or a drain that operators cannot trust; a key that opens too much (11.3)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from voxkit.errors import ConfigurationError
from voxkit.fence import read_fence
from voxkit.settings import VoxSettings
from voxregistry.settings import Keys, RegistrySettings, RelaySettings

from .running import SECRET, beat
from .served import Start

pytestmark = [pytest.mark.integration]


# --- operators -------------------------------------------------------------------------------------------------------


async def test_quotas_are_written_read_and_taken_back(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    await on.grant("r-first-1", campaign="spring")
    await on.ask(
        "PUT", "/v1/quotas", {"client": "main", "max": 5, "min": 1, "weight": 2, "campaigns": {"spring": {"min": 1}}}
    )
    status, body = await on.ask("PUT", "/v1/quotas/main/campaigns/summer", {"max": 2})
    assert status == 200
    assert body["items"] == [{
        "client": "main", "max": 5, "min": 1, "weight": 2, "used": 1,
        "campaigns": {"spring": {"max": None, "min": 1, "used": 1}, "summer": {"max": 2, "min": 0, "used": 0}},
    }]  # fmt: skip
    status, body = await on.ask("PUT", "/v1/quotas/main/campaigns/summer", {"min": 3})
    assert body["items"][0]["campaigns"]["summer"] == {"max": 2, "min": 3, "used": 0}
    assert body["overcommitted"] is True
    status, body = await on.ask("DELETE", "/v1/quotas/main/campaigns/summer")
    assert set(body["items"][0]["campaigns"]) == {"spring"}
    assert await on.ask("DELETE", "/v1/quotas/main") == (200, {"items": [], "overcommitted": False})
    assert await on.ask("GET", "/v1/quotas") == (200, {"items": [], "overcommitted": False})


async def test_drains_are_set_read_and_lifted(start: Start) -> None:
    on = await start()
    await on.beat("h1-1")
    body = {"selector": "host:h1", "reason": "new image", "by": "ops@example.com"}
    assert await on.ask("POST", "/v1/drain", body) == (200, {"selector": "host:h1", "seats": 1})
    _, drains = await on.ask("GET", "/v1/drains")
    assert [(d["selector"], d["reason"], d["by"], d["seats"]) for d in drains] == [
        ("host:h1", "new image", "ops@example.com", 1)
    ]
    assert (await on.beat("h1-1"))[1]["drain"] is True
    assert (await on.ask("POST", "/v1/undrain", {"selector": "host:h1"}))[0] == 200
    assert await on.ask("GET", "/v1/drains") == (200, [])
    assert (await on.ask("POST", "/v1/drain", {"selector": "everything"}))[0] == 422


async def test_the_fleet_the_scale_the_seats_and_the_check(start: Start) -> None:
    on = await start()
    for worker in ("h1-1", "h1-2", "h2-1"):
        await on.beat(worker)
    await on.grant("r-first-1")
    await on.ask("PUT", "/v1/reservations/r-wait-01", {"client": "main", "wait_ms": 9_000, "need": {"host_id": "h9"}})
    _, fleet = await on.ask("GET", "/v1/fleet")
    assert (fleet["pool"], fleet["status"], fleet["seats"], fleet["free"], fleet["reserved"], fleet["waiting"]) == (
        "default", "ok", 3, 2, 1, 1,
    )  # fmt: skip
    assert [(host["host_id"], host["seats"]) for host in fleet["hosts"]] == [("h1", 2), ("h2", 1)]
    assert (await on.ask("GET", "/v1/scale?warm=5"))[1] == {
        "desired": 7,
        "seats": 3,
        "free": 2,
        "waiting": 1,
        "needed": 2,
    }
    _, page = await on.ask("GET", "/v1/workers?limit=2")
    assert (len(page["items"]), page["cursor"]) == (2, "h1-2")
    _, page = await on.ask("GET", f"/v1/workers?limit=2&cursor={page['cursor']}")
    assert ([item["worker_id"] for item in page["items"]], page["cursor"]) == (["h2-1"], None)
    _, one = await on.ask("GET", "/v1/workers?state=reserved")
    assert one["items"][0]["reservation_id"] == "r-first-1"
    assert (await on.ask("GET", "/v1/workers/h1-1"))[1]["state"] == "idle"
    assert await on.ask("GET", "/v1/check") == (200, {"ok": True, "findings": []})
    on.store.sadd("vox1:{default}:free", "nobody")
    assert await on.ask("GET", "/v1/check") == (
        200,
        {"ok": False, "findings": ["free holds nobody, which no record implies"]},
    )


async def test_health_readiness_and_metrics_need_no_secret(start: Start) -> None:
    on = await start(vox_image_tag="2026.01.31-1")
    await on.beat("h1-1")
    await on.grant("r-first-1", priority="inbound")
    await on.ask("PUT", "/v1/quotas", {"client": "main", "max": 5})
    nobody = {"X-VoxCore-Secret": ""}
    _, health = await on.ask("GET", "/health", **nobody)
    assert (health["status"], health["store"], health["image_tag"], health["pools"]) == (
        "ok", "ok", "2026.01.31-1", {"default": "ok"},
    )  # fmt: skip
    assert (await on.ask("GET", "/ready", **nobody))[0] == 200
    text = (await on.http.get("/metrics", headers=nobody)).text
    for line in (
        'voxregistry_seats{pool="default",state="reserved"} 1.0',
        'voxregistry_free_seats{pool="default"} 0.0',
        'voxregistry_grants_total{priority="inbound"} 1.0',
        'voxregistry_quota_used{client="main",pool="default"} 1.0',
        'voxregistry_quota_limit{client="main",kind="max",pool="default"} 5.0',
        'voxregistry_waiting{pool="default",priority="test"} 0.0',
        'voxregistry_reservations{pool="default",state="held"} 1.0',
        'voxregistry_check_findings{pool="default"} 0.0',
        'voxregistry_heartbeats_total{result="ok"} 1.0',
    ):
        assert line in text, line
    for name in (
        "refusals_total", "over_total", "moved_total", "replace_total", "queue_wait_seconds", "hold_seconds",
        "heartbeat_age_seconds", "request_seconds", "step_seconds", "settle_lag_seconds", "notify_total", "sse_clients",
        "generations_total", "superseded_total", "double_start_total", "illegal_total", "clock_jumps_total",
    ):  # fmt: skip
        assert f"voxregistry_{name}" in text, name
    assert "h1-1" not in text


# --- who may what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "wrong", "test-secre", "test-secret2"])
async def test_without_the_secret_nothing_is_told(start: Start, given: str) -> None:
    on = await start()
    for method, path in (
        ("GET", "/v1/fleet"),
        ("PUT", "/v1/workers"),
        ("PUT", "/v1/reservations/r-first-1"),
        ("GET", "/v1/check"),
    ):
        status, body = await on.ask(method, path, {}, **{"X-VoxCore-Secret": given})
        assert (status, body["error"]) == (403, "forbidden")


async def test_during_a_rotation_both_secrets_open_and_the_first_signs(start: Start) -> None:
    on = await start(voxcore_secret=f"newer,{SECRET}")
    await on.beat("h1-1")
    body = await on.grant("r-first-1")
    assert read_fence(body["fence"], ["newer"])
    assert (await on.ask("GET", "/v1/fleet", **{"X-VoxCore-Secret": "newer"}))[0] == 200


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


async def test_each_key_opens_what_its_role_needs_and_nothing_else(start: Start, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"# keys\n{digest('w')} worker\n{digest('c')} caller main  # ours\n{digest('o')} operator\n\n")
    on = await start(registry_keys_file=str(keys))
    await on.beat("h1-1")
    reserve = ("PUT", "/v1/reservations/r-first-1", {"client": "main"})
    other = ("PUT", "/v1/reservations/r-first-2", {"client": "other"})
    drained = ("PUT", "/v1/reservations/r-first-3", {"client": "main", "allow_draining": True})
    wants: list[tuple[tuple[str, str, Any], dict[str, int]]] = [
        (("PUT", "/v1/workers", {"workers": [beat("h9-9", seq=1)]}), {"w": 200, "c": 403, "o": 200}),
        (reserve, {"w": 403, "c": 201, "o": 200}),
        (other, {"w": 403, "c": 403, "o": 201}),
        (drained, {"w": 403, "c": 403, "o": 429}),
        (("GET", "/v1/fleet", None), {"w": 200, "c": 200, "o": 200}),
        (("GET", "/v1/reservations/r-first-1", None), {"w": 403, "c": 200, "o": 200}),
        (("GET", "/v1/reservations/r-first-2", None), {"c": 404, "o": 200}),
        (("POST", "/v1/reservations/r-first-2/extend", {"hold_ms": 1_000}), {"c": 404, "o": 200}),
        (("POST", "/v1/drain", {"selector": "pool"}), {"w": 403, "c": 403, "o": 200}),
        (("DELETE", "/v1/workers/h9-9?instance_id=x", None), {"w": 409, "c": 403, "o": 409}),
        (("DELETE", "/v1/reservations/r-first-2", None), {"w": 403}),
    ]  # fmt: skip
    for (method, path, body), expected in wants:
        for key, status in expected.items():
            assert (await on.ask(method, path, body, **{"X-VoxCore-Secret": key}))[0] == status, (method, path, key)
    assert (await on.ask("DELETE", "/v1/reservations/r-first-2", **{"X-VoxCore-Secret": "c"}))[1] == {
        "state": "unknown"
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("abc worker", "64 hex digits"),
        (f"{'0' * 64} king", "expected `sha256 worker`"),
        (f"{'0' * 64} caller", "caller CLIENT"),
        ("0" * 64, "expected"),
    ],
)
def test_a_keys_file_with_a_mistake_stops_the_start(tmp_path: Path, line: str, said: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"{line}\n")
    with pytest.raises(ConfigurationError, match=f"line 1.*{said}"):
        Keys.load(RegistrySettings(voxcore_secret="s", registry_keys_file=str(keys), _env_file=None))
    with pytest.raises(ConfigurationError, match="REGISTRY_KEYS_FILE"):
        Keys.load(RegistrySettings(voxcore_secret="s", registry_keys_file=str(tmp_path / "none"), _env_file=None))


@pytest.mark.parametrize("kind", [RegistrySettings, RelaySettings])
def test_a_list_of_secrets_without_one_stops_the_start(kind: type[VoxSettings]) -> None:
    """The first signs fences: without it there would be a traceback in place of a line."""
    with pytest.raises(ConfigurationError, match=r"VOXCORE_SECRET: .*no secret"):
        kind.load(voxcore_secret=" , ", _env_file=None)
