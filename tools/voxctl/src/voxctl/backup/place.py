"""Where backups lie: a folder or a bucket, behind one small set of words; and the key that they are encrypted with."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
import pyrage
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from voxctl.output import EXIT_PREFLIGHT, CommandError

AWAY = (BaseError, OSError)


class Place:
    """`file:///folder` or `s3://bucket/prefix?endpoint=https://host&region=…`. Raises: CommandError."""

    def __init__(self, url: str, *, access_key: str = "", secret_key: str = "") -> None:
        self.url = url
        parts = urlsplit(url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            if parts.scheme == "file" and parts.path.startswith("/"):
                self._store: LocalStore | S3Store = LocalStore(unquote(parts.path), mkdir=True)
                return
            if parts.scheme == "s3" and parts.netloc:
                endpoint = query.get("endpoint", "")
                options: dict[str, Any] = {"region": query.get("region", "us-east-1")}
                if endpoint:
                    options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
                if prefix := parts.path.strip("/"):
                    options["prefix"] = prefix
                self._store = S3Store(
                    parts.netloc,
                    access_key_id=access_key,
                    secret_access_key=secret_key,
                    client_options={"allow_http": endpoint.startswith("http://")},
                    **options,
                )
                return
        except AWAY as error:
            raise CommandError(f"{url}: {error}", exit_code=EXIT_PREFLIGHT) from None
        raise CommandError(f"{url}: give file:///folder or s3://bucket?endpoint=…", exit_code=EXIT_PREFLIGHT)

    def put(self, name: str, path: Path) -> None:
        """Store a file. Raises: CommandError."""
        try:
            obstore.put(self._store, name, path)
        except AWAY as error:
            raise CommandError(f"{self.url}: {name} could not be stored: {error}") from None

    def get(self, name: str, path: Path) -> None:
        """Fetch an object into a file. Raises: CommandError."""
        try:
            with path.open("wb") as file:
                for chunk in obstore.get(self._store, name).stream():
                    file.write(chunk)
        except AWAY as error:
            raise CommandError(f"{self.url}: {name} could not be read: {error}") from None

    def names(self) -> list[str]:
        """Every object, sorted. Raises: CommandError."""
        try:
            return sorted(entry["path"] for page in obstore.list(self._store) for entry in page)
        except AWAY as error:
            raise CommandError(f"{self.url} could not be read: {error}") from None

    def delete(self, names: list[str]) -> None:
        """Raises: CommandError."""
        try:
            if names:
                obstore.delete(self._store, names)
        except AWAY as error:
            raise CommandError(f"{self.url}: old backups could not be removed: {error}") from None


def read_identity(path: Path) -> pyrage.x25519.Identity:
    """The key of a file that `age-keygen` wrote. Raises: CommandError."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text().splitlines()
    except OSError as error:
        raise CommandError(
            f"{path}: {error.strerror}; make a key with `age-keygen -o {path}`, and keep a copy offline",
            exit_code=EXIT_PREFLIGHT,
        ) from None
    if mode & 0o077:
        raise CommandError(f"{path} can be read by others: chmod 600 {path}", exit_code=EXIT_PREFLIGHT)
    key = next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        return pyrage.x25519.Identity.from_str(key)
    except pyrage.IdentityError:
        raise CommandError(f"{path} holds no age key: make one with `age-keygen`", exit_code=EXIT_PREFLIGHT) from None
