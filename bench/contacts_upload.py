"""Upload a contacts CSV through voxbridge's HTTP API on the embedded store, and a second file that replaces it.

Measured: seconds from the request to the answer, growth of voxbridge's resident memory (highest during the upload less
that before it), and how long other requests wait meanwhile (`/auth/me`, ten a second). Goals for 500,000 rows: at most
180 s and 300 MB; on a busy machine the processor seconds of both processes tell more than the time.
Run: `python bench/contacts_upload.py [--rows N] [--dnc N] [--again]`. `--dnc`: numbers on the do-not-call list, half of
them in the file; `--again`: upload the same file a second time. Writes a dated file to bench/results.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from bridgebench.report import write
from bridgebench.stack import EMAIL, PASSWORD, STORE, running
from voxbridge_calls import quantiles

GOAL_S, GOAL_MB, GOAL_ROWS = 180.0, 300.0, 500_000
CITIES = ("Berlin", "München", "Hamburg", "Köln")
SECONDS_AN_UPLOAD = 3_600


def numbers(rows: int) -> Iterator[str]:
    return (f"+4915{n * 17 % 10**9:09d}" for n in range(rows))


def contacts_csv(rows: int) -> bytes:
    """Five columns, about 60 bytes a row; every number once."""
    lines = ["phone_number,name,city,order_id,amount"]
    lines += [f"{number},Customer {n},{CITIES[n % 4]},A-{n:07d},{n % 997}.50" for n, number in enumerate(numbers(rows))]
    return ("\n".join(lines) + "\n").encode()


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watched(http: httpx.AsyncClient, pids: tuple[int, int], campaign_id: str, data: bytes) -> dict[str, Any]:
    """One upload; raises when its answer does not count every row. `pids`: voxbridge, store."""
    pid = pids[0]
    waits: list[float] = []
    refused = 0
    used = [cpu_seconds(each) for each in pids]
    before = highest = resident_mb(pid)
    done = asyncio.Event()

    async def ask() -> None:
        nonlocal highest, refused
        while not done.is_set():
            began = time.perf_counter()
            refused += (await http.get("/api/v1/auth/me")).is_error
            waits.append((time.perf_counter() - began) * 1000)
            highest = max(highest, resident_mb(pid))
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(ask())
    began = time.perf_counter()
    files = {"file": ("contacts.csv", data, "text/csv")}
    answer = await http.post(f"/api/v1/campaigns/{campaign_id}/upload", files=files, timeout=SECONDS_AN_UPLOAD)
    seconds = time.perf_counter() - began
    used = [round(cpu_seconds(each) - before_it, 1) for each, before_it in zip(pids, used, strict=True)]
    done.set()
    await asking
    answer.raise_for_status()
    told = answer.json()
    assert told["inserted"] + told["suppressed"] == told["total_rows"], told
    return {
        "seconds": round(seconds, 1), "rows_per_second": round(told["total_rows"] / seconds),
        "cpu_seconds": {"voxbridge": used[0], "store": used[1]},
        "inserted": told["inserted"], "suppressed": told["suppressed"],
        "memory_before_mb": round(before), "memory_growth_mb": round(highest - before),
        "others": quantiles(waits), "others_refused": refused,
    }  # fmt: skip


async def run(base: str, pids: tuple[int, int], asked: argparse.Namespace) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=base, timeout=60) as http:
        login = await http.post("/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
        http.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"
        bot = {"bot_id": "bench", "name": "Bench", "opening_message": "Hello", "system_prompt": "You are a test."}
        (await http.post("/api/v1/bots", json=bot)).raise_for_status()
        made = await http.post("/api/v1/campaigns", json={"name": "Bench", "bot_id": "bench", "number_pool": []})
        campaign_id = made.raise_for_status().json()["campaign_id"]
        data = contacts_csv(asked.rows)
        if asked.dnc:
            inside = list(numbers(asked.dnc // 2))
            listed = "\n".join(["phone_number", *inside, *(f"+4917{n:09d}" for n in range(asked.dnc - len(inside)))])
            files = {"file": ("dnc.csv", listed.encode(), "text/csv")}
            (await http.post("/api/v1/dnc/upload", files=files, timeout=SECONDS_AN_UPLOAD)).raise_for_status()
        figures = {"file_bytes": len(data), "upload": await watched(http, pids, campaign_id, data)}
        if asked.again:
            figures["replacement"] = await watched(http, pids, campaign_id, data)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dnc", type=int, default=0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--note", default="", help="conditions of the run, kept with its figures")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="vox-bench-") as name, running(Path(name)) as bridge:
        load_before = os.getloadavg()[0]
        figures = asyncio.run(run(bridge.url, bridge.pids, asked))
        load_after = os.getloadavg()[0]
    report = {
        "rows": asked.rows, "dnc": asked.dnc, "note": asked.note,
        "store": STORE, "load_before": load_before, "load_after": load_after,
        "goal_s": GOAL_S, "goal_memory_mb": GOAL_MB, "goal_rows": GOAL_ROWS, **figures,
    }  # fmt: skip
    print(json.dumps(report, indent=2))
    write(asked.out, "contacts_upload", f"{asked.rows}-", now, report)


if __name__ == "__main__":
    main()
