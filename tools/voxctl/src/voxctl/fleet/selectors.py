"""What a person calls a part of the fleet, as the registry's selector."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import TypeAdapter, ValidationError
from voxkit.contracts.registry import DrainView, SeatView, Selector

from voxctl.output import CommandError

ALL = "all"
POOL = "pool"
KINDS = ("worker", "host", "tag")
SHOWN = 12
_SELECTOR: TypeAdapter[str] = TypeAdapter(Selector)


def is_selector(text: str) -> bool:
    return text == POOL or (text.partition(":")[0] in KINDS and ":" in text)


def matches(selector: str, seat: SeatView) -> bool:
    """Whether a selector means this seat."""
    kind, _, name = selector.partition(":")
    return kind == POOL or name == {"worker": seat.worker_id, "host": seat.host_id, "tag": seat.image_tag}[kind]


def selector_of(text: str, seats: Sequence[SeatView]) -> str:
    """`SEAT|HOST|TAG|all` or a selector as it is -> the selector. A name that is a host's and its only seat's at once
    means that seat.

    Raises: CommandError: nothing has this name, different things have it, or it can be no name at all.
    """
    if text == ALL:
        return POOL
    if is_selector(text):
        try:
            return _SELECTOR.validate_python(text)
        except ValidationError:
            kind, _, name = text.partition(":")
            raise CommandError(
                f"{name!r} can be the name of no {kind}: letters, digits, '-' (tags: '.', '_')"
            ) from None
    meant = {kind: {seat.worker_id for seat in seats if matches(f"{kind}:{text}", seat)} for kind in KINDS}
    found = [kind for kind in KINDS if meant[kind]]
    if not found:
        known = sorted({seat.host_id for seat in seats})
        raise CommandError(
            f"no seat, host or image tag is called {text!r}; hosts: {_listed(known)}. For seats that are yet to come "
            f"say tag:{text} or host:{text}"
        )
    if any(meant[kind] != meant[found[0]] for kind in found):
        choices = ", ".join(f"{kind}:{text} ({len(meant[kind])} seats)" for kind in found)
        raise CommandError(f"{text!r} means several things, say which one: {choices}")
    return f"{found[0]}:{text}"


def drain_of(text: str, drains: Sequence[DrainView]) -> str:
    """The selector of the drain that `text` names. Raises: CommandError: there is none, or several."""
    if text == ALL:
        text = POOL
    present = [drain.selector for drain in drains]
    wanted = [text] if is_selector(text) else [f"{kind}:{text}" for kind in KINDS]
    found = [selector for selector in wanted if selector in present]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"there is no drain of {text!r}; there are: {_listed(present)}")
    raise CommandError(f"{text!r} names several drains, say which one: {', '.join(found)}")


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:SHOWN]) or "none"
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
