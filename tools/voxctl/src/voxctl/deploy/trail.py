"""The audit of an installation: each line stands on `lock_host` and on the host that was touched.

Lines of one file hang together by `prev`, the SHA-256 of the line before: one that was changed or taken out shows
there, and one that was cut off the end shows on the other host.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from voxkit.clock import utc_now

from voxctl.audit import broken_in
from voxctl.deploy.lock import actor
from voxctl.hosts.remote import Remote
from voxctl.output import CommandError

AUDIT_FILE = PurePosixPath("/var/lib/vox/audit.jsonl")
# Written under a lock of its file, so that the chain holds; a line that stands there already is not written again.
ADD = r"""
umask 022
exec 9>>"$1" && flock 9 || exit 1
body=$(cat)
[ "$(printf %s "$body" | wc -c)" -eq "$2" ] || exit 1
grep -qF -- "\"id\": \"$3\"" "$1" && exit 0
prev=
if [ -s "$1" ]; then
    prev=$(tail -n 1 -- "$1" | tr -d '\n' | sha256sum)
    prev=${prev%% *}
fi
printf '%s, "prev": "%s"}\n' "${body%\}}" "$prev" >&9 && sync "$1"
"""


class DiskTrail:
    """Writes lines. `hosts`: the connections that there are, by name; `tell` shows what could not be written."""

    def __init__(
        self,
        lock_host: Remote,
        hosts: Mapping[str, Remote] | None = None,
        *,
        env: str = "",
        tell: Callable[..., None] = lambda *_, **__: None,
    ) -> None:
        self.lock_host, self.hosts, self.env, self.tell = lock_host, hosts or {}, env, tell

    async def line(self, action: str, *, result: str, host: str = "", **facts: Any) -> None:
        """One line in both places. Raises: HostAway: `lock_host` is; the host that was touched may be."""
        line = {
            "ts": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "id": os.urandom(6).hex(),
            "who": actor(),
            "env": self.env,
            "action": action,
            "host": host,
            "result": result,
            **{key: value for key, value in facts.items() if value not in ("", None)},
        }
        await add(self.lock_host, line)
        other = self.hosts.get(host)
        if other is not None and other.name != self.lock_host.name:
            try:
                await add(other, line)
            except CommandError as error:
                self.tell("audit.missed", f"the audit line is on {self.lock_host.name} alone: {error}", host=host)


async def add(host: Remote, line: Mapping[str, Any]) -> None:
    """Append a line to the host's file, chained. Raises: HostAway, CommandError."""
    body = json.dumps(line, ensure_ascii=False, default=str)
    argv = ["sh", "-c", ADD, "sh", str(AUDIT_FILE), str(len(body.encode())), str(line["id"])]
    done = await host.run(argv, stdin=body.encode(), repeat=True)
    if not done.ok:
        raise CommandError(f"{host.name}: {AUDIT_FILE} cannot be written: {done.words}; vox host up {host.name}")


@dataclass(frozen=True)
class Book:
    """The audit file of one host, as it was read."""

    host: str
    raw: bytes

    @property
    def lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for raw in self.raw.splitlines():
            try:
                line = json.loads(raw)
            except ValueError:
                continue  # `findings` names it
            if isinstance(line, dict):
                found.append(line)
        return found


async def read_book(host: Remote) -> Book:
    """Raises: HostAway, CommandError."""
    return Book(host.name, await host.read(AUDIT_FILE) or b"")


def merged(books: Sequence[Book]) -> list[dict[str, Any]]:
    """Every line once, by time. A line that a host wrote of itself (`vox ingress`) names no host: it is its own."""
    found: dict[str, dict[str, Any]] = {}
    for book in books:
        for line in book.lines:
            known = {"host": book.host, **line} if not line.get("host") and "host" not in line else line
            found.setdefault(str(line.get("id")), known)
    return sorted(found.values(), key=lambda line: str(line.get("ts")))


def findings(books: Sequence[Book], lock_host: str) -> list[str]:
    """What is wrong with the books, in words; empty: every chain holds, and both places agree."""
    found: list[str] = []
    ids = {book.host: {str(line.get("id")) for line in book.lines} for book in books}
    for book in books:
        if number := broken_in(book.raw):
            found.append(
                f"{book.host}: line {number} of {AUDIT_FILE} does not follow the line before it: "
                "one of the two was changed, added or taken out"
            )
    for book in books:
        for line in book.lines:
            host, id = str(line.get("host", "")), str(line.get("id"))
            if book.host == lock_host and host in ids and id not in ids[host]:
                found.append(
                    f"{host}: {_name(line)} stands on {lock_host}, not here: taken out, or the host was away then"
                )
            if host == book.host != lock_host and "host" in line and lock_host in ids and id not in ids[lock_host]:
                found.append(f"{lock_host}: {_name(line)} stands on {host}, not here: it was taken out")
    return found


def _name(line: Mapping[str, Any]) -> str:
    return f"{line.get('action')} of {line.get('ts')} (id {line.get('id')})"
