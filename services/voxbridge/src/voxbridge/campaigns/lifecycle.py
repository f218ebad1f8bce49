"""How a campaign changes its state: a table, one compare-and-set each. A repeated action is refused, not done twice."""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from voxkit.contracts.campaigns import CampaignConfig
from voxkit.errors import Conflict
from voxkit.log import get_logger

from voxbridge.audit.service import Author, record
from voxbridge.campaigns import store
from voxbridge.campaigns.checks import obstacles
from voxbridge.campaigns.opening import run_window
from voxbridge.campaigns.service import TRIES, activity, get_campaign
from voxbridge.context import Context

Document = dict[str, Any]
Action = Literal["start", "resume", "pause", "stop", "restart", "cancel-restart", "complete", "fail"]
FROM: dict[str, tuple[str, ...]] = {
    "start": ("draft", "paused"),
    "resume": ("draft", "paused"),
    "pause": ("running",),
    "stop": ("running", "paused"),
    "restart": ("completed", "failed"),
    "cancel-restart": ("draft",),
    "complete": ("running", "paused"),
    "fail": ("running",),
}
"""The last two are the keeper's."""
SIGNAL = "campaigns.settle"
RESET_SIGNAL = "campaigns.reset"
HISTORY_KEPT = 100
log = get_logger("voxbridge.campaigns")


class InvalidState(Conflict):
    """The campaign is in a state that does not allow this."""

    code = "invalid_state"


class CannotStart(Conflict):
    """Something is missing; `reasons` says what."""

    code = "cannot_start"


class NotPrepared(Conflict):
    """There is no prepared run that could be called off."""

    code = "not_prepared"


def _refuse(action: Action, seen: Document) -> NoReturn:
    raise InvalidState(
        f"A campaign that is {seen['status']} takes no {action}; that needs {' or '.join(FROM[action])}."
    )


async def _move(
    ctx: Context, author: Author, seen: Document, action: Action, to: str, changes: Document, **where: Any
) -> bool:
    """The compare-and-set of an action, with its entries. False: the campaign is not what was seen."""
    if seen["status"] not in FROM[action]:
        _refuse(action, seen)
    entry = activity(author, action, ctx.clock())
    if not await store.swap(ctx, seen, {"status": to, **changes}, activity=entry, **where):
        return False
    told = {"status": (seen["status"], to)}
    if reason := changes.get("completion_reason"):
        told["completion_reason"] = (seen.get("completion_reason"), reason)
    log.info(f"campaign.{action}", campaign_id=seen["_id"], actor_id=author.actor.id, status=to)
    await record(ctx, author, f"campaign.{action}", entity=("campaign", seen["_id"]), changes=told)
    ctx.signals.wake(SIGNAL)
    return True


async def start(ctx: Context, author: Author, campaign_id: str, action: Literal["start", "resume"]) -> Document:
    """draft, paused -> running; the contacts of a prepared run are reset from then on. Raises: InvalidState;
    CannotStart."""
    for _ in range(TRIES):
        seen = await get_campaign(ctx, campaign_id)
        if seen["status"] not in FROM[action]:
            _refuse(action, seen)
        if found := await obstacles(ctx, seen):
            told = "; ".join(text for _, text in found)
            raise CannotStart(f"The campaign cannot start: {told}.", extra={"reasons": [reason for reason, _ in found]})
        changes: Document = {}
        if seen["prepared_run"] and seen["status"] == "draft":
            changes["prepared_run"] = {**seen["prepared_run"], "reset_upto": 0}
        if not seen["started_at"]:
            now, config = ctx.clock(), CampaignConfig.model_validate(seen["config"])
            changes |= {"started_at": now, "run_window": run_window(config, now), "unsettled": False}
        if await _move(ctx, author, seen, action, "running", changes):
            ctx.signals.wake(RESET_SIGNAL)
            return await get_campaign(ctx, campaign_id)
    raise InvalidState("Others change this campaign all the time; try again.")


async def pause(ctx: Context, author: Author, campaign_id: str) -> Document:
    """running -> paused: no new dial; live calls go on. Raises: InvalidState."""
    return await _simple(ctx, author, campaign_id, "pause", "paused", {})


async def stop(ctx: Context, author: Author, campaign_id: str) -> Document:
    """running, paused -> completed; the keeper settles the contacts that wait. Raises: InvalidState."""
    return await _simple(ctx, author, campaign_id, "stop", "completed", ending(ctx, "manual_stop"))


def ending(ctx: Context, reason: str) -> Document:
    """Fields of a campaign that ends now; the rest of the end is the keeper's."""
    return {"completion_reason": reason, "completed_at": ctx.clock(), "unsettled": True, "prepared_run": None}


async def _simple(
    ctx: Context, author: Author, campaign_id: str, action: Action, to: str, changes: Document
) -> Document:
    for _ in range(TRIES):
        if await _move(ctx, author, await get_campaign(ctx, campaign_id), action, to, changes):
            return await get_campaign(ctx, campaign_id)
    raise InvalidState("Others change this campaign all the time; try again.")


async def finish(
    ctx: Context, author: Author, seen: Document, reason: str, *, failed: bool = False, **where: Any
) -> bool:
    """The keeper's end of a campaign. False: it is not what was seen; look again."""
    action: Action = "fail" if failed else "complete"
    return await _move(ctx, author, seen, action, "failed" if failed else "completed", ending(ctx, reason), **where)


async def restart(ctx: Context, author: Author, campaign_id: str, scope: str) -> Document:
    """completed, failed -> a prepared draft; contacts stay as they are until its start. Raises: InvalidState."""
    for _ in range(TRIES):
        seen = await get_campaign(ctx, campaign_id)
        past = {name: seen.get(name) for name in _OF_A_RUN} | {
            "restarted_by": author.actor.id, "restarted_at": ctx.clock(),
        }  # fmt: skip
        changes: Document = dict.fromkeys(("started_at", "completed_at", "completion_reason", "run_window")) | {
            "run_number": seen["run_number"] + 1,
            "restart_history": [*seen["restart_history"], past][-HISTORY_KEPT:],
            "prepared_run": {"from_status": seen["status"], "scope": scope},
        }
        if await _move(ctx, author, seen, "restart", "draft", changes):
            return await get_campaign(ctx, campaign_id)
    raise InvalidState("Others change this campaign all the time; try again.")


_OF_A_RUN = ("run_number", "started_at", "completed_at", "completion_reason", "stats", "run_window")


async def cancel_restart(ctx: Context, author: Author, campaign_id: str) -> Document:
    """A prepared draft -> the state that it had. Raises: NotPrepared."""
    for _ in range(TRIES):
        seen = await get_campaign(ctx, campaign_id)
        prepared = seen["prepared_run"]
        if seen["status"] != "draft" or not prepared:
            raise NotPrepared("No run is prepared here; restart a campaign that ended first.")
        *history, past = seen["restart_history"]
        changes: Document = {name: past.get(name) for name in _OF_A_RUN} | {
            "restart_history": history, "prepared_run": None, "unsettled": True,
        }  # fmt: skip
        if await _move(ctx, author, seen, "cancel-restart", prepared["from_status"], changes):
            return await get_campaign(ctx, campaign_id)
    raise InvalidState("Others change this campaign all the time; try again.")
