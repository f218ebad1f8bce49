"""A new VOXCORE_SECRET without a lost call: all learn it, all use it, the old one is forgotten (S3).

Every service sends the first entry of the list and accepts each, so nobody is refused while some have the new list and
others the old one. What hosts have says how far it is: the command, given again, goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voxkit.secrets import split_secrets

from voxctl.deploy.run import locked, made_anew
from voxctl.deploy.secrets import Refused, parsed, push
from voxctl.deploy.site import opened
from voxctl.deploy.view import View
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import SECRETS_FILE
from voxctl.hosts.remote import connected
from voxctl.output import CommandError
from voxctl.settings import VoxctlSettings

NAME = "VOXCORE_SECRET"
ROUNDS = 3
ALL = (("voxregistry", "voxbridge", "voxcore", "voxdialler"),)
# In the second round the registry, whose fences all the others judge, is the last to use the new one.
LAST = (("voxbridge", "voxcore", "voxdialler"), ("voxregistry",))
ELSE = {
    "JWT_SECRET": "put the new one where secrets come from, `vox secrets push`, deploy voxbridge; users sign in again",
    "SETTINGS_ENCRYPTION_KEY": "put new,old where secrets come from, `vox secrets push`, deploy voxbridge; an hour "
    "later everything is encrypted anew, and the old one goes the same way",
}


@dataclass(frozen=True)
class Round:
    """`value`: what hosts are told. `opens`: what registry and seats accept all the time that it lasts.
    `orders`: services that are made anew, one order after the other.
    """

    number: int
    value: str
    opens: str
    orders: Sequence[Sequence[str]]

    @property
    def what(self) -> str:
        return ("the new one is accepted", "the new one is used", "the old one is forgotten")[self.number - 1]


def rounds_left(new: str, present: Mapping[str, str]) -> list[Round]:
    """What is left to do; `present`: host -> its value. The round that was begun last is made again: nobody knows how
    far it came. Raises: Refused: the rotation cannot be told from what hosts have.
    """
    lists = {host: split_secrets(value) for host, value in present.items()}
    olds = {tuple(part for part in parts if part != new) for parts in lists.values()} - {()}
    if not olds:
        return []
    if len(olds) > 1:
        raise Refused(f"hosts have different values of {NAME} ({', '.join(sorted(lists))}): vox secrets push first")
    old = ",".join(olds.pop())
    values = {1: f"{old},{new}", 2: f"{new},{old}", 3: new}
    # In the order of the rounds: a host that knows the new one alone may have been the first of the last round.
    begun = min(_round_of(parts, new) for parts in lists.values())
    # What all accept from the beginning of a round to its end.
    opens = {1: split_secrets(old)[0], 2: new, 3: new}
    return [
        Round(number, values[number], opens[number], LAST if number == 2 else ALL)
        for number in range(max(1, begun), ROUNDS + 1)
    ]


def _round_of(parts: Sequence[str], new: str) -> int:
    if new not in parts:
        return 0
    return 3 if len(parts) == 1 else 2 if parts[0] == new else 1


async def rotate(inventory: Inventory, new: str, why: str, view: View) -> None:
    """All that is left of it, each round pushed, rolled and proved by the heartbeats of what was made anew.

    Raises: CommandError: a round did not end well; the next run makes it again.
    """
    if len(split_secrets(new)) != 1:
        raise Refused(f"{NAME} where secrets come from must be the new one alone: lists are made here, round by round")
    present = await _present(inventory)
    rounds = rounds_left(new, {host: values[NAME] for host, values in present.items()})
    if not rounds:
        raise Refused(
            f"every host has the {NAME} already that stands where secrets come from: put a new one there "
            "(`vox init` writes random ones), then again"
        )
    for each in rounds:
        view.say("secrets.round", f"round {each.number} of {ROUNDS}: {each.what}", round=each.number)
        await _round(inventory, each, present, why, view)
    view.say("secrets.rotated", f"[green]{NAME} is another one everywhere[/]; give it to `vox` here too", name=NAME)


async def _present(inventory: Inventory) -> dict[str, dict[str, str]]:
    """Host -> its secrets, of those that have this one."""
    async with connected(inventory, list(inventory.hosts)) as remotes:
        texts = {name: await remote.text(str(SECRETS_FILE)) for name, remote in remotes.items()}
    found = {name: parsed(text, f"{SECRETS_FILE} of {name}") for name, text in texts.items() if text}
    return {name: values for name, values in found.items() if values.get(NAME)}


async def _round(
    inventory: Inventory, each: Round, present: Mapping[str, Mapping[str, str]], why: str, view: View
) -> None:
    settings = VoxctlSettings.load(voxcore_secret=each.opens)
    reason = "; ".join(filter(None, (f"rotation, round {each.number} of {ROUNDS}", why)))
    what = f"secrets rotate {NAME}, round {each.number} of {ROUNDS}"
    async with opened(inventory, settings, tell=view.say) as site, locked(site, what, why):
        for host, values in present.items():
            change = await push(site.remotes[host], {**values, NAME: each.value})
            await site.trail.line("secrets.push", result="done", host=host, reason=f"{change}; {reason}")
        for services in each.orders:
            outcome = await made_anew(site, services, reason, view)
            if outcome.ending != "done":
                raise CommandError(
                    f"round {each.number} of {ROUNDS} did not end well: {outcome.reason or outcome.ending}. Nobody "
                    "is refused: all accept both. `vox secrets rotate` again makes this round anew",
                    exit_code=outcome.exit_code,
                )
