"""What commands that work on an inventory have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

InventoryFile = Annotated[Path, Parameter(name="--inventory", help="The inventory.")]
Env = Annotated[str, Parameter(name=["--env", "-e"], help="Environment: deploy.ENV.yml lies over the inventory.")]
Json = Annotated[bool, Parameter(negative=(), help="JSON lines instead of text.")]
Why = Annotated[str, Parameter(help="Kept in lock and audit.")]
DEPLOY_YML = Path("deploy.yml")
