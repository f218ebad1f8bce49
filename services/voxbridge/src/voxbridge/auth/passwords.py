"""Passwords: argon2id, made and checked in a thread, since one takes tens of milliseconds of CPU."""

from __future__ import annotations

import asyncio
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from voxkit.errors import Invalid

LEAST, MOST = 10, 128
HASHER = PasswordHash((Argon2Hasher(),))
"""64 MiB, three passes, four lanes: what RFC 9106 says for where memory is scarce."""
# Each one holds 64 MiB; more at once would only queue for the CPU and let a flood of log-ins eat the memory.
_AT_ONCE = 4


@cache
def _slots(_loop: asyncio.AbstractEventLoop) -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


@cache
def _nobody(hasher: PasswordHash) -> str:
    return hasher.hash("no account has this password")


async def hash_password(password: str) -> str:
    async with _slots(asyncio.get_running_loop()):
        return await asyncio.to_thread(HASHER.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored hash the same work is done, so that time tells nothing."""

    def check() -> bool:
        try:
            return HASHER.verify(password, stored or _nobody(HASHER)) and stored is not None
        except Exception:  # pwdlib raises its own types for a hash it does not know
            return False

    async with _slots(asyncio.get_running_loop()):
        return await asyncio.to_thread(check)


def check_new_password(password: str, email: str, *, field: str) -> None:
    """Raises: Invalid: too short, too long, or the email."""
    if not LEAST <= len(password) <= MOST:
        reason = f"A password has {LEAST} to {MOST} characters."
    elif password.strip().lower() == email.strip().lower():
        reason = "The password must not be the email address."
    else:
        return
    raise Invalid(reason, detail=[{"loc": ["body", field], "msg": reason, "type": "value_error"}])
