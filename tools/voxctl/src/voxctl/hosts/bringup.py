"""From a machine with SSH and Docker to a running host: folders, images, files, secrets, containers, all healthy.

Every step may be repeated: it finds what is there. What runs already is not touched, so no call notices.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from voxctl.balancer.render import is_untouched
from voxctl.deploy.containers import HostContainers
from voxctl.deploy.journal import DiskJournal
from voxctl.deploy.world import Release
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import PROJECT_DIR, SEATS_ENV, TLS_DIR
from voxctl.hosts.remote import Remote
from voxctl.hosts.rendering import render_host
from voxctl.hosts.replicas import all_replicas
from voxctl.hosts.ssh import RemoteFailed
from voxctl.images.facts import image_source
from voxctl.images.reference import Reference
from voxctl.output import EXIT_PREFLIGHT, CommandError

HEALTHY_WITHIN_S = 180.0
LOOK_EVERY_S = 0.5
# Done by a container: group `docker` is all that the user needs. What exists keeps its content.
FOLDERS = """
set -e
install -d -o "$1" -g 10001 -m 0755 /host/opt/vox /host/var/vox /host/var/vox/deploy /host/var/vox/metrics /host/etc/vox
install -d -o 10001 -g 10001 -m 0770 /host/var/vox/run
install -d -o 10001 -g 10001 -m 0700 /host/var/vox/outbox
install -d -o 10001 -g 10001 -m 0700 /host/var/vox/dialler
install -d -o "$1" -g 10001 -m 0750 /host/etc/vox/tls
"""
FOLDERS_THERE = """
for each in /opt/vox /var/lib/vox/deploy /etc/vox /etc/vox/tls; do [ -w $each ] || exit 1; done
[ -d /var/lib/vox/outbox ] && [ -d /var/lib/vox/run ]
"""
OWN_CERTIFICATE = """
install -o 10001 -g 10001 -m 0400 "/host/etc/vox/tls/.$1.new" "/host/etc/vox/tls/$1"
rm "/host/etc/vox/tls/.$1.new"
"""
Progress = Callable[[str], None]


def first_images(inventory: Inventory, name: str, release: Release | None) -> dict[str, str]:
    """Lines of a new seats.env: those of the inventory, of our services those of the last good release."""
    lines = dict(line.split("=", 1) for line in render_host(inventory, name)[SEATS_ENV].splitlines())
    if release is None:
        return lines
    ours = {each.variable: each.kind.service for each in all_replicas(inventory, name)}
    ours |= {variable: "voxcore" for variable in lines if re.fullmatch(r"SEAT_\w+_IMAGE", variable)}
    return lines | {
        variable: release.refs[service]
        for variable, service in ours.items()
        if service in release.refs and variable in lines
    }


async def wanted_images(inventory: Inventory, remote: Remote, release: Release | None) -> dict[str, str]:
    """seats.env as it will be: what stands there stays, what is new is resolved to its digest. Raises: CommandError."""
    before = dict(
        line.split("=", 1) for line in (await remote.text(PROJECT_DIR / SEATS_ENV) or "").splitlines() if "=" in line
    )
    lines = first_images(inventory, remote.name, release)
    pinned: dict[str, str] = {}
    async with image_source(inventory.registry) as source:
        for variable, image in lines.items():
            if variable in before:
                continue
            found = re.fullmatch(rf"(?:{re.escape(inventory.registry)}/)?vox/(?P<name>[a-z]+):(?P<tag>[\w.-]+)", image)
            if found and image not in pinned and variable.endswith("_IMAGE"):
                pinned[image] = (await source.facts(found["name"], found["tag"])).ref
    return {variable: before.get(variable, pinned.get(image, image)) for variable, image in lines.items()}


async def bring_images(inventory: Inventory, remote: Remote, images: dict[str, str], progress: Progress) -> None:
    """Every image onto the host: from a registry, or from this machine when it has it and no registry does."""
    refs = sorted({image for variable, image in images.items() if variable.endswith("_IMAGE")})
    for ref in refs:
        if (await remote.docker("image", "inspect", "--format", "{{.Id}}", ref, repeat=True)).ok:
            continue
        progress(f"image {ref}")
        if Reference.parse(ref).registry or not await _is_here(ref):
            await remote.pull(ref)
        else:
            await remote.load(ref)


async def make_folders(remote: Remote, image: str) -> bool:
    """The folders of a host with their owners; whether anything had to be made. Raises: CommandError."""
    if (await remote.run(["sh", "-c", FOLDERS_THERE], repeat=True)).ok:
        return False
    user = (await remote.run(["id", "-u"], repeat=True)).out.strip()
    mounts = ["/opt:/host/opt", "/var/lib/vox:/host/var/vox", "/etc/vox:/host/etc/vox"]
    await _as_root(remote, image, mounts, FOLDERS, user)
    return True


async def _as_root(remote: Remote, image: str, mounts: list[str], script: str, *words: str) -> None:
    volumes = [part for mount in mounts for part in ("--volume", mount)]
    closed = ["--network", "none", "--read-only", "--cap-drop", "ALL"]
    closed += [part for each in ("CHOWN", "DAC_OVERRIDE", "FOWNER") for part in ("--cap-add", each)]
    argv = ["run", "--rm", "--user", "0:0", *closed, *volumes, "--entrypoint", "sh", image, "-ec", script, "sh", *words]
    done = await remote.docker(*argv, repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: folders cannot be made by a container of {image}: {done.words}", done.code)


def check_certificate(pem: bytes, host_name: str, what: str) -> None:
    """A chain with its key, of this name, in force. Raises: CommandError."""
    try:
        certificate = x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, IndexError):
        raise CommandError(f"{what} holds no certificate in PEM form", exit_code=EXIT_PREFLIGHT) from None
    if b"PRIVATE KEY-----" not in pem:
        raise CommandError(
            f"{what} has no key: HAProxy wants certificate and key in one file", exit_code=EXIT_PREFLIGHT
        )
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        known = []
    parent = f"*.{host_name.partition('.')[2]}"
    if host_name not in known and parent not in known:
        raise CommandError(f"{what} is of {', '.join(known) or 'nobody'}, not of {host_name}", exit_code=EXIT_PREFLIGHT)


async def send_certificate(remote: Remote, image: str, name: str, pem: bytes) -> None:
    """Certificate and key, readable by the balancer alone. A running balancer takes it by its socket, not from here."""
    await remote.write(str(TLS_DIR / f".{name}.new"), pem, 0o600)
    await _as_root(remote, image, ["/etc/vox:/host/etc/vox"], OWN_CERTIFICATE, name)


async def write_files(inventory: Inventory, remote: Remote, images: dict[str, str]) -> list[str]:
    """The rendered files; names of those that changed. Raises: CommandError: one was edited by hand."""
    files = render_host(inventory, remote.name)
    files[SEATS_ENV] = "".join(f"{key}={value}\n" for key, value in images.items())
    before = {name: await remote.text(PROJECT_DIR / name) for name in files}
    config = before.get("haproxy.cfg")
    if config is not None and not is_untouched(config):
        raise CommandError(
            f"{remote.name}: haproxy.cfg was changed by hand since it was rendered: move it away, then again",
            exit_code=EXIT_PREFLIGHT,
        )
    changed = [name for name, text in files.items() if before[name] != text]
    for name in changed:
        await remote.write(PROJECT_DIR / name, files[name])
    return changed


async def check_files(remote: Remote, balancer_image: str) -> None:
    """Compose and HAProxy read them, there. Raises: CommandError with their words."""
    done = await remote.compose("config", "--quiet", repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: Compose refuses {PROJECT_DIR}/compose.yaml: {done.words}", done.code)
    if not await remote.exists(str(PROJECT_DIR / "haproxy.cfg")):
        return
    # A container of its own: the one that runs has the address and keeps it.
    words = ["run", "--rm", "--network", "none", "--user", "10001:10001", "--read-only"]
    words += ["--volume", f"{PROJECT_DIR}:{PROJECT_DIR}:ro", "--volume", f"{TLS_DIR}:{TLS_DIR}:ro", balancer_image]
    done = await remote.docker(*words, "haproxy", "-c", "-f", str(PROJECT_DIR / "haproxy.cfg"), repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: HAProxy refuses haproxy.cfg: {_alert(done.out + done.err)}", done.code)


@dataclass(frozen=True)
class Service:
    """One container as Compose tells it."""

    name: str
    state: str
    health: str
    code: int

    @property
    def ready(self) -> bool:
        """Running and healthy; one that does its work once has ended well."""
        ended = self.state == "exited" and self.code == 0
        return ended or (self.state == "running" and self.health in ("", "healthy"))


async def start(remote: Remote) -> None:
    """Start what does not run. What runs stays as it is: a deploy changes it, seat by seat. Raises: CommandError."""
    done = await remote.compose(
        "up", "--detach", "--no-build", "--pull", "never", "--no-recreate", timeout_s=600, repeat=True
    )
    if not done.ok:
        raise RemoteFailed(f"{remote.name} does not start: {done.words}", done.code)


async def services(remote: Remote) -> list[Service]:
    """Every container of the project. Raises: CommandError."""
    done = await remote.compose("ps", "--all", "--format", "json", repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: {done.words}", done.code)
    said = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    return [
        Service(each["Service"], each["State"], each.get("Health", ""), int(each.get("ExitCode") or 0)) for each in said
    ]


async def until_healthy(remote: Remote, progress: Progress, *, within_s: float = HEALTHY_WITHIN_S) -> int:
    """Wait for all of them; how many there are. Raises: CommandError that names who is not, and its last words."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_s
    told = -1
    while True:
        found = await services(remote)
        waiting = [each for each in found if not each.ready]
        if found and not waiting:
            return len(found)
        if len(waiting) != told:
            told = len(waiting)
            progress(f"{len(found) - told} of {len(found)} containers are healthy")
        if clock() > deadline:
            raise RemoteFailed(
                f"{remote.name} is not healthy after {within_s:.0f} s: {await _complaints(remote, waiting)}"
            )
        await asyncio.sleep(LOOK_EVERY_S)


async def _complaints(remote: Remote, waiting: list[Service]) -> str:
    containers = HostContainers(remote)
    known = await containers.found([each.name for each in waiting])
    said = [
        f"{each.name} is {each.state}{' and ' + each.health if each.health else ''}"
        + (f", {await containers.complaint(each.name, known[each.name])}" if each.name in known else "")
        for each in waiting[:4]
    ]
    more = f" (and {len(waiting) - 4} more)" if len(waiting) > 4 else ""
    return "; ".join(said) + more


async def last_good(lock_host: Remote) -> Release | None:
    """What a new host starts on, when something was deployed before."""
    return await DiskJournal(lock_host).last_good()


async def _is_here(ref: str) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec("docker", "image", "inspect", ref, stdout=quiet, stderr=quiet)
    except OSError:
        return False
    return await process.wait() == 0


def _alert(text: str) -> str:
    lines = text.strip().splitlines()
    return next((line for line in lines if "ALERT" in line), lines[-1] if lines else "it said nothing")[:400]
