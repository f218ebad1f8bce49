"""Two operators never work on one installation at once, and what was done stands in two places that agree."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from voxctl.cli import app
from voxctl.deploy import lock as locks
from voxctl.deploy.journal import DiskJournal
from voxctl.deploy.lock import Locked, LockLost, Owner, hold, see
from voxctl.deploy.trail import DiskTrail, findings, merged, read_book
from voxctl.deploy.world import Release
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import Remote, connected
from voxctl.output import CommandError

from .hosts import Lab, Machine

pytestmark = [pytest.mark.deploy]

FLEET = {"roles": ["fleet"], "seats": 2, "public_url": "https://fleet1.test"}
HOLDER = """
import asyncio, sys
from pathlib import Path
from voxctl.deploy.lock import Owner, hold
from voxctl.hosts.inventory import load_inventory
from voxctl.hosts.remote import Remote
async def main():
    inventory = load_inventory(Path(sys.argv[1]))
    async with Remote(inventory, "fleet1") as host, hold(host, Owner.now(what="deploy 2026.02.05-2", why="a test")):
        print("held", flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
def machines(two_hosts: Lab) -> Iterator[Lab]:
    """Hosts as `vox host up` leaves them, with empty books."""
    for each in two_hosts.values():
        each.sh("rm -rf /var/lib/vox; install -d -o vox -g vox /var/lib/vox /var/lib/vox/deploy /etc/vox")
    yield two_hosts
    two_hosts["fleet1"].plug_in()


@pytest.fixture
def deploy_yml(machines: Lab, tmp_path: Path) -> Path:
    return machines.inventory(tmp_path / "deploy.yml", {"fleet1": FLEET, "fleet2": FLEET})


@pytest.fixture
def inventory(deploy_yml: Path) -> Inventory:
    return load_inventory(deploy_yml)


@pytest_asyncio.fixture
async def hosts(inventory: Inventory) -> AsyncIterator[dict[str, Remote]]:
    async with connected(inventory, ["fleet1", "fleet2"]) as remotes:
        yield remotes


@pytest.fixture
def fleet1(hosts: dict[str, Remote]) -> Remote:
    return hosts["fleet1"]


def owner(who: str = "ann") -> Owner:
    return Owner.now(what="deploy 2026.02.05-2", why="the fix", env="production").model_copy(update={"who": who})


def vox(*words: str) -> int:
    return app([*words], result_action="return_value", exit_on_error=False)


async def test_of_twenty_operators_at_once_one_gets_it_and_the_others_learn_who_within_a_second(
    inventory: Inventory, fleet1: Remote
) -> None:
    """Section 9; K1."""
    others = [Remote(inventory, "fleet1") for _ in range(20)]
    for each in others:
        await each.connection()
    got: list[str] = []
    refused: list[tuple[float, str]] = []
    done = asyncio.Event()

    async def operator(remote: Remote, name: str) -> None:
        begun = time.monotonic()
        try:
            async with hold(remote, owner(name)):
                got.append(name)
                await done.wait()
        except Locked as error:
            refused.append((time.monotonic() - begun, str(error)))
            if len(refused) == 19:
                done.set()

    await asyncio.wait_for(asyncio.gather(*(operator(each, f"op{n}") for n, each in enumerate(others))), 30)
    assert len(got) == 1
    assert all(
        f"locked by {got[0]} on " in text and "deploy 2026.02.05-2 (the fix), since 2" in text for _, text in refused
    )
    assert await see(fleet1) is None, "given back"

    async with hold(fleet1, owner("ann")):
        begun = time.monotonic()
        with pytest.raises(Locked) as caught:
            await locks.take(others[0], owner("bob"))
        assert time.monotonic() - begun < 1
        assert caught.value.exit_code == 3
    await asyncio.gather(*(each.close() for each in others))


async def test_the_lock_is_given_back_on_every_way_out(fleet1: Remote) -> None:
    for error in (RuntimeError, asyncio.CancelledError, KeyboardInterrupt):
        with pytest.raises(error):
            async with hold(fleet1, owner()):
                raise error
        assert await see(fleet1) is None
    metric = await fleet1.text("/var/lib/vox/metrics/vox_deploy.prom")
    assert metric == "vox_deploy_lock_timestamp 0\n"


async def test_a_lock_gives_signs_of_life_and_stops_its_holder_when_somebody_breaks_it(
    fleet1: Remote, machines: Lab
) -> None:

    async def holder() -> None:
        async with hold(fleet1, owner(), refresh_s=0.2):
            machines["fleet1"].sh("touch -d '-11 minutes' /var/lib/vox/deploy/lock")
            while (held := await see(fleet1)) is None or held.stale:
                await asyncio.sleep(0.05)  # until it is refreshed
            machines["fleet1"].sh("rm -r /var/lib/vox/deploy/lock")
            await asyncio.sleep(30)

    with pytest.raises(LockLost, match="no longer ours, nobody holds it"):
        await holder()


async def test_a_lock_outlives_a_killed_tool_for_ten_minutes_and_then_is_broken_aloud(
    deploy_yml: Path, fleet1: Remote, machines: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """K1: `kill -9` excepted."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(deploy_yml), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()

    at = ["--inventory", str(deploy_yml)]
    assert await asyncio.to_thread(vox, "lock", *at) == 0
    assert "deploy 2026.02.05-2 (a test), since 2" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"can be broken when there was none for 600 s: in (5\d\d|600) s") as caught:
        await asyncio.to_thread(vox, "lock", "release", "--force", *at)
    assert caught.value.exit_code == 3
    with pytest.raises(Locked, match="wait for it, or ask"):
        await locks.take(fleet1, owner())

    machines["fleet1"].sh("touch -d '-11 minutes' /var/lib/vox/deploy/lock")
    with pytest.raises(Locked, match="its holder is gone: vox lock release --force"):
        await locks.take(fleet1, owner())
    assert await asyncio.to_thread(vox, "lock", "release", "--force", *at) == 0
    assert await see(fleet1) is None
    (line,) = (await read_book(fleet1)).lines
    assert (line["action"], line["result"]) == ("lock.break", "done")
    assert "deploy 2026.02.05-2 (a test)" in line["reason"]


async def test_a_link_that_breaks_while_the_lock_is_taken_does_not_lock_its_own_owner_out(
    fleet1: Remote, machines: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it was made; its name tells."""
    monkeypatch.setattr(locks, "TAKE", locks.TAKE.replace("    exit 0", "    sleep 60"))
    mine = owner()
    taking = asyncio.create_task(locks.take(fleet1, mine))
    while (held := await see(fleet1)) is None or held.owner.id != mine.id:
        await asyncio.sleep(0.02)
    machines["fleet1"].cut_ssh()
    await taking
    assert await locks.release(fleet1, mine)


async def test_a_holder_whose_host_went_away_for_a_while_goes_on(fleet1: Remote, machines: Lab) -> None:
    """A break of the network is no reason to stop a deploy; its lock is refreshed when the host is back."""
    async with hold(fleet1, owner(), refresh_s=0.2):
        for _ in range(3):
            machines["fleet1"].cut_ssh()
            await asyncio.sleep(0.5)
        machines["fleet1"].sh("touch -d '-11 minutes' /var/lib/vox/deploy/lock")
        async with asyncio.timeout(10):
            while (held := await see(fleet1)) is None or held.stale:
                await asyncio.sleep(0.05)


async def test_states_and_releases_are_found_from_any_machine(inventory: Inventory, fleet1: Remote) -> None:
    """K2."""
    journal = DiskJournal(fleet1)
    assert await journal.unfinished() is None
    assert await journal.releases() == []
    await journal.write("2026-02-05-a", {"id": "2026-02-05-a", "stage": "rolling", "n": 1})
    await journal.write("2026-02-05-a", {"id": "2026-02-05-a", "stage": "rolling", "n": 2})
    async with Remote(inventory, "fleet1") as other:
        assert await DiskJournal(other).unfinished() == {"id": "2026-02-05-a", "stage": "rolling", "n": 2}
    await journal.write("2026-02-05-a", {"id": "2026-02-05-a", "stage": "done"})
    assert await journal.unfinished() is None
    for number in range(25):
        verdict: Any = "bad" if number == 24 else "good"
        await journal.record(Release(tag=f"2026.02.{number + 1:02}-1", verdict=verdict))
    found = await journal.releases()
    assert [each.tag for each in found[:2]] == ["2026.02.25-1", "2026.02.24-1"]
    assert len(found) == 20
    good = await journal.last_good()
    assert good is not None
    assert good.tag == "2026.02.24-1"
    for word in ("../x", "", "releases", ".hidden"):
        with pytest.raises(CommandError, match="no id of a deploy"):
            await journal.write(word, {})


async def test_what_was_done_stands_on_both_hosts_and_a_change_shows(
    deploy_yml: Path, hosts: dict[str, Remote], machines: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    """K3: changed, taken out of the middle, cut off the end, here or there."""
    trail = DiskTrail(hosts["fleet1"], hosts, env="production")
    await asyncio.gather(
        *(
            trail.line("seat.replace", result="done", host="fleet2", seat=f"fleet2-{n}", reason='it\'s \\n "é"')
            for n in range(12)
        )
    )
    await trail.line("deploy", result="done", to="2026.02.05-2", digest="sha256:00")

    async def books() -> list[str]:
        return findings([await read_book(each) for each in hosts.values()], "fleet1")

    assert await books() == []
    lines = merged([await read_book(each) for each in hosts.values()])
    assert len(lines) == 13
    assert {line["seat"] for line in lines[:-1]} == {f"fleet2-{n}" for n in range(12)}
    assert lines[0]["reason"] == 'it\'s \\n "é"'
    at = ["--inventory", str(deploy_yml)]
    assert await asyncio.to_thread(vox, "audit", "verify", *at) == 0
    assert "whole: fleet1 13 lines, fleet2 12 lines" in capsys.readouterr().out
    assert await asyncio.to_thread(vox, "audit", "--json", "--action", "deploy", *at) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["to"], shown["env"]) == ("2026.02.05-2", "production")

    book = "/var/lib/vox/audit.jsonl"
    machines["fleet2"].sh(f"cp -p {book} {book}.kept; sed -i '$d' {book}")
    assert [each for each in await books() if "stands on fleet1, not here" in each]
    machines["fleet2"].sh(f"cp {book}.kept {book}; sed -i '3s/done/well/' {book}")
    assert [each for each in await books() if each.startswith("fleet2: line 4 ")]
    assert await asyncio.to_thread(vox, "audit", "verify", *at) == 1
    machines["fleet2"].sh(f"cp {book}.kept {book}")
    machines["fleet1"].sh(f"sed -i '5d' {book}")
    found = await books()
    assert [each for each in found if each.startswith("fleet1: line 5 ")]
    assert [each for each in found if "stands on fleet2, not here" in each]


async def test_a_line_is_written_once_however_often_its_link_breaks(fleet1: Remote, machines: Lab) -> None:
    stop = asyncio.Event()

    async def breaker(machine: Machine) -> None:
        while not stop.is_set():
            await asyncio.sleep(0.4)
            await asyncio.to_thread(machine.cut_ssh)

    trail = DiskTrail(fleet1, env="staging")
    breaking = asyncio.create_task(breaker(machines["fleet1"]))
    written = 0
    for number in range(40):
        try:
            await trail.line("seat.replace", result="done", seat=f"fleet1-{number}")
            written += 1
        except CommandError:
            pass  # twice in one line: whoever writes it, says so
    stop.set()
    await breaking
    book = await read_book(fleet1)
    seats = [line["seat"] for line in book.lines]
    assert len(seats) == len(set(seats))
    assert written <= len(seats) <= 40
    assert findings([book], "fleet1") == []


async def test_a_line_that_the_touched_host_could_not_take_is_said(hosts: dict[str, Remote], machines: Lab) -> None:
    said: list[str] = []
    trail = DiskTrail(hosts["fleet1"], hosts, tell=lambda event, text, **_: said.append(text))
    machines["fleet2"].sh("chattr +i /var/lib/vox")
    try:
        await trail.line("deploy", result="done", host="fleet2")
    finally:
        machines["fleet2"].sh("chattr -i /var/lib/vox")
    assert "the audit line is on fleet1 alone" in said[0]
