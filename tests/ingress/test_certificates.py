"""TLS on both layers: names are verified, old versions refused, a new certificate needs no reload (L13, L15, G2)."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from voxctl.balancer.ingress import Ingress
from voxctl.children import free_port
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from .harness import RunningBalancer, fleet_of, running_balancer, short_folder, until_up
from .workers import Seats, running_seats

pytestmark = [pytest.mark.ingress]


class Authority:
    """A certificate authority of one test."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.pem = self._signed(self.name, self.key, authority=True).public_bytes(serialization.Encoding.PEM)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, names: tuple[x509.GeneralName, ...] = (), *,
        authority: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def pair(self, host: str) -> str:
        """Certificate and key of a host, as a .pem file holds them."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names: tuple[x509.GeneralName, ...] = (x509.DNSName(host),)
        if host == "localhost":
            names = (*names, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return (self._signed(subject, key, names).public_bytes(serialization.Encoding.PEM) + secret).decode()


@dataclass
class SecureSite:
    """A fleet host and an ingress before it, both with TLS of one authority."""

    authority: Authority
    ca_file: Path
    fleet: RunningBalancer
    fleet_pem: Path
    seats: Seats

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))

    def port(self, lb: RunningBalancer) -> int:
        return int(lb.url.rpartition(":")[2])

    def serial(self, lb: RunningBalancer) -> int:
        pem = ssl.get_server_certificate(("127.0.0.1", self.port(lb)))
        return x509.load_pem_x509_certificate(pem.encode()).serial_number


@pytest.fixture(scope="module")
def one_seat(bridge_port: int, tmp_path_factory: pytest.TempPathFactory):
    with running_seats("fleet1", 1, tmp_path_factory.mktemp("fleet1"), bridge_port) as seats:
        yield seats


@pytest.fixture
async def site(haproxy: list[str], one_seat: Seats, run_dir: Path) -> AsyncIterator[SecureSite]:
    authority = Authority()
    ca_file, pem = run_dir / "ca.pem", run_dir / "fleet.pem"
    ca_file.write_bytes(authority.pem)
    pem.write_text(authority.pair("localhost"))
    await one_seat.until_idle()
    with running_balancer(haproxy, fleet_of(one_seat, run_dir, certificates=[pem])) as lb:
        await until_up(lb, "calls", *one_seat.ids)
        yield SecureSite(authority, ca_file, lb, pem, one_seat)
    await one_seat.until_idle()


def ingress_for(site: SecureSite, folder: Path, url: str) -> Ingress:
    (folder / "main.pem").write_text(site.authority.pair("localhost"))
    return Ingress.model_validate(
        {
            "brands": [
                {
                    "name": "main",
                    "hosts": ["localhost"],
                    "cert": "main.pem",
                    "fleets": [{"id": "fleet1", "url": url, "seats": 1}],
                }
            ],
            "listen": [f"127.0.0.1:{free_port()}"],
            "redirect": None,
            "private": f"127.0.0.1:{free_port()}",
            "tls_dir": folder,
            "run_dir": folder,
            "ca_file": str(site.ca_file),
            "trusted_nets": ["127.0.0.0/8"],
        }
    )


async def test_a_call_passes_both_layers_by_tls(site: SecureSite, haproxy: list[str]) -> None:
    """G2, L15: the ingress checks the fleet host's name, and tells it who called."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        model = ingress_for(site, folder, f"https://localhost:{site.port(site.fleet)}")
        lb = stack.enter_context(running_balancer(haproxy, model.balancer))
        await until_up(lb, "main", "fleet1")
        url = f"wss://localhost:{site.port(lb)}/ws/demo"
        async with connect(url, ssl=site.context(), proxy=None, host="127.0.0.1") as link:
            await link.send(b"hello")
            assert await link.recv() == b"hello"


async def test_a_fleet_host_with_another_name_gets_no_call(site: SecureSite, haproxy: list[str]) -> None:
    """G2: a certificate of the same authority, for somebody else."""
    site.fleet_pem.write_text(site.authority.pair("other.example.com"))
    site.fleet.reload()
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        model = ingress_for(site, folder, f"https://localhost:{site.port(site.fleet)}")
        lb = stack.enter_context(running_balancer(haproxy, model.balancer))
        url = f"wss://localhost:{site.port(lb)}/ws/demo"
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, ssl=site.context(), proxy=None, host="127.0.0.1")
        assert refused.value.response.status_code == 429
        assert (await site.seats.health("fleet1-1"))["worker_calls"] == 0


async def test_a_new_certificate_is_served_without_a_reload_and_live_calls_do_not_notice(site: SecureSite) -> None:
    """L13."""
    pids, first = site.fleet.pids(), site.serial(site.fleet)
    url = f"wss://localhost:{site.port(site.fleet)}/ws/demo"
    async with connect(url, ssl=site.context(), proxy=None, host="127.0.0.1") as link:
        fresh = site.authority.pair("localhost")
        answer = site.fleet.admin(f"set ssl cert {site.fleet_pem} <<\n{fresh.strip()}\n")
        assert "ransaction created" in answer, answer
        assert "Success" in site.fleet.admin(f"commit ssl cert {site.fleet_pem}")
        assert site.serial(site.fleet) != first
        await link.send(b"still here")
        assert await link.recv() == b"still here"
    assert site.fleet.pids() == pids


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_versions_of_tls_are_refused(site: SecureSite, version: ssl.TLSVersion) -> None:
    """L15."""
    context = site.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):  # the balancer said so, not this side
        await connect(f"wss://localhost:{site.port(site.fleet)}/ws/demo", ssl=context, proxy=None, host="127.0.0.1")
