"""What goes wrong around a deploy on real hosts: a full disk, lost connections, a registry that is away.

Each time: no seat in limbo, `vox status` tells the truth, and running it again finishes the work. Only seats are
deployed here (`--service voxcore`), so that each test is a minute; whoever is lost is `two`, the lock stands on `one`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from voxctl.deploy import preflight, rollout
from voxctl.deploy.outcome import Outcome
from voxctl.deploy.run import Wanted, deploy
from voxctl.deploy.site import opened
from voxctl.deploy.view import View
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.rendering import render_host
from voxctl.images.facts import image_source
from voxctl.output import CommandError, Output
from voxctl.settings import ImageSettings, VoxctlSettings

from .town import Ran
from .village import Village

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1200), pytest.mark.full]

SEATS_ALONE = "voxcore"
FAT = "RUN head -c 200000000 /dev/urandom >/tmp/fat"
"""A layer that no disk with less than 200 MB takes."""
HEARD_WITHIN_S = 30.0
WAITED_FOR_S = 8.0
"""In place of two minutes, for which a host that gives no answer is waited for."""


class Watched(View):
    """Does something at the first event of this kind that concerns a seat, in the middle of the deploy."""

    def __init__(self, event: str, seat: str, deed: Callable[[], None]) -> None:
        super().__init__(Output(as_json=True))
        self._moment, self._deed = (event, seat), deed
        self.seen: list[str] = []

    def say(self, event: str, text: str | None = None, /, **data: Any) -> None:
        super().say(event, text, **data)
        self.seen.append(event)
        if (event, data.get("seat")) == self._moment:
            self._moment = ("", "")
            self._deed()

    @property
    def done(self) -> bool:
        return self._moment == ("", "")


async def deployed(village: Village, tag: str, view: Watched, service: str = SEATS_ALONE) -> Outcome:
    """A deploy by this process."""
    settings = VoxctlSettings.load(voxcore_secret=village.secret, vox_data_dir=str(village.folder / "data"))
    images = ImageSettings.load(vox_registry_plain=True)
    inventory = village.inventory
    async with (
        opened(inventory, settings, tell=view.say) as site,
        image_source(inventory.registry, images) as source,
    ):
        return await deploy(site, source, Wanted(tag=tag, service=service), view)


async def vox(village: Village, *words: str) -> Ran:
    return await asyncio.to_thread(village.vox, *words)


@asynccontextmanager
async def in_the_end(village: Village, tag: str) -> AsyncIterator[None]:
    """After the block every seat runs this tag and takes calls, and nothing is in hand."""
    yield
    deadline = time.monotonic() + HEARD_WITHIN_S
    while True:
        (said,) = (await vox(village, "status")).all("status")
        closed = [each["id"] for each in said["seats"] if each["closed"] or each["draining"] or not each["registered"]]
        tags = sorted({seat["tag"] for seat in said["seats"]})
        found = (said["unfinished"], said["lock"], said["drains"], tags, closed, said["away"])
        if found == (None, None, [], [tag], [], {}):
            return
        # A registry that was replaced as well hears of its seats from them.
        assert time.monotonic() < deadline, found


async def seats_of(village: Village) -> str:
    (tag,) = {tag for id, tag in (await village.tags()).items() if id.startswith(("one-", "two-"))}
    return tag


async def test_a_disk_that_is_full_while_an_image_is_pulled_keeps_everything_as_it_is(village: Village) -> None:
    present, tag = await seats_of(village), village.build(30, {"voxcore": FAT})
    async with in_the_end(village, present):
        village.lab["two"].fill_disk(60)
        try:
            ran = await vox(village, "deploy", tag, "--service", SEATS_ALONE, "--yes")
        finally:
            village.lab["two"].free_disk()
        assert ran.code == 2, ran.text[-2000:]
        assert "two" in ran.text
        assert "no space left" in ran.text.lower()
        assert "Traceback" not in ran.text
    async with in_the_end(village, tag):
        ran = await vox(village, "deploy", tag, "--service", SEATS_ALONE, "--yes")
        assert ran.code == 0, ran.text[-2000:]


async def test_a_disk_that_fills_up_in_the_middle_takes_everything_back_and_says_why(village: Village) -> None:
    """Docker cannot make the new container; the former one is there still, or is made again as soon as it can be.

    A host's trouble is not the release's: it is deployed again as it is.
    """
    present, tag = await seats_of(village), village.build(31)
    view = Watched("seat.closed", "two-1", village.lab["two"].fill_disk)
    try:
        outcome = await deployed(village, tag, view, "")
    finally:
        village.lab["two"].free_disk()
    assert view.done
    assert outcome.ending == "reverted", outcome
    assert "two-1" in outcome.reason
    assert "does not start: Error response from daemon" in outcome.reason
    assert "two: its disk is full" in outcome.reason
    async with in_the_end(village, present):
        pass
    stopped = (await vox(village, "audit", "--action", "deploy.stop")).all("audit.line")[-1]
    assert (stopped["fault"], stopped["reason"]) == ("host", outcome.reason)
    async with in_the_end(village, tag):
        ran = await vox(village, "deploy", tag, "--yes")
        assert ran.code == 0, ran.text[-2000:]


async def test_connections_that_break_and_a_registry_that_restarts_are_waited_for(village: Village) -> None:
    tag = village.build(32)

    def storm() -> None:
        village.lab["two"].cut_ssh()
        village.lab["one"].docker("restart", "--time", "1", "vox-one-voxregistry-a-1")

    view = Watched("seat.closed", "two-1", storm)
    async with in_the_end(village, tag):
        outcome = await deployed(village, tag, view)
        assert outcome.ending == "done", outcome
        assert view.done


async def test_a_host_that_is_lost_in_the_middle_stops_the_deploy_and_another_run_finishes_it(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "AWAY_S", WAITED_FOR_S)
    tag = village.build(33)
    view = Watched("seat.replaced", "two-1", village.lab["two"].unplug)
    async with in_the_end(village, tag):
        try:
            with pytest.raises(CommandError, match=r"two.*vox deploy --resume"):
                await deployed(village, tag, view)
            assert view.done
            (said,) = (await vox(village, "status")).all("status")
            assert list(said["away"]) == ["two"]
            assert said["unfinished"]["release"]["tag"] == tag
            assert said["lock"] is None
            assert {seat["tag"] for seat in said["seats"] if seat["host"] == "one"} == {tag}
        finally:
            village.lab["two"].plug_in()
        ran = await vox(village, "deploy", "--resume")
        assert ran.code == 0, ran.text[-2000:]


async def test_an_image_registry_that_goes_away_stops_neither_the_deploy_nor_the_way_back(village: Village) -> None:
    """Images are on every host before the first seat is touched; those of former releases stay there."""
    tag, never = village.build(34), village.build(35)
    try:
        view = Watched("seat.closed", "one-1", village.images.stop)
        async with in_the_end(village, tag):
            outcome = await deployed(village, tag, view)
            assert outcome.ending == "done", outcome
            assert view.done
        async with in_the_end(village, tag):
            ran = await vox(village, "deploy", never, "--service", SEATS_ALONE, "--yes")
            assert ran.code == 2, ran.text[-2000:]
            assert "Traceback" not in ran.text
        ran = await vox(village, "rollback", "--yes")
        assert ran.code == 0, ran.text[-2000:]
        async with in_the_end(village, await seats_of(village)):
            assert await seats_of(village) != tag
    finally:
        village.images.start()


async def test_a_rollback_leaves_a_host_that_is_away_says_so_and_takes_it_the_next_time(village: Village) -> None:
    former, tag = await seats_of(village), village.build(36)
    assert (await vox(village, "deploy", tag, "--yes")).code == 0
    async with in_the_end(village, former):
        village.lab["two"].unplug()
        try:
            ran = await vox(village, "rollback", "--to", former, "--bad", "--why", "calls break", "--yes")
            assert ran.code == 5, ran.text[-2000:]
            assert [each["host"] for each in ran.all("rollback.left")] == ["two"]
            assert ran.all("deploy.ended")[0]["left"] == ["two"]
            (said,) = (await vox(village, "status")).all("status")
            assert list(said["away"]) == ["two"]
            assert {seat["tag"] for seat in said["seats"] if seat["host"] == "one"} == {former}
            assert [drain["selector"] for drain in said["drains"]] == [f"tag:{tag}"]
        finally:
            village.lab["two"].plug_in()
        ran = await vox(village, "rollback", "--yes")
        assert ran.code == 0, ran.text[-2000:]
    refused = await vox(village, "deploy", tag, "--yes")
    assert refused.code == 2
    assert "calls break" in refused.text


@pytest.mark.parametrize(
    ("file", "said"), [("haproxy.cfg", "one: HAProxy refuses haproxy.cfg"), ("compose.yaml", "one: Compose refuses")]
)
async def test_files_that_a_host_would_not_read_are_refused_before_anything_is_put_in_place(
    village: Village, monkeypatch: pytest.MonkeyPatch, file: str, said: str
) -> None:
    """They are judged there: by the Compose of the host, and by the HAProxy that runs on it."""
    present, tag = await seats_of(village), village.build(37)
    before = village.lab["one"].sh("sha256sum /opt/vox/*")

    def rendered(inventory: Inventory, name: str) -> dict[str, str]:
        files = render_host(inventory, name)
        return files | {file: files[file] + "\nnonsense: [\n"} if name == "one" else files

    monkeypatch.setattr(preflight, "render_host", rendered)
    async with in_the_end(village, present):
        with pytest.raises(CommandError, match=said) as refused:
            await deployed(village, tag, Watched("", "", lambda: None))
        assert refused.value.exit_code == 2
    assert village.lab["one"].sh("sha256sum /opt/vox/*") == before
