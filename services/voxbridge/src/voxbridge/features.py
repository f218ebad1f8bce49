"""The features of voxbridge, as a table: a new feature is one row and one folder.

`voxbridge.<name>.routes` has `router`. Optional: `voxbridge.<name>.store` has `INDEXES`, a list of
`(collection, pymongo.IndexModel)`; `voxbridge.<name>.hooks` has `jobs(ctx) -> list[Job]` and
`async on_start(ctx)`, which runs once per start after all indexes exist, in the order of the table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter
from pymongo import IndexModel
from starlette.routing import BaseRoute

from voxbridge.context import Context
from voxbridge.jobs import Job

API = "/api/v1"
ROOT = ""


@dataclass(frozen=True)
class Feature:
    """One row: the folder's name and where its routes begin."""

    name: str
    prefix: str = API

    def _module(self, part: str) -> Any:
        name = f"voxbridge.{self.name}.{part}"
        return import_module(name) if find_spec(name) else None

    @property
    def router(self) -> APIRouter:
        router: APIRouter = import_module(f"voxbridge.{self.name}.routes").router
        return router

    @property
    def indexes(self) -> Sequence[tuple[str, IndexModel]]:
        return getattr(self._module("store"), "INDEXES", ())

    @property
    def on_start(self) -> Callable[[Context], Awaitable[None]] | None:
        return getattr(self._module("hooks"), "on_start", None)

    def jobs(self, ctx: Context) -> Sequence[Job]:
        make = getattr(self._module("hooks"), "jobs", None)
        return make(ctx) if make else ()


FEATURES: tuple[Feature, ...] = (
    Feature("settings"),
    Feature("auth"),
    Feature("users"),
    Feature("api_keys"),
    Feature("audit"),
    Feature("fleet"),
    Feature("bots"),
    Feature("config"),
    Feature("results"),
    Feature("outbox"),
    Feature("calls"),
    Feature("recordings"),
    Feature("cdr"),
    Feature("campaigns"),
    Feature("contacts"),
    Feature("attempts"),
    Feature("dnc"),
    Feature("carriers"),
    Feature("dialout"),
    Feature("analytics"),
    Feature("events"),
    Feature("health", prefix=ROOT),
)


@cache
def routes() -> tuple[BaseRoute, ...]:
    """The routes of all features, under their prefixes; every application of a process has the same ones.

    FastAPI prepares a router for each place where it is included, at the first request that comes by: a third of a
    second for all of them.
    """
    whole = APIRouter()
    for feature in FEATURES:
        whole.include_router(feature.router, prefix=feature.prefix)
    return tuple(whole.routes)
