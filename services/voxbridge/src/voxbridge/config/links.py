"""Campaign links and stored contexts: what of an event may be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voxbridge.config import store
from voxbridge.config.event import (
    CampaignLink,
    SplitEvent,
    context_id,
    merged_with_context,
    split_event,
)
from voxbridge.context import Context

Document = dict[str, Any]


@dataclass(frozen=True)
class TrustedLink:
    """A campaign link that contact and attempt agree with. `kind`: of the attempt."""

    link: CampaignLink
    kind: str


async def trusted(ctx: Context, claim: CampaignLink) -> TrustedLink | None:
    """None unless the contact is in this very session: a stranger on a public socket cannot touch a campaign."""
    contact = await store.contact(ctx, claim.campaign_call_id)
    if contact is None or contact.get("current_session_id") != claim.session_id:
        return None
    if contact.get("campaign_id") != claim.campaign_id or contact.get("run_number") != claim.run_number:
        return None
    attempt = await store.attempt_of_session(ctx, claim.session_id)
    if attempt is None or attempt.get("campaign_call_id") != claim.campaign_call_id:
        return None
    return (
        TrustedLink(claim, str(attempt.get("kind") or "initial"))
        if attempt.get("attempt_no") == claim.attempt
        else None
    )


async def resolved(
    ctx: Context, event: Document, bot_id: str, sip_header_config: Document | None
) -> tuple[SplitEvent, TrustedLink | None]:
    """The event with its stored context, split, and the campaign link if it can be trusted; `warnings` say what was
    dropped."""
    reference = context_id(event)
    stored = await store.context_event(ctx, reference, bot_id, ctx.clock()) if reference else None
    split = split_event(merged_with_context(event, stored), sip_header_config)
    if reference and stored is None:
        split.warnings.append("context_unknown")
    link = await trusted(ctx, split.claim) if split.claim else None
    if split.claim and link is None:
        split.warnings.append("campaign_link_not_trusted")
    return split, link
