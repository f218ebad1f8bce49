"""`vox secrets rotate` on real hosts: everything is made anew three times, and nobody who uses it notices."""

from __future__ import annotations

import asyncio

import pytest
from voxkit.secrets import split_secrets

from .users import users_of
from .village import SECRET, Village

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1800), pytest.mark.full]

NEW = "rotated-test-secret-0123456789abcdefghijk"
PLACES = ("vox-one-voxregistry-a-1", "vox-one-voxbridge-a-1", "vox-one-voxbridge-b-1", "vox-one-seat-01-1")


def told(village: Village, container: str) -> tuple[str, ...]:
    """What a container was told, as its engine has it."""
    lines = village.lab["one"].docker("inspect", "--format", "{{json .Config.Env}}", container)
    (value,) = [word for word in lines.split('"') if word.startswith("VOXCORE_SECRET=")]
    return split_secrets(value.partition("=")[2])


async def test_a_new_secret_comes_into_use_and_nobody_is_refused(village: Village) -> None:
    (tag,) = set((await village.tags()).values())
    assert told(village, PLACES[0]) == (SECRET,)
    file = village.folder / "secrets.env"
    file.write_text(file.read_text().replace(SECRET, NEW))
    async with users_of(village, fleet=False):
        ran = await asyncio.to_thread(village.vox, "secrets", "rotate", "VOXCORE_SECRET", timeout_s=1500)
        assert ran.code == 0, ran.text[-3000:]
    assert [each["round"] for each in ran.all("secrets.round")] == [1, 2, 3]
    assert SECRET not in ran.text
    assert NEW not in ran.text
    village.secret = NEW
    assert await village.at_rest(tag) == []
    assert {told(village, place) for place in PLACES} == {(NEW,)}
    book = (await asyncio.to_thread(village.vox, "audit")).text
    assert SECRET not in book
    assert NEW not in book
    again = await asyncio.to_thread(village.vox, "secrets", "rotate", "VOXCORE_SECRET")
    assert again.code == 2
    assert "put a new one there" in again.text
