"""Answers of each carrier's API in the form that it documents, and what they must mean to everybody who calls out.

A new adapter is one more `Recorded`; the suite beside this file is the same for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from voxkit.carriers import CarrierAccess

BASE = "https://carrier.example.com"
KEY, TOKEN = "the-api-key", "the-api-token"
REF, CONTEXT = "7d0f4b6a0a6e4b7e9c3f1c2d3e4f5a6b", "ctx_7d0f4b6a0a6e4b7e9c3f1c2d3e4f5a6b"
TO, FROM = "+15550100", "+15550199"
MEDIA = "wss://fleet1.example.com/x/demo/v1.seat.fence"
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Order:
    """What reached the carrier."""

    to: str
    from_: str
    context: str
    ring_s: int
    media_url: str | None


@dataclass(frozen=True)
class Recorded:
    """`states`: an answer to `get` -> (status, result) here. `refusals`: an answer -> (outcome, breaker)."""

    name: str
    access: CarrierAccess
    place: tuple[str, str]
    get: tuple[str, str]
    accepted: Answer
    read_order: Callable[[httpx.Request], Order]
    states: list[tuple[Any, tuple[str, str | None]]]
    refusals: list[tuple[Answer, tuple[str, bool]]]
    find: tuple[str, str] | None = None
    found: Any = None
    hang_up: tuple[str, str] | None = None
    unreadable: list[Any] = field(default_factory=lambda: [{}, [], "text", None, {"status": "queued"}])


def _voxphone_call(status: str, result: str | None = None) -> dict[str, Any]:
    return {
        "call_ref": "c-81", "client_ref": REF, "seq": 3, "status": status, "result": result, "sip_status": None,
        "reason": None, "amd": None, "to": TO, "from": FROM, "created_at": "2026-01-31T09:15:02.123Z",
    }  # fmt: skip


def _voxphone_order(request: httpx.Request) -> Order:
    body = json.loads(request.content)
    assert request.headers["Idempotency-Key"] == body["client_ref"] == REF
    assert body["media"]["protocol"] == "vox"
    return Order(body["to"], body["from"], body["media"]["custom"]["_context"], body["ring_timeout_seconds"],
                 body["media"]["url"])  # fmt: skip


VOXPHONE = Recorded(
    name="voxphone",
    access=CarrierAccess(adapter="voxphone", base_url=BASE, account_sid="a1", api_key=KEY, api_token=TOKEN),
    place=("POST", "/v1/accounts/a1/calls"),
    get=("GET", "/v1/accounts/a1/calls/c-81"),
    find=("GET", "/v1/accounts/a1/calls"),
    found={"items": [_voxphone_call("ringing")]},
    hang_up=("POST", "/v1/accounts/a1/calls/c-81/hangup"),
    accepted=(
        201,
        {"call_ref": "c-81", "client_ref": REF, "status": "queued", "created_at": "2026-01-31T09:15:02.123Z"},
    ),
    read_order=_voxphone_order,
    states=[
        (_voxphone_call("ringing"), ("ringing", None)),
        (_voxphone_call("in_progress"), ("in_progress", None)),
        (_voxphone_call("completed", "hangup"), ("completed", "hangup")),
        (_voxphone_call("completed", "busy"), ("completed", "busy")),
        (_voxphone_call("completed", "no_answer"), ("completed", "no_answer")),
        (_voxphone_call("completed", "error"), ("completed", "error")),
    ],
    refusals=[
        ((400, {"error": "bad_request", "message": "no"}), ("error", True)),
        ((401, {"error": "unauthorized", "message": "no"}), ("error", True)),
        ((403, {"error": "forbidden", "message": "no"}), ("error", True)),
        ((404, {"error": "no_account", "message": "no"}), ("error", True)),
        ((409, {"error": "idempotency_conflict", "message": "no"}), ("error", True)),
        ((410, {"error": "expired", "message": "no"}), ("not_placed", True)),
        ((422, {"error": "invalid_number", "message": "no"}), ("invalid_number", False)),
        ((429, {"error": "channels_full", "message": "no"}), ("not_placed", False)),
    ],
)


def _exotel_call(status: str, *, lower: bool = False, ended: bool = False) -> dict[str, Any]:
    call: dict[str, Any] = {
        "Sid": "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6", "ParentCallSid": None, "DateCreated": "2026-01-31 14:45:02",
        "DateUpdated": "2026-01-31 14:45:05", "AccountSid": "a1", "To": None, "From": TO, "PhoneNumberSid": FROM,
        "Status": status, "StartTime": "2026-01-31 14:45:05", "EndTime": "2026-01-31 14:46:05" if ended else None,
        "Duration": None, "Price": None, "Direction": "outbound-api", "AnsweredBy": None,
    }  # fmt: skip
    if lower:
        return {"call": {name.lower(): value for name, value in call.items()}}
    return {"Call": call}


def _exotel_order(request: httpx.Request) -> Order:
    form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    stream = form.get("StreamUrl")
    if stream:
        assert (form["StreamType"], "Url" in form) == ("bidirectional", False)
        query = parse_qs(urlsplit(stream).query)
        assert query == {"custom_field": [form["CustomField"]], "callDirection": ["outgoing"]}
        assert len(stream) <= 600
    else:
        assert form["Url"] == FLOW_URL
    assert len(form["CustomField"]) <= 128
    media = stream.partition("?")[0] if stream else None
    return Order(form["From"], form["CallerId"], form["CustomField"], int(form["TimeOut"]), media)


def _exotel_refusal(status: int) -> Answer:
    return status, {"RestException": {"Status": status, "Message": "no", "Code": "X"}}


FLOW_URL = "http://flows.example.com/a1/exoml/start_voice/7"
_EXOTEL: dict[str, Any] = {
    "place": ("POST", "/v1/Accounts/a1/Calls/connect.json"),
    "get": ("GET", "/v1/Accounts/a1/Calls/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.json"),
    "accepted": (200, _exotel_call("in-progress")),
    "read_order": _exotel_order,
    "states": [
        (_exotel_call("queued"), ("queued", None)),
        (_exotel_call("ringing"), ("ringing", None)),
        (_exotel_call("in-progress", lower=True), ("ringing", None)),
        (_exotel_call("completed", ended=True), ("completed", "hangup")),
        (_exotel_call("busy"), ("completed", "busy")),
        (_exotel_call("no-answer"), ("completed", "no_answer")),
        (_exotel_call("failed"), ("completed", "error")),
        (_exotel_call("canceled"), ("completed", "cancelled")),
    ],
    "refusals": [
        (_exotel_refusal(400), ("error", False)),
        (_exotel_refusal(401), ("error", True)),
        (_exotel_refusal(402), ("error", True)),
        (_exotel_refusal(403), ("error", True)),
        (_exotel_refusal(404), ("error", True)),
        (_exotel_refusal(429), ("not_placed", False)),
    ],
}
EXOTEL = Recorded(
    name="exotel",
    access=CarrierAccess(adapter="exotel", base_url=BASE, account_sid="a1", api_key=KEY, api_token=TOKEN),
    **_EXOTEL,
)
EXOTEL_FLOW = Recorded(
    name="exotel with a flow", access=EXOTEL.access.model_copy(update={"flow_url": FLOW_URL}), **_EXOTEL
)
ALL = [VOXPHONE, EXOTEL, EXOTEL_FLOW]
