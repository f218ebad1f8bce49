"""How a campaign looks on a terminal: how far it is, what it does now, what keeps it from dialling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Document = dict[str, Any]
OVER = ("completed", "failed")
STATUS_STYLE = {"draft": "dim", "running": "bold green", "paused": "bold yellow", "completed": "cyan", "failed": "red"}
# Statistics that say where the contacts are, in the order of their life, with what people call them.
PLACES = (
    ("pending", "not called yet"),
    ("in_flight", "being called"),
    ("retry_scheduled", "called again later"),
    ("callback_pending", "asked for a call back"),
    ("completed", "completed"),
    ("failed", "tried in vain"),
    ("machine_detected_count", "answering machine"),
    ("abandoned", "answered, no bot free"),
    ("window_closed", "window closed first"),
    ("manual_stopped", "stopped"),
    ("excluded", "excluded"),
)
RATES = (
    ("attempt_answer_rate", "answered", "of the dials"),
    ("connect_rate", "reached", "of those tried"),
    ("completion_rate", "completed", "of all contacts"),
    ("abandon_rate", "abandoned", "of answered people"),
)
DOING = {
    "dialling": ("dialling", "green"),
    "idle": ("nothing is due", "dim"),
    "waiting_retries": ("waiting for the next try", "yellow"),
    "outside_window": ("outside its window", "yellow"),
    "blocked": ("blocked", "bold red"),
    "draining": ("the last calls end", "yellow"),
}
AWAY = "dialler_away"  # voxbridge says so of a voxdialler that says nothing
BLOCKED = {
    "no_capacity": "no seat is free: vox fleet status",
    "quota": "the quota of this deployment is used up: vox fleet quota",
    "registry_away": "the capacity registry gives no answer",
    "voxbridge_away": "voxbridge gives voxdialler no answer",
    "store_away": "the database gives no answer",
    "carrier_breaker": "too many dials of the carrier failed; it is tried again by itself",
    "campaign_breaker": "too many dials of this campaign failed; it is tried again by itself",
    "livekit_not_configured": "its carrier needs LiveKit, and LIVEKIT_URL is not set",
    "numbers_busy": "each of its numbers is at its limit",
    "clock_skew": "the clocks of the hosts differ",
}


def is_over(campaign: Document) -> bool:
    """Ended, and its last call too: an ended campaign lets live calls go on."""
    return campaign["status"] in OVER and not campaign["stats"]["in_flight"]


def shown(campaign: Document) -> RenderableType:
    """The whole picture of one campaign."""
    stats = campaign["stats"]
    parts: list[RenderableType] = [headline(campaign), progress(campaign)]
    if (doing := activity(campaign)) is not None:
        parts.append(doing)
    parts += [Text(), places(stats)]
    if any(stats.get(name) is not None for name, _, _ in RATES):
        parts += [Text(), rates(stats)]
    parts += [Text(f"warning: {warning}", style="yellow") for warning in campaign.get("warnings", ())]
    return Group(*parts)


def headline(campaign: Document) -> Text:
    line = Text(campaign["name"], style="bold")
    line.append(f"  {campaign['status']}", STATUS_STYLE.get(campaign["status"], ""))
    if campaign["completion_reason"]:
        line.append(f" ({campaign['completion_reason'].replace('_', ' ')})", "not bold dim")
    run = f", run {campaign['run_number']}" if campaign["run_number"] > 1 else ""
    line.append(f"  bot {campaign['bot_name'] or campaign['bot_id']}{run}", "not bold dim")
    return line


def progress(campaign: Document) -> RenderableType:
    """A bar and its figures: contacts that are done with, of all."""
    total, processed = campaign["stats"]["total_calls"], campaign["stats"]["processed"]
    if not total:
        loaded = (campaign["upload"]["counts"] or {}).get("inserted", 0)
        return Text(f"{loaded} contacts loaded, not counted yet" if loaded else "no contacts yet", style="dim")
    row = Table.grid(padding=(0, 1))
    share = processed / total
    row.add_row(ProgressBar(total=total, completed=processed, width=40), f"{processed} of {total} done  {share:.0%}")
    return row


def activity(campaign: Document) -> Text | None:
    """What voxdialler says that it does; None when there is nothing to say."""
    live, running = campaign["live"], campaign["status"] == "running"
    if running and live and live.get("state") == AWAY:
        since = f" since {_clock(live['updated_at'])}" if live.get("updated_at") else ""
        return Text(f"voxdialler has said nothing{since}: is it running? (vox doctor)", style="bold yellow")
    if running and not live:
        return Text("waiting for voxdialler to take it up", style="yellow")
    if not live or (not running and not (live.get("ringing") or live.get("in_progress"))):
        return None
    if is_over(campaign):  # the panel is only older than the end
        return None
    word, style = DOING.get(live.get("state", ""), (live.get("state", ""), ""))
    line = Text(word, style=style)
    if live.get("next_at"):
        line.append(f" until {_clock(live['next_at'])}")
    line.append(f"  {live.get('ringing', 0)} ringing, {live.get('in_progress', 0)} talking", "not bold")
    if live.get("calls_per_minute"):
        line.append(f", {live['calls_per_minute']:.3g} dials a minute", "not bold")
    if live.get("eta_at"):
        line.append(f", done about {_clock(live['eta_at'])}", "not bold")
    if blocked := live.get("blocked"):
        reason = str(blocked.get("reason", ""))
        line.append(f"\n{BLOCKED.get(reason, reason)}", "red")
    return line


def places(stats: Document) -> Table:
    """Where the contacts are; what nobody is in is left out."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for name, words in PLACES:
        if stats.get(name):
            table.add_row(str(stats[name]), words)
    return table


def rates(stats: Document) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, style="dim")
    table.add_column(justify="right")
    table.add_column()
    for name, word, of in RATES:
        if stats.get(name) is not None:
            table.add_row(f"{stats[name]:.0%}", f"{word} {of}")
    return table


def listed(campaigns: Sequence[Document]) -> Table:
    """One row a campaign."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, right in (("campaign", False), ("status", False), ("done", True), ("reached", True), ("id", False)):
        table.add_column(title, justify="right" if right else "left", no_wrap=title != "campaign")
    for campaign in campaigns:
        stats = campaign["stats"]
        table.add_row(
            Text(campaign["name"]),
            Text(campaign["status"], style=STATUS_STYLE.get(campaign["status"], "")),
            f"{stats['processed']} of {stats['total_calls']}",
            str(stats["connected"]),
            campaign["campaign_id"],
        )
    return table


def _clock(moment: str) -> str:
    """By the clock of this terminal."""
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")
