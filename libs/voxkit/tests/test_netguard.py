"""A URL that a user set must not reach this host, its network or a cloud's metadata, by no name and no notation."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import httpx
import pytest
from voxkit.errors import Invalid
from voxkit.netguard import (
    Address,
    Allowlist,
    BlockedAddress,
    GuardedTransport,
    allowed_addresses,
    check_url,
    guarded_client,
    is_public,
    split_url,
)

pytestmark = [pytest.mark.unit]

SPECIAL = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "100::1", "2001:db8::1", "2001::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1",
    "fec0::1", "ff02::1", "ff0e::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
          "64:ff9b::808:808", "2002:808:808::1"]  # fmt: skip


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["ftp://h/", "file:///etc/passwd", "h/x", "", "http://", "http:///x", "http://u:p@h/", "http://h:99999/", "//h"],
)
def test_a_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        split_url(url)


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "017700000001", "localhost", "[::1]", "[::ffff:7f00:1]", "127.0.0.1"]
)
async def test_no_notation_of_loopback_passes(host: str) -> None:
    try:
        with pytest.raises(BlockedAddress):
            await allowed_addresses(f"http://{host}/", Allowlist())
    except OSError:
        pass  # a resolver that does not know the notation reaches nothing either


class FakeResolver:
    """Names and their addresses, one answer after the other; an unknown name cannot be resolved."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): list(lists) for name, lists in answers.items()}

    async def __call__(self, host: str, port: int) -> list[Address]:
        if host not in self.answers:
            raise OSError("unknown name")
        left = self.answers[host]
        return [ipaddress.ip_address(text) for text in (left.pop(0) if len(left) > 1 else left[0])]


async def test_one_special_address_among_public_ones_refuses_the_name() -> None:
    resolver = FakeResolver(mixed_test=[["8.8.8.8", "10.0.0.1"]])
    with pytest.raises(BlockedAddress, match="OUTBOUND_URL_ALLOWLIST"):
        await allowed_addresses("https://mixed.test/", Allowlist(), resolver)


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("mixed.test", "http://mixed.test/", True),
        ("MIXED.test", "http://Mixed.Test:9000/", True),
        ("mixed.test:9000", "http://mixed.test:9000/", True),
        ("mixed.test:9000", "http://mixed.test/", False),
        ("mixed.test:443", "https://mixed.test/", True),
        ("other.test", "http://mixed.test/", False),
        ("10.0.0.0/8", "http://mixed.test/", True),
        ("10.0.0.1/32", "http://mixed.test/", True),
        ("192.168.0.0/16", "http://mixed.test/", False),
        ("10.0.0.1", "http://10.0.0.1/", True),
        ("10.0.0.1", "http://mixed.test/", False),
        ("::1", "http://[::1]:8060/", True),
        ("[::1]:8060", "http://[::1]:8060/", True),
        ("[::1]:8060", "http://[::1]:8061/", False),
        ("127.0.0.0/8", "http://[::ffff:127.0.0.1]/", True),
        ("", "http://mixed.test/", False),
    ],
)
async def test_the_allowlist_takes_hosts_ports_and_networks(entry: str, url: str, allowed: bool) -> None:
    answers = FakeResolver(mixed_test=[["10.0.0.1"]])

    async def resolver(host: str, port: int) -> list[Address]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            return await answers(host, port)

    if allowed:
        assert await allowed_addresses(url, Allowlist.parse(entry), resolver)
    else:
        with pytest.raises(BlockedAddress):
            await allowed_addresses(url, Allowlist.parse(entry), resolver)


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="10/99"):
        Allowlist.parse("ok.test, 10/99")


async def test_a_name_that_does_not_resolve_may_be_saved() -> None:
    await check_url("https://not-there.invalid/", Allowlist())


async def test_a_private_address_may_not_be_saved() -> None:
    with pytest.raises(BlockedAddress):
        await check_url("http://192.168.1.1/", Allowlist())


class FakeSite:
    """An HTTP server on loopback that keeps the head of every request and may redirect."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.connections = 0
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def site() -> AsyncIterator[FakeSite]:
    fake = FakeSite()
    await fake.start()
    yield fake
    fake.server.close()


def client(allow: str, resolver: FakeResolver) -> httpx.AsyncClient:
    transport = GuardedTransport(Allowlist.parse(allow), resolver=resolver)
    return httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)


async def test_the_checked_address_is_dialled_with_the_names_host_header(site: FakeSite) -> None:
    async with client("127.0.0.0/8", FakeResolver(site_test=[["127.0.0.1"]])) as http:
        response = await http.get(f"http://site.test:{site.port}/x")
    assert response.text == "ok"
    assert f"host: site.test:{site.port}" in site.heads[0].lower()
    assert response.request.url.host == "site.test"


async def test_a_name_that_turns_private_between_two_requests_is_refused(site: FakeSite) -> None:
    resolver = FakeResolver(rebind_test=[["8.8.8.8"], ["127.0.0.1"]])
    assert await allowed_addresses("http://rebind.test/", Allowlist(), resolver)
    async with client("", resolver) as http:
        with pytest.raises(BlockedAddress):
            await http.get(f"http://rebind.test:{site.port}/")
    assert site.heads == []


async def test_every_request_is_checked_anew_and_no_connection_is_shared_between_names(site: FakeSite) -> None:
    resolver = FakeResolver(a_test=[["127.0.0.1"]], b_test=[["127.0.0.1"]])
    async with client("127.0.0.0/8", resolver) as http:
        for name in ("a", "b", "a"):
            await http.get(f"http://{name}.test:{site.port}/")
    assert site.connections == 3


async def test_the_next_address_is_tried_when_the_first_does_not_accept(site: FakeSite) -> None:
    async with client("127.0.0.0/8", FakeResolver(two_test=[["127.0.0.2", "127.0.0.1"]])) as http:
        assert (await http.get(f"http://two.test:{site.port}/")).text == "ok"


async def test_an_unknown_name_is_a_connection_error(site: FakeSite) -> None:
    async with client("", FakeResolver()) as http:
        with pytest.raises(httpx.ConnectError, match=r"gone\.test"):
            await http.get("http://gone.test/")


async def test_a_resolver_that_hangs_is_a_connect_timeout() -> None:
    class Hangs(FakeResolver):
        async def __call__(self, host: str, port: int) -> list[Address]:
            await asyncio.Event().wait()
            return []

    async with client("", Hangs()) as http:
        with pytest.raises(httpx.ConnectTimeout):
            await http.get("http://slow.test/", timeout=httpx.Timeout(30, connect=0.05))


async def test_a_redirect_is_not_followed(site: FakeSite) -> None:
    site.answer = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with guarded_client(Allowlist.parse(f"127.0.0.1:{site.port}"), timeout_s=10) as http:
        assert (await http.get(f"http://127.0.0.1:{site.port}/")).status_code == 302
    assert len(site.heads) == 1


async def test_proxies_of_the_environment_are_not_used(site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with guarded_client(Allowlist.parse(f"127.0.0.1:{site.port}"), timeout_s=10) as http:
        assert (await http.get(f"http://127.0.0.1:{site.port}/")).text == "ok"
