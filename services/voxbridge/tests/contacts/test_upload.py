"""A contacts file that replaces half of a list, loses a row silently, or destroys the old list and is then refused."""

from __future__ import annotations

import codecs
from typing import Any

import httpx
import pytest
from voxkit.campaigns.ids import contact_id

from .campaigns import add_draft, rows_of

pytestmark = [pytest.mark.integration]


async def send(bridge: Any, data: bytes | str, campaign_id: str = "c1", name: str = "list.csv") -> httpx.Response:
    data = data.encode() if isinstance(data, str) else data
    return await bridge.admin.post(f"/api/v1/campaigns/{campaign_id}/upload", files={"file": (name, data, "text/csv")})


async def test_a_file_becomes_the_contacts_of_the_campaign(bridge) -> None:
    await add_draft(bridge)
    answer = await send(
        bridge, "phone_number,name,_note\n+4930123456,Ana,x\n491701234567,,\nabc,Bo,\n+49 30 123456,Eva,\n"
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "total_rows": 4, "inserted": 2, "invalid": 1, "duplicates": 1, "suppressed": 0, "over_limit": 0,
        "columns": ["phone_number", "name"], "ignored_columns": ["_note"], "encoding": "utf-8", "delimiter": ",",
        "sample_errors": [{"row": 4, "phone_number": "abc", "reason": "has characters that no phone number has"}],
    }  # fmt: skip
    first, second = await rows_of(bridge)
    assert first["_id"] == contact_id("c1", "4930123456")
    assert (first["phone_number"], first["variables"], first["row_no"]) == ("+4930123456", {"name": "Ana"}, 2)
    assert (second["phone_number"], second["variables"], second["status"]) == ("+491701234567", {}, "pending")
    upload = (await bridge.ctx.db["campaigns"].find_one({"_id": "c1"}))["upload"]
    assert (upload["state"], upload["file_name"], upload["counts"]["inserted"]) == ("ready", "list.csv", 2)


async def test_the_next_file_replaces_the_contacts(bridge) -> None:
    await add_draft(bridge)
    await send(bridge, "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(50)))
    assert (await send(bridge, "phone_number\n+4930999999\n+49300000001\n")).status_code == 200
    assert [row["phone_key"] for row in await rows_of(bridge)] == ["4930999999", "49300000001"]


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter"),
    [
        (codecs.BOM_UTF8 + "phone_number,name\n+4930123456,Müller\n".encode(), "utf-8", ","),
        ("phone_number;name\r\n+4930123456;Müller\r\n".encode(), "utf-8", ";"),
        (codecs.BOM_UTF16_LE + "phone_number\tname\n+4930123456\tMüller\n".encode("utf-16-le"), "utf-16", "\t"),
        (codecs.BOM_UTF16_BE + "phone_number|name\n+4930123456|Müller\n".encode("utf-16-be"), "utf-16", "|"),
        ("phone_number,name\n+4930123456,Müller\n".encode("cp1252"), "windows-1252", ","),
    ],
)
async def test_encoding_and_delimiter_are_taken_from_the_file(
    bridge, data: bytes, encoding: str, delimiter: str
) -> None:
    await add_draft(bridge)
    told = (await send(bridge, data)).json()
    assert (told["encoding"], told["delimiter"]) == (encoding, delimiter)
    assert [row["variables"] for row in await rows_of(bridge)] == [{"name": "Müller"}]
