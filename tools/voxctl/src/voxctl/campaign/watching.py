"""Following a campaign until it is over: the same on a terminal and in a pipe, only drawn differently."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from rich.live import Live
from rich.text import Text

from voxctl.api import Bridge, Unreachable
from voxctl.campaign.views import DOING, headline, is_over, shown
from voxctl.output import EXIT_DONE, EXIT_FAILED, Output

Document = dict[str, Any]
LOOK_EVERY_S = 1.0


async def looks(bridge: Bridge, campaign_id: str) -> AsyncIterator[Document | None]:
    """The campaign each second until it is over, the last look included; None while voxbridge gives no answer."""
    while True:
        try:
            campaign = await bridge.get(f"/campaigns/{campaign_id}")
        except Unreachable:
            yield None
        else:
            yield campaign
            if is_over(campaign):
                return
        await asyncio.sleep(LOOK_EVERY_S)


async def watched(bridge: Bridge, found: Document, output: Output) -> int:
    """Show a campaign until it is over. Returns: the exit code, 1 for one that failed."""
    campaign_id = str(found["campaign_id"])
    last: Document | None = None
    if output.as_json or not output.console.is_terminal:
        said: Any = None
        async for campaign in looks(bridge, campaign_id):
            if campaign is not None and (now := _worth_a_line(campaign)) != said:
                said, last = now, campaign
                output.emit("campaign.status", _line(campaign), **campaign)
        if last and not output.as_json:
            output.emit("campaign.over", shown(last))
    else:
        with Live(Text("looking"), console=output.console, auto_refresh=False) as live:
            async for campaign in looks(bridge, campaign_id):
                last = campaign or last
                away = Text("voxbridge gives no answer; asking again", style="yellow")
                live.update(shown(campaign) if campaign else away, refresh=True)
    output.emit("hint", f"Each call: vox campaign report {campaign_id} --csv FILE.csv")
    return EXIT_FAILED if last and last["status"] == "failed" else EXIT_DONE


def _worth_a_line(campaign: Document) -> Any:
    """States and counts; not the times at which they were counted."""
    live = campaign["live"] or {}
    doing = [live.get(name) for name in ("state", "blocked", "ringing", "in_progress")]
    return campaign["status"], {**campaign["stats"], "counted_at": None}, doing


def _line(campaign: Document) -> Text:
    stats, live = campaign["stats"], campaign["live"] or {}
    line = headline(campaign)
    line.append(f"  {stats['processed']} of {stats['total_calls']} done", "not bold")
    if is_over(campaign):  # the panel may be a second older than the end
        return line
    line.append(f", {live.get('ringing', 0)} ringing, {live.get('in_progress', 0)} talking", "not bold")
    if live.get("state") in DOING and live["state"] not in ("dialling", "blocked"):
        line.append(f", {DOING[live['state']][0]}", "not bold")
    if live.get("blocked"):
        line.append(f", blocked: {live['blocked'].get('reason')}", "red")
    return line
