"""A call for load: it holds the media socket as a carrier does and carries no sound, so that thousands cost little."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from voxkit.contracts.carrier import CarrierCallResult
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from voxphone.target import CallTarget
from voxphone.wire import WIRES
from voxphone.wire.base import BotHangUp, Line, TransferAsked, Wire

CONNECT_WITHIN_S = 10.0
CLOSE_WAIT_S = 3.0
# Sound is most of what comes and nobody listens: its frames are told by their beginning, not decoded.
HEAD_CHARS = 120


@dataclass(frozen=True)
class Held:
    """How it ended."""

    result: CarrierCallResult
    reason: str


async def hold(
    target: CallTarget, line: Line, talk_s: float, hung_up: asyncio.Event, connected: Callable[[], None]
) -> Held:
    """One call from the media socket to its end: after `talk_s`, by `hung_up`, or by the bot.

    `connected` is called once the socket is open. A refusal and a broken line are results, not exceptions.
    """
    try:
        socket = await connect(
            target.url,
            additional_headers=target.headers,
            compression=None,
            proxy=None,
            open_timeout=CONNECT_WITHIN_S,
            close_timeout=CLOSE_WAIT_S,
            max_size=1024 * 1024,
        )
    except InvalidStatus as exc:
        return Held("media_refused", f"HTTP {exc.response.status_code}")
    except TimeoutError:
        return Held("media_refused", f"no answer from {target.public_url} within {CONNECT_WITHIN_S:g} s")
    except (OSError, InvalidHandshake) as exc:
        return Held("media_refused", f"cannot reach {target.public_url}: {exc}")
    wire = WIRES[target.protocol](line)
    reading: asyncio.Task[Held] = asyncio.create_task(_until_the_bot_ends(socket, wire))
    leaving = asyncio.create_task(hung_up.wait())
    try:
        for frame in (*wire.opening(), *wire.answer()):
            await socket.send(json.dumps(frame))
        connected()
        await asyncio.wait({reading, leaving}, timeout=talk_s, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            held = reading.result()
            if held.result == "hangup" and not wire.closing_hangs_up:
                await _say(socket, wire.hang_up("bot"))
            return held
        await _say(socket, wire.hang_up("customer"))
        return Held("hangup", "" if hung_up.is_set() else "hung up")
    except ConnectionClosed as exc:
        return Held("media_lost", f"socket closed with {exc.rcvd.code if exc.rcvd else 1006}")
    finally:
        leaving.cancel()
        # The worker closes: it has the last word, and the carrier waits for it a moment.
        await asyncio.wait({reading}, timeout=CLOSE_WAIT_S)
        reading.cancel()
        await asyncio.gather(reading, leaving, return_exceptions=True)
        await socket.close()


async def _say(socket: ClientConnection, frame: dict[str, object]) -> None:
    with contextlib.suppress(ConnectionClosed):
        await socket.send(json.dumps(frame))


async def _until_the_bot_ends(socket: ClientConnection, wire: Wire) -> Held:
    with contextlib.suppress(ConnectionClosed):
        async for raw in socket:
            if isinstance(raw, str) and 'media"' in raw[:HEAD_CHARS]:
                continue
            match wire.read(raw):
                case BotHangUp(reason, message):
                    return Held("hangup", reason or message)
                case TransferAsked():
                    return Held("hangup", "transferred")
    if socket.close_code == 1000:
        return Held("hangup" if wire.closing_hangs_up else "media_lost", socket.close_reason or "closed by the worker")
    return Held("media_lost", f"socket closed with {socket.close_code}")
