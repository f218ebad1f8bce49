"""The seats of a real host: what its Docker, its balancer and the registry say of them, put together and changed.

Three books tell whether a seat may get a call: the balancer (calls without a reservation), the seat itself, and the
registry (reservations). `close` and `open` write all three, and a seat counts as closed when no call can reach it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError
from voxkit.contracts.health import WorkerHealth
from voxkit.contracts.registry import DrainView, SeatView
from voxkit.registry import RegistryClient
from voxkit.secrets import SECRET_HEADER

from voxctl.deploy.containers import Container, HostContainers
from voxctl.deploy.edge import Edge
from voxctl.deploy.outcome import StepFailed
from voxctl.deploy.world import CARRYING, Image, Phase, SeatNow
from voxctl.hosts.fleet_host import SeatPlace, seat_places
from voxctl.hosts.layout import PRIVATE_PORT, RUN_DIR
from voxctl.hosts.remote import Remote

BY = "vox deploy"
"""Drains with another `by` are an operator's, and stay."""
MOST_SURGE = 2
SURGE_FREE_MIB, SURGE_MIB = 512, 700
COMPOSE_WITHIN_S = 120.0
DESERTED_STOP_S = 20
"""A seat without a call ends in a second or two; what is longer does not listen."""
ANSWER_WITHIN_S = 5.0


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
        self._docker = HostContainers(self.remote)
        self._edge = Edge(partial(self.remote.ask, RUN_DIR / "admin.sock"))
        self._base = f"http://{host.address}:{PRIVATE_PORT}"

    # --- looking ----------------------------------------------------------------------------------------------------

    async def seats(self) -> Sequence[SeatNow]:
        """All seats of the host. Raises: CommandError: host, balancer or registry give no answer."""
        found, servers, views, drains, fleet = await asyncio.gather(
            self._docker.found([place.service for place in self.places.values()]),
            self._edge.servers("calls"),
            self.registry.seats(host_id=self.name),
            self.registry.drains(),
            self.registry.fleet(),
        )
        containers = {id: found[place.service] for id, place in self.places.items() if place.service in found}
        known = {view.worker_id: view for view in views}
        asked = [
            id
            for id, each in containers.items()
            if each.status == "running" and _to_ask(known.get(id), id in self._opened)
        ]
        answers = await self._answers(asked) if asked else {}
        seats = [
            put_together(
                Facts(
                    place,
                    self.name,
                    container=containers.get(id),
                    view=known.get(id),
                    answer=answers.get(id),
                    shut=id in servers and not servers[id].open,
                    drains=tuple(drains),
                    now_ms=fleet.now_ms,
                )
            )
            for id, place in self.places.items()
        ]
        return await asyncio.gather(*(self._with_complaint(seat, containers.get(seat.id)) for seat in seats))

    async def _answers(self, ids: Sequence[str]) -> dict[str, Answer]:
        async with self.remote.http(self._base, timeout_s=ANSWER_WITHIN_S) as client:
            answers = await asyncio.gather(*(self._answer(client, id) for id in ids))
        return dict(zip(ids, answers, strict=True))

    async def _answer(self, client: httpx.AsyncClient, id: str) -> Answer:
        health = None
        calls = errors = 0
        with suppress(httpx.HTTPError, ValidationError):
            response = await client.get(f"/seats/{id}/health")
            response.raise_for_status()
            health = WorkerHealth.model_validate_json(response.content)
            if id in self._opened:
                calls, errors = calls_of((await client.get(f"/seats/{id}/metrics")).text)
        return Answer(health, calls, errors)

    async def _with_complaint(self, seat: SeatNow, container: Container | None) -> SeatNow:
        if container is None or (container.status == "running" and not container.restarts):
            return seat
        return replace(seat, complaint=await self._docker.complaint(self.places[seat.id].service, container))

    async def surge_room(self) -> int:
        """min(2, (free memory - 512 MB) / 700 MB), or what the inventory says."""
        wanted = self.remote.host.surge
        if wanted != "auto":
            return wanted
        text = await self.remote.text("/proc/meminfo") or ""
        found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
        free_mib = int(found[1]) // 1024 if found else 0
        return max(0, min(MOST_SURGE, (free_mib - SURGE_FREE_MIB) // SURGE_MIB))

    async def trouble(self) -> str:
        return await self._docker.trouble()

    # --- changing ---------------------------------------------------------------------------------------------------

    async def close(self, seat: str, why: str) -> None:
        self._opened.discard(seat)
        await self._edge.close("calls", seat)
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
        await self._edge.open("calls", seat)
        self._opened.add(seat)

    async def _tell_seat(self, seat: str, route: str) -> None:
        """Its own drain. A seat that does not run, or does not answer, cannot take a call either."""
        async with self.remote.http(self._base, timeout_s=ANSWER_WITHIN_S) as client:
            body = {"reason": BY} if route == "drain" else {}
            with suppress(httpx.HTTPError):
                await client.post(f"/seats/{seat}/{route}", json=body, headers={SECRET_HEADER: self.secret})

    async def replace(self, images: dict[str, Image], *, deserted: bool) -> None:
        """Raises: StepFailed: Docker does not take the image or cannot start it."""
        await self._docker.write_images({self.places[id].variable: image.ref for id, image in images.items()})
        services = [self.places[id].service for id in images]
        # Its image was brought before; here it would be pulled by whom nobody waits for.
        # Anew even on the same image: its settings may be others.
        how = ("--detach", "--no-deps", "--no-build", "--pull", "never", "--force-recreate", *_timeout(deserted))
        words = ("up", *how, *services)
        done = await self.remote.compose(*words, timeout_s=COMPOSE_WITHIN_S)
        if not done.ok:
            raise StepFailed(done.words)

    async def stop(self, seat: str, *, deserted: bool) -> None:
        service = self.places[seat].service
        for words in (("stop", *_timeout(deserted), service), ("rm", "--force", service)):
            done = await self.remote.compose(*words, timeout_s=COMPOSE_WITHIN_S)
            if not done.ok:
                raise StepFailed(done.words)
        selector = f"worker:{seat}"
        if any(drain.selector == selector and drain.by == BY for drain in await self.registry.drains()):
            await self.registry.undrain(selector)

    async def cut(self, seat: str) -> None:
        done = await self.remote.docker("kill", "--signal", "SIGINT", self._docker.name_of(self.places[seat].service))
        if not done.ok:
            raise StepFailed(done.words)


@dataclass(frozen=True)
class Answer:
    """What a seat says of itself; `health` None when it does not answer."""

    health: WorkerHealth | None = None
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


def _timeout(deserted: bool) -> tuple[str, ...]:
    """How long Compose waits for the end of a seat. Its own grace is longer than a call: one that hangs uses it up."""
    return ("--timeout", str(DESERTED_STOP_S)) if deserted else ()


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


def put_together(facts: Facts) -> SeatNow:
    """One seat out of all books. Each is a little behind; in doubt it is not empty, and not ready."""
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
    runs = container.status == "running"
    phase = _phase(answer, view)
    carries = phase in CARRYING
    return replace(
        seat,
        ref=container.ref,
        container=container.id,
        tag=answer.health.image_tag if answer.health else view.image_tag if view else "",
        phase=phase if runs else "lost",
        healthy=runs and not silent,
        registered=runs and view is not None and not silent,
        draining=answer.health.draining if answer.health else bool(view and view.draining),
        offered=view is not None and not view.draining,
        drained=runs and _drained(answer, view),
        call=(view.session_id or view.call_id or "") if view and carries else "",
        call_age_s=max(0, facts.now_ms - view.since_ms) / 1000 if view and carries else 0.0,
        restarts=container.restarts,
        calls=answer.calls,
        errors=answer.errors,
    )


def _phase(answer: Answer, view: SeatView | None) -> Phase:
    """Its own word before the registry's: a seat that is cut off from the registry may still carry a call."""
    if answer.health and answer.health.worker_calls:
        return view.phase if view and view.phase in CARRYING else "busy"
    if view:
        return view.phase
    return "starting" if answer.health is None or answer.health.state == "starting" else "idle"


def _drained(answer: Answer, view: SeatView | None) -> bool:
    """Nothing is left there: it takes nothing new, carries no call, has delivered all, and nobody is on the way to it.

    Its own word first (a call without a reservation), then the registry's (one who holds a reservation).
    """
    said = answer.health
    left = said is None or not said.draining or said.worker_calls or said.outbox_pending
    return not left and view is not None and view.phase == "idle" and not view.reservation_id
