"""voxbridge as a user of its API sees it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from voxctl.output import CommandError
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder


def credentials(settings: VoxctlSettings) -> tuple[str, str]:
    """(email, password) to log in with: VOX_EMAIL and VOX_PASSWORD, else the first admin kept in the data folder.

    Raises: CommandError when there is neither.
    """
    if settings.vox_email and settings.vox_password:
        return settings.vox_email, settings.vox_password
    email = settings.vox_email or settings.first_admin_email
    if settings.first_admin_password:
        return email, settings.first_admin_password
    file = DataFolder(settings.data_dir).first_admin_file
    try:
        return email, file.read_text().strip()
    except OSError:
        raise CommandError(
            f"no one to log in as: set VOX_EMAIL and VOX_PASSWORD (there is no first admin in {file})"
        ) from None


def api_url(settings: VoxctlSettings) -> str:
    """The API of the stack that runs with this data folder, else VOX_API_URL."""
    stack = DataFolder(settings.data_dir).read_stack()
    return str(stack["api_url"]) if stack else settings.vox_api_url.rstrip("/")


class ApiRefused(CommandError):
    """voxbridge has answered with an error. `code` and `body` are its own; `body` is empty when it was not JSON."""

    def __init__(self, message: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(message)
        self.status, self.body = status, body
        self.code = str(body.get("error", ""))


class Unreachable(CommandError):
    """voxbridge gave no answer."""


class Bridge:
    """A logged-in client; use it as an async context manager. Errors become CommandError with voxbridge's own words."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url
        self._login = {"email": email, "password": password}
        self._client = httpx.AsyncClient(base_url=url, timeout=15, trust_env=False)

    async def __aenter__(self) -> Self:
        try:
            token = (await self.post("/auth/login", self._login))["access_token"]
        except BaseException:
            await self._client.aclose()
            raise
        self._client.headers["Authorization"] = f"Bearer {token}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, **params: str) -> dict[str, Any]:
        return (await self._send("GET", path, params=params)).json()

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return (await self._send("POST", path, json=body or {})).json()

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return (await self._send("PUT", path, json=body)).json()

    async def upload(self, path: str, file: Path, within_s: float) -> dict[str, Any]:
        """Send a file as the form field `file`.  Raises: CommandError, also when it cannot be read."""
        try:
            with file.open("rb") as content:
                return (await self._send("POST", path, files={"file": (file.name, content)}, timeout=within_s)).json()
        except OSError as error:
            raise CommandError(f"cannot read {file} ({error.strerror})") from None

    async def delete(self, path: str) -> None:
        await self._send("DELETE", path)

    async def download(self, path: str, to: Path) -> None:
        """Write the body of a GET into a file."""
        body = (await self._send("GET", path)).content
        await asyncio.to_thread(to.write_bytes, body)

    async def finished_call(self, stream_id: str, within_s: float = 30) -> dict[str, Any]:
        """The whole record of the call with this stream id once its result is there.

        Raises: CommandError when no result arrived in time; the worker keeps it and delivers it later.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = (await self.get("/calls", stream_id=stream_id))["items"]
            if found and found[0]["status"] != "in_progress":
                return await self.get(f"/calls/{found[0]['session_id']}")
            await asyncio.sleep(0.2)
        raise CommandError(
            f"the result of the call {stream_id} did not arrive within {within_s:.0f} s; its worker keeps it and tries "
            "again (look into the worker's log)"
        )

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise Unreachable(
                f"voxbridge does not answer at {self.url} ({type(error).__name__}): start it with `vox up`, "
                "or set VOX_API_URL"
            ) from None
        if response.is_success:
            return response
        try:
            body = dict(response.json())
            said = str(body["message"])
        except (ValueError, KeyError, TypeError):
            body, said = {}, response.text[:200]
        if response.status_code == httpx.codes.UNAUTHORIZED and path == "/auth/login":
            said = f"{said} (VOX_EMAIL, VOX_PASSWORD)"
        message = f"{method} {path} was answered with {response.status_code}: {said}"
        raise ApiRefused(message, response.status_code, body)
