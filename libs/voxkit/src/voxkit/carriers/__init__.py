"""REST clients of carriers that ring callees themselves and connect the answered calls to a worker's media socket.

    carrier = open_carrier(access, allow)          # one an account
    accepted = await carrier.place(dial, key=dial.client_ref)

An order that was sent and not answered raises `Unsure`: it is looked for with `find`, never placed again.
"""

from voxkit.carriers.base import UNREACHABLE, Adapter, CarrierAccess, CarrierClient, CarrierTraits, Refused, Unsure
from voxkit.carriers.callbacks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_callback, verify_callback
from voxkit.carriers.opening import ADAPTERS, open_carrier, traits_of

__all__ = [
    "ADAPTERS",
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "UNREACHABLE",
    "Adapter",
    "CarrierAccess",
    "CarrierClient",
    "CarrierTraits",
    "Refused",
    "Unsure",
    "open_carrier",
    "sign_callback",
    "traits_of",
    "verify_callback",
]
