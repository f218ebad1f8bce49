"""`vox ingress` on a running balancer: members come and go without a reload, and what does not work is taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from voxctl import audit
from voxctl.balancer.ingress import Ingress
from voxctl.children import free_port
from voxctl.cli import app
from voxctl.output import CommandError
from voxctl.yamlfile import parse, read_yaml

from .harness import RunningBalancer, TalkingCall, fleet_of, hung_up, running_balancer, short_folder, until_up
from .workers import Seats, running_seats

pytestmark = [pytest.mark.ingress]


@dataclass
class IngressHost:
    """A running ingress made from its file, and the two fleet hosts that there are."""

    folder: Path
    lb: RunningBalancer
    fleets: list[RunningBalancer]
    haproxy: list[str]

    async def vox(self, *words: str) -> int:
        """`vox ingress …` on this host. Raises: CommandError."""
        line = ["ingress", *words, "--dir", str(self.folder), "--haproxy", " ".join(self.haproxy)]
        return await asyncio.to_thread(lambda: app(line, result_action="return_value", exit_on_error=False))

    async def refused(self, *words: str) -> CommandError:
        with pytest.raises(CommandError) as caught:
            await self.vox(*words)
        return caught.value

    @property
    def yml(self) -> Path:
        return self.folder / "ingress.yml"

    @property
    def files(self) -> tuple[str, str]:
        return self.yml.read_text(), (self.folder / "haproxy.cfg").read_text()

    def audited(self) -> list[dict[str, Any]]:
        path = self.folder / "audit.jsonl"
        assert audit.broken_at(path) is None
        return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def two_hosts(bridge_port: int, tmp_path_factory: pytest.TempPathFactory):
    """Two hosts of two workers each."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(running_seats(name, 2, tmp_path_factory.mktemp(name), bridge_port))
            for name in ("fleet1", "fleet2")
        ]


@pytest.fixture
async def site(haproxy: list[str], two_hosts: list[Seats]) -> AsyncIterator[IngressHost]:
    """An ingress that knows fleet1 alone; fleet2 runs and waits to be added."""
    with ExitStack() as stack:
        for seats in two_hosts:
            await seats.until_idle()
        fleets = [
            stack.enter_context(running_balancer(haproxy, fleet_of(seats, stack.enter_context(short_folder()))))
            for seats in two_hosts
        ]
        for lb, seats in zip(fleets, two_hosts, strict=True):
            await until_up(lb, "calls", *seats.ids)
        folder = stack.enter_context(short_folder())
        (folder / "run").mkdir()
        (folder / "ingress.yml").write_text(
            f"# our carriers call here\nbrands:\n- name: main\n  hosts: [127.0.0.1]\n  fleets:\n"
            f"  - {{id: fleet1, url: '{fleets[0].url}', seats: 2}}\n"
            f"listen: ['127.0.0.1:{free_port()}']\nprivate: 127.0.0.1:{free_port()}\n"
            f"run_dir: {folder / 'run'}\ntrusted_nets: [127.0.0.0/8]\n"
        )
        model = parse(Ingress, read_yaml(folder / "ingress.yml"), folder)
        lb = stack.enter_context(running_balancer(haproxy, model.balancer, folder / "haproxy.cfg"))
        await until_up(lb, "main", "fleet1")
        yield IngressHost(folder, lb, fleets, haproxy)
    for seats in two_hosts:
        await seats.end_rooms()
        assert seats.doubled() == []


async def test_a_fleet_joins_and_leaves_without_a_reload(site: IngressHost) -> None:
    """G7, section 7 b: the next call follows the change, a live one does not notice, the process stays."""
    before = site.lb.pids()
    live = TalkingCall(await site.lb.ws("/ws/demo")).begin()
    assert await site.vox("add-fleet", "main", "fleet2", site.fleets[1].url, "--seats", "2") == 0
    assert "# our carriers call here" in site.yml.read_text()
    starts = [await site.lb.ws("/ws/demo") for _ in range(3)]
    assert [start.status for start in starts] == [101] * 3
    assert await site.vox("check") == 0

    with_calls = await site.refused("remove-fleet", "main", "fleet2")
    assert "still has" in str(with_calls)
    async with hung_up(*starts):
        pass
    refusals: list[str] = []
    async with asyncio.timeout(10):
        while await asyncio.to_thread(lambda: "fleet2" in site.lb.states("main")):
            try:
                await site.vox("remove-fleet", "main", "fleet2")
            except CommandError as error:
                refusals.append(str(error))
                await asyncio.sleep(0.1)
    assert all("live sockets" in refusal for refusal in refusals)
    assert await site.vox("check") == 0
    await live.hang_up()
    assert (live.broken, live.sent) == ("", live.heard)
    assert site.lb.pids() == before
    actions = [(line["action"], line["result"]) for line in site.audited()]
    assert actions == [("ingress.add_fleet", "done"), ("ingress.remove_fleet", "done")]


async def test_a_fence_finds_a_fleet_that_joined_without_a_reload(site: IngressHost) -> None:
    """G4, G7: before, the seat was of no fleet of ours."""
    assert (await site.lb.ws("/ws/demo", headers={"X-Vox-Worker": "fleet2-1"})).status == 409
    await site.vox("add-fleet", "main", "fleet2", site.fleets[1].url)
    begun = await site.lb.ws("/ws/demo", headers={"X-Vox-Worker": "fleet2-1"})
    async with hung_up(begun):
        assert begun.status == 101


@pytest.mark.parametrize("way", ["socket", "reload"])
async def test_a_fleet_that_does_not_come_up_changes_nothing(
    site: IngressHost, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G7: exit 4, both files and the running state as before."""
    monkeypatch.setattr("voxctl.commands.ingress.UP_WITHIN_S", 3.0)
    before = site.files
    dead = f"http://127.0.0.1:{free_port()}"
    failed = await site.refused("add-fleet", "main", "fleet9", dead, *(["--reload"] if way == "reload" else []))
    assert failed.exit_code == 4
    assert "did not come UP" in str(failed)
    assert site.files == before
    assert set(site.lb.states("main")) == set(site.lb.states("main_targeted")) == {"fleet1"}
    assert await site.vox("check") == 0
    begun = await site.lb.ws("/ws/demo")
    async with hung_up(begun):
        assert begun.taken
    assert site.audited()[-1]["result"] == "reverted"


async def test_a_fleet_joins_by_a_reload_when_asked(site: IngressHost) -> None:
    """G7."""
    live = TalkingCall(await site.lb.ws("/ws/demo")).begin()
    old = site.lb.generations().current
    assert await site.vox("add-fleet", "main", "fleet2", site.fleets[1].url, "--reload") == 0
    assert site.lb.generations().current != old
    await live.hang_up()
    assert (live.broken, live.sent) == ("", live.heard)


async def test_render_reloads_a_changed_file_and_says_when_there_is_nothing_to_do(site: IngressHost) -> None:
    """G6: rendering twice gives the same bytes."""
    assert await site.vox("render") == 0
    first = site.files[1]
    site.yml.write_text(site.yml.read_text().replace("seats: 2", "seats: 1"))
    assert await site.vox("check") == 1
    assert await site.vox("render") == 0
    assert " maxconn 1 " in site.files[1]
    assert (site.folder / "haproxy.cfg.former").read_text() == first
    old = site.lb.generations().current
    assert await site.vox("render") == 0
    assert site.lb.generations().current == old


async def test_a_running_state_that_left_its_file_is_found_and_mended(site: IngressHost) -> None:
    """G7: somebody used the admin socket by hand."""
    site.lb.change("add server main/ghost 127.0.0.1:1")
    assert await site.vox("check") == 1
    assert await site.vox("render") == 0
    assert set(site.lb.states("main")) == {"fleet1"}
    assert await site.vox("check") == 0


async def test_a_reload_that_is_refused_leaves_everything_as_it_was(site: IngressHost) -> None:
    """L14, G7: as many old processes as may be still carry calls."""
    before = site.files
    calls = []
    for _ in range(2):  # this host has two seats, so the limit is two here
        calls.append(TalkingCall(await site.lb.ws("/ws/demo")).begin())
        site.lb.reload()
    old = site.lb.generations()
    monkey = pytest.MonkeyPatch()
    monkey.setattr("voxctl.balancer.sockets.MOST_OLD_GENERATIONS", 2)
    try:
        refused = await site.refused("add-fleet", "main", "fleet2", site.fleets[1].url, "--reload")
    finally:
        monkey.undo()
    assert refused.exit_code == 4
    assert "still carry calls" in str(refused)
    assert site.files == before
    assert site.lb.generations() == old
    for call in calls:
        await call.hang_up()
        assert (call.broken, call.sent) == ("", call.heard)


async def test_a_rendering_that_haproxy_refuses_replaces_nothing(site: IngressHost) -> None:
    """G6: a certificate that is not there."""
    before = site.files
    site.yml.write_text(before[0].replace("hosts: [127.0.0.1]", "hosts: [127.0.0.1]\n  cert: absent.pem"))
    failed = await site.refused("render")
    assert failed.exit_code == 2
    assert "absent.pem" in str(failed)
    assert site.files[1] == before[1]


async def test_a_balancer_that_does_not_answer_afterwards_gets_its_former_file_back(site: IngressHost) -> None:
    """G6: the private side moves to a port that somebody else answers."""
    before = site.files[1]
    model = parse(Ingress, read_yaml(site.yml), site.yml)

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    site.yml.write_text(site.yml.read_text().replace(model.private, f"127.0.0.1:{port}"))
    failed = await site.refused("render")
    server.close()
    assert failed.exit_code == 4
    assert "the former configuration is back" in str(failed)
    assert site.files[1] == before
    begun = await site.lb.ws("/ws/demo")
    async with hung_up(begun):
        assert begun.taken
    assert site.audited()[-1] | {"reason": ""} == site.audited()[-1] | {"reason": "", "result": "reverted"}


async def test_a_file_changed_by_hand_stops_every_command_until_somebody_decides(site: IngressHost) -> None:
    """G9."""
    config = site.folder / "haproxy.cfg"
    config.write_text(config.read_text().replace("retries 1", "retries 2", 1))
    for words in (["check"], ["add-fleet", "main", "fleet2", site.fleets[1].url], ["remove-fleet", "main", "fleet1"]):
        refused = await site.refused(*words)
        assert refused.exit_code == 2
        assert "--adopt" in str(refused)
    assert await site.vox("render", "--adopt") == 0
    assert "retries 2" in config.read_text()
    assert await site.vox("add-fleet", "main", "fleet2", site.fleets[1].url) == 0
