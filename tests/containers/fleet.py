"""A rendered fleet host in containers of this machine: the files that a real host gets, in a folder of the test."""

from __future__ import annotations

import ipaddress
import os
import resource
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from voxctl.children import free_port
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.rendering import render_host

from .engine import COMPOSE, PROJECTS, docker, run

OWNER = 10001


@dataclass
class FleetHost:
    """The project of one host under a folder of the test, on free ports of loopback. `more`: further compose files."""

    folder: Path
    public: int
    private: int
    more: tuple[Path, ...] = ()

    @property
    def run_dir(self) -> Path:
        return self.folder / "var/lib/vox/run"

    def compose(self, *words: str, timeout_s: float = 180) -> str:
        project = self.folder / "opt/vox"
        command = [str(COMPOSE), "--project-directory", str(project), "--env-file", str(project / "seats.env")]
        files = [word for file in (project / "compose.yaml", *self.more) for word in ("--file", str(file))]
        return run(*command, *files, *words, timeout_s=timeout_s)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.public}"

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "etc/vox/tls/fleet1.pem"))

    def get(self, path: str, *, private: bool = False) -> httpx.Response:
        base = f"http://127.0.0.1:{self.private}" if private else self.url
        return httpx.get(f"{base}{path}", verify=self.tls, trust_env=False, timeout=5)

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


@contextmanager
def running_host(
    folder: Path, seats: int, subnet: str, secret: str, env: dict[str, str], more: tuple[Path, ...] = ()
) -> Iterator[FleetHost]:
    """Seats and their balancer, from the same rendering that a real host gets; only folders and ports differ.

    `env` is what every seat is told besides; `more` are compose files over the rendered one.
    """
    for part in ("opt/vox", "etc/vox/tls", "var/lib/vox/outbox", "var/lib/vox/run"):
        (folder / part).mkdir(parents=True)
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(0o755)
    certificate(folder / "etc/vox/tls/fleet1.pem")
    (folder / "etc/vox/secrets.env").write_text(f"VOXCORE_SECRET={secret}\n")
    for part in ("etc/vox/tls/fleet1.pem", "var/lib/vox/outbox", "var/lib/vox/run"):
        os.chown(folder / part, OWNER, OWNER)
    made = FleetHost(folder, free_port(), free_port(), more)
    project = f"{PROJECTS}{seats}"
    inventory = Inventory.model_validate(
        {
            "project": project,
            "image": "vox/voxcore:dev",
            "balancer_image": "vox-base/haproxy:3.0",
            "hosts": {
                "fleet1": {
                    "address": "127.0.0.1",
                    "roles": ["fleet"],
                    "public_url": made.url,
                    "seats": seats,
                    "surge": 0,
                    "seats_max": seats,
                    "seat_subnet": subnet,
                    "trusted_nets": ["0.0.0.0/0"],
                }
            },
            "services": {"voxcore": {"env": {"REGISTRY_URL": "", **env}}},
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
        made.compose("up", "--detach", "--wait", "--wait-timeout", "150")
        made.until_free(seats)
        yield made
    finally:
        # A seat would end its calls first.
        label = f"label=com.docker.compose.project={project}-fleet1"
        if left := docker("ps", "-aq", "--filter", label).split():
            docker("rm", "--force", *left)
        made.compose("down", "--timeout", "1")
