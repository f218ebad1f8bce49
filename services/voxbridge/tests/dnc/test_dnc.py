"""A number that is called although somebody asked not to be called: lost, shortened, or hidden by its spelling."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from voxbridge.dnc import service, store
from voxkit.clock import iso

pytestmark = [pytest.mark.integration]


async def add(bridge: Any, *numbers: str, **more: Any) -> dict[str, Any]:
    answer = await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": list(numbers), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def entry_of(bridge: Any, number: str) -> httpx.Response:
    return await bridge.admin.get(f"/api/v1/dnc/{number}")


async def numbers(bridge: Any, **query: Any) -> list[str]:
    answer = await bridge.admin.get("/api/v1/dnc", params=query)
    assert answer.status_code == 200, answer.text
    return [entry["phone_number"] for entry in answer.json()["items"]]


async def upload(bridge: Any, data: bytes | str) -> httpx.Response:
    data = data.encode() if isinstance(data, str) else data
    return await bridge.admin.post("/api/v1/dnc/upload", files={"file": ("dnc.csv", data, "text/csv")})


async def test_a_number_is_found_however_it_is_written(bridge) -> None:
    told = await add(bridge, "+49 (30) 12-34.56", "+4930123456", "12", "abc", reason="letter")
    assert told == {"added": 1, "existing": 1, "invalid": 2}
    for written in ("+4930123456", "4930123456", "+49%2030%20123456"):
        found = (await entry_of(bridge, written)).json()
        assert (found["phone_number"], found["reason"], found["source"]) == ("+4930123456", "letter", "manual")


async def test_a_number_that_is_not_listed_is_404_and_one_that_is_none_is_422(bridge) -> None:
    for written, status, code in (("+4930123456", 404, "not_listed"), ("abc", 422, "validation_failed")):
        answer = await entry_of(bridge, written)
        assert (answer.status_code, answer.json()["error"]) == (status, code)


async def test_a_key_adds_and_checks_and_does_nothing_else(bridge) -> None:
    made = await bridge.admin.post("/api/v1/api-keys", json={"name": "crm"})
    crm = bridge.client({"X-API-Key": made.json()["api_key"]})
    assert (await crm.post("/api/v1/dnc", json={"phone_numbers": ["+4930123456"]})).json()["added"] == 1
    assert (await crm.get("/api/v1/dnc/+4930123456")).json()["source"] == "api"
    for method, path in (("GET", ""), ("GET", "/export.csv"), ("DELETE", "/+4930123456"), ("POST", "/upload")):
        assert (await crm.request(method, f"/api/v1/dnc{path}")).status_code == 401


async def test_an_entry_past_its_end_counts_as_absent_and_can_be_added_anew(bridge) -> None:
    soon = bridge.ctx.clock() + timedelta(hours=1)
    await add(bridge, "+4930123456", "+4930123457", expires_at=iso(soon))
    await add(bridge, "+4930123457")
    bridge.ctx.clock = lambda: soon
    assert (await entry_of(bridge, "+4930123456")).status_code == 404
    assert await numbers(bridge) == ["+4930123457"]
    assert await numbers(bridge, q="493012345") == ["+4930123457"]
    assert await store.listed(bridge.ctx, ["4930123456", "4930123457"], soon) == {"4930123457"}
    assert (await add(bridge, "+4930123456"))["added"] == 1
    assert (await entry_of(bridge, "+4930123456")).json()["created_at"] == iso(soon)


@pytest.mark.parametrize(("first", "second", "ends"), [(1, 2, 2), (2, 1, 2), (1, None, None), (None, 1, None)])
async def test_adding_again_never_shortens_an_entry(bridge, first, second, ends) -> None:
    now = bridge.ctx.clock()

    def until(days: int | None) -> str | None:
        return None if days is None else iso(now + timedelta(days=days))

    await add(bridge, "+4930123456", expires_at=until(first))
    assert await add(bridge, "+4930123456", expires_at=until(second)) == {"added": 0, "existing": 1, "invalid": 0}
    assert (await entry_of(bridge, "+4930123456")).json()["expires_at"] == until(ends)


async def test_twenty_at_once_add_a_number_once(bridge) -> None:
    told = await asyncio.gather(*(add(bridge, "+4930123456", "+4930123457") for _ in range(20)))
    assert sum(each["added"] for each in told) == 2


async def test_a_removed_number_is_gone(bridge) -> None:
    await add(bridge, "+4930123456")
    assert [(await bridge.admin.delete("/api/v1/dnc/4930123456")).status_code for _ in range(2)] == [204, 404]
    assert (await entry_of(bridge, "+4930123456")).status_code == 404


async def test_the_list_is_searched_by_first_digits_and_source(bridge) -> None:
    await add(bridge, "+4930123456", "+4940123456", "+14155550100")
    await upload(bridge, "phone_number\n+4930999999\n")
    assert set(await numbers(bridge, q="+49 30")) == {"+4930123456", "+4930999999"}
    assert await numbers(bridge, q="4930", source="upload") == ["+4930999999"]
    assert await numbers(bridge, source="upload") == ["+4930999999"]
    assert await numbers(bridge, q="7") == []


async def test_a_search_that_fits_too_many_numbers_asks_for_more_digits(bridge, monkeypatch) -> None:
    monkeypatch.setattr(service, "LOOKUP_LIMIT", 2)
    await add(bridge, "+4930123456", "+4930123457", "+4930123458")
    answer = await bridge.admin.get("/api/v1/dnc", params={"q": "49"})
    assert (answer.status_code, answer.json()["message"]) == (422, "q fits more than 2 numbers; give more digits.")


async def test_the_list_goes_on_by_cursor_and_shows_every_entry_once(bridge) -> None:
    await upload(bridge, "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(120)))
    for more in ({}, {"q": "4930"}):
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            query = {"limit": 50, "cursor": cursor, **more}
            answer = (await bridge.admin.get("/api/v1/dnc", params=query)).json()
            seen += [entry["phone_number"] for entry in answer["items"]]
            cursor = answer["next"]
        assert (len(seen), len(set(seen))) == (120, 120)


async def test_the_export_has_every_entry_and_no_formula(bridge) -> None:
    await add(bridge, "+4930123456", reason="=HYPERLINK(1)")
    await upload(bridge, "phone_number\n" + "".join(f"+4940{n:07d}\n" for n in range(700)))
    answer = await bridge.admin.get("/api/v1/dnc/export.csv")
    text = answer.content.decode("utf-8-sig").splitlines()
    assert text[0] == "phone_number,reason,source,added_by,session_id,expires_at,created_at"
    assert len(text) == 702
    assert any(line.startswith("+4930123456,'=HYPERLINK(1),manual,") for line in text)


async def test_an_upload_adds_and_counts_every_row_once(bridge) -> None:
    await add(bridge, "+4930000001", reason="first")
    told = (
        await upload(bridge, "phone_number;reason\n+4930000001;x\n+4930000002;letter\n+4930000002;y\n12;z\n")
    ).json()
    assert (told["total_rows"], told["added"], told["existing"], told["invalid"]) == (4, 1, 2, 1)
    assert [error["row"] for error in told["sample_errors"]] == [5]
    assert (await entry_of(bridge, "+4930000001")).json()["reason"] == "first"
    found = (await entry_of(bridge, "+4930000002")).json()
    assert (found["reason"], found["source"]) == ("letter", "upload")


@pytest.mark.parametrize(
    ("data", "code"), [("number\n+4930000001\n", "missing_phone_number"), ("phone_number\n12\n", "no_valid_rows")]
)
async def test_an_upload_that_is_refused_adds_nothing(bridge, data: str, code: str) -> None:
    answer = await upload(bridge, data)
    assert (answer.status_code, answer.json()["error"]) == (422, code)
    assert await numbers(bridge) == []


async def test_a_body_without_a_file_says_how_to_send_one(bridge) -> None:
    for more in (
        {"json": {}},
        {"data": {"file": "x"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
    ):
        answer = await bridge.admin.post("/api/v1/dnc/upload", **more)
        assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")
        assert "multipart/form-data" in answer.json()["message"]


async def test_a_key_may_add_sixty_times_a_minute(bridge) -> None:
    statuses = [(await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": ["12"]})).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]


async def test_every_change_is_in_the_audit_log(bridge) -> None:
    await add(bridge, "+4930123456")
    await upload(bridge, "phone_number\n+4930000001\n")
    await bridge.admin.get("/api/v1/dnc/export.csv")
    await bridge.admin.delete("/api/v1/dnc/+4930123456")
    entries = (await bridge.admin.get("/api/v1/audit-log")).json()["items"]
    assert [entry["action"] for entry in entries] == ["dnc.delete", "dnc.export", "dnc.upload", "dnc.add"]
