"""Write digests into values files: `registry/vox/voxcore:2026.02.05-2` becomes `…:2026.02.05-2@sha256:…`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxctl.images.facts import AtRegistry
from voxctl.images.reference import Reference
from voxctl.output import EXIT_USAGE, CommandError
from voxctl.yamlfile import dump_yaml, read_yaml


@dataclass(frozen=True)
class Pin:
    """One place in a file: the path of keys to it, and what stands there before and after."""

    where: str
    before: str
    after: str


async def pin(at: AtRegistry, file: Path, tag: str | None) -> list[Pin]:
    """Pin every image of ours in a YAML file; comments and order stay. `tag`: go to this release; None: keep tags.

    Two shapes are known: a text that is an image, and a map with `repository` and `tag` (values of a chart), which is
    given `digest`. Raises: CommandError: no image of ours stands there, or the registry has not what is named.
    """
    document = read_yaml(file)
    pins: list[Pin] = []
    for where, holder, key in list(_places(document)):
        if key == "repository":
            made = await _pin_map(at, holder, tag)
        else:
            made = await _pin_text(at, holder, key, tag)
        if made:
            pins.append(Pin(where, *made))
    if not pins:
        raise CommandError(f"{file} names no image of {at.prefix}/vox with a tag", exit_code=EXIT_USAGE)
    if any(each.before != each.after for each in pins):
        await asyncio.to_thread(file.write_text, dump_yaml(document))
    return pins


def _places(node: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, the map or list, key in it) of every text, and of `repository` for a map that has a tag beside it."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        where = f"{path}.{key}" if path else str(key)
        if isinstance(value, str):
            if key != "repository" or "tag" in node:
                yield where, node, key
        else:
            yield from _places(value, where)


async def _pin_text(at: AtRegistry, holder: Any, key: Any, tag: str | None) -> tuple[str, str] | None:
    before = str(holder[key])
    if not before.startswith(f"{at.prefix}/vox/"):
        return None
    ref = Reference.parse(before)
    wanted = tag or ref.tag
    if not wanted:
        return before, before
    ref = ref.tagged(wanted)
    holder[key] = f"{ref}@{await at.registry.resolve(ref)}"
    return before, holder[key]


async def _pin_map(at: AtRegistry, holder: Any, tag: str | None) -> tuple[str, str] | None:
    repository = str(holder["repository"])
    if not repository.startswith(f"{at.prefix}/vox/"):
        return None
    ref = Reference.parse(f"{repository}:{tag or holder['tag']}")
    before = f"{repository}:{holder['tag']}" + (f"@{holder['digest']}" if holder.get("digest") else "")
    holder["tag"], holder["digest"] = ref.tag, await at.registry.resolve(ref)
    return before, f"{ref}@{holder['digest']}"
