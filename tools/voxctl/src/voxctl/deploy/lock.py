"""The lock of an installation: a folder on `lock_host` that one operator makes and nobody else can.

async with hold(host, Owner.now(what="deploy 2026.02.05-2", why="…", env="production")):
    ...
"""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from voxkit.clock import utc_now

from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import HostAway, LinkLost
from voxctl.output import CommandError

DEPLOY_DIR = PurePosixPath("/var/lib/vox/deploy")
LOCK_DIR = DEPLOY_DIR / "lock"
METRIC = PurePosixPath("/var/lib/vox/metrics/vox_deploy.prom")
REFRESH_S = 30.0
BREAK_AFTER_S = 600
"""A lock that nobody has refreshed for this long may be broken."""
GIVE_UP_S = BREAK_AFTER_S - 2 * REFRESH_S
"""A holder that could not refresh for this long stops: somebody may be about to break it."""
EXIT_LOCKED = 3
TAKEN, NOT_OURS = 43, 45

TAKE = """
umask 022
mkdir -p "${1%/*}" "${3%/*}" || exit 1
mkdir "$1" 2>/dev/null || { [ -d "$1" ] && exit 43; exit 1; }
if cat >"$1/owner.json" && [ "$(wc -c <"$1/owner.json")" -eq "$2" ]; then
    echo "vox_deploy_lock_timestamp $(date +%s)" >"$3.new" && mv -f "$3.new" "$3"
    exit 0
fi
rm -rf -- "$1"
exit 1
"""
SEE = """
[ -d "$1" ] || exit 44
echo "$(( $(date +%s) - $(stat -c %Y "$1") ))"
[ ! -e "$1/owner.json" ] || cat "$1/owner.json"
"""
REFRESH = 'grep -qF -- "$2" "$1/owner.json" 2>/dev/null || exit 45; touch "$1"'
# Moved away first: of two who release or break it at once, one gets it, and a new owner's lock is never removed.
REMOVE = """
grep -qF -- "$2" "$1/owner.json" 2>/dev/null || exit 45
mv -T "$1" "$1.$$" 2>/dev/null || exit 45
rm -rf -- "$1.$$"
echo "vox_deploy_lock_timestamp 0" >"$3.new" && mv -f "$3.new" "$3"
exit 0
"""
REMOVE_NAMELESS = '[ ! -e "$1/owner.json" ] || exit 45; rmdir "$1"'


def actor() -> str:
    """Who gives the commands: VOX_ACTOR, else the user of this machine."""
    return os.environ.get("VOX_ACTOR") or getpass.getuser()


class Owner(BaseModel):
    """Who holds the lock: the content of `owner.json`."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    who: str
    machine: str = Field(
        validation_alias="from", serialization_alias="from", description="Machine that the command runs on."
    )
    what: str = Field(description="The command, in words.")
    why: str = ""
    env: str = ""
    since: str = Field(description="ISO 8601, UTC.")
    id: str = Field(description="Of this holding alone, so that its owner knows it again.")

    @classmethod
    def now(cls, *, what: str, why: str = "", env: str = "") -> Owner:
        since = utc_now().isoformat(timespec="seconds").replace("+00:00", "Z")
        machine = socket.gethostname()
        return cls(who=actor(), machine=machine, what=what, why=why, env=env, since=since, id=os.urandom(8).hex())

    def sentence(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{self.who} on {self.machine}: {self.what}{why}, since {self.since}"


NOBODY = Owner(who="somebody", machine="a machine that wrote no name", what="nothing known", since="?", id="")


@dataclass(frozen=True)
class Held:
    """A lock as it is found. `age_s`: since its holder last refreshed it, by the host's own clock."""

    owner: Owner
    age_s: int

    @property
    def stale(self) -> bool:
        return self.age_s > BREAK_AFTER_S


class Locked(CommandError):
    """Somebody else holds it."""

    def __init__(self, held: Held) -> None:
        self.held = held
        way = "its holder is gone: vox lock release --force" if held.stale else "wait for it, or ask"
        super().__init__(
            f"locked by {held.owner.sentence()}; last sign of life {held.age_s} s ago: {way}", exit_code=EXIT_LOCKED
        )


class LockLost(CommandError):
    """Ours no longer, while we work: somebody broke it, or its host has been away too long."""


async def see(host: Remote) -> Held | None:
    """The lock as it is; None: free. Raises: HostAway."""
    done = await host.run(["sh", "-c", SEE, "sh", LOCK_DIR], repeat=True)
    if done.code:
        return None
    age, _, text = done.out.partition("\n")
    try:
        owner = Owner.model_validate_json(text)
    except ValidationError:
        owner = NOBODY  # killed between the folder and the name
    return Held(owner, int(age))


async def take(host: Remote, owner: Owner) -> None:
    """Raises: Locked, HostAway."""
    text = owner.model_dump_json() + "\n"
    argv = ["sh", "-c", TAKE, "sh", str(LOCK_DIR), str(len(text.encode())), str(METRIC)]
    try:
        done = await host.run(argv, stdin=text.encode())
    except LinkLost:
        # It may have been made: its name says whether it is ours.
        held = await see(host)
        if held is None or held.owner.id != owner.id:
            raise
        return
    if done.code == TAKEN:
        held = await see(host)
        if held is None:  # released in this instant
            return await take(host, owner)
        raise Locked(held)
    if not done.ok:
        raise CommandError(f"{host.name}: no lock can be made in {DEPLOY_DIR}: {done.words}; vox host up {host.name}")


async def refresh(host: Remote, owner: Owner) -> None:
    """A sign of life. Raises: LockLost, HostAway."""
    if not (await host.run(["sh", "-c", REFRESH, "sh", str(LOCK_DIR), owner.id], repeat=True)).ok:
        held = await see(host)
        whose = f"it is held by {held.owner.sentence()}" if held else "nobody holds it"
        raise LockLost(f"the lock on {host.name} is no longer ours, {whose}: stopped; vox status says what is done")


async def release(host: Remote, owner: Owner) -> bool:
    """Give it back; False: it was not ours any more."""
    if not owner.id:
        return (await host.run(["sh", "-c", REMOVE_NAMELESS, "sh", str(LOCK_DIR)], repeat=True)).ok
    argv = ["sh", "-c", REMOVE, "sh", str(LOCK_DIR), owner.id, str(METRIC)]
    return (await host.run(argv, repeat=True)).ok


async def break_it(host: Remote) -> Held | None:
    """Remove the lock of somebody who is gone; what it was, None: it was free. Raises: CommandError."""
    held = await see(host)
    if held is None:
        return None
    if not held.stale:
        raise CommandError(
            f"the lock is {held.owner.sentence()}; last sign of life {held.age_s} s ago. It can be broken when there "
            f"was none for {BREAK_AFTER_S} s: in {BREAK_AFTER_S - held.age_s} s, if its holder is really gone",
            exit_code=EXIT_LOCKED,
        )
    if not await release(host, held.owner):
        raise CommandError("somebody else has just taken or broken it: vox lock", exit_code=EXIT_LOCKED)
    return held


@asynccontextmanager
async def hold(
    host: Remote, owner: Owner, *, refresh_s: float = REFRESH_S, on_lock: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[Owner]:
    """Hold the lock while the block runs; released on every way out of it, but for a kill -9 of this program.

    Raises: Locked: at once. LockLost: in the middle of the block, which is cancelled.
    """
    await take(host, owner)
    block = asyncio.current_task()
    assert block is not None
    lost: list[LockLost] = []
    keeper = asyncio.create_task(_keep(host, owner, refresh_s, block, lost), name="vox-lock")
    try:
        if on_lock:
            await on_lock()
        yield owner
    except asyncio.CancelledError:
        if lost:
            block.uncancel()
            raise lost[0] from None
        raise
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        if not lost:
            # A host that is away keeps it; after ten minutes it may be broken.
            with suppress(HostAway):
                await asyncio.shield(release(host, owner))


async def _keep(
    host: Remote, owner: Owner, refresh_s: float, block: asyncio.Task[object], lost: list[LockLost]
) -> None:
    clock = asyncio.get_running_loop().time
    last = clock()
    while True:
        await asyncio.sleep(refresh_s)
        try:
            await refresh(host, owner)
            last = clock()
        except LockLost as error:
            lost.append(error)
        except HostAway as error:
            if clock() - last > GIVE_UP_S:
                lost.append(LockLost(f"the lock could not be refreshed for {GIVE_UP_S:.0f} s ({error}): stopped"))
        if lost:
            block.cancel()
            return
