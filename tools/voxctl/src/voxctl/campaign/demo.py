"""The demo campaign: a handful of simulated people who are called by the demo bot over the simulated carrier."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from voxctl.api import ApiRefused, Bridge
from voxctl.campaign.find import explained
from voxctl.campaign.views import OVER
from voxctl.campaign.watching import watched
from voxctl.output import EXIT_DONE, CommandError, Output, escape

Document = dict[str, Any]
# voxbridge makes the bot and the carrier with this number (SEED_DEMO).
NUMBER = "+15550199"
NAME = "Demo campaign"
BOT = "demo"
# The last two digits say who answers: the built-in numbering plan of voxphone.
CONTACTS = """\
phone_number,name
+15550100,Ana Friendly
+15550113,Ben In A Hurry
+15550102,Chandra Leaves Early
+15550107,Dana Has A Machine
+15550190,Eli Is Busy
+15550192,Fatima Rejects
"""
CONFIG: Document = {
    "concurrency_limit": 5,
    "campaign_mode": "multi_day",
    "time_window": {"start": "00:00", "end": "00:00", "timezone": "UTC"},
    "redial_rules": {"max_attempts": 2, "retry_delay_minutes": 1},
    "amd": {"enabled": True},
}
UPLOAD_WITHIN_S = 30
HOW_TO_START = "[bold]vox campaign demo --start[/]"


async def show_demo(bridge: Bridge, output: Output, *, start: bool) -> int:
    """Make the demo campaign unless it is there, and run it or say how it is run. Returns: the exit code."""
    made = await ensure_demo(bridge)
    if not start:
        text = f"\n[bold]{escape(made['name'])}[/]: six simulated people, {made['status']}. Call them: {HOW_TO_START}"
        output.emit("campaign.demo", text, **made)
        return EXIT_DONE
    path = f"/campaigns/{made['campaign_id']}"
    with explained(made["name"]):
        if made["status"] in OVER:
            await bridge.post(f"{path}/restart")
        if made["status"] != "running":
            made = await bridge.post(f"{path}/{'resume' if made['status'] == 'paused' else 'start'}")
    output.emit("campaign.started", f"[green]{escape(made['name'])} is running[/]", **made)
    return await watched(bridge, made, output)


async def ensure_demo(bridge: Bridge) -> Document:
    """The demo campaign with its contacts; what is there already stays as it is.

    Raises: CommandError: voxbridge refuses a step, in its own words; or it has no demo carrier.
    """
    same = [each for each in (await bridge.get("/campaigns", q=NAME, limit="100"))["items"] if each["name"] == NAME]
    if same:
        campaign = await bridge.get(f"/campaigns/{same[0]['campaign_id']}")
    else:
        body = {"name": NAME, "bot_id": BOT, "number_pool": [NUMBER], "config": CONFIG}
        try:
            campaign = await bridge.post("/campaigns", body)
        except ApiRefused as refusal:
            if refusal.code in ("bot_not_found", "number_unknown"):
                raise CommandError(
                    f"this voxbridge has no demo bot or no demo carrier with {NUMBER}: a stack of `vox up` has both; "
                    "others make them with SEED_DEMO, VOXPHONE_URL and VOXPHONE_API_TOKEN"
                ) from None
            raise
    if campaign["status"] == "draft" and campaign["upload"]["state"] == "none":
        await _upload(bridge, campaign["campaign_id"])
        campaign = await bridge.get(f"/campaigns/{campaign['campaign_id']}")
    return campaign


async def _upload(bridge: Bridge, campaign_id: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo-contacts.csv"
        file.write_text(CONTACTS)
        await bridge.upload(f"/campaigns/{campaign_id}/upload", file, UPLOAD_WITHIN_S)
