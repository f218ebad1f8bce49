"""Health of this worker and of its host. Balancers match the compact text, so it is made byte by byte from models."""

import os

from fastapi import APIRouter, Response
from voxkit.contracts.health import FleetHealth, WorkerHealth

from voxcore import metrics
from voxcore.fleet import FleetView
from voxcore.slot import Phase
from voxcore.worker import VERSION, Worker

JSON = "application/json"


def health_of(worker: Worker) -> WorkerHealth:
    """This worker as `GET /health` tells it."""
    slot, settings = worker.slot, worker.settings
    total = slot.max * settings.voxcore_workers
    return WorkerHealth(
        worker_calls=slot.calls,
        worker_max=slot.max,
        total_capacity=total,
        total_available=total - slot.calls,
        workers=settings.voxcore_workers,
        worker_id=settings.voxcore_worker_id,
        worker_pid=os.getpid(),
        state=slot.state,
        draining=slot.draining,
        image_tag=settings.vox_image_tag,
        version=VERSION,
        epoch=slot.epoch,
        outbox_pending=worker.own_waiting,
    )


def router(worker: Worker) -> APIRouter:
    """`/health`, `/health/fleet`, `/ready`, `/metrics`: open on the private network."""
    routes = APIRouter(tags=["health"])
    fleet = FleetView(lambda: health_of(worker), worker.settings, worker.services.voxbridge)

    @routes.get("/health", operation_id="health", response_model=WorkerHealth)
    async def health() -> Response:
        return Response(health_of(worker).model_dump_json(), media_type=JSON)

    @routes.get("/health/fleet", operation_id="health_fleet", response_model=FleetHealth)
    async def health_fleet() -> Response:
        return Response((await fleet.look()).compact(), media_type=JSON)

    @routes.get(
        "/ready",
        operation_id="ready",
        responses={200: {"content": {JSON: {"example": {"ready": True}}}}, 503: {"description": "starting, draining"}},
    )
    async def ready() -> Response:
        is_ready = worker.slot.phase is not Phase.STARTING and not worker.slot.draining
        return Response('{"ready":true}' if is_ready else '{"ready":false}', 200 if is_ready else 503, media_type=JSON)

    @routes.get(
        "/metrics", operation_id="metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
    )
    async def page() -> Response:
        return metrics.page(worker.settings.voxcore_worker_id, worker.settings.voxcore_host_id)

    return routes
