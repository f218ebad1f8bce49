"""`vox host`: the files that a host runs from, made from the inventory."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from voxctl.balancer.program import check_file, haproxy_command
from voxctl.balancer.render import is_untouched
from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json
from voxctl.hosts.inventory import load_inventory
from voxctl.hosts.layout import SEATS_ENV
from voxctl.hosts.memory import check_memory
from voxctl.hosts.rendering import render_host, required_secrets
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, CommandError, Output

host = App(name="host", help="Hosts: their files, made from the inventory deploy.yml.")
Out = Annotated[Path | None, Parameter(help="Folder of the files; on the host itself /opt/vox.")]
COMPOSE_WITHIN_S = 60


@host.command
def render(
    name: str, *, inventory: InventoryFile = DEPLOY_YML, env: Env = "", out: Out = None, json: Json = False
) -> int:
    """Write the files of a host: compose.yaml and seats.env, with a balancer haproxy.cfg, with seats host.env.

    What runs keeps its image: what seats.env says already stays, and only what is new gets the inventory's.

    Parameters
    ----------
    name
        Host of the inventory.
    """
    output = Output(as_json=json)
    folder = out or Path("hosts") / name
    files = render_host(load_inventory(inventory, env), name)
    config = folder / "haproxy.cfg"
    if config.exists() and not is_untouched(config.read_text()):
        raise CommandError(
            f"{config} was changed by hand since it was rendered: move it away, then render", exit_code=EXIT_PREFLIGHT
        )
    files[SEATS_ENV] = kept_images(folder / SEATS_ENV, files[SEATS_ENV])
    folder.mkdir(parents=True, exist_ok=True)
    changed = [file for file, text in files.items() if _text(folder / file) != text]
    for file in changed:
        new = folder / f"{file}.new"
        new.write_text(files[file])
        new.replace(folder / file)
    what = ", ".join(changed) if changed else "nothing changed"
    output.emit("host.rendered", f"{folder}: {what}", folder=str(folder), changed=changed)
    return EXIT_DONE


@host.command
def check(
    name: str,
    *,
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    out: Out = None,
    haproxy: Annotated[str, Parameter(help="Command that runs HAProxy.")] = "",
    memory: Annotated[int, Parameter(help="Memory of the host, MiB: whether its seats leave 1.5 GiB free.")] = 0,
    json: Json = False,
) -> int:
    """Say whether the files are those of the inventory, and whether Compose and HAProxy take them.

    Parameters
    ----------
    name
        Host of the inventory.
    """
    output = Output(as_json=json)
    folder = out or Path("hosts") / name
    known = load_inventory(inventory, env)
    files = render_host(known, name)
    files[SEATS_ENV] = kept_images(folder / SEATS_ENV, files[SEATS_ENV])
    outdated = [file for file, text in files.items() if _text(folder / file) != text]
    for file in outdated:
        output.emit(
            "host.outdated", f"{folder / file} is not what the inventory gives: vox host render {name}", file=file
        )
    if outdated:
        return EXIT_FAILED
    if memory:
        check_memory(known, name, memory)
    check_compose(folder)
    if "haproxy.cfg" in files:
        check_balancer(haproxy_command(haproxy), folder / "haproxy.cfg")
    output.emit("host.valid", f"{folder}: valid", folder=str(folder))
    return EXIT_DONE


def kept_images(path: Path, fresh: str) -> str:
    """`seats.env` with the images that stand there already: a seat changes its image by a deploy, never by a render."""
    before = dict(line.split("=", 1) for line in (_text(path) or "").splitlines() if "=" in line)
    lines = [line.split("=", 1) for line in fresh.splitlines()]
    return "".join(f"{key}={before.get(key, value)}\n" for key, value in lines)


def check_compose(folder: Path) -> None:
    """`docker compose config` on the rendered project; secrets.env need not be here. Raises: CommandError."""
    plugin = Path(sys.prefix) / "bin" / "docker-compose"
    program = [str(plugin)] if plugin.exists() else ["docker", "compose"]
    if shutil.which(program[0]) is None:
        raise CommandError("neither docker-compose nor docker is here: install Docker", exit_code=EXIT_PREFLIGHT)
    project = folder / "compose.yaml"
    with tempfile.TemporaryDirectory(prefix="vox-check-") as own:
        # The files are checked, not the host's secrets: each that they name is there under a value that says nothing.
        secrets = Path(own) / "secrets.env"
        secrets.write_text("".join(f"{each}=checked\n" for each in required_secrets(project.read_text())))
        command = [*program, "--project-directory", str(folder)]
        command += ["--env-file", str(secrets), "--env-file", str(folder / SEATS_ENV), "--file", str(project)]
        done = subprocess.run(
            [*command, "config", "--quiet", "--no-env-resolution"],
            capture_output=True,
            text=True,
            timeout=COMPOSE_WITHIN_S,
            check=False,
        )
    if done.returncode:
        raise CommandError(f"Compose refuses {folder / 'compose.yaml'}: {done.stderr.strip()[-400:]}", exit_code=2)


def check_balancer(command: list[str], config: Path) -> None:
    """`haproxy -c`, here or on any machine: certificates that only the host has are left out. Raises: CommandError."""
    text = config.read_text()
    certificates = [word for word in text.split() if word.startswith("/etc/vox/tls")]
    if all(Path(each).exists() for each in certificates):
        check_file(command, config)
        return
    with tempfile.TemporaryDirectory(prefix="vox-check-") as folder:
        plain = Path(folder) / "haproxy.cfg"
        plain.write_text(text.replace(" ssl crt /etc/vox/tls alpn h2,http/1.1", ""))
        check_file(command, plain)


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None
