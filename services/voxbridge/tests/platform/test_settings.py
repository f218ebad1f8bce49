"""A mask that is saved as the key, a secret in clear at rest or in a reply, a write that undoes another one."""

from __future__ import annotations

import asyncio
import json

import pytest
from voxbridge.crypto import Cipher
from voxbridge.settings.models import PROVIDERS, SECRETS
from voxbridge.settings.service import get_settings, reencrypt
from voxkit.secrets import BULLETS, mask

pytestmark = [pytest.mark.integration]
URL = "/api/v1/settings"
KEY = "sk-0123456789abcdef"
ACCOUNT = json.dumps({"client_email": "a@b.example", "private_key": "-----BEGIN", "project_id": "p"})


async def put(bridge, section: str, status: int = 200, **body) -> dict:
    answer = await bridge.admin.put(f"{URL}/{section}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def raw(bridge) -> dict:
    return await bridge.ctx.db["system_settings"].find_one({"_id": "system"})


async def test_the_first_document_holds_the_defaults_of_the_environment(make_bridge) -> None:
    async with make_bridge(core_fleet="http://a:1/, http://b:2", openai_compatible_base_url="http://voice:1/v1/") as b:
        shown = (await b.admin.get(URL)).json()
        assert shown["core_fleet"] == ["http://a:1", "http://b:2"]
        assert shown["openai_compatible"]["base_url"] == "http://voice:1/v1"
        assert (shown["display_timezone"], shown["default_country"], shown["revision"]) == ("UTC", "", 1)
        assert shown["minio"]["source"] == "environment"
        assert shown["dialler"]["amd"]["total_analysis_ms"] == 2000
        assert shown["retention"]["audit_days"] == 365
        assert shown["about"]["image_tag"] == "dev"
        stored = await raw(b)
        assert (stored["core_fleet"], stored["dialler"]["amd"]["max_words"]) == (["http://a:1", "http://b:2"], 4)


@pytest.mark.parametrize("secret", SECRETS, ids=".".join)
async def test_a_secret_is_encrypted_at_rest_masked_in_replies_and_kept_by_its_mask(bridge, secret) -> None:
    block, field = secret
    section = block.replace("_", "-")
    value = ACCOUNT if field == "google_vertex" else KEY

    async def write(text: str | None) -> dict:
        return await put(bridge, section, **{field: text})

    shown = await write(value)
    assert shown[block][field] == mask(value)
    stored = (await raw(bridge))[block][field]
    assert stored.startswith("enc:")
    assert value not in str(await raw(bridge))
    assert value not in str(await bridge.ctx.redis.get("vox:settings"))
    for keeping in (mask(value), BULLETS, "", "new•key"):
        await write(keeping)
        assert (await raw(bridge))[block][field] == stored
    assert getattr(getattr(await get_settings(bridge.ctx), block), field) == value
    await write(None)
    assert (await raw(bridge))[block][field] == ""
    assert (await bridge.admin.get(URL)).json()[block][field] == ""


async def test_a_short_secret_shows_nothing_of_itself(bridge) -> None:
    shown = await put(bridge, "api-keys", openai="123456789012")
    assert shown["api_keys"]["openai"] == BULLETS


async def test_absent_fields_stay(bridge) -> None:
    await put(bridge, "api-keys", openai=KEY)
    await put(bridge, "api-keys", deepgram="another-key-123")
    await put(bridge, "general", retention={"calls_days": 30})
    shown = await put(bridge, "general", default_country="in")
    assert shown["api_keys"]["openai"] == mask(KEY)
    assert shown["retention"] == {"calls_days": 30, "recordings_days": 0, "public_recording_days": 0, "audit_days": 365}
    assert (shown["default_country"], shown["dnc"]) == ("IN", {"from_analysis": True})
    assert shown["revision"] == 5


async def test_a_revision_that_was_read_guards_the_write(bridge) -> None:
    await put(bridge, "timezone", display_timezone="Asia/Kolkata", revision=1)
    told = await put(bridge, "timezone", 409, display_timezone="UTC", revision=1)
    assert (told["error"], told["revision"]) == ("revision_conflict", 2)
    assert (await bridge.admin.get(URL)).json()["display_timezone"] == "Asia/Kolkata"


async def test_writes_at_the_same_time_lose_nothing(bridge) -> None:
    await asyncio.gather(
        put(bridge, "api-keys", openai=KEY),
        put(bridge, "timezone", display_timezone="Europe/Berlin"),
        put(bridge, "dialler", enabled=True, max_words=7),
        put(bridge, "minio", endpoint="minio:9000"),
    )
    shown = (await bridge.admin.get(URL)).json()
    assert shown["revision"] == 5
    assert (shown["api_keys"]["openai"], shown["display_timezone"]) == (mask(KEY), "Europe/Berlin")
    assert (shown["dialler"]["amd"]["max_words"], shown["minio"]["endpoint"]) == (7, "minio:9000")


@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("timezone", {"display_timezone": "Mars/Olympus"}),
        ("timezone", {"display_timezone": None}),
        ("general", {"default_country": "India"}),
        ("general", {"retention": {"calls_days": -1}}),
        ("general", {"retention": {"calls_weeks": 1}}),
        ("general", {"dnc": {"other": True}}),
        ("fleet", {"core_fleet": ["ftp://a"]}),
        ("fleet", {"core_fleet": ["http://user:pass@a"]}),
        ("fleet", {"core_fleet": ["http://"]}),
        ("fleet", {"core_fleet": ["http://a:99999"]}),
        ("fleet", {"core_fleet": "http://a"}),
        ("fleet", {"public_wss_base": "https://a"}),
        ("providers", {"base_url": "localhost:8060"}),
        ("providers", {"base_url": "http://a/v1?x=1"}),
        ("dialler", {"total_analysis_ms": 249}),
        ("dialler", {"total_analysis_ms": 5001}),
        ("dialler", {"action_on_machine": "hang_up"}),
        ("minio", {"bucket": ""}),
        ("minio", {"password": "x"}),
        ("api-keys", {"unknown": "x"}),
        ("api-keys", {"google_vertex": "no json"}),
        ("api-keys", {"google_vertex": "[]"}),
        ("api-keys", {"google_vertex": "{}"}),
        ("knowledge", {"backend": "elastic"}),
        ("knowledge", {"chunk_overlap_chars": 1500}),
        ("agent-assist", {"listen_to": "agent"}),
    ],
    ids=str,
)
async def test_unfit_values_are_422_and_change_nothing(bridge, section: str, body: dict) -> None:
    told = await put(bridge, section, 422, **body)
    assert told["error"] == "validation_failed"
    assert (await raw(bridge))["revision"] == 1


async def test_fleet_urls_lose_their_slash_and_their_doubles(bridge) -> None:
    shown = await put(
        bridge, "fleet", core_fleet=["http://a:1/", "http://a:1", "https://b/x/"], public_wss_base="wss://c/"
    )
    assert shown["core_fleet"] == ["http://a:1", "https://b/x"]
    assert shown["public_wss_base"] == "wss://c"


async def test_complete_object_storage_settings_take_over_from_the_environment(bridge) -> None:
    assert (await put(bridge, "minio", endpoint="minio:9000", access_key="vox"))["minio"]["source"] == "environment"
    assert (await put(bridge, "minio", secret_key="a-secret-of-storage"))["minio"]["source"] == "settings"


async def test_display_settings_tell_admins_more_and_never_a_key(bridge) -> None:
    await put(bridge, "api-keys", openai=KEY)
    agent, admin = await bridge.as_role("agent"), await bridge.as_role("admin")
    assert (await agent.get(f"{URL}/display")).json() == {"display_timezone": "UTC"}
    shown = await admin.get(f"{URL}/display")
    assert shown.json()["provider_keys"] == {name: name == "openai" for name in PROVIDERS}
    assert shown.json()["default_country"] == ""
    assert KEY[:4] not in shown.text


async def test_a_write_counts_at_once_for_readers_of_the_copy(bridge) -> None:
    assert (await get_settings(bridge.ctx)).core_fleet == []
    await put(bridge, "fleet", core_fleet=["http://a:1"])
    assert (await get_settings(bridge.ctx)).core_fleet == ["http://a:1"]
    copy = json.loads(await bridge.ctx.redis.get("vox:settings"))
    assert copy["core_fleet"] == ["http://a:1"]
    assert 0 < await bridge.ctx.redis.ttl("vox:settings") <= 60


async def test_a_write_is_published_to_the_other_replicas(bridge) -> None:
    listener = bridge.ctx.redis.pubsub()
    await listener.subscribe("vox:events")
    await put(bridge, "timezone", display_timezone="Asia/Kolkata")
    while (message := await listener.get_message(timeout=10)) and message["type"] != "message":
        pass
    await listener.aclose()
    told = json.loads(message["data"])
    assert (told["event"], told["topics"], told["data"]) == ("settings.changed", ["settings"], {"revision": 2})


async def test_a_damaged_copy_in_redis_is_passed_over(bridge) -> None:
    for text in ("not json", "[]", "7", '{"display_timezone": "Mars/Olympus"}'):
        await bridge.ctx.redis.set("vox:settings", text)
        assert (await get_settings(bridge.ctx)).display_timezone == "UTC"


async def test_a_new_first_key_reads_the_old_secrets_and_writes_them_anew(bridge) -> None:
    await put(bridge, "api-keys", openai=KEY)
    old = (await raw(bridge))["api_keys"]["openai"]
    bridge.ctx.cipher = Cipher("new-key,at-rest-key")
    assert (await get_settings(bridge.ctx)).api_keys.openai == KEY
    await reencrypt(bridge.ctx)
    new = (await raw(bridge))["api_keys"]["openai"]
    assert new != old
    bridge.ctx.cipher = Cipher("new-key")  # the old key is gone now
    assert (await get_settings(bridge.ctx)).api_keys.openai == KEY
    revision = (await raw(bridge))["revision"]
    await reencrypt(bridge.ctx)
    assert (await raw(bridge))["revision"] == revision


async def test_a_secret_of_a_lost_key_counts_as_not_set_and_is_not_destroyed(bridge) -> None:
    await put(bridge, "api-keys", openai=KEY)
    stored = (await raw(bridge))["api_keys"]["openai"]
    bridge.ctx.cipher = Cipher("a-quite-different-key")
    assert (await get_settings(bridge.ctx)).api_keys.openai == ""
    await reencrypt(bridge.ctx)
    assert (await bridge.admin.get(URL)).status_code == 200
    assert (await raw(bridge))["api_keys"]["openai"] == stored


async def test_a_stored_value_of_another_release_counts_as_its_default_and_the_rest_is_read(bridge) -> None:
    changes = {
        "dialler.amd.action_on_machine": "voicemail_drop",
        "dialler.amd.max_words": 9,
        "display_timezone": "Mars",
    }
    await bridge.ctx.db["system_settings"].update_one({"_id": "system"}, {"$set": changes})
    shown = (await bridge.admin.get(URL)).json()
    assert (shown["dialler"]["amd"]["action_on_machine"], shown["dialler"]["amd"]["max_words"]) == ("teardown", 9)
    assert shown["display_timezone"] == "UTC"
