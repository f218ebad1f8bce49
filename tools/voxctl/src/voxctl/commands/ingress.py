"""`vox ingress`: the carrier-facing balancer of this host, its configuration and the fleet hosts behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from voxctl import audit
from voxctl.balancer import members
from voxctl.balancer.files import EXIT_REVERT_FAILED, EXIT_REVERTED, ConfigFile, only_one, within
from voxctl.balancer.ingress import Brand, Fleet, Ingress, with_fleet, without_fleet
from voxctl.balancer.program import haproxy_command
from voxctl.balancer.render import render_balancer
from voxctl.balancer.sockets import Balancer
from voxctl.commands.options import Json
from voxctl.output import EXIT_DONE, EXIT_FAILED, EXIT_PREFLIGHT, CommandError, Output
from voxctl.yamlfile import dump_yaml, parse, read_yaml

UP_WITHIN_S = 15.0

ingress = App(name="ingress", help="The carrier-facing balancer of this host, and the fleet hosts behind it.")
Folder = Annotated[Path, Parameter(name="--dir", help="Folder of ingress.yml and haproxy.cfg.")]
Haproxy = Annotated[str, Parameter(help="Command that runs HAProxy, like `docker exec vox-lb haproxy`.")]
Reload = Annotated[bool, Parameter(negative=(), help="Reload instead of changing the running process.")]
Wait = Annotated[float, Parameter(help="Seconds to wait while three old processes still carry calls.")]

HERE = Path("/opt/vox")


@dataclass(frozen=True)
class Site:
    """The files of this host and the balancer that runs on it."""

    source: Path
    document: Any
    ingress: Ingress
    config: ConfigFile
    balancer: Balancer
    output: Output

    @staticmethod
    def load(folder: Path, haproxy: str, json: bool) -> Site:
        """Raises: CommandError: no file, a wrong one, or no HAProxy that is new enough."""
        source = folder / "ingress.yml"
        document = read_yaml(source)
        model = parse(Ingress, document, source)
        balancer = Balancer(model.run_dir)
        config = ConfigFile(folder / "haproxy.cfg", balancer, haproxy_command(haproxy), model.health)
        return Site(source, document, model, config, balancer, Output(as_json=json))

    def brand(self, name: str) -> Brand:
        if found := self.ingress.brand(name):
            return found
        known = ", ".join(brand.name for brand in self.ingress.brands)
        raise CommandError(f"there is no brand {name}: {self.source} has {known}", exit_code=EXIT_PREFLIGHT)

    def fleet(self, brand: str, fleet_id: str) -> Fleet:
        fleets = self.brand(brand).fleets
        if found := next((fleet for fleet in fleets if fleet.id == fleet_id), None):
            return found
        known = ", ".join(fleet.id for fleet in fleets) or "none"
        raise CommandError(f"brand {brand} has no fleet {fleet_id}: it has {known}", exit_code=EXIT_PREFLIGHT)

    def note(self, action: str, result: str, **facts: Any) -> None:
        """One line of the host's audit file."""
        audit.record(self.ingress.run_dir.parent / "audit.jsonl", action, result=result, service="ingress", **facts)

    def say_differences(self) -> int:
        """Compare the running state with the file. Returns the exit code."""
        found = members.differences(self.balancer, self.ingress)
        for each in found:
            self.output.emit("ingress.difference", f"[yellow]differs[/] {each}", difference=each)
        return EXIT_FAILED if found else EXIT_DONE


@ingress.command
def render(
    *,
    folder: Folder = HERE,
    haproxy: Haproxy = "",
    wait: Wait = 0,
    adopt: Annotated[bool, Parameter(negative=(), help="Keep a file that was changed by hand as it is.")] = False,
    json: Json = False,
) -> int:
    """Write haproxy.cfg from ingress.yml and reload without dropping a call; what does not answer is taken back."""
    site = Site.load(folder, haproxy, json)
    with only_one(folder):
        if adopt:
            site.config.adopt()
            site.output.emit("ingress.adopted", f"{site.config.path} stays as it is")
            return EXIT_DONE
        text = render_balancer(site.ingress.balancer)
        same_members = not (site.balancer.running and members.differences(site.balancer, site.ingress))
        if text == site.config.text and same_members:
            site.output.emit("ingress.unchanged", f"{site.config.path} is up to date")
            return EXIT_DONE
        try:
            reloaded = site.config.apply(text, wait_s=wait)
        except CommandError as error:
            site.note("ingress.render", "reverted" if error.exit_code == EXIT_REVERTED else "failed", reason=str(error))
            raise
        site.note("ingress.render", "done")
        how = "the balancer runs it" if reloaded else f"no balancer runs in {site.ingress.run_dir} yet"
        site.output.emit("ingress.rendered", f"{site.config.path} written; {how}", reloaded=reloaded)
        return site.say_differences() if reloaded else EXIT_DONE


@ingress.command
def check(*, folder: Folder = HERE, haproxy: Haproxy = "", json: Json = False) -> int:
    """Say whether ingress.yml is valid, HAProxy takes its rendering, and the running state is the same.

    Nothing is changed.
    """
    site = Site.load(folder, haproxy, json)
    site.config.refuse_edited()
    text = render_balancer(site.ingress.balancer)
    site.config.check(text)
    if text != site.config.text:
        site.output.emit("ingress.outdated", f"{site.source} is newer than {site.config.path.name}: vox ingress render")
        return EXIT_FAILED
    if not site.balancer.running:
        site.output.emit("ingress.valid", f"valid; no balancer runs in {site.ingress.run_dir}", running=False)
        return EXIT_DONE
    for brand in site.ingress.brands:
        states = site.balancer.states(brand.name)
        for fleet in brand.fleets:
            state = states.get(fleet.id, "absent")
            site.output.emit(
                "ingress.fleet", f"{brand.name}/{fleet.id}  {state}", brand=brand.name, fleet=fleet.id, state=state
            )
    return site.say_differences()


@ingress.command
def add_fleet(
    brand: str,
    id: str,
    url: str,
    *,
    seats: Annotated[int, Parameter(help="Sockets it may get at once: its seats.")] = 16,
    reload: Reload = False,
    wait: Wait = 0,
    folder: Folder = HERE,
    haproxy: Haproxy = "",
    json: Json = False,
) -> int:
    """Put a fleet host behind a brand. It must come UP within 15 s, else everything is as before.

    Parameters
    ----------
    brand
        Name of the brand in ingress.yml.
    id
        What the host's worker ids begin with, like fleet3.
    url
        Its address, like https://fleet3.example.com
    """
    site = Site.load(folder, haproxy, json)
    with only_one(folder):
        site.config.refuse_edited()
        site.brand(brand)
        if any(fleet.id == id for fleet in site.brand(brand).fleets):
            raise CommandError(f"brand {brand} has a fleet {id} already", exit_code=EXIT_PREFLIGHT)
        fleet = parse(Fleet, {"id": id, "url": url, "seats": seats}, site.source)
        if not site.balancer.running:
            raise CommandError(
                f"no balancer runs in {site.ingress.run_dir}: start it first, or write the fleet into {site.source} "
                "and render",
                exit_code=EXIT_PREFLIGHT,
            )
        with_fleet(site.document, brand, fleet)
        changed = parse(Ingress, site.document, site.source)
        text = render_balancer(changed.balancer)
        site.config.check(text)
        before = (site.source.read_text(), site.config.text)
        site.config.write(text)
        site.source.write_text(dump_yaml(site.document))
        facts = {"brand": brand, "host": id}
        reloaded = False
        try:
            if reload:
                site.balancer.reload(wait_s=wait)
                reloaded = True
            else:
                members.add(site.balancer, changed, site.brand(brand), fleet)
            within(
                UP_WITHIN_S,
                lambda: site.balancer.proven(brand, id),
                f"{id} did not come UP: {url}/health/fleet must answer here with a free seat",
            )
            members.open_up(site.balancer, brand, id)
        except CommandError as error:
            site.source.write_text(before[0])
            site.config.put_back(before[1])
            site.note("ingress.add_fleet", "reverted", reason=str(error), **facts)
            # A reload that was refused has changed nothing that runs.
            if reloaded:
                reload_back(site, error)
            elif not reload:
                members.forget(site.balancer, brand, id)
            raise CommandError(f"{error}; both files and the balancer are as before", exit_code=EXIT_REVERTED) from None
        site.note("ingress.add_fleet", "done", **facts)
        site.output.emit("ingress.fleet_added", f"{brand}/{id} is UP", reloaded=reload, **facts)
        return Site.load(folder, haproxy, json).say_differences()


def reload_back(site: Site, cause: CommandError) -> None:
    """Run the former file again. Raises: CommandError: both files are as before, the running process is not."""
    try:
        site.balancer.reload(wait_s=UP_WITHIN_S)
    except CommandError as error:
        raise CommandError(
            f"{cause}; both files are as before, but the balancer runs the new one still: {error}. "
            "Then: vox ingress render --wait 600",
            exit_code=EXIT_REVERT_FAILED,
        ) from None


@ingress.command
def drain_fleet(brand: str, id: str, *, folder: Folder = HERE, haproxy: Haproxy = "", json: Json = False) -> int:
    """Send a fleet host no new socket; live ones stay. `vox ingress remove-fleet` follows when it has none."""
    site = Site.load(folder, haproxy, json)
    with only_one(folder):
        site.fleet(brand, id)
        members.drain(site.balancer, brand, id)
        live = members.sockets_of(site.balancer, brand, id)
        site.note("ingress.drain_fleet", "done", brand=brand, host=id, calls_live=live)
        site.output.emit("ingress.fleet_drained", f"{brand}/{id} drains: {live} live sockets", live=live)
        return EXIT_DONE


@ingress.command
def remove_fleet(brand: str, id: str, *, folder: Folder = HERE, haproxy: Haproxy = "", json: Json = False) -> int:
    """Take a fleet host without live sockets out of a brand, without a reload."""
    site = Site.load(folder, haproxy, json)
    with only_one(folder):
        site.config.refuse_edited()
        site.fleet(brand, id)
        members.drain(site.balancer, brand, id)
        if live := members.sockets_of(site.balancer, brand, id):
            raise CommandError(
                f"{brand}/{id} still has {live} live sockets; it drains now: try again when they are over"
            )
        without_fleet(site.document, brand, id)
        changed = parse(Ingress, site.document, site.source)
        text = render_balancer(changed.balancer)
        site.config.check(text)
        members.remove(site.balancer, brand, id)
        site.config.write(text)
        site.source.write_text(dump_yaml(site.document))
        site.note("ingress.remove_fleet", "done", brand=brand, host=id)
        site.output.emit("ingress.fleet_removed", f"{brand}/{id} is gone")
        return Site.load(folder, haproxy, json).say_differences()
