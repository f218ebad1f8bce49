"""A rendered fleet host in real containers: closed as it is, it starts, finds its seats, replaces one."""

from __future__ import annotations

import ipaddress
import os
import resource
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.rendering import render_host

from .engine import COMPOSE, docker, run

pytestmark = [pytest.mark.containers]

SUBNET = "172.30.91.0/24"
OWNER = 10001
SECRET = "fleet-host-test-secret-0123456789"


@dataclass
class FleetHost:
    """The project of one host under a folder of the test, on free ports of loopback."""

    folder: Path
    public: int
    private: int

    @property
    def run_dir(self) -> Path:
        return self.folder / "var/lib/vox/run"

    def compose(self, *words: str, timeout_s: float = 180) -> str:
        project = self.folder / "opt/vox"
        command = [str(COMPOSE), "--project-directory", str(project), "--env-file", str(project / "seats.env")]
        return run(*command, "--file", str(project / "compose.yaml"), *words, timeout_s=timeout_s)

    def get(self, path: str, *, private: bool = False) -> httpx.Response:
        base = f"http://127.0.0.1:{self.private}" if private else f"https://127.0.0.1:{self.public}"
        context = ssl.create_default_context(cafile=str(self.folder / "etc/vox/tls/fleet1.pem"))
        return httpx.get(f"{base}{path}", verify=context, trust_env=False, timeout=5)

    def until_free(self, seats: int, within_s: float = 90) -> None:
        deadline = time.monotonic() + within_s
        said = ""
        while time.monotonic() < deadline:
            try:
                said = self.get("/health/fleet").text
                if f'"fleet_available":{seats}' in said:
                    return
            except httpx.TransportError as error:
                said = repr(error)
            time.sleep(0.3)
        raise AssertionError(
            f"no {seats} free seats: {said}\n{self.compose('ps', '-a')}\n{self.compose('logs')[-3000:]}"
        )


def certificate(path: Path) -> None:
    """A certificate of 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fleet1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)


@pytest.fixture(scope="module")
def host(images: None, bases: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetHost]:
    """Two seats and their balancer, from the same rendering that a real host gets; only folders and ports differ."""
    bases("haproxy")
    folder = tmp_path_factory.mktemp("host")
    for part in ("opt/vox", "etc/vox/tls", "var/lib/vox/outbox", "var/lib/vox/run"):
        (folder / part).mkdir(parents=True)
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(0o755)
    certificate(folder / "etc/vox/tls/fleet1.pem")
    (folder / "etc/vox/secrets.env").write_text(f"VOXCORE_SECRET={SECRET}\n")
    for part in ("etc/vox/tls/fleet1.pem", "var/lib/vox/outbox", "var/lib/vox/run"):
        os.chown(folder / part, OWNER, OWNER)
    made = FleetHost(folder, free_port(), free_port())
    inventory = Inventory.model_validate(
        {
            "image": "vox/voxcore:dev",
            "balancer_image": "vox-base/haproxy:3.0",
            "hosts": {
                "fleet1": {
                    "address": "127.0.0.1",
                    "roles": ["fleet"],
                    "public_url": f"https://127.0.0.1:{made.public}",
                    "seats": 2,
                    "surge": 0,
                    "seats_max": 2,
                    "seat_subnet": SUBNET,
                    "trusted_nets": ["0.0.0.0/0"],
                }
            },
            "services": {
                "voxcore": {"env": {"VOXBRIDGE_CONFIG_URL": "http://192.0.2.1/api/v1/config", "REGISTRY_URL": ""}}
            },
        }
    )
    for name, text in render_host(inventory, "fleet1").items():
        # Inside everything keeps its place; the folders of the host are those of the test.
        for place in ("/opt/vox", "/etc/vox/tls", "/var/lib/vox/run", "/var/lib/vox/outbox"):
            text = text.replace(f'"{place}:', f'"{folder}{place}:')
        text = text.replace(" /etc/vox/secrets.env", f" {folder}/etc/vox/secrets.env")
        text = text.replace('"443:8443"', f'"127.0.0.1:{made.public}:8443"').replace('      - "80:8080"\n', "")
        text = text.replace("127.0.0.1:8088:8088", f"127.0.0.1:{made.private}:8088")
        # An engine in a sandbox cannot raise its own limit of open files.
        text = text.replace("nofile: 65536", f"nofile: {min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1])}")
        (folder / "opt/vox" / name).write_text(text)
    try:
        made.compose("up", "--detach", "--wait", "--wait-timeout", "120")
        made.until_free(2)
        yield made
    finally:
        docker("rm", "--force", *docker("ps", "-aq", "--filter", "label=com.docker.compose.project=vox-fleet1").split())
        made.compose("down", "--timeout", "1")


def test_a_rendered_host_starts_closed_and_counts_its_seats(host: FleetHost) -> None:
    """H1 to H3, H7, H10, L1, L2, L15: no root, no capability, nothing to write but its own folders."""
    assert '"fleet_max":2' in host.get("/health/fleet").text
    for number in (1, 2):
        health = host.get(f"/seats/fleet1-{number}/health", private=True).json()
        assert (health["worker_id"], health["state"]) == (f"fleet1-{number}", "idle")
    for service in ("lb", "seat-01"):
        container = host.compose("ps", "-q", service).strip().splitlines()[-1]
        wanted = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}"
        assert docker("inspect", "--format", wanted, container).split() == ["10001:10001", "true", "[ALL]"]


def test_a_seat_is_replaced_at_its_address_while_the_other_serves(host: FleetHost) -> None:
    """H1, H2: the balancer is not told, and not reloaded."""
    balancer = Balancer(host.run_dir)
    before = balancer.generations()
    old = host.compose("ps", "-q", "seat-01").strip().splitlines()[-1]
    host.compose("up", "--detach", "--no-deps", "--force-recreate", "--timeout", "20", "seat-01")
    assert host.get("/health").status_code == 200
    host.until_free(2)
    new = host.compose("ps", "-q", "seat-01").strip().splitlines()[-1]
    assert new != old
    address = docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", new).strip()
    assert address == "172.30.91.101"
    assert balancer.generations() == before


def test_the_balancer_in_its_container_reloads_and_answers_by_its_sockets_on_the_host(host: FleetHost) -> None:
    """L13, L14: `vox` speaks to the sockets in /var/lib/vox/run, from outside of the container."""
    balancer = Balancer(host.run_dir)
    assert set(balancer.states("calls")) == {"fleet1-1", "fleet1-2"}
    before = balancer.generations().current
    balancer.reload()
    assert balancer.generations().current != before
    host.until_free(2)
