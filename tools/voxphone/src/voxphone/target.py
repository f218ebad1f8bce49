"""Where a call goes and how it is made."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from voxkit.contracts.base import BOT_ID

from voxphone.errors import TargetError
from voxphone.wire.base import Direction

Protocol = Literal["vox", "exotel"]
TokenPlace = Literal["query", "header", "basic"]
ROUTES: dict[str, str] = {"vox": "ws", "exotel": "exotel"}


@dataclass(frozen=True)
class CallTarget:
    """A media socket of a bot. `url` is complete; `headers` go with the upgrade (a seat's `X-Vox-Worker`, a token)."""

    url: str
    protocol: Protocol = "vox"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError as exc:
            raise TargetError(f"not an address: {self.public_url!r} ({exc})") from exc
        if parts.scheme not in ("ws", "wss") or not host:
            raise TargetError(f"not a media socket: {self.public_url!r}; it must begin with ws:// or wss:// and a host")
        if self.protocol not in ROUTES:
            raise TargetError(f"unknown protocol {self.protocol!r}: use one of {', '.join(ROUTES)}")

    @property
    def public_url(self) -> str:
        """The address without credentials and query, for reports and logs."""
        bare = self.url.split("?", 1)[0].split("#", 1)[0]
        head, sep, rest = bare.partition("://")
        host, slash, path = rest.partition("/")
        return f"{head}{sep}{host.rpartition('@')[2]}{slash}{path}"

    @classmethod
    def for_bot(
        cls,
        base_url: str,
        bot_id: str,
        *,
        protocol: Protocol = "vox",
        fence: str | None = None,
        media_token: str | None = None,
        send_as: TokenPlace = "query",
        worker_id: str | None = None,
        query: dict[str, str] | None = None,
    ) -> Self:
        """`base_url` is the address of a worker or balancer (`http`, `https`, `ws`, `wss`), without a route.

        Raises: TargetError for an address or bot id of the wrong form.
        """
        if not BOT_ID.fullmatch(bot_id):
            raise TargetError(f"bot id {bot_id!r}: 1 to 64 letters, digits, '-' and '_' are allowed")
        if protocol not in ROUTES:
            raise TargetError(f"unknown protocol {protocol!r}: use one of {', '.join(ROUTES)}")
        parts = urlsplit(base_url)
        scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
        path = f"{parts.path.rstrip('/')}/{ROUTES[protocol]}/{bot_id}"
        if fence:
            path += f"/{quote(fence, safe='.-_~')}"
        netloc, headers, fields = parts.netloc, {}, dict(query or {})
        if worker_id:
            headers["X-Vox-Worker"] = worker_id
        if media_token and send_as == "query":
            fields["token"] = media_token
        elif media_token and send_as == "header":
            headers["X-Vox-Media-Token"] = media_token
        elif media_token:
            netloc = f"carrier:{quote(media_token, safe='')}@{netloc}"
        return cls(urlunsplit((scheme, netloc, path, urlencode(fields), "")), protocol, headers)


@dataclass(frozen=True)
class CallOptions:
    """How one call is made. Durations in seconds unless the name says otherwise.

    `answer_after_s`: time between `start` and `answer`, as an outgoing call rings.
    `hang_up_before_answer_s`: the callee is lost while it rings, after this time.
    `extra`: further fields of the first frame (custom parameters on Exotel).
    `max_call_s`: wins over the persona's; then the phone hangs up.
    `transcribe`: `live` tells each bot utterance to `on_event` as soon as it is over, `after` waits for the end of the
    call, `off` needs no speech server.
    `recording`: path of a stereo WAV (left: bot as heard, right: callee).
    `seed`: varies generated noise between calls.
    `played_s`: so much of the callee's part is over before the line opens, as an announcement that nobody waited for.
    """

    caller: str = "+15550100"
    did: str = "+15550199"
    direction: Direction = "incoming"
    stream_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    answer_after_s: float = 0.0
    hang_up_before_answer_s: float | None = None
    max_call_s: float | None = None
    connect_timeout_s: float = 10.0
    jitter_buffer_ms: int = 40
    transcribe: Literal["off", "after", "live"] = "after"
    recording: Path | None = None
    ping_every_s: float | None = None
    seed: int = 0
    played_s: float = 0.0
