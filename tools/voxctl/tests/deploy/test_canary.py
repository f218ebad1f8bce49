"""The check call: what speaks about the seat is a reason, what speaks about who asks is an error and tried again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from voxctl.api import Bridge, Unreachable
from voxctl.deploy.canary import SpokenCanary, heard_wrong
from voxctl.output import CommandError
from voxkit.registry import RegistryClient
from voxphone.report import CallReport

pytestmark = [pytest.mark.unit]


def report(**more: Any) -> CallReport:
    """A call whose conversation was right."""
    told = {
        "outcome": "completed",
        "ended_by": "bot",
        "stream_id": "st-1",
        "bot": [SimpleNamespace(text="Hello")],
        "protocol_errors": [],
    }
    told |= {"transcription_error": None, "barge_ins": [SimpleNamespace(stopped=True)]}
    return CallReport.model_construct(**(told | more))


@dataclass
class BridgeThatRaises:
    error: CommandError

    async def finished_call(self, stream_id: str, within_s: float) -> dict[str, Any]:
        raise self.error


def canary(error: CommandError) -> SpokenCanary:
    @asynccontextmanager
    async def phone() -> Any:
        yield None

    bridge = cast("Bridge", BridgeThatRaises(error))
    return SpokenCanary(cast("RegistryClient", None), bridge, phone, phone_token="t", voice_url="http://v/v1")


async def test_a_result_that_does_not_arrive_speaks_against_the_seat() -> None:
    assert heard_wrong(report(), 40) == ""
    why = await canary(CommandError("it did not arrive within 15 s"))._judged(report())
    assert "voxbridge had no result of it 15 s after its end" in why


async def test_a_voxbridge_that_is_away_speaks_against_nobody() -> None:
    with pytest.raises(Unreachable):
        await canary(Unreachable("no answer"))._judged(report())


async def test_a_check_host_that_cannot_understand_anybody_speaks_against_nobody() -> None:
    deaf = report(transcription_error="voxvoice answered 500")
    with pytest.raises(CommandError, match="could not write down what it heard"):
        await canary(CommandError(""))._judged(deaf)
