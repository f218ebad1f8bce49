"""The client of the distribution API, with the answers of registries as they were recorded."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.images.credentials import Credentials, credentials_for, from_docker
from voxctl.images.facts import AtRegistry
from voxctl.images.reference import Reference
from voxctl.images.registry import ImageMissing, ImageRegistry, RegistryAway, RegistryRefuses
from voxctl.output import CommandError
from voxctl.settings import ImageSettings

pytestmark = [pytest.mark.unit]

HOST = "registry.example.com"
KNOWN = Credentials("vox", "a-token")
LABELS = {
    "org.opencontainers.image.revision": "77b20f3" + "0" * 33,
    "org.opencontainers.image.created": "2026-02-05T09:00:00Z",
    "vox.schema": "15",
    "vox.schema_min": "14",
}
CONFIG = json.dumps({"config": {"Labels": LABELS}}).encode()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


MANIFEST = json.dumps({"schemaVersion": 2, "config": {"digest": digest_of(CONFIG)}, "layers": []}, indent=3).encode()
INDEX = json.dumps(
    {
        "manifests": [
            {"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": digest_of(MANIFEST), "platform": {"os": "linux", "architecture": "amd64"}},
        ]
    }
).encode()
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


class Recorded:
    """A registry with one image. `demand` is the WWW-Authenticate of its 401; `digest_header` whether it sends that."""

    def __init__(self, demand: str = "", *, digest_header: bool = True, accepts: str = "") -> None:
        self.demand, self.digest_header, self.accepts = demand, digest_header, accepts
        self.asked: list[httpx.Request] = []
        self.tags = ["2026.02.05-2", "staging"]
        self.put: dict[str, bytes] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        # A copy: the client tries the same request again, with a password.
        self.asked.append(httpx.Request(request.method, request.url, headers=request.headers))
        if request.url.path == "/token":
            assert request.url.params["service"] == HOST
            return httpx.Response(200, json={"token": f"for {request.url.params['scope']}"})
        if self.demand and request.headers.get("Authorization") != self.accepts:
            return httpx.Response(401, headers={"WWW-Authenticate": self.demand})
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v2/vox/voxcore/")
        if request.method == "PUT":
            self.put[path] = request.content
            return httpx.Response(201)
        if path == "tags/list":
            if "last" in request.url.params:
                return httpx.Response(200, json={"tags": self.tags[1:]})
            link = {"Link": f'</v2/vox/voxcore/tags/list?last={self.tags[0]}&n=1>; rel="next"'}
            return httpx.Response(200, json={"tags": self.tags[:1]}, headers=link)
        found = {
            "manifests/2026.02.05-2": (MANIFEST, DOCKER_MANIFEST),
            "manifests/many": (INDEX, OCI_INDEX),
            f"manifests/{digest_of(MANIFEST)}": (MANIFEST, DOCKER_MANIFEST),
            f"blobs/{digest_of(CONFIG)}": (CONFIG, "application/octet-stream"),
        }.get(path)
        if found is None:
            return httpx.Response(404, json={"errors": [{"code": "MANIFEST_UNKNOWN"}]})
        headers = {"Content-Type": found[1]}
        if self.digest_header:
            headers["Docker-Content-Digest"] = digest_of(found[0])
        return httpx.Response(200, content=b"" if request.method == "HEAD" else found[0], headers=headers)


def registry(recorded: Any, known: Credentials | None = None) -> ImageRegistry:
    return ImageRegistry(HOST, known, transport=httpx.MockTransport(recorded))


def ref(tag: str = "2026.02.05-2") -> Reference:
    return Reference.parse(f"{HOST}/vox/voxcore:{tag}")


@pytest.mark.parametrize("digest_header", [True, False], ids=["with the header", "without it"])
async def test_a_tag_is_resolved_to_the_digest_of_its_bytes(digest_header: bool) -> None:
    recorded = Recorded(digest_header=digest_header)
    async with registry(recorded) as at:
        assert await at.resolve(ref()) == digest_of(MANIFEST)
    assert DOCKER_MANIFEST in recorded.asked[0].headers["Accept"]
    assert OCI_INDEX in recorded.asked[0].headers["Accept"]
    assert str(recorded.asked[0].url) == f"https://{HOST}/v2/vox/voxcore/manifests/2026.02.05-2"


async def test_labels_are_read_without_a_layer_also_through_an_index() -> None:
    recorded = Recorded()
    async with registry(recorded) as at:
        assert await at.labels(ref()) == LABELS
        assert await at.labels(ref("many")) == LABELS
        with pytest.raises(ImageMissing, match="no image for linux/riscv64"):
            await at.labels(ref("many"), "linux/riscv64")
    assert all("/blobs/" not in str(r.url) or digest_of(CONFIG) in str(r.url) for r in recorded.asked)


async def test_what_a_roll_out_needs_of_an_image_comes_with_its_pinned_name() -> None:
    async with registry(Recorded()) as at:
        facts = await AtRegistry(HOST, at).facts("voxcore", "2026.02.05-2")
    assert facts.ref == f"{HOST}/vox/voxcore@{digest_of(MANIFEST)}"
    assert (facts.schema_version, facts.schema_min, facts.revision[:7]) == (15, 14, "77b20f3")


async def test_a_token_is_fetched_once_for_a_repository_and_once_more_to_write() -> None:
    scope = "repository:vox/voxcore:pull,push"
    demand = f'Bearer realm="https://{HOST}/token",service="{HOST}",scope="{scope}"'
    recorded = Recorded(demand, accepts=f"Bearer for {scope}")
    async with registry(recorded, KNOWN) as at:
        await at.resolve(ref())
        await at.tags(ref())
        await at.put(ref("production"), await at.manifest(ref()))
    tokens = [request for request in recorded.asked if request.url.path == "/token"]
    assert len(tokens) == 2
    assert tokens[0].headers["Authorization"] == "Basic " + base64.b64encode(b"vox:a-token").decode()
    assert recorded.put == {"manifests/production": MANIFEST}


async def test_a_password_is_shown_when_it_is_asked_for_and_never_before() -> None:
    recorded = Recorded('Basic realm="vox"', accepts=KNOWN.basic())
    async with registry(recorded, KNOWN) as at:
        await at.resolve(ref())
        await at.resolve(ref())
    sent = [request.headers.get("Authorization") for request in recorded.asked]
    assert sent == [None, KNOWN.basic(), KNOWN.basic()]


async def test_no_password_goes_to_a_token_server_without_tls() -> None:
    recorded = Recorded('Bearer realm="http://elsewhere.example.com/token",service="x",scope="y"')
    async with registry(recorded, KNOWN) as at:
        with pytest.raises(RegistryRefuses, match="not https"):
            await at.resolve(ref())
    assert [request.url.host for request in recorded.asked] == [HOST]


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (httpx.Response(403), RegistryRefuses, "set VOX_REGISTRY_USER and VOX_REGISTRY_TOKEN, or run docker login"),
        (httpx.Response(401), RegistryRefuses, "does not let us read vox/voxcore"),
        (httpx.Response(404), ImageMissing, f"{HOST} has no {HOST}/vox/voxcore:2026.02.05-2"),
        (httpx.Response(500, text="storage is full"), RegistryAway, "answered 500 .*storage is full"),
    ],
)
async def test_a_refusal_names_its_cause_and_the_way_out(
    answer: httpx.Response, error: type[CommandError], says: str
) -> None:
    async with registry(lambda request: answer) as at:
        with pytest.raises(error, match=says):
            await at.manifest(ref())


async def test_a_registry_that_is_away_is_named() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    async with registry(refused) as at:
        with pytest.raises(RegistryAway, match=f"{HOST} gives no answer .*connection refused"):
            await at.resolve(ref())


async def test_other_bytes_than_those_asked_for_are_not_taken() -> None:
    async with registry(lambda _: httpx.Response(200, content=b"{}", headers={"Content-Type": DOCKER_MANIFEST})) as at:
        with pytest.raises(RegistryAway, match="sent other bytes"):
            await at.manifest(ref().pinned(digest_of(MANIFEST)))


async def test_tags_come_page_by_page() -> None:
    async with registry(Recorded()) as at:
        assert await at.tags(ref()) == ["2026.02.05-2", "staging"]


async def test_a_pointer_moves_only_when_every_image_is_there() -> None:
    recorded = Recorded()
    async with registry(recorded) as at:
        with pytest.raises(ImageMissing):
            await AtRegistry(HOST, at).point("2026.02.05-2", "staging", ["voxcore", "voxbridge"])
        assert recorded.put == {}
        await AtRegistry(HOST, at).point("2026.02.05-2", "staging", ["voxcore"])
        assert recorded.put == {"manifests/staging": MANIFEST}
        with pytest.raises(CommandError, match="no name of an environment"):
            await AtRegistry(HOST, at).point("2026.02.05-2", "2026.02.05-3", ["voxcore"])


def test_what_docker_login_left_is_used_and_our_own_setting_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = base64.b64encode(b"somebody:pass:word").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {HOST: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert credentials_for(HOST, ImageSettings()) == Credentials("somebody", "pass:word")
    own = ImageSettings(vox_registry=f"{HOST}/team", vox_registry_user="vox", vox_registry_token="own-token")
    assert credentials_for(HOST, own) == Credentials("vox", "own-token")
    assert credentials_for("other.example.com", own) is None
    assert "own-token" not in repr(credentials_for(HOST, own))


def test_a_credential_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-test"
    helper.write_text('#!/bin/sh\nread -r host\necho "{\\"Username\\": \\"at $host\\", \\"Secret\\": \\"s\\"}"\n')
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text('{"credsStore": "test"}')
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert from_docker(HOST, tmp_path / "config.json") == Credentials(f"at {HOST}", "s")


@pytest.mark.parametrize("content", ["", "not json", '{"auths": {"registry.example.com": {"auth": "%%%"}}}'])
def test_a_broken_file_of_docker_is_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert from_docker(HOST, tmp_path / "config.json") is None
