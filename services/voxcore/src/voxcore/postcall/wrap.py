"""From the hang-up to the payload, within 90 s: analysis and quality check while the recording is uploaded."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from voxkit.contracts.results import PassUsage
from voxkit.log import get_logger

from voxcore.conversation import LiveCall, RecordingFacts
from voxcore.postcall.analysis import Pass, run_pass
from voxcore.postcall.dispositions import CallFacts, automatic_disposition, may_be_analysed
from voxcore.postcall.result import Payload, build_payload

log = get_logger("voxcore.postcall")

BUDGET_S = 90.0
UPLOAD_S = 15.0
PassTask = asyncio.Task[tuple[dict[str, Any] | None, PassUsage]]
_uploads: set[asyncio.Task[bool]] = set()


async def wrap_up(
    call: LiveCall, recording: RecordingFacts | None, *, budget_s: float = BUDGET_S, upload_s: float = UPLOAD_S
) -> Payload:
    """The payload of a finished call. What is not there when the budget ends is left out, with a `wrap_timeout` event.

    The upload is waited for at most `upload_s`; it goes on afterwards and the result leaves with the key.
    """
    record, config = call.record, call.config
    if record.disconnected_by is None:
        record.event("cause_missing")
        record.end("error")
    facts = CallFacts(record.disconnected_by or "error", record.has_customer_message, record.duration_s)
    analysis: dict[str, Any] | None = automatic_disposition(facts, config.auto_dispositions)
    passes: dict[Pass, PassTask] = {}
    if may_be_analysed(facts):
        option = config.post_call_llm or config.llm
        for name, prompt in _prompts(call):
            passes[name] = asyncio.create_task(run_pass(name, prompt, option, record, call.services))
    steps: list[Coroutine[Any, Any, Any]] = [_upload(call, recording, upload_s)]
    if passes:
        steps.append(asyncio.wait(set(passes.values())))
    try:
        async with asyncio.timeout(budget_s):
            await asyncio.gather(*steps)
    except TimeoutError:
        late = [name for name, task in passes.items() if not task.done()]
        record.event("wrap_timeout", missing=late)
        log.warning("postcall.wrap_timeout", missing=late)
    finally:
        for task in passes.values():
            task.cancel()
    if passes:
        await asyncio.wait(set(passes.values()))
    qc: dict[str, Any] | None = None
    for name, task in passes.items():
        answer, usage = _outcome(name, task)
        if name == "analysis":
            analysis, record.usage.post_call = answer, usage
        else:
            qc, record.usage.qc = answer, usage
    return build_payload(call, recording, analysis=analysis, qc=qc)


def _prompts(call: LiveCall) -> list[tuple[Pass, str]]:
    prompts: list[tuple[Pass, str | None]] = [
        ("analysis", call.config.post_call_analysis_prompt),
        ("qc", call.config.qc_prompt),
    ]
    return [(name, prompt) for name, prompt in prompts if prompt and prompt.strip()]


def _outcome(name: Pass, task: PassTask) -> tuple[dict[str, Any] | None, PassUsage | None]:
    """A pass must never cost the result: whatever it raised is logged, and its part is absent."""
    if task.cancelled():
        return None, None
    if error := task.exception():
        log.error("postcall.pass_broke", step=name, exc_info=error)
        return None, None
    return task.result()


async def _upload(call: LiveCall, recording: RecordingFacts | None, at_most_s: float) -> None:
    if recording is None:
        return
    task = asyncio.create_task(call.services.spool.upload(recording.key))
    _uploads.add(task)  # it may outlive the wrap, and the loop keeps only weak references
    task.add_done_callback(_uploads.discard)
    await asyncio.wait({task}, timeout=at_most_s)
