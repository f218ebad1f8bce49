"""Tokens of people: who holds one is read anew from the store at every request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import jwt
from voxkit.errors import Unauthorized

from voxbridge.actors import Actor
from voxbridge.context import Context
from voxbridge.users import store

_CLOCK_SKEW_MS = 10_000  # replicas of one deployment may differ by this much


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def issue_token(ctx: Context, user: dict[str, Any]) -> tuple[str, int]:
    """(token, seconds it is valid). `iat` has milliseconds: a log-in right after a password change must count."""
    now_ms = _ms(ctx.clock())
    valid_s = ctx.settings.jwt_expire_minutes * 60
    claims = {
        "sub": user["email"],
        "role": user["role"],
        "name": user["name"],
        "iat": now_ms / 1000,
        "exp": now_ms // 1000 + valid_s,
    }
    return jwt.encode(claims, ctx.settings.jwt_secret, algorithm=ctx.settings.jwt_algorithm), valid_s


async def actor_of_token(ctx: Context, token: str) -> Actor:
    """Raises: Unauthorized: no token, a bad or old one, or its holder is gone, inactive or was told to log in anew."""
    if not token:
        raise Unauthorized("Log in first: the header `Authorization: Bearer …` is missing.")
    try:
        claims = jwt.decode(
            token,
            ctx.settings.jwt_secret,
            algorithms=[ctx.settings.jwt_algorithm],
            # Times are judged below, by the clock of the process.
            options={"require": ["sub", "iat", "exp"], "verify_exp": False, "verify_iat": False},
        )
        issued_ms, expires_ms = round(float(claims["iat"]) * 1000), round(float(claims["exp"]) * 1000)
        email = str(claims["sub"])
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        raise Unauthorized("The token is not valid; log in again.") from None
    now_ms = _ms(ctx.clock())
    if now_ms >= expires_ms or issued_ms > now_ms + _CLOCK_SKEW_MS:
        raise Unauthorized("The token has expired; log in again.")
    user = await store.by_email(ctx.db, email)
    if user is None or not user.get("is_active") or issued_ms < _ms(user["tokens_valid_from"]):
        raise Unauthorized("The token is no longer valid; log in again.")
    return Actor("user", user_id=user["_id"], email=user["email"], name=user["name"], role=user["role"])
