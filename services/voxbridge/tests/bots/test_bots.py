"""A bot that changes under a running campaign, loses its key on a save, or is deleted while something needs it."""

from typing import Any

import httpx
import pytest
import respx

pytestmark = [pytest.mark.integration]
URL = "/api/v1/bots"
BODY = {"bot_id": "bot-a", "name": "Anna", "opening_message": "Hi", "system_prompt": "You are Anna."}


async def create(bridge, **fields: Any) -> dict:
    answer = await bridge.admin.post(URL, json={**BODY, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def campaign(bridge, status: str, bot_id: str = "bot-a") -> None:
    await bridge.ctx.db["campaigns"].insert_one(
        {"_id": f"c-{status}", "name": f"Spring {status}", "status": status, "bot_id": bot_id}
    )


async def test_a_new_bot_is_shown_whole_with_an_id_of_its_own_or_a_made_one(bridge) -> None:
    made = await create(bridge)
    assert (made["bot_id"], made["revision"], made["locked"], made["warnings"]) == ("bot-a", 1, False, [])
    assert made["widget_api_key"].startswith("wk_")
    assert (await bridge.admin.get(f"{URL}/bot-a")).json() == made
    assert len((await create(bridge, bot_id=None))["bot_id"]) == 32
    assert refusal(await bridge.admin.post(URL, json=BODY)) == (409, "bot_exists")


async def test_admins_only(bridge) -> None:
    await create(bridge)
    for role in ("agent", "supervisor"):
        assert refusal(await (await bridge.as_role(role)).get(URL)) == (403, "forbidden")
    assert (await (await bridge.as_role("admin")).get(URL)).status_code == 200
    assert (await bridge.nobody.get(f"{URL}/bot-a")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/clone"), ("GET", "/wss-url"), ("POST", "/browser-call")],
)
async def test_an_unknown_bot_is_404(bridge, method: str, path: str) -> None:
    answer = await bridge.admin.request(method, f"{URL}/nobody{path}", json={} if method in ("PUT", "POST") else None)
    assert refusal(answer) == (404, "bot_not_found")


async def test_a_field_present_is_replaced_whole_and_an_absent_one_stays(bridge) -> None:
    await create(bridge, active_hours={"enabled": True, "days": ["mon"]}, dynamic_prompt="D")
    changed = (await bridge.admin.put(f"{URL}/bot-a", json={"active_hours": {"enabled": True}})).json()
    assert len(changed["active_hours"]["days"]) == 7
    assert (changed["dynamic_prompt"], changed["revision"]) == ("D", 2)
    assert refusal(await bridge.admin.put(f"{URL}/bot-a", json={"nmae": "x"})) == (422, "validation_failed")


async def test_two_editors_do_not_overwrite_each_other(bridge) -> None:
    await create(bridge)
    assert (await bridge.admin.put(f"{URL}/bot-a", json={"name": "B", "revision": 1})).status_code == 200
    late = await bridge.admin.put(f"{URL}/bot-a", json={"name": "C", "revision": 1})
    assert refusal(late) == (409, "revision_conflict")
    assert late.json()["revision"] == 2
    assert (await bridge.admin.put(f"{URL}/bot-a", json={"name": "C"})).json()["revision"] == 3


async def test_a_saved_form_keeps_the_keys_it_shows_as_masks(bridge) -> None:
    shown = await create(bridge, llm={"provider": "openai", "api_key": "sk-0123456789abcdef"})
    assert shown["llm"]["api_key"] == "sk-0...cdef"
    saved = await bridge.admin.put(f"{URL}/bot-a", json={"llm": {**shown["llm"], "max_tokens": 99}})
    assert (saved.json()["llm"]["api_key"], saved.json()["llm"]["max_tokens"]) == ("sk-0...cdef", 99)
    config = await bridge.service.get("/api/v1/config/bot-a")
    assert config.json()["llm"]["api_key"] == "sk-0123456789abcdef"
    cleared = await bridge.admin.put(f"{URL}/bot-a", json={"llm": {**shown["llm"], "api_key": None}})
    assert cleared.json()["warnings"] == ["llm: the provider openai has no key; set one here or in the settings"]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"llm": {"base_url": "http://127.0.0.1:9/v1"}}, ["body", "llm", "base_url"]),
        ({"stt": {"fallbacks": [{"base_url": "http://10.0.0.1/v1"}]}}, ["body", "stt", "fallbacks", 0, "base_url"]),
        ({"custom_tools": [{"name": "a", "url": "http://169.254.169.254/{{id}}"}]}, ["body", "custom_tools", 0, "url"]),
        ({"custom_tools": [{"name": "a", "url": "http://[::ffff:192.168.0.1]/"}]}, ["body", "custom_tools", 0, "url"]),
        ({"crm_prefetch": {"url": "http://localhost/x"}}, ["body", "crm_prefetch", "url"]),
        ({"post_call_push": {"url": "http://0.0.0.0/"}}, ["body", "post_call_push", "url"]),
    ],
)
async def test_a_url_that_leads_inside_is_refused_at_save_and_named(bridge, fields: dict, place: list) -> None:
    answer = await bridge.admin.post(URL, json={**BODY, **fields})
    assert refusal(answer) == (422, "validation_failed")
    assert [item["loc"] for item in answer.json()["detail"]] == [place]
    await create(bridge)
    assert refusal(await bridge.admin.put(f"{URL}/bot-a", json=fields)) == (422, "validation_failed")


async def test_an_allowed_private_host_may_be_used(make_bridge) -> None:
    async with make_bridge(outbound_url_allowlist="127.0.0.1:8060") as bridge:
        await create(bridge, llm={"base_url": "http://127.0.0.1:8060/v1/"})


async def test_a_running_campaign_locks_its_bot(bridge) -> None:
    await create(bridge)
    await campaign(bridge, "running")
    assert (await bridge.admin.get(f"{URL}/bot-a")).json()["locked"] is True
    assert (await bridge.admin.get(URL)).json()["items"][0]["locked"] is True
    refused = await bridge.admin.put(f"{URL}/bot-a", json={"name": "B"})
    assert refusal(refused) == (409, "bot_locked")
    assert refused.json()["campaigns"] == [{"campaign_id": "c-running", "name": "Spring running"}]
    assert refusal(await bridge.admin.delete(f"{URL}/bot-a")) == (409, "bot_locked")


@pytest.mark.parametrize("status", ["draft", "paused"])
async def test_a_bot_that_a_campaign_will_need_is_not_deleted(bridge, status: str) -> None:
    await create(bridge)
    await campaign(bridge, status)
    assert refusal(await bridge.admin.delete(f"{URL}/bot-a")) == (409, "bot_in_use")


async def test_a_bot_that_a_number_points_to_is_not_deleted(bridge) -> None:
    await create(bridge)
    await bridge.ctx.db["carriers"].insert_one({"_id": "car", "dids": [{"number": "+15550199", "bot_id": "bot-a"}]})
    refused = await bridge.admin.delete(f"{URL}/bot-a")
    assert refusal(refused) == (409, "bot_in_use")
    assert "+15550199" in refused.json()["message"]


async def test_a_deleted_bot_leaves_its_calls(bridge) -> None:
    await create(bridge)
    await campaign(bridge, "completed")
    session = (await bridge.service.get("/api/v1/config/bot-a")).json()["session_id"]
    assert (await bridge.admin.delete(f"{URL}/bot-a")).status_code == 204
    assert (await bridge.admin.get(f"{URL}/bot-a")).status_code == 404
    assert (await bridge.admin.get(f"/api/v1/calls/{session}")).status_code == 200


async def test_a_clone_is_a_bot_of_its_own(bridge) -> None:
    original = await create(bridge, llm={"provider": "openai", "api_key": "sk-0123456789abcdef"}, dynamic_prompt="D")
    clone = (await bridge.admin.post(f"{URL}/bot-a/clone")).json()
    assert clone["name"] == "Anna (copy)"
    assert clone["bot_id"] != original["bot_id"]
    assert clone["widget_api_key"] != original["widget_api_key"]
    assert (clone["dynamic_prompt"], clone["llm"]["api_key"], clone["revision"]) == ("D", "sk-0...cdef", 1)


async def test_the_list_is_filtered_sorted_and_paged(bridge) -> None:
    for number, name in enumerate(["Cora", "Anna", "Bert (x)"]):
        await create(bridge, bot_id=f"bot-{number}", name=name, is_active=name != "Anna")

    async def names(**params: Any) -> list[str]:
        answer = await bridge.admin.get(URL, params=params)
        return [item["name"] for item in answer.json()["items"]]

    assert await names() == ["Anna", "Bert (x)", "Cora"]
    assert await names(sort="-updated_at") == ["Bert (x)", "Anna", "Cora"]
    assert await names(q="(X") == ["Bert (x)"]
    assert await names(is_active="false") == ["Anna"]
    assert await names(limit=1, page=2) == ["Bert (x)"]
    assert (await bridge.admin.get(URL, params={"sort": "stt"})).status_code == 422


async def test_socket_urls_come_from_the_settings_else_from_the_first_host(make_bridge) -> None:
    async with make_bridge(ws_media_tokens="tok-1,tok-2") as bridge:
        await create(bridge)
        assert refusal(await bridge.admin.get(f"{URL}/bot-a/wss-url")) == (503, "no_fleet")
        await bridge.admin.put("/api/v1/settings/fleet", json={"core_fleet": ["https://fleet1.example.com"]})
        assert (await bridge.admin.get(f"{URL}/bot-a/wss-url")).json() == {
            "wss_url": "wss://fleet1.example.com/ws/bot-a?token=tok-1",
            "exotel_url": "wss://fleet1.example.com/exotel/bot-a?token=tok-1",
        }
        await bridge.admin.put("/api/v1/settings/fleet", json={"public_wss_base": "wss://calls.example.com"})
        assert (
            (await bridge.admin.get(f"{URL}/bot-a/wss-url")).json()["wss_url"].startswith("wss://calls.example.com/ws/")
        )


@respx.mock
async def test_a_browser_call_names_a_free_worker_and_keeps_its_variables(make_bridge) -> None:
    async with make_bridge(core_fleet="http://fleet1.test:8001", ws_media_tokens="tok-1") as bridge:
        health = {"status": "ok", "fleet_calls": 0, "fleet_max": 1, "fleet_available": 1, "workers": []}
        respx.get("http://fleet1.test:8001/health/fleet").respond(json=health)
        await create(bridge, opening_message="Hi {{customer}}")
        answer = await bridge.admin.post(f"{URL}/bot-a/browser-call", json={"variables": {"customer": "Asha"}})
        assert answer.status_code == 201, answer.text
        call = answer.json()
        assert call["ws_url"] == "ws://fleet1.test:8001/ws/bot-a?token=tok-1"
        config = await bridge.service.get(
            "/api/v1/config/bot-a", params={"connected_event": f'{{"_context":"{call["context_id"]}"}}'}
        )
        assert config.json()["opening_message"] == "Hi Asha"
        # The one free worker is taken, and the next look at the host says so.
        busy = health | {"fleet_calls": 1, "fleet_available": 0}
        respx.get("http://fleet1.test:8001/health/fleet").respond(json=busy)
        assert refusal(await bridge.admin.post(f"{URL}/bot-a/browser-call")) == (503, "no_capacity")
        forged = {"variables": {"_campaign_id": "x"}}
        assert refusal(await bridge.admin.post(f"{URL}/bot-a/browser-call", json=forged)) == (422, "validation_failed")
        await bridge.admin.put(f"{URL}/bot-a", json={"is_active": False})
        assert refusal(await bridge.admin.post(f"{URL}/bot-a/browser-call")) == (404, "bot_inactive")


async def test_a_browser_call_without_a_fleet_says_so(make_bridge) -> None:
    async with make_bridge(core_fleet="") as bridge:
        await create(bridge)
        assert refusal(await bridge.admin.post(f"{URL}/bot-a/browser-call")) == (503, "no_fleet")


async def test_the_demo_bot_is_made_once_and_a_changed_one_is_left_alone(make_bridge) -> None:
    async with make_bridge(seed_demo=True) as bridge:
        demo = (await bridge.admin.get(f"{URL}/demo")).json()
        assert demo["warnings"] == []
        assert (await bridge.admin.put(f"{URL}/demo", json={"name": "Mine"})).status_code == 200
    async with make_bridge(seed_demo=True) as bridge:
        assert (await bridge.admin.get(f"{URL}/demo")).json()["name"] == "Mine"
        assert (await bridge.service.get("/api/v1/config/demo")).status_code == 200


async def test_secrets_are_written_anew_under_a_new_first_key(make_bridge) -> None:
    from voxbridge.bots import service

    async with make_bridge() as bridge:
        await create(bridge, llm={"provider": "openai", "api_key": "sk-0123456789abcdef"})
    async with make_bridge(settings_encryption_key="new-key,at-rest-key") as bridge:
        await service.reencrypt(bridge.ctx)
    async with make_bridge(settings_encryption_key="new-key") as bridge:
        assert (await bridge.service.get("/api/v1/config/bot-a")).json()["llm"]["api_key"] == "sk-0123456789abcdef"
