"""The files of `/opt/vox/` on a host, whatever it carries."""

from __future__ import annotations

import re

from voxctl.hosts.fleet_host import render_fleet
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import SEATS_ENV, compose_text
from voxctl.hosts.project import RENDERED, render_project
from voxctl.output import CommandError


def render_host(inventory: Inventory, name: str) -> dict[str, str]:
    """File name -> content. The same inventory gives the same bytes. Raises: CommandError."""
    host = inventory.hosts.get(name)
    if host is None:
        raise CommandError(f"there is no host {name}: the inventory has {', '.join(inventory.hosts)}")
    ours = [role for role in host.roles if role in RENDERED]
    if ours == ["fleet"]:
        return render_fleet(inventory, name)
    if ours:
        return render_project(inventory, name)
    if "ingress" in host.roles:
        # Its haproxy.cfg comes from ingress.yml on the host itself: `vox ingress render`.
        return {
            "compose.yaml": compose_text("ingress.yaml.j2", inventory, name),
            SEATS_ENV: f"LB_IMAGE={inventory.balancer_image}\n",
        }
    raise CommandError(f"{name} has role {', '.join(host.roles)} alone: LiveKit and livekit-sip are not rendered yet")


def required_secrets(compose: str) -> list[str]:
    """What must stand in secrets.env for a compose.yaml. One of seats alone names none: they are given the file."""
    return sorted(set(re.findall(r"\$\{(\w+):\?stands in /etc/vox/secrets\.env\}", compose)))
