"""`vox host seats` and `vox host retire`: a fleet host gets more or fewer seats, and leaves."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from voxctl.commands.options import DEPLOY_YML, Env, InventoryFile, Json, Why
from voxctl.commands.seat import no_deploy_is_open, remake
from voxctl.deploy.containers import HostContainers
from voxctl.deploy.lock import Owner, hold
from voxctl.deploy.renew import Renewal, steadily
from voxctl.deploy.seats import BY, RemoteSeats
from voxctl.deploy.site import Site, WallClock, opened
from voxctl.hosts import bringup
from voxctl.hosts.fleet_host import host_env
from voxctl.hosts.inventory import Inventory, load_inventory
from voxctl.hosts.layout import RUN_DIR, hosts_with
from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import RemoteFailed
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, CommandError, Output, escape
from voxctl.settings import VoxctlSettings
from voxctl.yamlfile import dump_yaml, read_yaml

MOST_OLD_GENERATIONS = 3
ENVIRONMENT = "{{range .Config.Env}}{{println .}}{{end}}"
# Counters of epochs and locks of starts stay; all else waits for somebody.
LEFT = "cd /outbox && find . -type f ! -path './epoch/*' ! -name '.*' | cut -d/ -f2 | sort | uniq -c"


def seats(
    name: str,
    count: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=100))],
    *,
    why: Why = "",
    inventory: InventoryFile = DEPLOY_YML,
    env: Env = "",
    json: Json = False,
) -> int:
    """Give a fleet host another number of seats: written into the inventory, then seat by seat, calls to their end.

    Parameters
    ----------
    name
        Host of the inventory.
    count
        Seats that it is to have. The same number again goes on where an earlier run was interrupted.
    """
    output, before = Output(as_json=json), load_inventory(inventory, env)
    if before.host(name, "fleet").seats != count:
        written = write_count(inventory, env, name, count)
        output.emit("seats.written", f"{written}: {name} has {count} seats", host=name, seats=count, file=written)
    known = load_inventory(inventory, env)
    asyncio.run(_seats(known, name, why, output))
    return EXIT_DONE


def write_count(path: Path, env: str, name: str, count: int) -> Path:
    """Change `seats` of a host where the inventory says it, its comments kept; the file that was written."""
    overlay = path.with_name(f"{path.stem}.{env}{path.suffix}")
    document = read_yaml(overlay) if env else {}
    file = overlay if "seats" in ((document.get("hosts") or {}).get(name) or {}) else path
    if file == path:
        document = read_yaml(path)
    document["hosts"][name]["seats"] = count
    new = file.with_name(f"{file.name}.new")
    new.write_text(dump_yaml(document))
    new.replace(file)
    return file


async def _seats(inventory: Inventory, name: str, why: str, output: Output) -> None:
    count = inventory.hosts[name].seats
    async with Remote(inventory, name) as remote:
        there = await seat_numbers(remote)
    # Seats that are to go are still looked at, and have their names.
    wide = inventory.model_copy(deep=True)
    wide.hosts[name].seats = max([count, *there])
    async with opened(wide, VoxctlSettings.load(), tell=output.emit) as site:
        owner = Owner.now(what=f"host seats {name} {count}", why=why, env=inventory.env)
        async with hold(site.lock_host, owner):
            await no_deploy_is_open(site)
            try:
                await _apply(inventory, site, name, owner, output)
            except CommandError as error:
                await site.trail.line("host.seats", result="failed", host=name, to=count, reason=str(error)[:400])
                raise
            await site.trail.line("host.seats", result="done", host=name, to=count, reason=why)
    output.emit("seats.done", f"{name} has {count} seats", host=name, seats=count)


async def _apply(inventory: Inventory, site: Site, name: str, owner: Owner, output: Output) -> None:
    remote, fleet, count = site.remotes[name], site.fleets()[name], inventory.hosts[name].seats
    renewal = Renewal(
        fleet,
        lambda id: remake(fleet, id),
        WallClock(),
        f"host seats by {owner.who}",
        health_timeout_s=inventory.rolling.health_timeout,
        tell=output.emit,
    )
    regular = [id for id, place in fleet.places.items() if not place.surge]
    # Fewer: those beyond the number go first, while the host's files still name them or not.
    for seat in [each for each in await renewal.seats() if each.id in regular[count:] and each.running]:
        await renewal.emptied(seat)
        await _remove(fleet, seat.id)
        output.emit("seat.removed", f"{seat.id}: gone", seat=seat.id)
    images = await _images(inventory, remote)
    changed = await bringup.write_files(inventory, remote, images)
    await bringup.check_files(remote, images["LB_IMAGE"])
    new = [seat.id for seat in await renewal.seats() if seat.id in regular[:count] and not seat.running]
    if new:
        await bringup.bring_images(inventory, remote, images, lambda text: output.emit("seats.progress", text))
    for id in new:
        await renewal.one(next(each for each in await renewal.seats() if each.id == id), patient=True)
    # The others are told of their number and of each other.
    await renewal.all(await outdated(inventory, fleet, [id for id in regular[:count] if id not in new]))
    if "haproxy.cfg" in changed and new:
        await reload_balancer(remote)


async def seat_numbers(remote: Remote) -> list[int]:
    """Numbers of the seats that have a container, surge seats left out."""
    prefix = HostContainers(remote).name_of("seat-")
    done = await remote.docker("ps", "--all", "--format", "{{.Names}}", repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: Docker does not answer: {done.words}", done.code)
    found = (re.fullmatch(rf"{re.escape(prefix.removesuffix('-1'))}(\d+)-1", line) for line in done.out.split())
    return [int(each[1]) for each in found if each]


async def outdated(inventory: Inventory, fleet: RemoteSeats, ids: list[str]) -> list[str]:
    """Seats whose container was told something else than host.env says now."""
    wanted = set(host_env(inventory, fleet.name).splitlines())
    found: list[str] = []
    for id in ids:
        name = HostContainers(fleet.remote).name_of(fleet.places[id].service)
        done = await fleet.remote.docker(
            "inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", name, repeat=True
        )
        if not done.ok or not wanted <= set(done.out.splitlines()):
            found.append(id)
    return found


async def _images(inventory: Inventory, remote: Remote) -> dict[str, str]:
    """seats.env as it will be: new seats run what most of the others do."""
    running = Counter(
        image for variable, image in (await HostContainers(remote).images()).items() if re.match(r"SEAT_\d+_", variable)
    )
    images = await bringup.wanted_images(inventory, remote, None)
    present = await HostContainers(remote).images()
    usual = running.most_common(1)[0][0] if running else ""
    is_new = [each for each in images if each.startswith("SEAT_") and each not in present]
    return images | (dict.fromkeys(is_new, usual) if usual else {})


async def _remove(fleet: RemoteSeats, id: str) -> None:
    """Stop and remove the container of an emptied seat: it ends at once, its grace is for those with a call."""
    name = HostContainers(fleet.remote).name_of(fleet.places[id].service)
    for words in (("stop", name), ("rm", name)):
        done = await fleet.remote.docker(*words, timeout_s=300, repeat=True)
        if not done.ok and "No such container" not in done.err:
            raise RemoteFailed(f"{id} cannot be removed: {done.words}", done.code)
    selector = f"worker:{id}"
    if any(drain.selector == selector and drain.by == BY for drain in await fleet.registry.drains()):
        await fleet.registry.undrain(selector)


async def reload_balancer(remote: Remote) -> None:
    """Read haproxy.cfg anew, live sockets stay (L14). Raises: CommandError: three old processes still carry calls."""
    processes = await remote.ask(RUN_DIR / "master.sock", "show proc;quit")
    old = processes.partition("# old workers")[2].partition("# programs")[0]
    if sum(line[:1].isdigit() for line in old.splitlines()) >= MOST_OLD_GENERATIONS:
        raise CommandError(
            f"{remote.name}: {MOST_OLD_GENERATIONS} old processes of the balancer still carry calls, so it keeps its "
            "former number of retries: give the command again later"
        )
    state = await remote.ask(RUN_DIR / "admin.sock", "show servers state")
    await remote.write(str(RUN_DIR / "servers.state"), state + "\n")
    answer = await remote.ask(RUN_DIR / "master.sock", "reload", timeout_s=30)
    if "Success=1" not in answer:
        raise CommandError(f"{remote.name}: HAProxy did not take the configuration: {answer[-300:]}")


def retire(
    name: str, *, why: Why = "", inventory: InventoryFile = DEPLOY_YML, env: Env = "", json: Json = False
) -> int:
    """Stop a drained fleet host for good; refuses while a call, a result or a recording is left there.

    Parameters
    ----------
    name
        Host of the inventory. `vox fleet drain HOST` comes before.
    """
    output, known = Output(as_json=json), load_inventory(inventory, env)
    host = known.host(name, "fleet")
    if others := [role for role in host.roles if role != "fleet"]:
        raise CommandError(
            f"{name} also has {', '.join(others)}: what those keep is not moved by this; give them another host first",
            exit_code=EXIT_USAGE,
        )
    if name == known.lock_host:
        raise CommandError(
            f"{name} is lock_host, where state and audit stand: name another one first", exit_code=EXIT_USAGE
        )
    asyncio.run(_retire(known, name, why, output))
    return EXIT_DONE


async def _retire(inventory: Inventory, name: str, why: str, output: Output) -> None:
    async with opened(inventory, VoxctlSettings.load(), tell=output.emit) as site:
        remote = site.remotes[name]
        async with hold(site.lock_host, Owner.now(what=f"host retire {name}", why=why, env=inventory.env)):
            running = bool(await seat_numbers(remote))
            left = await what_is_left(site, name) if running else []
            left += await files_left(remote)
            if left:
                for each in left:
                    output.emit("host.left", f"[red]{escape(each)}[/]", host=name, left=each)
                raise CommandError(f"{name} is not empty, nothing was stopped", exit_code=EXIT_FAILED)
            if running:
                done = await remote.compose("--profile", "*", "down", timeout_s=600, repeat=True)
                if not done.ok:
                    raise RemoteFailed(f"{name} cannot be stopped: {done.words}", done.code)
            await site.trail.line("host.retire", result="done", host=name, reason=why)
    rest = [f"vox ingress remove-fleet BRAND {name} (on {each})" for each, _ in hosts_with(inventory, "ingress")]
    rest += [f"{inventory.hosts[name].public_url} out of core_fleet (console, settings)", f"{name} out of deploy.yml"]
    output.emit(
        "host.retired", f"[green]{name} is stopped[/]; still to do: {escape('; '.join(rest))}", host=name, rest=rest
    )


async def what_is_left(site: Site, name: str) -> list[str]:
    """Seats that carry a call, or could still get one."""
    found: list[str] = []
    fleet = site.fleets()[name]
    for seat in await steadily(fleet.seats, WallClock(), fleet.name):
        if seat.carries:
            found.append(f"{seat.id} carries call {seat.call or '?'} for {seat.call_age_s:.0f} s: wait for its end")
        elif seat.running and not seat.drained:
            how = "takes calls" if seat.admissible else f"is {seat.phase} and not drained"
            found.append(f"{seat.id} {how}: vox fleet drain {name}")
    return found


async def files_left(remote: Remote) -> list[str]:
    """Results and recordings in the outbox of the host, by folder; a container looks, since its owner is 10001."""
    image = (await HostContainers(remote).images())["LB_IMAGE"]
    words = ["run", "--rm", "--network", "none", "--read-only", "--user", "10001:10001", "--cap-drop", "ALL"]
    words += ["--volume", "/var/lib/vox/outbox:/outbox:ro", "--entrypoint", "sh", image, "-ec", LEFT]
    done = await remote.docker(*words, repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: the outbox cannot be read: {done.words}", done.code)
    found = [line.split(maxsplit=1) for line in done.out.splitlines()]
    return [f"outbox/{folder} still holds {number}: vox outbox list" for number, folder in found]
