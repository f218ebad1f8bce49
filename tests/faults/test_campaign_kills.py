"""voxbridge killed again and again while results of a campaign arrive: every contact ends as the table says, once.

`VOX_CAMPAIGN_RESULTS=5000` is the full size; the default fits CI.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from voxkit.campaigns import contact_id
from voxkit.clock import iso, utc_now
from voxkit.contracts.campaigns import FREED, CampaignConfig

from .plant import NOBODY_DIALS, Plant, plant
from .test_result_kills import Sender

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

CONTACTS = int(os.environ.get("VOX_CAMPAIGN_RESULTS", "300"))
KILLS = 5
SENDERS = 8
CAMPAIGN = "c" * 32
SETTLED_WITHIN_S = 240.0  # a job of a killed process is free again after 60 s
# Cause of the end → state of the contact, with the default rules and one attempt made of three.
ENDS = {
    "bot": "completed", "customer": "completed", "voicemail": "exhausted", "RNR": "retry_scheduled",
    "error": "retry_scheduled", "no_answer": "retry_scheduled", "transfer_to_agent": "completed",
}  # fmt: skip
Document = dict[str, Any]


def cause_of(number: int) -> str:
    return list(ENDS)[number % len(ENDS)]


def session_of(number: int) -> uuid.UUID:
    return uuid.UUID(int=number + 1, version=4)


def result(number: int) -> Document:
    return {
        "session_id": str(session_of(number)),
        "result_id": str(uuid.UUID(int=number + 1_000_000)),
        "bot_id": "load",
        "caller_id": f"+1555{number:07d}",
        "call_direction": "outgoing",
        "transport": "exotel",
        "started_at": iso(utc_now()),
        "ended_at": iso(utc_now()),
        "call_duration_seconds": 20 + number % 300,
        "disconnected_by": cause_of(number),
        "transcript": [{"turn": 1, "role": "user", "content": f"call {number}", "start_ms": 0, "end_ms": 900}],
    }


def documents(number: int) -> tuple[Document, Document]:
    """A contact in conversation and its attempt, as the dialler leaves them when a call was answered."""
    now, session, phone = utc_now(), session_of(number), f"1555{number:07d}"
    row: Document = {
        "_id": contact_id(CAMPAIGN, phone), "campaign_id": CAMPAIGN, "run_number": 1, "row_no": number + 1,
        "phone_number": f"+{phone}", "phone_key": phone, "variables": {}, "status": "in_progress",
        "status_changed_at": now, "next_retry_at": None, "attempt_count": 1, "source": "csv", "created_at": now,
        "updated_at": now, **dict.fromkeys(FREED), "lease_id": session.hex, "lease_owner": "dialler",
        "lease_expires_at": now + timedelta(hours=1), "current_attempt_id": session.hex,
        "current_session_id": str(session),
    }  # fmt: skip
    attempt: Document = {
        "_id": session.hex, "attempt_id": session.hex, "campaign_id": CAMPAIGN, "campaign_call_id": row["_id"],
        "run_number": 1, "attempt_no": 1, "kind": "initial", "callback_sequence": 0, "phone_number": f"+{phone}",
        "from_number": "+15550199", "carrier_id": "k1", "session_id": str(session), "dialled_at": now,
        "answered_at": now, "outcome": None, "late": False, "error": None,
    }  # fmt: skip
    return row, attempt


async def test_each_contact_ends_as_its_result_says_however_often_voxbridge_dies(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}, {CONTACTS} contacts")
    dice = random.Random(seed)
    parcels = [result(number) for number in range(CONTACTS)] * 2
    dice.shuffle(parcels)
    kill_after = sorted(dice.sample(range(len(parcels) // 10, len(parcels) * 9 // 10), KILLS))
    async with (
        plant(tmp_path, workers=1, without=("voxvoice", "voxcore-1", *NOBODY_DIALS)) as stack,
        httpx.AsyncClient(timeout=30) as http,
        AsyncMongoClient[Document](
            stack.parts["voxbridge"].env["MONGODB_URI"], tz_aware=True, uuidRepresentation="standard"
        ) as mongo,
    ):
        db = mongo[stack.parts["voxbridge"].env.get("MONGODB_DB", "vox")]
        await db["campaigns"].insert_one(
            {"_id": CAMPAIGN, "name": "Kills", "bot_id": "load", "status": "running", "run_number": 1,
             "completion_reason": None, "config": CampaignConfig().model_dump(), "last_row_no": CONTACTS,
             "created_at": utc_now(), "started_at": utc_now(), "revision": 1}
        )  # fmt: skip
        made = [documents(number) for number in range(CONTACTS)]
        await db["campaign_calls"].insert_many([row for row, _ in made])
        await db["campaign_attempts"].insert_many([attempt for _, attempt in made])
        sender = Sender(stack, http)
        queue = list(reversed(parcels))

        async def send() -> None:
            while queue:
                await sender.deliver(queue.pop())

        async def murder() -> None:
            for count in kill_after:
                while len(parcels) - len(queue) < count:
                    await asyncio.sleep(0.005)
                stack.kill("voxbridge")
                await stack.start("voxbridge")

        await asyncio.gather(murder(), *(send() for _ in range(SENDERS)))
        assert sender.interrupted > 0, "no delivery met a kill"
        await settled(stack, db)
        rows = {row["current_session_id"] or row["last_session_id"]: row async for row in db["campaign_calls"].find({})}
        attempts = {each["session_id"]: each async for each in db["campaign_attempts"].find({})}
        assert len(rows) == len(attempts) == CONTACTS
        for number in range(CONTACTS):
            row, attempt = rows[str(session_of(number))], attempts[str(session_of(number))]
            assert (row["status"], row["attempt_count"]) == (ENDS[cause_of(number)], 1), json.dumps(row, default=str)
            assert (row["processing_token"], row["lease_id"]) == (None, None)
            assert (attempt["outcome"], attempt["late"]) == (cause_of(number), False)


async def settled(stack: Plant, db: Any) -> None:
    """Wait until no job of a result is open."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while await db["outbox"].count_documents({"kind": "campaign_result", "status": {"$in": ["pending", "leased"]}}):
            await asyncio.sleep(0.5)
