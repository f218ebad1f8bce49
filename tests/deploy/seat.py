"""The seat of deploy tests: voxcore's whole image with the stand-in talk of the balancer tests; and bad ones.

`FAULT` is part of an image: how that release is broken. The environment that a host gives its seats cannot set it.
"""

from __future__ import annotations

import os
import sys
import time

FAULT = os.environ.get("FAULT", "")

if FAULT == "does not start":
    sys.exit("ImportError: no module named pipecat")
if FAULT == "unhealthy":
    print("waiting for a model that never loads", flush=True)
    time.sleep(100_000)
if FAULT == "other contract":
    # Its heartbeats speak of a route that this registry does not have.
    os.environ["REGISTRY_URL"] += "/v0"

import seats  # noqa: E402  (a seat that does not start imports nothing)

if FAULT in ("mute", "crashes"):

    async def broken(self: seats.EchoTalk, call: object) -> None:
        """Takes the call and cannot hold it."""
        if FAULT == "crashes":
            os._exit(139)
        raise RuntimeError("no media")

    seats.EchoTalk.converse = broken

if __name__ == "__main__":
    sys.exit(seats.run())
