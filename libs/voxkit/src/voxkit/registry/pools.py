"""Several pools in order: a call that the first has no seat for goes to the next."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Unpack

from pydantic import TypeAdapter, ValidationError

from voxkit.contracts.registry import Pool
from voxkit.errors import AtCapacity
from voxkit.registry.client import RegistryClient
from voxkit.registry.grant import Grant, Waiting, Wish, new_reservation_id
from voxkit.registry.slot import Slot

DEFAULT_POOL = "default"
_POOL: TypeAdapter[str] = TypeAdapter(Pool)


def parse_pools(text: str, url: str) -> dict[str, str]:
    """`REGISTRY_POOLS`, a comma list of `pool=url`, as pool -> URL in order; empty = `default` at `url`.

    Raises: ValueError: an entry is no `pool=url`, or names a pool twice.
    """
    pools: dict[str, str] = {}
    for entry in (part.strip() for part in text.split(",")):
        if not entry:
            continue
        name, _, address = (part.strip() for part in entry.partition("="))
        if not _is_pool(name) or not address.startswith(("http://", "https://")):
            raise ValueError(f"{entry!r} is no pool=url; write for example default=http://registry:8070")
        if name in pools:
            raise ValueError(f"the pool {name!r} is named twice")
        pools[name] = address.rstrip("/")
    return pools or {DEFAULT_POOL: url.rstrip("/")}


def _is_pool(name: str) -> bool:
    try:
        _POOL.validate_python(name)
    except ValidationError:
        return False
    return True


class RegistryPools:
    """One client a pool, in the order in which they are asked. A reservation lives in one pool."""

    def __init__(self, clients: Mapping[str, RegistryClient]) -> None:
        self.clients = dict(clients)

    async def aclose(self) -> None:
        """End what runs in the background and close the connections."""
        for client in self.clients.values():
            await client.aclose()

    async def reserve(
        self,
        reservation_id: str | None = None,
        *,
        on_waiting: Callable[[Waiting], None] | None = None,
        **wish: Unpack[Wish],
    ) -> tuple[RegistryClient, Grant]:
        """A seat of the first pool that has one; when none has, after at most `wait` seconds in the queue of the first.

        Only "no seat" leads on to the next pool: a quota or a silent registry is an answer. `reservation_id` may be
        repeated after a lost answer; absent, a new one is made. Raises: what `RegistryClient.reserve` raises.
        """
        reservation_id = reservation_id or new_reservation_id()
        clients = list(self.clients.values())
        # With one pool its queue is joined in the same step; with several, first see whether another has a free seat.
        rounds = [(client, 0.0) for client in clients] if len(clients) > 1 else []
        if (wait := wish.get("wait", 0)) > 0 or not rounds:
            rounds.append((clients[0], wait))
        refusal: AtCapacity | None = None
        for client, seconds in rounds:
            try:
                asked: Wish = {**wish, "wait": seconds}
                grant = await client.reserve(reservation_id, on_waiting=on_waiting, **asked)
            except AtCapacity as error:
                if error.wire_code != AtCapacity.code:
                    raise
                refusal = error
            else:
                return client, grant
        assert refusal is not None
        raise refusal

    @asynccontextmanager
    async def slot(self, reservation_id: str | None = None, **wish: Unpack[Wish]) -> AsyncGenerator[Slot]:
        """A seat for the length of the block; left released unless a start was made. Raises: what `reserve` raises."""
        client, grant = await self.reserve(reservation_id, **wish)
        async with client.using(grant) as slot:
            yield slot
