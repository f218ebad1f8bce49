"""Handing a call over: which target, how, and what is kept of it.

Resolution is pure (`valid_targets`, `candidates`, `resolve`); `Transfers` runs one attempt at a time.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from voxkit.contracts.runtime_config import TransferTarget
from voxkit.log import get_logger

from voxcore.pipeline.context import ToolAnswer, ToolHost
from voxcore.record import TransferFacts

log = get_logger("voxcore.transfer")

PAIRINGS: Mapping[str, frozenset[str]] = {
    "websocket_reverse_transfer": frozenset({"extension", "phone_number"}),
    "livekit_sip_refer": frozenset({"sip_uri", "tel_uri", "phone_number"}),
    "agent_desk": frozenset({"agent_queue"}),
}
PREFIXES = {"sip_uri": "sip:", "tel_uri": "tel:"}
OWN_METHODS = ("websocket_reverse_transfer", "livekit_sip_refer")
FAILURE_GUIDANCE = "The transfer did not work. Tell the customer and go on helping, or offer a call back."


class TransferError(Exception):
    """No target: `code` is `unknown_target` or `no_target`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Destination:
    """Where a call goes: `name` is the target's id, or the key of a legacy number."""

    name: str
    value: str
    method: str


def valid_targets(raw: Sequence[Mapping[str, Any]]) -> tuple[list[TransferTarget], list[str]]:
    """(targets whose method, type and value fit together, one sentence per entry that was dropped)."""
    targets: list[TransferTarget] = []
    problems: list[str] = []
    for position, entry in enumerate(raw, start=1):
        name = str(entry.get("id") or f"number {position}")
        try:
            target = TransferTarget.model_validate(entry)
        except ValidationError as error:
            fields = ", ".join(sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]}))
            problems.append(f"transfer target {name}: invalid {fields or 'entry'}")
            continue
        prefix = PREFIXES.get(target.type, "")
        if target.type not in PAIRINGS[target.method]:
            problems.append(f"transfer target {name}: {target.type} does not go with {target.method}")
        elif not target.value.strip() or not target.value.startswith(prefix):
            rule = f"must begin with {prefix}" if prefix else "must not be empty"
            problems.append(f"transfer target {name}: the value {rule}")
        else:
            targets.append(target)
    return targets, problems


def own_method(methods: frozenset[str]) -> str | None:
    """The transport's own way to hand over a plain number."""
    return next((method for method in OWN_METHODS if method in methods), None)


def candidates(
    targets: Sequence[TransferTarget], methods: frozenset[str], *, desk_enabled: bool = False
) -> list[TransferTarget]:
    """Targets that can be used on a transport with these methods, in the order of the configuration."""
    return [
        target
        for target in targets
        if target.enabled and target.method in methods and (target.method != "agent_desk" or desk_enabled)
    ]


def resolve(
    wanted: str, usable: Sequence[TransferTarget], numbers: Mapping[str, str], methods: frozenset[str]
) -> Destination:
    """The destination of a transfer.

    `wanted`: exact id, else label (case does not matter), else key of `numbers`. Empty: the default, else the first
    candidate, else the first number. Raises: TransferError `unknown_target` or `no_target`.
    """
    own = own_method(methods)
    legacy = [Destination(key, value, own) for key, value in numbers.items()] if own else []
    if wanted:
        folded = wanted.casefold()
        by_id = (_of(target) for target in usable if target.id == wanted)
        by_label = (_of(target) for target in usable if target.label and target.label.casefold() == folded)
        for found in (*by_id, *by_label, *(number for number in legacy if number.name == wanted)):
            return found
        raise TransferError("unknown_target")
    for chosen in (*(_of(target) for target in usable if target.is_default), *map(_of, usable), *legacy):
        return chosen
    raise TransferError("no_target")


def _of(target: TransferTarget) -> Destination:
    return Destination(target.id, target.value, target.method)


class Transfers:
    """The transfers of one call. What was attempted last stands in the record."""

    def __init__(self, host: ToolHost) -> None:
        self._host = host
        self._methods = host.transport.transfer_methods
        own = own_method(self._methods)
        self._numbers = {key: value for key, value in host.config.transfer_numbers.items() if own and value.strip()}
        self._running = asyncio.Lock()
        targets, problems = valid_targets(host.config.transfer_targets)
        for problem in problems:
            host.record.event(
                "service_error",
                stage="transfer",
                code="invalid_transfer_target",
                message=problem[:300],
                action="give_up",
            )
        desk = host.config.agent_desk or {}
        self._usable = candidates(targets, self._methods, desk_enabled=bool(desk.get("enabled")))

    @property
    def offered(self) -> bool:
        """Whether there is anywhere to hand this call to."""
        return bool(self._usable or self._numbers)

    def listing(self) -> str:
        """The targets by name, for the LLM."""
        names = [f"{target.id} ({target.label})" if target.label else target.id for target in self._usable]
        names += [key for key in self._numbers if key not in names]
        return "One of: " + ", ".join(names) + "."

    async def run(self, wanted: str, reason: str, *, spoken: str = "") -> ToolAnswer:
        """One attempt, from the words before it to its outcome; the LLM is told when it failed."""
        if self._running.locked():
            return ToolAnswer({"status": "failure", "error": "transfer_running", "guidance": "One is running already."})
        async with self._running:
            return await self._attempt(wanted, reason, spoken)

    async def _attempt(self, wanted: str, reason: str, spoken: str) -> ToolAnswer:
        record = self._host.record
        at = round(record.offset_ms() / 1000, 1)
        facts = record.transfer = TransferFacts(target=wanted or None, reason=reason or None, at=at)
        try:
            destination = resolve(wanted, self._usable, self._numbers, self._methods)
        except TransferError as error:
            return self._failed(facts, error.code, self.listing())
        facts.target, facts.destination, facts.method = destination.name, destination.value, destination.method
        record.event(
            "transfer_requested",
            target=destination.name,
            destination=destination.value,
            method=destination.method,
            reason=reason,
        )
        if spoken.strip():
            await self._host.wait_until_played()
        elif message := self._host.config.pre_transfer_message.strip():
            await self._host.say_and_wait(message)
        outcome = await self._host.transport.transfer(destination.value, reason)
        if not outcome.done:
            return self._failed(facts, outcome.failed_reason or "failed", "")
        facts.done = True
        record.event("transfer_completed", target=destination.name, method=destination.method)
        log.info("transfer.completed", method=destination.method, target=destination.name)
        await self._host.end_call("bot", reason="transferred")
        return ToolAnswer({"status": "success"}, run_llm=False)

    def _failed(self, facts: TransferFacts, reason: str, hint: str) -> ToolAnswer:
        facts.failed_reason = reason
        self._host.record.event("transfer_failed", target=facts.target, method=facts.method, reason=reason)
        log.info("transfer.failed", method=facts.method, target=facts.target, reason=reason)
        guidance = f"{FAILURE_GUIDANCE} {hint}".strip()
        return ToolAnswer({"status": "failure", "error": reason, "guidance": guidance})
