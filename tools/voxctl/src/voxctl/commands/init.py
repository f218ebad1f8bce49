"""`vox init`: a `.env` with random secrets, or those of an installation's hosts."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Annotated

from cryptography.fernet import Fernet
from cyclopts import Parameter

from voxctl.deploy.secrets import needs
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, CommandError, Output, escape
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder, read_env_file

# Name -> how it is made, in the order of the file.
SECRETS = {
    "VOXCORE_SECRET": lambda: secrets.token_urlsafe(32),
    "JWT_SECRET": lambda: secrets.token_urlsafe(48),
    "SETTINGS_ENCRYPTION_KEY": lambda: Fernet.generate_key().decode(),
    "S3_ACCESS_KEY": lambda: f"vox-{secrets.token_hex(6)}",
    "S3_SECRET_KEY": lambda: secrets.token_urlsafe(32),
    "VOXPHONE_API_TOKEN": lambda: secrets.token_urlsafe(24),
    "FIRST_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(15),
}
# Secrets of hosts that are no random text of 32 bytes.
OF_HOSTS = {
    **SECRETS,
    "VOXBRIDGE_S3_ACCESS_KEY": SECRETS["S3_ACCESS_KEY"],
    "MINIO_ROOT_USER": lambda: f"root-{secrets.token_hex(6)}",
    # Members of MongoDB's replica set know each other by it: base64, at most 1,024 characters.
    "MONGO_KEYFILE": lambda: base64.b64encode(secrets.token_bytes(512)).decode(),
}
HEAD_OF_HOSTS = """\
# Written by `vox init` for the hosts of an inventory. Whoever reads this file can do everything: keep it at 0600 and
# out of any repository, or encrypt it with sops. `vox secrets push` gives each host the part that it needs.
"""
HEAD = """\
# Written by `vox init`. Whoever reads this file can do everything: keep it at 0600 and out of any repository.
# Further settings: .env.example, docs/operations/settings.md
COMPOSE_PROFILES=demo
VOX_ENV=development
VOX_TAG=dev
FIRST_ADMIN_EMAIL=admin@example.com
"""


def init(
    path: Path = Path(".env"),
    /,
    *,
    inventory: Annotated[Path | None, Parameter(name="--inventory")] = None,
    env: Annotated[str, Parameter(name=["--env", "-e"])] = "",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Write a file of settings with random secrets. Never overwrites one: exit code 2 when it is there.

    Parameters
    ----------
    path
        The file to write.
    inventory
        Write what the hosts of this inventory need instead, and nothing else.
    env
        Environment of that inventory: deploy.<env>.yml lies over it.
    json
        JSON lines instead of text.
    """
    output = Output(as_json=json)
    if inventory is not None:
        return init_hosts(path, load_inventory(inventory, env), output)
    kept = kept_secrets(DataFolder(VoxctlSettings.load().data_dir))
    values = {name: kept.get(name) or make() for name, make in SECRETS.items()}
    write_secrets(path, HEAD, values)
    taken = sorted(set(SECRETS) & set(kept))
    said = f"[dim] (taken over from `vox up`: {', '.join(taken)})[/]" if taken else ""
    text = f"wrote {escape(str(path))} with {len(values)} secrets{said}\nnext: docker compose up --build --wait"
    output.emit("init.written", text, path=path, secrets=sorted(values), taken_over=taken)
    return EXIT_DONE


def init_hosts(path: Path, inventory: Inventory, output: Output) -> int:
    """Secrets of all hosts in one file. Addresses of stores that are not ours cannot be made."""
    wanted = sorted({each for name in inventory.hosts for each in needs(inventory, name).required})
    yours = [name for name in wanted if name.endswith(("_URI", "_URL"))]
    made = {name: OF_HOSTS.get(name, lambda: secrets.token_urlsafe(32))() for name in wanted if name not in yours}
    write_secrets(path, HEAD_OF_HOSTS + "".join(f"# Yours to fill in: {name}\n" for name in yours), made)
    text = f"wrote {escape(str(path))} with {len(made)} secrets"
    text += f"\nfill in: {', '.join(yours)}" if yours else ""
    output.emit("init.written", text, path=path, secrets=sorted(made), fill_in=yours)
    return EXIT_DONE


def write_secrets(path: Path, head: str, values: dict[str, str]) -> None:
    """A new file, for its owner alone. Raises: CommandError: one is there, or it cannot be written."""
    try:
        write_new(path, head + "".join(f"{name}={value}\n" for name, value in values.items()))
    except FileExistsError:
        raise CommandError(
            f"{path} exists and is left as it is; to begin anew, move it away (its secrets open what the stores hold)",
            exit_code=EXIT_PREFLIGHT,
        ) from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}", exit_code=EXIT_PREFLIGHT) from None


def kept_secrets(data: DataFolder) -> dict[str, str]:
    """What `vox up` made here before: other ones would lock its database."""
    kept = {name: value for name, value in read_env_file(data.secrets_file).items() if name in SECRETS}
    if data.first_admin_file.is_file():
        kept["FIRST_ADMIN_PASSWORD"] = data.first_admin_file.read_text().strip()
    return kept


def write_new(path: Path, text: str) -> None:
    """A whole file or none, 0600. Raises: FileExistsError, OSError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        # A link refuses where a rename would replace: a file that appears in between is not lost.
        os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
