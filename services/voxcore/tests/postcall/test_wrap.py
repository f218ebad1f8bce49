"""The wrap must end in time with a result, whatever the model, the store or the network do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from voxcore.conversation import RecordingFacts
from voxcore.postcall.wrap import wrap_up

pytestmark = [pytest.mark.unit]

RECORDING = RecordingFacts(key="session-1.wav", path=Path("session-1.wav"), url="s3://calls/session-1.wav")


async def never() -> None:
    await asyncio.Event().wait()


async def test_the_recording_is_uploaded_while_the_model_thinks(make_call: Any, model: Any, spool: Any) -> None:
    async def after_the_upload() -> str:
        while not spool.stored:
            await asyncio.sleep(0.01)
        return '{"a": 1}'

    model.script = [after_the_upload]
    payload = await wrap_up(make_call(post_call_analysis_prompt="P"), RECORDING)
    assert payload["post_call_analysis"] == {"a": 1}
    assert payload["recording_key"] == "session-1.wav"
    assert payload["recording_url"] == "s3://calls/session-1.wav"


async def test_analysis_and_quality_check_run_side_by_side(make_call: Any, model: Any) -> None:
    both = asyncio.Barrier(2)

    async def meets_the_other() -> str:
        async with asyncio.timeout(20):
            await both.wait()
        return "{}"

    model.by_prompt = {"P": [meets_the_other], "Q": [meets_the_other]}
    payload = await wrap_up(make_call(post_call_analysis_prompt="P", qc_prompt="Q"), None)
    assert payload["post_call_analysis"] == payload["qc_analysis"] == {}


async def test_a_store_that_hangs_is_not_waited_for_and_the_upload_goes_on(make_call: Any, spool: Any) -> None:
    spool.release.clear()
    payload = await wrap_up(make_call(), RECORDING, upload_s=0.05)
    assert payload["recording_key"] == "session-1.wav"
    assert "wrap_timeout" not in [event["type"] for event in payload["events"]]
    assert spool.started == ["session-1.wav"]
    assert spool.stored == []
    spool.release.set()
    for _ in range(100):
        await asyncio.sleep(0)
    assert spool.stored == ["session-1.wav"]


async def test_what_is_missing_at_the_end_of_the_budget_is_left_out_with_an_event(make_call: Any, model: Any) -> None:
    model.by_prompt = {"P": ['{"a": 1}'], "Q": [never]}
    payload = await wrap_up(make_call(post_call_analysis_prompt="P", qc_prompt="Q"), None, budget_s=0.5)
    assert payload["post_call_analysis"] == {"a": 1}
    assert "qc_analysis" not in payload
    timeouts = [event["data"] for event in payload["events"] if event["type"] == "wrap_timeout"]
    assert timeouts == [{"missing": ["qc"]}]


async def test_a_pass_that_breaks_costs_its_own_field_only(make_call: Any, model: Any) -> None:
    model.by_prompt = {"P": [RuntimeError("a defect")], "Q": ['{"b": 2}']}
    payload = await wrap_up(make_call(post_call_analysis_prompt="P", qc_prompt="Q"), None)
    assert "post_call_analysis" not in payload
    assert payload["qc_analysis"] == {"b": 2}


async def test_a_call_without_any_cause_is_an_error_with_its_event(make_call: Any) -> None:
    payload = await wrap_up(make_call(None), None)
    assert payload["disconnected_by"] == "error"
    assert "cause_missing" in [event["type"] for event in payload["events"]]
    assert payload["post_call_analysis"]["DISPOSITION"] == "Failed"


async def test_no_secret_and_no_prompt_of_the_configuration_is_in_the_payload(make_call: Any, model: Any) -> None:
    model.script = ['{"a": 1}']
    extra = {"api_key": "planted-extra-key", "credentials": {"user": "planted-user"}, "top_p": 0.5}
    stage = {
        "provider": "openai_compatible",
        "base_url": "http://model.test/v1?k=planted-url",
        "base_url_trusted": True,
    }
    payload = await wrap_up(
        make_call(post_call_analysis_prompt="SECRET PROMPT", llm=stage | {"api_key": "planted-key", "extra": extra}),
        None,
    )
    text = json.dumps(payload)
    assert "planted" not in text
    assert "SECRET PROMPT" not in text
