"""Numbers of carriers: each belongs to one carrier of the deployment, and campaigns keep what they call from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from voxkit.errors import Conflict, Invalid, NotFound
from voxkit.phone import phone_key

from voxbridge.carriers import store
from voxbridge.contacts.numbers import NotANumber, read_number
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
OUTBOUND = ("outbound", "both")
DEFAULTS: Document = {"label": "", "bot_id": "", "direction": "both"}


class InUse(Conflict):
    """A running or paused campaign uses it."""

    code = "in_use"


def calls_out(did: Document) -> bool:
    """Whether calls may be placed from it."""
    return did.get("direction", "both") in OUTBOUND


def takes_calls(did: Document) -> bool:
    return did.get("direction", "both") in ("inbound", "both")


async def made(ctx: Context, written: Sequence[Document], stored: Sequence[Document]) -> list[Document]:
    """Numbers as they are stored; one that was there keeps its id.

    Raises: Invalid: no phone number, or twice the same; NotFound `bot_not_found`.
    """
    country = (await get_settings(ctx)).default_country
    known = {did["phone_key"]: did["did_id"] for did in stored}
    dids = [_made(did, country, known) for did in written]
    keys = [did["phone_key"] for did in dids]
    if twice := next((did["number"] for did in dids if keys.count(did["phone_key"]) > 1), None):
        raise Invalid(f"{twice} stands there twice.", code="number_twice")
    wanted = {did["bot_id"] for did in dids if did["bot_id"]}
    if unknown := wanted - await store.bots_known(ctx, wanted):
        raise NotFound(f"There is no bot {min(unknown)!r}.", code="bot_not_found")
    return dids


def _made(did: Document, country: str, known: dict[str, str]) -> Document:
    try:
        number = read_number(did["number"], country)
    except NotANumber as error:
        raise Invalid(f"{did['number'][:40]!r} is no phone number: {error}.", code="number_invalid") from None
    did_id = did.get("did_id") or known.get(number.key) or new_id()
    return {
        "did_id": did_id, "number": number.number, "phone_key": number.key, "label": did["label"],
        "direction": did["direction"], "bot_id": did["bot_id"],
    }  # fmt: skip


@dataclass
class Outcome:
    """Whether the carrier was written with the new numbers."""

    done: bool = True


@asynccontextmanager
async def claimed(
    ctx: Context, carrier_id: str, old: Sequence[Document], new: Sequence[Document]
) -> AsyncGenerator[Outcome]:
    """Around the write of a carrier: its new numbers are claimed before and the ones it gave up released after.

    A process that dies in between leaves claims without a number; `store.claim` takes those over after two minutes.
    Raises: Conflict `number_taken`.
    """
    before, after = {did["phone_key"] for did in old}, {did["phone_key"]: did["number"] for did in new}
    outcome, taken, write_id = Outcome(), list[str](), new_id()
    try:
        for key in sorted(after.keys() - before):
            if holder := await store.claim(ctx, key, carrier_id, write_id, ctx.clock()):
                name = (await store.find(ctx, holder) or {}).get("name")
                whose = f"the carrier {name}" if name else "a carrier that is being made"
                raise Conflict(f"{after[key]} belongs to {whose}.", code="number_taken")
            taken.append(key)
        yield outcome
    except BaseException:
        outcome.done = False
        raise
    finally:
        if outcome.done:
            await store.keep(ctx, taken, carrier_id, write_id, ctx.clock())
            await store.release(ctx, before - after.keys(), carrier_id)
        else:
            await store.give_up(ctx, taken, carrier_id, write_id)


def withdrawn(old: Sequence[Document], new: Sequence[Document]) -> list[str]:
    """The numbers that no call may be placed from any more."""
    left = {did["phone_key"] for did in new if calls_out(did)}
    return [did["phone_key"] for did in old if calls_out(did) and did["phone_key"] not in left]


async def refuse_in_use(ctx: Context, keys: Collection[str], what: str) -> None:
    """Raises: InUse: a running or paused campaign calls from one of these numbers."""
    if not keys:
        return
    wanted = set(keys)
    users = [
        campaign
        for campaign in await store.busy_campaigns(ctx)
        if wanted & {phone_key(number) for number in campaign.get("number_pool") or []}
    ]
    if users:
        names = ", ".join(campaign.get("name") or campaign["_id"] for campaign in users[:5])
        told = [{"campaign_id": campaign["_id"], "name": campaign.get("name", "")} for campaign in users[:20]]
        raise InUse(
            f"{what} is used by running or paused campaigns: {names}. Stop them, or take the number out, first.",
            extra={"campaigns": told},
        )
