"""At start: the demo carrier, when it is asked for. Every hour: secrets under the first key."""

from voxbridge.carriers import demo, service
from voxbridge.context import Context
from voxbridge.jobs import Job


async def on_start(ctx: Context) -> None:
    if ctx.settings.seed_demo:
        await demo.seed(ctx)


def jobs(ctx: Context) -> list[Job]:
    return [Job("carriers.reencrypt", 3600, leader=True, run=lambda: service.reencrypt(ctx))]
