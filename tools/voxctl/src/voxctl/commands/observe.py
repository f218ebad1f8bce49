"""`vox observe`: what Prometheus scrapes, made from the inventory."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from voxctl.hosts.fleet_host import seat_places
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import PRIVATE_PORT
from voxctl.hosts.replicas import replicas_of
from voxctl.output import EXIT_DONE, Output

observe = App(name="observe", help="Prometheus targets, made from the inventory deploy.yml.")
NODE_PORT = 9100
SERVICES = ("voxbridge", "voxregistry", "voxdialler")
"""Services of ours that have figures, each a job."""


@observe.command
def render(
    *,
    inventory: Annotated[Path, Parameter(name="--inventory", help="The inventory.")] = Path("deploy.yml"),
    env: Annotated[str, Parameter(name=["--env", "-e"], help="Environment: deploy.<env>.yml lies over it.")] = "",
    out: Annotated[Path, Parameter(help="Folder of prometheus.yml; the files go to its targets/.")] = Path("targets"),
    json: Annotated[bool, Parameter(negative=(), help="JSON lines instead of text.")] = False,
) -> int:
    """Write one file of targets a job, which Prometheus reads again by itself."""
    output = Output(as_json=json)
    out.mkdir(parents=True, exist_ok=True)
    for job, targets in targets_of(load_inventory(inventory, env)).items():
        path = out / f"{job}.json"
        new = out / f"{job}.json.new"
        new.write_text(json_text.dumps(targets, indent=1) + "\n")
        new.replace(path)
        output.emit("observe.rendered", f"{path}: {len(targets)} targets", job=job, targets=len(targets))
    return EXIT_DONE


def targets_of(inventory: Inventory) -> dict[str, list[dict[str, Any]]]:
    """Job -> targets with their labels, as `file_sd_configs` reads them.

    Surge seats are left out: they are there during deploys alone, and would raise an alarm at any other time.
    """
    jobs: dict[str, list[dict[str, Any]]] = {job: [] for job in ("voxcore", "haproxy", "node", *SERVICES)}
    for name, host in inventory.hosts.items():
        private = f"{host.address}:{PRIVATE_PORT}"
        jobs["node"].append({"targets": [f"{host.address}:{NODE_PORT}"], "labels": {"host": name}})
        if {"api", "fleet", "ingress"} & set(host.roles):
            jobs["haproxy"].append({"targets": [private], "labels": {"host": name}})
        if "fleet" in host.roles:
            jobs["voxcore"] += [
                {
                    "targets": [private],
                    "labels": {
                        "host": name,
                        "seat": place.worker_id,
                        "__metrics_path__": f"/seats/{place.worker_id}/metrics",
                        "instance": place.worker_id,
                    },
                }
                for place in seat_places(inventory, name, host.seats)
                if not place.surge
            ]
        for job in SERVICES:
            jobs[job] += _replicas(inventory, name, job)
    return jobs


def _replicas(inventory: Inventory, name: str, service: str) -> list[dict[str, Any]]:
    """By the private side of the host's edge, one path each; a dialler without an edge by the port it publishes.

    A place beside a single replica is left out like a surge seat. Of two diallers either may run: both are asked.
    """
    host = inventory.hosts[name]
    places = replicas_of(inventory, name, service)
    if service != "voxdialler":
        places = [place for place in places if not place.beside]
    found: list[dict[str, Any]] = []
    for number, place in enumerate(places):
        labels = {"host": name, "instance": f"{name}-{place.id}"}
        if "api" in host.roles:
            target = f"{host.address}:{PRIVATE_PORT}"
            labels["__metrics_path__"] = f"/replicas/{place.id}/metrics"
        else:
            target = f"{host.address}:{place.kind.port + number}"
        found.append({"targets": [target], "labels": labels})
    return found
