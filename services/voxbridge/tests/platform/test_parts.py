"""Small parts whose mistakes are silent: the address a limit counts for, the key that reads a secret, a cursor."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request
from voxbridge.crypto import Cipher, SecretUnreadable
from voxbridge.network import client_address, internal_base, public_base
from voxbridge.pages import decode_cursor, encode_cursor
from voxbridge.settings import BridgeSettings
from voxkit.errors import Invalid

pytestmark = [pytest.mark.unit]
REQUIRED = {"jwt_secret": "j" * 40, "settings_encryption_key": "k", "voxcore_secret": "s"}


def context(**changes: Any) -> Any:
    return SimpleNamespace(settings=BridgeSettings(_env_file=None, **REQUIRED, **changes))


def request(peer: str | None, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "scheme": "http", "headers": raw}
    return Request(scope | {"client": (peer, 1) if peer else None, "server": ("vox", 8080)})


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ("127.0.0.1/32", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1/32", "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1/32,10.0.0.0/8", "127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("fd00::/8", "fd00::1", "[2001:db8::7]", "2001:db8::7"),
        ("", "127.0.0.1", "198.51.100.1", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(trusted, peer, forwarded, address) -> None:
    ctx = context(trusted_proxies=trusted)
    assert client_address(request(peer, x_forwarded_for=forwarded), ctx) == address


def test_a_peer_without_an_address_is_one_client() -> None:
    assert client_address(request(None, x_forwarded_for="6.6.6.6"), context()) == ""


def test_bases_come_from_the_settings_else_from_the_request_and_its_trusted_proxy() -> None:
    asked = request("127.0.0.1", host="vox.example", x_forwarded_proto="https, http")
    assert public_base(asked, context()) == internal_base(asked, context()) == "https://vox.example"
    assert public_base(request("203.0.113.9", host="a", x_forwarded_proto="https"), context()) == "http://a"
    assert public_base(request("127.0.0.1", host="a", x_forwarded_proto="gopher"), context()) == "http://a"
    ctx = context(public_base_url="https://p.example/", internal_base_url="http://i:8080")
    assert (public_base(asked, ctx), internal_base(asked, ctx)) == ("https://p.example", "http://i:8080")


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old, both, new = Cipher("old"), Cipher("new, old"), Cipher("new")
    stored = old.encrypt("a secret")
    assert stored.startswith("enc:")
    assert "a secret" not in stored
    assert both.decrypt(stored) == "a secret"
    assert both.needs_rotation(stored)
    again = both.encrypt(both.decrypt(stored))
    assert new.decrypt(again) == "a secret"
    assert not both.needs_rotation(again)
    with pytest.raises(SecretUnreadable):
        new.decrypt(stored)
    assert new.decrypt_or_empty(stored, where="x") == ""


def test_an_empty_value_needs_no_key_and_plain_text_of_before_is_read() -> None:
    cipher = Cipher("k")
    assert cipher.encrypt("") == cipher.decrypt("") == ""
    assert not cipher.needs_rotation("")
    assert cipher.decrypt("plain") == "plain"
    assert cipher.needs_rotation("plain")


def test_a_fernet_key_is_used_as_it_is() -> None:
    from cryptography.fernet import Fernet

    key = Fernet.generate_key().decode()
    assert Fernet(key).decrypt(Cipher(key).encrypt("x").removeprefix("enc:")) == b"x"


def test_a_cursor_comes_back_as_it_went() -> None:
    moment = datetime(2026, 6, 5, 10, 15, 0, 123_000, tzinfo=UTC)
    assert decode_cursor(encode_cursor("-at", moment, "id", 7.5), "-at") == (moment, "id", 7.5)
    assert decode_cursor(encode_cursor("d", 41.2, "id", 1.0), "d") == (41.2, "id", 1.0)


@pytest.mark.parametrize("cursor", ["", "x", "e30", "W10", "bnVsbA", "!!!", "é", "WyJhdCIsImQiLDFlOTk5LCJpZCIsMV0"])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor, "at")
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor("-at", 1.0, "id", 1.0), "at")
