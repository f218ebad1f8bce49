"""`vox host up`: from a machine with SSH and Docker to a running host, or a list of what it lacks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from cyclopts import Parameter

from voxctl.api import Bridge, api_url, credentials
from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json, Why
from voxctl.deploy.hooks import FolderHooks
from voxctl.deploy.journal import DiskJournal
from voxctl.deploy.lock import Owner, actor, hold
from voxctl.deploy.secrets import check_values, for_host, load, push
from voxctl.deploy.trail import DiskTrail
from voxctl.hosts import bringup
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import PRIVATE_PORT, PROJECT_DIR, SECRETS_FILE, TLS_DIR, hosts_with
from voxctl.hosts.machine import look, missing
from voxctl.hosts.remote import Remote, connected
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, CommandError, Output, escape
from voxctl.settings import VoxctlSettings

ANSWER_WITHIN_S = 60.0


def up(
    name: str,
    *,
    certificate: Annotated[
        Path | None, Parameter(help="Certificate and key in one PEM file, for /etc/vox/tls.")
    ] = None,
    why: Why = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Make a running host of a machine that has SSH and Docker; of what it lacks, say how it is put right.

    Brings folders, images, files and secrets, starts what does not run, and waits until all of it is healthy. Repeats
    change nothing; what runs already is not touched.

    Parameters
    ----------
    name
        Host of the inventory.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    known.known(name)
    asyncio.run(HostUp(known, name, certificate, why, output).run())
    return EXIT_DONE


@dataclass
class HostUp:
    """One run of the command. `took`: phase -> seconds."""

    inventory: Inventory
    name: str
    certificate: Path | None
    why: str
    output: Output
    took: dict[str, float] = field(default_factory=dict[str, float])

    async def run(self) -> None:
        begun = time.monotonic()
        values = await self._secrets()
        pem = self._certificate()
        hooks = FolderHooks(self.inventory.hooks, env=self.inventory.env, actor=actor(), tell=self.output.emit)
        hooks.check()
        await hooks.run("pre-connect", host=self.name)
        lock_host = self.inventory.lock_host
        async with connected(self.inventory, [*dict.fromkeys((self.name, lock_host))]) as remotes:
            remote = remotes[self.name]
            with self._phase("machine"):
                await self._check_machine(remote)
            with self._phase("images"):
                release = await DiskJournal(remotes[lock_host]).last_good()
                images = await bringup.wanted_images(self.inventory, remote, release)
                await bringup.bring_images(self.inventory, remote, images, self._say)
            helper = images.get("LB_IMAGE") or next(iter(sorted(set(images.values()))))
            if await bringup.make_folders(remote, helper):
                self._say("folders made")
            owner = Owner.now(what=f"host up {self.name}", why=self.why, env=self.inventory.env)
            async with hold(remotes[lock_host], owner, on_lock=lambda: hooks.run("on-lock", host=self.name)):
                await self._under_lock(remotes, images, helper, values, pem)
        total = time.monotonic() - begun
        phases = ", ".join(f"{phase} {took:.1f} s" for phase, took in self.took.items())
        self.output.emit(
            "host.up",
            f"[green]{self.name} is up[/] after {total:.1f} s ({phases})",
            host=self.name,
            took_s=round(total, 1),
        )
        await self._still_missing()

    async def _secrets(self) -> dict[str, str] | None:
        """None: the operator puts the file there himself."""
        if self.inventory.secrets is None:
            return None
        values = await load(self.inventory.secrets)
        check_values(values, self.inventory.env)
        return for_host(self.inventory, self.name, values)

    def _certificate(self) -> bytes | None:
        if self.certificate is None:
            return None
        try:
            pem = self.certificate.read_bytes()
        except OSError as error:
            raise CommandError(f"{self.certificate}: {error.strerror}", exit_code=EXIT_PREFLIGHT) from None
        for host in _public_names(self.inventory, self.name):
            bringup.check_certificate(pem, host, str(self.certificate))
        return pem

    async def _check_machine(self, remote: Remote) -> None:
        machine = await look(remote, time.time())
        found = missing(machine, self.inventory, self.name)
        if self.inventory.secrets is None and not await remote.exists(str(SECRETS_FILE)):
            found.append(
                f"{SECRETS_FILE} is not there, and the inventory does not say where secrets come from: add secrets:"
            )
        if _public_names(self.inventory, self.name) and self.certificate is None:
            there = await remote.run(["sh", "-c", 'ls "$1"/*.pem', "sh", str(TLS_DIR)], repeat=True)
            if not there.ok:
                found.append(f"no certificate lies in {TLS_DIR}: --certificate FILE sends one with its key")
        for each in found:
            self.output.emit("host.missing", f"[red]{escape(f'{self.name}: {each}')}[/]", host=self.name, missing=each)
        if found:
            raise CommandError(
                f"{self.name} lacks {len(found)} thing{'s' if len(found) > 1 else ''}; nothing was changed",
                exit_code=EXIT_PREFLIGHT,
            )
        sizes = f"{machine.memory_mib} MiB, {machine.free_gib:.0f} GiB free"
        self._say(f"Docker {machine.engine}, compose {machine.plugin}, {sizes}")

    async def _under_lock(
        self,
        remotes: dict[str, Remote],
        images: dict[str, str],
        helper: str,
        values: dict[str, str] | None,
        pem: bytes | None,
    ) -> None:
        remote = remotes[self.name]
        trail = DiskTrail(remotes[self.inventory.lock_host], remotes, env=self.inventory.env, tell=self.output.emit)
        try:
            with self._phase("files"):
                changed = await bringup.write_files(self.inventory, remote, images)
                self._say(f"files: {', '.join(changed) or 'nothing changed'}")
                if values is not None:
                    self._say(f"secrets: {await push(remote, values)}")
                if pem is not None and self.certificate is not None:
                    await bringup.send_certificate(remote, helper, self.certificate.name, pem)
                await bringup.check_files(remote, images.get("LB_IMAGE", ""))
            with self._phase("start"):
                before = {each.name for each in await bringup.services(remote) if each.state == "running"}
                await bringup.start(remote)
                count = await bringup.until_healthy(remote, self._say)
                await self._answers(remote)
        except CommandError as error:
            await trail.line("host.up", result="failed", host=self.name, reason=str(error)[:400])
            raise
        await trail.line("host.up", result="done", host=self.name, reason=self.why or f"{count} containers")
        if before and set(changed) - {"haproxy.cfg"}:
            self.output.emit(
                "host.older",
                f"[yellow]what ran before runs on as it was ({len(before)} containers): vox deploy renews it[/]",
                host=self.name,
                services=sorted(before),
            )

    async def _answers(self, remote: Remote) -> None:
        """Whoever is asked for seats from outside hears of all of them. Raises: CommandError."""
        if "fleet" not in remote.host.roles:
            return
        deadline = time.monotonic() + ANSWER_WITHIN_S
        said = ""
        async with remote.http(f"http://{remote.host.address}:{PRIVATE_PORT}") as client:
            while time.monotonic() < deadline:
                ready = 0
                for number in range(1, remote.host.seats + 1):
                    try:
                        answer = await client.get(f"/seats/{self.name}-{number}/ready")
                    except httpx.HTTPError as error:
                        said = f"{self.name}-{number}: {error or type(error).__name__}"
                        continue
                    ready += answer.status_code == 200
                    said = answer.text[:200]
                if ready == remote.host.seats:
                    self._say(f"{ready} seats take calls")
                    return
                await asyncio.sleep(bringup.LOOK_EVERY_S)
        raise CommandError(f"{self.name}: not every seat takes calls after {ANSWER_WITHIN_S:.0f} s: {said}")

    async def _still_missing(self) -> None:
        """The last line: a host that only one of the ways knows is half connected (section 24)."""
        host = self.inventory.hosts[self.name]
        if "fleet" not in host.roles:
            return
        ways: list[str] = []
        if not await self._is_registered(host.public_url or ""):
            ways.append(f"vox fleet register {self.name}")
        for name, _ in hosts_with(self.inventory, "ingress"):
            async with Remote(self.inventory, name) as ingress:
                text = await ingress.text(str(PROJECT_DIR / "ingress.yml")) or ""
            if (host.public_url or "") not in text:
                ways.append(
                    f"vox ingress add-fleet BRAND {self.name} {host.public_url} --seats {host.seats} (on {name})"
                )
        if ways:
            text = f"[yellow]half connected, still missing: {escape('; '.join(ways))}[/]"
            self.output.emit("host.half_connected", text, host=self.name, missing=ways)
        else:
            self.output.emit("host.connected", f"{self.name} is known wherever calls begin", host=self.name)

    async def _is_registered(self, url: str) -> bool:
        settings = VoxctlSettings.load()
        try:
            async with Bridge(api_url(settings), *credentials(settings)) as bridge:
                return url in [each.rstrip("/") for each in (await bridge.get("/settings"))["core_fleet"]]
        except CommandError:
            return False  # nobody to ask: it is named as missing, and the command for it says why

    def _say(self, text: str) -> None:
        self.output.emit("host.progress", f"{self.name}  {escape(text)}", host=self.name, text=text)

    def _phase(self, name: str) -> _Phase:
        return _Phase(self.took, name)


class _Phase:
    def __init__(self, took: dict[str, float], name: str) -> None:
        self._took, self._name = took, name

    def __enter__(self) -> None:
        self._begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._took[self._name] = time.monotonic() - self._begun


def _public_names(inventory: Inventory, name: str) -> Sequence[str]:
    """Names that its balancer shows a certificate for."""
    host = inventory.hosts[name]
    found: list[str] = []
    if "fleet" in host.roles and (host.public_url or "").startswith("https:"):
        found.append(urlsplit(host.public_url or "").hostname or "")
    if "api" in host.roles:
        for service in ("voxbridge", "voxui"):
            told = inventory.services[service].env if service in inventory.services else {}
            if public := urlsplit(told.get("PUBLIC_BASE_URL", "")).hostname:
                found.append(public)
    return list(dict.fromkeys(found))
