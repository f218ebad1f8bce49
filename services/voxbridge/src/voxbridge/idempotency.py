"""`Idempotency-Key`: the first answer to a request is kept for a day and given again, so that a client may repeat it.

Collection `idempotency`: `_id` = hash of credential, route and key. A claim is written before the work, the answer
after it. Kept are answers and refusals that a repeat could not change; not kept are 429 and 5xx, unless the outcome
is unknown: then a second try might do the work twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError
from voxkit.errors import Conflict, Invalid, VoxError

from voxbridge.actors import Actor
from voxbridge.context import Context, get_context
from voxbridge.ids import new_id

Document = dict[str, Any]
Reply = TypeVar("Reply", bound=BaseModel)
INDEXES = [("idempotency", IndexModel([("expires_at", 1)], name="expires_at", expireAfterSeconds=0))]
KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=2)  # longer than any work under a key; its process is gone
UNKNOWN_OUTCOMES = ("start_unknown",)


@dataclass(frozen=True)
class Once:
    """What a route with the header depends on: `once: Annotated[Once, Depends(once)]`."""

    ctx: Context
    route: str
    key: str

    async def run(
        self,
        actor: Actor,
        body: BaseModel,
        model: type[Reply],
        work: Callable[[], Awaitable[Reply]],
        *,
        repeatable: bool,
    ) -> Reply:
        """The answer of `work`, or the one kept for this key; without a key simply `work`.

        `repeatable`: after a crash in the middle the work may be done again; else such a key stays taken.
        Raises: Conflict `in_progress`; Invalid `idempotency_mismatch`; what `work` raises, or raised the first time.
        """
        if not self.key:
            return await work()
        claim = _Claim(self.ctx, _digest(actor.kind, actor.id, self.route, self.key), _digest(_canonical(body)))
        if kept := await claim.take(repeatable=repeatable):
            return _given(kept, model)
        try:
            reply = await work()
        except VoxError as error:
            await (claim.keep(_refusal(error)) if _stays(error) else claim.drop())
            raise
        except Exception:
            await claim.drop()
            raise
        await claim.keep({"reply": reply.model_dump_json(by_alias=True)})
        return reply


async def once(
    request: Request,
    ctx: Annotated[Context, Depends(get_context)],
    idempotency_key: Annotated[
        str, Header(max_length=128, description="A repeat with the same key gets the first answer, for 24 hours.")
    ] = "",
) -> Once:
    """FastAPI dependency."""
    return Once(ctx, f"{request.method} {request.url.path}", idempotency_key)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(body: BaseModel) -> str:
    """The same for the same request, however its JSON was written."""
    return json.dumps(body.model_dump(mode="json"), sort_keys=True)


def _stays(error: VoxError) -> bool:
    if error.wire_code in UNKNOWN_OUTCOMES:
        return True
    return error.http_status < 500 and error.http_status != 429


def _refusal(error: VoxError) -> Document:
    told = {"code": error.wire_code, "status": error.http_status, "message": error.message}
    return {"refusal": json.dumps({**told, "detail": error.detail, "extra": error.extra})}


def _given(kept: Document, model: type[Reply]) -> Reply:
    """The kept answer. Raises: VoxError: it was a refusal."""
    if "refusal" in kept:
        told = json.loads(kept["refusal"])
        raise VoxError(
            told["message"], code=told["code"], status=told["status"], detail=told["detail"], extra=told["extra"]
        )
    return model.model_validate_json(kept["reply"])


class _Claim:
    """The right to do the work under one key. `owner` tells our claim from another one."""

    def __init__(self, ctx: Context, identity: str, body: str) -> None:
        self._ctx = ctx
        self._rows = ctx.db["idempotency"]
        self._id = identity
        self._body = body
        self._owner = new_id()

    async def take(self, *, repeatable: bool) -> Document | None:
        """None: the work is ours to do. Else the kept answer."""
        now = self._ctx.clock()
        fresh = {"body": self._body, "owner": self._owner, "at": now, "expires_at": now + KEPT}
        try:
            await self._rows.insert_one({"_id": self._id, **fresh})
            return None
        except DuplicateKeyError:
            found = await self._rows.find_one({"_id": self._id})
        if found is None:  # dropped this moment: whoever had it is done, and a repeat of the client finds out
            raise _busy()
        if found["owner"] == self._owner:  # the driver sent our insert twice
            return None
        expired = found["expires_at"] <= now
        if not expired and found["body"] != self._body:
            raise Invalid(
                "This Idempotency-Key was used with another body; take a new key for a new request.",
                code="idempotency_mismatch",
            )
        if not expired and found.keys() & {"reply", "refusal"}:
            return found
        if not expired and not (repeatable and now - found["at"] > ABANDONED):
            raise _busy()
        done = await self._rows.replace_one({"_id": self._id, "owner": found["owner"]}, fresh)
        if not done.matched_count and not await self._rows.find_one({"_id": self._id, "owner": self._owner}):
            raise _busy()
        return None

    async def keep(self, answer: Document) -> None:
        await self._rows.update_one({"_id": self._id, "owner": self._owner}, {"$set": answer})

    async def drop(self) -> None:
        await self._rows.delete_one({"_id": self._id, "owner": self._owner})


def _busy() -> Conflict:
    return Conflict(
        "The first request with this Idempotency-Key has not been answered yet; wait, then repeat it.",
        code="in_progress",
    )
