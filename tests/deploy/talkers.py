"""One host that is everything, with voxcore as it is: for the spoken check call of a deploy.

`solo` has the roles api, check and fleet: real services, one seat that really talks, voxvoice and voxphone. The stores
are stand-ins in containers of the host. voxphone's image trusts the certificate of the host, which a real one has from
an authority.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .hosts import Machine
from .town import BALANCER_IMAGE, release
from .village import (
    API,
    CONSOLE,
    EMAIL,
    HERE,
    PASSWORD,
    PHONE_TOKEN,
    Village,
    certificate_of,
    ground,
    run_stores,
    secrets_of,
)

HOST = "solo"
S3_IMAGE, S3_KEY, S3_SECRET = "vox-standin/s3:latest", "recordings-key-0123456789", "recordings-secret-0123456789"
PATIENCE_S = 90
"""For a call of fifteen seconds, on a machine on which much else runs."""
TRUST = "COPY trusted.pem /etc/trusted.pem\nENV SSL_CERT_FILE=/etc/trusted.pem"
MUTE = 'COPY mute_seat.py /seat/\nENTRYPOINT ["python", "/seat/mute_seat.py"]'


@dataclass
class Talkers(Village):
    """The running installation. The one fault of a release is `mute`: its seats are well and say nothing."""

    services: tuple[str, ...] = ("voxregistry", "voxbridge", "voxui", "voxcore")

    @property
    def address(self) -> str:
        return self.lab[HOST].address

    @property
    def environment(self) -> dict[str, str]:
        api = f"http://{self.address}:8088/api/v1"
        access = {"VOX_API_URL": api, "VOX_EMAIL": EMAIL, "VOX_PASSWORD": PASSWORD, "VOXPHONE_API_TOKEN": PHONE_TOKEN}
        return super().environment | access

    def made_from(self, service: str, context: Path, fault: str) -> tuple[str, str]:
        lines = ""
        if service == "voxphone":
            shutil.copy(self.folder / f"{HOST}.crt", context / "trusted.pem")
            lines = TRUST
        elif service == "voxcore" and fault == "mute":
            shutil.copy(HERE / "mute_seat.py", context)
            lines = MUTE
        return f"vox/{service}:dev", lines


@contextmanager
def talkers(folder: Path) -> Iterator[Talkers]:
    """The installation on release 1, for as long as the block lasts."""
    with ground(folder) as (machines, images, place, daemon):
        host = machines.add(HOST, daemon=daemon)
        pem = certificate_of(folder, HOST, host.address)
        (folder / f"{HOST}.crt").write_text(pem.read_text().partition("-----BEGIN PRIVATE")[0])
        told = {"S3_ACCESS_KEY": S3_KEY, "S3_SECRET_KEY": S3_SECRET}
        told |= {f"VOXBRIDGE_{name}": value for name, value in told.items()}
        objects = {"OBJECT_STORE_URL": f"s3://recordings?endpoint=http://{host.address}:9000"}
        seats = {"seats": 1, "surge": 1, "seats_max": 3, "trusted_nets": ["0.0.0.0/0"]}
        file = machines.inventory(
            folder / "deploy.yml",
            {HOST: {"roles": ["api", "check", "fleet"], "public_url": f"https://{host.address}", **seats}},
            registry=place,
            image=f"{place}/vox/voxcore:{release(1)}",
            rolling={"batch": 1, "health_timeout": 120, "watch": 2, "canary": {"timeout": PATIENCE_S}},
            secrets={"source": "env_file", "file": str(secrets_of(folder, host.address, told))},
            services={
                "voxbridge": {"env": {"PUBLIC_BASE_URL": f"https://{API}", **objects}},
                "voxui": {"env": {"PUBLIC_BASE_URL": f"https://{CONSOLE}"}},
                "voxcore": {"env": {"LIVEKIT_URL": "ws://127.0.0.1:9", "OUTBOX_MIN_FREE_MB": "1", **objects}},
            },
        )
        made = Talkers(folder, machines, images, file, phone_url="")
        made.services += ("voxvoice", "voxphone")
        made.build(1)
        made.services = Talkers.services  # what role check runs is no part of the releases that follow
        host.load(BALANCER_IMAGE)
        run_stores(host)
        _run_objects(host)
        ran = made.vox("host", "up", HOST, "--certificate", str(pem), timeout_s=600)
        assert ran.code == 0, ran.text
        yield made


def _run_objects(host: Machine) -> None:
    """A bucket is a folder to this server."""
    host.load(S3_IMAGE)
    keys = ("--env", f"NANIO_ACCESS_KEY={S3_KEY}", "--env", f"NANIO_SECRET_KEY={S3_SECRET}")
    bucket = "import os; os.makedirs('/data/recordings', exist_ok=True)"
    volume = ("--volume", "recordings:/data", "--user", "0:0")
    host.docker("run", "--rm", *volume, "--entrypoint", "python", S3_IMAGE, "-c", bucket)
    host.docker(
        *("run", "--detach", "--restart", "always", "--publish", f"{host.address}:9000:9000", *volume, *keys),
        *(S3_IMAGE, "serve", "--data-dir", "/data", "--log-level", "warning", "--no-access-log"),
    )
