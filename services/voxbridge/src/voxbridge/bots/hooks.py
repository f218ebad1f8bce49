"""At start: the demo bot, when it is asked for. Every hour: secrets under the first key."""

from voxbridge.bots import service
from voxbridge.context import Context
from voxbridge.jobs import Job


async def on_start(ctx: Context) -> None:
    if ctx.settings.seed_demo:
        await service.seed_demo(ctx)


def jobs(ctx: Context) -> list[Job]:
    return [Job("bots.reencrypt", 3600, leader=True, run=lambda: service.reencrypt(ctx))]
