"""The stack of compose.yaml: healthy, closed where it must be, and a call goes through it from ear to archive."""

from __future__ import annotations

import json
import re
import wave

import httpx
import pytest

from .engine import docker
from .stack import OURS, Caller, Stack

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

# Who is given which secret; nobody else may see it.
NEEDED_BY = {
    "VOXCORE_SECRET": {"voxbridge", "voxcore-worker", "voxdialler", "voxregistry"},
    "JWT_SECRET": {"voxbridge"},
    "SETTINGS_ENCRYPTION_KEY": {"voxbridge"},
    "S3_ACCESS_KEY": {"voxbridge", "voxcore-worker", "minio", "minio-init"},
    "S3_SECRET_KEY": {"voxbridge", "voxcore-worker", "minio", "minio-init"},
    "VOXPHONE_API_TOKEN": {"voxphone", "voxbridge"},
    "FIRST_ADMIN_PASSWORD": {"voxbridge", "demo"},
}


def test_every_service_is_healthy(stack: Stack) -> None:
    found = stack.compose.services()
    once = {"minio-init", "demo"}
    sick = {name: entry["Health"] for name, entry in found.items() if name not in once and entry["Health"] != "healthy"}
    assert not sick
    assert set(OURS) <= set(found)
    assert found["minio-init"]["ExitCode"] == 0


@pytest.mark.parametrize("service", OURS)
def test_a_container_of_ours_can_do_nothing_that_it_need_not(stack: Stack, service: str) -> None:
    told = stack.inspect(service)
    host = told["HostConfig"]
    assert told["Config"]["User"] == "10001:10001"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert 0 < host["PidsLimit"] <= 256
    assert not any("docker.sock" in mount["Source"] for mount in told["Mounts"])


@pytest.mark.parametrize("service", OURS)
def test_the_kernel_sees_no_capability_and_no_root(stack: Stack, service: str) -> None:
    status = stack.inside(service, "cat", "/proc/1/status")
    assert re.search(r"^Uid:\s+10001\s+10001", status, re.MULTILINE)
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)


@pytest.mark.parametrize("service", OURS)
def test_the_root_file_system_cannot_be_written(stack: Stack, service: str) -> None:
    refused = stack.inside(service, "sh", "-c", "touch /x || touch /usr/x || touch /opt/x", check=False)
    assert refused.count("Read-only file system") == 3, refused


def test_ports_are_open_to_this_machine_alone(stack: Stack) -> None:
    for name in stack.compose.services():
        for port, bound in (stack.inspect(name)["HostConfig"]["PortBindings"] or {}).items():
            assert {place["HostIp"] for place in bound} == {"127.0.0.1"}, f"{name} {port}"


@pytest.mark.parametrize(("host", "port"), [("mongo", 27017), ("redis", 6379)])
def test_a_worker_reaches_no_database(stack: Stack, host: str, port: int) -> None:
    """The stores' network has no member but those that own a state in them."""
    knock = f"import socket; socket.create_connection(({host!r}, {port}), 3)"
    said = stack.inside("voxcore-worker", "python", "-c", knock, check=False)
    assert "gaierror" in said or "timed out" in said, said
    stack.inside("voxbridge", "python", "-c", knock)


def test_a_secret_is_given_to_those_alone_that_work_with_it(stack: Stack) -> None:
    assert set(NEEDED_BY) == set(stack.secrets)
    for service in stack.compose.services():
        told = json.dumps(stack.inspect(service))
        seen = {name for name, value in stack.secrets.items() if value in told}
        assert seen == {name for name, who in NEEDED_BY.items() if service in who}, service


def test_no_secret_is_in_a_log(stack: Stack) -> None:
    said = stack.compose.run("logs", "--no-color")
    assert said
    assert not [name for name, value in stack.secrets.items() if value in said]


def test_starting_again_changes_nothing(stack: Stack) -> None:
    before = {name: entry["ID"] for name, entry in stack.compose.services().items()}
    stack.up()
    after = {name: entry["ID"] for name, entry in stack.compose.services().items()}
    assert after == before


def test_the_console_is_served_and_passes_the_api_on(stack: Stack) -> None:
    page = stack.inside("voxui", "sh", "-c", "cat /usr/share/vox/console/index.html")
    assert "<!doctype html>" in page.lower()
    console = f"http://127.0.0.1:{stack.env['VOX_UI_PORT']}"
    assert httpx.get(f"{console}/config.js").text.startswith("window.__VOX_CONFIG__ = {")
    # An address of the console's own is answered by the page, one of the API by voxbridge.
    assert httpx.get(f"{console}/bots/1").text == httpx.get(f"{console}/").text
    wrong = httpx.post(f"{console}/api/v1/auth/login", json={"email": stack.admin[0], "password": "wrong-password"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_credentials")
    token = httpx.post(
        f"{console}/api/v1/auth/login", json=dict(zip(("email", "password"), stack.admin, strict=True))
    ).json()["access_token"]
    assert token


async def test_a_call_is_heard_understood_and_kept(stack: Stack, phone: Caller, tmp_path) -> None:
    """Ear to archive: the words in MongoDB are those that were spoken, the recording lies in the object store."""
    report = await phone.call()
    assert (report.outcome, report.ended_by) == ("completed", "bot"), report.reason
    record = await phone.record(report)
    said = " ".join(entry["content"] for entry in record["transcript"] if entry["role"] == "user").lower()
    assert "order" in said, said
    assert "goodbye" in said, said
    assert record["disconnected_by"] == "bot"
    stored = (
        "import os, pymongo; db = pymongo.MongoClient(os.environ['MONGODB_URI'])[os.environ['MONGODB_DB']];"
        f"print(db.calls.count_documents({{'_id': {record['session_id']!r}}}))"
    )
    assert stack.inside("voxbridge", "python", "-c", stored).strip() == "1"
    key = record["recording_key"]
    size = int(stack.inside("minio", "stat", "-c", "%s", f"/data/recordings/{key}"))
    recording = tmp_path / "recording.wav"
    await phone.bridge.download(f"/recordings/{record['session_id']}", recording)
    assert recording.stat().st_size == size
    with wave.open(str(recording)) as audio:
        assert abs(audio.getnframes() / audio.getframerate() - record["call_duration_seconds"]) <= 0.5


def test_the_smoke_test_passes(stack: Stack) -> None:
    done = stack.vox("smoke", "--compose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ 12" in done.stdout


def test_volumes_outlive_containers(stack: Stack) -> None:
    names = set(docker("volume", "ls", "--format", "{{.Name}}", "--filter", f"name={stack.project}").split())
    durable = {"mongo-data", "redis-data", "minio-data", "outbox", "vox-data"}
    assert {f"{stack.project}_{name}" for name in durable} <= names
