"""`python -m voxdialler.smoke_check [--json]`: one line a check, exit 1 when one failed. It writes nothing and runs
beside a working dialler."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import httpx
from pymongo.errors import PyMongoError
from voxkit import log as logs
from voxkit.clock import utc_now
from voxkit.contracts.campaigns import HELD
from voxkit.errors import ConfigurationError, VoxError
from voxkit.http import internal_client
from voxkit.netguard import Allowlist
from voxkit.registry import RegistryClient

from voxdialler.app import missing_index, open_mongo
from voxdialler.gates import MOST_SKEW_S
from voxdialler.numbers import known_numbers
from voxdialler.originate.accounts import Accounts
from voxdialler.plan import numbers_of
from voxdialler.recovery import LAPSED_FOR
from voxdialler.settings import DiallerSettings

Document = dict[str, Any]
Verdict = Literal["ok", "warn", "fail"]
ANSWER_WITHIN_S = 5.0
NOBODY = "0" * 32
"""No carrier has this id: voxbridge answers 404 to whoever knows the secret."""


@dataclass(frozen=True)
class Line:
    """One check. `told`: what was found, and what to do about it."""

    check: str
    verdict: Verdict
    told: str


class Smoke:
    """All checks of one deployment; each looks for itself, none stops another."""

    def __init__(self, settings: DiallerSettings, http: httpx.AsyncClient, db: Any) -> None:
        self._settings, self._http, self._db = settings, http, db
        self._accounts = Accounts(http, settings.voxbridge_url, Allowlist.parse(settings.outbound_url_allowlist))

    async def run(self) -> list[Line]:
        """Every check in order. A check that breaks is a failed check."""
        lines = [Line("settings", "ok", f"deployment {self._settings.deployment_name}, {self._settings.vox_env}")]
        checks: dict[str, Callable[[], Awaitable[list[Line]]]] = {
            "mongodb": self._mongodb, "dialler": self._dialler, "leader": self._leader, "voxbridge": self._voxbridge,
            "registry": self._registry, "carriers": self._carriers, "numbers": self._numbers, "stale": self._stale,
        }  # fmt: skip
        for name, check in checks.items():
            try:
                lines += await check()
            except (PyMongoError, TimeoutError) as error:
                lines.append(Line(name, "fail", f"MongoDB does not answer ({type(error).__name__}); see MONGODB_URI"))
        await self._accounts.aclose()
        return lines

    async def _mongodb(self) -> list[Line]:
        name = self._settings.mongodb_db
        if await self._db["meta"].find_one({"_id": "schema"}) is None:
            told = f"the database {name} is not voxbridge's; give both the same MONGODB_DB"
            return [Line("mongodb", "fail", told)]
        missing = await missing_index(self._db)
        indexes = (
            Line("indexes", "fail", f"{missing} is missing; start voxbridge of this release once")
            if missing
            else Line("indexes", "ok", "all there")
        )
        return [Line("mongodb", "ok", f"database {name}"), indexes]

    async def _dialler(self) -> list[Line]:
        settings = self._settings
        host = "127.0.0.1" if settings.health_host in ("0.0.0.0", "::") else settings.health_host
        base = f"http://{host}:{settings.health_port}"
        health = await self._get(f"{base}/health")
        if health is None:
            return [Line("dialler", "fail", f"nothing answers at {base}; start voxdialler, or set HEALTH_PORT")]
        body = health.json()
        said = f"{body.get('role')}, {body.get('status')}, last turn {body.get('last_tick_age_s')} s ago"
        token = {"Authorization": f"Bearer {settings.metrics_token}"} if settings.metrics_token else {}
        figures = await self._get(f"{base}/metrics.json", **token)
        status = figures.status_code if figures is not None else None
        return [
            Line("dialler", "ok" if health.status_code == 200 else "fail", said),
            Line("figures", "ok", "/metrics.json answers")
            if status == 200
            else Line("figures", "fail", f"/metrics.json answered {status}; see METRICS_TOKEN"),
        ]

    async def _leader(self) -> list[Line]:
        first = await self._db["locks"].find_one({"_id": "voxdialler"})
        if first is None:
            return [Line("leader", "fail", "no dialler has ever led; start voxdialler")]
        await asyncio.sleep(2.5)
        then = await self._db["locks"].find_one({"_id": "voxdialler"}) or {}
        if (first["epoch"], first["beat"]) == (then.get("epoch"), then.get("beat")):
            return [Line("leader", "fail", f"{first['owner']} led last and does not beat; start voxdialler")]
        return [Line("leader", "ok", f"{then['owner']} in epoch {then['epoch']}")]

    async def _voxbridge(self) -> list[Line]:
        base = self._settings.voxbridge_url.rstrip("/")
        health = await self._get(f"{base}/health")
        if health is None or health.status_code != 200:
            found = "does not answer" if health is None else f"answered {health.status_code}"
            return [Line("voxbridge", "fail", f"{base}/health {found}; without it nothing is dialled")]
        lines = [Line("voxbridge", "ok", base)]
        secret = await self._get(f"{base}/api/v1/internal/carriers/{NOBODY}/credentials")
        accepted = secret is not None and secret.status_code == 404
        told = "accepted" if accepted else "refused: VOXCORE_SECRET is not the one that voxbridge has"
        lines.append(Line("secret", "ok" if accepted else "fail", told))
        if stated := health.headers.get("Date"):
            off_s = (utc_now() - parsedate_to_datetime(stated)).total_seconds()
            is_off = abs(off_s) > MOST_SKEW_S
            told = f"{off_s:+.1f} s from voxbridge's{'; set the time of this host' if is_off else ''}"
            lines.append(Line("clock", "fail" if is_off else "ok", told))
        return lines

    async def _registry(self) -> list[Line]:
        if self._settings.pool is None:
            return [Line("registry", "warn", "REGISTRY_URL is empty: seats are estimated from FLEET_URLS")]
        pool, url = self._settings.pool
        registry = RegistryClient(
            url, self._settings.secrets[0], client=self._settings.deployment_name, pool=pool, http=self._http
        )
        try:
            view = await registry.fleet()
        except (VoxError, httpx.HTTPError) as error:
            return [Line("registry", "fail", f"{url}: {error}; without it nothing is dialled")]
        verdict: Verdict = "ok" if view.free else "warn"
        return [Line("registry", verdict, f"pool {pool}: {view.free} of {view.seats} seats are free")]

    async def _carriers(self) -> list[Line]:
        carriers = await self._db["carriers"].find({}).to_list()
        if not carriers:
            return [Line("carriers", "warn", "there is none; add one in the console, with its numbers")]
        return [await self._carrier(carrier) for carrier in carriers]

    async def _carrier(self, carrier: Document) -> Line:
        name = f"carrier {carrier.get('name') or carrier['_id']}"
        if carrier.get("originate") != "websocket_carrier":
            if not self._settings.livekit_url:
                return Line(name, "warn", "rings over LiveKit, and LIVEKIT_URL is not set: it is not dialled over")
            if carrier.get("lk_sync_status") != "synced":
                return Line(name, "fail", "is not synced with LiveKit; sync it in the console")
            return Line(name, "ok", "synced with LiveKit")
        try:
            client = await self._accounts.client(carrier["_id"])
            healthy = await client.health()
        except (VoxError, httpx.HTTPError) as error:
            return Line(name, "fail", f"{error}")
        if not healthy:
            return Line(name, "fail", "its REST API does not answer its health; see the carrier's rest.base_url")
        return Line(name, "ok", "credentials and health")

    async def _numbers(self) -> list[Line]:
        carriers = await self._db["carriers"].find({}).to_list()
        lines: list[Line] = []
        async for campaign in self._db["campaigns"].find({"status": "running"}):
            pool = campaign.get("number_pool") or []
            known = known_numbers(pool, carriers)
            ready, _ = numbers_of(campaign, carriers, livekit=bool(self._settings.livekit_url))
            verdict: Verdict = "fail" if not ready else "warn" if len(known) < len(pool) else "ok"
            more = "" if ready else "; give one of its numbers to a carrier for outbound calls"
            told = f"{len(ready)} of {len(pool)} numbers can ring{more}"
            lines.append(Line(f"campaign {campaign.get('name') or campaign['_id']}", verdict, told))
        return lines

    async def _stale(self) -> list[Line]:
        before, counted = utc_now() - LAPSED_FOR - timedelta(seconds=self._settings.stale_scan_seconds), Counter[str]()
        for state in HELD:
            async for row in self._db["campaign_calls"].find({"status": state}, {"lease_expires_at": 1}):
                counted[state] += (row.get("lease_expires_at") or before) <= before
        lost = {state: count for state, count in counted.items() if count}
        if not lost:
            return [Line("stale contacts", "ok", "none")]
        told = ", ".join(f"{count} {state}" for state, count in lost.items())
        return [Line("stale contacts", "fail", f"{told}: no dialler brings them to an end; see its log")]

    async def _get(self, url: str, **headers: str) -> httpx.Response | None:
        try:
            return await self._http.get(url, headers=headers, timeout=ANSWER_WITHIN_S)
        except (httpx.HTTPError, httpx.InvalidURL):
            return None


async def check(settings: DiallerSettings) -> list[Line]:
    """All lines. Raises: ConfigurationError: MONGODB_URI is no URI."""
    mongo = open_mongo(settings)
    async with internal_client(settings.secrets[0]) as http, mongo:
        return await Smoke(settings, http, mongo[settings.mongodb_db]).run()


def main() -> int:
    """Exit 0 when nothing failed."""
    try:
        settings = DiallerSettings.load()
        logs.configure("voxdialler", level="ERROR", fmt="console")
        lines = asyncio.run(check(settings))
    except ConfigurationError as error:
        lines = [Line("settings", "fail", str(error))]
    if "--json" in sys.argv[1:]:
        print(json.dumps([asdict(line) for line in lines]))
    else:
        for line in lines:
            print(f"{line.verdict:<5} {line.check}: {line.told}")
    return 1 if any(line.verdict == "fail" for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
