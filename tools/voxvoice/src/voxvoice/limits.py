"""Largest bodies, and who may ask."""

from fastapi import Request, WebSocket
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from voxkit.errors import TooLarge, Unauthorized
from voxkit.secrets import matches_any, split_secrets

from voxvoice.errors import AudioTooLarge, response_of

MIB = 2**20
AUDIO_PATH = "/v1/audio/transcriptions"
LONGEST_INPUT = 5000


def limit_of(path: str) -> int:
    """Bytes that a request to `path` may carry."""
    return 64 * MIB if path == AUDIO_PATH else 4 * MIB


def _refusal(path: str) -> TooLarge:
    kind = AudioTooLarge if path == AUDIO_PATH else TooLarge
    return kind(f"The body is larger than {limit_of(path) // MIB} MiB; send less at a time.")


class BodyLimit:
    """Pure ASGI middleware: 413 in OpenAI's shape, also for a body that comes in chunks without a length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await response_of(_refusal(scope["path"]))(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _refusal(scope["path"])
            return message

        await self._app(scope, counted, send)


def bearer_of(connection: Request | WebSocket) -> str:
    """The bearer key of a request, "" without one."""
    kind, _, key = connection.headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def check_key(connection: Request | WebSocket, api_key: str) -> None:
    """Raises: Unauthorized: a key is set here and the request does not carry it."""
    if api_key and not matches_any(bearer_of(connection), split_secrets(api_key)):
        raise Unauthorized("The API key is missing or wrong; send VOXVOICE_API_KEY as a bearer token.")
