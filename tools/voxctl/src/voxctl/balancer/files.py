"""A balancer's configuration on disk: replaced only by one that HAProxy takes, and put back when it does not answer."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from voxctl.balancer.program import check_file
from voxctl.balancer.render import is_untouched, marked
from voxctl.balancer.sockets import Balancer
from voxctl.output import EXIT_PREFLIGHT, CommandError

EXIT_LOCKED, EXIT_REVERTED, EXIT_REVERT_FAILED = 3, 4, 6
ANSWERS_WITHIN_S = 5.0
LOOK_AGAIN_S = 0.1


class ConfigFile:
    """`haproxy.cfg` of one balancer; `health` is the base of its private side, where `/haproxy-health` answers."""

    def __init__(self, path: Path, balancer: Balancer, command: Sequence[str], health: str) -> None:
        self.path = path
        self.former = path.with_name(f"{path.name}.former")
        self.balancer = balancer
        self.command = command
        self.health = health

    @property
    def text(self) -> str | None:
        """What is there now; None before the first rendering."""
        return self.path.read_text() if self.path.exists() else None

    def refuse_edited(self) -> None:
        """Raises: CommandError: somebody changed the rendered file by hand."""
        if self.text is not None and not is_untouched(self.text):
            raise CommandError(
                f"{self.path} was changed by hand since it was rendered: `vox ingress render` makes it anew "
                f"(the change stays in {self.former.name}), `vox ingress render --adopt` keeps it as it is",
                exit_code=EXIT_PREFLIGHT,
            )

    def adopt(self) -> None:
        """Take the file as it stands for the rendered one. Raises: CommandError."""
        text = self.text
        if text is None:
            raise CommandError(f"{self.path} is not there: nothing to adopt", exit_code=EXIT_PREFLIGHT)
        check_file(self.command, self.path)
        _, _, rest = text.partition("\n")
        self.path.write_text(text if is_untouched(text) else marked(rest if text.startswith("# sha256") else text))

    def check(self, text: str) -> None:
        """Whether HAProxy would take this text, without touching what is there. Raises: CommandError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(text)
        try:
            check_file(self.command, new)
        finally:
            new.unlink()

    def write(self, text: str) -> None:
        """Replace the file in one step; the one before stays beside it."""
        if self.text is not None:
            self.former.write_text(self.text)
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(text)
        new.replace(self.path)

    def put_back(self, text: str | None) -> None:
        """Undo a `write`."""
        if text is None:
            self.path.unlink(missing_ok=True)
        else:
            self.path.write_text(text)

    def apply(self, text: str, *, wait_s: float = 0) -> bool:
        """Check, write and reload; the former file comes back when the balancer does not answer then.

        Returns: False when no balancer runs yet, so that nothing had to be reloaded. Raises: CommandError.
        """
        self.check(text)
        before = self.text
        self.write(text)
        if not self.balancer.running:
            return False
        try:
            self.balancer.reload(wait_s=wait_s)
            self.until_healthy()
        except CommandError as error:
            self.put_back(before)
            self._reload_former(error)
            raise CommandError(f"{error}; the former configuration is back", exit_code=EXIT_REVERTED) from None
        return True

    def _reload_former(self, cause: CommandError) -> None:
        # A master that refused the new file runs the old one still, and too many old processes forbid a second try.
        if "still carry calls" in str(cause) or "did not take" in str(cause):
            return
        try:
            self.balancer.reload()
            self.until_healthy()
        except CommandError as error:
            raise CommandError(
                f"{cause}; the former configuration is written back, but the balancer does not run it: {error}. "
                "Look at its log, then restart it",
                exit_code=EXIT_REVERT_FAILED,
            ) from None

    def until_healthy(self) -> None:
        """Raises: CommandError: `/haproxy-health` does not answer within five seconds."""
        within(ANSWERS_WITHIN_S, self._healthy, f"the balancer does not answer {self.health}/haproxy-health")

    def _healthy(self) -> bool:
        with suppress(httpx.HTTPError), httpx.Client(trust_env=False, timeout=1) as client:
            return client.get(f"{self.health}/haproxy-health").status_code == 200
        return False


def within(seconds: float, done: Callable[[], bool], otherwise: str) -> None:
    """Ask until it is so. Raises: CommandError with `otherwise`."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise CommandError(f"{otherwise} within {seconds:g} s", exit_code=EXIT_REVERTED)
        time.sleep(LOOK_AGAIN_S)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two commands on one balancer at once would overwrite each other's files. Raises: CommandError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".vox-ingress.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"another command is changing {folder}: wait for it", exit_code=EXIT_LOCKED) from None
        yield
