"""What operators tell the capacity registry, relayed to every pool or to the one that is named, and written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from voxkit.contracts.registry import ClientQuota
from voxkit.errors import Forbidden, Invalid, VoxError
from voxkit.registry import RegistryAway, RegistryClient

from voxbridge.audit.service import Author, record
from voxbridge.context import Context
from voxbridge.events import bus as events
from voxbridge.fleet import figures
from voxbridge.fleet.errors import RegistryUnavailable
from voxbridge.fleet.models import DrainDone, DrainShown, QuotaShown, QuotasShown

BY_CHARS = 128


@contextmanager
def registry_errors() -> Iterator[None]:
    """The registry's own errors as ours: a person is told what to mend. Raises: RegistryUnavailable, Invalid."""
    try:
        yield
    except RegistryAway as away:
        raise RegistryUnavailable(
            f"The capacity registry gives no answer ({away.extra.get('why') or away.message}); start it, or check "
            "REGISTRY_URL, and try again."
        ) from None
    except Forbidden:
        raise RegistryUnavailable(
            "The capacity registry refuses our secret; give both sides the same VOXCORE_SECRET."
        ) from None
    except Invalid as error:
        raise Invalid(error.message, detail=error.detail) from None
    except VoxError as error:
        raise RegistryUnavailable(f"The capacity registry answered: {error.message}") from None


def pools_of(ctx: Context, named: str | None) -> dict[str, RegistryClient]:
    """The pools that are meant. Raises: RegistryUnavailable: there is no registry; Invalid: no pool of that name."""
    if ctx.pools is None:
        raise RegistryUnavailable("This deployment has no capacity registry; set REGISTRY_URL and start voxregistry.")
    clients = ctx.pools.clients
    if named is None:
        return clients
    if named not in clients:
        known = ", ".join(clients)
        detail = [{"loc": ["query", "pool"], "msg": f"known are: {known}", "type": "value_error"}]
        raise Invalid(f"There is no pool {named!r} here; REGISTRY_POOLS names {known}.", detail=detail)
    return {named: clients[named]}


async def drain(ctx: Context, author: Author, selector: str, reason: str, pool: str | None) -> DrainDone:
    """Grant none of these seats from now on; in every pool unless one is named."""
    clients = pools_of(ctx, pool)
    with registry_errors():
        seats = sum(
            [(await one.drain(selector, reason, author.actor.email[:BY_CHARS])).seats for one in clients.values()]
        )
    await record(ctx, author, "fleet.drain", entity=("fleet", selector), changes={"drain": (None, reason)})
    return DrainDone(selector=selector, seats=seats)


async def undrain(ctx: Context, author: Author, selector: str, pool: str | None) -> DrainDone:
    """Lift exactly this drain."""
    clients = pools_of(ctx, pool)
    with registry_errors():
        before = [drain for one in clients.values() for drain in await one.drains() if drain.selector == selector]
        for one in clients.values():
            await one.undrain(selector)
    reason = before[0].reason if before else None
    await record(ctx, author, "fleet.undrain", entity=("fleet", selector), changes={"drain": (reason, None)})
    return DrainDone(selector=selector, seats=sum(view.seats for view in before))


async def drains(ctx: Context, pool: str | None) -> list[DrainShown]:
    """Every drain and how far it is."""
    clients = pools_of(ctx, pool)
    with registry_errors():
        return [
            DrainShown(**view.model_dump(), pool=name)
            for name, one in clients.items()
            for view in await one.drains()
        ]  # fmt: skip


async def quotas(ctx: Context, pool: str | None) -> QuotasShown:
    """The limits of each client in each pool, and what it uses."""
    clients = pools_of(ctx, pool)
    items: list[QuotaShown] = []
    overcommitted = False
    with registry_errors():
        for name, one in clients.items():
            told = await one.quotas()
            items += [QuotaShown(**view.model_dump(), pool=name) for view in told.items]
            overcommitted = overcommitted or told.overcommitted
    return QuotasShown(items=items, overcommitted=overcommitted)


async def put_quota(ctx: Context, author: Author, quota: ClientQuota, pool: str | None) -> QuotasShown:
    """Replace the limits of a client; in every pool unless one is named."""
    before = next((item for item in (await quotas(ctx, pool)).items if item.client == quota.client), None)
    with registry_errors():
        for one in pools_of(ctx, pool).values():
            await one.put_quota(quota)
    old = before.model_dump(exclude={"campaigns": {"__all__": {"used"}}}) if before else {}
    new = quota.model_dump()
    changes = {field: (old.get(field), new[field]) for field in ("max", "min", "weight", "campaigns")}
    changed = {field: both for field, both in changes.items() if both[0] != both[1]}
    await record(ctx, author, "fleet.quota", entity=("quota", quota.client), changes=changed)
    # No seat looks different for it, so the feed would not tell.
    events.publish(ctx, "fleet.changed", ("fleet",), figures.told(await figures.status(ctx)))
    return await quotas(ctx, pool)
