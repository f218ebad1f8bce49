"""A password that is cheap to guess for whoever has the database, or tells by its time that nobody has it."""

from __future__ import annotations

import pytest
from pwdlib import PasswordHash
from voxbridge.auth import passwords

pytestmark = [pytest.mark.unit]


async def test_a_hash_is_argon2id_at_its_full_price_and_salted() -> None:
    first, second = [await passwords.hash_password("a quiet long pass phrase") for _ in range(2)]
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert await passwords.matches("a quiet long pass phrase", first)
    assert not await passwords.matches("a quiet long pass phrasE", first)


async def test_where_nobody_is_the_same_price_is_paid(monkeypatch) -> None:
    checked: list[str] = []

    class Watched(PasswordHash):
        def verify(self, password: str | bytes, hash: str | bytes) -> bool:
            checked.append(str(hash))
            return super().verify(password, hash)

    monkeypatch.setattr(passwords, "HASHER", Watched(passwords.HASHER.hashers))
    assert not await passwords.matches("no account has this password", None)
    assert checked[0].startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_what_is_no_hash_matches_nothing() -> None:
    assert not await passwords.matches("a quiet long pass phrase", "in clear")
