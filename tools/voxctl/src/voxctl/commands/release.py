"""`vox release`: tested, built, pushed and named, or nothing of it."""

from __future__ import annotations

import asyncio
import datetime
import subprocess
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from voxctl.checkout import checkout
from voxctl.commands.images import build_hooks, build_release, pushed
from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.images.build import git, require_engine
from voxctl.images.facts import RELEASED, image_source
from voxctl.images.notes import PREFIX, commits_since, last_before, notes, released
from voxctl.images.tags import is_release, next_tag
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, EXIT_USAGE, CommandError, Output, escape
from voxctl.settings import ImageSettings

TESTS = "make test"


def release(
    tag: str = "",
    /,
    *,
    tests: Annotated[str, Parameter(help="Command that must end with 0 first.")] = TESTS,
    dry_run: Annotated[bool, Parameter(negative=(), help="Say tag and notes, and do nothing.")] = False,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Make a release of this commit: run the tests, build all images, push them, tag the commit with its notes.

    The order is the promise: git has the tag only when every image is in the registry. Without VOX_REGISTRY the images
    stay on this machine. The tag itself is not pushed: `git push origin v<tag>`.

    Parameters
    ----------
    tag
        Release, like 2026.02.05-2. Default: the next one of today (UTC).
    """
    output, settings, root = Output(as_json=json), ImageSettings.load(), checkout()
    hooks = build_hooks(inventory, env, output)
    if tag and not is_release(tag):
        raise CommandError(f"{tag} is no tag of a release: they are like 2026.02.05-2", exit_code=EXIT_USAGE)
    if changes := git(root, "status", "--porcelain"):
        raise CommandError(
            "the tree has changes that no commit has: commit or remove them\n" + "\n".join(changes.splitlines()[:10]),
            exit_code=EXIT_PREFLIGHT,
        )
    taken = [*released(root), *asyncio.run(_tags_there(settings))]
    today = datetime.datetime.now(datetime.UTC).date()
    chosen = tag or next_tag(taken, today)
    if chosen in taken:
        raise CommandError(f"{chosen} is taken: a release never changes. The next one is {next_tag(taken, today)}")
    former = last_before(root)
    text = notes(chosen, former, commits_since(root, former))
    output.emit("release.notes", escape(text), tag=chosen, former=former, notes=text)
    if dry_run:
        return EXIT_DONE
    require_engine()
    _run_tests(root, tests)
    build_release(output, settings, chosen, hooks=hooks)
    if settings.vox_registry:
        asyncio.run(pushed(output, settings, chosen))
    _tag(root, chosen, text)
    output.emit(
        "release.done", f"[green]{chosen}[/]  git push origin {PREFIX}{chosen}; vox deploy {chosen}", tag=chosen
    )
    return EXIT_DONE


async def _tags_there(settings: ImageSettings) -> list[str]:
    """Releases that the registry has for any image; without one, those of the engine here."""
    if not settings.vox_registry:
        require_engine()
    async with image_source(settings.vox_registry, settings) as source:
        return [tag for name in RELEASED for tag in await source.tags(name) if is_release(tag)]


def _run_tests(root: Path, command: str) -> None:
    """Raises: CommandError: they fail."""
    done = subprocess.run(["bash", "-c", command], cwd=root, check=False)
    if done.returncode:
        raise CommandError(f"no release: `{command}` ended with {done.returncode}")


def _tag(root: Path, tag: str, text: str) -> None:
    """An annotated tag with the notes as they are: lines with # are no comments."""
    done = subprocess.run(
        ["git", "tag", "--annotate", "--cleanup=verbatim", "--file=-", f"{PREFIX}{tag}"],
        cwd=root,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"the images are there, but git does not take the tag {PREFIX}{tag}: {done.stderr.strip()}")
