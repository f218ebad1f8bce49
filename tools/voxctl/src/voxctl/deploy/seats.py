"""The seats of a real host: what its Docker, its balancer and the registry say of them, put together and changed.

Three books tell whether a seat may get a call: the balancer (calls without a reservation), the seat itself, and the
registry (reservations). `close` and `open` write all three, and a seat counts as closed when no call can reach it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError
from voxkit.contracts.health import WorkerHealth
from voxkit.contracts.registry import DrainView, SeatView
from voxkit.contracts.seats import SeatDraining
from voxkit.registry import RegistryClient
from voxkit.secrets import SECRET_HEADER

from voxctl.deploy.rollout import StepFailed
from voxctl.deploy.world import CARRYING, Image, Phase, SeatNow
from voxctl.hosts.fleet_host import SeatPlace, seat_places
from voxctl.hosts.layout import PRIVATE_PORT, PROJECT_DIR, RUN_DIR, SEATS_ENV
from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import RemoteFailed

BY = "vox deploy"
"""Drains with another `by` are an operator's, and stay."""
SEATS_FILE = str(PROJECT_DIR / SEATS_ENV)
ADMIN_SOCKET = str(RUN_DIR / "admin.sock")
MOST_SURGE = 2
SURGE_FREE_MIB, SURGE_MIB = 512, 700
COMPOSE_WITHIN_S = 120.0
ANSWER_WITHIN_S = 5.0
LOG_CHARS = 200
FORCED_DRAIN, FORCED_MAINT = 0x08, 0x01
INSPECT = (
    '{"name":{{json .Name}},"ref":{{json .Config.Image}},"status":{{json .State.Status}},"exit":{{.State.ExitCode}},'
    '"oom":{{.State.OOMKilled}},"restarts":{{.RestartCount}},'
    '"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}""{{end}}}'
)


@dataclass(frozen=True)
class Container:
    """What Docker says of one seat's container."""

    ref: str
    status: str
    exit: int
    oom: bool
    restarts: int
    health: str

    @property
    def up(self) -> bool:
        return self.status == "running"


@dataclass
class RemoteSeats:
    """A `FleetHost` over SSH. `secret`: what opens the seats' own routes."""

    remote: Remote
    registry: RegistryClient
    secret: str
    _opened: set[str] = field(default_factory=set[str])
    """Opened by this run: their first calls are counted."""

    def __post_init__(self) -> None:
        self.name = self.remote.name
        inventory = self.remote.inventory
        host = inventory.host(self.name, "fleet")
        self.places = {place.worker_id: place for place in seat_places(inventory, self.name, host.seats)}
        self._project = f"{inventory.project}-{self.name}"
        self._base = f"http://{host.address}:{PRIVATE_PORT}"

    # --- looking ----------------------------------------------------------------------------------------------------

    async def seats(self) -> Sequence[SeatNow]:
        """All seats of the host. Raises: CommandError: host, balancer or registry give no answer."""
        containers, shut, views, drains, fleet = await asyncio.gather(
            self._containers(),
            self._shut(),
            self.registry.seats(host_id=self.name),
            self.registry.drains(),
            self.registry.fleet(),
        )
        known = {view.worker_id: view for view in views}
        asked = [id for id, found in containers.items() if found.up and _to_ask(known.get(id), id in self._opened)]
        answers = await self._answers(asked) if asked else {}
        seats = [
            _put_together(
                Facts(
                    place,
                    self.name,
                    container=containers.get(id),
                    view=known.get(id),
                    answer=answers.get(id),
                    shut=id in shut,
                    drains=tuple(drains),
                    now_ms=fleet.now_ms,
                )
            )
            for id, place in self.places.items()
        ]
        return await asyncio.gather(*(self._with_complaint(seat, containers.get(seat.id)) for seat in seats))

    async def _containers(self) -> dict[str, Container]:
        names = {self._container(place): id for id, place in self.places.items()}
        # Seats without a container are errors of the command and facts for us: what it found stands on stdout.
        done = await self.remote.docker("inspect", "--type", "container", "--format", INSPECT, *names, repeat=True)
        if not done.ok and "No such" not in done.err:
            raise RemoteFailed(f"{self.name}: Docker does not answer: {done.words}", done.code)
        found: dict[str, Container] = {}
        for line in done.out.splitlines():
            if line.strip():
                said: dict[str, Any] = json.loads(line)
                found[names[said.pop("name").lstrip("/")]] = Container(**said)
        return found

    def _container(self, place: SeatPlace) -> str:
        return f"{self._project}-{place.service}-1"

    async def _shut(self) -> set[str]:
        """Seats that the balancer gives no call without a reservation."""
        answer = await self._balancer("show servers state calls")
        rows = [line.split() for line in answer.splitlines() if line[:1].isdigit()]
        return {row[3] for row in rows if len(row) > 6 and int(row[6]) & (FORCED_DRAIN | FORCED_MAINT)}

    async def _answers(self, ids: Sequence[str]) -> dict[str, Answer]:
        async with self.remote.http(self._base, timeout_s=ANSWER_WITHIN_S) as client:
            answers = await asyncio.gather(*(self._answer(client, id) for id in ids))
        return dict(zip(ids, answers, strict=True))

    async def _answer(self, client: httpx.AsyncClient, id: str) -> Answer:
        health = draining = None
        calls = errors = 0
        with suppress(httpx.HTTPError, ValidationError):
            response = await client.get(f"/seats/{id}/health")
            response.raise_for_status()
            health = WorkerHealth.model_validate_json(response.content)
            if health.draining:
                # Its own word for "nothing is left here"; to say it twice is to say it once.
                draining = SeatDraining.model_validate_json((await self._told(client, id, "drain")).content)
            if id in self._opened:
                calls, errors = calls_of((await client.get(f"/seats/{id}/metrics")).text)
        return Answer(health, draining, calls, errors)

    async def _told(self, client: httpx.AsyncClient, id: str, route: str) -> httpx.Response:
        body = {"reason": BY} if route == "drain" else {}
        response = await client.post(f"/seats/{id}/{route}", json=body, headers={SECRET_HEADER: self.secret})
        response.raise_for_status()
        return response

    async def _with_complaint(self, seat: SeatNow, container: Container | None) -> SeatNow:
        if container is None or (container.up and not container.restarts and container.health != "unhealthy"):
            return seat
        place = self.places[seat.id]
        done = await self.remote.docker("logs", "--tail", "5", self._container(place), repeat=True)
        lines = [line.strip() for line in (done.out + done.err).splitlines() if line.strip()]
        why = "killed for memory; " if container.oom else "" if container.up else f"ended with code {container.exit}; "
        said = f'its last words: "{lines[-1][:LOG_CHARS]}"' if lines else "it said nothing"
        return replace(seat, complaint=why + said)

    async def surge_room(self) -> int:
        """min(2, (free memory - 512 MB) / 700 MB), or what the inventory says."""
        wanted = self.remote.host.surge
        if wanted != "auto":
            return wanted
        text = await self.remote.text("/proc/meminfo") or ""
        found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
        free_mib = int(found[1]) // 1024 if found else 0
        return max(0, min(MOST_SURGE, (free_mib - SURGE_FREE_MIB) // SURGE_MIB))

    # --- changing ---------------------------------------------------------------------------------------------------

    async def close(self, seat: str, why: str) -> None:
        self._opened.discard(seat)
        await self._balancer(f"set server calls/{seat} state drain")
        await self._tell_seat(seat, "drain")
        drains = {drain.selector: drain for drain in await self.registry.drains()}
        selector = f"worker:{seat}"
        if selector not in drains or drains[selector].by == BY:
            await self.registry.drain(selector, reason=why, by=BY)

    async def open(self, seat: str) -> None:
        selector = f"worker:{seat}"
        if any(drain.selector == selector and drain.by == BY for drain in await self.registry.drains()):
            await self.registry.undrain(selector)
        await self._tell_seat(seat, "undrain")
        await self._balancer(f"set server calls/{seat} state ready")
        self._opened.add(seat)

    async def _tell_seat(self, seat: str, route: str) -> None:
        """Its own drain. A seat that does not run, or does not answer, cannot take a call either."""
        async with self.remote.http(self._base, timeout_s=ANSWER_WITHIN_S) as client:
            with suppress(httpx.HTTPError):
                await self._told(client, seat, route)

    async def replace(self, images: dict[str, Image]) -> None:
        """Raises: StepFailed: Docker does not take the image or cannot start it."""
        await self._write_images({self.places[id].variable: image.ref for id, image in images.items()})
        services = [self.places[id].service for id in images]
        # Its image was brought before; here it would be pulled by whom nobody waits for.
        words = ("up", "--detach", "--no-deps", "--no-build", "--pull", "never", *services)
        done = await self.remote.compose(*words, timeout_s=COMPOSE_WITHIN_S)
        if not done.ok:
            raise StepFailed(done.words)

    async def stop(self, seat: str) -> None:
        place = self.places[seat]
        done = await self.remote.compose("rm", "--stop", "--force", place.service, timeout_s=COMPOSE_WITHIN_S)
        if not done.ok:
            raise StepFailed(done.words)
        selector = f"worker:{seat}"
        if any(drain.selector == selector and drain.by == BY for drain in await self.registry.drains()):
            await self.registry.undrain(selector)

    async def cut(self, seat: str) -> None:
        done = await self.remote.docker("kill", "--signal", "SIGINT", self._container(self.places[seat]))
        if not done.ok:
            raise StepFailed(done.words)

    async def _write_images(self, images: Mapping[str, str]) -> None:
        """Their lines of `seats.env`: what a reboot of the host brings back."""
        text = await self.remote.text(SEATS_FILE)
        if text is None:
            raise RemoteFailed(f"{self.name}: {SEATS_FILE} is not there: vox host up {self.name}")
        lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        changed = {**lines, **images}
        if changed != lines:
            await self.remote.write(SEATS_FILE, "".join(f"{key}={value}\n" for key, value in changed.items()))

    async def _balancer(self, command: str) -> str:
        answer = await self.remote.ask(ADMIN_SOCKET, command)
        if command.startswith("set ") and answer:
            raise RemoteFailed(f"{self.name}: the balancer refused `{command}`: {answer.splitlines()[0]}")
        return answer


@dataclass(frozen=True)
class Answer:
    """What a seat says of itself; all None when it does not answer."""

    health: WorkerHealth | None = None
    draining: SeatDraining | None = None
    calls: int = 0
    errors: int = 0


def calls_of(metrics: str) -> tuple[int, int]:
    """(calls that ended, of them as `error`) of a worker's metrics page."""
    calls = errors = 0
    for family in text_string_to_metric_families(metrics):
        if family.name == "voxcore_calls":
            for sample in family.samples:
                if sample.name == "voxcore_calls_total":
                    calls += int(sample.value)
                    errors += int(sample.value) if sample.labels.get("disconnected_by") == "error" else 0
    return calls, errors


def _to_ask(view: SeatView | None, opened: bool) -> bool:
    """Seats in normal service are not asked: the registry's word is enough."""
    return opened or view is None or view.state == "lost" or view.draining or view.phase == "starting"


@dataclass(frozen=True)
class Facts:
    """All that is known of one seat at one moment. `now_ms`: the registry's clock."""

    place: SeatPlace
    host: str
    container: Container | None
    view: SeatView | None
    answer: Answer | None
    shut: bool
    drains: Sequence[DrainView]
    now_ms: int

    def drains_of_it(self) -> list[DrainView]:
        """Those that keep the registry from granting it; one that has never reported is meant by name and host."""
        tag = self.view.image_tag if self.view else ""
        names = {f"worker:{self.place.worker_id}", f"host:{self.host}", f"tag:{tag}", "pool"}
        return [drain for drain in self.drains if drain.selector in names]


def _put_together(facts: Facts) -> SeatNow:
    place, container, view = facts.place, facts.container, facts.view
    drains = facts.drains_of_it()
    foreign = next((f"{drain.by or 'somebody'}: {drain.reason}" for drain in drains if drain.by != BY), "")
    seat = SeatNow(place.worker_id, facts.host, surge=place.surge, closed=facts.shut and bool(drains), foreign=foreign)
    if container is None:
        return seat
    answer = facts.answer or Answer()
    silent = facts.answer is not None and answer.health is None
    # The record of the container before this one may still stand in the registry; its epoch is a lower one.
    if view is not None and (view.state == "lost" or (answer.health and view.epoch < answer.health.epoch)):
        view = None
    phase = _phase(answer, view)
    carries = phase in CARRYING
    return replace(
        seat,
        ref=container.ref,
        tag=answer.health.image_tag if answer.health else view.image_tag if view else "",
        phase=phase if container.up else "lost",
        healthy=container.up and container.health != "unhealthy" and not silent,
        registered=container.up and view is not None and not silent,
        draining=answer.health.draining if answer.health else bool(view and view.draining),
        drained=bool(answer.draining and answer.draining.drained and not (view and view.reservation_id)),
        call=(view.session_id or view.call_id or "") if view and carries else "",
        call_age_s=max(0, facts.now_ms - view.since_ms) / 1000 if view and carries else 0.0,
        restarts=container.restarts,
        calls=answer.calls,
        errors=answer.errors,
    )


def _phase(answer: Answer, view: SeatView | None) -> Phase:
    """Its own word before the registry's: a seat that is cut off from the registry may still carry a call."""
    if answer.draining:
        return answer.draining.phase
    if view:
        return view.phase
    if answer.health and answer.health.state != "starting":
        return "busy" if answer.health.worker_calls else "idle"
    return "starting"
