"""`vox deploy` and `vox rollback` from first look to last line: lock, preflight, journal, verdict, audit."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from voxkit.clock import iso, utc_now

from voxctl.deploy import observe, preflight
from voxctl.deploy.hooks import FolderHooks
from voxctl.deploy.lock import Owner, actor, hold
from voxctl.deploy.outcome import Outcome
from voxctl.deploy.plan import HostSeen, Plan, Seen, plan
from voxctl.deploy.site import Site
from voxctl.deploy.view import View
from voxctl.deploy.whole import Whole
from voxctl.deploy.work import Order, Rules, Work, go_back, renew, set_out, take_in
from voxctl.deploy.world import Release, SeatNow, Verdict
from voxctl.hosts.layout import PROJECT_DIR
from voxctl.images.facts import ImageSource
from voxctl.output import EXIT_PREFLIGHT, EXIT_USAGE, CommandError

SEATS = "voxcore"
RELOADED = "haproxy.cfg"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for. `confirm(plan)` is the operator's yes; `force_after` seconds. `bad`: the present
    release harms callers; `now`: so much that it is taken out before another one is there.
    """

    tag: str = ""
    service: str = ""
    host: str = ""
    why: str = ""
    detach: bool = False
    resume: bool = False
    allow_bad: bool = False
    force_after: float | None = None
    bad: bool = False
    now: bool = False
    confirm: Callable[[Plan], bool] = lambda _: True

    @property
    def whole(self) -> bool:
        """Nothing is left out: only then it says something of the release."""
        return not (self.service or self.host)


def rules_of(site: Site, wanted: Wanted) -> Rules:
    rolling = site.inventory.rolling
    return Rules.model_validate(
        {
            "batch": rolling.batch,
            "parallel_hosts": rolling.parallel_hosts,
            "health_timeout": float(rolling.health_timeout),
            "watch": float(rolling.watch),
            "force_after": wanted.force_after or rolling.force_after,
            "detach": wanted.detach,
        }
    )


async def deploy(site: Site, source: ImageSource, wanted: Wanted, view: View) -> Outcome:
    """Raises: CommandError: with the exit code of section D2."""
    release = await preflight.resolved(site.inventory, source, wanted.tag) if wanted.tag else None
    what = f"deploy {wanted.tag}" if wanted.tag else "deploy --resume"
    async with locked(site, what, wanted.why):
        former = await observe.unfinished(site)
        if wanted.resume or release is None:
            if former is None:
                raise CommandError("nothing is unfinished: vox status", exit_code=EXIT_USAGE)
            work = former
            fleets = site.fleets()
            for host in list(work.away):
                take_in(work, host, await fleets[host].seats() if host in fleets else ())
            await preflight.check(site, work.release, schema=0, hosts=site.inventory.hosts, going_on=True)
        else:
            work = await _begun(site, release, wanted, former, view)
            if work is None:
                return Outcome("done")
        outcome = await _carried_out(site, work, wanted, view)
        if outcome.ending == "done" and wanted.whole:
            await _point(site, source, work)
        return outcome


async def rollback(site: Site, wanted: Wanted, view: View) -> Outcome:
    """Back to the last good release, or to `wanted.tag`. Raises: CommandError."""
    async with locked(site, f"rollback {wanted.tag}".strip(), wanted.why):
        site.left = await site.silent()
        for host, why in site.left.items():
            view.say("rollback.left", f"[bold red]{host} gives no answer and is left as it is: {why}[/]", host=host)
        if not site.fleets():
            raise CommandError("no host with seats gives an answer: nothing was changed", exit_code=EXIT_PREFLIGHT)
        # Seconds count here: only what the way back needs is looked at.
        former, seats, releases = await asyncio.gather(
            observe.unfinished(site), observe.all_seats(site), site.journal.releases()
        )
        present = former.release.tag if former and former.kind == "deploy" else observe.running_tag(seats)
        # One that was interrupted goes on: with most seats back, the other one would look like the present release.
        going_on = former if former and former.kind == "rollback" and not wanted.tag else None
        release = going_on.release if going_on else target_of(releases, wanted.tag, present)
        schema = preflight.schema_of(releases)
        preflight.require_schema(schema, release)
        await preflight.bring_all(site, release)
        hosts = tuple(HostSeen(name, seats=tuple(found)) for name, found in seats.items())
        if not wanted.confirm(plan(Seen(site.inventory.env, hosts, tag=present, schema=schema), release)):
            raise CommandError("nothing was changed", exit_code=EXIT_USAGE)
        flat = [seat for each in seats.values() for seat in each]
        bad = known_bad(releases, former, present if wanted.bad or wanted.now else "") - {release.tag}
        work = go_back(
            _order(site, release, wanted),
            release.image(SEATS),
            flat,
            bad=bad,
            now=wanted.now,
            away=site.left,
            former=former,
        )
        await _hook(site, work, seats, "pre-deploy")
        for tag in work.retire:
            view.say("release.bad", f"{tag} is bad: it gets no new call once {release.tag} is there", tag=tag)
        await _remember_bad(site, releases, work)
        return await _carried_out(site, work, wanted, view)


def known_bad(releases: Sequence[Release], former: Work | None, said: str) -> set[str]:
    """Tags that harm callers: found bad before, left by a deploy that turned round, or `said` by the operator."""
    found = {release.tag for release in releases if release.verdict == "bad"} | {said}
    if former and former.kind == "deploy" and former.stage in ("reverting", "stuck") and former.fault == "release":
        found.add(former.release.tag)
    return found - {""}


async def _remember_bad(site: Site, releases: Sequence[Release], work: Work) -> None:
    """What is taken out as bad is not deployed again by mistake."""
    for tag in work.retire:
        known = observe.known_release(releases, tag)
        if known and known.verdict != "bad":
            reason = f"taken back{': ' + work.why if work.why else ''}"
            await site.journal.record(
                known.model_copy(update={"verdict": "bad", "reason": reason, "at": iso(utc_now())})
            )


async def _remember_left(site: Site, work: Work) -> None:
    if work.kind == "rollback":
        left = {image.tag for image in work.before.values()} - {work.release.tag}
        for release in [each for each in await site.journal.releases() if each.tag in left]:
            await site.journal.record(release.model_copy(update={"left": True}))


def target_of(releases: Sequence[Release], tag: str, present: str) -> Release:
    """What a rollback goes to: `tag`, else the newest good release but the present one. One that a rollback has left
    is not gone back to by another: given twice, the command does not go forward again. Raises: CommandError.
    """
    if tag:
        found = observe.known_release(releases, tag)
        if found is None:
            known = ", ".join(release.tag for release in releases[:5]) or "none"
            raise CommandError(f"{tag} is none of the last releases: {known}", exit_code=EXIT_PREFLIGHT)
        return found
    good = (release for release in releases if release.verdict == "good" and not release.left)
    found = next((release for release in good if release.tag != present), None)
    if found is None:
        raise CommandError(
            f"no release but {present or 'this one'} has proved good: name one with --to TAG", exit_code=2
        )
    return found


async def _begun(site: Site, release: Release, wanted: Wanted, former: Work | None, view: View) -> Work | None:
    """The journal of a new deploy; None: there is nothing to do. Raises: CommandError."""
    releases = await site.journal.releases()
    known = observe.known_release(releases, release.tag)
    if known and known.verdict == "bad" and not wanted.allow_bad:
        raise CommandError(
            f"{release.tag} was found bad ({known.reason}): build another release, or give --allow-bad",
            exit_code=EXIT_PREFLIGHT,
        )
    # The lock in force is our own.
    seen = replace(await observe.seen(site), lock="")
    found = plan(seen, release, service=wanted.service, host=wanted.host)
    if not found.changes and former is None:
        view.say("deploy.nothing", f"nothing to do: {release.tag} runs everywhere", tag=release.tag)
        return None
    going_on = former is not None
    await preflight.check(site, release, schema=seen.schema, hosts=site.inventory.hosts, going_on=going_on)
    if not wanted.confirm(found):
        raise CommandError("nothing was changed", exit_code=EXIT_USAGE)
    seats = await observe.all_seats(site)
    flat = [seat for each in seats.values() for seat in each if _meant(wanted, seat)]
    work = set_out(_order(site, release, wanted), release.image(SEATS), flat, former=former)
    await _hook(site, work, seats, "pre-deploy")
    await _write_files(site, view)
    if wanted.whole:
        if (running := _running(seen)) and not observe.known_release(releases, running.tag):
            await site.journal.record(running)
        await site.journal.record(release.model_copy(update={"verdict": "open", "at": iso(utc_now())}))
    return work


def _running(seen: Seen) -> Release | None:
    """What runs everywhere now, for a fleet that was not brought there by a deploy: it carries calls, so it is good."""
    refs: dict[str, set[str]] = {SEATS: {seat.ref for host in seen.hosts for seat in host.seats if seat.running}}
    for host in seen.hosts:
        for service in host.services:
            refs.setdefault(service.name, set()).update(service.refs)
    if not seen.tag or any(len(found) != 1 for found in refs.values()):
        return None
    pinned = {name: next(iter(found)) for name, found in refs.items()}
    why = "ran here before the first deploy"
    return Release(tag=seen.tag, refs=pinned, verdict="good", reason=why, at=iso(utc_now()))


def _meant(wanted: Wanted, seat: SeatNow) -> bool:
    return wanted.service in ("", SEATS) and wanted.host in ("", seat.host)


def _order(site: Site, release: Release, wanted: Wanted) -> Order:
    now = utc_now()
    return Order(
        id=f"{now:%Y%m%dT%H%M%S}-{os.urandom(2).hex()}",
        release=release,
        started_at=now.timestamp(),
        env=site.inventory.env,
        who=actor(),
        why=wanted.why,
    )


async def _write_files(site: Site, view: View) -> None:
    """What the inventory says anew: containers take it when they are replaced."""
    for name, remote in site.remotes.items():
        for file, text in (await preflight.changed_files(site.inventory, remote)).items():
            if file == RELOADED:
                view.say(
                    "host.outdated", f"{name}: {file} is another one: vox host up {name} puts it in place", host=name
                )
                continue
            await remote.write(PROJECT_DIR.joinpath(file).as_posix(), text)
            await site.trail.line("host.file", result="done", host=name, file=file)


async def made_anew(site: Site, services: Sequence[str], why: str, view: View) -> Outcome:
    """The containers of these services, one after another in this order, on the release that they run: what their
    hosts tell them has changed. Seats go before the dialler. The caller holds the lock. Raises: CommandError.
    """
    former = await observe.unfinished(site)
    if former and not former.anew:
        raise CommandError(
            f"{former.kind} {former.id} is not finished: `vox deploy --resume` first", exit_code=EXIT_PREFLIGHT
        )
    seen, releases = await asyncio.gather(observe.seen(site), site.journal.releases())
    release = observe.known_release(releases, seen.tag) or _running(seen)
    if release is None or any(
        host.services or (host.seats and not host.seats.empty) for host in plan(seen, release).hosts
    ):
        raise CommandError(
            f"not everything runs {seen.tag or 'one release'}: `vox deploy` one first", exit_code=EXIT_PREFLIGHT
        )
    seats = [seat for host in seen.hosts for seat in host.seats] if SEATS in services else []
    wanted = Wanted(service=",".join(services), why=why)
    work = renew(_order(site, release, wanted), release.image(SEATS), seats, former=former)
    places = sorted(
        (place for place in site.places() if place[1] in services), key=lambda place: services.index(place[1])
    )
    return await _carried_out(site, work, wanted, view, places)


async def _carried_out(
    site: Site, work: Work, wanted: Wanted, view: View, places: Sequence[tuple[str, str]] | None = None
) -> Outcome:
    rules = rules_of(site, wanted)
    if rules.force_after is not None:
        view.say(
            "deploy.force",
            f"[bold red]calls that still run {rules.force_after:.0f} s after the start of this deploy will be CUT[/]",
            force_after=rules.force_after,
        )
    if places is None:
        meant = (wanted.service, wanted.host)
        places = [(host, each) for host, each in site.places() if meant[0] in ("", each) and meant[1] in ("", host)]
    world = site.world()
    world.show = view.show
    _tell_hooks(site.hooks, work)
    whole = Whole(site, work, rules, places=places, world=world)
    facts = {"deploy": work.id, "to": work.release.tag, "from": _from(work), "digest": work.release.refs.get(SEATS, "")}
    await site.trail.line(work.kind, result="begun", reason=work.why, **facts)
    with view.live():
        async with _interruptible(whole, view):
            outcome = await whole.run()
    await _judged(site, work, outcome, wanted)
    await site.trail.line(work.kind, result=outcome.ending, reason=outcome.reason or work.why, **facts)
    if outcome.ending in ("done", "later"):
        await site.hooks.run("post-deploy")
    elif outcome.ending != "stopped":
        await site.hooks.run("on-failure")
    await site.journal.prune()
    return outcome


async def _judged(site: Site, work: Work, outcome: Outcome, wanted: Wanted) -> None:
    verdict = verdict_of(work, outcome)
    if not wanted.whole or verdict is None:
        return
    if verdict == "good":
        await _remember_left(site, work)
    reason = (outcome.reason or work.reason) if verdict == "bad" else ""
    await site.journal.record(
        work.release.model_copy(update={"verdict": verdict, "reason": reason, "at": iso(utc_now())})
    )


def verdict_of(work: Work, outcome: Outcome) -> Verdict | None:
    """What the end of a deploy or rollback says of its release; None: nothing."""
    if outcome.ending == "done":
        return "good"
    turned = outcome.ending in ("reverted", "human") and work.kind == "deploy"
    return "bad" if turned and work.fault == "release" else None


async def _point(site: Site, source: ImageSource, work: Work) -> None:
    """The moving tag of the environment, for people to read: what it cannot do undoes nothing."""
    try:
        await source.point(work.release.tag, site.inventory.env, list(work.release.refs))
    except CommandError as error:
        site.tell("release.not_pointed", f"the tag {site.inventory.env} could not be moved: {error}")


def _from(work: Work) -> str:
    return ", ".join(sorted({image.tag for image in work.before.values()}))


def _tell_hooks(hooks: FolderHooks, work: Work) -> None:
    hooks.tag, hooks.from_tag, hooks.deploy_id = work.release.tag, _from(work), work.id


async def _hook(site: Site, work: Work, seats: object, name: str) -> None:
    _tell_hooks(site.hooks, work)
    await site.hooks.run(name)


@asynccontextmanager
async def locked(site: Site, what: str, why: str) -> AsyncIterator[None]:
    """One operator at a time. Raises: Locked."""

    async def on_lock() -> None:
        await site.hooks.run("on-lock")

    owner = Owner.now(what=what, why=why, env=site.inventory.env)
    async with hold(site.lock_host, owner, on_lock=on_lock):
        yield


@asynccontextmanager
async def _interruptible(whole: Whole, view: View) -> AsyncIterator[None]:
    """Ctrl-C once: the seat in hand is finished. Twice: now; what is done stands on disk either way."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    asked = 0

    def interrupted() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            whole.stop()
            view.say("deploy.stopping", "finishing the seat in hand; Ctrl-C once more stops now")
        else:
            task.cancel()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    except asyncio.CancelledError:
        if asked < 2:
            raise
        task.uncancel()
        raise CommandError(
            f"stopped at once; `vox status` tells what is closed, `vox deploy --resume` goes on with {whole.work.id}",
            exit_code=130,
        ) from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
