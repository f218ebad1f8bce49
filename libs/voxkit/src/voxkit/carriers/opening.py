"""The carriers whose API is known here, as a table: another one is a file and a row."""

from collections.abc import Callable, Mapping

from voxkit.carriers import exotel, voxphone
from voxkit.carriers.base import CarrierAccess, CarrierClient, CarrierTraits
from voxkit.errors import Invalid
from voxkit.netguard import Allowlist

Open = Callable[[CarrierAccess, Allowlist], CarrierClient]
Traits = Callable[[str], CarrierTraits]
ADAPTERS: Mapping[str, tuple[Open, Traits]] = {
    "voxphone": (voxphone.VoxphoneCarrier, lambda flow_url: voxphone.TRAITS),
    "exotel": (exotel.ExotelCarrier, exotel.traits_with),
}
"""By adapter: how a client is opened, and what the carrier can do (with a flow of its own, where it has such)."""


class NoSuchAdapter(Invalid):
    """Calls cannot be placed with this carrier's API."""

    code = "adapter_unknown"


def open_carrier(access: CarrierAccess, allow: Allowlist) -> CarrierClient:
    """A client of this account; the caller closes it. Raises: NoSuchAdapter."""
    return _row(access.adapter)[0](access, allow)


def traits_of(adapter: str, flow_url: str = "") -> CarrierTraits:
    """What carriers of this adapter can do. `flow_url`: as in CarrierAccess. Raises: NoSuchAdapter."""
    return _row(adapter)[1](flow_url)


def _row(adapter: str) -> tuple[Open, Traits]:
    if adapter not in ADAPTERS:
        raise NoSuchAdapter(f"Calls cannot be placed with the adapter {adapter!r}; there are: {', '.join(ADAPTERS)}.")
    return ADAPTERS[adapter]
