"""What the balancer adds to an audio frame: echoes of 20 ms frames, direct and through HAProxy, in the same run.

    vox bench haproxy -- --streams 8 --seconds 30       VOX_HAPROXY names the program when it is not on the PATH

Half of the streams go straight to an echo server, half through a HAProxy with the rendering of a fleet host; both send
in the same moments of the same process, so that whatever else the machine does hits them alike. A round trip passes
the balancer twice. Writes bench/results/haproxy-<time>.json; exit 1 when the goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import uvloop
from callbench.figures import percentile
from voxctl.balancer.program import check_file, haproxy_command
from voxctl.balancer.render import FleetBalancer, Seat, render_balancer
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port
from voxctl.output import CommandError
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

RESULTS = Path(__file__).parent / "results"
FRAME = bytes(320)
EVERY_S = 0.02
WARM_S = 2.0
GOAL_MS = 1.0


async def echo_server(port: int) -> None:
    """A stand-in of a seat that echoes at once and answers the balancer's checks."""

    def checks(link: ServerConnection, request: Request) -> Response | None:
        return link.respond(HTTPStatus.OK, "ok") if request.path in ("/ready", "/health") else None

    async def echo(link: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for frame in link:
                await link.send(frame)

    async with serve(echo, "127.0.0.1", port, process_request=checks, compression=None, ping_interval=None) as server:
        await server.serve_forever()


async def stream(link: ClientConnection, until: float, delays: list[float]) -> int:
    """Send a frame each 20 ms until then; keep the round trip of each, seconds. Returns frames sent."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    warm_until = due + WARM_S
    sent = 0
    while due < until:
        began = time.perf_counter()
        await link.send(FRAME)
        await link.recv()
        if due > warm_until:
            delays.append(time.perf_counter() - began)
        sent += 1
        due += EVERY_S
        await asyncio.sleep(max(0.0, due - loop.time()))
    return sent


async def measure(streams: int, seconds: float, port: int, balancer_port: int) -> dict[str, Any]:
    """Round trips of both ways, milliseconds."""
    loop = asyncio.get_running_loop()
    ways = {"direct": port, "haproxy": balancer_port}
    delays: dict[str, list[float]] = {way: [] for way in ways}
    links: list[tuple[str, ClientConnection]] = []
    for _ in range(streams):
        for way, where in ways.items():
            url = f"ws://127.0.0.1:{where}/ws/demo"
            links.append((way, await connect(url, compression=None, ping_interval=None, proxy=None)))
    until = loop.time() + WARM_S + seconds
    starts = []
    for number, (way, link) in enumerate(links):
        # Spread over the 20 ms, as callers are.
        await asyncio.sleep(EVERY_S / len(links) if number else 0)
        starts.append(asyncio.create_task(stream(link, until, delays[way])))
    frames = sum(await asyncio.gather(*starts))
    await asyncio.gather(*(link.close() for _, link in links))
    figures: dict[str, Any] = {"frames": frames}
    for part, name in ((0.5, "p50"), (0.99, "p99"), (0.999, "p999")):
        for way in ways:
            figures[f"{way}_{name}_ms"] = round(percentile(delays[way], part) * 1000, 3)
        figures[f"added_{name}_ms"] = round(figures[f"haproxy_{name}_ms"] - figures[f"direct_{name}_ms"], 3)
    return figures


def main() -> int:
    """Exit 0 when the goal was met, 1 when it was missed."""
    parser = argparse.ArgumentParser(description="Measure what HAProxy adds to a 20 ms audio frame.")
    parser.add_argument("--streams", type=int, default=8, help="calls each way")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(echo_server(options.serve))
        return 0
    try:
        command = haproxy_command()
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    port, public = free_port(), free_port()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="vox-lb-") as name:
        folder = Path(name)
        seats = [Seat(f"bench-{n}", f"127.0.0.1:{port}") for n in range(1, options.streams + 1)]
        config = folder / "haproxy.cfg"
        config.write_text(
            render_balancer(
                FleetBalancer(
                    host="bench",
                    seats=seats,
                    running=len(seats),
                    public_binds=[f"127.0.0.1:{public}"],
                    private_bind=f"127.0.0.1:{free_port()}",
                    run_dir=folder,
                    trusted_nets=["127.0.0.0/8"],
                )
            )
        )
        check_file(command, config)
        echo = subprocess.Popen([sys.executable, __file__, "--serve", str(port)])
        with (folder / "log").open("wb") as log:
            master = subprocess.Popen(
                [*command, "-W", "-S", f"{folder}/master.sock", "-f", str(config)], stdout=log, stderr=log
            )
        try:
            balancer = Balancer(folder)
            deadline = time.monotonic() + 30
            while not (balancer.running and all(balancer.proven("calls", seat.id) for seat in seats)):
                if time.monotonic() > deadline:
                    print("HAProxy did not find the echo server within 30 s", file=sys.stderr)
                    return 1
                time.sleep(0.1)
            worker = psutil.Process(balancer.generations().current)
            before = sum(worker.cpu_times()[:2])
            figures = uvloop.run(measure(options.streams, options.seconds, port, public))
            spent = sum(worker.cpu_times()[:2]) - before
            figures["haproxy_cpu_percent"] = round(100 * spent / (options.seconds + WARM_S), 1)
        finally:
            master.terminate()
            echo.terminate()
            master.wait(10)
            echo.wait(10)
    said = subprocess.run([*command, "-v"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"version (\S+)", said)
    met = figures["added_p99_ms"] <= GOAL_MS
    report = {
        "bench": "haproxy",
        "conditions": {
            "cores": os.cpu_count(),
            "machine": platform.platform(),
            "python": platform.python_version(),
            "haproxy": version[1] if version else "",
            "load_before": [round(value, 2) for value in load],
            "load_after": [round(value, 2) for value in os.getloadavg()],
            "streams_each_way": options.streams,
            "seconds": options.seconds,
        },
        "figures": figures,
        "goal": {"added_p99_ms": {"at_most": GOAL_MS}},
        "verdict": "met" if met else "missed",
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"haproxy-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(report, indent=1) + "\n")
    print("\n".join(f"{key:22} {value}" for key, value in figures.items()))
    print(f"added p99 {figures['added_p99_ms']} ms, goal {GOAL_MS} ms: {report['verdict']}\nwritten: {path}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
