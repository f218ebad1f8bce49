"""After a call was placed: its seat is free again as soon as the carrier says that nobody will talk on it."""

from __future__ import annotations

import asyncio
import time

from voxkit.carriers import CarrierClient, Refused, Unsure

from voxbridge.fleet.starts import SocketSeat

POLL_S = 2.0


async def free_when_over(carrier: CarrierClient, call_ref: str, seat: SocketSeat) -> None:
    """Look at the call until it is connected, over, or the seat has lapsed; the client is closed at the end.

    A process that ends meanwhile leaves the seat to its deadline. A call that is on the seat is never touched: the
    registry frees only what nobody has taken.
    """
    until = time.monotonic() + seat.seconds_left
    try:
        while seat.give_back and time.monotonic() < until:
            await asyncio.sleep(POLL_S)
            try:
                call = await carrier.get(call_ref)
            except (Refused, Unsure):
                continue
            if call is None or call.status == "in_progress":
                return
            if call.status == "completed":
                await seat.give_back()
                return
    finally:
        await carrier.aclose()
