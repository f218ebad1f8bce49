"""Asking a model about the finished call: the same code, the same input, for the analysis and for the quality check."""

import asyncio
import time
from typing import Any, Literal

from voxkit.contracts.results import PassUsage, TranscriptEntry
from voxkit.contracts.runtime_config import LlmOption
from voxkit.errors import Invalid
from voxkit.log import get_logger

from voxcore import metrics
from voxcore.conversation import Services
from voxcore.postcall.json_reply import outermost_object
from voxcore.postcall.llm import LlmFailed, Question, ask
from voxcore.record import CallRecord

log = get_logger("voxcore.postcall")

TRY_S = 30.0
TRIES = 2
SPEAKERS = {"user": "customer", "assistant": "bot", "tool": "tool"}
Pass = Literal["analysis", "qc"]


def transcript_text(record: CallRecord) -> str:
    """The user message: duration, direction and cause of the end, then one line per transcript entry."""
    entries = sorted(record.transcript, key=lambda entry: entry.start_ms or 0)
    head = [
        f"duration: {record.duration_s:.1f} seconds",
        f"direction: {record.call_direction}",
        f"disconnected_by: {record.disconnected_by}",
        "",
    ]
    return "\n".join(head + [_line(entry) for entry in entries])


def _line(entry: TranscriptEntry) -> str:
    return f"{SPEAKERS[entry.role]}: {' '.join(entry.content.split())}"


async def run_pass(
    name: Pass, prompt: str, option: LlmOption, record: CallRecord, services: Services, *, try_s: float = TRY_S
) -> tuple[dict[str, Any] | None, PassUsage]:
    """The object that the model answered, unchanged, and the tokens of all tries.

    After two tries without a JSON object: None, and a `post_call_failed` event that says why.
    """
    started = time.monotonic()
    usage = PassUsage()
    question = Question(prompt, transcript_text(record))
    reason = ""
    for _ in range(TRIES):
        usage.requests += 1
        try:
            async with asyncio.timeout(try_s):
                reply = await ask(option, question, services)
        except TimeoutError:
            reason = f"no answer within {try_s:g} s"
            continue
        except Invalid:
            reason = "base_url leads to an address that is not allowed; see OUTBOUND_URL_ALLOWLIST"
            break
        except LlmFailed as error:
            reason = str(error)
            if error.status in (401, 403):
                break
            if error.status in (400, 422):
                question = Question(question.system, question.user, plain=True)
            continue
        usage.prompt_tokens += reply.usage.prompt_tokens
        usage.completion_tokens += reply.usage.completion_tokens
        usage.cache_read_input_tokens += reply.usage.cache_read_input_tokens
        if (found := outermost_object(reply.text)) is not None:
            _measured(name, "ok", started)
            return found, usage
        reason = "the reply was not a JSON object"
    record.event("post_call_failed", **{"pass": name, "reason": reason, "provider": option.provider})
    log.warning("postcall.failed", step=name, provider=option.provider, reason=reason)
    _measured(name, "failed", started)
    return None, usage


def _measured(name: Pass, outcome: str, started: float) -> None:
    metrics.postcall.labels(name, outcome).inc()
    metrics.postcall_seconds.labels(name, outcome).observe(time.monotonic() - started)
