"""What becomes of a contact when an attempt has ended: one table, used by voxbridge and voxdialler alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from voxkit.campaigns.callbacks import CallbackWish, UnmetReason, scheduled_callback, unmet_callback
from voxkit.contracts.campaigns import CampaignConfig, ContactState, RedialRules
from voxkit.contracts.results import CONNECTED_OUTCOMES

Document = Mapping[str, Any]

CUT_SHORT: dict[str, ContactState] = {"manual_stop": "manual_stopped", "window_closed": "window_closed"}
"""How a campaign ended, and what its contacts become that would have been dialled again."""
_ENDS: dict[str, ContactState] = {"amd_machine": "amd_machine", "abandoned": "abandoned"}


@dataclass(frozen=True)
class Ended:
    """An attempt that is over. `ended_at`: aware UTC.

    `suppressed`: the number is on the campaign's exclude list or the do-not-call list. `callback`: what the customer
    asked for, null unless the bot and the campaign both take callbacks.
    """

    outcome: str
    ended_at: datetime
    disposition: str | None = None
    customer_spoke: bool = False
    suppressed: bool = False
    callback: CallbackWish | None = None


@dataclass(frozen=True)
class Decision:
    """The contact's next state. `line`: the row of the table that decided; `callback`: the contact's whole callback
    document after it, null when it stays as it is."""

    status: ContactState
    line: int
    connected: bool
    next_retry_at: datetime | None = None
    callback: dict[str, Any] | None = None


def is_connected(outcome: str) -> bool:
    """Whether a conversation took place."""
    return outcome in CONNECTED_OUTCOMES


def decide(campaign: Document, row: Document, ended: Ended) -> Decision:
    """The first line of the table that holds. `campaign`, `row`: documents of `campaigns` and `campaign_calls`."""
    config = CampaignConfig.model_validate(campaign.get("config") or {})
    connected = is_connected(ended.outcome)
    again = _may_retry(config.redial_rules, row, ended)
    cut = _cut_short(campaign)

    def becomes(status: ContactState, line: int, *, unmet: UnmetReason | None = None) -> Decision:
        callback = _closed(row, ended, connected, status)
        if ended.callback and unmet:
            callback = unmet_callback(row.get("callback"), ended.callback, unmet)
        return Decision(status, line, connected, callback=callback)

    if cut:
        if connected:
            return becomes("completed", 1, unmet="campaign_ended")
        if again:
            return becomes(cut, 1, unmet="campaign_ended")
        return becomes(_ENDS.get(ended.outcome, "exhausted"), 5, unmet="campaign_ended")
    if ended.suppressed or row.get("exclude_requested"):
        return becomes("completed" if connected else "excluded", 2, unmet="excluded")
    wished = ended.callback and scheduled_callback(campaign, config, row.get("callback"), ended.callback)
    if wished and wished["active"]:
        return Decision("callback_scheduled", 3, connected, wished["scheduled_at"], wished)
    if again:
        delay = timedelta(minutes=config.redial_rules.retry_delay_minutes)
        callback = wished or _closed(row, ended, connected, "retry_scheduled")
        return Decision("retry_scheduled", 4, connected, ended.ended_at + delay, callback=callback)
    last = becomes("completed" if connected else _ENDS.get(ended.outcome, "exhausted"), 5)
    return replace(last, callback=wished) if wished else last


def _cut_short(campaign: Document) -> ContactState | None:
    """What an ended campaign makes of a contact that it would have dialled again; None while it is not ended so."""
    status, run = campaign.get("status"), campaign
    prepared: Document = campaign.get("prepared_run") or {}
    if status == "draft" and prepared.get("from_status") == "completed" and campaign.get("restart_history"):
        # A new run is prepared while calls of the old one last: they end as the old one did.
        run = campaign["restart_history"][-1]
    elif status != "completed":
        return None
    return CUT_SHORT.get(str(run.get("completion_reason")))


def _may_retry(rules: RedialRules, row: Document, ended: Ended) -> bool:
    """A number that does not exist is never dialled again; a timeout counts when the customer never spoke."""
    if ended.outcome == "invalid_number" or int(row.get("attempt_count") or 0) >= rules.max_attempts:
        return False
    by_outcome = ended.outcome in rules.retry_on_system and not (ended.outcome == "timeout" and ended.customer_spoke)
    wanted = {disposition.casefold() for disposition in rules.retry_on_custom}
    return by_outcome or (ended.disposition or "").casefold() in wanted


def _closed(row: Document, ended: Ended, connected: bool, status: ContactState) -> dict[str, Any] | None:
    """The callback that was scheduled before, settled: kept when the conversation came about, else called off once the
    contact is done with. None: there was none, or it stands."""
    before = row.get("callback")
    if not before or before.get("status") != "scheduled":
        return None
    if connected:
        return {**before, "active": False, "status": "completed"}
    if status == "retry_scheduled":
        return None
    return {**before, "active": False, "status": "cancelled"}
