"""Signatures of status callbacks (O1): `sha256=` + hex HMAC-SHA256 of `{timestamp}.{raw body}` with the api token."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-Carrier-Timestamp", "X-Carrier-Signature"
VALID_S = 300


def sign_callback(token: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Carrier-Signature`. `timestamp`: Unix seconds as text."""
    digest = hmac.new(token.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def verify_callback(headers: Mapping[str, str], body: bytes, token: str, now: datetime) -> bool:
    """Whether a callback was signed with this token within the last five minutes. An empty token signs nothing."""
    timestamp, given = headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
    if not token or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    fresh = abs(now.timestamp() - int(timestamp)) <= VALID_S
    fits = hmac.compare_digest(given.encode("utf-8", "replace"), sign_callback(token, timestamp, body).encode())
    return fits and fresh
