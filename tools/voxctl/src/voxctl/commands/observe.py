"""`vox observe`: what Prometheus scrapes, made from the inventory."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from voxctl.hosts.fleet_host import seat_places
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import PRIVATE_PORT
from voxctl.output import EXIT_DONE, Output

observe = App(name="observe", help="Prometheus targets, made from the inventory deploy.yml.")
NODE_PORT = 9100
SERVICES = {"api": {"voxbridge": 8080, "voxregistry": 8070}, "dialler": {"voxdialler": 8090}}
"""Jobs of a role and the ports they are scraped at."""


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
    services = [job for ports in SERVICES.values() for job in ports]
    jobs: dict[str, list[dict[str, Any]]] = {job: [] for job in ("voxcore", "haproxy", "node", *services)}
    for name, host in inventory.hosts.items():
        private = f"{host.address}:{PRIVATE_PORT}"
        jobs["node"].append({"targets": [f"{host.address}:{NODE_PORT}"], "labels": {"host": name}})
        if {"fleet", "ingress"} & set(host.roles):
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
        for role in host.roles:
            for job, port in SERVICES.get(role, {}).items():
                jobs[job].append({"targets": [f"{host.address}:{port}"], "labels": {"host": name}})
    return jobs
