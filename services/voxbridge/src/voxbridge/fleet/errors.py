"""Why no call was started, told apart: no workers, all busy, a quota, a registry that is away, an unknown outcome."""

from __future__ import annotations

from voxkit.errors import Unavailable, Upstream


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


class StartUnknown(Upstream):
    """The worker did not say whether the call started; it was not started elsewhere."""

    code, retryable = "start_unknown", False
