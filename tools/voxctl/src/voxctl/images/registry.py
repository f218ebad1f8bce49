"""A client of the OCI distribution API (https://github.com/opencontainers/distribution-spec), as far as tags need it.

Image data never passes through here: the Docker engine pushes and pulls it. The known Python client for this API is
synchronous, brings a second HTTP library, and gives no digest of a manifest: see docs/decisions/0018.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import urllib.request
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from voxctl.images.credentials import Credentials
from voxctl.images.reference import Reference
from voxctl.output import EXIT_PREFLIGHT, CommandError

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
ANSWERS_WITHIN_S = 20
MAX_DOCUMENT = 4 * 1024 * 1024
PLATFORM = "linux/amd64"


class RegistryAway(CommandError):
    """The image registry gives no answer, or none that makes sense."""


class ImageMissing(CommandError):
    """The registry has no such image or tag."""


class RegistryRefuses(CommandError):
    """Not allowed, or not supported there."""


@dataclass(frozen=True)
class Manifest:
    """The bytes of a manifest or an index; `digest` is their SHA-256, whatever the registry says."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


class RegistryAuth(httpx.Auth):
    """Answers what a registry demands with its first 401: a password with each request, or a token from its realm."""

    requires_response_body = True

    def __init__(self, known: Credentials | None, *, plain: bool) -> None:
        self.known = known
        self.plain = plain
        self._header: dict[tuple[str, bool], str] = {}

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        # A token opens one repository, to read or to write.
        repository = re.split(r"/(?:manifests|blobs|tags)/", request.url.path)[0]
        key = (repository, request.method in ("PUT", "DELETE"))
        if header := self._header.get(key):
            request.headers["Authorization"] = header
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return
        scheme, _, rest = response.headers.get("WWW-Authenticate", "").partition(" ")
        if scheme.lower() == "basic" and self.known:
            header = self.known.basic()
        elif scheme.lower() == "bearer":
            demand = urllib.request.parse_keqv_list(urllib.request.parse_http_list(rest))
            answer = yield self._token_request(demand)
            await answer.aread()
            if not answer.is_success:
                return
            told = answer.json()
            header = f"Bearer {told.get('token') or told.get('access_token') or ''}"
        else:
            return
        self._header[key] = request.headers["Authorization"] = header
        yield request

    def _token_request(self, demand: dict[str, str]) -> httpx.Request:
        """Raises: RegistryRefuses: the realm would see a password in the clear."""
        realm = httpx.URL(demand.get("realm", ""))
        if realm.scheme != "https" and not self.plain:
            raise RegistryRefuses(f"the registry asks for a password at {realm}, which is not https: it gets none")
        asked = {name: demand[name] for name in ("service", "scope") if name in demand}
        headers = {}
        if self.known:
            headers["Authorization"] = self.known.basic()
        return httpx.Request("GET", realm.copy_merge_params(asked), headers=headers)


class ImageRegistry:
    """One registry; an async context manager. Every method may raise RegistryAway, ImageMissing and RegistryRefuses."""

    def __init__(
        self,
        registry: str,
        known: Credentials | None = None,
        *,
        plain: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`registry` is `host` or `host:port`. `plain`: HTTP without TLS; for loopback that goes without saying."""
        self.registry = registry
        plain = plain or is_loopback(registry)
        # Docker Hub answers under another name than the one that its images have.
        host = "registry-1.docker.io" if registry == "docker.io" else registry
        self._http = httpx.AsyncClient(
            base_url=f"{'http' if plain else 'https'}://{host}/v2/",
            auth=RegistryAuth(known, plain=plain),
            timeout=ANSWERS_WITHIN_S,
            follow_redirects=True,
            transport=transport or httpx.AsyncHTTPTransport(retries=2),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def resolve(self, ref: Reference) -> str:
        """The digest that a tag has now. A digest is looked up too: it comes back when the registry has it."""
        answer = await self._send("HEAD", ref, f"manifests/{ref.wanted}", headers={"Accept": ACCEPT})
        told = answer.headers.get("Docker-Content-Digest", "")
        # The header is optional in the specification.
        return told or (await self.manifest(ref)).digest

    async def manifest(self, ref: Reference) -> Manifest:
        answer = await self._send("GET", ref, f"manifests/{ref.wanted}", headers={"Accept": ACCEPT})
        found = Manifest(answer.content, answer.headers.get("Content-Type", "").partition(";")[0])
        if ref.digest and found.digest != ref.digest:
            raise RegistryAway(f"{self.registry} sent other bytes for {ref}: {found.digest}")
        return found

    async def labels(self, ref: Reference, platform: str = PLATFORM) -> dict[str, str]:
        """Labels of an image, without its layers. Of an index: those of the image for `platform`."""
        found = await self.manifest(ref)
        if found.media_type in INDEXES:
            found = await self.manifest(ref.pinned(_for_platform(found.document(), platform, ref)))
        config = found.document()["config"]["digest"]
        answer = await self._send("GET", ref, f"blobs/{config}")
        return dict(json.loads(answer.content).get("config", {}).get("Labels") or {})

    async def tags(self, ref: Reference) -> list[str]:
        """Every tag of the repository of `ref`, in the registry's order; none when there is no such repository yet."""
        found: list[str] = []
        path = "tags/list?n=1000"
        while path:
            try:
                answer = await self._send("GET", ref, path)
            except ImageMissing:
                return found
            found += answer.json().get("tags") or []
            link = answer.links.get("next", {}).get("url", "")
            path = f"tags/list?{httpx.URL(link).query.decode()}" if link else ""
        return found

    async def put(self, ref: Reference, manifest: Manifest) -> None:
        """Give a tag to a manifest that the repository has."""
        headers = {"Content-Type": manifest.media_type}
        await self._send("PUT", ref, f"manifests/{ref.tag}", content=manifest.content, headers=headers)

    async def delete(self, ref: Reference) -> None:
        """Remove a manifest, with every tag that it has; the registry's own collection frees the layers."""
        try:
            await self._send("DELETE", ref, f"manifests/{ref.digest}")
        except ImageMissing:
            return

    async def _send(self, method: str, ref: Reference, path: str, **options: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, f"{ref.repository}/{path}", **options)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise RegistryAway(
                f"the image registry {self.registry} gives no answer ({why}): check VOX_REGISTRY and the network",
                exit_code=EXIT_PREFLIGHT,
            ) from None
        return self._judged(answer, ref, method)

    def _judged(self, answer: httpx.Response, ref: Reference, method: str) -> httpx.Response:
        code = answer.status_code
        if answer.is_success:
            if len(answer.content) > MAX_DOCUMENT:
                raise RegistryAway(f"{self.registry} sent more than {MAX_DOCUMENT >> 20} MiB for {ref}")
            return answer
        if code == httpx.codes.NOT_FOUND:
            raise ImageMissing(f"{self.registry} has no {ref}", exit_code=EXIT_PREFLIGHT)
        if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            doing = "write" if method in ("PUT", "DELETE") else "read"
            raise RegistryRefuses(
                f"{self.registry} does not let us {doing} {ref.repository}: "
                "set VOX_REGISTRY_USER and VOX_REGISTRY_TOKEN, or run docker login",
                exit_code=EXIT_PREFLIGHT,
            )
        if code == httpx.codes.METHOD_NOT_ALLOWED:
            raise RegistryRefuses(f"{self.registry} does not allow {method} here: deleting is switched off there")
        said = answer.text[:200].strip()
        raise RegistryAway(f"{self.registry} answered {code} for {ref}: {said}", exit_code=EXIT_PREFLIGHT)


def is_loopback(registry: str) -> bool:
    """Docker, too, speaks plain HTTP to these without being told."""
    host = httpx.URL(f"http://{registry}").host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _for_platform(index: dict[str, Any], platform: str, ref: Reference) -> str:
    for entry in index.get("manifests", []):
        told = entry.get("platform") or {}
        if f"{told.get('os')}/{told.get('architecture')}" == platform:
            return str(entry["digest"])
    raise ImageMissing(f"{ref} has no image for {platform}", exit_code=EXIT_PREFLIGHT)
