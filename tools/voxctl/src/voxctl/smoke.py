"""The steps of the smoke test: each raises CommandError when it fails, else returns what it saw in a few words."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from voxkit.secrets import SECRET_HEADER
from voxphone.persona import load_persona
from voxphone.phone import place_call
from voxphone.report import CallReport, Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

from voxctl.api import Bridge
from voxctl.campaign.rehearsal import rehearse
from voxctl.compose import Compose
from voxctl.logs import Logs
from voxctl.output import CommandError

HEALTHY_WITHIN_S = 60
RESULT_WITHIN_S = 15
SEEN_WITHIN_S = 4
REPLAYED_WITHIN_S = 60
LENGTH_TOLERANCE_S = 0.5
# The first worker; each stack has its own name for it.
WORKER = "worker"


@dataclass
class Smoke:
    """One run of the smoke test against a running stack, and what its steps hand to the next ones.

    `stack` has the addresses as seen from here: `api_url`, `voice_url`, `phone_url`, `registry_url` (empty: none),
    `worker_urls`, and whether there is a `dialler`. `compose` is None for the stack of `vox up`. Recordings and prompts
    are kept in `folder`.
    """

    stack: dict[str, Any]
    folder: Path
    logs: Logs
    compose: Compose | None
    bridge: Bridge
    email: str
    secret: str
    http: httpx.AsyncClient
    phone_token: str
    bot_id: str = ""
    target: CallTarget | None = None
    clips: dict[str, Any] = field(default_factory=dict)
    report: CallReport | None = None
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """`service` names the log to look at when the step fails. `left_out` says why a stack does without the step;
    empty: it does not."""

    number: int
    title: str
    service: str
    run: Callable[[Smoke], Awaitable[str]]
    left_out: Callable[[Smoke], str] = lambda smoke: ""


def require(true: bool, otherwise: str) -> None:
    """Raise CommandError with `otherwise` unless `true`."""
    if not true:
        raise CommandError(otherwise)


async def services_are_healthy(smoke: Smoke) -> str:
    smoke.logs.mark()
    bridge = str(smoke.stack["api_url"]).removesuffix("/api/v1")
    urls = [f"{bridge}/health", f"{smoke.stack['voice_url']}/health", f"{smoke.stack['phone_url']}/health"]
    urls += [f"{worker}/health" for worker in smoke.stack["worker_urls"]]
    urls += [f"{registry}/health"] if (registry := smoke.stack.get("registry_url")) else []
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    while sick := [url for url in urls if not await _is_healthy(smoke.http, url)]:
        require(time.monotonic() < deadline, f"not healthy within {HEALTHY_WITHIN_S} s: {', '.join(sick)}")
        await asyncio.sleep(0.5)
    return f"{len(urls)} services"


async def _is_healthy(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def a_wrong_password_is_refused(smoke: Smoke) -> str:
    wrong = {"email": smoke.email, "password": "wrong-" + uuid.uuid4().hex}
    answer = await smoke.http.post(f"{smoke.bridge.url}/auth/login", json=wrong)
    require(answer.status_code == 401, f"a wrong password was answered with {answer.status_code}, not 401")
    me = await smoke.bridge.get("/auth/me")
    return f"token for {me['email']}; 401"


async def a_worker_reads_the_config_of_a_new_bot(smoke: Smoke) -> str:
    bot = await smoke.bridge.post(
        "/bots",
        {
            "name": f"Smoke test {time.strftime('%Y-%m-%d %H:%M:%S')}",
            "opening_message": "Hello, this is the smoke test for {{call.city}}. How can I help you?",
            "system_prompt": "You are a friendly assistant on the telephone. Answer in one short sentence.",
            "builtin_tools": {"end_call": {"enabled": True}},
        },
    )
    smoke.bot_id = str(bot["bot_id"])
    answer = await smoke.http.get(
        f"{smoke.bridge.url}/config/{smoke.bot_id}",
        params={
            "caller_id": "+15550100",
            "stream_id": f"smoke-{uuid.uuid4().hex}",
            "connected_event": json.dumps({"city": "Pune"}),
        },
        headers={SECRET_HEADER: smoke.secret},
    )
    require(answer.status_code == 200, f"the config was answered with {answer.status_code}: {answer.text[:200]}")
    opening = answer.json()["opening_message"]
    require("Pune" in opening and "{{" not in opening, f"placeholders were not filled: {opening}")
    return f"bot {smoke.bot_id}"


async def the_workers_have_room(smoke: Smoke) -> str:
    for worker in smoke.stack["worker_urls"]:
        health = (await smoke.http.get(f"{worker}/health")).json()
        require(health["worker_max"] == 1, f"{worker}: worker_max is {health['worker_max']}, not 1")
        fleet = (await smoke.http.get(f"{worker}/health/fleet")).text
        require('"fleet_available":1' in fleet, f"{worker} is not free: {fleet}")
    return '"fleet_available":1'


async def the_registry_shows_the_workers(smoke: Smoke) -> str:
    """Step 5: idle, with their image's tag, within the time of a heartbeat and a bit, and to be had.

    A registry whose store was empty grants nothing for its first seconds, until every worker has spoken.
    """
    registry = smoke.stack["registry_url"]
    own: dict[str, str] = {}
    for url in smoke.stack["worker_urls"]:
        health = (await smoke.http.get(f"{url}/health")).json()
        own[health["worker_id"]] = health["image_tag"]
    deadline = time.monotonic() + SEEN_WITHIN_S
    while True:
        seats, fleet = [await _asked(smoke, f"{registry}/v1/{what}") for what in ("workers", "fleet")]
        shown = {seat["worker_id"]: seat for seat in seats["items"]}
        states = {worker: shown[worker]["state"] if worker in shown else "unknown" for worker in own}
        if set(states.values()) == {"idle"} and fleet["status"] == "ok":
            break
        require(
            time.monotonic() < deadline, f"not to be had within {SEEN_WITHIN_S} s: {states}, registry {fleet['status']}"
        )
        await asyncio.sleep(0.2)
    for worker, tag in own.items():
        told = shown[worker]["image_tag"]
        require(told == tag, f"the registry shows {worker} with image {told}, the worker itself says {tag}")
    return f"{len(own)} idle, image {', '.join(sorted(set(own.values())))}"


async def _asked(smoke: Smoke, url: str) -> dict[str, Any]:
    answer = await smoke.http.get(url, headers={SECRET_HEADER: smoke.secret})
    require(answer.status_code == 200, f"the registry answered {answer.status_code}: {answer.text[:200]}")
    body: dict[str, Any] = answer.json()
    return body


async def a_call_is_held_and_a_second_one_refused(smoke: Smoke) -> str:
    """Steps 6 and 7: the second call must come while the first one lasts, and like a carrier's: with no reservation."""

    async def a_second_call(target: CallTarget, clips: dict[str, Any]) -> None:
        head, route, _ = target.url.partition(f"/ws/{smoke.bot_id}")
        await _must_be_refused(replace(target, url=head + route), clips, 429, "at_capacity")

    report = smoke.report = await _call(smoke, a_second_call)
    require(bool(report.bot_text.strip()), "the bot was not heard to say anything")
    require(bool(report.turns), "the caller said nothing")
    return f"{report.duration_s:.1f} s, {len(report.turns)} turns; second call 429"


async def _must_be_refused(target: CallTarget, clips: dict[str, Any], status: int, error: str) -> None:
    report = await place_call(target, load_persona("friendly"), options=CallOptions(transcribe="off"), clips=clips)
    refusal = report.refusal
    require(
        refusal is not None and (refusal.status, refusal.error) == (status, error),
        f"a call that must be refused with {status} {error} was {report.outcome}: {report.reason}",
    )


async def a_fence_opens_once(smoke: Smoke) -> str:
    """Step 9: the call of step 6 came with a fence, which opens nothing once that call is over."""
    target = smoke.target
    assert target is not None
    _, _, fence = target.url.partition(f"/ws/{smoke.bot_id}/")
    require(fence.startswith("v1."), "voxbridge gave no fence to the call: it does not know the registry")
    _, worker_id, _, reservation_id, *_ = fence.split(".")
    url = f"{smoke.stack['registry_url']}/v1/reservations/{reservation_id}"
    answer = await smoke.http.get(url, headers={SECRET_HEADER: smoke.secret})
    state = answer.json().get("state") if answer.status_code == 200 else answer.status_code
    require(state == "ended", f"the registry holds the reservation of a call that is over for {state}, not ended")
    await _must_be_refused(target, smoke.clips, 409, "stale_reservation")
    return f"200 at {worker_id}, reservation ended; again 409"


async def _call(smoke: Smoke, meanwhile: Callable[[CallTarget, dict[str, Any]], Awaitable[None]]) -> CallReport:
    """A call that must be held to its end; `meanwhile` runs once the bot is heard."""
    persona = load_persona("friendly")
    voice = Voice(f"{smoke.stack['voice_url']}/v1", smoke.folder / "voxphone-cache")
    answered = asyncio.Event()

    def on_event(moment: Moment) -> None:
        if moment.kind == "first_word":
            answered.set()

    try:
        clips = smoke.clips = await voice.clips(persona.texts(), persona.voice)
        start = await smoke.bridge.post(f"/bots/{smoke.bot_id}/browser-call")
        target = smoke.target = CallTarget(start["ws_url"])
        options = CallOptions(transcribe="after", extra={"_context": start["context_id"]})
        call = asyncio.create_task(
            place_call(target, persona, options=options, voice=voice, clips=clips, on_event=on_event)
        )
        speaking = asyncio.create_task(answered.wait())
        await asyncio.wait({call, speaking}, return_when=asyncio.FIRST_COMPLETED)
        speaking.cancel()
        if not call.done():
            await meanwhile(target, clips)
        report = await call
    finally:
        await voice.close()
    require(report.outcome == "completed", f"the call was {report.outcome}: {report.reason}")
    return report


async def the_result_is_stored(smoke: Smoke) -> str:
    report = smoke.report
    assert report is not None
    began = time.monotonic()
    record = smoke.record = await smoke.bridge.finished_call(report.stream_id, RESULT_WITHIN_S)
    took_s = time.monotonic() - began
    roles = {entry["role"] for entry in record.get("transcript") or []}
    require({"assistant", "user"} <= roles, f"the transcript has only {sorted(roles)}")
    require(record["status"] == "completed", f"the call is stored as {record['status']}")
    require(bool(record.get("recording_key")), "there is no recording")
    recording = smoke.folder / "calls" / str(record["session_id"]) / "recording.wav"
    recording.parent.mkdir(parents=True, exist_ok=True)
    await smoke.bridge.download(f"/recordings/{record['session_id']}", recording)
    with wave.open(str(recording)) as audio:
        length_s = audio.getnframes() / audio.getframerate()
    talked_s = float(record["call_duration_seconds"])
    require(
        abs(length_s - talked_s) <= LENGTH_TOLERANCE_S,
        f"the recording has {length_s:.1f} s, the call {talked_s:.1f} s",
    )
    return f"after {took_s:.1f} s, disposition {record.get('disposition') or 'none'}, recording {length_s:.1f} s"


async def a_result_waits_for_voxbridge(smoke: Smoke) -> str:
    """Step 10: the call ends while voxbridge is away, and the worker is replaced before it comes back."""
    compose = smoke.compose
    assert compose is not None

    async def voxbridge_goes(_: CallTarget, __: dict[str, Any]) -> None:
        await asyncio.to_thread(compose.run, "stop", "voxbridge")

    try:
        report = await _call(smoke, voxbridge_goes)
        recreate = ("up", "--detach", "--no-deps", "--no-build", "--force-recreate", "--wait", "voxcore-worker")
        await asyncio.to_thread(compose.run, *recreate)
    finally:
        await asyncio.to_thread(compose.run, "up", "--detach", "--no-deps", "--no-build", "--wait", "voxbridge")
    began = time.monotonic()
    await smoke.bridge.finished_call(report.stream_id, REPLAYED_WITHIN_S)
    found = (await smoke.bridge.get("/calls", stream_id=report.stream_id))["items"]
    require(len(found) == 1, f"{len(found)} records of one call")
    return f"once, {time.monotonic() - began:.1f} s after voxbridge was back"


async def a_campaign_calls_everybody_once(smoke: Smoke) -> str:
    """Step 11: three simulated people, three final states, no double dial by anybody's book."""
    return await rehearse(smoke.bridge, smoke.http, smoke.bot_id, smoke.stack["phone_url"], smoke.phone_token)


async def nothing_went_wrong_unseen(smoke: Smoke) -> str:
    """Step 12: no line at ERROR or above in any log since the start. What steps 2 and 7 provoke is no error to Vox."""
    found = await asyncio.to_thread(smoke.logs.errors)
    require(not found, "errors in the logs:\n" + "\n".join(found[:5]))
    return "logs hold no error"


def _no_registry(smoke: Smoke) -> str:
    return "" if smoke.stack.get("registry_url") else "this stack has no capacity registry"


def _no_dialler(smoke: Smoke) -> str:
    return "" if smoke.stack.get("dialler") else "this stack has no dialler"


def _not_compose(smoke: Smoke) -> str:
    return "" if smoke.compose else "it stops voxbridge and a worker: only with --compose"


STEPS = (
    Step(1, "all services healthy", "voxbridge", services_are_healthy),
    Step(2, "log in, wrong password", "voxbridge", a_wrong_password_is_refused),
    Step(3, "create a bot, read its config as a worker", "voxbridge", a_worker_reads_the_config_of_a_new_bot),
    Step(4, "worker health", WORKER, the_workers_have_room),
    Step(5, "the registry shows the workers", "voxregistry", the_registry_shows_the_workers, _no_registry),
    Step(6, "one spoken call; (7) a second one meanwhile", WORKER, a_call_is_held_and_a_second_one_refused),
    Step(8, "result, disposition, recording", "voxbridge", the_result_is_stored),
    Step(9, "a fence opens once", WORKER, a_fence_opens_once, _no_registry),
    Step(10, "a result waits for voxbridge", WORKER, a_result_waits_for_voxbridge, _not_compose),
    Step(11, "a campaign of three contacts", "voxdialler", a_campaign_calls_everybody_once, _no_dialler),
    Step(12, "no errors in the logs", "voxbridge", nothing_went_wrong_unseen),
)
