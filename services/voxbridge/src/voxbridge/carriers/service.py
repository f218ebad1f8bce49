"""Rules of carriers: what is stored, what people see, what may change while campaigns use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pymongo.errors import DuplicateKeyError
from voxkit.carriers import CarrierAccess
from voxkit.errors import Conflict, Invalid, NotFound, Unavailable, VoxError
from voxkit.log import get_logger
from voxkit.netguard import check_url

from voxbridge.audit.service import Author, record
from voxbridge.carriers import numbers, store
from voxbridge.carriers.models import CarrierCreate, CarrierFields
from voxbridge.carriers.secrets import changed, masked, opened_rest, renewed, sealed
from voxbridge.context import Context
from voxbridge.crypto import SecretUnreadable
from voxbridge.ids import new_id

Document = dict[str, Any]
TRIES = 5
ENDPOINT = ("originate", "sip_address", "transport")
REST_ENDPOINT = ("adapter", "base_url", "account_sid", "flow_url")
NOT_SYNCED = {
    "lk_inbound_trunk_id": "", "lk_outbound_trunk_id": "", "lk_dispatch_rule_id": "", "lk_sync_error": "",
    "lk_last_synced_at": None,
}  # fmt: skip
_DEFAULTS = CarrierFields.model_validate({"name": "-"}).model_dump() | NOT_SYNCED | {"lk_sync_status": "pending"}
log = get_logger("voxbridge.carriers")


class LivekitNotConfigured(Unavailable):
    """LiveKit not configured: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."""

    code = "livekit_not_configured"


class SyncNotBuilt(Unavailable):
    """This release keeps SIP carriers and does not write their trunks to LiveKit yet; make the trunks there."""

    code, retryable = "livekit_sync_not_built", False


async def get_carrier(ctx: Context, carrier_id: str) -> Document:
    """The stored document. Raises: NotFound `carrier_not_found`."""
    carrier = await store.find(ctx, carrier_id)
    if carrier is None:
        raise NotFound(f"There is no carrier {carrier_id!r}.", code="carrier_not_found")
    return carrier


async def present(ctx: Context, carriers: Sequence[Document]) -> list[Document]:
    """What people see: secrets masked, the dialler's breaker, when each number was used last."""
    breakers = await store.breakers(ctx, [carrier["_id"] for carrier in carriers])
    used = await store.last_used(ctx, [did["phone_key"] for carrier in carriers for did in carrier.get("dids") or []])
    shown: list[Document] = []
    for carrier in carriers:
        fields = masked({**_DEFAULTS, **carrier}, ctx.cipher)
        fields["dids"] = [{**numbers.DEFAULTS, **did} for did in fields["dids"] or []]
        for did in fields["dids"]:
            did["last_used_at"] = used.get(did["phone_key"])
        shown.append(
            {"managed_by": None, **fields, "carrier_id": carrier["_id"], "breaker": breakers.get(carrier["_id"])}
        )
    return shown


async def create(ctx: Context, author: Author, body: CarrierCreate, *, carrier_id: str = "") -> Document:
    """The stored document. Raises: Conflict `name_taken`, `number_taken`; NotFound `bot_not_found`; Invalid."""
    written = body.model_dump()
    await _check(ctx, written)
    now, carrier_id = ctx.clock(), carrier_id or new_id()
    dids = await numbers.made(ctx, written.pop("dids"), [])
    carrier = {
        "_id": carrier_id, **sealed(written, None, ctx.cipher), "dids": dids, **NOT_SYNCED,
        "lk_sync_status": sync_status(written), "managed_by": None, "revision": 1, "write_id": new_id(),
        "created_by": author.actor.id, "created_at": now, "updated_by": author.actor.id, "updated_at": now,
    }  # fmt: skip
    async with numbers.claimed(ctx, carrier_id, [], dids):
        if not await store.insert(ctx, carrier):
            raise _name_taken(body.name)
    told = {"name": (None, body.name), "originate": (None, body.originate), "numbers": (None, _numbers(dids))}
    await _told(ctx, author, "carrier.create", carrier_id, told)
    return carrier


async def update(ctx: Context, author: Author, carrier_id: str, body: BaseModel) -> Document:
    """Replace each field present. Raises: NotFound; numbers.InUse; Conflict `name_taken`, `number_taken`; Invalid."""
    written = body.model_dump(include=body.model_fields_set)

    async def changes(carrier: Document) -> Document:
        given = dict(written)
        if "dids" in given:
            given["dids"] = await numbers.made(ctx, given["dids"], carrier["dids"])
        whole = {**{name: carrier.get(name, default) for name, default in _DEFAULTS.items()}, **given}
        await _check(ctx, whole)
        ready = sealed(given, carrier, ctx.cipher)
        await _refuse_in_use(ctx, carrier, ready)
        return ready | {"lk_sync_status": sync_status(whole)}

    return await change(ctx, author, carrier_id, "carrier.update", changes)


async def change(ctx: Context, author: Author, carrier_id: str, action: str, changes: Any) -> Document:
    """Write what `changes(carrier)` gives, against the carrier as it is then. Raises: what it raises, and Conflict."""
    for _ in range(TRIES):
        carrier = await get_carrier(ctx, carrier_id)
        refuse_managed(carrier)
        new = await changes(carrier)
        stamp = {"updated_by": author.actor.id, "updated_at": ctx.clock(), "write_id": new_id()}
        async with numbers.claimed(ctx, carrier_id, carrier["dids"], new.get("dids", carrier["dids"])) as outcome:
            try:
                outcome.done = await store.update(ctx, carrier, {**new, **stamp})
            except DuplicateKeyError:
                raise _name_taken(new["name"]) from None
        if outcome.done:
            await _told(ctx, author, action, carrier_id, _changes_told(carrier, new))
            return await get_carrier(ctx, carrier_id)
    raise Conflict("Others change this carrier at the moment; try again.", code="revision_conflict")


async def delete(ctx: Context, author: Author, carrier_id: str) -> None:
    """With its numbers. Raises: NotFound; numbers.InUse; Conflict `managed_elsewhere`."""
    carrier = await get_carrier(ctx, carrier_id)
    refuse_managed(carrier)
    await numbers.refuse_in_use(ctx, [did["phone_key"] for did in carrier["dids"]], f"The carrier {carrier['name']}")
    await store.delete(ctx, carrier_id)
    await store.release(ctx, [did["phone_key"] for did in carrier["dids"]], carrier_id)
    await _told(ctx, author, "carrier.delete", carrier_id, {"name": (carrier["name"], None)})


async def sync(ctx: Context, carrier_id: str) -> Document:
    """A `websocket_carrier` needs none. Raises: NotFound; LivekitNotConfigured; SyncNotBuilt."""
    carrier = await get_carrier(ctx, carrier_id)
    if carrier["originate"] == "websocket_carrier":
        return carrier
    if not livekit_configured(ctx):
        raise LivekitNotConfigured
    raise SyncNotBuilt


async def credentials(ctx: Context, carrier_id: str) -> CarrierAccess:
    """What opens the API of a `websocket_carrier`, in clear. Raises: NotFound; SecretUnreadable."""
    carrier = await get_carrier(ctx, carrier_id)
    if carrier.get("originate") != "websocket_carrier" or not carrier.get("rest"):
        raise NotFound(f"The carrier {carrier_id!r} has no REST API.", code="carrier_not_found")
    return CarrierAccess.model_validate(opened_rest(carrier, ctx.cipher))


async def reencrypt(ctx: Context) -> None:
    """Write secrets anew that are not under the first key. Unreadable ones stay as they are, and are told."""
    async for carrier in store.everything(ctx):
        try:
            fresh = renewed(carrier, ctx.cipher)
        except SecretUnreadable:
            log.error("carrier.secret_unreadable", carrier_id=carrier["_id"], way_out="put the former key back")
            continue
        if fresh is not None:
            await store.update(ctx, carrier, {**fresh, "write_id": new_id()})


def livekit_configured(ctx: Context) -> bool:
    return bool(ctx.settings.livekit_url and ctx.settings.livekit_api_key and ctx.settings.livekit_api_secret)


def refuse_managed(carrier: Document) -> None:
    """Raises: Conflict `managed_elsewhere`."""
    if by := carrier.get("managed_by"):
        raise Conflict(f"This carrier belongs to {by}; change it there.", code="managed_elsewhere")


def sync_status(carrier: Mapping[str, Any]) -> str:
    """Trunks are written by the sync alone; a carrier that rings by itself has none."""
    return "synced" if carrier["originate"] == "websocket_carrier" else "pending"


async def _check(ctx: Context, whole: Document) -> None:
    """Rules across fields. Raises: Invalid."""
    rest = whole["rest"] or {}
    if whole["originate"] == "livekit_sip" and not whole["sip_address"]:
        raise _wrong("sip_address", "is required for livekit_sip: the carrier's host, or host:port")
    if whole["originate"] == "websocket_carrier" and not rest.get("base_url"):
        raise _wrong("rest", "is required for websocket_carrier, with adapter and base_url")
    addresses = whole["inbound_allowed_addresses"] or whole["allowed_addresses"]
    if whole["inbound_auth_mode"] == "ip" and not addresses:
        raise _wrong("inbound_allowed_addresses", "needs at least one address when callers are told apart by address")
    if rest.get("base_url"):
        try:
            await check_url(rest["base_url"], ctx.allow)
        except VoxError as error:
            raise _wrong("rest.base_url", error.message.rstrip("."), error.wire_code) from None


def _wrong(field: str, told: str, kind: str = "value_error") -> Invalid:
    return Invalid(f"{field}: {told}.", detail=[{"loc": ["body", *field.split(".")], "msg": told, "type": kind}])


def _name_taken(name: str) -> Conflict:
    return Conflict(f"There is a carrier {name!r} already.", code="name_taken")


async def _refuse_in_use(ctx: Context, carrier: Document, new: Document) -> None:
    """What calls under way are followed by must stay, and so must numbers that campaigns call from.

    Rates, names and renewed secrets may change at any time: that is how an operator slows a carrier down.
    """
    keys = numbers.withdrawn(carrier["dids"], new.get("dids", carrier["dids"]))
    old_rest, new_rest = carrier.get("rest") or {}, new.get("rest", carrier.get("rest")) or {}
    moved = any(name in new and new[name] != carrier.get(name) for name in ENDPOINT)
    if moved or any(old_rest.get(name) != new_rest.get(name) for name in REST_ENDPOINT):
        keys = [did["phone_key"] for did in carrier["dids"]]
    await numbers.refuse_in_use(ctx, keys, f"The carrier {carrier['name']}")


def _numbers(dids: Sequence[Document]) -> list[str]:
    return [did["number"] for did in dids][:20]


def _changes_told(old: Document, new: Document) -> dict[str, tuple[Any, Any]]:
    told = changed(old, {name: value for name, value in new.items() if name not in ("dids", "lk_sync_status")})
    if "dids" in new and new["dids"] != old["dids"]:
        shown = [
            [{k: v for k, v in did.items() if k != "phone_key"} for did in dids] for dids in (old["dids"], new["dids"])
        ]
        before, after = ([did for did in side if did not in other][:20] for side, other in (shown, shown[::-1]))
        told["dids"] = (before, after)
    return told


async def _told(
    ctx: Context, author: Author, action: str, carrier_id: str, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    await record(ctx, author, action, entity=("carrier", carrier_id), changes=changes)
    log.info(action, carrier_id=carrier_id, actor_id=author.actor.id, fields=sorted(changes))
