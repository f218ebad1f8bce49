"""Everything that can be found out before the first change: what is missing is named, and nothing is touched.

Images are brought to the hosts here too: a registry that goes away later stops no roll-out and no rollback.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable
from contextlib import suppress

import httpx
from prometheus_client.parser import text_string_to_metric_families

from voxctl.deploy.containers import HostContainers
from voxctl.deploy.plan import schema_fits
from voxctl.deploy.site import Site, patiently
from voxctl.deploy.world import Release
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import PRIVATE_PORT, PROJECT_DIR, SEATS_ENV, TLS_DIR
from voxctl.hosts.remote import Remote
from voxctl.hosts.rendering import render_host
from voxctl.hosts.replicas import KINDS
from voxctl.images.facts import ImageSource
from voxctl.output import EXIT_PREFLIGHT, CommandError

FREE_GIB = 5
STUCK_S = 60.0
"""Results are delivered within seconds: one that waits for longer waits for somebody who does not answer."""
ANSWER_WITHIN_S = 5.0
COMPOSE, HAPROXY = "compose.yaml", "haproxy.cfg"
DEVELOPMENT = "development"
ROLES_OF = {"voxcore": "fleet", **{name: kind.role for name, kind in KINDS.items() if kind.role != "check"}}
"""Image -> the role whose hosts run it; the ones of role check are no part of a release's roll-out."""


def wanted_images(inventory: Inventory) -> dict[str, list[str]]:
    """Image -> hosts that run it."""
    found = {
        name: [host for host, told in inventory.hosts.items() if role in told.roles] for name, role in ROLES_OF.items()
    }
    return {name: hosts for name, hosts in found.items() if hosts}


async def resolved(inventory: Inventory, source: ImageSource, tag: str) -> Release:
    """The release that a tag names now, each image by its digest. Raises: CommandError: one is missing, or is dirty."""
    found = await asyncio.gather(*(source.facts(name, tag) for name in wanted_images(inventory)))
    revisions = {facts.revision for facts in found if facts.revision}
    if len(revisions) > 1:
        short = ", ".join(f"{facts.name} {facts.revision[:7] or '?'}" for facts in found)
        raise CommandError(
            f"{tag} is no release: its images are of different commits ({short})", exit_code=EXIT_PREFLIGHT
        )
    revision = next(iter(revisions), "")
    if revision.endswith("-dirty") and inventory.env != DEVELOPMENT:
        raise CommandError(
            f"{tag} was built from a tree with changes that no commit has: commit, build and push a release, "
            f"or deploy it with -e {DEVELOPMENT}",
            exit_code=EXIT_PREFLIGHT,
        )
    return Release(
        tag=tag,
        revision=revision,
        refs={facts.name: facts.ref for facts in found},
        schema_version=max((facts.schema_version for facts in found), default=0),
        schema_min=max((facts.schema_min for facts in found), default=0),
    )


async def check(site: Site, release: Release, *, schema: int, hosts: Iterable[str], going_on: bool = False) -> None:
    """Raises: CommandError (exit 2) that names every host that is not ready, and why.

    `going_on`: with a deploy that has seats in hand; what would only make it slow does not keep them closed.
    """
    require_schema(schema, release)
    fleet = await patiently(site.registry.fleet)
    if fleet.status != "ok":
        raise CommandError(
            f"the capacity registry is {fleet.status}: try again in a few seconds", exit_code=EXIT_PREFLIGHT
        )
    names = list(dict.fromkeys(hosts))
    answers = await asyncio.gather(*(_ready(site, site.remotes[name], release, going_on) for name in names))
    if found := [why for each in answers for why in each]:
        raise CommandError("\n".join(found), exit_code=EXIT_PREFLIGHT)


def require_schema(schema: int, release: Release) -> None:
    """Raises: CommandError: the release cannot work on a database of this schema."""
    if not schema_fits(schema, release):
        raise CommandError(
            f"the database has schema {schema}, {release.tag} works with {release.schema_min} to "
            f"{release.schema_version + 1}: deploy a release between them first",
            exit_code=EXIT_PREFLIGHT,
        )


async def bring_all(site: Site, release: Release) -> None:
    """Every image of the release onto the hosts that run it. Raises: CommandError."""
    await asyncio.gather(
        *(
            bring(site, site.remotes[host], release.refs[name])
            for name, hosts in wanted_images(site.inventory).items()
            for host in hosts
            if name in release.refs and host not in site.left
        )
    )


async def _ready(site: Site, remote: Remote, release: Release, going_on: bool) -> list[str]:
    try:
        done = await remote.docker("version", "--format", "{{.Server.Version}}", repeat=True)
        if not done.ok:
            return [f"{remote.name}: Docker does not answer: {done.words}"]
        done = await remote.docker("compose", "version", "--short", repeat=True)
        if not done.ok:
            return [f"{remote.name}: Docker has no compose plugin: install docker-compose-plugin there"]
        for name, hosts in wanted_images(site.inventory).items():
            if remote.name in hosts and name in release.refs:
                await bring(site, remote, release.refs[name])
        done = await remote.run(["df", "--output=avail", "-k", "/var/lib/docker"], repeat=True)
        free_gib = int(done.out.split()[-1]) / 2**20 if done.ok else 0.0
        if free_gib < FREE_GIB:
            return [f"{remote.name}: {free_gib:.1f} GiB free for images, {FREE_GIB} are needed: vox images gc"]
        found = await _files_are_taken(site.inventory, remote)
        return found if going_on else [*found, *await _results_wait(remote)]
    except CommandError as error:
        return [str(error) if str(error).startswith(remote.name) else f"{remote.name}: {error}"]


async def bring(site: Site, remote: Remote, ref: str) -> None:
    """The image onto the host: out of the registry, or through SSH when there is none. Raises: CommandError."""
    if site.inventory.registry:
        await remote.pull(ref)
        return
    here = await asyncio.create_subprocess_exec(
        "docker",
        "image",
        "inspect",
        "--format",
        "{{.Id}}",
        ref,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    ours = (await here.communicate())[0].decode().strip()
    theirs = await remote.docker("image", "inspect", "--format", "{{.Id}}", ref, repeat=True)
    # An image without a registry has a name that may stand for something else there.
    if not theirs.ok or (ours and theirs.out.strip() != ours):
        await remote.load(ref)


async def _files_are_taken(inventory: Inventory, remote: Remote) -> list[str]:
    """Whether Compose and HAProxy of the host read what it would be told anew; nothing is put in place for that."""
    changed = await changed_files(inventory, remote)
    compose, balancer = changed.get(COMPOSE), changed.get(HAPROXY)
    words = remote.compose_words("config", "--quiet", "--no-env-resolution")
    if compose is not None:
        words[words.index("--file") + 1] = "-"
    done = await remote.run(words, stdin=(compose or "").encode(), repeat=True)
    found = [] if done.ok else [f"{remote.name}: Compose refuses {COMPOSE}: {done.words}"]
    if balancer is not None:
        image = (await HostContainers(remote).images()).get("LB_IMAGE", inventory.balancer_image)
        mounts = [word for folder in (PROJECT_DIR, TLS_DIR) for word in ("--volume", f"{folder}:{folder}:ro")]
        closed = ["--interactive", "--network", "none", "--user", "10001:10001", "--read-only", *mounts]
        argv = ["docker", "run", "--rm", *closed, image, "haproxy", "-c", "-f", "/dev/stdin"]
        done = await remote.run(argv, stdin=balancer.encode(), repeat=True)
        if not done.ok:
            said = next((line for line in (done.out + done.err).splitlines() if "ALERT" in line), done.words)
            found.append(f"{remote.name}: HAProxy refuses {HAPROXY}: {said}")
    return found


async def _results_wait(remote: Remote) -> list[str]:
    """A seat is replaced when its results are delivered: where they are stuck, a deploy would wait for ever."""
    if "fleet" not in remote.host.roles:
        return []
    async with remote.http(f"http://{remote.host.address}:{PRIVATE_PORT}", timeout_s=ANSWER_WITHIN_S) as client:
        for number in range(1, remote.host.seats + 1):
            with suppress(httpx.HTTPError):
                answer = await client.get(f"/seats/{remote.name}-{number}/metrics")
                if answer.is_success:
                    return waiting(remote.name, answer.text)  # each seat counts the whole folder of its host
    return []


def waiting(host: str, metrics: str) -> list[str]:
    """What is wrong with the outbox of a host by the metrics page of a seat. Pure."""
    found = {
        family.name.removeprefix("voxcore_outbox_"): sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if family.name.startswith("voxcore_outbox_") and sample.labels.get("box") == "results"
    }
    oldest = found.get("oldest_seconds", 0.0)
    if oldest <= STUCK_S:
        return []
    return [
        f"{host}: {found.get('pending', 0):.0f} results wait in its outbox, the oldest for {oldest:.0f} s, and a seat "
        "with results is not replaced: does voxbridge answer its workers?"
    ]


async def changed_files(inventory: Inventory, remote: Remote) -> dict[str, str]:
    """File of /opt/vox -> new content, of those that the inventory renders differently. seats.env is a deploy's own."""
    rendered = render_host(inventory, remote.name)
    names = [name for name in rendered if name != SEATS_ENV]
    present = await asyncio.gather(*(remote.text(PROJECT_DIR.joinpath(name).as_posix()) for name in names))
    return {name: rendered[name] for name, text in zip(names, present, strict=True) if text != rendered[name]}


async def config_lines(inventory: Inventory, remote: Remote) -> dict[str, int]:
    """File of /opt/vox -> how many of its lines would be new."""
    found: dict[str, int] = {}
    for name, text in (await changed_files(inventory, remote)).items():
        old = (await remote.text(PROJECT_DIR.joinpath(name).as_posix()) or "").splitlines()
        diff = difflib.unified_diff(old, text.splitlines(), n=0, lineterm="")
        found[name] = sum(line.startswith("+") and not line.startswith("+++") for line in diff)
    return found


def schema_of(releases: Iterable[Release]) -> int:
    """The schema that the database has: it rises with every release that has run, and never falls. 0: unknown."""
    return max((release.schema_version for release in releases), default=0)
