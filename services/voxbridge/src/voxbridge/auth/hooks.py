"""At start: the first admin."""

from voxbridge.auth.service import make_first_admin
from voxbridge.context import Context


async def on_start(ctx: Context) -> None:
    await make_first_admin(ctx)
