"""An all-in-one host and a fleet host beside it: the whole control plane on real hosts, for deploys of services.

`one` has the roles api, dialler and fleet, `two` is of role fleet; both were made by `vox host up`. Services run their
whole images, behind the rendered edge; seats are voxcore's image with a stand-in for the talk (`village_seat.py`). The
stores are stand-ins in containers of `one`, where they belong to nobody's release. Outside of both stands voxphone as
carrier: whoever is called answers after a second, stays for some seconds, and carries no sound.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError
from voxctl.children import free_port
from voxctl.hosts.inventory import Inventory, load_inventory
from voxkit.registry import RegistryClient

from ..containers.engine import docker
from .hosts import Lab, Machine, lab
from .registry import RegistryServer, image_registry
from .town import BALANCER_IMAGE, SECRET, Ran, Running, release, seat_image

API, CONSOLE = "api.example.com", "console.example.com"
EMAIL, PASSWORD = "root@example.com", "a-long-test-password-1"
HERE = Path(__file__).parent
HOSTS = ("one", "two")
SERVICES = ("voxregistry", "voxbridge", "voxui", "voxdialler")
SEATS = 2
LEADS_WITHIN_S = 4.0
TALK_S = 4.0
PHONE_TOKEN = "deploy-test-phone-token-0123456789"
STORES_WITHIN_S = 60.0
STORES = {
    "vox-standin/mongo:latest": (
        *("--publish", "{address}:27017:27017"),
        *("{image}", "--host", "0.0.0.0", "--storage-path", "/data/db", "--sync-on-commit", "--log-level", "WARNING"),
    ),
    "vox-base/valkey:latest": (
        *("--publish", "{address}:6379:6379", "--entrypoint", "valkey-server"),
        *("{image}", "--dir", "/tmp", "--protected-mode", "no"),
    ),
}


@dataclass
class Village:
    """The running installation. `images`: where releases come from; `made`: tags that lie there."""

    folder: Path
    lab: Lab
    images: RegistryServer
    inventory_file: Path
    phone_url: str
    secret: str = SECRET
    made: set[str] = field(default_factory=set[str])
    services: tuple[str, ...] = (*SERVICES, "voxcore")

    @property
    def inventory(self) -> Inventory:
        return load_inventory(self.inventory_file)

    @property
    def address(self) -> str:
        """Of the edge."""
        return self.lab["one"].address

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOX", "REGISTRY"))}
        return kept | {
            "VOXCORE_SECRET": self.secret,
            "VOX_REGISTRY_PLAIN": "1",
            "VOX_ACTOR": "tests",
            "VOX_DATA_DIR": str(self.folder / "data"),
        }

    def build(self, number: int, more: Mapping[str, str] | None = None, *, fault: str = "") -> str:
        """A release of its own. `more`: service -> further lines of its Dockerfile; `fault`: of its seats."""
        tag = release(number)
        if tag in self.made:
            return tag
        for service in self.services:
            name = f"127.0.0.1:{self.images.port}/vox/{service}:{tag}"
            context = self.folder / f"image-{number}-{service}"
            context.mkdir()
            base, own = self.made_from(service, context, fault)
            (context / "Dockerfile").write_text(
                f"FROM {base}\nENV VOX_IMAGE_TAG={tag}\nLABEL org.opencontainers.image.version={tag} "
                f"org.opencontainers.image.revision={number:040x}\n{own}\n{(more or {}).get(service, '')}\n"
            )
            docker("build", "--quiet", "--tag", name, str(context))
            docker("push", "--quiet", name, timeout_s=300)
            docker("rmi", name)
        self.made.add(tag)
        return tag

    def made_from(self, service: str, context: Path, fault: str) -> tuple[str, str]:
        """Base of an image and its own lines; what they copy lies in `context`."""
        if service != "voxcore":
            return f"vox/{service}:dev", ""
        (context / "village_seat.py").write_text((HERE / "village_seat.py").read_text())
        lines = f'COPY village_seat.py /seat/\nENV FAULT="{fault}"\nENTRYPOINT ["python", "/seat/village_seat.py"]'
        return "voxtest-seat:base", lines

    def begin(self, *words: str) -> Running:
        """A `vox` command of the operator's machine."""
        argv = [str(Path(sys.executable).parent / "vox"), *words, "--inventory", str(self.inventory_file), "--json"]
        process = subprocess.Popen(
            argv, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return Running(process)

    def vox(self, *words: str, timeout_s: float = 400) -> Ran:
        """The same, to its end."""
        return self.begin(*words).end(timeout_s)

    def client(self, name: str = API, **headers: str) -> httpx.AsyncClient:
        """What the public side of the edge answers to a name."""
        context = ssl.create_default_context(cafile=str(self.folder / "one.pem"))
        context.check_hostname = False
        return httpx.AsyncClient(
            base_url=f"https://{self.address}",
            headers={"Host": name, **headers},
            verify=context,
            trust_env=False,
            timeout=20,
        )

    async def token(self) -> str:
        async with self.client() as client:
            answer = await client.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
            answer.raise_for_status()
            return str(answer.json()["access_token"])

    def registry(self) -> RegistryClient:
        return RegistryClient(f"http://{self.address}:8070", self.secret, client="test")

    async def tags(self) -> dict[str, str]:
        """Replica and seat -> tag, as `vox status` has it."""
        (said,) = (await asyncio.to_thread(self.vox, "status")).all("status")
        services = {each["id"]: each["tag"] for each in said["services"] if each["ref"]}
        return services | {each["id"]: each["tag"] for each in said["seats"] if each["ref"]}

    async def at_rest(self, tag: str) -> list[str]:
        """What is not as after a finished deploy of this tag; empty: all of it runs there and serves."""
        (said,) = (await asyncio.to_thread(self.vox, "status")).all("status")
        found = [f"{each['id']} runs {each['tag']}" for each in said["services"] if each["ref"] and each["tag"] != tag]
        found += [f"{each['id']} runs {each['tag']}" for each in said["seats"] if each["tag"] != tag]
        found += [f"{each['id']} is closed" for each in said["seats"] if each["closed"] or each["draining"]]
        found += [f"{each['id']} is {each['phase']}" for each in said["seats"] if not each["registered"]]
        found += [f"a drain of {each['selector']} is left" for each in said["drains"]]
        found += [f"{host} is away: {why}" for host, why in said["away"].items()]
        serving = {each["id"] for each in said["services"] if each["serves"]}
        wanted = {"voxregistry-a", "voxbridge-a", "voxbridge-b", "voxui-a"}
        found += [f"{id} does not serve" for id in wanted - serving]
        found += [f"it says unfinished: {said['unfinished']['id']}"] if said["unfinished"] else []
        return found + (["the lock is taken"] if said["lock"] else [])


@contextmanager
def ground(folder: Path) -> Iterator[tuple[Lab, RegistryServer, str, str]]:
    """A lab without hosts yet, an image registry, its address there, and how an engine is told to trust it."""
    (folder / "lab").mkdir()
    (folder / "images").mkdir()
    with lab(folder / "lab") as machines, image_registry(folder / "images", "0.0.0.0") as images:
        place = f"{machines.gateway}:{images.port}"
        yield machines, images, place, f'{{"live-restore": true, "insecure-registries": ["{place}"]}}'


@contextmanager
def village(folder: Path) -> Iterator[Village]:
    """The installation on release 1, for as long as the block lasts."""
    with ExitStack() as stack:
        machines, images, place, daemon = stack.enter_context(ground(folder))
        seat_image(folder)
        pems = {host: certificate_of(folder, host, f"10.89.{machines.net}.{11 + n}") for n, host in enumerate(HOSTS)}
        phone_url = stack.enter_context(_carrier(folder, machines.gateway, pems.values()))
        for host in HOSTS:
            machines.add(host, daemon=daemon)
        file = machines.inventory(
            folder / "deploy.yml",
            {
                "one": {"roles": ["api", "dialler", "fleet"], **_seats(machines["one"].address)},
                "two": {"roles": ["fleet"], **_seats(machines["two"].address)},
            },
            registry=place,
            image=f"{place}/vox/voxcore:{release(1)}",
            rolling={"batch": 1, "health_timeout": 120, "watch": 2},
            secrets={"source": "env_file", "file": str(secrets_of(folder, machines["one"].address))},
            services={
                "voxbridge": {"replicas": 2, "env": {"PUBLIC_BASE_URL": f"https://{API}", **_demo(phone_url)}},
                "voxdialler": {"env": _dialling(machines)},
                "voxui": {"env": {"PUBLIC_BASE_URL": f"https://{CONSOLE}"}},
                "voxcore": {"env": {"LIVEKIT_URL": "ws://127.0.0.1:9", "OUTBOX_MIN_FREE_MB": "1"}},
            },
        )
        made = Village(folder, machines, images, file, phone_url)
        made.build(1)
        run_stores(machines["one"])
        for host in machines:
            machines[host].load(BALANCER_IMAGE)
            ran = made.vox("host", "up", host, "--certificate", str(pems[host]))
            assert ran.code == 0, ran.text
        yield made


def _seats(address: str) -> dict[str, object]:
    more = {"surge": 1, "seats_max": SEATS + 2, "trusted_nets": ["0.0.0.0/0"]}
    return {"seats": SEATS, "public_url": f"https://{address}", **more}


def secrets_of(folder: Path, stores: str, more: Mapping[str, str] | None = None) -> Path:
    """The file of secrets of an operator; `stores`: address of the host that has them."""
    values = {
        "VOXCORE_SECRET": SECRET,
        "JWT_SECRET": "j" * 40,
        "SETTINGS_ENCRYPTION_KEY": "k" * 40,
        "MONGODB_URI": f"mongodb://{stores}:27017/?directConnection=true&retryWrites=false",
        "REDIS_URL": f"redis://{stores}:6379/0",
        "REGISTRY_REDIS_URL": f"redis://{stores}:6379/1",
        "FIRST_ADMIN_EMAIL": EMAIL,
        "FIRST_ADMIN_PASSWORD": PASSWORD,
        "VOXPHONE_API_TOKEN": PHONE_TOKEN,
        **(more or {}),
    }
    file = folder / "secrets.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    file.chmod(0o600)
    return file


def _demo(phone_url: str) -> dict[str, str]:
    """The bot `demo`, and the carrier with its number."""
    place = urlsplit(phone_url).netloc
    return {"SEED_DEMO": "true", "VOXPHONE_URL": phone_url, "OUTBOUND_URL_ALLOWLIST": place}


def _dialling(machines: Lab) -> dict[str, str]:
    """By the private side of the edge: nobody here resolves its public name."""
    one = machines["one"].address
    return {"DIALLER_PUBLIC_URL": f"http://{one}:8088", "OUTBOUND_URL_ALLOWLIST": f"10.89.{machines.net}.0/24"}


@contextmanager
def _carrier(folder: Path, address: str, pems: Iterable[Path]) -> Iterator[str]:
    """voxphone, whose callees are light ones. Its URL."""
    plan = folder / "callees.yaml"
    plan.write_text(f"default: {{after_s: 1, light: {{talk_s: {TALK_S}}}}}\n")
    trusted = folder / "trusted.pem"
    trusted.write_text("".join(pem.read_text() for pem in pems))
    port = free_port()
    told = {
        "VOXPHONE_HOST": address,
        "VOXPHONE_PORT": str(port),
        "VOXPHONE_API_TOKEN": PHONE_TOKEN,
        "VOXPHONE_POPULATION": str(plan),
        "OUTBOUND_URL_ALLOWLIST": "10.89.0.0/16",
        "SSL_CERT_FILE": str(trusted),
        "VOX_DATA_DIR": str(folder / "phone"),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOX")}
    with (folder / "voxphone.log").open("wb") as log:
        program = str(Path(sys.executable).parent / "voxphone")
        process = subprocess.Popen([program], env=kept | told, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://{address}:{port}"
        deadline = time.monotonic() + 40
        while not _answers(f"{url}/health"):
            assert time.monotonic() < deadline, (folder / "voxphone.log").read_text()[-2000:]
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url, trust_env=False, timeout=2).is_success
    return False


def run_stores(host: Machine) -> None:
    """Both stores in containers of a host, until they answer."""
    host.load(*STORES)
    for image, words in STORES.items():
        told = [word.format(address=host.address, image=image) for word in words]
        host.docker("run", "--detach", "--restart", "always", *told)
    mongo: MongoClient[dict[str, object]] = MongoClient(host.address, 27017, directConnection=True)
    valkey = Redis(host=host.address, port=6379)
    deadline = time.monotonic() + STORES_WITHIN_S
    while True:
        with suppress(PyMongoError, RedisError):
            mongo.admin.command("ping")
            valkey.ping()
            break
        assert time.monotonic() < deadline, host.docker("ps", "--all")
        time.sleep(0.3)
    mongo.close()
    valkey.close()


def certificate_of(folder: Path, host: str, address: str) -> Path:
    pem, key = folder / f"{host}.pem", folder / f"{host}.key"
    names = f"subjectAltName=IP:{address},DNS:{API},DNS:{CONSOLE}"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}"]
    subprocess.run([*command, "-addext", names, "-keyout", key, "-out", pem], check=True, capture_output=True)
    pem.write_text(pem.read_text() + key.read_text())
    return pem
