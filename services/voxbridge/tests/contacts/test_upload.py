"""A contacts file that replaces half of a list, loses a row silently, or destroys the old list and is then refused."""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from voxbridge.app import body_limit
from voxbridge.campaigns.keeper import SYSTEM
from voxbridge.contacts import entries, store, upload
from voxbridge.contacts.sheet import FILE_BYTES
from voxkit.campaigns.ids import contact_id

from .campaigns import add_draft, campaign_of, rows_of

pytestmark = [pytest.mark.integration]
GOOD = "phone_number,name\n+4930123456,Ana\n"


async def send(bridge: Any, data: bytes | str, campaign_id: str = "c1", name: str = "list.csv") -> httpx.Response:
    data = data.encode() if isinstance(data, str) else data
    return await bridge.admin.post(f"/api/v1/campaigns/{campaign_id}/upload", files={"file": (name, data, "text/csv")})


async def report(bridge: Any) -> list[list[str]]:
    answer = await bridge.admin.get("/api/v1/campaigns/c1/upload-report.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


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
    loaded = (await campaign_of(bridge))["upload"]
    assert (loaded["state"], loaded["file_name"], loaded["counts"]["inserted"]) == ("ready", "list.csv", 2)
    entry = (await bridge.admin.get("/api/v1/audit-log")).json()["items"][0]
    assert (entry["action"], entry["changes"]["contacts"]) == ("campaign.upload", [None, 2])


async def test_the_campaign_knows_how_many_contacts_it_has_as_soon_as_the_upload_answers(bridge) -> None:
    await add_draft(bridge)
    await send(bridge, "phone_number\n+4930123456\n+491701234567\n")
    assert (await campaign_of(bridge))["stats"]["total_calls"] == 2
    await send(bridge, GOOD)
    assert (await campaign_of(bridge))["stats"]["total_calls"] == 1


async def test_the_next_file_replaces_the_contacts_those_added_by_api_too(bridge) -> None:
    await add_draft(bridge)
    await send(bridge, "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(50)))
    await bridge.admin.post("/api/v1/campaigns/c1/contacts", json={"contacts": [{"phone_number": "+4940123456"}]})
    assert (await send(bridge, "phone_number\n+4930999999\n+49300000001\n")).status_code == 200
    assert [row["phone_key"] for row in await rows_of(bridge)] == ["4930999999", "49300000001"]
    assert (await campaign_of(bridge))["last_row_no"] == 3


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


REFUSED = [
    (b"", "missing_phone_number"),
    ("phone,name\n+4930123456,Ana\n", "missing_phone_number"),
    ("Phone_Number\n+4930123456\n", "missing_phone_number"),
    ("phone_number,name,name\n+4930123456,a,b\n", "duplicate_header"),
    ("phone_number," + ",".join(f"c{n}" for n in range(100)) + "\n+4930123456\n", "too_many_columns"),
    ("phone_number,$set\n+4930123456,a\n", "invalid_header"),
    ("phone_number\n12\nabc\n", "no_valid_rows"),
    ("phone_number\n", "no_valid_rows"),
    (b"PK\x03\x04\x00\x00phone_number\n+4930123456\n", "not_csv"),
    ("phone_number\n+4930123456\n".encode("utf-16-le"), "not_csv"),
    (b"phone_number,name\n+4930123456,\x81\x8d\n", "not_csv"),
    (codecs.BOM_UTF16_LE + b"p\x00h", "not_csv"),
    ('phone_number,name\n+4930123456,"Ana\n+4930123457,Bo\n', "not_csv"),
    ('phone_number,name\n+4930123456,"Ana" Maria\n', "not_csv"),
    ("phone_number,name\n+4930123456," + "x" * 300_000 + "\n", "not_csv"),
]


@pytest.mark.parametrize(("data", "code"), REFUSED)
async def test_a_refused_file_changes_nothing(bridge, data: bytes | str, code: str) -> None:
    await add_draft(bridge)
    await send(bridge, GOOD + "12,x\n")
    before, rejects = [await rows_of(bridge), await campaign_of(bridge)], await report(bridge)
    answer = await send(bridge, data)
    assert (answer.status_code, answer.json()["error"]) == (422, code)
    assert [await rows_of(bridge), await campaign_of(bridge)] == before
    assert await report(bridge) == rejects


async def test_a_file_without_a_valid_row_says_why(bridge) -> None:
    await add_draft(bridge)
    told = (await send(bridge, "phone_number\n12\n")).json()
    assert [error["row"] for error in told["sample_errors"]] == [2]


async def test_a_file_of_one_byte_too_many_is_refused_and_one_of_the_limit_is_not(bridge, monkeypatch) -> None:
    await add_draft(bridge)
    await send(bridge, GOOD)
    before = await rows_of(bridge)
    line = "x" * 1_900
    many = ("phone_number,a\n" + f"+4930123457,{line}\n" * (FILE_BYTES // 1_914)).encode()
    full = many + b"\n" * (FILE_BYTES - len(many))
    answer = await send(bridge, full + b"\n")
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert await rows_of(bridge) == before
    told = (await send(bridge, full)).json()
    assert (told["inserted"], told["total_rows"]) == (1, FILE_BYTES // 1_914)


async def test_a_body_beyond_the_form_is_refused_before_it_is_read(bridge) -> None:
    answer = await bridge.admin.post(
        "/api/v1/campaigns/c1/upload", headers={"Content-Length": str(FILE_BYTES + 2**20 + 1)}, content=b""
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert body_limit({"path": "/api/v1/campaigns/c1/uploads"}) == 2**20


async def test_numbers_that_must_not_be_called_are_stored_as_excluded(bridge) -> None:
    await add_draft(bridge)
    await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": ["+4930000001"]})
    await bridge.admin.post("/api/v1/campaigns/c1/exclude", json={"phone_numbers": ["+4930000002"]})
    told = (await send(bridge, "phone_number\n+4930000001\n+4930000002\n+4930000003\n")).json()
    assert (told["inserted"], told["suppressed"], told["total_rows"]) == (1, 2, 3)
    assert [row["status"] for row in await rows_of(bridge)] == ["excluded", "excluded", "pending"]


async def test_a_file_of_suppressed_numbers_alone_is_taken(bridge) -> None:
    await add_draft(bridge)
    await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": ["+4930123456"]})
    told = (await send(bridge, GOOD)).json()
    assert (told["inserted"], told["suppressed"]) == (0, 1)


async def test_rows_over_the_limit_are_counted_and_reported(bridge, monkeypatch) -> None:
    monkeypatch.setattr(entries, "MAX_ROWS", 3)
    await add_draft(bridge)
    told = (await send(bridge, "phone_number\n+4930000001\n12\n+4930000001\n+4930000002\n+4930000003\n")).json()
    assert (told["inserted"], told["invalid"], told["duplicates"], told["over_limit"]) == (1, 1, 1, 2)
    assert await report(bridge) == [
        ["row", "phone_number", "reason"],
        ["3", "12", "needs 8 to 15 digits, with a + at the beginning at most"],
        ["4", "+4930000001", "the number stands in a row before; that one is kept"],
        ["5", "+4930000002", "over the limit of 3 rows"],
        ["6", "+4930000003", "over the limit of 3 rows"],
    ]


async def test_the_report_of_rejects_is_whole_and_runs_no_formula(bridge) -> None:
    await add_draft(bridge)
    assert await report(bridge) == [["row", "phone_number", "reason"]]
    told = (await send(bridge, GOOD + "=1+1,x\n" * 2_345)).json()
    assert (told["invalid"], len(told["sample_errors"])) == (2_345, 20)
    rows = await report(bridge)
    assert len(rows) == 2_346
    assert rows[1] == ["3", "'=1+1", "has characters that no phone number has"]
    await send(bridge, GOOD)
    assert await report(bridge) == [["row", "phone_number", "reason"]]
    assert await bridge.ctx.db["campaign_upload_rejects"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"started_at": "now"}, "identity_locked"),
        ({"completed_at": "now"}, "identity_locked"),
        ({"run_number": 2}, "identity_locked"),
        ({"restart_history": [{"run_number": 1}]}, "identity_locked"),
        ({"status": "running"}, "invalid_state"),
        ({"status": "failed"}, "invalid_state"),
    ],
)
async def test_the_contacts_of_a_campaign_that_ran_are_not_replaced(bridge, changes: dict, code: str) -> None:
    changes = {name: bridge.ctx.clock() if value == "now" else value for name, value in changes.items()}
    await add_draft(bridge, **changes)
    answer = await send(bridge, GOOD)
    assert (answer.status_code, answer.json()["error"]) == (409, code)
    assert await rows_of(bridge) == []


async def test_of_two_uploads_at_once_one_is_refused(bridge) -> None:
    await add_draft(bridge)
    files = ["phone_number\n" + "".join(f"+49{part}{n:07d}\n" for n in range(300)) for part in (30, 40)]
    answers = await asyncio.gather(*(send(bridge, file) for file in files))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["error"] == "upload_in_progress"
    taken = files[0 if answers[0].status_code == 200 else 1].split()[1:]
    assert [row["phone_number"] for row in await rows_of(bridge)] == taken


async def test_a_load_that_fails_in_the_middle_says_so_and_the_next_one_replaces_what_it_left(
    bridge, monkeypatch
) -> None:
    await add_draft(bridge)
    monkeypatch.setattr(store, "BATCH", 10)
    insert_rows = store.insert_rows
    batches = 0

    async def break_down(ctx: Any, rows: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise RuntimeError("the host is out of memory")
        return await insert_rows(ctx, rows)

    monkeypatch.setattr(store, "insert_rows", break_down)
    long = "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(50))
    assert (await send(bridge, long)).status_code == 500
    assert (await campaign_of(bridge))["upload"]["state"] == "failed"
    assert len(await rows_of(bridge)) == 20
    monkeypatch.setattr(store, "insert_rows", insert_rows)
    assert (await send(bridge, GOOD)).status_code == 200
    assert [row["phone_number"] for row in await rows_of(bridge)] == ["+4930123456"]


async def test_a_load_whose_process_died_fails_after_five_minutes_without_progress(bridge) -> None:
    now = bridge.ctx.clock()
    await add_draft(bridge, upload={"state": "loading", "at": now, "load_id": "dead"}, last_row_no=50)
    assert (await send(bridge, GOOD)).json()["error"] == "upload_in_progress"
    assert await upload.fail_silent_loads(bridge.ctx) == 0
    bridge.ctx.clock = lambda: now + timedelta(minutes=5, milliseconds=1)
    assert await upload.fail_silent_loads(bridge.ctx) == 1
    assert (await campaign_of(bridge))["upload"]["state"] == "failed"
    assert (await send(bridge, GOOD)).status_code == 200


async def test_a_load_that_was_given_up_writes_nothing_after_the_next_one(bridge, monkeypatch) -> None:
    await add_draft(bridge)
    monkeypatch.setattr(store, "BATCH", 10)
    insert_rows, stalled, go = store.insert_rows, asyncio.Event(), asyncio.Event()

    async def stall(ctx: Any, rows: Any) -> Any:
        monkeypatch.setattr(store, "insert_rows", insert_rows)
        done = await insert_rows(ctx, rows)
        stalled.set()
        await go.wait()
        return done

    monkeypatch.setattr(store, "insert_rows", stall)
    slow = asyncio.create_task(send(bridge, "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(50))))
    await stalled.wait()
    later = bridge.ctx.clock() + timedelta(minutes=6)
    bridge.ctx.clock = lambda: later
    assert (await send(bridge, GOOD)).status_code == 200
    go.set()
    assert (await slow).json()["error"] == "upload_in_progress"
    assert [row["phone_number"] for row in await rows_of(bridge)] == ["+4930123456"]
    assert (await campaign_of(bridge))["upload"]["state"] == "ready"


async def test_a_load_that_is_cut_off_while_the_file_is_read_says_so_and_leaves_the_file_to_its_reader(
    bridge, monkeypatch
) -> None:
    """A thread cannot be stopped: the file was closed under it, and the load ended with an error of its own."""
    await add_draft(bridge)
    reading, go_on = threading.Event(), threading.Event()

    def slowly(*given: Any) -> Any:
        reading.set()
        go_on.wait(10)
        yield from entries.entries(*given)

    monkeypatch.setattr(upload, "entries", slowly)
    file = io.BytesIO(GOOD.encode())
    size = len(GOOD)
    load = asyncio.create_task(upload.replace_contacts(bridge.ctx, SYSTEM, "c1", file, size, "list.csv"))
    await asyncio.to_thread(reading.wait, 10)
    load.cancel()
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await load
    assert (await campaign_of(bridge))["upload"]["state"] == "failed"
    assert not file.closed
