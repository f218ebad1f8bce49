"""What every command that works over SSH stands on: hosts that are reached, or said to be away and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import Remote, connected
from voxctl.hosts.ssh import HostAway, LinkLost, RemoteFailed
from voxctl.output import CommandError

from .hosts import Lab, Machine

pytestmark = [pytest.mark.deploy]

FLEET = {"roles": ["fleet"], "seats": 2, "public_url": "https://fleet1.test"}


@pytest.fixture
def inventory(two_hosts: Lab, tmp_path: Path) -> Inventory:
    return load_inventory(two_hosts.inventory(tmp_path / "deploy.yml", {"fleet1": FLEET, "fleet2": FLEET}))


@pytest_asyncio.fixture
async def fleet1(inventory: Inventory) -> AsyncIterator[Remote]:
    async with Remote(inventory, "fleet1") as remote:
        yield remote


@pytest.fixture
def machine(two_hosts: Lab) -> Iterator[Machine]:
    yield two_hosts["fleet1"]
    two_hosts["fleet1"].plug_in()


async def test_hosts_reach_each_other_and_the_test_and_have_their_own_engine(
    two_hosts: Lab, inventory: Inventory
) -> None:
    """The fixture itself: another test would be worth nothing without it."""
    reach = "import socket,sys; socket.create_connection((sys.argv[1], 22), 3).close()"
    async with connected(inventory, ["fleet1", "fleet2"]) as hosts:
        done = await hosts["fleet1"].run(["python3", "-c", reach, two_hosts["fleet2"].address])
        assert done.ok, done.err
        names = {
            (await each.docker("info", "--format", "{{.ID}} {{.Name}} {{.Driver}}")).out for each in hosts.values()
        }
    assert len(names) == 2
    assert {line.split()[2] for line in names} == {"overlay2"}


async def test_words_arrive_as_they_are(fleet1: Remote) -> None:
    """No shell of ours reads them: a name with a quote or a `$` is a name."""
    words = ["a b", "it's", "$HOME", "`id`", "*", "", "é\n"]
    done = await fleet1.run(["printf", "%s|", *words])
    assert done.out == "|".join(words) + "|"


async def test_a_file_is_put_in_place_whole_with_its_mode(fleet1: Remote) -> None:
    path = "/srv/vox/secrets.env"
    assert await fleet1.read(path) is None
    await fleet1.write(path, "A=1\n", 0o600)
    await fleet1.write(path, b"A=2\n\x00\xff", 0o600)
    assert await fleet1.read(path) == b"A=2\n\x00\xff"
    assert (await fleet1.run(["stat", "-c", "%a %U", path])).out.strip() == "600 vox"
    assert (await fleet1.run(["sh", "-c", "ls /srv/vox"])).out.split() == ["secrets.env"]
    await fleet1.run(["rm", path])


async def test_what_a_command_does_not_read_and_what_is_empty_hold_nobody_up(fleet1: Remote) -> None:
    assert (await fleet1.run(["sh", "-c", "exit 7"], stdin=b"x" * 3_000_000)).code == 7
    assert (await fleet1.run(["cat"])).out == ""
    await fleet1.write("/srv/vox/empty", b"")
    assert await fleet1.read("/srv/vox/empty") == b""
    await fleet1.run(["rm", "/srv/vox/empty"])


async def test_what_the_user_may_not_is_said_with_the_hosts_words(fleet1: Remote) -> None:
    with pytest.raises(RemoteFailed, match=r"fleet1: /etc/passwd.new cannot be written: .*Permission denied"):
        await fleet1.write("/etc/passwd.new", "x")


async def test_thirty_commands_at_once_all_run_on_one_connection(fleet1: Remote) -> None:
    """sshd takes ten sessions on a connection and refuses the next."""
    done = await asyncio.gather(*(fleet1.run(["echo", str(number)]) for number in range(30)))
    assert [int(each.out) for each in done] == list(range(30))


async def test_a_command_without_an_end_is_given_up_in_time_and_the_next_one_has_its_turn(fleet1: Remote) -> None:
    """sshd closes a session when its program has ended, so whoever waits for that waits for the program."""
    async with asyncio.timeout(15):
        with pytest.raises(HostAway, match=r"fleet1: `sleep 60` had no end within 1 s"):
            await fleet1.run(["sleep", "60"], timeout_s=1)
        assert (await fleet1.run(["echo", "here"])).out == "here\n"


async def test_a_link_that_broke_in_between_is_made_anew(fleet1: Remote, machine: Machine) -> None:
    assert (await fleet1.run(["true"])).ok
    machine.cut_ssh()
    assert (await fleet1.run(["echo", "back"], repeat=True)).out == "back\n"


async def test_a_command_that_was_cut_in_the_middle_is_not_given_again(fleet1: Remote, machine: Machine) -> None:
    """It may have had its effect: once it stands in the file, or not at all, never twice."""
    slow = fleet1.run(["sh", "-c", "echo begun >>/srv/vox/log; sleep 30"])
    running = asyncio.create_task(slow)
    while await fleet1.read("/srv/vox/log") is None:
        await asyncio.sleep(0.05)
    machine.cut_ssh()
    with pytest.raises(LinkLost, match="nobody knows whether it ran"):
        await running
    assert await fleet1.read("/srv/vox/log") == b"begun\n"
    await fleet1.run(["rm", "/srv/vox/log"])


async def test_half_of_what_was_sent_is_never_put_in_place(fleet1: Remote, machine: Machine) -> None:
    """A link that breaks looks like the end of the input."""
    await fleet1.write("/srv/vox/whole", "before")
    sending = asyncio.create_task(fleet1.append("/srv/vox/whole", b"x" * 300_000_000))
    while not (await fleet1.run(["sh", "-c", "ls /tmp/tmp.* 2>/dev/null"])).out:
        await asyncio.sleep(0.02)
    machine.cut_ssh()
    with pytest.raises(LinkLost):
        await sending
    while (await fleet1.run(["sh", "-c", "ls /tmp/tmp.* 2>/dev/null"])).out:
        await asyncio.sleep(0.05)
    assert await fleet1.read("/srv/vox/whole") == b"before"
    await fleet1.run(["rm", "/srv/vox/whole"])


async def test_a_host_whose_network_is_gone_is_named_with_the_others(
    two_hosts: Lab, inventory: Inventory, machine: Machine
) -> None:
    machine.unplug()
    inventory.ssh.connect_timeout = 2
    with pytest.raises(HostAway, match=r"fleet1 \(10.89.\d+.11\) gives no answer within 2 s|cannot be reached by SSH"):
        async with connected(inventory, ["fleet1", "fleet2"]):
            pass


async def test_a_host_with_another_key_is_not_spoken_to(two_hosts: Lab, inventory: Inventory, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    lines = two_hosts.known_hosts.read_text().splitlines()
    keys = [line.split(" ", 1) for line in lines]
    other.write_text(f"{keys[0][0]} {keys[1][1]}\n")
    inventory.ssh.known_hosts = other
    with pytest.raises(HostAway, match=r"fleet1 .* shows another key than the one in .*ssh-keygen -f"):
        await Remote(inventory, "fleet1").connection()
    with pytest.raises(HostAway, match=r"fleet2 .* is not in .*compare its key on its console, then ssh-keyscan"):
        await Remote(inventory, "fleet2").connection()


async def test_a_user_who_is_not_let_in_learns_which_key_was_tried(inventory: Inventory, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "stranger")
    )
    await process.wait()
    inventory.ssh.key = tmp_path / "stranger"
    with pytest.raises(CommandError, match=r"does not let vox in: the key .*stranger is not accepted"):
        await Remote(inventory, "fleet1").connection()


async def test_a_key_with_a_passphrase_belongs_into_the_agent(inventory: Inventory, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "ssh-keygen", "-q", "-t", "ed25519", "-N", "passphrase", "-f", str(tmp_path / "locked")
    )
    await process.wait()
    inventory.ssh.key = tmp_path / "locked"
    with pytest.raises(HostAway, match=r"the key .*locked cannot be used .*ssh-add"):
        await Remote(inventory, "fleet1").connection()


async def test_an_address_is_reached_as_the_host_sees_it(fleet1: Remote) -> None:
    """Loopback of the host, by TCP and by a unix socket: nothing of it is open to others."""
    script = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=8099, bind='127.0.0.1')"
    serving = asyncio.create_task(fleet1.run(["timeout", "20", "python3", "-c", script]))
    async with fleet1.http("http://127.0.0.1:8099") as client:
        for _ in range(100):
            try:
                answer = await client.get("/")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        assert answer.status_code == 200
        assert answer.request.headers["host"] == "127.0.0.1:8099"
    await fleet1.run(["pkill", "-f", "port=8099"])
    await serving
    with pytest.raises(RemoteFailed, match="does not answer"):
        await fleet1.ask("/srv/vox/none.sock", "show info")


async def test_a_host_comes_back_after_its_plug_was_pulled(fleet1: Remote, machine: Machine) -> None:
    await fleet1.write("/srv/vox/kept", "x")
    machine.power_off()
    machine.power_on()
    assert await fleet1.read("/srv/vox/kept") == b"x"
    await fleet1.run(["rm", "/srv/vox/kept"])
