"""Which campaign is meant, and what its refusals mean for whoever typed the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from voxctl.api import ApiRefused, Bridge
from voxctl.output import CommandError

Document = dict[str, Any]
LISTED = 5

# What to do about each reason of `cannot_start`.
WAYS_OUT = {
    "bot_missing": "its bot is gone: give it another one (PATCH /campaigns/ID), or make the bot again",
    "bot_inactive": "its bot is switched off: switch it on",
    "number_pool_empty": "it has no number to call from: add one to number_pool",
    "number_unknown": "no carrier has one of its numbers: add the number to a carrier, or take it out of number_pool",
    "number_inbound_only": "one of its numbers only takes calls: set its direction to both or outbound",
    "concurrency_limit": "its concurrency_limit does not fit",
    "time_window": "its time window never opens",
    "upload_in_progress": "contacts are being loaded: wait until `vox campaign report` shows them",
    "calls_active": "calls of the last run go on: wait until they are over",
    "no_contacts": "nobody is left to call: vox campaign upload NAME FILE, or start it with --again",
}


async def find_campaign(bridge: Bridge, text: str) -> Document:
    """The campaign with this id or name; capitals do not count, and a part of the name will do when it is the only one.

    Raises: CommandError that lists what could be meant.
    """
    try:
        if "/" not in text:
            return await bridge.get(f"/campaigns/{text}")
    except ApiRefused as refusal:
        if refusal.status not in (404, 422):
            raise
    found: list[Document] = (await bridge.get("/campaigns", q=text, limit="100"))["items"]
    same = [campaign for campaign in found if campaign["name"].casefold() == text.casefold()]
    meant = same or found
    if len(meant) == 1:
        return await bridge.get(f"/campaigns/{meant[0]['campaign_id']}")
    if not meant:
        raise CommandError(f"there is no campaign {text!r}: vox campaign list shows them all")
    names = ", ".join(f"{campaign['name']} ({campaign['campaign_id']})" for campaign in meant[:LISTED])
    more = f" and {len(meant) - LISTED} more" if len(meant) > LISTED else ""
    raise CommandError(f"{text!r} could mean {names}{more}: give the id")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Refusals of lifecycle moves as CommandError with the way out."""
    try:
        yield
    except ApiRefused as refusal:
        if refusal.code == "cannot_start":
            reasons = [str(reason) for reason in refusal.body.get("reasons", [])]
            told = "".join(f"\n  {reason}: {WAYS_OUT.get(reason, 'see the campaign')}" for reason in reasons)
            raise CommandError(f"{name} cannot start:{told}" if told else str(refusal)) from None
        if refusal.code == "invalid_state":
            raise CommandError(f"{name}: {refusal.body['message']} Look: vox campaign report {name!r}") from None
        if refusal.code == "identity_locked":
            raise CommandError(
                f"{name} has run already, so its list stays as it is: add people with POST /campaigns/ID/contacts, or "
                "make another campaign"
            ) from None
        raise
