"""A service that starts half, or dies with a stack trace, because its address is taken."""

from __future__ import annotations

import socket

import pytest
from voxkit.errors import ConfigurationError
from voxkit.listen import bound

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_is_taken_and_nobody_is_let_in_yet(host: str) -> None:
    with bound(host, 0) as listener:
        assert not listener.get_inheritable()  # a program that is started must not keep the port
        assert listener.proto == socket.IPPROTO_TCP
        with socket.socket(listener.family) as caller, pytest.raises(ConnectionRefusedError):
            caller.connect(listener.getsockname())


@pytest.mark.parametrize(
    ("host", "why"), [("127.0.0.1", "in use"), ("host.invalid", "not known|resolution|associated")]
)
def test_an_address_that_cannot_be_had_is_named_with_a_way_out(host: str, why: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on {host}:{port} .*; stop what uses it") as failed:
            bound(host, port)
    assert failed.match(why)


def test_a_port_that_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 127\.0\.0\.1:70000"):
        bound("127.0.0.1", 70_000)
