"""Releases in a real registry, pushed by a real engine: whole or not at all, never changed, and found by digest."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from voxctl.images import push as pushing
from voxctl.images.credentials import Credentials
from voxctl.images.facts import AtRegistry, resolve
from voxctl.images.listing import listed
from voxctl.images.pin import pin
from voxctl.images.push import push
from voxctl.images.registry import ImageRegistry, RegistryAway, RegistryRefuses
from voxctl.images.retention import to_remove
from voxctl.images.tags import day_of
from voxctl.output import CommandError

from .registry import NAMES, SHA, TOKEN, USER, RegistryServer, Shop, image_registry

pytestmark = [pytest.mark.deploy]

FIRST, SECOND = "2026.02.03-1", "2026.02.05-2"


@pytest.fixture
def server(docker_engine: None, tmp_path: Path) -> Iterator[RegistryServer]:
    with image_registry(tmp_path) as running:
        yield running


@pytest.fixture
def shop(server: RegistryServer) -> Iterator[Shop]:
    ready = Shop(server.host)
    yield ready
    ready.drop()


@pytest.fixture
async def at(server: RegistryServer):
    async with ImageRegistry(server.host) as client:
        yield AtRegistry(server.host, client)


async def test_a_release_that_was_pushed_is_found_by_digest_and_pulled_by_it(at: AtRegistry, shop: Shop) -> None:
    ids = shop.release(SECOND)
    done = await push(at, NAMES, SECOND, None)
    shop.drop()
    for name, pushed in zip(NAMES, done, strict=True):
        facts = await at.facts(name, SECOND)
        assert (facts.digest, facts.revision, facts.schema_version, facts.schema_min) == (pushed.digest, SHA, 15, 14)
        assert await resolve(f"{shop.host}/vox/{name}:{SECOND}") == facts.digest
        subprocess.run(["docker", "pull", "--quiet", facts.ref], check=True, capture_output=True)
        shop.made.append(ids[name])
        told = json.loads(
            subprocess.run(["docker", "image", "inspect", facts.ref], check=True, capture_output=True).stdout
        )
        assert told[0]["Id"] == ids[name]


async def test_pushing_again_changes_nothing(at: AtRegistry, shop: Shop) -> None:
    shop.release(SECOND)
    first = await push(at, NAMES, SECOND, None)
    again = await push(at, NAMES, SECOND, None)
    assert [each.digest for each in again] == [each.digest for each in first]
    assert all(each.was_there for each in again)


async def test_a_tag_is_never_given_to_another_image_and_the_rest_of_the_release_stays_out(
    at: AtRegistry, shop: Shop
) -> None:
    shop.release(SECOND)
    await push(at, ("voxcore",), SECOND, None)
    before = await at.registry.resolve(at.ref("voxcore", SECOND))
    shop.make("voxcore", SECOND, content="other bytes under the same tag")
    with pytest.raises(CommandError, match=f"vox/voxcore:{SECOND}.*another image of this name"):
        await push(at, NAMES, SECOND, None)
    assert await at.registry.resolve(at.ref("voxcore", SECOND)) == before
    assert await at.tags("voxbridge") == []


async def test_a_push_that_breaks_off_gives_the_tag_to_no_image_and_the_next_one_finishes(
    at: AtRegistry, shop: Shop, server: RegistryServer
) -> None:
    shop.release(SECOND)

    def away(_: pushing.Pushed) -> None:
        server.stop()

    with pytest.raises(CommandError):
        await push(at, NAMES, SECOND, None, away)
    server.start()
    assert SECOND not in [*await at.tags("voxcore"), *await at.tags("voxbridge")]
    await push(at, NAMES, SECOND, None)
    for name in NAMES:
        assert SECOND in await at.tags(name)


@pytest.mark.parametrize(
    ("tag", "wrong", "says"),
    [
        ("dev", {}, "is no tag of a release"),
        (SECOND, {"revision": SHA + "-dirty"}, "changes that no commit has"),
        (SECOND, {"version": FIRST}, f"says of itself that it is {FIRST}"),
    ],
)
async def test_what_is_no_release_stays_here(
    at: AtRegistry, shop: Shop, tag: str, wrong: dict[str, str], says: str
) -> None:
    for name in NAMES:
        shop.make(name, tag, **wrong)
    with pytest.raises(CommandError, match=says):
        await push(at, NAMES, tag, None)
    assert await at.tags("voxcore") == []


async def test_images_of_two_commits_are_no_release_and_neither_is_half_of_one(at: AtRegistry, shop: Shop) -> None:
    shop.make("voxcore", SECOND)
    with pytest.raises(CommandError, match=f"not on this machine: .*/vox/voxbridge:{SECOND}"):
        await push(at, NAMES, SECOND, None)
    shop.make("voxbridge", SECOND, revision="a41c9e0" + "0" * 33)
    with pytest.raises(CommandError, match="of several commits"):
        await push(at, NAMES, SECOND, None)


async def test_a_registry_with_a_password_takes_ours_and_says_what_to_do_without(
    docker_engine: None, tmp_path: Path
) -> None:
    with image_registry(tmp_path, password=True) as server:
        shop = Shop(server.host)
        shop.release(SECOND)
        try:
            known = Credentials(USER, TOKEN)
            async with ImageRegistry(server.host, known) as client:
                done = await push(AtRegistry(server.host, client), NAMES, SECOND, known)
                assert await client.resolve(AtRegistry(server.host, client).ref("voxcore", SECOND)) == done[0].digest
            async with ImageRegistry(server.host) as stranger:
                with pytest.raises(RegistryRefuses, match="VOX_REGISTRY_TOKEN"):
                    await AtRegistry(server.host, stranger).facts("voxcore", SECOND)
        finally:
            shop.drop()


async def test_releases_are_listed_newest_first_with_what_points_at_them(at: AtRegistry, shop: Shop) -> None:
    for tag in (FIRST, SECOND):
        shop.release(tag)
    await push(at, NAMES, FIRST, None)
    await push(at, NAMES, SECOND, None)
    await at.point(FIRST, "production", NAMES)
    await at.point(SECOND, "staging", NAMES)
    found = await listed(at, (*NAMES, "voxui"), limit=5)
    assert [(each.tag, each.pointers, each.missing) for each in found] == [
        (SECOND, ("staging",), ("voxui",)),
        (FIRST, ("production",), ("voxui",)),
    ]
    assert {each.revision for each in found} == {SHA}
    await at.point(SECOND, "production", NAMES)
    assert [each.pointers for each in await listed(at, NAMES, limit=1)] == [("staging", "production")]


async def test_a_removed_release_is_gone_and_what_is_used_stays(at: AtRegistry, shop: Shop) -> None:
    for tag in (FIRST, SECOND):
        shop.release(tag)
        await push(at, NAMES, tag, None)
    digests = {tag: await at.registry.resolve(at.ref("voxcore", tag)) for tag in await at.tags("voxcore")}
    long_after = day_of(SECOND).replace(year=2027)
    assert not to_remove(digests, today=long_after, used={FIRST}, at_least=1)
    for gone in to_remove(digests, today=long_after, used=(), at_least=1):
        await at.registry.delete(at.ref("voxcore", gone.tags[0]).pinned(gone.digest))
    assert FIRST not in await at.tags("voxcore")
    assert SECOND in await at.tags("voxcore")


async def test_values_files_are_pinned_and_keep_their_comments(at: AtRegistry, shop: Shop, tmp_path: Path) -> None:
    shop.release(SECOND)
    await push(at, NAMES, SECOND, None)
    file = tmp_path / "values.yaml"
    file.write_text(
        f"# what runs\ncore: {shop.host}/vox/voxcore:{SECOND} # seats\n"
        f"bridge:\n  image:\n    repository: {shop.host}/vox/voxbridge\n    tag: {FIRST}\nother: haproxy:3.0\n"
    )
    await pin(at, file, SECOND)
    core, bridge = [await at.registry.resolve(at.ref(name, SECOND)) for name in NAMES]
    text = file.read_text()
    assert f"core: {shop.host}/vox/voxcore:{SECOND}@{core} # seats" in text
    assert f"    tag: {SECOND}\n    digest: {bridge}\n" in text
    assert text.startswith("# what runs")
    assert "other: haproxy:3.0" in text
    before = text
    await pin(at, file, None)
    assert file.read_text() == before


async def test_a_registry_that_is_away_is_said_at_once(at: AtRegistry, server: RegistryServer) -> None:
    server.stop()
    async with asyncio.timeout(10):
        with pytest.raises(RegistryAway, match=f"{server.host} gives no answer"):
            await at.facts("voxcore", SECOND)
