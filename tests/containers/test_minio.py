"""A rendered data host with MinIO itself: each service has a key of its own, which may what it must and nothing more.

VOX_BUILD_MINIO=1 lets Go build MinIO and `mc` once; without them the test is skipped (tests/goprograms.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store
from voxbridge.recordings.source import s3_store
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.rendering import render_host

from ..goprograms import go_programs
from .engine import COMPOSE, PROJECTS, docker, run

pytestmark = [pytest.mark.containers, pytest.mark.full]

MODULES = {
    "minio": "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
    "mc": "github.com/minio/mc@v0.0.0-20250313080218-cf909e1063a9",
}
IMAGE = "vox-test/minio"
DOCKERFILE = """
FROM vox-base/python:3.11
COPY minio mc /usr/local/bin/
ENTRYPOINT ["minio"]
"""
SUBNET, ADDRESS = "172.30.95.0/24", "172.30.95.63"
SECRETS = {
    "MONGO_ROOT_PASSWORD": "not-started-here",
    "MONGO_KEYFILE": "not-started-here",
    "MONGODB_PASSWORD": "not-started-here",
    "VALKEY_PASSWORD": "not-started-here",
    "MINIO_ROOT_USER": "root-of-the-test",
    "MINIO_ROOT_PASSWORD": "root-password-of-the-test",
    "S3_ACCESS_KEY": "key-of-the-workers",
    "S3_SECRET_KEY": "secret-of-the-workers",
    "VOXBRIDGE_S3_ACCESS_KEY": "key-of-voxbridge",
    "VOXBRIDGE_S3_SECRET_KEY": "secret-of-voxbridge",
}


@dataclass
class Data:
    """MinIO of a rendered host, and what made its accounts."""

    command: tuple[str, ...]

    def compose(self, *words: str) -> str:
        return run(*self.command, *words, timeout_s=180)

    def bucket(self, prefix: str, name: str = "recordings", *, secret: str = "") -> S3Store:
        return s3_store(
            name,
            endpoint=f"http://{ADDRESS}:9000",
            access_key=SECRETS[f"{prefix}S3_ACCESS_KEY"],
            secret_key=secret or SECRETS[f"{prefix}S3_SECRET_KEY"],
            region="",
        )


@pytest.fixture(scope="module")
def data(docker_engine: None, bases: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    folder = tmp_path_factory.mktemp("data")
    for name, path in go_programs("minio", MODULES).items():
        shutil.copy(path, folder / name)
    bases("python")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    docker("build", "--network", "none", "--tag", IMAGE, str(folder))
    inventory = Inventory.model_validate(
        {
            "project": PROJECTS,
            "image": "vox/voxcore:dev",
            "balancer_image": "vox-base/haproxy:3.0",
            "hosts": {"data1": {"address": "127.0.0.1", "roles": ["data"], "seat_subnet": SUBNET}},
        }
    )
    for name, text in render_host(inventory, "data1").items():
        (folder / name).write_text(text)
    images = {"MINIO_IMAGE": IMAGE, "MINIO_MC_IMAGE": IMAGE, "MONGO_IMAGE": "none", "VALKEY_IMAGE": "none"}
    (folder / "told.env").write_text("".join(f"{name}={value}\n" for name, value in {**SECRETS, **images}.items()))
    made = Data((str(COMPOSE), "--project-directory", str(folder), "--env-file", str(folder / "told.env")))
    try:
        made.compose("up", "--detach", "--wait", "minio")
        made.compose("run", "--rm", "--no-deps", "minio-init")
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "5")
        docker("rmi", "--force", IMAGE)


def refused(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except BaseError as error:
        return "403" in str(error) or "AccessDenied" in str(error) or "Forbidden" in str(error)
    return False


def test_workers_put_and_get_recordings_and_delete_none(data: Data) -> None:
    workers = data.bucket("")
    obstore.put(workers, "a/one.wav", b"RIFF")
    assert bytes(obstore.get(workers, "a/one.wav").bytes()) == b"RIFF"
    assert [entry["path"] for entry in obstore.list(workers).collect()] == ["a/one.wav"]
    assert refused(lambda: obstore.delete(workers, "a/one.wav"))
    assert bytes(obstore.get(workers, "a/one.wav").bytes()) == b"RIFF"


def test_voxbridge_deletes_too(data: Data) -> None:
    bridge = data.bucket("VOXBRIDGE_")
    obstore.put(bridge, "b/two.wav", b"RIFF")
    obstore.delete(bridge, "b/two.wav")
    assert not list(obstore.list(bridge, prefix="b").collect())


@pytest.mark.parametrize("prefix", ["", "VOXBRIDGE_"])
def test_a_key_opens_one_bucket_and_only_with_its_secret(data: Data, prefix: str) -> None:
    assert refused(lambda: obstore.put(data.bucket(prefix, "another"), "x", b"x"))
    assert refused(lambda: obstore.put(data.bucket(prefix, secret="guessed-by-somebody"), "x", b"x"))


def test_making_the_accounts_again_changes_nothing(data: Data) -> None:
    data.compose("run", "--rm", "--no-deps", "minio-init")
    test_workers_put_and_get_recordings_and_delete_none(data)
