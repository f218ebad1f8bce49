"""Why no call was started, told apart: no workers, all busy, a quota, a registry that is away, an unknown outcome."""

from __future__ import annotations

from voxkit.errors import Unavailable
from voxkit.registry import StartUnknown

__all__ = ["NoCapacity", "NoFleet", "NoHealthyFleet", "RegistryUnavailable", "StartUnknown"]


class NoFleet(Unavailable):
    """No worker hosts are set: add one under Settings, Fleet."""

    code = "no_fleet"


class NoHealthyFleet(Unavailable):
    """No worker host answers as it should; try again."""

    code = "no_healthy_fleet"


class NoCapacity(Unavailable):
    """Every worker is on a call; try again."""

    code = "no_capacity"


class RegistryUnavailable(Unavailable):
    """The capacity registry gives no answer, so no call was started."""

    code = "registry_unavailable"
