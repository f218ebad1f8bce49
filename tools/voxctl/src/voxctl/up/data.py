"""The data folder: its layout, the secrets made once, and the lock that keeps a second stack out."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.fernet import Fernet

from voxctl.output import EXIT_PREFLIGHT, CommandError


@dataclass(frozen=True)
class DataFolder:
    """Where the embedded stack keeps things. Nothing is created before `prepare`."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.env"

    @property
    def first_admin_file(self) -> Path:
        return self.root / "first-admin"

    @property
    def stack_file(self) -> Path:
        """Addresses and pids of the running stack; removed when it stops."""
        return self.root / "stack.json"

    @property
    def objects(self) -> Path:
        """The object storage of the embedded stack (`file://`): recordings."""
        return self.root / "objects"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def calls(self) -> Path:
        """What `vox up` and `vox call` keep of the calls they place, one folder a session."""
        return self.root / "calls"

    def prepare(self) -> None:
        """Make the folders. Raises: CommandError when the place cannot be written."""
        try:
            for folder in (self.root, self.logs, self.objects, self.outbox, self.calls):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(
                f"cannot write to {self.root} ({error.strerror}): choose another folder with VOX_DATA_DIR",
                exit_code=EXIT_PREFLIGHT,
            ) from None

    def lock(self) -> IO[str]:
        """Hold this folder until the returned file is closed or the process ends, however it ends.

        Raises: CommandError: another `vox up` holds it; the text names its pid.
        """
        handle = (self.root / "lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            handle.close()
            raise CommandError(
                f"vox up is already running with {self.root} (pid {holder}): stop it with Ctrl-C there, "
                "or use another folder with VOX_DATA_DIR",
                exit_code=EXIT_PREFLIGHT,
            ) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        return handle

    def write_stack(self, stack: dict[str, Any]) -> None:
        partial = self.stack_file.with_suffix(".tmp")
        partial.write_text(json.dumps(stack, indent=2) + "\n")
        partial.replace(self.stack_file)

    def read_stack(self) -> dict[str, Any] | None:
        """The running stack as `vox up` wrote it; None when none runs with this folder."""
        try:
            stack: dict[str, Any] = json.loads(self.stack_file.read_text())
            os.kill(int(stack["pid"]), 0)
        except (OSError, ValueError, KeyError):
            return None
        return stack


def load_secrets(folder: DataFolder, given: dict[str, str]) -> dict[str, str]:
    """The secrets of a stack: `given` ones first, then the kept ones; missing ones are made and kept (0600).

    They must stay the same over restarts: SETTINGS_ENCRYPTION_KEY opens what the database holds.
    """
    kept = read_env_file(folder.secrets_file)
    made = {
        "JWT_SECRET": lambda: secrets.token_urlsafe(48),
        "SETTINGS_ENCRYPTION_KEY": lambda: Fernet.generate_key().decode(),
        "VOXCORE_SECRET": lambda: secrets.token_urlsafe(32),
        "VOXPHONE_API_TOKEN": lambda: secrets.token_urlsafe(24),
    }
    missing = {name: make() for name, make in made.items() if not given.get(name) and not kept.get(name)}
    if missing:
        kept |= missing
        body = "".join(f"{name}={value}\n" for name, value in sorted(kept.items()))
        partial = folder.secrets_file.with_suffix(".tmp")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(body)
        partial.replace(folder.secrets_file)
    return {name: given.get(name) or kept[name] for name in made}


def read_env_file(path: Path) -> dict[str, str]:
    """Lines `NAME=value` of a file; empty when there is none."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {name: value for name, _, value in (line.partition("=") for line in lines if "=" in line)}
