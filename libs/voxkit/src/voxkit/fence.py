"""The fence token: a registry's word that one reservation holds one seat until a deadline, checked without asking.

    v1.{worker_id}.{epoch}.{reservation_id}.{deadline_ms}.{mac}

`mac` is base64url without padding of the first 16 bytes of HMAC-SHA256 over `fence:` + the text before `.{mac}`. Times
are Unix milliseconds of the registry's store. A token proves who granted the seat, nothing else: that the seat is still
free is the worker's own knowledge, that the grant still stands is the epoch's and the deadline's.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from voxkit.errors import StaleReservation

WORKER_HEADER = "X-Vox-Worker"
FENCE_HEADER = "X-Vox-Fence"
TOLERANCE_MS = 1000
"""How long after its deadline a worker still takes a token. The registry waits as long before it frees the seat."""

# Every part is bounded, so a token has at most 145 characters, and a longer text is refused after as many.
_FORM = re.compile(
    r"v1\.(?P<worker>[a-z0-9-]{1,48})\.(?P<epoch>0|[1-9][0-9]{0,13})\.(?P<rid>[A-Za-z0-9_-]{8,40})"
    r"\.(?P<deadline>0|[1-9][0-9]{0,13})\.(?P<mac>[A-Za-z0-9_-]{22})"
)
_IN_TEXT = re.compile(r"(\bv1\.[a-z0-9-]{1,48}\.[0-9]{1,14}\.)[A-Za-z0-9_-]{8,40}\.[0-9]{1,14}\.[A-Za-z0-9_-]+")


Reason = Literal["mac", "worker", "epoch", "deadline", "reservation"]


class FenceRefused(StaleReservation):
    """The fence opens nothing here; reserve again."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        """Which part of the check failed: a metric's label."""


@dataclass(frozen=True)
class Fence:
    """What a token says. `deadline_ms` is Unix milliseconds of the store's clock."""

    worker_id: str
    epoch: int
    reservation_id: str
    deadline_ms: int


def _mac(text: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), b"fence:" + text.encode(), "sha256")
    return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def make_fence(fence: Fence, secret: str) -> str:
    """The token; the same fence and secret always give the same bytes. `secret`: the first of `VOXCORE_SECRET`.

    Raises: ValueError: a field has not the form that a worker would read back.
    """
    text = f"v1.{fence.worker_id}.{fence.epoch}.{fence.reservation_id}.{fence.deadline_ms}"
    token = f"{text}.{_mac(text, secret)}"
    if not _FORM.fullmatch(token):
        raise ValueError(f"not the form of a fence: {text}")
    return token


def read_fence(token: str, secrets: Iterable[str]) -> Fence:
    """What a token says, once one of `secrets` is found to have signed it; epoch and deadline are not judged.

    Every secret is tried, in constant time. Raises: FenceRefused: not a token, or signed with another secret.
    """
    form = _FORM.fullmatch(token)
    if form is None:
        raise FenceRefused("mac", "The fence is not a fence token; reserve again.")
    text, _, given = token.rpartition(".")
    genuine = False
    for secret in secrets:
        # The text of the MAC is compared, not its bytes: the last base64 digit has spare bits that no byte shows.
        genuine |= hmac.compare_digest(given, _mac(text, secret))
    if not genuine:
        raise FenceRefused(
            "mac", "The fence was signed with another secret; compare VOXCORE_SECRET, then reserve again."
        )
    return Fence(form["worker"], int(form["epoch"]), form["rid"], int(form["deadline"]))


def check_fence(
    token: str,
    secrets: Sequence[str],
    *,
    worker_id: str,
    floor: int,
    epoch: int,
    now_ms: int,
    held: str | None = None,
) -> Fence:
    """The worker's whole check of a start, in one synchronous step.

    `floor` and `epoch`: the lowest epoch still honoured and the present one. `now_ms`: own clock + the offset learnt
    from the last heartbeat reply. `held`: the reservation that this worker was told of, if any.
    Raises: FenceRefused, saying which part failed.
    """
    fence = read_fence(token, secrets)
    if fence.worker_id != worker_id:
        raise FenceRefused("worker", f"The fence is for {fence.worker_id}, this is {worker_id}.")
    if not floor <= fence.epoch <= epoch:
        raise FenceRefused("epoch", "The seat has been used since this reservation was granted; reserve again.")
    if now_ms > fence.deadline_ms + TOLERANCE_MS:
        raise FenceRefused("deadline", "The reservation has lapsed; reserve again.")
    if held is not None and held != fence.reservation_id:
        raise FenceRefused("reservation", "The seat is held for another reservation; reserve again.")
    return fence


def cut_fences(text: str) -> str:
    """A path, URL or log line without anything that could be used as a fence: each is cut after its third dot."""
    return _IN_TEXT.sub(r"\1…", text)
