"""`vox images`: build the container images, bring releases into a registry, and say what is where."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators
from rich.table import Table

from voxctl.checkout import checkout
from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.deploy.hooks import FolderHooks
from voxctl.deploy.lock import Owner, actor, hold
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.remote import connected
from voxctl.images.build import build as build_images
from voxctl.images.build import images as all_images
from voxctl.images.build import make_bases, name_of, read_sbom, release, require_engine
from voxctl.images.credentials import credentials_for
from voxctl.images.facts import RELEASED, AtEngine, AtRegistry, image_source
from voxctl.images.hosts import HostImages, images_on, remove
from voxctl.images.listing import Listed, listed
from voxctl.images.pin import Pin
from voxctl.images.pin import pin as pin_file
from voxctl.images.platforms import require_platform
from voxctl.images.push import Pushed
from voxctl.images.push import push as push_release
from voxctl.images.registry import ImageMissing
from voxctl.images.retention import AT_LEAST, DAYS, Gone, OnHost, to_remove, to_remove_on_host
from voxctl.images.selftest import self_test
from voxctl.images.tags import DIRTY, is_release
from voxctl.images.verify import Finding, is_sound
from voxctl.images.verify import verify as compare
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, EXIT_USAGE, CommandError, Output, escape
from voxctl.settings import ImageSettings

images = App(name="images", help="Build the container images, bring releases into a registry, say what is where.")
Yes = Annotated[bool, Parameter(negative=(), help="Do it; without this the command says what it would do.")]
Whole = Annotated[int, Parameter(validator=validators.Number(gte=1))]


@images.command
def build(
    *names: str,
    tag: str | None = None,
    cache: bool = True,
    platform: str = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Build the images of this checkout, all or those named. `make images` fetches their wheels first.

    With an inventory here its hooks `pre-build` and `post-build` are run.

    Parameters
    ----------
    names
        Images to build: voxbridge, voxcore, ... Default: all.
    tag
        Release tag. Default: VOX_TAG.
    cache
        Reuse layers of former builds.
    platform
        For hosts with another processor than this machine: linux/amd64 or linux/arm64. Default: the engine's own.
    """
    output = Output(as_json=json)
    settings = ImageSettings.load()
    hooks = build_hooks(inventory, env, output)
    build_release(output, settings, tag or settings.vox_tag, names, cache=cache, platform=platform, hooks=hooks)
    return EXIT_DONE


def build_hooks(inventory: Path, env: str, output: Output) -> FolderHooks:
    """Those of the inventory; none where no inventory lies, since nothing but a deploy needs one."""
    if inventory == DEPLOY_YML and not env and not inventory.is_file():
        return FolderHooks(None)
    known = load_inventory(inventory, env)
    hooks = FolderHooks(known.hooks, env=known.env, actor=actor(), tell=output.emit)
    hooks.check()
    return hooks


def build_release(
    output: Output,
    settings: ImageSettings,
    tag: str,
    names: Sequence[str] = (),
    *,
    cache: bool = True,
    platform: str = "",
    hooks: FolderHooks,
) -> None:
    """Build, and show each image; one of a release must pass its self-test. Raises: CommandError."""
    root = checkout()
    chosen = all_images(root, standins=settings.vox_standins)
    if unknown := set(names) - {image.name for image in chosen}:
        known = ", ".join(image.name for image in chosen)
        raise CommandError(f"no image {', '.join(sorted(unknown))}; there are: {known}", exit_code=EXIT_USAGE)
    require_engine()
    if platform:
        require_platform(root, platform, standins=settings.vox_standins)
    made = release(root, tag)
    if settings.vox_standins:
        make_bases(root)
    wanted = [image for image in chosen if not names or image.name in names]
    hooks.tag = tag
    asyncio.run(hooks.run("pre-build"))
    for one in build_images(wanted, made, standins=settings.vox_standins, cache=cache, platform=platform):
        if one.left_out:
            output.emit("image.left_out", f"[dim]- {one.name}: left out, {escape(one.left_out)}[/]", **vars(one))
            continue
        # Images of this machine are started a moment later anyway.
        if is_release(tag) or DIRTY.fullmatch(tag):
            self_test(one)
        text = f"{one.megabytes:.0f} MB, {one.own_megabytes:.0f} MB above its base, {one.seconds:.1f} s"
        output.emit("image.built", f"[green]✓[/] {one.tag}  [dim]{text}[/]", **vars(one))
    asyncio.run(hooks.run("post-build"))


@images.command
def sbom(name: str, *, tag: str | None = None) -> int:
    """Print the list of packages of an image (CycloneDX JSON).

    Parameters
    ----------
    name
        Image: voxbridge, voxcore, ...
    tag
        Release tag. Default: VOX_TAG.
    """
    require_engine()
    print(read_sbom(name_of(name, tag or ImageSettings.load().vox_tag)))
    return EXIT_DONE


@images.command
def push(tag: str | None = None, /, *, json: Json = False) -> int:
    """Bring all images of a release into the registry, or none. A tag that is there keeps what it stands for.

    Parameters
    ----------
    tag
        Release, like 2026.02.05-2, or dev-<sha>-dirty. Default: VOX_TAG.
    """
    output, settings = Output(as_json=json), ImageSettings.load()
    require_engine()
    asyncio.run(pushed(output, settings, tag or settings.vox_tag))
    return EXIT_DONE


async def pushed(output: Output, settings: ImageSettings, tag: str) -> None:
    """Push, and show each image. Raises: CommandError."""

    def tell(one: Pushed) -> None:
        how = "was there" if one.was_there else "uploaded"
        output.emit("image.pushed", f"[green]✓[/] {one.ref}  [dim]{how}, {one.digest}[/]", **vars(one))

    async with image_source(settings.vox_registry, settings) as source:
        at = _registry(source)
        known = credentials_for(at.registry.registry, settings)
        done = await push_release(at, RELEASED, tag, known, tell)
    output.emit("release.pushed", f"{tag}: all {len(done)} images are in the registry", tag=tag)


@images.command(name="list")
def list_(
    *,
    limit: Whole = 20,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """List the releases in the registry, newest first: commit, date, and where they run.

    Without VOX_REGISTRY those of this machine's engine. Hosts are asked when there is an inventory.

    Parameters
    ----------
    limit
        So many releases.
    """
    output = Output(as_json=json)
    known = load_inventory(inventory, env) if env or inventory.exists() else None

    async def look() -> list[Listed]:
        hosts = await images_on(known) if known else []
        prefix = known.registry if known and known.registry else ImageSettings.load().vox_registry
        async with image_source(prefix) as source:
            if isinstance(source, AtEngine):
                require_engine()
            pointers = [env] if env else []
            return await listed(source, RELEASED, limit=limit, hosts=hosts, pointers=pointers)

    found = asyncio.run(look())
    table = Table(box=None, pad_edge=False)
    for title in ("release", "commit", "of", "points here", "runs on", ""):
        table.add_column(title)
    for each in found:
        runs = ", ".join(f"{host} ×{count}" for host, count in each.running.items())
        lacks = f"[red]without {', '.join(each.missing)}[/]" if each.missing else ""
        short = each.revision[:12] + ("-dirty" if each.revision.endswith("-dirty") else "")
        table.add_row(each.tag, short, each.created[:16].replace("T", " "), ", ".join(each.pointers), runs, lacks)
        output.emit("image.listed", None, **vars(each))
    output.emit("images.listed", table if found else "No releases yet: vox release", releases=len(found))
    return EXIT_DONE


@images.command
def verify(*, inventory: InventoryFile = DEPLOY_YML, env: Env = "", json: Json = False) -> int:
    """Compare what hosts run, and would start next, with the registry. Ends with 1 when something differs."""
    output, known = Output(as_json=json), load_inventory(inventory, env)

    async def look() -> list[Finding]:
        hosts = await images_on(known)
        async with image_source(known.registry) as source:
            return await compare(_registry(source), known.image, hosts)

    findings = asyncio.run(look())
    for each in findings:
        sign = "[red]✗[/]" if each.wrong else "[green]✓[/]"
        wrong = f"  {escape(each.wrong)}" if each.wrong else ""
        output.emit("image.verified", f"{sign} {each.host} {each.what}  [dim]{each.tag}[/]{wrong}", **vars(each))
    return EXIT_DONE if is_sound(findings) else EXIT_FAILED


@images.command
def pin(*files: Path, tag: str | None = None, json: Json = False) -> int:
    """Write digests into values files, after each tag of an image of ours; comments stay.

    Parameters
    ----------
    files
        YAML files with images as text, or as a map of repository, tag and digest.
    tag
        Go to this release. Default: the tag that stands there.
    """
    if not files:
        raise CommandError("name a values file: vox images pin values.yaml", exit_code=EXIT_USAGE)
    output, settings = Output(as_json=json), ImageSettings.load()

    async def write() -> list[tuple[Path, Pin]]:
        async with image_source(settings.vox_registry, settings) as source:
            at = _registry(source)
            return [(file, each) for file in files for each in await pin_file(at, file, tag)]

    for file, each in asyncio.run(write()):
        same = each.before == each.after
        text = f"[dim]{file} {each.where}: stays[/]" if same else f"{file} {each.where}: {each.after}"
        output.emit("image.pinned", text, file=str(file), **vars(each))
    return EXIT_DONE


@images.command
def gc(
    *,
    days: Whole = DAYS,
    at_least: Whole = AT_LEAST,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Remove old releases from the registry, and from hosts all but their last keep_images. What a seat runs stays.

    Parameters
    ----------
    days
        The registry keeps releases of so many days ...
    at_least
        ... and at least so many of them.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    return asyncio.run(_collected_alone(output, known, days=days, at_least=at_least, yes=yes))


async def _collected_alone(output: Output, known: Inventory, *, days: int, at_least: int, yes: bool) -> int:
    """No deploy runs meanwhile: what it is about to start is used by nobody yet."""
    if not yes:
        return await _collected(output, known, days=days, at_least=at_least, yes=False)
    async with connected(known, [known.lock_host]) as remotes:
        owner = Owner.now(what="vox images gc", env=known.env)
        async with hold(remotes[known.lock_host], owner):
            return await _collected(output, known, days=days, at_least=at_least, yes=True)


async def _collected(output: Output, known: Inventory, *, days: int, at_least: int, yes: bool) -> int:
    """Every host is asked first: nothing is removed while one is away that may run it."""
    hosts = await images_on(known)
    refused = await _clean_hosts(output, known, hosts, yes=yes)
    if not known.registry:
        return EXIT_FAILED if refused else EXIT_DONE
    used = {needed for host in hosts for needed in host.needed()}
    used |= {image.tag for host in hosts for image in host.images if image not in _old(known, host)}
    today = datetime.datetime.now(datetime.UTC).date()
    async with image_source(known.registry) as source:
        at = _registry(source)
        plans: dict[str, list[Gone]] = {}
        for name in RELEASED:
            digests: dict[str, str] = {}
            for tag in await at.tags(name):
                try:
                    digests[tag] = await at.registry.resolve(at.ref(name, tag))
                except ImageMissing:
                    continue
            plans[name] = to_remove(digests, today=today, used=used, days=days, at_least=at_least)
        for name, plan in plans.items():
            for gone in plan:
                if yes:
                    await at.registry.delete(at.ref(name, gone.tags[0]).pinned(gone.digest))
                _told(output, yes, "registry", f"{name} {', '.join(gone.tags)}", digest=gone.digest)
    if not yes:
        output.emit("hint", "[dim]Nothing was removed; --yes does it.[/]")
    return EXIT_FAILED if refused else EXIT_DONE


def _old(known: Inventory, host: HostImages) -> list[OnHost]:
    return to_remove_on_host(host.images, keep=known.keep_images, used=host.needed())


async def _clean_hosts(output: Output, known: Inventory, hosts: Sequence[HostImages], *, yes: bool) -> list[str]:
    refused: list[str] = []
    async with connected(known, [host.host for host in hosts]) as remotes:
        for host in hosts:
            gone = _old(known, host)
            if yes:
                refused += [f"{host.host}: {why}" for why in await remove(remotes[host.host], gone)]
            for image in gone:
                _told(output, yes, host.host, f"{image.name}:{image.tag}")
    for why in refused:
        output.emit("image.kept", f"[yellow]kept[/]  {escape(why)}", why=why)
    return refused


def _told(output: Output, yes: bool, where: str, what: str, **facts: str) -> None:
    word = "removed" if yes else "would remove"
    output.emit(
        "image.removed" if yes else "image.removable", f"{word}  {where}  {what}", where=where, what=what, **facts
    )


def _registry(source: AtRegistry | AtEngine) -> AtRegistry:
    if isinstance(source, AtEngine):
        raise CommandError(
            "there is no image registry: set VOX_REGISTRY, or `registry` in deploy.yml. Without one `vox deploy` "
            "ships the images of this machine",
            exit_code=EXIT_PREFLIGHT,
        )
    return source
