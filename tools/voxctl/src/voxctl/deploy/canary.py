"""The gate of a new image: one spoken call to its first seat, closed as that still is, as a carrier would place it.

The caller is voxphone of role `check`, the bot `deploy-check` speaks with the scripted models of voxvoice there. The
way is the public one: name, certificate, balancer, with a fence that opens this one seat.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from voxkit.contracts.registry import Need
from voxkit.errors import VoxError
from voxkit.registry import RegistryClient, new_reservation_id
from voxphone.report import CallReport

from voxctl.api import ApiRefused, Bridge, Unreachable
from voxctl.deploy.world import Said, SeatNow
from voxctl.output import CommandError

PERSONA = "deploy_check"
"""Asks where an order is, interrupts the answer and says goodbye."""
ORDER = "4471"
HOLD_S = 20.0
RESULT_WITHIN_S = 15.0
LENGTH_TOLERANCE_S = 2.0
ANSWER_MORE_S = 20.0
PHONE_USER = "voxphone"
DISPOSITIONS = frozenset({"Order Status", "Information", "Delivery Changed", "Connected"})


def check_bot(bot_id: str, voice_url: str) -> dict[str, Any]:
    """The bot of the check call: nothing of it reaches a customer's system. `voice_url`: voxvoice, ends in `/v1`."""
    stage = {"provider": "openai_compatible", "base_url": voice_url}
    return {
        "bot_id": bot_id,
        "name": "Check of deploys",
        "opening_message": "Hello, this is Vox Parcels. How can I help you?",
        "system_prompt": (
            "You are the telephone assistant of Vox Parcels. This call checks a deploy.\n"
            "Our opening hours: eight in the morning to eight in the evening, Monday to Saturday.\n"
            "When the customer says goodbye, thank them, say goodbye and call end_call."
        ),
        "stt": {**stage, "extra": {"stream": True}},
        "llm": {**stage, "model": "default"},
        "tts": {**stage, "voice": "default"},
        "max_call_duration_seconds": 60,
        "builtin_tools": {"end_call": {"enabled": True}},
        "post_call_analysis_prompt": (
            "You read the transcript of a telephone call and report its outcome. Answer with one JSON object:\n"
            f'{{"DISPOSITION": "{" | ".join(sorted(DISPOSITIONS))}", "SUB_DISPOSITION": "one word"}}'
        ),
    }


@dataclass
class SpokenCanary:
    """A `Canary` on real hosts. `phone()` opens a client of voxphone as the check host sees it."""

    registry: RegistryClient
    bridge: Bridge
    phone: Callable[[], AbstractAsyncContextManager[httpx.AsyncClient]]
    phone_token: str
    voice_url: str
    bot: str = "deploy-check"
    timeout_s: float = 40.0

    async def call(self, seat: SeatNow) -> Said:
        """One call; what is missing is named. Raises: CommandError: the check host or voxbridge gives no answer."""
        began = time.monotonic()
        await self.prepare()
        try:
            async with self._reserved(seat) as url:
                report = await self._talk(url)
        except VoxError as error:
            return Said(False, f"the registry does not give it for a call: {error.message}", time.monotonic() - began)
        why = await self._judged(report)
        return Said(not why, why, time.monotonic() - began)

    async def prepare(self) -> None:
        """Make the bot when it is absent; one that is there has the check host's models again."""
        wanted = check_bot(self.bot, self.voice_url)
        try:
            present = await self.bridge.get(f"/bots/{self.bot}")
        except ApiRefused as refusal:
            if refusal.status != httpx.codes.NOT_FOUND:
                raise
            await self.bridge.post("/bots", wanted)
            return
        if any(present[stage].get("base_url") != self.voice_url for stage in ("stt", "llm", "tts")):
            await self.bridge.put(f"/bots/{self.bot}", {stage: wanted[stage] for stage in ("stt", "llm", "tts")})

    @asynccontextmanager
    async def _reserved(self, seat: SeatNow) -> AsyncIterator[str]:
        """The media socket of this very seat, closed or not."""
        grant = await self.registry.reserve(
            new_reservation_id(), priority="test", hold=HOLD_S, need=Need(worker_id=seat.id), allow_draining=True
        )
        try:
            yield grant.socket_url(f"ws/{self.bot}")
        finally:
            await self.registry.release(grant)

    async def _talk(self, url: str) -> CallReport:
        order = {"url": url, "persona": PERSONA, "max_call_s": self.timeout_s, "transcribe": "live", "record": False}
        try:
            async with self.phone() as client:
                answer = await client.post(
                    "/calls", json=order, auth=(PHONE_USER, self.phone_token), timeout=self.timeout_s + ANSWER_MORE_S
                )
        except httpx.HTTPError as error:
            raise CommandError(f"voxphone of the check host gives no answer: {type(error).__name__}") from None
        if answer.status_code != httpx.codes.OK:
            raise CommandError(f"voxphone of the check host answers {answer.status_code}: {answer.text[:200]}")
        return CallReport.model_validate(answer.json()["report"])

    async def _judged(self, report: CallReport) -> str:
        """What was missing, as the caller heard it and as voxbridge stored it; empty when nothing was.

        Raises: CommandError: the check host or voxbridge could not tell, which says nothing of the seat.
        """
        if report.transcription_error:
            raise CommandError(f"the check host could not write down what it heard ({report.transcription_error})")
        if why := heard_wrong(report, self.timeout_s):
            return why
        try:
            record = await self.bridge.finished_call(report.stream_id, RESULT_WITHIN_S)
        except Unreachable:
            raise
        except CommandError:
            return f"voxbridge had no result of it {RESULT_WITHIN_S:.0f} s after its end"
        if why := stored_wrong(record) or await self._recorded_wrong(record):
            return why
        # A second delivery would come within moments of the first.
        await asyncio.sleep(1.0)
        found = (await self.bridge.get("/calls", stream_id=report.stream_id))["items"]
        return "" if len(found) == 1 else f"voxbridge has {len(found)} records of one call"

    async def _recorded_wrong(self, record: dict[str, Any]) -> str:
        with tempfile.TemporaryDirectory(prefix="vox-check-") as folder:
            path = Path(folder) / "recording.wav"
            try:
                await self.bridge.download(f"/recordings/{record['session_id']}", path)
                with wave.open(str(path)) as audio:
                    length_s = audio.getnframes() / audio.getframerate()
            except Unreachable:
                raise
            except (CommandError, wave.Error, EOFError) as error:
                return f"its recording cannot be had ({error})"
        talked_s = float(record.get("call_duration_seconds") or 0)
        if abs(length_s - talked_s) <= LENGTH_TOLERANCE_S:
            return ""
        return f"its recording has {length_s:.1f} s, the call had {talked_s:.1f} s"


def heard_wrong(report: CallReport, timeout_s: float) -> str:
    """What the caller missed; empty when the conversation was right."""
    if report.outcome == "refused" and report.refusal:
        return f"the seat refused it ({report.refusal.status} {report.refusal.error or ''})".replace(" )", ")")
    if report.outcome != "completed":
        return f"nobody could speak with it ({report.reason or report.outcome})"
    if report.ended_by == "limit":
        return f"it was not over within {timeout_s:.0f} s"
    if report.ended_by in ("line_lost", "worker_closed"):
        return f"the line broke after {report.duration_s:.0f} s"
    if not report.bot:
        return "the bot said nothing"
    if not report.bot_text:
        return "no word of the bot could be understood"
    if not any(barge_in.stopped for barge_in in report.barge_ins):
        return "it spoke on when it was interrupted"
    if report.protocol_errors:
        return f"it broke the protocol: {report.protocol_errors[0].rule}"
    return ""


def stored_wrong(record: dict[str, Any]) -> str:
    """What voxbridge's record of it lacks; empty when all is there."""
    if record.get("status") != "completed":
        return f"it is stored as {record.get('status')}"
    said = dict.fromkeys(("user", "assistant"), "")
    for line in record.get("transcript") or []:
        said[line["role"]] = f"{said.get(line['role'], '')} {line['content']}"
    # A recogniser may write it with blanks or commas.
    if ORDER not in re.sub(r"\D", "", said["user"]):
        return f'its transcript lacks the order {ORDER} that the caller named: "{said["user"].strip()[:120]}"'
    if ORDER not in re.sub(r"\D", "", said["assistant"]):
        return f'it did not answer the question for the order: "{said["assistant"].strip()[:120]}"'
    if record.get("disposition") not in DISPOSITIONS:
        return f"its disposition is {record.get('disposition') or 'missing'}"
    return "" if record.get("recording_key") else "its recording was not stored"
