"""Replicas of our services on a real host: what its edge, its Docker and they themselves say, and how they change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from voxctl.balancer.sockets import is_proven, statistics_of
from voxctl.deploy.containers import Container, HostContainers
from voxctl.deploy.service_work import HANDED_OVER, ReplicaNow
from voxctl.deploy.services import Refused
from voxctl.deploy.world import Image
from voxctl.hosts.layout import PRIVATE_PORT, RUN_DIR
from voxctl.hosts.remote import Remote
from voxctl.hosts.replicas import Replica, replicas_of
from voxctl.output import CommandError

ANSWER_WITHIN_S = 3.0
STOP_MARGIN_S = 60.0
FORCED_DRAIN, FORCED_MAINT = 0x08, 0x01
PROFILES = "COMPOSE_PROFILES"


@dataclass(frozen=True)
class Server:
    """A replica as the edge sees it. `proven`: its last check passed. `requests`: in progress, streams left out."""

    open: bool
    proven: bool
    requests: int


class Edge:
    """The balancer before the services, through its admin socket: `ask(command)` gives the answer."""

    def __init__(self, ask: Callable[[str], Awaitable[str]]) -> None:
        self._ask = ask

    async def servers(self, backend: str) -> dict[str, Server]:
        """Server -> how it stands in a backend. Raises: CommandError."""
        state, figures = await self._ask(f"show servers state {backend}"), await self._ask("show stat")
        rows = [line.split() for line in state.splitlines() if line[:1].isdigit()]
        shut = {row[3] for row in rows if len(row) > 6 and int(row[6]) & (FORCED_DRAIN | FORCED_MAINT)}
        return {
            name: Server(
                open=name not in shut,
                proven=is_proven(row),
                requests=int(row.get("scur") or 0),
            )
            for name, row in statistics_of(figures, backend).items()
        }

    async def close(self, backend: str, server: str) -> None:
        """Nothing new; its streams, which follow its state, end with it."""
        await self._change(f"set server {backend}/{server} state drain")

    async def open(self, backend: str, server: str) -> None:
        await self._change(f"set server {backend}/{server} state ready")

    async def _change(self, command: str) -> None:
        if answer := await self._ask(command):
            raise CommandError(f"the edge refused `{command}`: {answer.splitlines()[0]}")


@dataclass(frozen=True)
class Answers:
    """What a replica says itself. `ready`: of a dialler, that it leads."""

    healthy: bool = False
    ready: bool = False
    tag: str = ""


class Containers(Protocol):
    """What runs in each place, and how that is changed. The production one is Compose on a host."""

    async def found(self, replicas: Sequence[Replica]) -> Mapping[str, Container]: ...

    async def complaint(self, replica: Replica, container: Container) -> str: ...

    async def replace(self, replica: Replica, image: Image) -> None: ...

    async def signal(self, replica: Replica) -> None: ...

    async def stop(self, replica: Replica) -> None: ...

    async def prefer(self, replica: Replica) -> None:
        """Of the places of a dialler the one that starts with the host."""
        ...

    async def trouble(self) -> str:
        """As `Replicas.trouble`."""
        ...


class ServiceReplicas:
    """`Replicas` of one service on one host. `get(replica, path)` asks one replica, None: it gives no answer."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        containers: Containers,
        edge: Edge,
        get: Callable[[Replica, str], Awaitable[httpx.Response | None]],
        *,
        elsewhere: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._places = {replica.id: replica for replica in replicas}
        self._containers, self._edge, self._get, self._elsewhere = containers, edge, get, elsewhere
        self._backend = replicas[0].kind.service
        self._dials = self._backend == HANDED_OVER

    async def now(self) -> Sequence[ReplicaNow]:
        replicas = list(self._places.values())
        found = await self._containers.found(replicas)
        servers = {} if self._dials else await self._edge.servers(self._backend)
        up = [replica for replica in replicas if (one := found.get(replica.id)) and one.up]
        answers = dict(zip((each.id for each in up), await asyncio.gather(*map(self._asked, up)), strict=True))
        return await asyncio.gather(
            *(self._one(each, found.get(each.id), servers.get(each.id), answers.get(each.id)) for each in replicas)
        )

    async def _asked(self, replica: Replica) -> Answers:
        health = await self._get(replica, replica.kind.health)
        ready = await self._get(replica, "/ready") if self._dials else None
        healthy = health is not None and health.status_code == 200
        return Answers(healthy, ready is not None and ready.status_code == 200, _tag_of(health))

    async def _one(
        self, replica: Replica, container: Container | None, server: Server | None, answers: Answers | None
    ) -> ReplicaNow:
        said = answers or Answers()
        up = container is not None and container.up
        complaint = ""
        if container and (not up or container.restarts or not said.healthy):
            complaint = await self._containers.complaint(replica, container)
        return ReplicaNow(
            replica.id,
            ref=container.ref if container and up else "",
            container=container.id if container else "",
            tag=said.tag,
            healthy=said.healthy,
            ready=said.ready if self._dials else bool(server and server.proven),
            open=server.open if server else True,
            requests=server.requests if server else 0,
            beside=replica.beside and not self._dials,
            left=container is not None and not up,
            restarts=container.restarts if container else 0,
            complaint=complaint,
            version=container.version if container and up else "",
        )

    async def led_elsewhere(self) -> bool:
        return await self._elsewhere() if self._elsewhere else False

    async def close(self, replica: str) -> None:
        await self._edge.close(self._backend, replica)

    async def open(self, replica: str) -> None:
        if self._dials:
            await self._containers.prefer(self._places[replica])
        else:
            await self._edge.open(self._backend, replica)

    async def replace(self, replica: str, image: Image) -> None:
        await self._containers.replace(self._places[replica], image)

    async def signal(self, replica: str) -> None:
        await self._containers.signal(self._places[replica])

    async def stop(self, replica: str) -> None:
        await self._containers.stop(self._places[replica])

    async def trouble(self) -> str:
        return await self._containers.trouble()


def _tag_of(health: httpx.Response | None) -> str:
    try:
        said = health.json() if health is not None else {}
    except ValueError:
        return ""
    return str(said.get("image_tag", "")) if isinstance(said, dict) else ""


class ComposeContainers:
    """Services of a host's compose project, over SSH."""

    def __init__(self, remote: Remote) -> None:
        self._remote, self._host = remote, HostContainers(remote)

    async def found(self, replicas: Sequence[Replica]) -> Mapping[str, Container]:
        return await self._host.found([replica.id for replica in replicas])

    async def complaint(self, replica: Replica, container: Container) -> str:
        return await self._host.complaint(replica.id, container)

    async def replace(self, replica: Replica, image: Image) -> None:
        """Raises: Refused: Docker does not take the image or cannot start it."""
        lines = {replica.variable: image.ref}
        if replica.kind.service == HANDED_OVER:
            # Until one has handed over to the other, a reboot brings back both: never two of them lead.
            running = (await self._host.images()).get(PROFILES, "")
            lines[PROFILES] = ",".join(sorted({*filter(None, running.split(",")), replica.id}))
        await self._host.write_images(lines)
        # Its image was brought before; here it would be pulled while nobody waits for it.
        # Anew even on the same image: one that is to be replaced and runs it already is unwell.
        words = ("up", "--detach", "--no-deps", "--no-build", "--pull", "never", "--force-recreate", replica.id)
        done = await self._remote.compose(*words, timeout_s=_grace_s(replica) + STOP_MARGIN_S)
        if not done.ok:
            raise Refused(done.words)

    async def signal(self, replica: Replica) -> None:
        done = await self._remote.docker("kill", "--signal", "SIGTERM", self._host.name_of(replica.id))
        if not done.ok and "is not running" not in done.err:
            raise CommandError(f"{self._remote.name}: {replica.id} takes no signal: {done.words}")

    async def stop(self, replica: Replica) -> None:
        within_s = _grace_s(replica) + STOP_MARGIN_S
        done = await self._remote.compose("rm", "--stop", "--force", replica.id, timeout_s=within_s, repeat=True)
        if not done.ok:
            raise CommandError(f"{self._remote.name}: {replica.id} does not stop: {done.words}")

    async def prefer(self, replica: Replica) -> None:
        await self._host.write_images({PROFILES: replica.id})

    async def trouble(self) -> str:
        return await self._host.trouble()


def _grace_s(replica: Replica) -> float:
    return float(replica.kind.grace.removesuffix("s"))


def on_host(remote: Remote, service: str, *, diallers: Sequence[ServiceReplicas] = ()) -> ServiceReplicas:
    """A service of a real host. `diallers`: those of other hosts, one of which may lead."""
    inventory, name = remote.inventory, remote.name
    replicas = replicas_of(inventory, name, service)
    behind_edge = "api" in inventory.hosts[name].roles

    async def get(replica: Replica, path: str) -> httpx.Response | None:
        if behind_edge:
            base, path = f"http://{remote.host.address}:{PRIVATE_PORT}", f"/replicas/{replica.id}{path}"
        else:
            # Published side by side on the private address (dialler.yaml.j2).
            base = f"http://{remote.host.address}:{replica.kind.port + replicas.index(replica)}"
        try:
            async with remote.http(base, timeout_s=ANSWER_WITHIN_S) as client:
                return await client.get(path)
        except httpx.HTTPError:
            return None

    async def elsewhere() -> bool:
        found = [await each.now() for each in diallers]
        return any(replica.ready for each in found for replica in each)

    async def ask(command: str) -> str:
        return await remote.ask(RUN_DIR / "admin.sock", command)

    return ServiceReplicas(replicas, ComposeContainers(remote), Edge(ask), get, elsewhere=elsewhere)
