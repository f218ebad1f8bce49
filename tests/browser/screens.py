"""Every screen of the console, as a super admin opens it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """`path` may hold `{call}`, `{campaign}`, `{carrier}`: ids of the stack."""

    path: str
    heading: str
    # Its content comes from the server.
    loads: bool = True


SCREENS = (
    Screen("/login", "Sign in", loads=False),
    Screen("/dashboard", "Overview"),
    Screen("/dashboard/bots", "Bots"),
    Screen("/dashboard/bots/demo", "Vox Parcels"),
    Screen("/dashboard/bots/demo?tab=calls", "Vox Parcels"),
    Screen("/dashboard/bots/demo?tab=integration", "Vox Parcels"),
    Screen("/dashboard/bots/create", "New bot", loads=False),
    Screen("/dashboard/bots/demo/edit", "Edit Vox Parcels"),
    Screen("/dashboard/calls", "Calls"),
    Screen("/dashboard/calls/{call}", "+1 555 0100"),
    Screen("/dashboard/campaigns", "Campaigns"),
    Screen("/dashboard/campaigns/new", "New campaign", loads=False),
    Screen("/dashboard/campaigns/{campaign}", "Demo campaign"),
    Screen("/dashboard/campaigns/{campaign}?tab=contacts", "Demo campaign"),
    Screen("/dashboard/campaigns/{campaign}?tab=configuration", "Demo campaign"),
    Screen("/dashboard/campaigns/{campaign}?tab=integration", "Demo campaign"),
    Screen("/dashboard/campaigns/{campaign}?tab=activity", "Demo campaign"),
    Screen("/dashboard/campaigns/{campaign}/edit", "Edit Demo campaign"),
    Screen("/dashboard/do-not-call", "Do-not-call list"),
    Screen("/dashboard/fleet", "Fleet"),
    Screen("/dashboard/carriers", "Carriers"),
    Screen("/dashboard/carriers/{carrier}", "voxphone"),
    Screen("/dashboard/carriers/create", "New carrier", loads=False),
    Screen("/dashboard/users", "Users"),
    Screen("/dashboard/api-keys", "API keys"),
    Screen("/dashboard/settings/general", "Settings"),
    Screen("/dashboard/settings/providers", "Settings"),
    Screen("/dashboard/settings/storage", "Settings"),
    Screen("/dashboard/settings/fleet", "Settings"),
    Screen("/dashboard/settings/dialler", "Settings"),
    Screen("/dashboard/settings/delivery", "Settings"),
    Screen("/dashboard/settings/about", "Settings"),
    Screen("/dashboard/audit-log", "Audit log"),
    Screen("/dashboard/profile", "Profile", loads=False),
    Screen("/dashboard/nothing-here", "Not found", loads=False),
)
