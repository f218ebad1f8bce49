"""What deploys have done and how far they are: `deploy/<id>.json` and `releases.json` on `lock_host`.

Both are on disk when a write returns, so any machine with the inventory can go on from them.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from voxctl.deploy.lock import DEPLOY_DIR
from voxctl.deploy.world import Release
from voxctl.hosts.remote import Remote
from voxctl.output import CommandError

KEPT_RELEASES = 20
KEPT_JOURNALS = 100
RELEASES = "releases.json"
OVER = frozenset({"done", "reverted"})
EACH = (
    'cd "$1" 2>/dev/null || exit 0; ls -t | grep "[.]json$" | grep -vx releases.json | head -n "$2" | '
    'while IFS= read -r each; do cat -- "$each"; printf "\\036"; done'
)
PRUNE = (
    'cd "$1" 2>/dev/null || exit 0; ls -t | grep "[.]json$" | grep -vx releases.json | tail -n "+$2" | '
    'while IFS= read -r each; do rm -f -- "$each"; done'
)
_RELEASES = TypeAdapter(list[Release])


class DiskJournal:
    """Of one installation, on the disk of its `lock_host`. Whoever writes holds the lock."""

    def __init__(self, host: Remote) -> None:
        self.host = host
        self._writing = asyncio.Lock()

    async def write(self, deploy_id: str, state: dict[str, Any]) -> None:
        """In the order in which they were asked for: the last one is the newest. Raises: HostAway, CommandError."""
        text = json.dumps(state, ensure_ascii=False, indent=1) + "\n"
        async with self._writing:
            await self.host.write(DEPLOY_DIR / f"{_plain(deploy_id)}.json", text)

    async def read(self, deploy_id: str) -> dict[str, Any] | None:
        """The state of a deploy; None: there is none of this id."""
        found = await self.host.text(DEPLOY_DIR / f"{_plain(deploy_id)}.json")
        return _state(found, deploy_id) if found else None

    async def recent(self, count: int = 10) -> list[dict[str, Any]]:
        """The states written last, newest first."""
        done = await self.host.run(["sh", "-c", EACH, "sh", DEPLOY_DIR.as_posix(), str(count)], repeat=True)
        return [_state(text, "a journal") for text in done.out.split("\x1e") if text.strip()]

    async def unfinished(self) -> dict[str, Any] | None:
        """The newest state, when it is not over: a newer one that is has taken over what older ones left."""
        found = await self.recent(1)
        return found[0] if found and found[0].get("stage") not in OVER else None

    async def prune(self) -> None:
        """Keep the last hundred states."""
        argv = ["sh", "-c", PRUNE, "sh", DEPLOY_DIR.as_posix(), str(KEPT_JOURNALS + 1)]
        await self.host.run(argv, repeat=True)

    async def releases(self) -> list[Release]:
        """Newest first, each tag once. Raises: CommandError."""
        found = await self.host.read(DEPLOY_DIR / RELEASES)
        if found is None:
            return []
        try:
            return _RELEASES.validate_json(found)
        except ValidationError as error:
            raise CommandError(
                f"{self.host.name}: {DEPLOY_DIR / RELEASES} is damaged: {error.errors()[0]['msg']}"
            ) from None

    async def record(self, release: Release) -> None:
        """Put a release first, in place of an older line of its tag."""
        others = [each for each in await self.releases() if each.tag != release.tag]
        kept = [release, *others][:KEPT_RELEASES]
        await self.host.write(DEPLOY_DIR / RELEASES, _RELEASES.dump_json(kept, indent=1) + b"\n")

    async def last_good(self, *, before: str = "") -> Release | None:
        """The newest release that proved good, other than tag `before`, and was not left since by a rollback."""
        found = await self.releases()
        return next((each for each in found if each.verdict == "good" and not each.left and each.tag != before), None)


def _plain(deploy_id: str) -> str:
    if not deploy_id or set(deploy_id) & set("/\0\n") or deploy_id.startswith(".") or deploy_id == "releases":
        raise CommandError(f"{deploy_id!r} is no id of a deploy")
    return deploy_id


def _state(text: str, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CommandError(f"the state of {what} is damaged: move its file in {DEPLOY_DIR} away")
    return found
