"""The operator's own programs around a deploy: executables in a folder, named after the moment."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from voxctl.output import EXIT_PREFLIGHT, CommandError, escape

MOMENTS = (
    *("pre-connect", "pre-build", "post-build", "pre-deploy", "pre-seat", "post-seat", "post-deploy", "on-failure"),
    "on-lock",
)
WITHIN_S = 60.0
SHOWN = 2_000


class HookFailed(CommandError):
    """A `pre-*` program said no."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=EXIT_PREFLIGHT)


@dataclass
class FolderHooks:
    """The programs of `hooks:` in the inventory. `folder` None: there are none."""

    folder: Path | None
    env: str = ""
    actor: str = ""
    tag: str = ""
    from_tag: str = ""
    deploy_id: str = ""
    within_s: float = WITHIN_S
    tell: Callable[..., None] = field(default=lambda *_, **__: None)

    def check(self) -> None:
        """Raises: CommandError: the folder is not there, a name means no moment, or a file cannot be run."""
        if self.folder is None:
            return
        if not self.folder.is_dir():
            raise CommandError(f"hooks: {self.folder} is no folder", exit_code=EXIT_PREFLIGHT)
        for path in sorted(each for each in self.folder.iterdir() if each.is_file()):
            if path.suffix in (".sample", ".md") or path.name.startswith("."):
                continue
            if path.name not in MOMENTS:
                raise CommandError(
                    f"{path} is never run: hooks are called {', '.join(MOMENTS)}", exit_code=EXIT_PREFLIGHT
                )
            if not os.access(path, os.X_OK):
                raise CommandError(f"{path} cannot be run: chmod +x {path}", exit_code=EXIT_PREFLIGHT)

    async def run(self, name: str, *, host: str = "", seat: str = "") -> None:
        """Run the program of a moment, when there is one. Raises: HookFailed: a `pre-*` did not end with 0 in time."""
        assert name in MOMENTS, name
        path = self.folder / name if self.folder else None
        if path is None or not path.is_file():
            return
        code, said = await self._end_of(path, host, seat)
        if code == 0:
            self.tell("hook.done", None, hook=name, host=host, seat=seat, said=said)
            return
        how = f"had no end within {self.within_s:.0f} s" if code is None else f"ended with {code}"
        message = f"hook {name} {how}{': ' + said.splitlines()[-1] if said else ''}"
        if name.startswith("pre-"):
            raise HookFailed(message)
        self.tell("hook.failed", f"[yellow]{escape(message)}[/]", hook=name, host=host, seat=seat, said=said)

    async def _end_of(self, path: Path, host: str, seat: str) -> tuple[int | None, str]:
        told = {"VOX_ENV": self.env, "VOX_TAG": self.tag, "VOX_FROM_TAG": self.from_tag, "VOX_HOST": host}
        told |= {"VOX_SEAT": seat, "VOX_DEPLOY_ID": self.deploy_id, "VOX_ACTOR": self.actor}
        try:
            process = await asyncio.create_subprocess_exec(
                str(path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **told},
                # Its own group: what it started ends with it.
                start_new_session=True,
            )
        except OSError as error:
            return 126, f"{path} cannot be run: {error.strerror}"
        try:
            async with asyncio.timeout(self.within_s):
                out, _ = await process.communicate()
        except TimeoutError:
            return None, ""
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        return process.returncode, out.decode(errors="replace").strip()[-SHOWN:]
