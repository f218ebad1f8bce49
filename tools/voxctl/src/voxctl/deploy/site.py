"""An installation that is worked on: its hosts, its registry, and what is kept of deploys, opened together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from voxkit.registry import RegistryAway, RegistryClient
from voxkit.secrets import SECRET_HEADER, split_secrets

from voxctl.api import Bridge, api_url, credentials
from voxctl.deploy.canary import SpokenCanary
from voxctl.deploy.edge import ServiceReplicas, on_host
from voxctl.deploy.hooks import FolderHooks
from voxctl.deploy.journal import DiskJournal
from voxctl.deploy.lock import actor
from voxctl.deploy.rollout import World
from voxctl.deploy.seats import BY, RemoteSeats
from voxctl.deploy.trail import DiskTrail
from voxctl.deploy.world import Canary, Clock
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import hosts_with, reach
from voxctl.hosts.remote import Remote, connected
from voxctl.hosts.replicas import KINDS, ROLLED
from voxctl.hosts.told import told
from voxctl.output import EXIT_PREFLIGHT, CommandError
from voxctl.settings import VoxctlSettings

REGISTRY_ANSWER_S = 3.0
REGISTRY_AWAY_S, AGAIN_S = 15.0, 0.5
Tell = Callable[..., None]
T = TypeVar("T")


class WallClock:
    """The clock of this machine."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def patiently(
    act: Callable[[], Awaitable[T]], clock: Clock | None = None, within_s: float = REGISTRY_AWAY_S
) -> T:
    """What only looks, again while the registry gives no answer: it may be starting, or its machine be busy.

    Raises: CommandError (exit 2): it gave none in this time.
    """
    clock = clock or WallClock()
    deadline = clock.now() + within_s
    while True:
        try:
            return await act()
        except RegistryAway as error:
            if clock.now() >= deadline:
                why = error.extra.get("why") or "it was silent"
                raise CommandError(
                    f"the capacity registry gave no answer for {within_s:.0f} s ({why}): "
                    "look at voxregistry, then again",
                    exit_code=EXIT_PREFLIGHT,
                ) from None
            await clock.sleep(AGAIN_S)


class ThroughHost(httpx.AsyncBaseTransport):
    """Requests that leave from a host; after a broken connection the next request makes the way anew."""

    def __init__(self, remote: Remote, url: str) -> None:
        self._remote, self._url = remote, url
        self._way = AsyncExitStack()
        self._client: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._making:
            if self._client is None:
                self._client = await self._way.enter_async_context(self._remote.http(self._url, timeout_s=60))
            client = self._client
        try:
            return await client.send(request, stream=True)
        except httpx.TransportError:
            async with self._making:
                if self._client is client:
                    self._client = None
                    await self._way.aclose()
            raise

    async def aclose(self) -> None:
        await self._way.aclose()


@dataclass
class RegistryTags:
    """Drains of a whole tag."""

    registry: RegistryClient

    async def retire(self, tag: str, why: str) -> None:
        await self.registry.drain(f"tag:{tag}", reason=why[:256], by=BY)

    async def readmit(self, tag: str) -> None:
        """An operator's own drain of the tag stays."""
        selector = f"tag:{tag}"
        if any(drain.selector == selector and drain.by == BY for drain in await self.registry.drains()):
            await self.registry.undrain(selector)


@dataclass
class Site:
    """All of it."""

    inventory: Inventory
    settings: VoxctlSettings
    remotes: Mapping[str, Remote]
    registry: RegistryClient
    journal: DiskJournal
    trail: DiskTrail
    hooks: FolderHooks
    secret: str
    canary: Canary | None = None
    left: Mapping[str, str] = field(default_factory=dict[str, str])
    """Hosts that are left as they are -> why: nothing is asked of them."""
    tell: Tell = field(default=lambda *_, **__: None)

    @property
    def lock_host(self) -> Remote:
        return self.remotes[self.inventory.lock_host]

    async def silent(self) -> dict[str, str]:
        """Hosts that cannot be reached now -> why."""
        answers = await asyncio.gather(*(each.connection() for each in self.remotes.values()), return_exceptions=True)
        found: dict[str, str] = {}
        for name, answer in zip(self.remotes, answers, strict=True):
            if isinstance(answer, CommandError):
                found[name] = str(answer).removeprefix(f"{name}: ")
            elif isinstance(answer, BaseException):
                raise answer
        return found

    def fleets(self) -> dict[str, RemoteSeats]:
        """Fleet hosts in the order of the inventory."""
        names = [name for name, _ in hosts_with(self.inventory, "fleet") if name not in self.left]
        return {name: RemoteSeats(self.remotes[name], self.registry, self.secret) for name in names}

    def places(self) -> list[tuple[str, str]]:
        """(host, service) of every service of ours but the seats, in the order of a deploy, the dialler last."""
        order = (*ROLLED, "voxdialler")
        found = [(name, each) for each in order for name, _ in hosts_with(self.inventory, KINDS[each].role)]
        return [place for place in found if place[0] not in self.left]

    def replicas(self, host: str, service: str) -> ServiceReplicas:
        others = [
            on_host(self.remotes[name], service)
            for name, _ in hosts_with(self.inventory, KINDS[service].role)
            if name not in (host, *self.left) and service == "voxdialler"
        ]
        return on_host(self.remotes[host], service, diallers=others)

    def world(self) -> World:
        return World(
            hosts=self.fleets(),
            tags=RegistryTags(self.registry),
            journal=self.journal,
            trail=self.trail,
            clock=WallClock(),
            canary=self.canary,
            hooks=self.hooks,
            tell=self.tell,
        )


def secret_of(settings: VoxctlSettings) -> str:
    """What opens registry and seats. Raises: CommandError."""
    secrets = split_secrets(settings.voxcore_secret)
    if not secrets:
        raise CommandError(
            "no secret for registry and seats: set VOXCORE_SECRET to the one of /etc/vox/secrets.env of the hosts",
            exit_code=EXIT_PREFLIGHT,
        )
    return secrets[0]


@asynccontextmanager
async def opened(
    inventory: Inventory,
    settings: VoxctlSettings,
    *,
    tell: Tell = lambda *_, **__: None,
    canary: bool = False,
    all_there: bool = True,
) -> AsyncIterator[Site]:
    """The installation of an inventory. `canary`: log in to voxbridge too, for the check call. Without `all_there`
    only `lock_host` must answer; another host that does not is told of when it is asked.

    Raises: CommandError: a host is away, or a secret is missing.
    """
    secret = secret_of(settings)
    url = told(inventory, "voxcore").get("REGISTRY_URL") or ""
    if not url:
        raise CommandError(
            "services.voxcore.env.REGISTRY_URL is empty and no host has role api: a deploy asks the capacity registry "
            "which seats carry calls",
            exit_code=EXIT_PREFLIGHT,
        )
    async with AsyncExitStack() as stack:
        needed = list(inventory.hosts) if all_there else [inventory.lock_host]
        remotes = await stack.enter_async_context(connected(inventory, needed))
        for name in inventory.hosts:
            if name not in remotes:
                remotes[name] = Remote(inventory, name)
                stack.push_async_callback(remotes[name].close)
        lock_host = remotes[inventory.lock_host]
        http = httpx.AsyncClient(
            transport=ThroughHost(lock_host, url), headers={SECRET_HEADER: secret}, timeout=REGISTRY_ANSWER_S
        )
        registry = RegistryClient(url, secret, client="vox", http=http)
        stack.push_async_callback(registry.aclose)
        hooks = FolderHooks(inventory.hooks, env=inventory.env, actor=actor(), tell=tell)
        hooks.check()
        site = Site(
            inventory,
            settings,
            remotes,
            registry,
            DiskJournal(lock_host),
            DiskTrail(lock_host, remotes, env=inventory.env, tell=tell),
            hooks,
            secret,
            tell=tell,
        )
        if canary and hosts_with(inventory, "check"):
            bridge = await stack.enter_async_context(Bridge(api_url(settings), *credentials(settings)))
            site.canary = _canary(site, bridge)
        yield site


def _canary(site: Site, bridge: Bridge) -> SpokenCanary:
    settings, inventory = site.settings, site.inventory
    name, _ = hosts_with(inventory, "check")[0]
    voice = reach(inventory, "check", KINDS["voxvoice"].number + 1, KINDS["voxvoice"].port)
    phone = reach(inventory, "check", KINDS["voxphone"].number + 1, KINDS["voxphone"].port)
    token = settings.voxphone_api_token
    if not token:
        raise CommandError(
            "no token for voxphone of role check: set VOXPHONE_API_TOKEN to the one of its secrets.env",
            exit_code=EXIT_PREFLIGHT,
        )
    wanted = inventory.rolling.canary

    @asynccontextmanager
    async def client() -> AsyncIterator[httpx.AsyncClient]:
        async with site.remotes[name].http(f"http://{phone}", timeout_s=10) as through:
            yield through

    return SpokenCanary(
        site.registry,
        bridge,
        client,
        phone_token=token,
        voice_url=f"http://{voice}/v1",
        bot=wanted.bot,
        timeout_s=float(wanted.timeout),
    )
